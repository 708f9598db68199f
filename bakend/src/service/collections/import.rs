//! Importing a list of collections: created, merged over stored ones by id or name, or deleted when missing.

use std::{collections::HashSet, sync::Arc};

use serde_json::{Map, Value as Json};

use super::{
    change::{Change, Failure, Saved},
    rules,
    save::{decode, merge, relabel_limits},
};
use crate::{
    Error, FieldError, FieldErrors, Result, clock,
    schema::{Collection, Schema, check},
    service::{App, files},
};

const FAILED: &str = "Failed to import collections.";
const CODE: &str = "validation_collections_import_failure";

/// Imports `body.collections`; with `body.deleteMissing`, also deletes collections and fields that are not in the list.
/// All in one transaction.
///
/// # Errors
/// `Invalid`: the list is missing or empty, or one of the collections is refused; the error at `collections` says which and why.
pub async fn import(app: &App, body: &Map<String, Json>) -> Result<()> {
    let _lock = app.schema_lock().await;
    let change = asked(app.schema(), body)?;
    let target = change.target();
    for saved in change.saved.iter().filter(|saved| !saved.new.is_view()) {
        refuse(saved, check::check(&saved.new, saved.old.as_deref(), &target))?;
    }
    let removed = change.removed.clone();
    let saved = change.saved.clone();
    // Fields of views are known only now, so what depends on them is checked last.
    let check_all = move |app: &App, schema: &Schema| {
        for saved in &saved {
            let Some(new) = schema.by_id(&saved.new.id) else { continue };
            let mut errors = FieldErrors::new();
            if new.is_view() {
                errors = check::check(new, saved.old.as_deref(), schema);
            }
            errors.merge(rules::check(app.planner(), schema, new));
            refuse(saved, errors)?;
        }
        Ok(())
    };
    let before = Arc::clone(&change.before);
    change.make(app, check_all).await.map_err(explain)?;
    relabel_limits(app, &before).await;
    for collection in &removed {
        files::settle(app, files::Whose::Collection(collection.id.clone())).await;
    }
    Ok(())
}

/// The change that a body asks for.
///
/// # Errors
/// `Invalid`: the list is missing or empty, or cannot be read.
pub(super) fn asked(before: Arc<Schema>, body: &Map<String, Json>) -> Result<Change> {
    let delete_missing = body.get("deleteMissing").and_then(Json::as_bool).unwrap_or(false);
    planned(before, &sent(body)?, delete_missing)
}

fn sent(body: &Map<String, Json>) -> Result<Vec<Map<String, Json>>> {
    let unreadable = || Error::invalid("An error occurred while loading the submitted data.");
    let list = match body.get("collections") {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Array(list)) => list.clone(),
        Some(_) => return Err(unreadable()),
    };
    let objects = list.into_iter().map(|one| if let Json::Object(one) = one { Ok(one) } else { Err(unreadable()) });
    let objects = objects.collect::<Result<Vec<_>>>()?;
    if objects.is_empty() {
        let message = "An error occurred while validating the submitted data.";
        return Err(Error::invalid(message).field("collections", FieldError::required()));
    }
    Ok(objects)
}

fn planned(before: Arc<Schema>, sent: &[Map<String, Json>], delete_missing: bool) -> Result<Change> {
    let now = clock::now_text();
    let mut saved: Vec<Saved> = Vec::with_capacity(sent.len());
    for one in sent {
        let text = |key| one.get(key).and_then(Json::as_str).unwrap_or_default();
        let old =
            before.by_id(text("id")).or_else(|| before.find(text("name")).filter(|found| found.name == text("name")));
        let mut new = match old {
            Some(old) => merged(old, one, delete_missing),
            None => decode(one),
        }
        .map_err(unreadable)?;
        new.complete(old.map(Arc::as_ref), &before);
        new.updated.clone_from(&now);
        if old.is_none() {
            new.created.clone_from(&now);
        }
        if saved.iter().any(|other| other.new.id == new.id || other.new.name.eq_ignore_ascii_case(&new.name)) {
            return Err(not_saved(&new.name, "another collection of the list has this id or name"));
        }
        saved.push(Saved { old: old.cloned(), new: Arc::new(new) });
    }
    saved.sort_by_key(|saved| saved.new.is_view());
    let listed: HashSet<&str> = saved.iter().map(|saved| saved.new.id.as_str()).collect();
    let is_missing = |one: &&Arc<Collection>| delete_missing && !one.system && !listed.contains(one.id.as_str());
    let removed: Vec<_> = before.collections().iter().filter(is_missing).cloned().collect();
    Ok(Change { before, saved, removed, by_hand: true })
}

