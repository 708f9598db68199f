//! Several record writes in one request.

use std::sync::Arc;

use axum::{body::Body, response::Response};
use serde_json::{Map, Value as Json};

use super::{
    body::{self, Sent, Values},
    extract::Asked,
    fields::{self, Shape},
    params::Params,
    rates, response,
};
use crate::{
    Error, FieldError, FieldErrors, Result, limits,
    service::{
        batch::{self, Answer, Request},
        records::{Call, Upload},
    },
};

const REFUSED: &str = "Invalid batch request data.";
const MALFORMED: &str = "Failed to read the submitted batch data.";
/// Methods that a write may name; which of them its URL takes is another question.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// Longest URL of a write, in characters. Source: PocketBase.
const URL_MAX_CHARS: usize = 2000;

pub(super) async fn run(asked: Asked, body: Body) -> Result<Response> {
    let settings = asked.settings();
    if !settings.batch.enabled {
        return Err(Error::forbidden("Batch requests are not allowed."));
    }
    let limit = usize::try_from(settings.batch.max_body_size).ok().filter(|limit| *limit > 0);
    let limit = limit.unwrap_or(limits::BATCH_BODY_MAX_BYTES);
    // Whose fields the files are for is known when the whole body is; its own limit bounds them until then.
    let sent = body::read_with_files(&asked, body, limit, Values::Texts, MALFORMED, &|_| u64::MAX).await?;
    let requests = requests(sent, settings.batch.max_requests)?;
    let mut info = asked.info();
    // Each write has its own URL and may have headers of its own, so all of them are at hand.
    info.headers = asked.header_map();
    // Those that turn out later to create or to update count then; the others before anything is begun.
    for (at, request) in requests.iter().enumerate().filter(|(_, request)| request.method != "PUT") {
        rates::check_inner(&asked, &request.method, &request.url)
            .map_err(|error| batch::failed_at(at, error, response::error_json))?;
    }
    let call = Call::new(&asked, Arc::new(info));
    let count = |method: &str, url: &str| rates::check_inner(&asked, method, url);
    let answers = batch::run(&call, requests, response::error_json, &count).await?;
    asked.answer(joined(answers)?)
}

/// `[{"body":…,"status":200},…]`.
fn joined(answers: Vec<Answer>) -> Result<Vec<u8>> {
    let mut out = vec![b'['];
    for (at, answer) in answers.into_iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.extend_from_slice(b"{\"body\":");
        match answer.body {
            Some(body) => out.extend(fields::pick(body, &answer.fields, Shape::Whole)?),
            None => out.extend_from_slice(b"null"),
        }
        out.extend_from_slice(format!(",\"status\":{}}}", answer.status).as_bytes());
    }
    out.push(b']');
    Ok(out)
}

fn requests(sent: Sent, max: i64) -> Result<Vec<Request>> {
    let list = match sent.get("requests") {
        None | Some(Json::Null) => &Vec::new(),
        Some(Json::Array(list)) => list,
        Some(_) => return Err(unreadable()),
    };
    if list.is_empty() {
        return Err(Error::invalid(REFUSED).field("requests", FieldError::required()));
    }
    if i64::try_from(list.len()).unwrap_or(i64::MAX) > max {
        let error = FieldError::new("validation_length_too_long", format!("The length must be no more than {max}."));
        return Err(Error::invalid(REFUSED).field("requests", error.with("max", max).with("min", 0)));
    }
    let mut requests = list.iter().map(request).collect::<Result<Vec<_>>>()?;
    let mut errors = FieldErrors::new();
    for (at, request) in requests.iter().enumerate() {
        let query = request.url.split_once('?').map(|(_, query)| query);
        fields::check(Params::parse(query).get("fields"))?;
        errors.add(at.to_string(), check(request));
    }
    if !errors.is_empty() {
        return Err(Error::invalid(REFUSED).field("requests", errors));
    }
    for upload in sent.uploads {
        if let Some((at, key)) = place(&upload.key)
            && let Some(request) = requests.get_mut(at)
        {
            request.uploads.push(Upload { key, ..upload });
        }
    }
    Ok(requests)
}

fn check(request: &Request) -> FieldErrors {
    let mut errors = FieldErrors::new();
    if request.method.is_empty() {
        errors.add("method", FieldError::required());
    } else if !METHODS.contains(&request.method.as_str()) {
        errors.add("method", FieldError::new("validation_in_invalid", "Must be a valid value."));
    }
    if request.url.is_empty() {
        errors.add("url", FieldError::required());
    } else if request.url.chars().count() > URL_MAX_CHARS {
        let message = format!("The length must be no more than {URL_MAX_CHARS}.");
        errors.add(
            "url",
            FieldError::new("validation_length_too_long", message).with("max", URL_MAX_CHARS).with("min", 0),
        );
    }
    errors
}

fn request(raw: &Json) -> Result<Request> {
    let raw = raw.as_object().ok_or_else(unreadable)?;
    let text = |name: &str| match raw.get(name) {
        None | Some(Json::Null) => Ok(String::new()),
        Some(Json::String(text)) => Ok(text.clone()),
        Some(_) => Err(unreadable()),
    };
    let object = |name: &str| match raw.get(name) {
        None | Some(Json::Null) => Ok(Map::new()),
        Some(Json::Object(object)) => Ok(object.clone()),
        Some(_) => Err(unreadable()),
    };
    let headers = object("headers")?.into_iter().map(|(name, value)| match value {
        Json::String(value) => Ok((name.to_ascii_lowercase().replace('-', "_"), value)),
        _ => Err(unreadable()),
    });
    Ok(Request {
        method: text("method")?,
        url: text("url")?,
        headers: headers.collect::<Result<_>>()?,
        body: object("body")?,
        uploads: Vec::new(),
    })
}

/// `requests.3.docs` and `requests[3].docs` are files of field `docs` of the fourth write.
fn place(key: &str) -> Option<(usize, String)> {
    let rest = key.strip_prefix("requests")?;
    let (at, field) = match rest.strip_prefix('[') {
        Some(rest) => rest.split_once("].")?,
        None => rest.strip_prefix('.')?.split_once('.')?,
    };
    Some((at.parse().ok()?, field.to_owned()))
}

fn unreadable() -> Error {
    Error::invalid(MALFORMED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_find_their_write() {
        for (key, found) in [
            ("requests.3.docs", Some((3, "docs"))),
            ("requests[0].docs+", Some((0, "docs+"))),
            ("requests.x.docs", None),
            ("docs", None),
        ] {
            assert_eq!(place(key), found.map(|(at, field)| (at, field.to_owned())), "{key}");
        }
    }
}
