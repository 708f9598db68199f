//! The outermost wall: preflights, panics, and the headers that every answer has.

use std::{net::IpAddr, panic::AssertUnwindSafe, sync::Arc};

use axum::{
    Router,
    body::{Body, HttpBody as _},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header},
    response::{IntoResponse as _, Response},
};
use futures_util::FutureExt as _;
use tower::Service as _;

use super::{cors::Origins, extract::Remote};
use crate::{Error, limits, service::App};

const XSS: (HeaderName, HeaderValue) = (header::X_XSS_PROTECTION, HeaderValue::from_static("1; mode=block"));
const SNIFF: (HeaderName, HeaderValue) = (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
const FRAME: (HeaderName, HeaderValue) = (header::X_FRAME_OPTIONS, HeaderValue::from_static("SAMEORIGIN"));
const OPENER: (HeaderName, HeaderValue) =
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin"));
const VARY: (HeaderName, HeaderValue) = (header::VARY, HeaderValue::from_static("Origin"));

/// Answers requests, whatever happens. Clones share everything.
#[derive(Clone)]
pub struct Door {
    router: Router,
    origins: Arc<Origins>,
}

impl Door {
    /// The door of an app.
    pub fn new(app: &App, origins: Origins) -> Self {
        Self::of(super::router(app), origins)
    }

    /// The door of routes that are ready to answer.
    pub fn of(router: Router, origins: Origins) -> Self {
        Self { router, origins: Arc::new(origins) }
    }

    /// The answer to a request that came from an address.
    pub async fn answer(&self, mut request: Request<Body>, remote: IpAddr) -> Response {
        if request.method() == Method::OPTIONS {
            return self.origins.preflight(request.headers());
        }
        let allowed = request.headers().get(header::ORIGIN).and_then(|origin| self.origins.allowed(origin));
        request.extensions_mut().insert(Remote(remote));
        let mut response = self.guarded(request).await;
        let headers = response.headers_mut();
        add_security(headers);
        if let Some(allowed) = allowed {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        }
        response
    }

    /// A panic is our bug, and no reason to lose the connection.
    async fn guarded(&self, request: Request<Body>) -> Response {
        let mut router = self.router.clone();
        let waits_for_body = !request.body().is_end_stream();
        let answer = AssertUnwindSafe(router.call(request)).catch_unwind();
        let answer = if waits_for_body {
            match tokio::time::timeout(limits::REQUEST_DEADLINE, answer).await {
                Ok(answer) => answer,
                Err(_) => return Error::invalid("The request took too long to arrive.").into_response(),
            }
        } else {
            answer.await
        };
        match answer {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => match never {},
            Err(_) => Error::internal("a handler panicked").into_response(),
        }
    }
}

fn add_security(headers: &mut HeaderMap) {
    headers.reserve(6);
    // A method that a path does not take is answered like a path that is not there.
    headers.remove(header::ALLOW);
    // Downloads are the answers with a disposition; they may be framed, their own policy confines them.
    let framed = headers.contains_key(header::CONTENT_DISPOSITION);
    for (name, value) in [XSS, SNIFF, OPENER, VARY] {
        headers.insert(name, value);
    }
    if !framed {
        headers.insert(FRAME.0, FRAME.1);
    }
}
