//! Files of records.

pub(super) mod conditions;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use jiff::{Timestamp, fmt::rfc2822};

use self::conditions::{Range, Standing};
use super::{
    extract::{Asked, PathOf},
    params::truth,
};
use crate::{
    Error, Kind, Result,
    service::{
        auth::{sign_in, who},
        files::{self, Served, Wanted},
    },
};

const CACHE: HeaderValue = HeaderValue::from_static("max-age=2592000, stale-while-revalidate=86400");
/// Whether somebody may still see a protected file is asked each time; who has it already is told so, not sent it again.
const PROTECTED_CACHE: HeaderValue = HeaderValue::from_static("private, no-cache");
/// A link to the store ends soon: nobody shall keep it.
const NO_CACHE: HeaderValue = HeaderValue::from_static("no-store");
const POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox");
const BYTES: HeaderValue = HeaderValue::from_static("bytes");

pub(super) async fn token(asked: Asked) -> Result<Response> {
    // A token would outlive the key, and what it may do.
    if asked.grant().is_some() {
        return Err(Error::forbidden("An API key has no file token: send the key itself."));
    }
    asked.answer(sign_in::file_token(asked.needs_anybody()?)?)
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
    let download = truth(params.get("download")).unwrap_or(false);
    let wanted = Wanted { thumb: params.get("thumb"), token: params.get("token"), download };
    let answer = async || {
        let served = files::serve(&asked, asked.info(), &collection, &id, &name, wanted).await?;
        match served.link().await? {
            Some(link) => redirect(&link),
            None => send(&asked, &served).await,
        }
    };
    match answer().await {
        // A smaller form that was there a moment ago, or whose file went to the other storage meanwhile: it is made again.
        Err(error) if error.kind() == Kind::NotFound && !wanted.thumb.is_empty() => answer().await,
        answered => answered,
    }
}

fn redirect(link: &str) -> Result<Response> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::FOUND;
    response.headers_mut().insert(header::LOCATION, text(link)?);
    response.headers_mut().insert(header::CACHE_CONTROL, NO_CACHE);
    Ok(response)
}

async fn send(asked: &Asked, served: &Served) -> Result<Response> {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, text(&served.content_type)?);
    headers.insert(header::CONTENT_DISPOSITION, text(&served.disposition)?);
    headers.insert(header::CONTENT_SECURITY_POLICY, POLICY);
    match conditions::standing(&asked.headers, &served.tag, served.modified) {
        Standing::Wanted => {}
        Standing::Known => {
            headers.remove(header::CONTENT_TYPE);
            remember(headers, served)?;
            if asked.method == Method::HEAD {
                // Else the length of nothing would be told as that of the file.
                headers.insert(header::CONTENT_LENGTH, served.size.into());
            }
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            return Ok(response);
        }
        Standing::Failed => {
            *response.status_mut() = StatusCode::PRECONDITION_FAILED;
            return Ok(response);
        }
    }
    let (start, length) = match conditions::range(&asked.headers, served.size, &served.tag, served.modified) {
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
    // The file is opened before anything is said about it: a 200 must not turn into nothing.
    if asked.method != Method::HEAD {
        *response.body_mut() = Body::from_stream(served.open(start, length).await?);
    }
    let headers = response.headers_mut();
    headers.insert(header::ACCEPT_RANGES, BYTES);
    headers.insert(header::CONTENT_LENGTH, length.into());
    remember(headers, served)?;
    Ok(response)
}

/// What lets the receiver keep the file: a name stands for one content for ever. A protected one is for the receiver alone.
fn remember(headers: &mut HeaderMap, served: &Served) -> Result<()> {
    headers.insert(header::CACHE_CONTROL, if served.is_protected { PROTECTED_CACHE } else { CACHE });
    headers.insert(header::ETAG, text(&format!("\"{}\"", served.tag))?);
    headers.insert(header::LAST_MODIFIED, date(served.modified)?);
    Ok(())
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
    fn dates_are_written_as_the_standard_says() {
        let moment = Timestamp::from_second(1_714_550_400).expect("in range");
        assert_eq!(date(moment).expect("writes"), "Wed, 01 May 2024 08:00:00 GMT");
    }
}
