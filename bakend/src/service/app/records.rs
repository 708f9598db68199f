//! Records of a collection in the hands of a program: first for whom, then what.

use std::{marker::PhantomData, sync::Arc};

use serde_json::Value as Json;

use super::{
    App,
    clause::{ExpandOf, FilterOf, SortOf, bind},
    shape::Shape,
    wire::Wire,
};
use crate::{
    Error, Kind, Result,
    schema::{Collection, Record},
    service::{
        Caller,
        events::Dynamic,
        records::{self, Call, Deferred, ListQuery, Upload},
        typed::{self, Body, Id},
    },
    store::Db,
};

/// Records of a collection, before it is said for whom they are asked. There is no default: the rules apply, or they do not.
///
/// ```
/// # async fn demo(app: &bakend::App, auth: &bakend::Auth) -> bakend::Result<()> {
/// use bakend::serde_json::json;
/// let page = app.records("posts").as_user(auth).filter("published = true").per_page(20).list().await?;
/// let post = app.records("posts").as_system().create(json!({"title": "Hello"})).await?;
/// # let _ = (page, post);
/// # Ok(()) }
/// ```
///
/// Without the choice it does not compile:
/// ```compile_fail
/// # async fn demo(app: &bakend::App) -> bakend::Result<()> {
/// app.records("posts").list().await?;
/// # Ok(()) }
/// ```
#[must_use = "nothing is asked before it is said for whom, and what"]
pub struct Records<T = Dynamic> {
    place: Place,
    collection: String,
    of: PhantomData<fn() -> T>,
}

/// Where records are: in the database, or in an open transaction.
#[derive(Clone)]
pub(crate) struct Place {
    pub app: App,
    pub db: Db,
    pub deferred: Option<Deferred>,
}

impl Place {
    pub fn records(&self, collection: &str) -> Records {
        Records { place: self.clone(), collection: collection.to_owned(), of: PhantomData }
    }

    pub fn records_of<T: typed::Collection>(&self) -> Records<T> {
        Records { place: self.clone(), collection: T::NAME.to_owned(), of: PhantomData }
    }
}

impl<T: Shape> Records<T> {
    /// As somebody: an [`Auth`](crate::Auth), a [`Record`] of an auth collection. What rules allow them, superusers everything.
    pub fn as_user(self, user: impl Into<Caller>) -> RecordsAs<T> {
        self.as_caller(user)
    }

    /// As whoever sent a request, guests too: what rules allow them.
    pub fn as_caller(self, caller: impl Into<Caller>) -> RecordsAs<T> {
        let Place { app, db, deferred } = self.place;
        let info = Arc::clone(caller.into().info());
        RecordsAs {
            call: Call { db, deferred, ..Call::new(&app, info) },
            collection: self.collection,
            query: ListQuery { skip_total: true, ..ListQuery::default() },
            filters: Vec::new(),
            values: Vec::new(),
            expand: String::new(),
            of: PhantomData,
        }
    }

    /// As nobody in particular: what rules allow to everyone.
    pub fn as_guest(self) -> RecordsAs<T> {
        self.as_caller(Caller::guest())
    }

    /// As the program itself: no rule is asked. Checks and hooks apply all the same.
    pub fn as_system(self) -> RecordsAs<T> {
        self.as_caller(Caller::system())
    }
}

/// Records of a collection as somebody may see and change them; made by [`Records`].
///
/// `T` is the collection's type, or [`Dynamic`]: then items are [`Loaded`](crate::typed::Loaded) records with values by name, and what
/// is written is `json!({…})`. Errors are those that the API answers, word for word.
///
/// ```
/// # #[derive(bakend::Collection)] #[collection(name = "posts")]
/// # struct Post { id: bakend::Id<Post>, title: String, published: bool }
///
/// # fn main() {}
/// # async fn demo(app: &bakend::App, auth: &bakend::Auth) -> bakend::Result<()> {
/// let posts = || app.records_of::<Post>().as_user(auth);
/// let post = posts().create(Post::new("Hello")).await?;
/// posts().update(&post.id, Post::update().published(true)).await?;
/// let page = posts().filter(Post::published.eq(true)).sort(Post::title.asc()).per_page(20).with_total().list().await?;
/// println!("{} of {:?}", page.items.len(), page.total);
/// let first = posts().filter("title = {:title}").bind("title", "Hello").first().await?;
/// posts().delete(&post.id).await?;
/// # let _ = first;
/// # Ok(()) }
/// ```
#[must_use = "nothing is asked before list, one, first, count, create, update or delete"]
pub struct RecordsAs<T = Dynamic> {
    call: Call,
    collection: String,
    query: ListQuery,
    filters: Vec<String>,
    values: Vec<(String, Json)>,
    expand: String,
    of: PhantomData<fn() -> T>,
}

