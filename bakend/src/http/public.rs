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
    http::{Extensions, HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, Version, header},
    response::{IntoResponse as _, Response},
};
use futures_util::future::BoxFuture;
use tower::{Layer as _, Service, ServiceExt as _};
use tower_http::{
    CompressionLevel,
    compression::{Compression, CompressionLayer},
    services::ServeDir,
};

use super::panel::shrinks;
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
/// Least changes between digits and other characters in one, unless it mixes upper and lower case.
const FINGERPRINT_MIN_CHANGES: usize = 3;
/// Longest name of a file, in bytes, on the file systems that there are.
const NAME_MAX_BYTES: usize = 255;
/// Longest path that is looked for, in bytes; what systems take at least, with room for the folder's own.
const PATH_MAX_BYTES: usize = 2048;
/// Least length of what is compressed, in bytes: less than that grows.
const COMPRESSED_MIN_BYTES: u64 = 64;

/// Serves a folder.
#[derive(Clone)]
pub(super) struct Public {
    files: Compression<ServeDir, Worth>,
}

/// Whether an answer is worth compressing.
type Worth = fn(StatusCode, Version, &HeaderMap, &Extensions) -> bool;

impl Public {
    /// The pages in a folder. Links in it are followed: what it holds is the operator's.
    pub fn new(folder: &Path) -> Self {
        // Built when asked for: the quick level costs little and saves most.
        let compressed = CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(is_worth as Worth);
        Self { files: compressed.layer(ServeDir::new(folder).precompressed_br().precompressed_gzip()) }
    }

