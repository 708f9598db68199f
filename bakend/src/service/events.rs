//! The events of an app, and the chains that listen to them.

mod event;
mod hook;
mod lifecycle;
mod typed;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use serde_json::{Map, Value as Json};

pub(crate) use self::lifecycle::{serving, started, stopping};
pub use self::{
    event::{Answers, Dynamic, Event, Handler},
    hook::{All, Hook, IntoHook, Names},
    lifecycle::{AppEvent, AppParts, ServeEvent, ServeParts},
};
use super::{
    App, Caller,
    app::{Place, Records, Tx},
    realtime::Client,
    records::{Call, Deferred},
    typed as types,
};
use crate::{
    Error, Result,
    hooks::Chain,
    query::RequestInfo,
    schema::{Collection, Record},
    store::Db,
};

pub use super::{
    auth::hooks::{AuthAction, AuthEvent, AuthHooks, AuthParts, AuthPhases},
    mail::{MailEvent, MailKind, MailParts},
};

/// One record is about to be, is being, or has been created, updated, deleted or viewed.
pub type RecordEvent<T = Dynamic> = Event<RecordParts, T>;
/// A page of records is about to be shown.
pub type ListEvent<T = Dynamic> = Event<ListParts, T>;
/// A record is about to be serialised for a client, in whatever answer.
pub type EnrichEvent<T = Dynamic> = Event<EnrichParts, T>;

/// The parts of a [`RecordEvent`].
pub struct RecordParts {
    /// The app.
    pub app: App,
    /// The database: in a `within` hook the open transaction, so that what the hook writes commits or vanishes with the record.
    pub db: Db,
    /// Who asks; `None` when the program itself does.
    pub request: Option<Arc<RequestInfo>>,
    /// Of what.
    pub collection: Arc<Collection>,
    /// The record: before and within a write as it will be stored (`before` hooks may change it), after it as it is.
    pub record: Record,
    /// At updates: the record as it was.
    pub original: Option<Record>,
    pub(crate) deferred: Option<Deferred>,
}

impl RecordEvent {
    /// The event of a record that a call is about.
    pub fn of_record(call: &Call, collection: &Arc<Collection>, record: Record) -> Self {
        Self::new(RecordParts {
            app: call.app.clone(),
            db: call.db.clone(),
            request: (!call.info.trusted).then(|| Arc::clone(&call.info)),
            collection: Arc::clone(collection),
            record,
            original: None,
            deferred: call.deferred.clone(),
        })
    }
}

impl RecordParts {
    /// Records of a collection by its name or id: in a `within` hook inside the transaction, so that what is written commits or vanishes
    /// with the record.
    pub fn records(&self, collection: &str) -> Records {
        self.place().records(collection)
    }

    /// The same of a typed collection.
    pub fn records_of<T: types::Collection>(&self) -> Records<T> {
        self.place().records_of()
    }

    /// The transaction that a `within` hook runs in, for SQL of your own.
    ///
    /// # Errors
    /// `Internal`: there is none, because this is not a `within` hook.
    pub fn tx(&self) -> Result<Tx> {
        if !self.db.in_transaction() {
            return Err(Error::internal("only within hooks have a transaction; use one, or app.transaction(…)"));
        }
        Ok(Tx::of(self.place()))
    }

    /// Who asks, to ask for other records on their behalf; the program itself when nobody else does.
    pub fn caller(&self) -> Caller {
        self.request.clone().map_or_else(Caller::system, Caller::of)
    }

    fn place(&self) -> Place {
        Place { app: self.app.clone(), db: self.db.clone(), deferred: self.deferred.clone() }
    }
}

/// The parts of a [`ListEvent`].
pub struct ListParts {
    /// The app.
    pub app: App,
    /// Who asks.
    pub request: Arc<RequestInfo>,
    /// Of what.
    pub collection: Arc<Collection>,
    /// The page; hooks may change, drop or add records.
    pub records: Vec<Record>,
    /// Records on all pages; −1: not counted.
    pub total: i64,
}

/// The parts of an [`EnrichEvent`].
pub struct EnrichParts {
    /// The app.
    pub app: App,
    /// For whom.
    pub request: Arc<RequestInfo>,
    /// The record.
    pub record: Record,
    /// Fields to leave out of this answer.
    pub hide: Vec<String>,
    /// Properties to add to this answer.
    pub extra: Map<String, Json>,
}

/// A client connects to realtime.
pub struct ConnectEvent {
    /// The app.
    pub app: App,
    /// Who.
    pub client: Arc<Client>,
    /// How long a server-sent stream may stay without an event.
    pub idle: Duration,
    /// How long a server-sent stream may last.
    pub life: Duration,
}

