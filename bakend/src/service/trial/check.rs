//! Whether a rule, filter or sort can be evaluated, while it is being written.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::wrong_json;
use crate::{
    Error, FieldError, Result,
    query::{Text, wrong_in},
    schema::{Collection, Schema},
    service::{
        App,
        collections::change::{Change, Saved},
        views,
    },
};

/// Of which collection the text is.
#[derive(Clone, Debug)]
pub enum Draft {
    /// A stored one, by its name or id.
    Stored(String),
    /// One that is not saved yet, as it would be sent; with the id of a stored one: a change of that.
    Sent(Map<String, Json>),
}

/// Kinds of texts by their names in the API.
const TEXTS: [(&str, Text); 10] = [
    ("listRule", Text::Rule),
    ("viewRule", Text::Rule),
    ("createRule", Text::Rule),
    ("updateRule", Text::Rule),
    ("deleteRule", Text::Rule),
    ("authRule", Text::Rule),
    ("manageRule", Text::Rule),
    ("mfa.rule", Text::Rule),
    ("filter", Text::Filter),
    ("sort", Text::Sort),
];

const REFUSED: &str = "An error occurred while validating the submitted data.";

/// `{"ok":true}`, or what is wrong and where.
///
/// # Errors
/// `Invalid`: with field errors, there is no such kind of text or no such collection; or the draft cannot be read.
pub async fn check_rule(app: &App, draft: Draft, kind: &str, text: &str) -> Result<Vec<u8>> {
    let Some((_, kind)) = TEXTS.iter().find(|(name, _)| *name == kind) else {
        let error = FieldError::new("validation_in_invalid", "Must be the name of a rule, \"filter\" or \"sort\".");
        return Err(Error::invalid(REFUSED).field("rule", error));
    };
    let (schema, collection) = match draft {
        Draft::Stored(name) => {
            let schema = app.schema();
            let collection = schema.find(&name).cloned().ok_or_else(unknown)?;
            (schema, collection)
        }
        Draft::Sent(sent) => drafted(app, &sent).await?,
    };
    let answer = match wrong_in(&schema, &collection, *kind, text) {
        None => serde_json::json!({ "ok": true }),
        Some(wrong) => wrong_json(text, &wrong),
    };
    Ok(answer.to_string().into_bytes())
}

pub(super) fn unknown() -> Error {
    let error = FieldError::new("validation_missing_collection", "There is no collection with this name or id.");
    Error::invalid(REFUSED).field("collection", error)
}

/// The collections as they would be with a draft.
async fn drafted(app: &App, sent: &Map<String, Json>) -> Result<(Arc<Schema>, Arc<Collection>)> {
    let before = app.schema();
    let id = sent.get("id").and_then(Json::as_str).unwrap_or_default();
    let old = before.by_id(id).cloned();
    let read = match &old {
        Some(old) => old.merge(sent),
        None => Collection::from_json(sent),
    };
    let mut new = read.map_err(|error| {
        Error::invalid("The draft of the collection cannot be read.")
            .fields(error.field_errors().clone())
            .caused_by(error)
    })?;
    new.complete(old.as_deref(), &before);
    if new.is_view()
        && !new.view_query.trim().is_empty()
        && let Ok(plan) = views::plan_now(app, &before, &new.view_query).await
    {
        // A query that does not run yet leaves the fields that the view had.
        new.fields = views::keep_ids(plan.fields, &new.fields);
    }
    let new = Arc::new(new);
    let saved = vec![Saved { old, new: Arc::clone(&new) }];
    let change = Change { before, saved, removed: Vec::new(), by_hand: false };
    Ok((Arc::new(change.target()), new))
}
