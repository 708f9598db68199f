//! The end of a record, and of what depends on it.

use std::sync::Arc;

use super::{
    Call, access, cascade, stored,
    write::{self, Action, Deferred, Outcome, Work},
};
use crate::{
    Error, Kind, Result,
    query::{ListSpec, RequestInfo, grant::Right},
    schema::{Collection, Record},
    service::{auth::installer, events, files::Held},
    store::{Conn, Db},
};

const FAILED: &str = "Failed to delete record. Make sure that the record is not part of a required relation reference.";

/// Deletes a record, and what cascades from it.
///
/// # Errors
/// - `Forbidden`: the delete rule is locked.
/// - `NotFound`: there is no such record, or the rule hides it.
/// - `Invalid`: a required relation points at it, it is the only superuser, or the collection is a view.
pub async fn delete(call: &Call, collection: &Arc<Collection>, id: &str) -> Result<()> {
    access::writable(collection)?;
    let rule = access::required(&call.info, collection, Right::Delete)?;
    let statement = call
        .app
        .planner()
        .view(&call.app.schema(), collection, &call.info, id, rule)
        .map_err(|error| Error::not_found().caused_by(error))?;
    let record = stored::first(&call.db, statement, collection).await?.ok_or_else(Error::not_found)?;
    remove(call, record).await
}

/// Deletes a record as the program itself: hooks and cascades apply, rules do not.
///
/// # Errors
/// - `NotFound`: it is not stored (any more).
/// - `Invalid`: a required relation points at it, or it is the only superuser.
pub async fn remove(call: &Call, record: Record) -> Result<()> {
    let listened = |collection: &Collection| {
        let tags = events::tags(collection);
        call.app.hooks().delete.listens(&tags) || call.app.hooks().update.listens(&tags)
    };
    let anybody = call.app.schema().collections().iter().any(|collection| listened(collection));
    if anybody { with_hooks(call, record).await } else { at_once(call, record).await }
}

/// What the plan and the database refuse, in the words of the whole; what a hook says is not worded.
fn worded(error: Error) -> Error {
    match error.kind() {
        Kind::Invalid if error.message() != ONLY_SUPERUSER => error.message_set(FAILED),
        _ => error,
    }
}

const ONLY_SUPERUSER: &str = "You can't delete the only existing superuser.";

async fn at_once(call: &Call, record: Record) -> Result<()> {
    let app = call.app.clone();
    let plan = call
        .db
        .write(move |conn| {
            let plan = planned(&app, conn, record)?;
            cascade::apply(conn, &plan)?;
            Ok(plan)
        })
        .await
        .map_err(worded)?;
    finish(call, plan).await;
    Ok(())
}

fn planned(app: &crate::service::App, conn: &Conn, record: Record) -> Result<cascade::Plan> {
    let plan = cascade::plan(conn, app.planner(), &app.schema(), record)?;
    leave_a_superuser(app, conn, &plan)?;
    Ok(plan)
}

/// # Errors
/// `Invalid`: nobody could manage the server any more, also when superusers go by cascade.
fn leave_a_superuser(app: &crate::service::App, conn: &Conn, plan: &cascade::Plan) -> Result<()> {
    let is_real = |record: &&Record| record.is_superuser() && !installer::is_installer(record);
    let going: Vec<&Record> = plan.deletes.iter().filter(is_real).collect();
    let Some(first) = going.first() else { return Ok(()) };
    // One of those who are left, and the installer's account, which does not count.
    let spec = ListSpec { limit: going.len() as u64 + 2, ..ListSpec::default() };
    let some = app.planner().list(&app.schema(), &first.collection, &RequestInfo::default(), &spec)?;
    let some = stored::read_all(conn, &some, &first.collection)?;
    let stays = |record: &Record| is_real(&record) && going.iter().all(|gone| gone.id() != record.id());
    if some.iter().any(stays) { Ok(()) } else { Err(Error::invalid(ONLY_SUPERUSER)) }
}

/// The same with hooks: `before` for every record, then one transaction with the `within` hooks of each.
async fn with_hooks(call: &Call, record: Record) -> Result<()> {
    let found = plan_now(call, &call.db, record.clone()).await?;
    for (before, after) in found.updates {
        ask(call, Action::Update, after, Some(before)).await?;
    }
    for record in found.deletes {
        ask(call, Action::Delete, record, None).await?;
    }
    let tx = call.db.begin().await?;
    let nested = Deferred::default();
    let inner = Call { db: tx.db(), deferred: Some(nested.clone()), ..call.clone() };
    let outcome = match tx.hold(in_transaction(&inner, record)).await {
        Ok(plan) => tx.commit().await.map(|()| plan).map_err(worded),
        Err(error) => {
            tx.rollback().await;
            Err(error)
        }
    };
    match outcome {
        Ok(plan) => {
            finish(call, plan).await;
            nested.passed(call).await;
            Ok(())
        }
        Err(error) => {
            nested.rolled_back().await;
            Err(error)
        }
    }
}

async fn plan_now(call: &Call, db: &Db, record: Record) -> Result<cascade::Plan> {
    let app = call.app.clone();
    db.read(&Default::default(), move |conn| planned(&app, conn, record.clone())).await.map_err(worded)
}

async fn ask(call: &Call, action: Action, record: Record, original: Option<Record>) -> Result<()> {
    let chain = &action.phases(&call.app).before;
    let collection = Arc::clone(&record.collection);
    if chain.listens(&events::tags(&collection)) {
        events::agree(chain, &mut write::event(call, &collection, record, original)).await?;
    }
    Ok(())
}

async fn in_transaction(call: &Call, record: Record) -> Result<cascade::Plan> {
    let plan = plan_now(call, &call.db, record).await?;
    for (before, after) in &plan.updates {
        tell_within(call, Action::Update, after.clone(), Some(before.clone())).await?;
    }
    for record in &plan.deletes {
        tell_within(call, Action::Delete, record.clone(), None).await?;
    }
    call.db
        .write(move |conn| {
            cascade::apply(conn, &plan)?;
            Ok(plan)
        })
        .await
        .map_err(worded)
}

/// The `within` hooks of one record of a cascade; all of them run before the first row goes, so each still sees its record.
async fn tell_within(call: &Call, action: Action, record: Record, original: Option<Record>) -> Result<()> {
    let chain = &action.phases(&call.app).within;
    let collection = Arc::clone(&record.collection);
    if !chain.listens(&events::tags(&collection)) {
        return Ok(());
    }
    let mut event = write::event(call, &collection, record, original);
    let work: Work = Box::new(|_, record| Ok(record));
    write::within(call, action, &mut event, FAILED, work).await
}

async fn finish(call: &Call, plan: cascade::Plan) {
    for (before, after) in plan.updates {
        let collection = Arc::clone(&after.collection);
        let event = write::event(call, &collection, after, Some(before));
        write::finish(call, Outcome { action: Action::Update, event, held: Held::default() }).await;
    }
    for record in plan.deletes {
        let collection = Arc::clone(&record.collection);
        let event = write::event(call, &collection, record, None);
        write::finish(call, Outcome { action: Action::Delete, event, held: Held::default() }).await;
    }
}
