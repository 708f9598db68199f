//! A request to a door without a socket between.

use std::net::IpAddr;

use axum::{
    body::{self, Body},
    http::{HeaderName, HeaderValue, Method, Request, Uri},
};

use super::door::Door;
use crate::{Error, Result};

/// Largest answer that is read, in bytes.
const ANSWER_MAX_BYTES: usize = 256 << 20;

/// A request, as text.
#[derive(Clone, Debug, Default)]
pub struct Direct {
    /// `GET`, …
    pub method: String,
    /// Path and query.
    pub path: String,
    /// Names and values, in order.
    pub headers: Vec<(String, String)>,
    /// Everything behind the headers.
    pub body: Vec<u8>,
}

/// An answer, as text and bytes.
#[derive(Clone, Debug)]
pub struct Answered {
    /// 200, …
    pub status: u16,
    /// Names in lower case and values, in order.
    pub headers: Vec<(String, String)>,
    /// Everything behind the headers.
    pub body: Vec<u8>,
}

/// Asks a door as if from an address.
///
/// # Errors
/// `Invalid`: the request is none that could be sent. `Internal`: the answer broke off.
pub async fn ask(door: &Door, ask: Direct, remote: IpAddr) -> Result<Answered> {
    let answer = door.answer(request(ask)?, remote).await;
    let (parts, stream) = answer.into_parts();
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let body = body::to_bytes(stream, ANSWER_MAX_BYTES).await.map_err(Error::internal)?.to_vec();
    Ok(Answered { status: parts.status.as_u16(), headers, body })
}

fn request(ask: Direct) -> Result<Request<Body>> {
    let unsent = |error: &dyn std::fmt::Display| Error::invalid(format!("This request could not be sent: {error}"));
    let method: Method = ask.method.parse().map_err(|error| unsent(&error))?;
    let uri: Uri = ask.path.parse().map_err(|error| unsent(&error))?;
    let length = ask.body.len();
    let mut request = Request::new(if length == 0 { Body::empty() } else { Body::from(ask.body) });
    (*request.method_mut(), *request.uri_mut()) = (method, uri);
    let headers = request.headers_mut();
    if length > 0 {
        headers.insert(axum::http::header::CONTENT_LENGTH, length.into());
    }
    for (name, value) in ask.headers {
        let name: HeaderName = name.parse().map_err(|error| unsent(&error))?;
        headers.append(name, HeaderValue::from_str(&value).map_err(|error| unsent(&error))?);
    }
    Ok(request)
}
