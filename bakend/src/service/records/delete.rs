//! The end of a record, and of what depends on it.

use std::{
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    sync::Arc,
};

use super::{
    Call, access, cascade, stored, update,
    write::{self, Action, Deferred, Outcome},
};
use crate::{
    Error, Kind, Result,
    query::{ListSpec, RequestInfo, Statement, grant::Right},
    schema::{Collection, Record, Value},
    service::{App, auth::installer, events, files::Held},
    store::{Conn, changelog},
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
    let record = stored::first(&call.db, statement.clone(), collection).await?.ok_or_else(Error::not_found)?;
    remove_if(call, record, statement).await
}

/// Deletes a record as the program itself: hooks and cascades apply, rules do not.
///
/// # Errors
/// - `NotFound`: it is not stored (any more).
/// - `Invalid`: a required relation points at it, or it is the only superuser.
pub async fn remove(call: &Call, record: Record) -> Result<()> {
    let (schema, asker) = (call.app.schema(), RequestInfo::default());
    let statement = call.app.planner().view(&schema, &record.collection, &asker, record.id(), None)?;
    remove_if(call, record, statement).await
}

/// Deletes a record that `guard` returns: it is asked once more where nothing can change in between.
async fn remove_if(call: &Call, record: Record, guard: Statement) -> Result<()> {
    let listened = |collection: &Collection| {
        let tags = events::tags(collection);
        call.app.hooks().delete.listens(&tags) || call.app.hooks().update.listens(&tags)
    };
    let anybody = call.app.schema().collections().iter().any(|collection| listened(collection));
    if anybody { with_hooks(call, record, guard).await } else { at_once(call, record, guard).await }
}

/// What the plan and the database refuse, in the words of the whole; what a hook says is not worded.
fn worded(error: Error) -> Error {
    match error.kind() {
        Kind::Invalid if error.message() != ONLY_SUPERUSER => error.message_set(FAILED),
        _ => error,
    }
}

const ONLY_SUPERUSER: &str = "You can't delete the only existing superuser.";

async fn at_once(call: &Call, record: Record, guard: Statement) -> Result<()> {
    let app = call.app.clone();
    let plan = call
        .db
        .write(move |conn| {
            let record = allowed(conn, &record.collection, &guard)?;
            let plan = planned(&app, conn, record)?;
            cascade::apply(conn, &plan)?;
            Ok(plan)
        })
        .await
        .map_err(worded)?;
    for step in plan.updates.into_iter().map(Step::update).chain(plan.deletes.into_iter().rev().map(Step::delete)) {
        step.finish(call).await;
    }
    Ok(())
}

/// The record as it is now, if it is there and its rule still allows it.
fn allowed(conn: &Conn, collection: &Arc<Collection>, guard: &Statement) -> Result<Record> {
    stored::read_all(conn, guard, collection)?.pop().ok_or_else(Error::not_found)
}

fn planned(app: &App, conn: &Conn, record: Record) -> Result<cascade::Plan> {
    let plan = cascade::plan(conn, app.planner(), &app.schema(), record)?;
    leave_a_superuser(app, conn, &plan)?;
    Ok(plan)
}