    async fn answer(self, mut request: Request<Body>) -> Result<Response> {
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return Err(Error::not_found());
        }
        let path = request.uri().path().to_owned();
        let Some(decoded) = decoded(&path).filter(|decoded| is_open(decoded)) else { return Err(missing()) };
        if !is_plain_range(request.headers()) {
            request.headers_mut().remove(header::RANGE);
        }
        let (method, headers) = (request.method().clone(), request.headers().clone());
        if can_be_stored(&decoded) {
            let found = self.clone().file(request).await?;
            if found.status() != StatusCode::NOT_FOUND {
                return Ok(remembered(found, &path));
            }
        }
        if !wants_page(&path, &headers) {
            return Err(missing());
        }
        let mut index = Request::new(Body::empty());
        *index.method_mut() = method;
        *index.headers_mut() = headers;
        *index.uri_mut() = Uri::from_static(INDEX);
        let page = self.file(index).await?;
        if page.status() == StatusCode::NOT_FOUND { Err(missing()) } else { Ok(remembered(page, INDEX)) }
    }

    async fn file(self, mut request: Request<Body>) -> Result<Response> {
        *request.uri_mut() = on_this_host(request.uri())?;
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

/// The address with one slash at its beginning: where a folder's name lacks its last slash, the redirect says the path, and `//name` is
/// another host to a browser.
fn on_this_host(uri: &Uri) -> Result<Uri> {
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    format!("/{}", path.trim_start_matches('/')).parse().map_err(|error| missing().caused_by(error))
}

fn missing() -> Error {
    Error::new(Kind::NotFound, "File not found.")
}

/// Whether a decoded path can be one of the folder: not the API's, not hidden, not written to lead elsewhere.
fn is_open(decoded: &str) -> bool {
    let mut parts = decoded.split('/').filter(|part| !part.is_empty());
    if parts.clone().next().is_some_and(|first| TAKEN.iter().any(|taken| first.eq_ignore_ascii_case(taken))) {
        return false;
    }
    !decoded.contains(['\\', '\0']) && parts.all(|part| !part.starts_with('.') || part == WELL_KNOWN)
}

/// Whether a file system can have a file of this decoded path; what is longer than it takes is missing, and no failure.
fn can_be_stored(decoded: &str) -> bool {
    decoded.len() <= PATH_MAX_BYTES && decoded.split('/').all(|part| part.len() <= NAME_MAX_BYTES)
}

/// Whether the range of a request is one of bytes, and not only wanted of a file that did not change: a file has the same tag however it is
/// compressed. Else the whole file is sent, as the standard allows.
fn is_plain_range(headers: &HeaderMap) -> bool {
    let range = headers.get(header::RANGE).and_then(|range| range.to_str().ok()).unwrap_or_default();
    !headers.contains_key(header::IF_RANGE) && range.starts_with("bytes=") && !range.contains(',')
}

fn is_worth(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let length = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    shrinks(kind) && length.is_none_or(|length: u64| length >= COMPRESSED_MIN_BYTES)
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
    let status = response.status();
    let headers = response.headers_mut();
    // The same bytes come compressed or not, by different ways: the tag says that they mean the same, not that they are.
    if headers.contains_key(header::CONTENT_ENCODING)
        && let Some(tag) = headers.get_mut(header::ETAG)
        && tag.as_bytes().starts_with(b"\"")
        && let Ok(weak) = HeaderValue::from_bytes(&[b"W/", tag.as_bytes()].concat())
    {
        *tag = weak;
    }
    if !status.is_success() {
        // What "not changed" is said of keeps the age that it came with.
        return response;
    }
    let is_page = headers.get(header::CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/html"));
    let age = match path.rsplit('/').next().unwrap_or_default() {
        _ if is_page => FRESH,
        name if has_fingerprint(name) => FOREVER,
        _ => HOUR,
    };
    headers.insert(header::CACHE_CONTROL, age);
    response
}

/// Whether a name carries a fingerprint, as bundlers write it: `app-3f9a2b1c.js`, `start.Dk3_x9Qz.css`. Words with a number at their end or
/// a date carry none: what is taken for a fingerprint is not asked about for a year.
fn has_fingerprint(name: &str) -> bool {
    let Some((stem, _)) = name.rsplit_once('.') else { return false };
    let Some(last) = stem.rsplit(['-', '.']).next().filter(|last| last.len() < stem.len()) else { return false };
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    // Between digits and others, in the order they come; a number at the end has nothing behind it.
    let changes = || last.as_bytes().windows(2).filter(|two| two[0].is_ascii_digit() != two[1].is_ascii_digit());
    let has_digit_within = changes().any(|two| two[0].is_ascii_digit());
    let is_mixed =
        last.bytes().any(|byte| byte.is_ascii_uppercase()) && last.bytes().any(|byte| byte.is_ascii_lowercase());
    last.len() >= FINGERPRINT_MIN_CHARS
        && last.bytes().all(is_part)
        && has_digit_within
        && (changes().count() >= FINGERPRINT_MIN_CHANGES || is_mixed && last.len() == FINGERPRINT_MIN_CHARS)
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
            assert_eq!(decoded(path).is_some_and(|decoded| is_open(&decoded)), expected, "{path}");
        }
    }

    #[test]
    fn a_path_that_no_file_can_have_is_told_from_others() {
        for (path, expected) in [
            ("/a/b.css".to_owned(), true),
            (format!("/a/{}", "n".repeat(255)), true),
            (format!("/a/{}", "n".repeat(256)), false),
            (format!("/a/{}", "%6e".repeat(255)), true),
            ("/ab".repeat(700), false),
        ] {
            assert_eq!(decoded(&path).is_some_and(|decoded| can_be_stored(&decoded)), expected, "{path}");
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
            ("index-BxTk9LmQ.js", true),
            ("chunk-7HKJ2LQ4A.js", true),
            ("font-awesome5.css", false),
            ("logo-version2.png", false),
            ("photo-IMG_20240501.jpg", false),
            ("plan-v2release.pdf", false),
            ("guide-Photo2024Final.pdf", false),
            ("report-2024summary.pdf", false),
            ("index", false),
        ] {
            assert_eq!(has_fingerprint(name), expected, "{name}");
        }
    }
}
