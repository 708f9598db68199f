//! Subscribers sorted into classes to which a rule says the same.

use std::{collections::HashMap, sync::Arc};

use bytes::Bytes;

use super::{
    client::{Client, Wire, named},
    ground::{Moment, Standing},
    letter::{Event, Letter},
    registry::{Member, Target},
    topic::ME,
};
use crate::{
    Result, clock,
    query::{
        Context, Grant, RequestInfo,
        grant::{Area, Right},
    },
    schema::{Collection, Record, Rule, collection::SUPERUSERS},
    service::{App, auth::cache::SignedIn, events},
};

/// What tells one class from another.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Caller {
    /// Whoever it is: nothing depends on it.
    Anybody,
    /// A superuser, whichever.
    Superuser,
    /// This account: ids of its collection and its record.
    Account(String, String),
    /// An API key that may do less than its account, by its id.
    Key(String),
}

/// Who a client is.
#[derive(Clone)]
pub(super) struct Identity {
    /// The account.
    pub account: Arc<Record>,
    /// Of an API key: its id, and what it may do of what the account may.
    key: Option<(String, Arc<Grant>)>,
    /// When the token ends, in seconds since 1970.
    pub until: i64,
}

impl Identity {
    fn of(found: SignedIn) -> Self {
        let key = found.by.and_then(|by| Some((by.id.clone(), Arc::clone(by.grant.as_ref()?))));
        Self { account: found.record, key, until: found.exp }
    }

    /// By what it is somebody.
    pub fn standing(&self) -> Standing {
        Standing { account: Some(named(&self.account)), until: self.until }
    }

    /// Whether it may do this with records of a collection, as far as its key goes.
    pub fn may(&self, collection: &Collection, right: Right) -> bool {
        self.key.as_ref().is_none_or(|(_, grant)| grant.allows(&collection.id, right))
    }

    /// Whether an area is open to it, as far as its key goes.
    pub fn may_enter(&self, area: Area) -> bool {
        self.key.as_ref().is_none_or(|(_, grant)| grant.allows_area(area))
    }

    /// Whether it may do all that the account may; the areas apart.
    pub fn is_whole(&self) -> bool {
        self.narrow().is_none()
    }

    /// The class of its own.
    pub fn caller(&self) -> Caller {
        match self.narrow() {
            Some((id, _)) => Caller::Key(id.clone()),
            None => Caller::Account(self.account.collection.id.clone(), self.account.id().to_owned()),
        }
    }

    /// Of a key that may do less than its account: its id, and what it may do.
    fn narrow(&self) -> Option<&(String, Arc<Grant>)> {
        self.key.as_ref().filter(|(_, grant)| !grant.is_everything())
    }
}

/// Subscribers to whom a rule says the same.
pub(super) struct Class {
    /// What they have in common.
    pub caller: Caller,
    /// What they must satisfy; `None`: nothing.
    pub rule: Option<String>,
    /// What rules see.
    pub info: Arc<RequestInfo>,
    /// By what they have access.
    pub standing: Standing,
    /// Whether the account asks about itself: its email shows.
    pub own: bool,
    /// They.
    pub members: Arc<Vec<Member>>,
}

/// Who the clients are, as of this round.
pub(super) struct Identities<'a> {
    app: &'a App,
    /// By the addresses of clients, which all live as long as this.
    known: HashMap<usize, Option<Identity>>,
    /// What the program itself is taken for: a superuser that has no account.
    program: Option<Identity>,
}

impl<'a> Identities<'a> {
    pub fn new(app: &'a App) -> Self {
        Self { app, known: HashMap::new(), program: None }
    }

    /// Who a client is, if it is still somebody.
    pub async fn of(&mut self, client: &Arc<Client>) -> Result<Option<Identity>> {
        if client.wire() == Wire::Program {
            return Ok(self.program());
        }
        let key = Arc::as_ptr(client).addr();
        let ends = |known: &Option<Identity>| known.as_ref().map_or(i64::MAX, |identity| identity.until);
        if let Some(known) = self.known.get(&key).filter(|known| ends(known) > clock::now_unix_seconds()) {
            return Ok(known.clone());
        }
        let was_bound = client.is_bound();
        let found = client.identity(self.app).await?.map(Identity::of);
        if was_bound && found.is_none() {
            signed_out(self.app, client);
        }
        self.known.insert(key, found.clone());
        Ok(found)
    }

    /// Forgets those who may be somebody else by now.
    pub fn renew(&mut self, since: Moment) {
        let ground = self.app.hub().ground();
        let standing = |known: &Option<Identity>| known.as_ref().map_or_else(Standing::anybodys, Identity::standing);
        self.known.retain(|_, known| !ground.has_moved(since, &standing(known)));
    }

