//! One record by its id.

use std::sync::Arc;

use super::{Call, access, expand, render, stored};
use crate::{
    Error, Result,
    schema::{Collection, Record},
    service::events::{self, RecordEvent},
};

/// The record as JSON.
///
/// # Errors
/// - `Forbidden`: the view rule is locked.
/// - `NotFound`: there is none, or the rule hides it.
pub async fn view(call: &Call, collection: &Arc<Collection>, id: &str, expand: &str) -> Result<Vec<u8>> {
    let rule = access::required(&call.info, &collection.rules.view)?;
    let schema = call.app.schema();
    // A rule that cannot be evaluated denies; who may not see learns nothing of the reason.
    let statement = call
        .app
        .planner()
        .view(&schema, collection, &call.info, id, rule)
        .map_err(|error| Error::not_found().caused_by(error))?;
    let tags = events::tags(collection);
    let hooks = call.app.hooks();
    if expand.is_empty()
        && !hooks.view.listens(&tags)
        && !hooks.enrich.listens(&tags)
        && render::is_plain(call, collection)
    {
        let layout = call.app.layouts().of(&schema, collection, call.info.is_superuser());
        let collection = Arc::clone(collection);
        let pace = statement.pace.clone();
        let out = call
            .db
            .read(&pace, move |conn| {
                let mut out = Vec::with_capacity(512);
                conn.rows(&statement, |row| layout.write_row(&collection, row, &mut out))?;
                Ok(out)
            })
            .await?;
        return if out.is_empty() { Err(Error::not_found()) } else { Ok(out) };
    }
    let record = stored::first(&call.db, statement, collection).await?.ok_or_else(Error::not_found)?;
    let record = hooked(call, collection, record).await?;
    answer(call, record, expand).await
}

/// A record as the caller may see it.
pub(super) async fn answer(call: &Call, record: Record, expand: &str) -> Result<Vec<u8>> {
    let shown = expand::expand(call, vec![record], expand).await?;
    let mut out = Vec::with_capacity(512);
    render::write_all(call, &shown, &mut out)?;
    Ok(out)
}

async fn hooked(call: &Call, collection: &Arc<Collection>, record: Record) -> Result<Record> {
    let chain = &call.app.hooks().view;
    if !chain.listens(&events::tags(collection)) {
        return Ok(record);
    }
    let mut event = RecordEvent {
        app: call.app.clone(),
        db: call.db.clone(),
        request: Some(Arc::clone(&call.info)),
        collection: Arc::clone(collection),
        record,
        original: None,
    };
    events::agree(chain, &mut event).await?;
    Ok(event.record)
}
