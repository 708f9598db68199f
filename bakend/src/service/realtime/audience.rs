//! Subscribers sorted into classes to which a rule says the same.

use std::{collections::HashMap, sync::Arc};

use super::{
    client::{Client, Wire},
    letter::{Event, Letter},
    registry::{Member, Target},
    topic::ME,
};
use crate::{
    Result,
    query::{Context, RequestInfo},
    schema::{Collection, Record, Rule, collection::SUPERUSERS},
    service::{App, events},
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
}

/// Subscribers to whom a rule says the same.
pub(super) struct Class {
    /// What they have in common.
    pub caller: Caller,
    /// What they must satisfy; `None`: nothing.
    pub rule: Option<String>,
    /// What rules see.
    pub info: Arc<RequestInfo>,
    /// Whether the account asks about itself: its email shows.
    pub own: bool,
    /// They.
    pub members: Arc<Vec<Member>>,
}

/// Who the clients are, as of this round.
pub(super) struct Identities<'a> {
    app: &'a App,
    /// By the addresses of clients, which all live as long as this.
    known: HashMap<usize, Option<Arc<Record>>>,
    /// What the program itself is taken for: a superuser that has no account.
    program: Option<Arc<Record>>,
}

impl<'a> Identities<'a> {
    pub fn new(app: &'a App) -> Self {
        Self { app, known: HashMap::new(), program: None }
    }

    /// The account of a client, if it still has one.
    pub async fn of(&mut self, client: &Arc<Client>) -> Result<Option<Arc<Record>>> {
        if client.wire() == Wire::Program {
            return Ok(self.program());
        }
        let key = Arc::as_ptr(client).addr();
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let was_bound = client.is_bound();
        let found = client.identity(self.app).await?.map(|found| found.record);
        if was_bound && found.is_none() {
            signed_out(self.app, client);
        }
        self.known.insert(key, found.clone());
        Ok(found)
    }

    fn program(&mut self) -> Option<Arc<Record>> {
        if self.program.is_none() {
            let collection = self.app.schema().find(SUPERUSERS).cloned();
            self.program = collection.map(|collection| Arc::new(Record::new(collection)));
        }
        self.program.clone()
    }

    /// The classes of a topic's subscribers for a rule; without those whom it keeps out altogether.
    pub async fn classes(&mut self, target: &Target, collection: &Arc<Collection>, rule: &Rule) -> Result<Vec<Class>> {
        let need = Need::of(self.app, target, collection, rule);
        let mut sorted: HashMap<Caller, (Option<Arc<Record>>, Vec<Member>)> = HashMap::new();
        for member in &target.members {
            let account = if need.is_nobodys { None } else { self.of(&member.client).await? };
            let is_superuser = account.as_ref().is_some_and(|account| account.is_superuser());
            if rule.is_none() && !is_superuser {
                continue;
            }
            let caller = match &account {
                Some(account) if need.is_personal => {
                    Caller::Account(account.collection.id.clone(), account.id().to_owned())
                }
                Some(_) if is_superuser => Caller::Superuser,
                _ => Caller::Anybody,
            };
            let account = account.filter(|_| caller != Caller::Anybody);
            sorted.entry(caller).or_insert_with(|| (account, Vec::new())).1.push(member.clone());
        }
        let class = |(caller, (account, members)): (Caller, (Option<Arc<Record>>, Vec<Member>))| {
            Class::new(target, caller, account, rule, members)
        };
        Ok(sorted.into_iter().map(class).collect())
    }
}

impl Class {
    /// A class whose rule is this one, unless a superuser asks.
    pub fn new(
        target: &Target,
        caller: Caller,
        account: Option<Arc<Record>>,
        rule: &Rule,
        members: Vec<Member>,
    ) -> Self {
        let info = info(target, account);
        let rule = rule.clone().filter(|rule| !rule.is_empty() && !info.is_superuser());
        Self { caller, rule, info: Arc::new(info), own: false, members: Arc::new(members) }
    }
}

/// What rules see when an event is told.
fn info(target: &Target, account: Option<Arc<Record>>) -> RequestInfo {
    RequestInfo {
        context: Context::Realtime,
        method: "GET".to_owned(),
        query: target.topic.query.clone(),
        headers: target.topic.headers.clone(),
        auth: account,
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
}

/// Tells a client that its account is no longer its own, if it asked to be told what concerns the account.
fn signed_out(app: &App, client: &Arc<Client>) {
    if app.hub().state().registry.is_subscribed(client.id(), ME) {
        let event = Event::new(None, ME.into(), r#"{"action":"signedOut"}"#);
        client.mailbox.send(Letter::Event(event), app.hub().told());
    }
}
