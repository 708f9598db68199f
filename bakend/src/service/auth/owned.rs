//! Rows of system collections that belong to an account: `_mfas`, `_otps`, `_authOrigins`, `_externalAuths`.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::{
    Error, Result, clock,
    query::{ListSpec, RequestInfo},
    schema::{Collection, Record, Value},
    service::{
        App,
        records::{self, Call},
    },
};

/// Rows of one account; the values come with the request, so that the plan stays the same.
const OWNER_RULE: &str = "collectionRef = @request.query.collection && recordRef = @request.query.record";
/// Rows of a collection's accounts that were made before a moment.
const AGE_RULE: &str = "collectionRef = @request.query.collection && created < @request.query.moment";

/// A new row of an account, not stored yet.
pub(super) fn new(app: &App, name: &str, owner: &Record) -> Result<Record> {
    let mut row = Record::new(collection(app, name)?);
    row.set("collectionRef", Value::Text(owner.collection.id.clone()));
    row.set("recordRef", Value::Text(owner.id().to_owned()));
    Ok(row)
}

/// The row with this id, whoever owns it.
pub(super) async fn find(call: &Call, name: &str, id: &str) -> Result<Option<Record>> {
    let collection = collection(&call.app, name)?;
    records::find(&call.db, call.app.planner(), &call.app.schema(), &collection, id).await
}

/// Whether a row is this account's.
pub(super) fn belongs_to(row: &Record, owner: &Record) -> bool {
    row.text("recordRef") == owner.id() && row.text("collectionRef") == owner.collection.id
}

/// Whether a row was made longer ago than this, in seconds.
pub(super) fn has_expired(row: &Record, seconds: i64) -> bool {
    // Moments on the wire sort as texts.
    row.text("created") < clock::text(clock::now() - SignedDuration::from_secs(seconds)).as_str()
}

fn collection(app: &App, name: &str) -> Result<Arc<Collection>> {
    app.schema().find(name).cloned().ok_or_else(|| Error::internal(format!("the collection {name} is missing")))
}

/// The rows of an account, the newest first, at most `max`.
pub(super) async fn newest(call: &Call, name: &str, owner: &Record, max: u64) -> Result<Vec<Record>> {
    let query = [("collection", owner.collection.id.as_str()), ("record", owner.id())];
    list(call, name, &query, OWNER_RULE, "-@rowid", max).await
}

/// The oldest rows of a collection's accounts that were made before a moment in the wire form, at most `max`.
pub(super) async fn made_before(
    call: &Call,
    name: &str,
    collection_id: &str,
    moment: &str,
    max: u64,
) -> Result<Vec<Record>> {
    list(call, name, &[("collection", collection_id), ("moment", moment)], AGE_RULE, "@rowid", max).await
}

async fn list(
    call: &Call,
    name: &str,
    values: &[(&str, &str)],
    rule: &str,
    sort: &str,
    max: u64,
) -> Result<Vec<Record>> {
    let collection = collection(&call.app, name)?;
    let query = values.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let asker = RequestInfo { query, ..RequestInfo::default() };
    let spec = ListSpec { rule: Some(rule), sort, limit: max, ..ListSpec::default() };
    let statement = call.app.planner().list(&call.app.schema(), &collection, &asker, &spec)?;
    records::find_all(&call.db, statement, &collection).await
}
