//! The events of reading: before records are asked for, when they are about to be shown, once they were.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::{Dynamic, Event, tags};
use crate::{
    Result,
    hooks::Chain,
    query::RequestInfo,
    schema::{Collection, Record},
    service::{
        App,
        records::{ListQuery, narrowed},
    },
};

/// A page of records is asked for; nothing is read yet.
///
/// ```
/// use bakend::Bakend;
/// # #[derive(bakend::Collection)] #[collection(name = "posts")]
/// # struct Post { id: bakend::Id<Post>, title: String, published: bool }
///
/// # fn main() {
/// let backend = Bakend::builder().before_list::<Post>(async |e| {
///     e.query.per_page = e.query.per_page.min(50);
///     e.only(Post::published.eq(true))
/// });
/// # let _ = backend; }
/// ```
pub type QueryEvent<T = Dynamic> = Event<QueryParts, T>;
/// A record is asked for by its id; nothing is read yet.
///
/// ```
/// let backend = bakend::Bakend::builder().before_view_of("posts", async |e| {
///     e.expand.clear();
///     Ok(())
/// });
/// # let _ = backend;
/// ```
pub type LookupEvent<T = Dynamic> = Event<LookupParts, T>;
/// A page of records is about to be shown, or was.
///
/// ```
/// use bakend::Bakend;
/// # #[derive(bakend::Collection)] #[collection(name = "posts")]
/// # struct Post { id: bakend::Id<Post>, title: String, published: bool }
///
/// # fn main() {
/// let backend = Bakend::builder().on_list::<Post>(async |e| e.keep(|post| !post.title.is_empty()));
/// # let _ = backend; }
/// ```
pub type ListEvent<T = Dynamic> = Event<ListParts, T>;
/// A record is about to be serialised for a client, in whatever answer, or was.
///
/// ```
/// use bakend::Bakend;
/// # #[derive(bakend::Collection)] #[collection(name = "posts")]
/// # struct Post { id: bakend::Id<Post>, title: String, published: bool }
///
/// # fn main() {
/// let backend = Bakend::builder().on_enrich::<Post>(async |e| {
///     let words = e.record()?.title.split_whitespace().count();
///     e.add("words", words);
///     e.leave_out(Post::published);
///     Ok(())
/// });
/// # let _ = backend; }
/// ```
pub type EnrichEvent<T = Dynamic> = Event<EnrichParts, T>;

/// The parts of a [`QueryEvent`].
pub struct QueryParts {
    /// The app.
    pub app: App,
    /// Who asks.
    pub request: Arc<RequestInfo>,
    /// Of what.
    pub collection: Arc<Collection>,
    /// What is asked for; hooks may change it. Filter and sort are taken as the caller's own: they see no more than the caller may.
    pub query: ListQuery,
    /// Which related records are to come with them; hooks may change it.
    pub expand: String,
}

impl QueryParts {
    /// Asks for a filter beside the caller's own, whatever that contains.
    ///
    /// # Errors
    /// `Invalid`: the caller's filter does not parse.
    pub fn narrow(&mut self, filter: &str) -> Result<()> {
        self.query.filter = narrowed(&self.query.filter, filter)?;
        Ok(())
    }
}

/// The parts of a [`LookupEvent`].
pub struct LookupParts {
    /// The app.
    pub app: App,
    /// Who asks.
    pub request: Arc<RequestInfo>,
    /// Of what.
    pub collection: Arc<Collection>,
    /// Of which record; hooks may change it.
    pub id: String,
    /// Which related records are to come with it; hooks may change it.
    pub expand: String,
}

/// The parts of a [`ListEvent`].
pub struct ListParts {
    /// The app.
    pub app: App,
    /// Who asks.
    pub request: Arc<RequestInfo>,
    /// Of what.
    pub collection: Arc<Collection>,
    /// The page; `on_list` hooks may change, drop or add records.
    pub records: Vec<Record>,
    /// Records on all pages; −1: not counted.
    pub total: i64,
}

/// The parts of an [`EnrichEvent`].
#[derive(Clone)]
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

/// The three phases of reading: `B` is what is heard before it.
pub struct Reading<B, E = B> {
    /// Before: may change what is asked for, or reject.
    pub before: Chain<B>,
    /// What was read is about to be shown: may change that, or reject.
    pub on: Chain<E>,
    /// Once it is in the answer: an error is logged and changes nothing.
    pub after: Chain<E>,
}

impl<B: Send + 'static, E: Send + 'static> Default for Reading<B, E> {
    fn default() -> Self {
        Self { before: Chain::default(), on: Chain::default(), after: Chain::default() }
    }
}

impl<B: Send + 'static, E: Send + 'static> Reading<B, E> {
    /// Whether any phase has a hook for one of these tags. Three plain loads when there are no hooks at all.
    pub fn listens(&self, tags: &[&str]) -> bool {
        self.before.listens(tags) || self.shows(tags)
    }

    /// Whether records themselves are needed, not only their bytes.
    pub fn shows(&self, tags: &[&str]) -> bool {
        self.on.listens(tags) || self.after.listens(tags)
    }

    /// Whether a hook was ever added.
    pub fn is_used(&self) -> bool {
        self.before.is_used() || self.on.is_used() || self.after.is_used()
    }
}

/// Runs the hooks of what was read, once it is in the answer: that stands whatever they say.
pub(crate) async fn heard<E: Send + 'static>(chain: &Chain<E>, event: &mut E, collection: &Collection) {
    if let Err(error) = chain.all_agree(event, &tags(collection)).await {
        tracing::error!(collection = collection.name, ?error, "an after hook failed");
    }
}
