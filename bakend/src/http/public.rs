//! The public folder: pages of the app's own, below everything the API takes.
//!
//! A path that names no file gets the start page, so that an app of one page can have addresses of its own; what looks like a file and is
//! not there stays missing. Names that begin with a dot are nobody's business, but for `.well-known`.

use std::{
    convert::Infallible,
    path::Path,
    task::{Context, Poll},
};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use futures_util::future::BoxFuture;
use tower::{Layer as _, Service, ServiceExt as _};
use tower_http::{
    CompressionLevel,
    compression::{Compression, CompressionLayer},
    services::ServeDir,
};

use crate::{Error, Kind, Result};

/// Where the API and the admin panel live: nothing of the folder is ever found there.
const TAKEN: [&str; 2] = ["api", "_"];
/// The start page.
const INDEX: &str = "/index.html";
/// The one hidden folder that is meant for everybody. Source: RFC 8615.
const WELL_KNOWN: &str = ".well-known";
/// Pages change with every release: they are asked about each time, and answered with 304 if they did not.
const FRESH: HeaderValue = HeaderValue::from_static("no-cache");
/// Names that carry a fingerprint of their content never change.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// The rest may be an hour old.
const HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");
/// Least characters of a fingerprint.
const FINGERPRINT_MIN_CHARS: usize = 8;

/// Serves a folder.
#[derive(Clone)]
pub(super) struct Public {
    files: Compression<ServeDir>,
}

impl Public {
    /// The pages in a folder. Links in it are followed: what it holds is the operator's.
    pub fn new(folder: &Path) -> Self {
        // Built when asked for: the quick level costs little and saves most.
        let compressed = CompressionLayer::new().quality(CompressionLevel::Fastest);
        Self { files: compressed.layer(ServeDir::new(folder).precompressed_br().precompressed_gzip()) }
    }

    async fn answer(self, request: Request<Body>) -> Result<Response> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Err(Error::not_found());
        }
        let path = request.uri().path().to_owned();
        if !is_open(&path) {
            return Err(missing());
        }
        let (method, headers) = (request.method().clone(), request.headers().clone());
        let found = self.clone().file(request).await?;
        if found.status() != StatusCode::NOT_FOUND {
            return Ok(remembered(found, &path));
        }
        if !wants_page(&path, &headers) {
            return Err(missing());
        }
        let mut index = Request::new(Body::empty());
        *index.method_mut() = method;
        *index.headers_mut() = headers;
        *index.uri_mut() = axum::http::Uri::from_static(INDEX);
        let page = self.file(index).await?;
        if page.status() == StatusCode::NOT_FOUND { Err(missing()) } else { Ok(remembered(page, INDEX)) }
    }

    async fn file(self, request: Request<Body>) -> Result<Response> {
        let found = self.files.oneshot(request).await.map_err(Error::internal)?;
        Ok(found.map(Body::new))
    }
}

impl Service<Request<Body>> for Public {
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let public = self.clone();
        Box::pin(async move { Ok(public.answer(request).await.unwrap_or_else(|error| error.into_response())) })
    }
}

fn missing() -> Error {
    Error::new(Kind::NotFound, "File not found.")
}

/// Whether a path can be one of the folder: not the API's, not hidden, not written to lead elsewhere.
fn is_open(path: &str) -> bool {
    let Some(decoded) = decoded(path) else { return false };
    let mut parts = decoded.split('/').filter(|part| !part.is_empty());
    if parts.clone().next().is_some_and(|first| TAKEN.iter().any(|taken| first.eq_ignore_ascii_case(taken))) {
        return false;
    }
    !decoded.contains(['\\', '\0']) && parts.all(|part| !part.starts_with('.') || part == WELL_KNOWN)
}

/// The path without its percent signs; `None` when that is no text.
fn decoded(path: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = [rest.next()?, rest.next()?];
        bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// Whether somebody goes to an address, rather than fetching a part of a page.
fn wants_page(path: &str, headers: &HeaderMap) -> bool {
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok()).unwrap_or_default();
    let looks_like_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    accepts.contains("text/html") || !looks_like_file
}

fn remembered(mut response: Response, path: &str) -> Response {
    let headers = response.headers_mut();
    let is_page = headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/html"));
    let age = match path.rsplit('/').next().unwrap_or_default() {
        _ if is_page => FRESH,
        name if has_fingerprint(name) => FOREVER,
        _ => HOUR,
    };
    headers.insert(header::CACHE_CONTROL, age);
    response
}

/// Whether a name carries a fingerprint, as bundlers write it: `app-3f9a2b1c.js`, `start.Dk3_x9Qz.css`.
fn has_fingerprint(name: &str) -> bool {
    let Some((stem, _)) = name.rsplit_once('.') else { return false };
    let Some(last) = stem.rsplit(['-', '.']).next().filter(|last| last.len() < stem.len()) else { return false };
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    last.len() >= FINGERPRINT_MIN_CHARS
        && last.bytes().all(is_part)
        && last.bytes().any(|byte| byte.is_ascii_digit())
        && last.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_apis_or_hidden_is_not_open() {
        for (path, expected) in [
            ("/", true),
            ("/a/b.css", true),
            ("/.well-known/security.txt", true),
            ("/api", false),
            ("/api/x", false),
            ("/API/x", false),
            ("//api/x", false),
            ("/%61pi/x", false),
            ("/_/", false),
            ("/_app/x", true),
            ("/apis", true),
            ("/.env", false),
            ("/a/.git/config", false),
            ("/%2eenv", false),
            ("/a/../b", false),
            ("/a%2f..%2fb", false),
            ("/a%00", false),
            ("/a%5cb", false),
            ("/a%zz", false),
            ("/%ff", false),
        ] {
            assert_eq!(is_open(path), expected, "{path}");
        }
    }

    #[test]
    fn bundlers_fingerprints_are_known() {
        for (name, expected) in [
            ("app-3f9a2b1c.js", true),
            ("start.Dk3_x9Qz.css", true),
            ("app.js", false),
            ("jquery-3.7.1.min.js", false),
            ("some-component.js", false),
            ("20240501.txt", false),
            ("index", false),
        ] {
            assert_eq!(has_fingerprint(name), expected, "{name}");
        }
    }
}