/// A stored collection with what was sent over it; stored fields stay unless missing ones are to be deleted, system fields always.
fn merged(old: &Collection, sent: &Map<String, Json>, delete_missing: bool) -> Result<Collection> {
    let mut sent = sent.clone();
    sent.insert("id".to_owned(), old.id.clone().into());
    if let Some(Json::Array(fields)) = sent.get_mut("fields") {
        let listed: HashSet<String> = fields.iter().filter_map(field_id).collect();
        let stored = old.to_stored_json();
        let stored = stored.get("fields").and_then(Json::as_array).cloned().unwrap_or_default();
        let is_kept = |field: &Json| {
            let is_system = field.get("system").and_then(Json::as_bool).unwrap_or(false);
            (is_system || !delete_missing) && field_id(field).is_none_or(|id| !listed.contains(&id))
        };
        fields.extend(stored.into_iter().filter(is_kept));
    }
    merge(old, &sent)
}

/// The id of a field as sent, or the one it will get.
fn field_id(field: &Json) -> Option<String> {
    let text = |key| field.get(key).and_then(Json::as_str).unwrap_or_default();
    match text("id") {
        "" => Some(format!("{}{}", text("type"), crc32fast::hash(text("name").as_bytes()))),
        id => Some(id.to_owned()),
    }
}

fn refuse(saved: &Saved, errors: FieldErrors) -> Result<()> {
    if errors.is_empty() {
        return Ok(());
    }
    let list = serde_json::to_string_pretty(&plain(&errors)).map_err(Error::internal)?;
    let (name, id) = (&saved.new.name, &saved.new.id);
    Err(failed(format!("Data validations failed for collection \"{name}\" ({id}):\n{list}")))
}

/// Errors with their messages only.
fn plain(errors: &FieldErrors) -> Json {
    match errors {
        FieldErrors::Leaf(leaf) if is_general(leaf.code) => {
            rules::uncapitalised(leaf.message.trim_end_matches('.')).into()
        }
        FieldErrors::Leaf(leaf) if leaf.code == "validation_invalid_rule" => leaf.message.trim_end_matches('.').into(),
        FieldErrors::Leaf(leaf) => leaf.message.clone().into(),
        FieldErrors::Tree(tree) => tree.iter().map(|(name, errors)| (name.clone(), plain(errors))).collect(),
    }
}

/// Codes that are not about collections; PocketBase words these as parts of sentences.
fn is_general(code: &str) -> bool {
    const PREFIXES: [&str; 8] = [
        "validation_required",
        "validation_match_",
        "validation_in_",
        "validation_not_in_",
        "validation_length_",
        "validation_min_greater",
        "validation_max_less",
        "validation_nil",
    ];
    PREFIXES.iter().any(|prefix| code.starts_with(prefix))
}

fn failed(message: impl AsRef<str>) -> Error {
    Error::invalid(FAILED).field("collections", FieldError::new(CODE, message))
}

fn unreadable(error: Error) -> Error {
    let mut reason = &error as &dyn std::error::Error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    failed(format!("Failed to import the collections configuration. Raw error:\n{reason}")).caused_by(error)
}

fn not_saved(name: &str, reason: &str) -> Error {
    failed(format!(
        "Failed to import the collections configuration. Raw error:\nfailed to save collection \"{name}\": {reason}"
    ))
}

fn explain(failure: Failure) -> Error {
    if failure.error.message() == FAILED || failure.is_of_server() {
        return failure.error;
    }
    let fields = failure.error.field_errors().clone();
    if failure.is_saved && !fields.is_empty() {
        return Error::invalid(FAILED).fields(fields).caused_by(failure.error);
    }
    not_saved(&failure.collection, &failure.reason()).caused_by(failure.error)
}
