//! The difference between two states of the collections, as steps of a migration. Pure.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::step::{CollectionJson, Create, Delete, FieldOrder, FieldStep, FromTo, IndexStep, Step, Update};
use crate::schema::{Collection, Field, Schema};

/// Properties that have parts of their own in a step.
const APART: [&str; 3] = ["id", "fields", "indexes"];

/// The steps from `before` to `after`: what gives its name to another, what comes, what changes, what goes; a collection is the same when its
/// id is. Secrets and moments do not count.
pub fn diff(before: &Schema, after: &Schema) -> Vec<Step> {
    let (mut first, mut steps, mut last) = (Vec::new(), Vec::new(), Vec::new());
    let is_new = |one: &&std::sync::Arc<Collection>| before.by_id(&one.id).is_none();
    for new in after.collections().iter().filter(is_new) {
        steps.push(Step::Create(Create { create: CollectionJson::of(new), if_missing: false }));
    }
    let gives = |old: &Collection| {
        let mut others = after.collections().iter().filter(|new| new.id != old.id);
        others.any(|new| new.name.eq_ignore_ascii_case(&old.name))
    };
    for new in after.collections() {
        let Some(old) = before.by_id(&new.id) else { continue };
        let order = if gives(old) { &mut first } else { &mut last };
        order.extend(update(old, new).map(Step::Update));
    }
    for old in before.collections().iter().filter(|old| after.by_id(&old.id).is_none()) {
        let order = if gives(old) { &mut first } else { &mut last };
        order.push(Step::Delete(Delete { delete: CollectionJson::of(old) }));
    }
    first.append(&mut steps);
    first.append(&mut last);
    first
}

/// What changes from one form of a collection to another; `None`: nothing. Fields are the same when their ids are.
pub fn update(old: &Collection, new: &Collection) -> Option<Update> {
    let mut set = BTreeMap::new();
    let (before, after) = (CollectionJson::of(old).0, CollectionJson::of(new).0);
    changed("", &without(before, &APART), &without(after, &APART), &mut set);
    let (fields, field_order) = fields(&old.fields, &new.fields);
    let gone = old.indexes.iter().filter(|index| !new.indexes.contains(index)).cloned().map(IndexStep::Remove);
    let come = new.indexes.iter().filter(|index| !old.indexes.contains(index)).cloned().map(IndexStep::Add);
    let indexes: Vec<_> = gone.chain(come).collect();
    if set.is_empty() && fields.is_empty() && field_order.is_none() && indexes.is_empty() {
        return None;
    }
    let (update, id) = (old.name.clone(), old.id.clone());
    Some(Update { update, id, if_exists: false, set, fields, field_order, indexes })
}

fn without(mut json: Map<String, Json>, keys: &[&str]) -> Map<String, Json> {
    keys.iter().for_each(|key| drop(json.remove(*key)));
    json
}

/// Notes every value that differs under its path; objects are looked into, lists are values.
fn changed(path: &str, before: &Map<String, Json>, after: &Map<String, Json>, set: &mut BTreeMap<String, FromTo>) {
    let gone = before.keys().filter(|key| !after.contains_key(*key));
    for key in after.keys().chain(gone) {
        let at = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match (before.get(key), after.get(key)) {
            (Some(Json::Object(before)), Some(Json::Object(after))) => changed(&at, before, after, set),
            (from, to) if from != to => {
                let value = |json: Option<&Json>| json.cloned().unwrap_or_default();
                set.insert(at, FromTo { from: value(from), to: value(to) });
            }
            _ => {}
        }
    }
}

fn fields(old: &[Field], new: &[Field]) -> (Vec<FieldStep>, Option<FieldOrder>) {
    let same = |list: &[Field], id: &str| list.iter().any(|field| field.id == id);
    let mut steps = Vec::new();
    for (at, field) in old.iter().enumerate().filter(|(_, field)| !same(new, &field.id)) {
        steps.push(FieldStep::Remove { remove: field.to_json_object(), at });
    }
    for (at, field) in new.iter().enumerate() {
        match old.iter().find(|before| before.id == field.id) {
            None => steps.push(FieldStep::Add { add: field.to_json_object(), at }),
            Some(before) => {
                let mut set = BTreeMap::new();
                changed("", &before.to_json_object(), &field.to_json_object(), &mut set);
                if !set.is_empty() {
                    steps.push(FieldStep::Change { change: before.name.clone(), id: field.id.clone(), set });
                }
            }
        }
    }
    let kept = |list: &[Field], other: &[Field]| -> Vec<String> {
        list.iter().filter(|field| same(other, &field.id)).map(|field| field.id.clone()).collect()
    };
    let (from, to) = (kept(old, new), kept(new, old));
    let order = (from != to).then_some(FieldOrder { from, to });
    (steps, order)
}