/// A page of records.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// In order.
    pub items: Vec<T>,
    /// Counts from 1.
    pub page: i64,
    /// Records on a page at most.
    pub per_page: i64,
    /// Records on all pages; `None`: not counted, because [`with_total`](RecordsAs::with_total) did not ask.
    pub total: Option<u64>,
}

impl<T: Shape> RecordsAs<T> {
    /// Only these: a typed filter, or filter text, in which `{:name}` stands for a value of [`bind`](Self::bind). A second filter is
    /// asked for as well.
    pub fn filter(mut self, filter: impl FilterOf<T>) -> Self {
        self.filters.push(filter.text());
        self
    }

    /// The value that `{:name}` stands for in the filter: text, a number, a bool or null. Whatever it contains, it stays one value.
    pub fn bind(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.values.push((name.to_owned(), value.into()));
        self
    }

    /// In this order: a typed sort, or text as in `-created,title`.
    pub fn sort(mut self, sort: impl SortOf<T>) -> Self {
        self.query.sort = sort.text();
        self
    }

    /// With these related records, as far as their view rules allow: typed, or text as in `author,comments_via_post`.
    pub fn expand(mut self, expand: impl ExpandOf<T>) -> Self {
        self.expand = expand.text();
        self
    }

    /// Which page; the first is 1.
    pub fn page(mut self, page: u32) -> Self {
        self.query.page = page.into();
        self
    }

    /// Records on a page: 1 to [`PER_PAGE_MAX`](crate::limits::PER_PAGE_MAX),
    /// [`PER_PAGE_DEFAULT`](crate::limits::PER_PAGE_DEFAULT) where nothing is said.
    pub fn per_page(mut self, records: u32) -> Self {
        self.query.per_page = records.into();
        self
    }

    /// Counts the records of all pages too.
    pub fn with_total(mut self) -> Self {
        self.query.skip_total = false;
        self
    }

    /// A page of records.
    ///
    /// # Errors
    /// - `NotFound`: there is no such collection.
    /// - `Forbidden`: the list rule is locked, or the filter asks what only superusers may.
    /// - `Invalid`: filter or sort do not parse or name what does not exist.
    pub async fn list(self) -> Result<Page<T::Item>> {
        let (collection, query) = self.asked()?;
        let found = records::find_page(&self.call, &collection, &query, &self.expand).await?;
        let items = self.read(found.records, &found.expand).await?;
        let total = u64::try_from(found.total).ok();
        Ok(Page { items, page: found.page, per_page: found.per_page, total })
    }

    /// The record with this id.
    ///
    /// # Errors
    /// - `NotFound`: there is no such collection or record, or the view rule hides it.
    /// - `Forbidden`: the view rule is locked.
    pub async fn one(self, id: impl Into<Id<T>>) -> Result<T::Item> {
        let found = records::find_one(&self.call, &self.found()?, id.into().as_str(), &self.expand).await?;
        self.read_one(found.record, &found.expand).await
    }

    /// The first record, if there is one.
    ///
    /// # Errors
    /// As of [`list`](Self::list).
    pub async fn first(self) -> Result<Option<T::Item>> {
        let (collection, query) = self.asked()?;
        let query = ListQuery { per_page: 1, skip_total: true, ..query };
        let found = records::find_page(&self.call, &collection, &query, &self.expand).await?;
        Ok(self.read(found.records, &found.expand).await?.pop())
    }

