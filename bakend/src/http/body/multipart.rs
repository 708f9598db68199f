//! Multipart bodies: texts into memory, files into the staging folder as they come.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::body::BodyDataStream;
use futures_util::TryStreamExt as _;

use super::{Sent, Values, disposition::Disposition, form::form, too_large};
use crate::{
    Error, Result,
    http::extract::Asked,
    limits,
    service::{files::Incoming, records::Upload},
};

/// How many bytes of a file under a body key are worth keeping; more are counted only.
pub(in crate::http) type Room<'a> = dyn Fn(&str) -> u64 + Send + Sync + 'a;

/// What is read, and how.
pub(super) struct Task<'a> {
    pub asked: &'a Asked,
    pub boundary: &'a str,
    pub limit: usize,
    pub values: Values,
    pub room: &'a Room<'a>,
    pub fault: &'a str,
}

/// Reads a multipart body.
///
/// # Errors
/// - `TooLarge`: more bytes or parts than allowed.
/// - `Invalid`: it is not multipart, or ends early.
pub(super) async fn read(task: Task<'_>, body: BodyDataStream) -> Result<Sent> {
    let overflow = Arc::new(AtomicBool::new(false));
    let noted = Arc::clone(&overflow);
    let mut left = task.limit;
    let bounded = body.map_err(std::io::Error::other).and_then(move |chunk| {
        let fits = chunk.len() <= left;
        left = left.saturating_sub(chunk.len());
        if !fits {
            noted.store(true, Ordering::Relaxed);
        }
        std::future::ready(if fits { Ok(chunk) } else { Err(std::io::Error::other("the body is too large")) })
    });
    let mut parts = multer::Multipart::new(bounded, task.boundary);
    let refused = |error: multer::Error| {
        if overflow.load(Ordering::Relaxed) { too_large() } else { Error::invalid(task.fault).caused_by(error) }
    };
    let (mut pairs, mut uploads, mut count, mut text_left) = (Vec::new(), Vec::new(), 0, limits::BODY_MAX_BYTES);
    while let Some(part) = parts.next_field().await.map_err(refused)? {
        count += 1;
        if count > limits::MULTIPART_MAX_PARTS {
            return Err(too_large());
        }
        let Disposition { name, file } = Disposition::of(part.headers());
        let Some(name) = name else { continue };
        if let Some(file) = file {
            uploads.push(upload(&task, name, file, part, &refused).await?);
        } else {
            let bytes = text_bytes(part, text_left, &refused).await?;
            text_left -= bytes.len();
            pairs.push((name, text(bytes)));
        }
    }
    Ok(Sent { data: form(pairs, task.values, task.fault)?, uploads, typed: false })
}

/// The bytes of a text, at most `limit` of them.
async fn text_bytes(
    mut part: multer::Field<'_>,
    limit: usize,
    refused: &impl Fn(multer::Error) -> Error,
) -> Result<Vec<u8>> {
    let mut whole = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(refused)? {
        if whole.len() + chunk.len() > limit {
            return Err(too_large());
        }
        whole.extend_from_slice(&chunk);
    }
    Ok(whole)
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

async fn upload(
    task: &Task<'_>,
    key: String,
    name: String,
    mut part: multer::Field<'_>,
    refused: &impl Fn(multer::Error) -> Error,
) -> Result<Upload> {
    let room = (task.room)(&key);
    let mut incoming = Incoming::begin(task.asked, key, name, room);
    while let Some(chunk) = part.chunk().await.map_err(refused)? {
        incoming.write(&chunk).await?;
    }
    incoming.finish().await
}
