//! The events of an app, and the chains that listen to them.

mod event;
mod hook;
mod lifecycle;
mod reading;
mod realtime;
mod typed;

use std::sync::{Arc, OnceLock};

pub use self::{
    event::{Answers, Dynamic, Event, Handler},
    hook::{All, Hook, IntoHook, Names},
    lifecycle::{AppEvent, AppParts, ServeEvent, ServeParts},
    reading::{
        EnrichEvent, EnrichParts, ListEvent, ListParts, LookupEvent, LookupParts, QueryEvent, QueryParts, Reading,
    },
    realtime::{ConnectEvent, ConnectParts, MessageEvent, MessageParts, SubscribeEvent, SubscribeParts},
};
pub(crate) use self::{
    lifecycle::{serving, started, stopping},
    reading::heard,
};
use super::{
    App, Caller,
    app::{Place, Records, Tx},
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
///
/// ```
/// use bakend::{Bakend, Error};
/// # #[derive(bakend::Collection)] #[collection(name = "posts")]
/// # struct Post { id: bakend::Id<Post>, title: String, published: bool }
///
/// # fn main() {
/// let backend = Bakend::builder()
///     .before_create::<Post>(async |e| e.change(|post| post.title = post.title.trim().to_owned()))
///     .before_update::<Post>(async |e| {
///         let was = e.original()?.is_some_and(|post| post.published);
///         if was && !e.record()?.published {
///             return Err(Error::invalid("What is published stays"));
///         }
///         Ok(())
///     })
///     .after_delete_of("posts", async |e| {
///         println!("{} is gone", e.record.text("title"));
///         Ok(())
///     });
/// # let _ = backend; }
/// ```
pub type RecordEvent<T = Dynamic> = Event<RecordParts, T>;

/// The parts of a [`RecordEvent`].
pub struct RecordParts {
    /// The app. Inside a transaction it does not write: a `within` hook, and a `before` hook of a write that is part of one, write through
    /// [`records`](Self::records) or [`tx`](Self::tx).
    pub app: App,
    /// The database: in a `within` hook the open transaction, so that what the hook writes commits or vanishes with the record.
    pub db: Db,
    /// Who asks; `None` when the program itself does.
    pub request: Option<Arc<RequestInfo>>,
    /// Of what.
    pub collection: Arc<Collection>,
    /// The record: before and within a write as it will be stored, after it as it is. `before` hooks may change it, and set passwords in
    /// plain text; a `within` hook that does is an `Internal` error, as the record has been checked by then.
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
    /// Records of a collection by its name or id: inside the transaction where there is one, as in a `within` hook, so that what is
    /// written commits or vanishes with the record.
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
    /// `Internal`: there is none, because this is not a `within` hook, nor a `before` hook of a write that is part of a transaction.
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

/// The three phases of a write.
#[derive(Default)]
pub struct Phases {
    /// May change or reject; no lock is held, unless the write is part of a transaction.
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
    pub view: Reading<LookupEvent, RecordEvent>,
    /// A page is shown.
    pub list: Reading<QueryEvent, ListEvent>,
    /// Any record is serialised for a client.
    pub enrich: Reading<EnrichEvent>,
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