    /// How many records there are.
    ///
    /// # Errors
    /// As of [`list`](Self::list).
    pub async fn count(self) -> Result<u64> {
        let (collection, query) = self.asked()?;
        records::count(&self.call, &collection, &query.filter).await
    }

    /// Creates a record.
    ///
    /// # Errors
    /// - `NotFound`: there is no such collection.
    /// - `Forbidden`: the create rule is locked.
    /// - `Invalid`: the collection is a view, the rule is not satisfied (no field errors), or values are refused (with field errors).
    pub async fn create(self, input: impl Into<T::Create>) -> Result<T::Item> {
        let collection = self.found()?;
        let (data, uploads) = self.received(T::created(input.into())?).await?;
        let record = records::create_record(&self.call, &collection, data, uploads).await?;
        self.read_one(record, &self.expand).await
    }

    /// Changes a record; what is not named stays.
    ///
    /// # Errors
    /// - `NotFound`: there is no such collection or record, or the update rule hides it.
    /// - `Forbidden`: the update rule is locked.
    /// - `Invalid`: values are refused (with field errors).
    pub async fn update(self, id: impl Into<Id<T>>, input: impl Into<T::Update>) -> Result<T::Item> {
        let collection = self.found()?;
        let (data, uploads) = self.received(T::updated(input.into())?).await?;
        let record = records::update_record(&self.call, &collection, id.into().as_str(), data, uploads).await?;
        self.read_one(record, &self.expand).await
    }

    /// Deletes a record, and what cascades from it.
    ///
    /// # Errors
    /// - `NotFound`: there is no such collection or record, or the delete rule hides it.
    /// - `Forbidden`: the delete rule is locked.
    /// - `Invalid`: a required relation points at it, or the collection is a view.
    pub async fn delete(self, id: impl Into<Id<T>>) -> Result<()> {
        records::delete(&self.call, &self.found()?, id.into().as_str()).await
    }

    /// The page as the API answers it: hidden fields left out, enrich hooks heard. For routes of your own.
    ///
    /// # Errors
    /// As of [`list`](Self::list).
    pub async fn list_wire(self) -> Result<Wire> {
        let (collection, query) = self.asked()?;
        records::list(&self.call, &collection, &query, &self.expand).await.map(Wire::new)
    }

    /// The record as the API answers it: hidden fields left out, enrich hooks heard. For routes of your own.
    ///
    /// # Errors
    /// As of [`one`](Self::one).
    pub async fn one_wire(self, id: impl Into<Id<T>>) -> Result<Wire> {
        records::view(&self.call, &self.found()?, id.into().as_str(), &self.expand).await.map(Wire::new)
    }

    fn found(&self) -> Result<Arc<Collection>> {
        let schema = self.call.app.schema();
        let missing = || Error::new(Kind::NotFound, format!("There is no collection {:?}.", self.collection));
        schema.find(&self.collection).cloned().ok_or_else(missing)
    }

    fn asked(&self) -> Result<(Arc<Collection>, ListQuery)> {
        let filter = bind(&self.filters, &self.values)?;
        Ok((self.found()?, ListQuery { filter, ..self.query.clone() }))
    }

    /// A body with its files in the folder of uploads; copying them is not for this thread.
    async fn received(&self, body: Body) -> Result<(serde_json::Map<String, Json>, Vec<Upload>)> {
        let app = self.call.app.clone();
        if !body.has_files() {
            return body.into_parts(&app);
        }
        tokio::task::spawn_blocking(move || body.into_parts(&app)).await.map_err(Error::internal)?
    }

    async fn read(&self, records: Vec<Record>, expand: &str) -> Result<Vec<T::Item>> {
        let loaded = records::load(&self.call, records, expand).await?;
        loaded.into_iter().map(T::read).collect()
    }

    async fn read_one(&self, record: Record, expand: &str) -> Result<T::Item> {
        let one = self.read(vec![record], expand).await?.pop();
        one.ok_or_else(|| Error::internal("one record was read and none came back"))
    }
}
