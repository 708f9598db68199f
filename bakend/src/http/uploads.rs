//! Resumable uploads by the TUS protocol, version 1.0.0.
//!
//! Source: tus.io, core protocol with the extensions creation, creation-with-upload, termination, expiration and checksum.

mod sums;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::fmt::rfc2822;

use super::extract::{Asked, PathOf};
use crate::{
    Error, Kind, Result,
    schema::Record,
    service::files::uploads::{self, NewUpload, Standing, WRONG_SUM},
};

/// Where uploads are begun.
pub(super) const PATH: &str = "/api/files/tus";

/// Whether a request is for this protocol.
pub(super) fn is_meant<B>(request: &Request<B>) -> bool {
    request.uri().path().starts_with(PATH)
}

const VERSION: HeaderValue = HeaderValue::from_static("1.0.0");
const EXTENSIONS: HeaderValue =
    HeaderValue::from_static("creation,creation-with-upload,termination,expiration,checksum");
const BYTES: &str = "application/offset+octet-stream";
/// What pages of other origins may read.
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Location, Tus-Resumable, Tus-Version, Tus-Extension, Upload-Offset, Upload-Length, Upload-Metadata, Upload-Expires",
);
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// Longest `Upload-Metadata`, in bytes.
const METADATA_MAX_BYTES: usize = 4096;

const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
const TUS_VERSION: HeaderName = HeaderName::from_static("tus-version");
const TUS_EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
const TUS_ALGORITHMS: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
const LENGTH: HeaderName = HeaderName::from_static("upload-length");
const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");
const CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");

pub(super) async fn options() -> Response {
    let mut response = empty(StatusCode::NO_CONTENT);
    let headers = response.headers_mut();
    headers.insert(TUS_VERSION, VERSION);
    headers.insert(TUS_EXTENSION, EXTENSIONS);
    headers.insert(TUS_ALGORITHMS, HeaderValue::from_static(sums::NAMES));
    response
}

pub(super) async fn begin(asked: Asked, body: Body) -> Response {
    answer(begin_checked(&asked, body).await)
}

async fn begin_checked(asked: &Asked, body: Body) -> Result<Response> {
    let owner = caller(asked)?;
    let length = number(&asked.headers, &LENGTH)?.ok_or_else(|| Error::invalid("Upload-Length is missing."))?;
    let wanted = described(&asked.headers, length)?;
    let begun = uploads::begin(asked, owner, wanted).await?;
    let with_bytes = asked.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == BYTES);
    let standing = if with_bytes { first_bytes(asked, owner, &begun.id, body).await? } else { begun };
    let mut response = standing_answer(StatusCode::CREATED, &standing)?;
    let location = HeaderValue::try_from(format!("{PATH}/{}", standing.id)).map_err(Error::internal)?;
    response.headers_mut().insert(header::LOCATION, location);
    Ok(response)
}

/// Who is not told of the upload, since its first bytes were refused, cannot give it up.
async fn first_bytes(asked: &Asked, owner: &Record, id: &str, body: Body) -> Result<Standing> {
    let outcome = receive(asked, owner, id, 0, body).await;
    if outcome.is_err() {
        uploads::remove(asked, owner, id).await?;
    }
    outcome
}

pub(super) async fn find(asked: Asked, PathOf(id): PathOf<String>) -> Response {
    answer(find_checked(&asked, &id).await)
}

async fn find_checked(asked: &Asked, id: &str) -> Result<Response> {
    let standing = uploads::find(asked, caller(asked)?, id).await?;
    let mut response = standing_answer(StatusCode::OK, &standing)?;
    let headers = response.headers_mut();
    headers.insert(LENGTH, standing.length.into());
    if !standing.metadata.is_empty() {
        headers.insert(METADATA, HeaderValue::try_from(&standing.metadata).map_err(Error::internal)?);
    }
    Ok(response)
}

pub(super) async fn append(asked: Asked, PathOf(id): PathOf<String>, body: Body) -> Response {
    answer(append_checked(&asked, &id, body).await)
}

/// The other methods, for clients that can send `POST` only.
pub(super) async fn overridden(asked: Asked, PathOf(id): PathOf<String>, body: Body) -> Response {
    let method = asked.headers.get(METHOD_OVERRIDE).map(HeaderValue::as_bytes).unwrap_or_default();
    match method {
        b"PATCH" => answer(append_checked(&asked, &id, body).await),
        b"HEAD" => answer(find_checked(&asked, &id).await),
        b"DELETE" => answer(remove_checked(&asked, &id).await),
        _ => answer(Err(Error::not_found())),
    }
}

