//! Rules tried out: for superusers only.

use std::{collections::BTreeMap, sync::Arc};

use axum::{body::Body, response::Response};
use serde_json::{Map, Value as Json};

use super::{
    body::{self, Sent, UNREADABLE, Values},
    extract::Asked,
};
use crate::{
    Error, FieldError, Result, limits,
    query::Context,
    schema::{Collection, Record},
    service::{
        RequestInfo, records,
        trial::{self, Action, Draft, Trial},
    },
};

const REFUSED: &str = "An error occurred while validating the submitted data.";

/// Whether a rule, filter or sort can be evaluated.
pub(super) async fn check(asked: Asked, body: Body) -> Result<Response> {
    asked.needs_superuser()?;
    let sent = read(&asked, body).await?;
    let draft = match sent.get("collection") {
        Some(Json::String(name)) => Draft::Stored(name.clone()),
        Some(Json::Object(sent)) => Draft::Sent(sent.clone()),
        _ => return Err(missing("collection")),
    };
    asked.answer(trial::check_rule(&asked, draft, &sent.text("rule")?, &sent.text("text")?).await?)
}

/// What a rule says about somebody who wants to do something.
pub(super) async fn try_rule(asked: Asked, body: Body) -> Result<Response> {
    asked.needs_superuser()?;
    let sent = read(&asked, body).await?;
    let Some(action) = Action::named(&sent.text("action")?) else {
        let message = "Must be list, view, create, update, delete, auth or manage.";
        return Err(refused("action", FieldError::new("validation_in_invalid", message)));
    };
    let collection = found(&asked, "collection", &sent.text("collection")?)?;
    let rule = match sent.data.get("rule") {
        None => None,
        Some(Json::Null) => Some(None),
        Some(_) => Some(Some(sent.text("rule")?)),
    };
    let trial = Trial {
        info: request(&asked, &sent, action).await?,
        collection,
        action,
        record: sent.text("record")?,
        body: object(&sent, "body")?,
        rule,
        filter: sent.text("filter")?,
        sort: sent.text("sort")?,
    };
    asked.answer(trial::try_rule(&asked, trial).await?)
}

/// The request as rules would see it.
async fn request(asked: &Asked, sent: &Sent, action: Action) -> Result<RequestInfo> {
    let context = match sent.text("context")?.as_str() {
        "" if action == Action::Auth => Context::Password,
        "" => Context::Default,
        name => Context::named(name)
            .ok_or_else(|| refused("context", FieldError::new("validation_in_invalid", "Must be a valid value.")))?,
    };
    let method = match sent.text("method")?.as_str() {
        "" => action.method().to_owned(),
        method => method.to_ascii_uppercase(),
    };
    let headers = texts(sent, "headers")?;
    let named = |(name, value): (String, String)| (name.to_ascii_lowercase().replace('-', "_"), value);
    Ok(RequestInfo {
        context,
        method,
        query: texts(sent, "query")?,
        headers: headers.into_iter().map(named).collect(),
        auth: caller(asked, sent).await?,
        ..RequestInfo::default()
    })
}

/// Who is to be asked for; `None`: a guest.
async fn caller(asked: &Asked, sent: &Sent) -> Result<Option<Arc<Record>>> {
    let account = object(sent, "as")?;
    if account.is_empty() {
        return Ok(None);
    }
    let text = |key: &str| account.get(key).and_then(Json::as_str).unwrap_or_default();
    let unknown = || refused("as", FieldError::new("validation_missing_record", "There is no such account."));
    let collection = asked.schema().find(text("collection")).filter(|found| found.is_auth()).cloned();
    let collection = collection.ok_or_else(unknown)?;
    let db = asked.store().db();
    let record = records::find(&db, asked.planner(), &asked.schema(), &collection, text("id")).await?;
    Ok(Some(Arc::new(record.ok_or_else(unknown)?)))
}

fn found(asked: &Asked, key: &str, name: &str) -> Result<Arc<Collection>> {
    if name.is_empty() {
        return Err(missing(key));
    }
    let message = "There is no collection with this name or id.";
    let unknown = || refused(key, FieldError::new("validation_missing_collection", message));
    asked.schema().find(name).cloned().ok_or_else(unknown)
}

fn object(sent: &Sent, key: &str) -> Result<Map<String, Json>> {
    match sent.get(key) {
        None | Some(Json::Null) => Ok(Map::new()),
        Some(Json::Object(object)) => Ok(object.clone()),
        Some(_) => Err(Error::invalid(UNREADABLE)),
    }
}

/// Names and their values; what is no text is meant as it is written.
fn texts(sent: &Sent, key: &str) -> Result<BTreeMap<String, String>> {
    let text = |(name, value): (String, Json)| match value {
        Json::String(text) => (name, text),
        other => (name, other.to_string()),
    };
    Ok(object(sent, key)?.into_iter().map(text).collect())
}

fn missing(key: &str) -> Error {
    refused(key, FieldError::required())
}

fn refused(key: &str, error: FieldError) -> Error {
    Error::invalid(REFUSED).field(key, error)
}

async fn read(asked: &Asked, body: Body) -> Result<Sent> {
    body::read(asked, body, limits::BODY_MAX_BYTES, Values::Inferred, UNREADABLE).await
}
