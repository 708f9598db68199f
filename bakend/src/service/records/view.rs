//! One record by its id.

use std::{borrow::Cow, sync::Arc};

use super::{Call, access, expand, render, stored};
use crate::{
    Error, Result,
    query::{Statement, grant::Right},
    schema::{Collection, Record},
    service::events::{self, LookupEvent, LookupParts, RecordEvent},
};

/// The record as JSON.
///
/// # Errors
/// - `Forbidden`: the view rule is locked.
/// - `NotFound`: there is none, or the rule hides it.
pub async fn view(call: &Call, collection: &Arc<Collection>, id: &str, expand: &str) -> Result<Vec<u8>> {
    let asked = agreed(call, collection, id, expand).await?;
    let statement = statement(call, collection, &asked.id)?;
    let tags = events::tags(collection);
    let hooks = call.app.hooks();
    if asked.expand.is_empty()
        && !hooks.view.shows(&tags)
        && !hooks.enrich.listens(&tags)
        && render::is_plain(call, collection)
    {
        return straight(call, collection, statement).await;
    }
    let record = seen(call, collection, statement).await?;
    let told = hooks.view.after.listens(&tags).then(|| record.clone());
    let out = answer(call, record, &asked.expand).await?;
    tell(call, collection, told).await;
    Ok(out)
}

/// A record for the program, and what to expand of it.
pub struct Found {
    /// The record.
    pub record: Record,
    /// What was asked for, as `before` hooks left it.
    pub expand: String,
}

/// The record, for the program rather than for a client.
///
/// # Errors
/// As of [`view`].
pub async fn find_one(call: &Call, collection: &Arc<Collection>, id: &str, expand: &str) -> Result<Found> {
    let asked = agreed(call, collection, id, expand).await?;
    let record = seen(call, collection, statement(call, collection, &asked.id)?).await?;
    let told = call.app.hooks().view.after.listens(&events::tags(collection)).then(|| record.clone());
    tell(call, collection, told).await;
    Ok(Found { record, expand: asked.expand.into_owned() })
}

/// What is asked for.
struct Asked<'a> {
    id: Cow<'a, str>,
    expand: Cow<'a, str>,
}

/// What is asked for as the `before` hooks leave it; who is locked out is not told to them.
async fn agreed<'a>(call: &Call, collection: &Arc<Collection>, id: &'a str, expand: &'a str) -> Result<Asked<'a>> {
    let (chain, tags) = (&call.app.hooks().view.before, events::tags(collection));
    if !chain.listens(&tags) {
        return Ok(Asked { id: id.into(), expand: expand.into() });
    }
    access::required(&call.info, collection, Right::View)?;
    let mut event = LookupEvent::new(LookupParts {
        app: call.app.clone(),
        request: Arc::clone(&call.info),
        collection: Arc::clone(collection),
        id: id.to_owned(),
        expand: expand.to_owned(),
    });
    if !chain.all_agree(&mut event, &tags).await? {
        return Err(events::stopped());
    }
    let LookupParts { id, expand, .. } = event.into_parts();
    Ok(Asked { id: id.into(), expand: expand.into() })
}

fn statement(call: &Call, collection: &Arc<Collection>, id: &str) -> Result<Statement> {
    let rule = access::required(&call.info, collection, Right::View)?;
    // A rule that cannot be evaluated denies; who may not see learns nothing of the reason.
    let statement = call.app.planner().view(&call.app.schema(), collection, &call.info, id, rule);
    statement.map_err(|error| Error::not_found().caused_by(error))
}

/// From the statement into the answer, with no record in between.
async fn straight(call: &Call, collection: &Arc<Collection>, statement: Statement) -> Result<Vec<u8>> {
    let layout = call.app.layouts().of(&call.app.schema(), collection, call.info.is_superuser());
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
    if out.is_empty() { Err(Error::not_found()) } else { Ok(out) }
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
    let chain = &call.app.hooks().view.on;
    if !chain.listens(&events::tags(collection)) {
        return Ok(record);
    }
    let mut event = RecordEvent::of_record(call, collection, record);
    events::agree(chain, &mut event).await?;
    Ok(event.into_parts().record)
}

/// Tells the `after` hooks what was shown, if anybody listens.
async fn tell(call: &Call, collection: &Arc<Collection>, record: Option<Record>) {
    if let Some(record) = record {
        let mut event = RecordEvent::of_record(call, collection, record);
        events::heard(&call.app.hooks().view.after, &mut event, collection).await;
    }
}
