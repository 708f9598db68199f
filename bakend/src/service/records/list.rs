//! A page of the records that rule and filter allow.

use std::{borrow::Cow, sync::Arc};

use super::{Call, access, expand, render, stored};
use crate::{
    Result, limits,
    query::{self, ListSpec, Statement, grant::Right},
    schema::{Collection, Record, ScalarRef},
    service::events::{self, ListEvent, ListParts, QueryEvent, QueryParts},
    store::Conn,
};

/// Which page, of what, in which order.
#[derive(Clone, Debug, Default)]
pub struct ListQuery {
    /// Counts from 1; below counts as 1.
    pub page: i64,
    /// Records on a page; below 1 counts as [`PER_PAGE_DEFAULT`](limits::PER_PAGE_DEFAULT), above [`PER_PAGE_MAX`](limits::PER_PAGE_MAX) as that.
    pub per_page: i64,
    /// Whether to leave the records on all pages uncounted (−1).
    pub skip_total: bool,
    /// `""`: none.
    pub filter: String,
    /// `""`: none.
    pub sort: String,
}

/// A page's numbers, as the answer repeats them.
#[derive(Clone, Copy)]
struct Page {
    number: i64,
    size: i64,
}

impl Page {
    fn of(query: &ListQuery) -> Self {
        let size = if query.per_page <= 0 {
            i64::from(limits::PER_PAGE_DEFAULT)
        } else {
            query.per_page.min(i64::from(limits::PER_PAGE_MAX))
        };
        Self { number: query.page.max(1), size }
    }

    fn offset(self) -> u64 {
        u64::try_from((self.number - 1).saturating_mul(self.size)).unwrap_or(0)
    }
}

/// The page as JSON: `items`, `page`, `perPage`, `totalItems`, `totalPages`.
///
/// # Errors
/// - `Forbidden`: the list rule is locked, or the filter asks what only superusers may.
/// - `Invalid`: filter or sort do not parse or name what does not exist.
pub async fn list(call: &Call, collection: &Arc<Collection>, query: &ListQuery, expand: &str) -> Result<Vec<u8>> {
    let asked = agreed(call, collection, query, expand).await?;
    let (page, rows, count) = statements(call, collection, &asked.query)?;
    if asked.expand.is_empty() && !listens(call, collection) && render::is_plain(call, collection) {
        return straight(call, collection, page, rows, count).await;
    }
    let (records, total) = found(call, collection, rows, count).await?;
    let told = kept(call, collection, &records);
    let shown = expand::expand(call, records, &asked.expand).await?;
    let mut out = open();
    render::write_all(call, &shown, &mut out)?;
    close(&mut out, page, total);
    tell(call, collection, told, total).await;
    Ok(out)
}

/// A page of records, for the program rather than for a client.
pub struct Found {
    /// In order.
    pub records: Vec<Record>,
    /// Counts from 1.
    pub page: i64,
    /// Records on a page at most.
    pub per_page: i64,
    /// Records on all pages; −1: not counted.
    pub total: i64,
    /// What to expand, as `before` hooks left it.
    pub expand: String,
}

/// The page as records.
///
/// # Errors
/// As of [`list`].
pub async fn find_page(call: &Call, collection: &Arc<Collection>, query: &ListQuery, expand: &str) -> Result<Found> {
    let asked = agreed(call, collection, query, expand).await?;
    let (page, rows, count) = statements(call, collection, &asked.query)?;
    let (records, total) = found(call, collection, rows, count).await?;
    tell(call, collection, kept(call, collection, &records), total).await;
    Ok(Found { records, page: page.number, per_page: page.size, total, expand: asked.expand.into_owned() })
}

/// How many records rule and filter allow.
///
/// # Errors
/// As of [`list`].
pub async fn count(call: &Call, collection: &Arc<Collection>, filter: &str) -> Result<u64> {
    let query = ListQuery { filter: filter.to_owned(), ..ListQuery::default() };
    let asked = agreed(call, collection, &query, "").await?;
    let rule = access::required(&call.info, collection, Right::List)?;
    access::may_ask(call, collection, &asked.query.filter, "")?;
    let spec = ListSpec { rule, filter: &asked.query.filter, ..ListSpec::default() };
    let statement = call.app.planner().count(&call.app.schema(), collection, &call.info, &spec)?;
    Ok(u64::try_from(total(call, statement).await?).unwrap_or(0))
}

/// A filter that asks for both, whoever wrote them; a blank one asks for nothing.
///
/// # Errors
/// `Invalid`: one of them does not parse by itself, so that together they could mean something else.
pub(crate) fn narrowed(filter: &str, by: &str) -> Result<String> {
    if filter.trim().is_empty() || by.trim().is_empty() {
        return Ok(if by.trim().is_empty() { filter } else { by }.to_owned());
    }
    query::parse(filter)?;
    query::parse(by)?;
    // A line of its own for each: a comment ends with its line.
    Ok(format!("({filter}\n) && ({by}\n)"))
}

/// What is asked for.
struct Asked<'a> {
    query: Cow<'a, ListQuery>,
    expand: Cow<'a, str>,
}