async fn append_checked(asked: &Asked, id: &str, body: Body) -> Result<Response> {
    let owner = caller(asked)?;
    if asked.headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind != BYTES) {
        return Err(Error::invalid(format!("Content-Type must be {BYTES}.")));
    }
    let offset = number(&asked.headers, &OFFSET)?.ok_or_else(|| Error::invalid("Upload-Offset is missing."))?;
    standing_answer(StatusCode::NO_CONTENT, &receive(asked, owner, id, offset, body).await?)
}

pub(super) async fn remove(asked: Asked, PathOf(id): PathOf<String>) -> Response {
    answer(remove_checked(&asked, &id).await)
}

async fn remove_checked(asked: &Asked, id: &str) -> Result<Response> {
    uploads::remove(asked, caller(asked)?, id).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

async fn receive(asked: &Asked, owner: &Record, id: &str, offset: u64, body: Body) -> Result<Standing> {
    let sum = match asked.headers.get(CHECKSUM) {
        Some(given) => Some(sums::of(given.to_str().unwrap_or_default())?),
        None => None,
    };
    uploads::append(asked, owner, id, offset, body.into_data_stream(), sum).await
}

/// Who asks, if they speak this version.
fn caller(asked: &Asked) -> Result<&Record> {
    if asked.headers.get(RESUMABLE) != Some(&VERSION) {
        return Err(Error::invalid(UNKNOWN_VERSION));
    }
    asked.needs_anybody().map(|signed_in| signed_in.record.as_ref())
}

const UNKNOWN_VERSION: &str = "Tus-Resumable must be 1.0.0.";

/// `filename d29ybGQ=,collection cG9zdHM=,field ZG9jcw==`.
fn described(headers: &HeaderMap, length: u64) -> Result<NewUpload> {
    let unreadable = || Error::invalid("Upload-Metadata cannot be read: it is pairs of a name and Base64.");
    let metadata = headers.get(METADATA).map(|value| value.to_str().map_err(|_| unreadable())).transpose()?;
    let metadata = metadata.unwrap_or_default();
    if metadata.len() > METADATA_MAX_BYTES {
        return Err(Error::invalid(format!("Upload-Metadata is longer than {METADATA_MAX_BYTES} bytes.")));
    }
    let mut wanted = NewUpload { metadata: metadata.to_owned(), length, ..NewUpload::default() };
    for pair in metadata.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once(' ').unwrap_or((pair, ""));
        let value = STANDARD.decode(value.trim()).map_err(|_| unreadable())?;
        let value = String::from_utf8(value).map_err(|_| unreadable())?;
        match name {
            "filename" | "name" => wanted.name = value,
            "collection" => wanted.collection = value,
            "field" => wanted.field = value,
            _ => {}
        }
    }
    Ok(wanted)
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Result<Option<u64>> {
    let Some(value) = headers.get(name) else { return Ok(None) };
    let digits = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
    let number = value.to_str().ok().filter(digits).and_then(|text| text.parse::<u64>().ok());
    let number = number.filter(|number| i64::try_from(*number).is_ok());
    number.map(Some).ok_or_else(|| Error::invalid(format!("{name} is no number of bytes.")))
}

fn standing_answer(status: StatusCode, standing: &Standing) -> Result<Response> {
    let mut response = empty(status);
    let expires = rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&standing.expires);
    let expires = HeaderValue::try_from(expires.map_err(Error::internal)?).map_err(Error::internal)?;
    let headers = response.headers_mut();
    headers.insert(OFFSET, standing.offset.into());
    headers.insert(EXPIRES, expires);
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    Ok(response)
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    said(&mut response);
    response
}

fn said(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(RESUMABLE, VERSION);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}

/// The answer, with what the protocol wants on every one and its own statuses.
fn answer(outcome: Result<Response>) -> Response {
    let error = match outcome {
        Ok(response) => return response,
        Err(error) => error,
    };
    let status = match (error.kind(), error.message()) {
        (Kind::Invalid, UNKNOWN_VERSION) => Some(StatusCode::PRECONDITION_FAILED),
        (Kind::Invalid, WRONG_SUM) => StatusCode::from_u16(460).ok(),
        _ => None,
    };
    let mut response = error.into_response();
    said(&mut response);
    if let Some(status) = status {
        *response.status_mut() = status;
        response.headers_mut().insert(TUS_VERSION, VERSION);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_says_what_the_upload_is_for() {
        let read = |text: &str| {
            let headers = HeaderMap::from_iter([(METADATA, HeaderValue::try_from(text).expect("a header"))]);
            described(&headers, 5).map(|wanted| (wanted.name, wanted.collection, wanted.field))
        };
        let found = read("filename w6kudHh0, collection cG9zdHM=,field ZG9jcw==,is_private").expect("reads");
        assert_eq!(found, ("é.txt".to_owned(), "posts".to_owned(), "docs".to_owned()));
        for broken in ["filename !", "filename /w=="] {
            read(broken).expect_err(broken);
        }
    }
}