    fn program(&mut self) -> Option<Identity> {
        if self.program.is_none() {
            let collection = self.app.schema().find(SUPERUSERS).cloned();
            let account = collection.map(|collection| Arc::new(Record::new(collection)));
            self.program = account.map(|account| Identity { account, key: None, until: i64::MAX });
        }
        self.program.clone()
    }

    /// The classes of a topic's subscribers for the rule of a right; without those whom rule or key keep out altogether.
    pub async fn classes(&mut self, target: &Target, collection: &Arc<Collection>, right: Right) -> Result<Vec<Class>> {
        let rule = if right == Right::List { &collection.rules.list } else { &collection.rules.view };
        let need = Need::of(self.app, target, collection, rule);
        let mut sorted: HashMap<Caller, (Option<Identity>, Vec<Member>)> = HashMap::new();
        for member in &target.members {
            let is_looked_at = !need.is_nobodys || member.client.holds_key();
            let identity = if is_looked_at { self.of(&member.client).await? } else { None };
            let is_superuser = identity.as_ref().is_some_and(|identity| identity.account.is_superuser());
            let has_right = identity.as_ref().is_none_or(|identity| identity.may(collection, right));
            if rule.is_none() && !is_superuser || !has_right {
                continue;
            }
            let caller = match &identity {
                Some(identity) => need.caller(identity),
                None => Caller::Anybody,
            };
            let identity = identity.filter(|_| caller != Caller::Anybody);
            let until = identity.as_ref().map_or(i64::MAX, |identity| identity.until);
            let (common, members) = sorted.entry(caller).or_insert_with(|| (identity, Vec::new()));
            if let Some(common) = common {
                common.until = common.until.min(until);
            }
            members.push(member.clone());
        }
        let class = |(caller, (identity, members)): (Caller, (Option<Identity>, Vec<Member>))| {
            Class::new(target, caller, identity, rule, members)
        };
        Ok(sorted.into_iter().map(class).collect())
    }
}

impl Class {
    /// A class whose rule is this one, unless a superuser asks.
    pub fn new(target: &Target, caller: Caller, identity: Option<Identity>, rule: &Rule, members: Vec<Member>) -> Self {
        let standing = match (&caller, &identity) {
            (Caller::Anybody, _) | (_, None) => Standing::anybodys(),
            (Caller::Superuser, Some(identity)) => Standing::superusers(identity.until),
            (Caller::Account(..) | Caller::Key(_), Some(identity)) => identity.standing(),
        };
        let info = info(target, identity);
        let rule = rule.clone().filter(|rule| !rule.is_empty() && !info.is_superuser());
        Self { caller, rule, info: Arc::new(info), standing, own: false, members: Arc::new(members) }
    }
}

/// What rules see when an event is told.
fn info(target: &Target, identity: Option<Identity>) -> RequestInfo {
    let grant = identity.as_ref().and_then(Identity::narrow).map(|(_, grant)| Arc::clone(grant));
    RequestInfo {
        context: Context::Realtime,
        method: "GET".to_owned(),
        query: target.topic.query.clone(),
        headers: target.topic.headers.clone(),
        auth: identity.map(|identity| identity.account),
        grant,
        ..RequestInfo::default()
    }
}

/// What an event depends on.
struct Need {
    /// It is the same for everybody, superusers included.
    is_nobodys: bool,
    /// It may differ from account to account.
    is_personal: bool,
}

impl Need {
    fn of(app: &App, target: &Target, collection: &Collection, rule: &Rule) -> Self {
        let text = rule.as_deref().unwrap_or_default();
        // Filters reach other collections and their list rules, expands their view rules, hooks may ask for anything.
        let is_personal = text.contains("@request.auth")
            || collection.is_auth()
            || !target.topic.option("filter").is_empty()
            || !target.topic.option("expand").is_empty()
            || app.hooks().enrich.listens(&events::tags(collection));
        let has_hidden = collection.fields.iter().any(|field| field.hidden);
        let is_open = rule.as_deref() == Some("");
        Self { is_nobodys: is_open && !is_personal && !has_hidden, is_personal }
    }

    /// The class of somebody who signed in.
    fn caller(&self, identity: &Identity) -> Caller {
        if self.is_nobodys {
            Caller::Anybody
        } else if self.is_personal || !identity.is_whole() {
            identity.caller()
        } else if identity.account.is_superuser() {
            Caller::Superuser
        } else {
            Caller::Anybody
        }
    }
}

/// Tells a client that its account is no longer its own: by a message of its connection, or if it asked to be told what concerns the account.
fn signed_out(app: &App, client: &Arc<Client>) {
    if client.wire() == Wire::Socket {
        client.mailbox.reply(Bytes::from_static(br#"{"type":"signedOut"}"#));
    }
    if app.hub().state().registry.is_subscribed(client.id(), ME) {
        let event = Event::new(None, ME.into(), r#"{"action":"signedOut"}"#);
        client.mailbox.send(Letter::Event(event), app.hub().told());
    }
    app.realtime().review_presence_later(client);
}
