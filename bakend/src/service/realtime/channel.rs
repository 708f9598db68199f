//! Broadcast channels: messages between clients, kept nowhere. Who may listen and publish is a setting.
//!
//! A rule of a channel is written in the language of collection rules. It can ask for `@request.auth.*`, `@collection.*`, the channel's
//! `name`, and `part`: the text that the first `*` of its pattern stands for. A publish rule can ask for the message as `@request.body.*`.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use serde_json::{Map, Value as Json, json};

use super::{
    Realtime,
    audience::{Caller, Identities},
    client::{Client, Wire},
    letter::{Event, Letter},
    outbox::asked,
    pattern,
    registry::Target,
    topic::CHANNEL_PREFIX,
};
use crate::{
    Error, Result,
    limits::REALTIME_CHANNEL_MAX_CHARS,
    query::{Context, RequestInfo},
    schema::{Collection, CollectionKind, Field, FieldKind, Record, Rule, Value, field::text::TextOptions},
    service::{
        App,
        records::{Call, told},
        settings::ChannelRule,
    },
};

/// What the rules of channels are about.
static CHANNELS: LazyLock<Arc<Collection>> = LazyLock::new(|| {
    let field = |name: &str| Field {
        id: name.to_owned(),
        name: name.to_owned(),
        system: true,
        hidden: false,
        presentable: false,
        required: false,
        help: String::new(),
        kind: FieldKind::Text(TextOptions::default()),
    };
    let mut channels = Collection::new("@channel", CollectionKind::Base);
    channels.id = "@channel".to_owned();
    channels.fields = vec![field("name"), field("part")];
    Arc::new(channels)
});

/// The collection that the rules of channels are about: it has a `name` and a `part`, and no table.
pub(crate) fn channels() -> &'static Arc<Collection> {
    &CHANNELS
}

/// A channel by its name, and the setting that fits it.
pub(super) struct Channel {
    /// What rules see of it.
    record: Record,
    setting: ChannelRule,
}

/// What somebody wants of a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Listen,
    Publish,
}

impl Channel {
    /// The channel of this name; one that no pattern fits is closed.
    pub fn find(app: &App, name: &str) -> Self {
        let settings = app.settings();
        let fits = |setting: &ChannelRule| Some((setting.clone(), pattern::part(&setting.pattern, name)?.to_owned()));
        let found = settings.realtime.channels.iter().find_map(fits);
        let (setting, part) = found.unwrap_or_default();
        let mut record = Record::new(Arc::clone(&CHANNELS));
        record.set("name", Value::Text(name.to_owned()));
        record.set("part", Value::Text(part));
        Self { record, setting }
    }

    /// Whether those who listen may show that they are there.
    pub fn has_presence(&self) -> bool {
        self.setting.presence
    }

    fn rule(&self, wanted: Use) -> &Rule {
        match wanted {
            Use::Listen => &self.setting.listen_rule,
            Use::Publish => &self.setting.publish_rule,
        }
    }

    /// Whether an account (`None`: a guest) may use it now. A rule that cannot be evaluated denies.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn allows(
        &self,
        app: &App,
        wanted: Use,
        account: Option<Arc<Record>>,
        message: Map<String, Json>,
    ) -> Result<bool> {
        if account.as_ref().is_some_and(|account| account.is_superuser()) {
            return Ok(true);
        }
        match self.rule(wanted).as_deref() {
            None => Ok(false),
            Some("") => Ok(true),
            Some(rule) => {
                let context = Context::Realtime;
                let info = RequestInfo { context, auth: account, body: message, ..RequestInfo::default() };
                let call = Call::new(app, Arc::new(info));
                told::allowed_absent(&call, &self.record, Some(rule), "", &[]).await
            }
        }
    }
}

impl Realtime {
    /// Publishes a message on a channel, as the program: no rule is asked of the publisher, but every listener must satisfy the channel's
    /// listen rule. Returns to how many clients it goes.
    ///
    /// # Errors
    /// `Invalid`: the name is empty or too long. Those of the database.
    ///
    /// # Example
    /// ```
    /// # async fn demo(app: &bakend::service::App) -> bakend::Result<()> {
    /// let heard = app.realtime().publish("room/1", &serde_json::json!({ "text": "Hello" })).await?;
    /// # let _ = heard; Ok(()) }
    /// ```
    pub async fn publish(&self, channel: &str, data: &Json) -> Result<usize> {
        checked(channel)?;
        self.spread(channel, json!({ "action": "message", "data": data, "from": null })).await
    }

    /// Publishes a message on a channel for a client, if the channel's publish rule lets it.
    ///
    /// # Errors
    /// - `Forbidden`: the rule keeps it from publishing.
    /// - `Invalid`: the name is empty or too long. Those of the database.
    pub async fn publish_as(&self, client: &Arc<Client>, channel: &str, data: Json) -> Result<usize> {
        checked(channel)?;
        let account = self.whole(client).await?;
        let message = data.as_object().cloned().unwrap_or_default();
        if !Channel::find(&self.app, channel).allows(&self.app, Use::Publish, account.clone(), message).await? {
            return Err(Error::forbidden("You are not allowed to publish on this channel."));
        }
        let from = account.map(|account| who(&account));
        self.spread(channel, json!({ "action": "message", "data": data, "from": from })).await
    }