/// # Errors
/// `Invalid`: nobody could manage the server any more, also when superusers go by cascade.
fn leave_a_superuser(app: &App, conn: &Conn, plan: &cascade::Plan) -> Result<()> {
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
async fn with_hooks(call: &Call, record: Record, guard: Statement) -> Result<()> {
    let app = call.app.clone();
    let root = record.clone();
    let found = call.db.read(&Default::default(), move |conn| planned(&app, conn, root.clone())).await;
    let mut agreed = Agreed::default();
    agreed.ask(call, &found.map_err(worded)?).await?;
    let tx = call.db.begin_held().await?;
    let nested = Deferred::default();
    let inner = Call { db: tx.db(), deferred: Some(nested.clone()), ..call.clone() };
    let outcome = tx.hold(in_transaction(&inner, record, guard, agreed)).await;
    nested.ended_within(call.deferred.as_ref(), tx, outcome, worded).await
}

/// What `before` hooks have said.
#[derive(Default)]
struct Agreed {
    /// By record that loses a reference: each of its values that they changed besides.
    updates: BTreeMap<cascade::Key, Vec<(usize, Value)>>,
    deletes: BTreeSet<cascade::Key>,
}

impl Agreed {
    /// Asks the hooks of those that were not asked yet.
    async fn ask(&mut self, call: &Call, plan: &cascade::Plan) -> Result<()> {
        for (before, after) in &plan.updates {
            if let Entry::Vacant(place) = self.updates.entry(cascade::key(after)) {
                let heard = ask(call, Action::Update, after.clone(), Some(before.clone())).await?;
                place.insert(match heard {
                    Some(heard) => update::heard_by_the_way(call, before, after, heard).await.map_err(worded)?,
                    None => Vec::new(),
                });
            }
        }
        for record in plan.deletes.iter().rev() {
            if self.deletes.insert(cascade::key(record)) {
                ask(call, Action::Delete, record.clone(), None).await?;
            }
        }
        Ok(())
    }

    /// What to write, in order, as the hooks have left it; `asked`: the record that is to be deleted.
    fn steps(mut self, plan: cascade::Plan, asked: &Record) -> Vec<Step> {
        let asked = cascade::key(asked);
        let updates = plan.updates.into_iter().map(|(before, mut after)| {
            let changes = self.updates.remove(&cascade::key(&after)).unwrap_or_default();
            for (at, value) in &changes {
                after.values[*at] = value.clone();
            }
            Step { heard: !changes.is_empty(), ..Step::update((before, after)) }
        });
        let deletes = plan
            .deletes
            .into_iter()
            .map(|record| Step { is_asked: cascade::key(&record) == asked, ..Step::delete(record) });
        updates.chain(deletes).collect()
    }
}

/// Runs the `before` hooks of one record; the record as they leave it, if there are any.
async fn ask(call: &Call, action: Action, record: Record, original: Option<Record>) -> Result<Option<Record>> {
    let chain = &action.phases(&call.app).before;
    let collection = Arc::clone(&record.collection);
    if !chain.listens(&events::tags(&collection)) {
        return Ok(None);
    }
    let mut event = write::event(call, &collection, record, original);
    events::agree(chain, &mut event).await?;
    Ok(Some(event.into_parts().record))
}

async fn in_transaction(call: &Call, record: Record, guard: Statement, agreed: Agreed) -> Result<()> {
    let collection = Arc::clone(&record.collection);
    let record = call.db.read(&Default::default(), move |conn| allowed(conn, &collection, &guard)).await?;
    let step = Step::delete(record);
    if step.is_hooked(call) {
        let steps: write::Steps = Box::new(|call, record| Box::pin(go(call, record, agreed)));
        write::around(call, step.action, &mut step.event(call), FAILED, steps).await?;
    } else {
        go(call.clone(), step.record.clone(), agreed).await?;
    }
    step.finish(call).await;
    Ok(())
}

/// Deletes a record with what depends on it: each of the others within its own hooks.
async fn go(call: Call, record: Record, mut agreed: Agreed) -> Result<Record> {
    let (app, root) = (call.app.clone(), record.clone());
    let find = move |conn: &Conn<'_>| Ok((planned(&app, conn, root.clone())?, changelog::last(conn)?));
    let (plan, last) = call.db.read(&Default::default(), find).await.map_err(worded)?;
    // Somebody may have come to depend on it since the hooks were asked.
    agreed.ask(&call, &plan).await?;
    let is_alone = plan.deletes.len() == 1;
    let mut steps = agreed.steps(plan, &record).into_iter().peekable();
    while let Some(step) = steps.next() {
        if step.is_hooked(&call) {
            step.within(&call).await?;
            continue;
        }
        // Those that nobody listens to go in one write.
        let mut together = vec![step];
        while let Some(step) = steps.next_if(|step| !step.is_hooked(&call)) {
            together.push(step);
        }
        let app = call.app.clone();
        let write = move |conn: &Conn<'_>| {
            together.iter_mut().try_for_each(|step| step.write(&app, conn))?;
            Ok(together)
        };
        let written = call.db.write(write).await.map_err(worded)?;
        for step in written.into_iter().filter(|step| !step.is_asked) {
            step.finish(&call).await;
        }
    }
    if !is_alone {
        call.db.write(move |conn| changelog::went_together(conn, last)).await?;
    }
    Ok(record)
}

/// What happens to one record.
struct Step {
    action: Action,
    record: Record,
    original: Option<Record>,
    /// Whether `before` hooks have changed more than the references.
    heard: bool,
    /// Whether it is the deletion that was asked for: it is within its hooks already.
    is_asked: bool,
}

impl Step {
    fn delete(record: Record) -> Self {
        Self { action: Action::Delete, record, original: None, heard: false, is_asked: false }
    }

    fn update((before, after): (Record, Record)) -> Self {
        Self { action: Action::Update, record: after, original: Some(before), heard: false, is_asked: false }
    }

    fn event(&self, call: &Call) -> events::RecordEvent {
        write::event(call, &self.record.collection, self.record.clone(), self.original.clone())
    }

    /// Whether it has to be written by itself.
    fn is_hooked(&self, call: &Call) -> bool {
        !self.is_asked && (self.heard || write::hears(call, self.action, &self.record.collection))
    }

    /// Writes it, over whatever hooks have written since it was planned.
    fn write(&mut self, app: &App, conn: &Conn) -> Result<()> {
        match &self.original {
            Some(before) => {
                self.record = cascade::update_now(conn, app.planner(), &app.schema(), before, &self.record)?;
                Ok(())
            }
            None => cascade::delete(conn, &self.record),
        }
    }

    /// Writes it within its hooks.
    async fn within(mut self, call: &Call) -> Result<()> {
        let (action, mut event, app) = (self.action, self.event(call), call.app.clone());
        let work: write::Work = match self.original {
            Some(before) if self.heard => update::by_the_way(call, before, self.record)?,
            _ => Box::new(move |conn, _| self.write(&app, conn).map(|()| self.record)),
        };
        write::within(call, action, &mut event, FAILED, work).await?;
        write::finish(call, Outcome { action, event, held: Held::default() }).await;
        Ok(())
    }

    async fn finish(self, call: &Call) {
        let event = self.event(call);
        write::finish(call, Outcome { action: self.action, event, held: Held::default() }).await;
    }
}
