//! Request bodies: JSON, forms, uploads; never more in memory than a limit says.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{
    body::{Body, BodyDataStream, HttpBody as _},
    http::header,
};
use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::{Map, Number, Value as Json};
use tokio::{
    fs::File,
    io::{AsyncWriteExt as _, BufWriter},
};

use super::extract::Asked;
use crate::{
    Error, Kind, Result, limits,
    service::{files, records::Upload},
};

/// What struct bodies answer when they cannot be read.
pub(super) const UNREADABLE: &str = "An error occurred while loading the submitted data.";
/// The form key whose value is an object to merge in.
const PAYLOAD: &str = "@jsonPayload";

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

/// Reads a body of at most `limit` bytes. `fault` is the message when it cannot be understood; `""`: the usual one.
///
/// # Errors
/// - `TooLarge`.
/// - `Invalid`: the content type is not known, or the body is not what it says.
pub(super) async fn read(asked: &Asked, body: Body, limit: usize, values: Values, fault: &str) -> Result<Sent> {
    let length = asked.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    if length == Some(0) || body.is_end_stream() {
        return Ok(Sent { typed: true, ..Sent::default() });
    }
    let mut body = body.into_data_stream();
    if length.is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let kind = asked.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let starts = |prefix: &str| kind.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
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
    } else if starts("multipart/form-data") {
        let boundary = multer::parse_boundary(kind).map_err(|error| Error::invalid(fault).caused_by(error))?;
        multipart(asked, body, &boundary, limit, values, fault).await
    } else {
        Err(Error::invalid("Unsupported Content-Type."))
    }
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

/// Whether every `%` is followed by two hexadecimal digits.
fn is_percent_encoded(bytes: &[u8]) -> bool {
    let digits = |rest: &[u8]| rest.len() >= 2 && rest[..2].iter().all(u8::is_ascii_hexdigit);
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%').all(|(at, _)| digits(&bytes[at + 1..]))
}

/// Form values as data: several of one name are a list; what `@jsonPayload` says wins.
fn form(pairs: Vec<(String, String)>, values: Values, fault: &str) -> Result<Map<String, Json>> {
    let mut data: Map<String, Json> = Map::new();
    let mut payload = Map::new();
    for (name, text) in pairs {
        if name == PAYLOAD {
            payload.extend(object(text.as_bytes(), fault)?);
            continue;
        }
        let value = match values {
            Values::Inferred => inferred(text),
            Values::Texts => Json::String(text),
        };
        match data.get_mut(&name) {
            None => {
                data.insert(name, value);
            }
            Some(Json::Array(list)) => list.push(value),
            Some(single) => *single = Json::Array(vec![single.take(), value]),
        }
    }
    data.extend(payload);
    Ok(data)
}

/// A bool or a number if the text is exactly how one is written.
fn inferred(text: String) -> Json {
    match text.as_str() {
        "true" => return Json::Bool(true),
        "false" => return Json::Bool(false),
        _ => {}
    }
    let numeric = text.bytes().all(|c| matches!(c, b'-' | b'.' | b'0'..=b'9'))
        && text.bytes().next().is_some_and(|c| c == b'-' || c.is_ascii_digit());
    if numeric {
        if let Ok(number) = text.parse::<i64>()
            && number.to_string() == text
            && number.abs() <= limits::SAFE_INTEGER_MAX
        {
            return Json::from(number);
        }
        if let Some(number) =
            text.parse::<f64>().ok().filter(|number| number.to_string() == text).and_then(Number::from_f64)
        {
            return Json::Number(number);
        }
    }
    Json::String(text)
}

async fn multipart(
    asked: &Asked,
    body: BodyDataStream,
    boundary: &str,
    limit: usize,
    values: Values,
    fault: &str,
) -> Result<Sent> {
    let overflow = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&overflow);
    let mut left = limit;
    let bounded = body.map_err(std::io::Error::other).and_then(move |chunk| {
        let fits = chunk.len() <= left;
        left = left.saturating_sub(chunk.len());
        if !fits {
            noted.store(true, Ordering::Relaxed);
        }
        std::future::ready(if fits { Ok(chunk) } else { Err(std::io::Error::other("the body is too large")) })
    });
    let mut parts = multer::Multipart::new(bounded, boundary);
    let refused = |error: multer::Error| {
        if overflow.load(Ordering::Relaxed) {
            Error::new(Kind::TooLarge, "")
        } else {
            Error::invalid(fault).caused_by(error)
        }
    };
    let (mut pairs, mut uploads, mut count, mut text_left) = (Vec::new(), Vec::new(), 0, limits::BODY_MAX_BYTES);
    while let Some(part) = parts.next_field().await.map_err(refused)? {
        count += 1;
        if count > limits::MULTIPART_MAX_PARTS {
            return Err(Error::new(Kind::TooLarge, ""));
        }
        let Some(name) = part.name().map(str::to_owned) else { continue };
        if part.file_name().is_some() {
            uploads.push(upload(asked, name, part, &refused).await?);
        } else {
            let text = text(part, text_left, &refused).await?;
            text_left -= text.len();
            pairs.push((name, text));
        }
    }
    Ok(Sent { data: form(pairs, values, fault)?, uploads, typed: false })
}

async fn text(mut part: multer::Field<'_>, limit: usize, refused: &impl Fn(multer::Error) -> Error) -> Result<String> {
    let mut whole = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(refused)? {
        if whole.len() + chunk.len() > limit {
            return Err(Error::new(Kind::TooLarge, ""));
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(String::from_utf8(whole).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()))
}

/// Streams a file into the folder of unfinished uploads.
async fn upload(
    asked: &Asked,
    key: String,
    mut part: multer::Field<'_>,
    refused: &impl Fn(multer::Error) -> Error,
) -> Result<Upload> {
    let name = part.file_name().unwrap_or_default().to_owned();
    let (file, path) = files::temporary(asked)?;
    let mut file = BufWriter::with_capacity(limits::FILE_CHUNK_BYTES, File::from_std(file));
    let mut size = 0;
    while let Some(chunk) = part.chunk().await.map_err(refused)? {
        size += chunk.len() as u64;
        file.write_all(&chunk).await.map_err(Error::internal)?;
    }
    file.flush().await.map_err(Error::internal)?;
    Ok(Upload { key, name, size, path })
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn form_values_get_the_type_they_look_like() {
        for (text, expected) in [
            ("true", json!(true)),
            ("True", json!("True")),
            ("-5", json!(-5)),
            ("1.5", json!(1.5)),
            ("1.50", json!("1.50")),
            ("007", json!("007")),
            (".5", json!(".5")),
            ("1-2", json!("1-2")),
            ("-", json!("-")),
            ("", json!("")),
            ("12345678901234567890", json!("12345678901234567890")),
        ] {
            assert_eq!(inferred(text.to_owned()), expected, "{text}");
        }
    }

    #[test]
    fn repeated_names_are_lists_and_the_payload_wins() {
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let pairs =
            vec![pair("a", "1"), pair(PAYLOAD, r#"{"b":[2]}"#), pair("a", "x"), pair("a", "true"), pair("b", "9")];
        let data = form(pairs, Values::Inferred, "").expect("reads");
        assert_eq!(Json::Object(data), json!({"a": [1, "x", true], "b": [2]}));
        assert!(form(vec![pair(PAYLOAD, "[1]")], Values::Inferred, "").is_err());
    }
}
