//! What the collections would be if the applied migrations were all that ever happened, and what the database has beyond that. Pure.

use std::{collections::HashSet, sync::Arc};

use super::{
    diff::diff,
    file,
    plan::{Unlisted, phases, plan},
    step::{CollectionJson, Snapshot, Step},
};
use crate::{
    Result,
    schema::{Schema, system},
    store::system::AppliedFile,
};

/// What the database has beyond its migrations.
#[derive(Clone, Debug, PartialEq)]
pub enum Ahead {
    /// The steps from what the migrations make to what is there; empty: nothing.
    Of(Vec<Step>),
    /// The migrations do not lead to one state; why.
    Unknown(String),
}

/// What a database has beyond the migrations that were applied to it. What bakend itself needs does not count, nor do the collections named
/// in `except` (in lower case): code describes those.
pub(super) fn ahead(applied: &[AppliedFile], actual: &Schema, except: &HashSet<String>) -> Ahead {
    let expected = match replay(applied) {
        Ok(expected) => expected,
        Err(error) => return Ahead::Unknown(error.message().to_owned()),
    };
    let own: HashSet<String> = system::collections().into_iter().filter(|one| one.system).map(|one| one.id).collect();
    let counts = |step: &Step| {
        let (id, name) = match step {
            Step::Create(step) => (step.create.id(), step.create.name()),
            Step::Update(step) => (step.id.as_str(), step.update.as_str()),
            Step::Delete(step) => (step.delete.id(), step.delete.name()),
            Step::Sql(_) | Step::Snapshot(_) => return true,
        };
        !own.contains(id) && !except.contains(&name.to_lowercase())
    };
    Ahead::Of(diff(&expected, actual).into_iter().filter(counts).collect())
}

/// The collections after these migrations, started from an empty database. Nothing before the last snapshot matters.
fn replay(applied: &[AppliedFile]) -> Result<Arc<Schema>> {
    let all = applied.iter().map(|one| file::read(&one.name, &one.text)).collect::<Result<Vec<_>>>()?;
    let is_snapshot = |steps: &Vec<Step>| steps.iter().any(|step| matches!(step, Step::Snapshot(_)));
    let start = all.iter().rposition(is_snapshot).unwrap_or(0);
    let mut now = Arc::new(fresh());
    for steps in &all[start..] {
        for phase in phases(steps) {
            now = Arc::new(plan(&now, phase, Unlisted::Dropped, &HashSet::new())?.target());
        }
    }
    Ok(now)
}

/// The collections of an empty database.
fn fresh() -> Schema {
    Schema::new(0, system::collections().into_iter().map(Arc::new).collect())
}

/// All collections as one step; of those that bakend itself needs only what somebody changed.
pub(super) fn snapshot(schema: &Schema) -> Step {
    let fresh = fresh();
    let is_own = |one: &crate::schema::Collection| {
        one.system && fresh.by_id(&one.id).is_some_and(|fresh| super::diff::update(fresh, one).is_none())
    };
    let listed = schema.collections().iter().filter(|one| !is_own(one)).map(|one| CollectionJson::of(one));
    Step::Snapshot(Snapshot { snapshot: listed.collect() })
}
