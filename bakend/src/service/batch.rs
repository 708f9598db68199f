//! Several record writes in one transaction.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::records::{self, Call, Deferred, Upload};
use crate::{
    Error, FieldError, FieldErrors, Result,
    query::{Context, RequestInfo},
    schema::Collection,
};

/// One write of a batch.
pub struct Request {
    /// `POST`, `PUT` (create or, when `body.id` exists, update), `PATCH` or `DELETE`.
    pub method: String,
    /// Path and query: `/api/collections/posts/records/ID?expand=author`.
    pub url: String,
    /// Headers that override those of the batch; lower-case names with `_` for `-`.
    pub headers: Vec<(String, String)>,
    /// The data.
    pub body: Map<String, Json>,
    /// Its files.
    pub uploads: Vec<Upload>,
}

/// What came of one write.
pub struct Answer {
    /// 200, or 204 when there is no body.
    pub status: u16,
    /// The record as JSON.
    pub body: Option<Vec<u8>>,
    /// The `fields` parameter of its URL.
    pub fields: String,
}

/// What went wrong in one write; the door knows how an answer looks.
pub type Describe = fn(&Error) -> Json;

/// Counts a write against the rate limits, by its method and URL, once it is known whether a `PUT` creates or updates.
pub type Count<'a> = &'a (dyn Fn(&str, &str) -> Result<()> + Sync);

/// Runs the writes in order, all or none.
///
/// # Errors
/// - `Invalid` with `data.requests.N`: that write failed, nothing was written.
/// - `Invalid`: the transaction took longer than its deadline.
pub async fn run(call: &Call, requests: Vec<Request>, describe: Describe, count: Count<'_>) -> Result<Vec<Answer>> {
    let limit = std::time::Duration::from_secs(call.app.settings().batch.timeout.max(1).unsigned_abs());
    let deferred = Deferred::default();
    let tx = call.db.begin_held().await?;
    let inner = Call { db: tx.db(), deferred: Some(deferred.clone()), ..call.clone() };
    let outcome = tokio::time::timeout(limit, tx.hold(run_all(&inner, requests, describe, count))).await;
    let outcome = outcome.unwrap_or_else(|_| Err(failed().caused_by("the batch took longer than its timeout")));
    deferred.ended(tx, outcome).await
}

fn failed() -> Error {
    Error::invalid("Batch transaction failed.")
}

/// What a batch answers when one of its writes failed.
pub(crate) fn failed_at(at: usize, error: Error, describe: Describe) -> Error {
    let mut leaf = FieldError::new("batch_request_failed", "Batch request failed.");
    leaf.response = Some(describe(&error));
    let errors = FieldErrors::one("requests", FieldErrors::one(at.to_string(), leaf));
    failed().fields(errors).caused_by(error)
}

async fn run_all(call: &Call, requests: Vec<Request>, describe: Describe, count: Count<'_>) -> Result<Vec<Answer>> {
    let mut answers = Vec::with_capacity(requests.len());
    for (at, request) in requests.into_iter().enumerate() {
        match run_one(call, request, count).await {
            Ok(answer) => answers.push(answer),
            Err(error) => return Err(failed_at(at, error, describe)),
        }
    }
    Ok(answers)
}

/// A URL of a write, taken apart.
struct Target {
    collection: String,
    id: Option<String>,
    query: Vec<(String, String)>,
}

impl Target {
    fn parse(url: &str) -> Option<Self> {
        let (path, query) = url.split_once('?').unwrap_or((url, ""));
        let mut parts = path.strip_prefix("/api/collections/")?.split('/');
        let collection = parts.next().filter(|name| !name.is_empty())?;
        if parts.next() != Some("records") {
            return None;
        }
        let id = parts.next();
        if id == Some("") || parts.next().is_some() {
            return None;
        }
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        Some(Self { collection: decoded(collection), id: id.map(decoded), query })
    }

    fn parameter(&self, name: &str) -> &str {
        let found = self.query.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    }
}

/// Percent-encoding undone; a `+` in a path is a plus.
fn decoded(part: &str) -> String {
    let pair = format!("x={}", part.replace('+', "%2B"));
    url::form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

async fn run_one(call: &Call, request: Request, count: Count<'_>) -> Result<Answer> {
    let target = Target::parse(&request.url).ok_or_else(|| Error::invalid(""))?;
    let schema = call.app.schema();
    let collection = schema
        .find(&target.collection)
        .ok_or_else(|| Error::new(crate::Kind::NotFound, "Missing collection context."))?;
    let call = &with_request(call, &request, &target);
    let expand = target.parameter("expand");
    let Request { method, url, body, uploads, .. } = request;
    let body = match (method.to_ascii_uppercase().as_str(), &target.id) {
        ("POST", None) => Some(records::create(call, collection, body, uploads, expand).await?),
        ("PUT", None) => {
            let path = url.split('?').next().unwrap_or_default();
            match known_id(call, collection, &body).await? {
                Some(id) => {
                    let encoded: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
                    count("PATCH", &format!("{path}/{encoded}"))?;
                    Some(records::update(call, collection, &id, body, uploads, expand).await?)
                }
                None => {
                    count("POST", path)?;
                    Some(records::create(call, collection, body, uploads, expand).await?)
                }
            }
        }
        ("PATCH", Some(id)) => Some(records::update(call, collection, id, body, uploads, expand).await?),
        ("DELETE", Some(id)) => {
            records::delete(call, collection, id).await?;
            None
        }
        _ => return Err(Error::invalid("")),
    };
    let status = if body.is_some() { 200 } else { 204 };
    Ok(Answer { status, body, fields: target.parameter("fields").to_owned() })
}

fn with_request(call: &Call, request: &Request, target: &Target) -> Call {
    let mut headers = call.info.headers.clone();
    let own = request.headers.iter().filter(|(name, _)| name != "authorization");
    headers.extend(own.cloned());
    let mut query = std::collections::BTreeMap::new();
    for (name, value) in &target.query {
        query.entry(name.clone()).or_insert_with(|| value.clone());
    }
    let info = RequestInfo {
        context: Context::Batch,
        method: request.method.to_ascii_uppercase(),
        query,
        headers,
        body: Map::new(),
        auth: call.info.auth.clone(),
        trusted: call.info.trusted,
        grant: call.info.grant.clone(),
    };
    Call { info: Arc::new(info), ..call.clone() }
}

/// The id of the record that a `PUT` updates, if there is one.
async fn known_id(call: &Call, collection: &Arc<Collection>, body: &Map<String, Json>) -> Result<Option<String>> {
    let Some(id) = body.get("id").and_then(Json::as_str).filter(|id| !id.is_empty()) else { return Ok(None) };
    let found = records::find(&call.db, call.app.planner(), &call.app.schema(), collection, id).await?;
    Ok(found.map(|_| id.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_record_urls_are_targets() {
        let target = Target::parse("/api/collections/a%20b/records/x?expand=c%2Cd&fields=id").expect("parses");
        assert_eq!((target.collection.as_str(), target.id.as_deref()), ("a b", Some("x")));
        assert_eq!((target.parameter("expand"), target.parameter("fields")), ("c,d", "id"));
        for url in ["", "/api/collections/a", "/api/collections//records", "/api/collections/a/records/b/c", "/x"] {
            assert!(Target::parse(url).is_none(), "{url}");
        }
    }
}
