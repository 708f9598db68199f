//! One record by its id.

use std::sync::Arc;

use super::{Call, access, expand, render, stored};
use crate::{
    Error, Result,
    query::{Statement, grant::Right},
    schema::{Collection, Record},
    service::events::{self, RecordEvent},
};

/// The record as JSON.
///
/// # Errors
/// - `Forbidden`: the view rule is locked.
/// - `NotFound`: there is none, or the rule hides it.
pub async fn view(call: &Call, collection: &Arc<Collection>, id: &str, expand: &str) -> Result<Vec<u8>> {
    let schema = call.app.schema();
    let statement = statement(call, collection, id)?;
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
    let record = seen(call, collection, statement).await?;
    answer(call, record, expand).await
}

/// The record, for the program rather than for a client.
///
/// # Errors
/// As of [`view`].
pub async fn find_one(call: &Call, collection: &Arc<Collection>, id: &str) -> Result<Record> {
    seen(call, collection, statement(call, collection, id)?).await
}

fn statement(call: &Call, collection: &Arc<Collection>, id: &str) -> Result<Statement> {
    let rule = access::required(&call.info, collection, Right::View)?;
    // A rule that cannot be evaluated denies; who may not see learns nothing of the reason.
    let statement = call.app.planner().view(&call.app.schema(), collection, &call.info, id, rule);
    statement.map_err(|error| Error::not_found().caused_by(error))
}

async fn seen(call: &Call, collection: &Arc<Collection>, statement: Statement) -> Result<Record> {
    let record = stored::first(&call.db, statement, collection).await?.ok_or_else(Error::not_found)?;
    hooked(call, collection, record).await
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
    let mut event = RecordEvent::of_record(call, collection, record);
    events::agree(chain, &mut event).await?;
    Ok(event.into_parts().record)
}
