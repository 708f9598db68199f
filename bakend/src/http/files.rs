//! Files of records.

use std::io::SeekFrom;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use futures_util::stream;
use jiff::{Timestamp, fmt::rfc2822};
use tokio::{
    fs::File,
    io::{AsyncReadExt as _, AsyncSeekExt as _},
};

use super::{
    extract::{Asked, PathOf},
    params::truth,
};
use crate::{
    Error, Result, limits,
    service::{
        auth::{sign_in, who},
        files::{self, Served},
    },
};

const CACHE: HeaderValue = HeaderValue::from_static("max-age=2592000, stale-while-revalidate=86400");
const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox");
const BYTES: HeaderValue = HeaderValue::from_static("bytes");
/// Kinds that browsers show without running anything.
const INLINE: &[&str] = &[
    "image/png",
    "image/jpg",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/x-icon",
    "image/vnd.microsoft.icon",
    "image/bmp",
    "video/webm",
    "video/mp4",
    "video/3gpp",
    "video/quicktime",
    "video/x-ms-wmv",
    "audio/basic",
    "audio/aiff",
    "audio/mpeg",
    "audio/midi",
    "audio/mp3",
    "audio/wave",
    "audio/wav",
    "audio/x-wav",
    "audio/x-mpeg",
    "audio/x-m4a",
    "audio/aac",
    "application/pdf",
    "application/x-pdf",
];

pub(super) async fn token(asked: Asked) -> Result<Response> {
    let signed_in = asked.needs_anybody()?;
    if !asked.stands_for_account() {
        return Err(Error::forbidden("A service key has no file token: send the key itself."));
    }
    asked.answer(sign_in::file_token(signed_in)?)
}

pub(super) async fn serve(
    asked: Asked,
    PathOf((collection, id, name)): PathOf<(String, String, String)>,
) -> Result<Response> {
    let collection = asked.collection(&collection, "Missing or invalid collection context.")?;
    let params = asked.params();
    if who::claims_superuser(params.get("token")) && !asked.settings().superusers_may_come_from(asked.address()) {
        return Err(Error::forbidden(""));
    }
    let served = files::serve(&asked, asked.info(), &collection, &id, &name, params.get("token")).await?;
    let download = truth(params.get("download")).unwrap_or(false);
    send(&asked, served, download).await
}

