//! Creating and changing one collection.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::{
    change::{Change, Saved},
    rules, shown,
};
use crate::{
    Error, FieldError, FieldErrors, Result, clock,
    schema::{Collection, Schema, check},
    service::{App, settings, views},
};

const BAD_FORMAT: &str = "Failed to load the submitted data due to invalid formatting.";
const CREATE_FAILED: &str = "Failed to create collection.";
const UPDATE_FAILED: &str = "Failed to update collection.";

/// Creates a collection; returns it as JSON.
///
/// # Errors
/// `Invalid`: the body is not a collection, or something in it is refused; errors per property.
pub async fn create(app: &App, body: Map<String, Json>) -> Result<Vec<u8>> {
    let _lock = app.schema_lock().await;
    let schema = app.schema();
    let mut new = decode(&body).map_err(|error| kept(error, CREATE_FAILED))?;
    new.complete(None, &schema);
    new.created = clock::now_text();
    new.updated.clone_from(&new.created);
    save(app, schema, None, new, CREATE_FAILED).await
}

/// Changes a collection; returns it as JSON.
///
/// # Errors
/// - `NotFound`: there is none with this id or name, or the body has another id.
/// - `Invalid`: the body is not a collection, or something in it is refused; errors per property.
pub async fn update(app: &App, id_or_name: &str, body: Map<String, Json>) -> Result<Vec<u8>> {
    let _lock = app.schema_lock().await;
    let schema = app.schema();
    let old = Arc::clone(schema.find(id_or_name).ok_or_else(Error::not_found)?);
    let mut new = merge(&old, &body).map_err(|error| kept(error, UPDATE_FAILED))?;
    if new.id != old.id {
        return Err(Error::not_found());
    }
    new.complete(Some(&old), &schema);
    new.created.clone_from(&old.created);
    new.updated = clock::now_text();
    let saved = save(app, Arc::clone(&schema), Some(old), new, UPDATE_FAILED).await?;
    relabel_limits(app, &schema).await;
    Ok(saved)
}

/// Rate limits name a collection's actions by its name: `posts:create`. They follow it from what it was called `before`, all at the same
/// time: names may go from one to another. The collections are renamed already, so a failure is only logged.
pub(in crate::service) async fn relabel_limits(app: &App, before: &Schema) {
    let after = app.schema();
    let renamed = |name: &str| {
        let old = before.find(name).filter(|old| old.name == name)?;
        after.by_id(&old.id).map(|new| new.name.clone()).filter(|new| new != name)
    };
    let mut settings = app.settings().as_ref().clone();
    let mut is_changed = false;
    for rule in &mut settings.rate_limits.rules {
        let Some((name, action)) = rule.label.split_once(':') else { continue };
        if let Some(new) = renamed(name) {
            rule.label = format!("{new}:{action}");
            is_changed = true;
        }
    }
    if is_changed && let Err(error) = settings::save(app, settings).await {
        tracing::error!(?error, "the rate limits of renamed collections kept their old names");
    }
}

/// A collection from what was sent.
pub(super) fn decode(body: &Map<String, Json>) -> Result<Collection> {
    Collection::from_json(body).map_err(unreadable)
}

/// A stored collection with what was sent over it.
pub(super) fn merge(old: &Collection, body: &Map<String, Json>) -> Result<Collection> {
    old.merge(body).map_err(unreadable)
}

fn unreadable(error: Error) -> Error {
    Error::invalid(BAD_FORMAT).fields(error.field_errors().clone()).caused_by(error)
}

/// A property that could be read but is refused is a failed save, not bad formatting.
fn kept(error: Error, failed: &str) -> Error {
    if error.field_errors().is_empty() { error } else { error.message_set(failed) }
}

async fn save(
    app: &App,
    before: Arc<Schema>,
    old: Option<Arc<Collection>>,
    mut new: Collection,
    failed: &'static str,
) -> Result<Vec<u8>> {
    let mut errors = FieldErrors::new();
    if new.is_view() {
        errors = derive(app, &before, old.as_deref(), &mut new).await?;
    }
    let id = new.id.clone();
    let change = Change { before, saved: vec![Saved { old, new: Arc::new(new) }], removed: Vec::new(), by_hand: true };
    let target = change.target();
    for saved in &change.saved {
        errors.merge(check::check(&saved.new, saved.old.as_deref(), &target));
        errors.merge(rules::check(app.planner(), &target, &saved.new));
    }
    if !errors.is_empty() {
        return Err(Error::invalid(failed).fields(errors));
    }
    let schema = change.make(app, |_, _| Ok(())).await.map_err(|failure| failure.into_error(failed))?;
    let saved = schema.by_id(&id).ok_or_else(Error::not_found)?;
    Ok(shown::bytes(saved))
}

/// Gives a view the fields of its query; returns what is wrong with the query.
async fn derive(
    app: &App,
    schema: &Arc<Schema>,
    old: Option<&Collection>,
    new: &mut Collection,
) -> Result<FieldErrors> {
    new.fields.clear();
    if new.view_query.trim().is_empty() {
        // Its absence is reported with everything else that is missing.
        return Ok(FieldErrors::new());
    }
    match views::plan_now(app, schema, &new.view_query).await {
        Ok(plan) => {
            new.fields = views::keep_ids(plan.fields, old.map_or(&[], |old| old.fields.as_slice()));
            Ok(FieldErrors::new())
        }
        Err(error) => {
            let reason = views::reason(&error);
            let mut errors = FieldErrors::new();
            if reason.starts_with(views::MISSING_ID) {
                let message = "Missing or invalid \"id\" PK field.";
                errors.add("fields", FieldError::new("validation_missing_primary_key", message));
            }
            let refusal = FieldError::new("validation_invalid_view_query", format!("Invalid query - {reason}"));
            errors.add("viewQuery", refusal);
            Ok(errors)
        }
    }
}
