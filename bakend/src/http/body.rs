//! Request bodies: JSON, forms, uploads; never more in memory than a limit says.

mod disposition;
mod form;
mod multipart;

use axum::{
    body::{Body, BodyDataStream, HttpBody as _},
    http::header,
};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use serde_json::{Map, Value as Json};

pub(super) use self::multipart::Room;
use self::{
    form::{form, is_percent_encoded},
    multipart::Task,
};
use super::extract::Asked;
use crate::{Error, Kind, Result, limits, service::records::Upload};

/// What struct bodies answer when they cannot be read.
pub(super) const UNREADABLE: &str = "An error occurred while loading the submitted data.";

/// What is answered to a form of parts without a byte. Source: PocketBase.
const CUT_OFF_FORM: &str = "Failed to read the submitted data.";

/// A body, read.
#[derive(Default)]
pub(super) struct Sent {
    /// The data. Values of forms are texts, unless they came as JSON.
    pub data: Map<String, Json>,
    /// The files.
    pub uploads: Vec<Upload>,
    /// Whether it was JSON: its types are meant.
    pub typed: bool,
}

/// How form values become data.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Values {
    /// What looks like a bool or number is one.
    Inferred,
    /// All are texts.
    Texts,
}

/// Reads a body of at most [`BODY_MAX_BYTES`](limits::BODY_MAX_BYTES) whose values are taken for texts, as forms of a few fields have it.
///
/// # Errors
/// As of [`read_with_files`].
pub(super) async fn texts(asked: &Asked, body: Body) -> Result<Sent> {
    read(asked, body, limits::BODY_MAX_BYTES, Values::Texts, UNREADABLE).await
}

/// Reads a body of at most `limit` bytes that has no use for files. `fault` is the message when it cannot be understood; `""`: the usual
/// one.
///
/// # Errors
/// As of [`read_with_files`].
pub(super) async fn read(asked: &Asked, body: Body, limit: usize, values: Values, fault: &str) -> Result<Sent> {
    if is_empty(asked, &body) {
        return Ok(Sent { typed: true, ..Sent::default() });
    }
    read_with_files(asked, body, limit, values, fault, &|_| 0).await
}

/// Reads a body of at most `limit` bytes. Of its files as many bytes are kept as `room` says.
///
/// # Errors
/// - `TooLarge`.
/// - `Invalid`: the content type is not known, or the body is not what it says.
/// - `Internal`: the disk is full or cannot be written.
pub(super) async fn read_with_files(
    asked: &Asked,
    body: Body,
    limit: usize,
    values: Values,
    fault: &str,
    room: &Room<'_>,
) -> Result<Sent> {
    if content_length(asked).is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let kind = asked.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let starts = |prefix: &str| kind.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let is_form_of_parts = starts("multipart/form-data");
    if is_empty(asked, &body) {
        // A form of parts says where it ends: without a byte it is cut off, not empty.
        let nothing = || Sent { typed: true, ..Sent::default() };
        return if is_form_of_parts { Err(Error::invalid(CUT_OFF_FORM)) } else { Ok(nothing()) };
    }
    let mut body = body.into_data_stream();
    if starts("application/json") {
        let data = object(&collect(&mut body, limit).await?, fault)?;
        Ok(Sent { data, uploads: Vec::new(), typed: true })
    } else if starts("application/x-www-form-urlencoded") {
        let bytes = collect(&mut body, limit).await?;
        if !is_percent_encoded(&bytes) {
            return Err(Error::invalid(fault));
        }
        let pairs = url::form_urlencoded::parse(&bytes).into_owned().collect();
        Ok(Sent { data: form(pairs, values, fault)?, uploads: Vec::new(), typed: false })
    } else if is_form_of_parts {
        let boundary = multer::parse_boundary(kind).map_err(|error| Error::invalid(fault).caused_by(error))?;
        multipart::read(Task { asked, boundary: &boundary, limit, values, room, fault }, body).await
    } else {
        Err(Error::invalid("Unsupported Content-Type."))
    }
}

fn content_length(asked: &Asked) -> Option<u64> {
    asked.headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_empty(asked: &Asked, body: &Body) -> bool {
    content_length(asked) == Some(0) || body.is_end_stream()
}

async fn collect(body: &mut BodyDataStream, limit: usize) -> Result<Bytes> {
    let mut whole = BytesMut::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(cut_off)?;
        if whole.len() + chunk.len() > limit {
            return Err(too_large());
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.freeze())
}

fn too_large() -> Error {
    Error::new(Kind::TooLarge, "")
}

fn cut_off(error: axum::Error) -> Error {
    Error::invalid("The request ended before its body was complete.").caused_by(error)
}

/// A JSON object; `null` is an empty one.
fn object(bytes: &[u8], fault: &str) -> Result<Map<String, Json>> {
    let read: Result<Option<Map<String, Json>>, _> = serde_json::from_slice(bytes);
    read.map(Option::unwrap_or_default).map_err(|error| Error::invalid(fault).caused_by(error))
}

impl Sent {
    /// The value of a struct property, whose name matches without regard to case.
    pub fn get(&self, name: &str) -> Option<&Json> {
        let found = self.data.get(name);
        found.or_else(|| self.data.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
    }

    /// A text property; `""` when it was not sent.
    ///
    /// # Errors
    /// `Invalid`: it is something else.
    pub fn text(&self, name: &str) -> Result<String> {
        match self.get(name) {
            None | Some(Json::Null) => Ok(String::new()),
            Some(Json::String(text)) => Ok(text.clone()),
            Some(Json::Array(list)) if !self.typed => {
                Ok(list.first().and_then(Json::as_str).unwrap_or_default().to_owned())
            }
            Some(_) => Err(Error::invalid(UNREADABLE)),
        }
    }

    /// A whole number; 0 when it was not sent.
    ///
    /// # Errors
    /// `Invalid`: it is something else.
    pub fn integer(&self, name: &str) -> Result<i64> {
        let unreadable = || Error::invalid(UNREADABLE);
        match self.get(name) {
            None | Some(Json::Null) => Ok(0),
            Some(Json::Number(number)) => number.as_i64().ok_or_else(unreadable),
            Some(Json::String(text)) if !self.typed => text.parse().map_err(|_| unreadable()),
            Some(_) => Err(unreadable()),
        }
    }
}
