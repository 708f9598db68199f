//! Steps put onto the collections as they are here: the change they amount to, or why they cannot be done. Pure.

use std::{collections::HashSet, sync::Arc};

use serde_json::Value as Json;

use super::{
    diff,
    patch::patch,
    step::{CollectionJson, Create, Delete, Snapshot, Step, Update},
};
use crate::{
    Error, Kind, Result, clock,
    schema::{Collection, Field, FieldKind, Schema},
    service::collections::change::{Change, Saved},
};

/// What becomes of fields that a snapshot does not list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unlisted {
    /// They stay: they may hold somebody's data.
    Kept,
    /// They go, and collections too: the question is what the files say.
    Dropped,
}

/// Steps that can be done at once: each SQL alone, and steps about collections as long as none is about one that an earlier one is about.
pub(super) fn phases(steps: &[Step]) -> Vec<&[Step]> {
    let mut phases = Vec::new();
    let (mut start, mut touched) = (0, HashSet::new());
    for (at, step) in steps.iter().enumerate() {
        let ids = ids(step);
        let is_alone = ids.is_empty() || steps[start..at].iter().any(|one| !one.is_of_collections());
        if at > start && (is_alone || ids.iter().any(|id| touched.contains(id))) {
            phases.push(&steps[start..at]);
            (start, touched) = (at, HashSet::new());
        }
        touched.extend(ids);
    }
    if start < steps.len() {
        phases.push(&steps[start..]);
    }
    phases
}

/// The ids of the collections that a step is about.
fn ids(step: &Step) -> Vec<&str> {
    match step {
        Step::Create(step) => vec![step.create.id()],
        Step::Update(step) => vec![&step.id],
        Step::Delete(step) => vec![step.delete.id()],
        Step::Snapshot(step) => step.snapshot.iter().map(CollectionJson::id).collect(),
        Step::Sql(_) => Vec::new(),
    }
}

/// The change that steps about collections amount to; it may be empty, when everything is as they make it. The collections whose ids are in
/// `finished` are in the last form of the code already: steps that say so (`ifExists`) leave them alone.
///
/// # Errors
/// - `Conflict`: the collections here are neither what a step starts from nor what it ends with; the message lists where.
/// - `Invalid`: a step holds no collection that can be read.
pub(super) fn plan(
    before: &Arc<Schema>,
    steps: &[Step],
    unlisted: Unlisted,
    finished: &HashSet<String>,
) -> Result<Change> {
    let mut draft = Draft { before, unlisted, finished, saved: Vec::new(), removed: Vec::new(), conflicts: Vec::new() };
    for step in steps {
        match step {
            Step::Create(step) => draft.create(step)?,
            Step::Update(step) => draft.update(step)?,
            Step::Delete(step) => draft.delete(step),
            Step::Snapshot(step) => draft.snapshot(step)?,
            Step::Sql(_) => {}
        }
    }
    draft.finish()
}

struct Draft<'a> {
    before: &'a Arc<Schema>,
    unlisted: Unlisted,
    finished: &'a HashSet<String>,
    saved: Vec<Saved>,
    removed: Vec<Arc<Collection>>,
    conflicts: Vec<String>,
}