/// A client subscribes to topics.
pub struct SubscribeEvent {
    /// The app.
    pub app: App,
    /// Who.
    pub client: Arc<Client>,
    /// To what; hooks may change it.
    pub topics: Vec<String>,
    /// What was sent.
    pub request: Arc<RequestInfo>,
}

/// An event is about to be sent to one client.
pub struct MessageEvent {
    /// The app.
    pub app: App,
    /// To whom.
    pub client: Arc<Client>,
    /// The subscription it answers.
    pub topic: Arc<str>,
    /// JSON; hooks may change it.
    pub data: Bytes,
}

/// The three phases of a write.
#[derive(Default)]
pub struct Phases {
    /// May change or reject; no lock is held.
    pub before: Chain<RecordEvent>,
    /// Around the write, inside the transaction: an error rolls everything back.
    pub within: Chain<RecordEvent>,
    /// After the commit; an error is logged and undoes nothing.
    pub after: Chain<RecordEvent>,
}

impl Phases {
    /// Whether a write needs the event at all.
    pub fn listens(&self, tags: &[&str]) -> bool {
        self.before.listens(tags) || self.within.listens(tags) || self.after.listens(tags)
    }

    fn are_used(&self) -> bool {
        self.before.is_used() || self.within.is_used() || self.after.is_used()
    }
}

/// Every chain of events.
#[derive(Default)]
pub struct Hooks {
    /// Creation.
    pub create: Phases,
    /// Change.
    pub update: Phases,
    /// Deletion, also by cascade.
    pub delete: Phases,
    /// One record is shown by its id.
    pub view: Chain<RecordEvent>,
    /// A page is shown.
    pub list: Chain<ListEvent>,
    /// Any record is serialised for a client.
    pub enrich: Chain<EnrichEvent>,
    /// A client connects to realtime: who does not call `next` refuses it.
    pub realtime_connect: Chain<ConnectEvent>,
    /// A client subscribes to topics: who does not call `next` refuses it.
    pub realtime_subscribe: Chain<SubscribeEvent>,
    /// An event is sent to one client: who does not call `next` keeps it back.
    pub realtime_message: Chain<MessageEvent>,
    /// What happens to accounts: signing in, registering, mails asked for and confirmed.
    pub auth: AuthHooks,
    /// A mail leaves.
    pub mail: Chain<MailEvent>,
    /// The app is open and about to be used.
    pub start: Chain<AppEvent>,
    /// The app is about to answer requests.
    pub serve: Chain<ServeEvent>,
    /// The app is about to close.
    pub stop: Chain<AppEvent>,
    diary: OnceLock<Diary>,
}

/// Hears the name of each hook that runs.
pub(crate) type Diary = Arc<dyn Fn(&str) + Send + Sync>;

impl Hooks {
    /// Adds a hook to the chain of its event.
    pub fn add(&self, hook: impl IntoHook) {
        hook.into_hook().listen(self);
    }

    /// Has the names of hooks noted when they run: of those that are added from now on.
    pub(crate) fn note_in(&self, diary: Diary) {
        // The first diary stays: an app has one.
        let _ = self.diary.set(diary);
    }

    fn diary(&self) -> Option<&Diary> {
        self.diary.get()
    }

    /// Whether a hook was ever added: hooks may ask everything about a request, so that then everything is taken from it.
    pub fn are_used(&self) -> bool {
        let phases = [&self.create, &self.update, &self.delete];
        let shown = self.view.is_used() || self.list.is_used() || self.enrich.is_used();
        shown || self.auth.are_used() || phases.into_iter().any(Phases::are_used)
    }
}

/// Runs a `before` chain.
///
/// # Errors
/// The hook's own; `Invalid` when a hook neither failed nor called `next`.
pub(crate) async fn agree(chain: &Chain<RecordEvent>, event: &mut RecordEvent) -> Result<()> {
    let collection = Arc::clone(&event.collection);
    if chain.all_agree(event, &tags(&collection)).await? {
        return Ok(());
    }
    Err(stopped())
}

/// What a caller hears when a hook neither failed nor called `next`.
pub(crate) fn stopped() -> Error {
    Error::invalid("A hook stopped the operation without saying why; nothing was changed.")
}

/// Runs an `after` chain: the write stands whatever it says.
pub(crate) async fn tell(chain: &Chain<RecordEvent>, event: &mut RecordEvent) {
    let collection = Arc::clone(&event.collection);
    if let Err(error) = chain.all_agree(event, &tags(&collection)).await {
        tracing::error!(collection = collection.name, record = event.record.id(), ?error, "an after hook failed");
    }
}

/// What hooks can name a collection by.
pub(crate) fn tags(collection: &Collection) -> [&str; 2] {
    [&collection.name, &collection.id]
}
