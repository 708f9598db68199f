//! The admin panel: the files of `admin/`, which are part of the program.

mod encoding;

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

use axum::{
    body::Body,
    extract::OriginalUri,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use bytes::Bytes;
use rust_embed::RustEmbed;
use tokio::sync::OnceCell;

use self::encoding::Encoding;
pub(super) use self::encoding::shrinks;
use super::{
    extract::{Asked, PathOf},
    files::conditions,
    pages,
};
use crate::{Error, Kind, Result};

/// The panel as it was built; a program that was compiled before there was one has none.
#[derive(RustEmbed)]
#[folder = "admin/"]
#[allow_missing = true]
struct Admin;

/// Where the panel is.
const HOME: &str = "/_/";
const INDEX: &str = "index.html";
/// Files whose names change with their content.
const FINGERPRINTED: &str = "_app/immutable/";
/// Only what is our own, and nothing inside the page itself: a value that somebody wrote into a record never runs.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; \
                      img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const FOREVER: &str = "public, max-age=31536000, immutable";
/// Kept, and asked about each time: another version of the program has other files.
const FRESH: &str = "no-cache";

/// Smaller files grow when they are compressed, or hardly shrink.
const COMPRESSED_MIN_BYTES: usize = 512;

/// A file of the panel, as it is and as it was compressed.
struct File {
    content: Bytes,
    kind: String,
    tag: String,
    age: &'static str,
    encoded: [OnceCell<Bytes>; 2],
}

static FILES: LazyLock<HashMap<String, Arc<File>>> = LazyLock::new(|| {
    let file = |path: &str| {
        let found = Admin::get(path)?;
        let tag = found.metadata.sha256_hash()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        Some(Arc::new(File {
            content: match found.data {
                std::borrow::Cow::Borrowed(part_of_program) => Bytes::from_static(part_of_program),
                std::borrow::Cow::Owned(read) => read.into(),
            },
            kind: kind(path),
            tag,
            age: if path.starts_with(FINGERPRINTED) { FOREVER } else { FRESH },
            encoded: Default::default(),
        }))
    };
    Admin::iter().filter_map(|path| Some((path.to_string(), file(&path)?))).collect()
});

/// Leads from the address without its slash, on which the panel's relative addresses would not work.
pub(super) async fn enter(whole: OriginalUri) -> Response {
    redirect(&format!("{}/", whole.path()))
}

/// Leads from the root to the panel, wherever a larger app has put both.
pub(super) fn lead_to(whole: &OriginalUri) -> Response {
    redirect(&format!("{}{HOME}", whole.path().trim_end_matches('/')))
}

/// The panel, or where there is none a page that leads on those who follow a link of PocketBase's.
pub(super) async fn index(asked: Asked) -> Result<Response> {
    match FILES.get(INDEX).filter(|_| asked.options().admin_panel) {
        Some(file) => send(&asked, file).await,
        None => Ok(pages::landing(asked).await),
    }
}

/// A part of the panel.
pub(super) async fn file(asked: Asked, PathOf(path): PathOf<String>) -> Result<Response> {
    let found = FILES.get(path.as_str()).filter(|_| asked.options().admin_panel);
    match found {
        Some(file) => send(&asked, file).await,
        None => Err(Error::new(Kind::NotFound, "File not found.")),
    }
}

async fn send(asked: &Asked, file: &Arc<File>) -> Result<Response> {
    let is_worth_it = file.content.len() >= COMPRESSED_MIN_BYTES;
    let encoding = encoding::wanted(&asked.headers, &file.kind).filter(|_| is_worth_it);
    // What is sent in another form is another thing, and has a tag of its own.
    let tag = match encoding {
        None => file.tag.clone(),
        Some(encoding) => format!("{}-{}", file.tag, encoding.name()),
    };
    let mut response = if conditions::knows(&asked.headers, &tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Response::new(Body::from(content(file, encoding).await?));
        response.headers_mut().insert(header::CONTENT_TYPE, text(&file.kind)?);
        if let Some(encoding) = encoding {
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
        }
        response
    };
    let headers = response.headers_mut();
    headers.insert(header::ETAG, text(&format!("\"{tag}\""))?);
    for (name, value) in [
        (header::CACHE_CONTROL, file.age),
        (header::VARY, "Accept-Encoding"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("x-robots-tag"), "noindex"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    Ok(response)
}

/// The bytes in a form; compressed when they are first asked for in it, once however many ask.
async fn content(file: &Arc<File>, encoding: Option<Encoding>) -> Result<Bytes> {
    let Some(encoding) = encoding else { return Ok(file.content.clone()) };
    let made = file.encoded[encoding as usize].get_or_try_init(|| async {
        let plain = file.content.clone();
        let made = tokio::task::spawn_blocking(move || encoding.encode(&plain)).await;
        made.map_err(Error::internal)?.map_err(Error::internal)
    });
    made.await.cloned()
}

/// The content type of a path, with its character set where it is text.
fn kind(path: &str) -> String {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    let is_text = kind.type_() == "text" || matches!(kind.subtype().as_str(), "javascript" | "json");
    if is_text { format!("{kind}; charset=utf-8") } else { kind.to_string() }
}

fn redirect(to: &str) -> Response {
    let Ok(location) = HeaderValue::try_from(to) else { return Error::not_found().into_response() };
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)]).into_response()
}

fn text(text: &str) -> Result<HeaderValue> {
    HeaderValue::try_from(text).map_err(Error::internal)
}