impl Draft<'_> {
    fn create(&mut self, step: &Create) -> Result<()> {
        let mut new = Collection::from_json(&step.create.0).map_err(|error| unreadable(&step.create, &error))?;
        new.complete(None, self.before);
        match self.before.by_id(&new.id) {
            None => self.save(None, new),
            Some(_) if step.if_missing => {}
            Some(here) => {
                let differences = diff::update(here, &new).filter(|_| !here.is_view());
                if let Some(difference) = differences {
                    let name = &new.name;
                    self.conflicts
                        .push(format!("the collection {name} is here already, but not as the migration creates it"));
                    self.conflicts.extend(
                        super::describe::update(&difference).into_iter().map(|line| format!("  {}", line.text)),
                    );
                }
            }
        }
        Ok(())
    }

    fn update(&mut self, step: &Update) -> Result<()> {
        let Some(old) = self.before.by_id(&step.id).cloned() else {
            if !step.if_exists {
                self.conflicts.push(format!("there is no collection {} ({}) here", step.update, step.id));
            }
            return Ok(());
        };
        if step.if_exists && self.finished.contains(&step.id) {
            return Ok(());
        }
        match patch(&old, step) {
            Ok(patched) if !patched.is_changed => {}
            Ok(patched) => {
                let mut new = old.merge(&patched.json.0).map_err(|error| unreadable(&patched.json, &error))?;
                new.complete(Some(&old), self.before);
                self.save(Some(old), new);
            }
            Err(conflicts) => self.conflicts.extend(conflicts),
        }
        Ok(())
    }

    fn delete(&mut self, step: &Delete) {
        let Some(old) = self.before.by_id(step.delete.id()) else { return };
        if old.system {
            self.conflicts.push(format!("bakend itself needs the collection {}", old.name));
        } else {
            self.removed.push(Arc::clone(old));
        }
    }

    fn snapshot(&mut self, step: &Snapshot) -> Result<()> {
        for listed in &step.snapshot {
            match self.before.by_id(listed.id()).cloned() {
                None => {
                    let mut new = Collection::from_json(&listed.0).map_err(|error| unreadable(listed, &error))?;
                    new.complete(None, self.before);
                    self.save(None, new);
                }
                Some(old) => {
                    let mut new = old.merge(&listed.0).map_err(|error| unreadable(listed, &error))?;
                    if self.unlisted == Unlisted::Kept && !old.is_view() {
                        keep_unlisted(&old, &mut new);
                    }
                    new.complete(Some(&old), self.before);
                    if diff::update(&old, &new).is_some() {
                        self.save(Some(old), new);
                    }
                }
            }
        }
        if self.unlisted == Unlisted::Dropped {
            let listed: HashSet<&str> = step.snapshot.iter().map(CollectionJson::id).collect();
            let is_gone = |one: &&Arc<Collection>| !one.system && !listed.contains(one.id.as_str());
            self.removed.extend(self.before.collections().iter().filter(is_gone).cloned());
        }
        Ok(())
    }

    fn save(&mut self, old: Option<Arc<Collection>>, mut new: Collection) {
        new.updated = clock::now_text();
        new.created = old.as_ref().map_or_else(|| new.updated.clone(), |old| old.created.clone());
        let old = old.map(|old| Arc::new(retyped(&old, &new)));
        self.saved.push(Saved { old, new: Arc::new(new) });
    }

    /// Whether no step gives up the name of a collection.
    fn keeps_name(&self, here: &Collection) -> bool {
        let is_renamed = |saved: &Saved| saved.new.id == here.id && !saved.new.name.eq_ignore_ascii_case(&here.name);
        !self.removed.iter().any(|removed| removed.id == here.id) && !self.saved.iter().any(is_renamed)
    }

    fn finish(mut self) -> Result<Change> {
        self.saved.sort_by_key(|saved| saved.new.is_view());
        for new in self.saved.iter().filter(|saved| saved.old.is_none()).map(|saved| &saved.new) {
            if let Some(other) = self.before.find(&new.name).filter(|other| self.keeps_name(other)) {
                let (name, id, here) = (&new.name, &new.id, &other.id);
                self.conflicts
                    .push(format!("there is a collection {name} here already, with the id {here} instead of {id}"));
            }
        }
        let change =
            Change { before: Arc::clone(self.before), saved: self.saved, removed: self.removed, by_hand: false };
        let target = change.target();
        for gone in &change.removed {
            for (user, _, field) in target.references(&gone.id) {
                self.conflicts
                    .push(format!("{}.{} points at {}, which the migration deletes", user.name, field.name, gone.name));
            }
        }
        if self.conflicts.is_empty() { Ok(change) } else { Err(conflict(&self.conflicts)) }
    }
}

/// The old form with the new types of fields that keep their values: columns stay as they are, so that only their description changes. A
/// relation that points elsewhere is another field: it was removed and added again, and has the id that its name makes.
pub(super) fn retyped(old: &Collection, new: &Collection) -> Collection {
    let mut old = old.clone();
    for before in &mut old.fields {
        let Some(after) = new.fields.iter().find(|after| after.id == before.id) else { continue };
        match (&before.kind, &after.kind) {
            (FieldKind::Relation(from), FieldKind::Relation(to)) if from.collection_id != to.collection_id => {
                before.id += " before";
            }
            _ if keeps_values(before, after) => before.kind = after.kind.clone(),
            _ => {}
        }
    }
    old
}

/// Whether a field of another type holds the same column with the same values: names of files, hashes of passwords and the moments that the
/// server sets look like texts, but are none, nor is a text one of them.
pub(super) fn keeps_values(before: &Field, after: &Field) -> bool {
    let is_apart = |field: &Field| matches!(field.kind, FieldKind::File(_) | FieldKind::Password(_));
    let becomes_a_clock = matches!(after.kind, FieldKind::Autodate(_)) && !matches!(before.kind, FieldKind::Date(_));
    let same_column = before.column_type() == after.column_type();
    before.kind.name() != after.kind.name() && same_column && !is_apart(before) && !is_apart(after) && !becomes_a_clock
}

fn keep_unlisted(old: &Collection, new: &mut Collection) {
    for field in &old.fields {
        if !new.fields.iter().any(|listed| listed.id == field.id || listed.name.eq_ignore_ascii_case(&field.name)) {
            new.fields.push(field.clone());
        }
    }
}

fn conflict(conflicts: &[String]) -> Error {
    let list: String = conflicts.iter().map(|line| format!("\n  {line}")).collect();
    Error::new(Kind::Conflict, format!("The collections here are not what the migration starts from:{list}"))
}

fn unreadable(json: &CollectionJson, error: &Error) -> Error {
    let fields = match error.field_errors().to_json() {
        Json::Object(fields) if !fields.is_empty() => format!(" {}", Json::Object(fields)),
        _ => String::new(),
    };
    Error::invalid(format!("The collection {:?} cannot be read: {}{fields}", json.name(), error.message()))
}
