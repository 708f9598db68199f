//! Emptying a collection.

use std::{sync::Arc, time::Duration};

use crate::{
    Error, Kind, Result,
    query::{ListSpec, RequestInfo},
    schema::Collection,
    service::{
        App, events, files,
        records::{self, Call, Deferred},
    },
    store,
};

const IS_VIEW: &str = "View collections cannot be truncated since they don't store their own records.";
const FAILED: &str = "Failed to truncate collection (most likely due to required cascade delete record references).";
/// Records read at once while a collection is emptied.
const BATCH_RECORDS: u64 = 500;
/// Longest time that emptying a collection record by record may hold the writer.
const TRUNCATE_DEADLINE: Duration = Duration::from_secs(600);

/// Deletes all records of a collection in one transaction, each with its hooks, cascades and files.
///
/// # Errors
/// - `NotFound`: there is none with this id or name.
/// - `Invalid`: it is a view, or a required relation points at one of its records.
pub async fn truncate(app: &App, info: Arc<RequestInfo>, id_or_name: &str) -> Result<()> {
    let collection = Arc::clone(app.schema().find(id_or_name).ok_or_else(Error::not_found)?);
    if collection.is_view() {
        return Err(Error::invalid(IS_VIEW));
    }
    if stands_alone(app, &collection) {
        return empty_at_once(app, collection).await;
    }
    let deferred = Deferred::default();
    let tx = app.store().db().begin_within(TRUNCATE_DEADLINE).await?;
    let call = Call { db: tx.db(), deferred: Some(deferred.clone()), ..Call::new(app, info) };
    let outcome = tx.hold(empty(&call, &collection)).await;
    deferred.ended(tx, outcome).await.map_err(|error| Error::invalid(FAILED).caused_by(error))
}

/// Whether nobody notices the end of a single record: nothing points at them, no hook listens, no account ends.
fn stands_alone(app: &App, collection: &Collection) -> bool {
    !collection.is_auth()
        && app.schema().references(&collection.id).next().is_none()
        && !app.hooks().delete.listens(&events::tags(collection))
}

async fn empty_at_once(app: &App, collection: Arc<Collection>) -> Result<()> {
    let table = Arc::clone(&collection);
    let emptied = app.store().db().write(move |conn| store::records::delete_all(conn, &table)).await;
    emptied.map_err(|error| Error::invalid(FAILED).caused_by(error))?;
    files::settle(app, files::Whose::Collection(collection.id.clone())).await;
    Ok(())
}

async fn empty(call: &Call, collection: &Arc<Collection>) -> Result<()> {
    let spec = ListSpec { limit: BATCH_RECORDS, ..ListSpec::default() };
    loop {
        let schema = call.app.schema();
        let page = call.app.planner().list(&schema, collection, &RequestInfo::default(), &spec)?;
        let page = records::find_all(&call.db, page, collection).await?;
        if page.is_empty() {
            return Ok(());
        }
        let before = page.len();
        let mut missing = 0;
        for record in page {
            match records::remove(call, record).await {
                // A cascade from a record before it may have taken it.
                Err(error) if error.kind() == Kind::NotFound => missing += 1,
                outcome => outcome?,
            }
        }
        if missing == before {
            return Err(Error::internal("a hook says of records that are there that they are not"));
        }
    }
}
