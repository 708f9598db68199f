//! From results to answers: the only place that knows statuses and the shape of errors.

use std::{error::Error as _, time::Duration};

use axum::{
    body::Body,
    extract::OriginalUri,
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use serde_json::{Value as Json, json};

use super::{extract::Asked, panel, rates};
use crate::{Error, Kind, service::app::Wire};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// When to try again where nothing better is known.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// 200 with these bytes of JSON.
pub(super) fn json(bytes: impl Into<Bytes>) -> Response {
    with_status(StatusCode::OK, bytes.into())
}

/// 204.
pub(super) fn no_content() -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response
}

/// 401 with the id that the second way to sign in goes on from.
pub(super) fn second_factor(mfa_id: &str) -> Response {
    with_status(StatusCode::UNAUTHORIZED, json!({ "mfaId": mfa_id }).to_string().into())
}

/// The wire form of an error: exactly `data`, `message` and `status`.
pub(super) fn error_json(error: &Error) -> Json {
    json!({
        "data": error.field_errors().to_json(),
        "message": error.message(),
        "status": status(error.kind()).as_u16(),
    })
}

/// What no route answers: the root leads to the admin panel, other reads look for a static file, the rest is not there.
pub(super) async fn no_route(asked: Asked, whole: OriginalUri) -> Response {
    match asked.method {
        Method::GET | Method::HEAD if asked.uri.path() == "/" && asked.options().admin_panel => panel::lead_to(&whole),
        Method::GET | Method::HEAD => Error::new(Kind::NotFound, "File not found.").into_response(),
        _ => Error::not_found().into_response(),
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        log(&self);
        let mut response = with_status(status(self.kind()), error_json(&self).to_string().into());
        if self.kind() == Kind::RateLimited {
            let wait = rates::seconds(self.retry_after().unwrap_or(RETRY_AFTER)).max(1);
            response.headers_mut().insert(header::RETRY_AFTER, wait.into());
        }
        response
    }
}

impl IntoResponse for Wire {
    fn into_response(self) -> Response {
        json(self.into_bytes())
    }
}

fn with_status(status: StatusCode, bytes: Bytes) -> Response {
    let mut response = Response::new(Body::from(bytes));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Invalid => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// The source is told once, here, and to nobody else.
fn log(error: &Error) {
    let Some(source) = error.source() else { return };
    if error.kind() == Kind::Internal {
        tracing::error!(message = error.message(), ?source, "a request failed");
    } else {
        tracing::debug!(message = error.message(), ?source, "a request was refused");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FieldError;

    #[test]
    fn an_error_has_exactly_three_keys() {
        let error = Error::invalid("failed").field("title", FieldError::required());
        let expected = r#"{"data":{"title":{"code":"validation_required","message":"Cannot be blank."}},"message":"Failed.","status":400}"#;
        assert_eq!(error_json(&error).to_string(), expected);
    }
}