/// What is asked for as the `before` hooks leave it; who is locked out is not told to them.
async fn agreed<'a>(
    call: &Call,
    collection: &Arc<Collection>,
    query: &'a ListQuery,
    expand: &'a str,
) -> Result<Asked<'a>> {
    let (chain, tags) = (&call.app.hooks().list.before, events::tags(collection));
    if !chain.listens(&tags) {
        return Ok(Asked { query: Cow::Borrowed(query), expand: expand.into() });
    }
    access::required(&call.info, collection, Right::List)?;
    let mut event = QueryEvent::new(QueryParts {
        app: call.app.clone(),
        request: Arc::clone(&call.info),
        collection: Arc::clone(collection),
        query: query.clone(),
        expand: expand.to_owned(),
    });
    if !chain.all_agree(&mut event, &tags).await? {
        return Err(events::stopped());
    }
    let QueryParts { query, expand, .. } = event.into_parts();
    Ok(Asked { query: Cow::Owned(query), expand: expand.into() })
}

fn statements(
    call: &Call,
    collection: &Arc<Collection>,
    query: &ListQuery,
) -> Result<(Page, Statement, Option<Statement>)> {
    let rule = access::required(&call.info, collection, Right::List)?;
    access::may_ask(call, collection, &query.filter, &query.sort)?;
    let page = Page::of(query);
    let spec = ListSpec {
        rule,
        filter: &query.filter,
        sort: &query.sort,
        limit: u64::try_from(page.size).unwrap_or(0),
        offset: page.offset(),
    };
    let schema = call.app.schema();
    let rows = call.app.planner().list(&schema, collection, &call.info, &spec)?;
    let count =
        if query.skip_total { None } else { Some(call.app.planner().count(&schema, collection, &call.info, &spec)?) };
    Ok((page, rows, count))
}

async fn found(
    call: &Call,
    collection: &Arc<Collection>,
    rows: Statement,
    count: Option<Statement>,
) -> Result<(Vec<Record>, i64)> {
    let records = stored::find_all(&call.db, rows, collection).await?;
    let total = match count {
        Some(count) => total(call, count).await?,
        None => -1,
    };
    hooked(call, collection, records, total).await
}

fn listens(call: &Call, collection: &Collection) -> bool {
    let tags = events::tags(collection);
    call.app.hooks().list.shows(&tags) || call.app.hooks().enrich.listens(&tags)
}

/// From the statement into the answer, with no record in between.
async fn straight(
    call: &Call,
    collection: &Arc<Collection>,
    page: Page,
    rows: Statement,
    count: Option<Statement>,
) -> Result<Vec<u8>> {
    let layout = call.app.layouts().of(&call.app.schema(), collection, call.info.is_superuser());
    let items_collection = Arc::clone(collection);
    let pace = rows.pace.clone();
    let mut out = call
        .db
        .read(&pace, move |conn| {
            let mut out = open();
            let mut first = true;
            conn.rows(&rows, |row| {
                if !std::mem::take(&mut first) {
                    out.push(b',');
                }
                layout.write_row(&items_collection, row, &mut out)
            })?;
            Ok(out)
        })
        .await?;
    let total = match count {
        Some(count) => total(call, count).await?,
        None => -1,
    };
    close(&mut out, page, total);
    Ok(out)
}

async fn total(call: &Call, count: Statement) -> Result<i64> {
    let pace = count.pace.clone();
    call.db.read(&pace, move |conn| number(conn, &count)).await
}

fn number(conn: &Conn, statement: &Statement) -> Result<i64> {
    let mut total = 0;
    conn.rows(statement, |row| {
        if let ScalarRef::Int(number) = row.get(0)? {
            total = number;
        }
        Ok(())
    })?;
    Ok(total)
}

async fn hooked(
    call: &Call,
    collection: &Arc<Collection>,
    records: Vec<Record>,
    total: i64,
) -> Result<(Vec<Record>, i64)> {
    let chain = &call.app.hooks().list.on;
    if !chain.listens(&events::tags(collection)) {
        return Ok((records, total));
    }
    let mut event = ListEvent::new(parts(call, collection, records, total));
    chain.all_agree(&mut event, &events::tags(collection)).await?;
    let parts = event.into_parts();
    Ok((parts.records, parts.total))
}

/// The records for the `after` hooks, if anybody listens.
fn kept(call: &Call, collection: &Collection, records: &[Record]) -> Option<Vec<Record>> {
    call.app.hooks().list.after.listens(&events::tags(collection)).then(|| records.to_vec())
}

/// Tells the `after` hooks what was shown, if anybody listens.
async fn tell(call: &Call, collection: &Arc<Collection>, records: Option<Vec<Record>>, total: i64) {
    if let Some(records) = records {
        let mut event = ListEvent::new(parts(call, collection, records, total));
        events::heard(&call.app.hooks().list.after, &mut event, collection).await;
    }
}

fn parts(call: &Call, collection: &Arc<Collection>, records: Vec<Record>, total: i64) -> ListParts {
    ListParts {
        app: call.app.clone(),
        request: Arc::clone(&call.info),
        collection: Arc::clone(collection),
        records,
        total,
    }
}

fn open() -> Vec<u8> {
    let mut out = Vec::with_capacity(4096);
    out.extend_from_slice(b"{\"items\":[");
    out
}

fn close(out: &mut Vec<u8>, page: Page, total: i64) {
    let pages = if total < 0 { -1 } else { (total + page.size - 1) / page.size };
    let tail =
        format!("],\"page\":{},\"perPage\":{},\"totalItems\":{total},\"totalPages\":{pages}}}", page.number, page.size);
    out.extend_from_slice(tail.as_bytes());
}
