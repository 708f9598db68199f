//! The events of records, and the chains that listen to them.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::App;
use crate::{
    Error, Result,
    hooks::Chain,
    query::RequestInfo,
    schema::{Collection, Record},
    store::Db,
};

/// One record is about to be, is being, or has been created, updated, deleted or viewed.
pub struct RecordEvent {
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
}

/// A page of records is about to be shown.
pub struct ListEvent {
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

/// A record is about to be serialised for a client, in whatever answer.
pub struct EnrichEvent {
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

/// Every chain of record events.
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
}

impl Hooks {
    /// Whether a hook was ever added: hooks may ask everything about a request, so that then everything is taken from it.
    pub fn are_used(&self) -> bool {
        let phases = [&self.create, &self.update, &self.delete];
        let shown = self.view.is_used() || self.list.is_used() || self.enrich.is_used();
        shown || phases.into_iter().any(Phases::are_used)
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