    /// Whether a client may listen to a channel now.
    ///
    /// # Errors
    /// `Forbidden`: it may not. Those of the database.
    pub(super) async fn may_listen(&self, client: &Arc<Client>, channel: &str) -> Result<()> {
        checked(channel)?;
        let account = self.whole(client).await?;
        if Channel::find(&self.app, channel).allows(&self.app, Use::Listen, account, Map::new()).await? {
            return Ok(());
        }
        Err(Error::forbidden("You are not allowed to listen to this channel."))
    }

    /// The account of a client; `None`: a guest's.
    ///
    /// # Errors
    /// `Forbidden`: an API key asks that may do less than its account. Those of the database.
    pub(super) async fn whole(&self, client: &Arc<Client>) -> Result<Option<Arc<Record>>> {
        match Identities::new(&self.app).of(client).await? {
            Some(identity) if !identity.is_whole() => Err(Error::forbidden("The API key needs the scope \"*\".")),
            identity => Ok(identity.map(|identity| identity.account)),
        }
    }

    /// Sends something to all who listen to a channel and still may.
    pub(super) async fn spread(&self, channel: &str, data: Json) -> Result<usize> {
        let targets = self.hub().state().registry.all(&format!("{CHANNEL_PREFIX}{channel}"));
        let channel = Channel::find(&self.app, channel);
        let data = serde_json::to_vec(&data).map_err(Error::internal)?;
        let mut identities = Identities::new(&self.app);
        let mut verdicts: HashMap<Caller, bool> = HashMap::new();
        let mut heard = 0;
        for target in targets {
            let event = Event::new(None, Arc::clone(&target.topic.text), data.clone());
            let letter = Arc::new(Letter::Event(event));
            for client in self.listeners(&channel, &target, &mut identities, &mut verdicts).await? {
                heard += usize::from(self.hand_over(&client, &letter).await);
            }
        }
        Ok(heard)
    }

    /// Those of a topic's subscribers who may listen now: asked once for each account, once for all when accounts do not matter.
    async fn listeners(
        &self,
        channel: &Channel,
        target: &Target,
        identities: &mut Identities<'_>,
        verdicts: &mut HashMap<Caller, bool>,
    ) -> Result<Vec<Arc<Client>>> {
        let rule = channel.rule(Use::Listen).as_deref();
        let mut listeners = Vec::with_capacity(target.members.len());
        for member in &target.members {
            let client = &member.client;
            let is_looked_at = rule != Some("") || client.holds_key();
            let identity = if is_looked_at { identities.of(client).await? } else { None };
            if identity.as_ref().is_some_and(|identity| !identity.is_whole()) {
                continue;
            }
            let account = identity.map(|identity| identity.account);
            let caller = match &account {
                Some(account) if account.is_superuser() => Caller::Superuser,
                Some(account) => Caller::Account(account.collection.id.clone(), account.id().to_owned()),
                None => Caller::Anybody,
            };
            let allowed = match verdicts.get(&caller) {
                Some(allowed) => *allowed,
                None => {
                    let allowed = channel.allows(&self.app, Use::Listen, account, Map::new()).await?;
                    verdicts.insert(caller, allowed);
                    allowed
                }
            };
            if allowed {
                listeners.push(Arc::clone(client));
            }
        }
        Ok(listeners)
    }

    /// Puts a letter that is not of the changelog into a mailbox, if the message hooks let it; returns whether.
    pub(super) async fn hand_over(&self, client: &Arc<Client>, letter: &Arc<Letter>) -> bool {
        let letter = if self.app.hooks().realtime_message.is_used() {
            match asked(&self.app, client, letter).await {
                Some(letter) => letter,
                None => return false,
            }
        } else {
            Arc::clone(letter)
        };
        client.mailbox.put(super::Taken { letter, last: true }, self.hub().told());
        client.mailbox.wake();
        true
    }
}

/// How listeners see somebody: enough to look them up, if they may.
pub(super) fn who(account: &Record) -> Json {
    let collection = &account.collection;
    json!({ "id": account.id(), "collectionId": collection.id, "collectionName": collection.name })
}

/// Of the heads of topics: the names of channels.
pub(super) fn name(head: &str) -> Option<&str> {
    head.strip_prefix(CHANNEL_PREFIX)
}

/// Whether a client hears at once that it may not listen; over server-sent events it hears nothing, as of records.
pub(super) fn answers(client: &Client) -> bool {
    client.wire() == Wire::Socket
}

fn checked(channel: &str) -> Result<()> {
    if channel.is_empty() || channel.chars().count() > REALTIME_CHANNEL_MAX_CHARS {
        return Err(Error::invalid(format!(
            "The name of a channel must have between 1 and {REALTIME_CHANNEL_MAX_CHARS} characters."
        )));
    }
    if channel.contains(['\r', '\n', '?']) {
        return Err(Error::invalid("The name of a channel must not contain line breaks or question marks."));
    }
    Ok(())
}
