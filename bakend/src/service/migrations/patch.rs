//! One changed collection: the parts of a step put onto the collection as it is here, or why they do not fit. Pure.

use serde_json::{Map, Value as Json};

use super::step::{CollectionJson, FieldStep, FromTo, IndexStep, Update};
use crate::schema::Collection;

/// The properties of a collection after a step, and whether anything in them differs from before.
#[derive(Debug)]
pub struct Patched {
    /// All properties that files hold.
    pub json: CollectionJson,
    /// Whether the collection was not like this already.
    pub is_changed: bool,
}

/// A collection after a step. What is already as the step makes it, stays; what is neither that nor what the step starts from is a conflict.
///
/// # Errors
/// The conflicts, each as a sentence.
pub fn patch(old: &Collection, step: &Update) -> Result<Patched, Vec<String>> {
    let before = CollectionJson::of(old);
    let mut json = before.clone();
    let mut conflicts = Vec::new();
    for (path, change) in &step.set {
        set(&mut json.0, path, change, &old.name, &mut conflicts);
    }
    let mut fields = objects(json.0.get("fields"));
    // The fields of a view follow from its query: what the step says of them can only keep their ids.
    let mut ignored = Vec::new();
    let noted = if old.is_view() { &mut ignored } else { &mut conflicts };
    patch_fields(&mut fields, step, &old.name, noted);
    json.0.insert("fields".to_owned(), fields.into_iter().map(Json::Object).collect());
    let mut indexes = old.indexes.clone();
    for index in &step.indexes {
        match index {
            IndexStep::Remove(text) => indexes.retain(|other| other != text),
            IndexStep::Add(text) if !indexes.contains(text) => indexes.push(text.clone()),
            IndexStep::Add(_) => {}
        }
    }
    json.0.insert("indexes".to_owned(), indexes.into());
    if conflicts.is_empty() {
        let is_changed = json != before;
        Ok(Patched { json, is_changed })
    } else {
        Err(conflicts)
    }
}

/// Sets a value at a path when it is what the change starts from.
fn set(json: &mut Map<String, Json>, path: &str, change: &FromTo, place: &str, conflicts: &mut Vec<String>) {
    let Some(slot) = slot(json, path) else {
        conflicts.push(format!("{place}.{path}: a part of it is no object here"));
        return;
    };
    if same(slot, &change.from) {
        *slot = change.to.clone();
    } else if !same(slot, &change.to) {
        conflicts
            .push(format!("{place}.{path} is {slot} here, the migration goes from {} to {}", change.from, change.to));
    }
}

/// The value at a path of keys; `null` is put where there is none.
fn slot<'a>(json: &'a mut Map<String, Json>, path: &str) -> Option<&'a mut Json> {
    match path.split_once('.') {
        None => Some(json.entry(path).or_insert(Json::Null)),
        Some((first, rest)) => {
            let inner = json.entry(first).or_insert_with(|| Json::Object(Map::new()));
            slot(inner.as_object_mut()?, rest)
        }
    }
}

/// Whether two values are the same, however a number is written.
fn same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| same(one, other)))
        }
        _ => one == other,
    }
}

fn patch_fields(fields: &mut Vec<Map<String, Json>>, step: &Update, place: &str, conflicts: &mut Vec<String>) {
    let mut added = Vec::new();
    for one in &step.fields {
        match one {
            FieldStep::Remove { remove, .. } => {
                let Some(at) = position(fields, text(remove, "id")) else { continue };
                let (here, there) = (text(&fields[at], "type"), text(remove, "type"));
                if here == there {
                    fields.remove(at);
                } else {
                    let name = text(remove, "name");
                    conflicts
                        .push(format!("{place}.{name} is a {here} field here, the migration removes a {there} field"));
                }
            }
            FieldStep::Change { change, id, set: parts } => match position(fields, id) {
                Some(at) => {
                    for (path, part) in parts {
                        set(&mut fields[at], path, part, &format!("{place}.{change}"), conflicts);
                    }
                }
                None => conflicts.push(format!("{place} has no field {change} ({id}) here")),
            },
            FieldStep::Add { add, at } => added.push((at, add)),
        }
    }
    if let Some(order) = &step.field_order {
        let place =
            |field: &Map<String, Json>| order.to.iter().position(|id| id == text(field, "id")).unwrap_or(usize::MAX);
        fields.sort_by_key(place);
    }
    for (at, add) in added {
        insert(fields, *at, add, place, conflicts);
    }
}

fn insert(
    fields: &mut Vec<Map<String, Json>>,
    at: usize,
    add: &Map<String, Json>,
    place: &str,
    conflicts: &mut Vec<String>,
) {
    let (id, name) = (text(add, "id"), text(add, "name"));
    if let Some(here) = position(fields, id) {
        if !same(&Json::Object(fields[here].clone()), &Json::Object(add.clone())) {
            conflicts.push(format!(
                "{place} has a field {id} here already, and another one than the migration adds as {name}"
            ));
        }
        return;
    }
    if fields.iter().any(|field| text(field, "name").eq_ignore_ascii_case(name)) {
        conflicts.push(format!("{place} has a field {name} here already, under another id than {id}"));
        return;
    }
    fields.insert(at.min(fields.len()), add.clone());
}

fn position(fields: &[Map<String, Json>], id: &str) -> Option<usize> {
    fields.iter().position(|field| text(field, "id") == id)
}

fn text<'a>(json: &'a Map<String, Json>, key: &str) -> &'a str {
    json.get(key).and_then(Json::as_str).unwrap_or_default()
}

fn objects(list: Option<&Json>) -> Vec<Map<String, Json>> {
    list.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_object).cloned().collect()
}