async fn send(asked: &Asked, served: Served, download: bool) -> Result<Response> {
    let modified = Timestamp::try_from(served.modified).map_err(Error::internal)?;
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    describe(headers, &served, download)?;
    if unmodified(&asked.headers, modified) {
        headers.insert(header::CACHE_CONTROL, CACHE);
        headers.insert(header::LAST_MODIFIED, date(modified)?);
        headers.remove(header::CONTENT_TYPE);
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return Ok(response);
    }
    let range = range(&asked.headers, served.size, modified);
    let (start, length) = match range {
        Range::Whole => (0, served.size),
        Range::Part { start, length } => {
            let end = start + length - 1;
            headers.insert(header::CONTENT_RANGE, text(&format!("bytes {start}-{end}/{}", served.size))?);
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            (start, length)
        }
        Range::Unreadable => {
            *response.body_mut() = Body::from("invalid range\n");
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            return Ok(response);
        }
        Range::Outside => {
            headers.insert(header::CONTENT_RANGE, text(&format!("bytes */{}", served.size))?);
            *response.body_mut() = Body::from("invalid range: failed to overlap\n");
            *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
            return Ok(response);
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::ACCEPT_RANGES, BYTES);
    headers.insert(header::CACHE_CONTROL, CACHE);
    headers.insert(header::LAST_MODIFIED, date(modified)?);
    headers.insert(header::CONTENT_LENGTH, length.into());
    if asked.method != Method::HEAD {
        *response.body_mut() = content(&served, start, length).await?;
    }
    Ok(response)
}

fn describe(headers: &mut HeaderMap, served: &Served, download: bool) -> Result<()> {
    let bare = served.content_type.split(';').next().unwrap_or_default();
    let place = if !download && INLINE.contains(&bare) { "inline" } else { "attachment" };
    let name: String = served.name.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\')).collect();
    headers.insert(header::CONTENT_TYPE, text(&served.content_type)?);
    headers.insert(header::CONTENT_DISPOSITION, text(&format!("{place}; filename=\"{name}\""))?);
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    Ok(())
}

/// The bytes of a file from `start` on, read as they are sent.
async fn content(served: &Served, start: u64, length: u64) -> Result<Body> {
    let mut file = File::open(&served.path).await.map_err(Error::internal)?;
    if start > 0 {
        file.seek(SeekFrom::Start(start)).await.map_err(Error::internal)?;
    }
    let chunks = stream::try_unfold((file.take(length), length), |(mut file, left)| async move {
        if left == 0 {
            return std::io::Result::Ok(None);
        }
        let size = usize::try_from(left).unwrap_or(usize::MAX).min(limits::FILE_CHUNK_BYTES);
        let mut chunk = vec![0; size];
        file.read_exact(&mut chunk).await?;
        Ok(Some((Bytes::from(chunk), (file, left - size as u64))))
    });
    Ok(Body::from_stream(chunks))
}

/// What of a file is asked for.
#[derive(Debug, PartialEq, Eq)]
enum Range {
    Whole,
    Part {
        start: u64,
        length: u64,
    },
    /// Not a byte of it.
    Outside,
    /// Nobody can tell.
    Unreadable,
}

/// One range is honoured; several at once get the whole file, as the standard allows.
fn range(headers: &HeaderMap, size: u64, modified: Timestamp) -> Range {
    let Some(asked) = headers.get(header::RANGE).and_then(|range| range.to_str().ok()) else { return Range::Whole };
    let changed = headers.get(header::IF_RANGE).is_some_and(|stamp| moment(stamp) != Some(modified.as_second()));
    if changed {
        return Range::Whole;
    }
    let Some(spec) = asked.strip_prefix("bytes=") else { return Range::Unreadable };
    if spec.contains(',') {
        return Range::Whole;
    }
    let Some((from, to)) = spec.trim().split_once('-') else { return Range::Unreadable };
    let (start, end) = match (from.parse::<u64>(), to.parse::<u64>()) {
        (Ok(start), Ok(end)) => (start, end.saturating_add(1).min(size)),
        (Ok(start), Err(_)) if to.is_empty() => (start, size),
        (Err(_), Ok(last)) if from.is_empty() => (size.saturating_sub(last), size),
        _ => return Range::Unreadable,
    };
    if start > end && start < size {
        return Range::Unreadable;
    }
    if start >= end { Range::Outside } else { Range::Part { start, length: end - start } }
}

fn unmodified(headers: &HeaderMap, modified: Timestamp) -> bool {
    let since = headers.get(header::IF_MODIFIED_SINCE).and_then(moment);
    since.is_some_and(|since| modified.as_second() <= since)
}

/// Seconds since 1970 of an HTTP date.
fn moment(value: &HeaderValue) -> Option<i64> {
    rfc2822::DateTimeParser::new().parse_timestamp(value.to_str().ok()?).ok().map(Timestamp::as_second)
}

fn date(moment: Timestamp) -> Result<HeaderValue> {
    let whole = Timestamp::from_second(moment.as_second()).map_err(Error::internal)?;
    text(&rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&whole).map_err(Error::internal)?)
}

fn text(text: &str) -> Result<HeaderValue> {
    HeaderValue::try_from(text).map_err(Error::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_range_is_honoured() {
        let part = |start, length| Range::Part { start, length };
        for (asked, expected) in [
            ("bytes=0-2", part(0, 3)),
            ("bytes=2-", part(2, 8)),
            ("bytes=-3", part(7, 3)),
            ("bytes=-30", part(0, 10)),
            ("bytes=8-99", part(8, 2)),
            ("bytes=10-", Range::Outside),
            ("bytes=5-3", Range::Unreadable),
            ("bytes=x", Range::Unreadable),
            ("bytes=0-1,3-4", Range::Whole),
            ("lines=1-2", Range::Unreadable),
        ] {
            let headers = HeaderMap::from_iter([(header::RANGE, HeaderValue::from_static(asked))]);
            assert_eq!(range(&headers, 10, Timestamp::UNIX_EPOCH), expected, "{asked}");
        }
    }

    #[test]
    fn dates_survive_the_round_trip() {
        let moment_now = Timestamp::from_second(1_714_550_400).expect("in range");
        let written = date(moment_now).expect("writes");
        assert_eq!(written, "Wed, 01 May 2024 08:00:00 GMT");
        assert_eq!(moment(&written), Some(1_714_550_400));
    }
}
