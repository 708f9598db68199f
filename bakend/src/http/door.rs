//! The outermost wall: preflights, panics, and the headers that every answer has.

use std::{net::IpAddr, panic::AssertUnwindSafe, path::Path, sync::Arc};

use axum::{
    Router,
    body::{Body, HttpBody as _},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header},
    response::{IntoResponse as _, Response},
};
use futures_util::FutureExt as _;
use tower::Service as _;

use super::{
    cors::Origins,
    extract::Remote,
    public::Public,
    rates::{self, Slot},
    uploads,
};
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
    app: App,
    router: Router,
    origins: Arc<Origins>,
}

impl Door {
    /// The door of an app.
    pub fn new(app: &App, origins: Origins) -> Self {
        Self::of(app, super::router(app), origins)
    }

    /// The door of routes that are ready to answer.
    pub fn of(app: &App, router: Router, origins: Origins) -> Self {
        Self { app: app.clone(), router, origins: Arc::new(origins) }
    }

    /// Whose door it is.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// With the pages of a folder behind everything that has a route.
    pub fn with_public(self, folder: &Path) -> Self {
        Self { router: self.router.fallback_service(Public::new(folder)), ..self }
    }

    /// The answer to a request that came from an address.
    pub async fn answer(&self, mut request: Request<Body>, remote: IpAddr) -> Response {
        // Resumable uploads have a question of their own under this method; a browser's says what it is about to do.
        let is_preflight =
            request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD) || !uploads::is_meant(&request);
        if request.method() == Method::OPTIONS && is_preflight {
            return self.origins.preflight(request.headers());
        }
        let allowed = request.headers().get(header::ORIGIN).and_then(|origin| self.origins.allowed(origin));
        if allowed.is_none() && is_foreign_socket(request.headers()) {
            // Browsers ask for no preflight here, and let any page read what comes.
            return Error::forbidden("Pages of this origin may not connect.").into_response();
        }
        request.extensions_mut().insert(Remote(remote));
        let slot = self.app.is_rate_limited().then(Slot::default);
        if let Some(slot) = &slot {
            request.extensions_mut().insert(slot.clone());
        }
        let mut response = self.guarded(request).await;
        let headers = response.headers_mut();
        add_security(headers);
        if let Some(slot) = slot {
            slot.tell(headers);
        }
        if let Some(allowed) = allowed {
            rates::expose(headers);
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        }
        response
    }

    /// A panic is our bug, and no reason to lose the connection.
    async fn guarded(&self, request: Request<Body>) -> Response {
        let mut router = self.router.clone();
        // A resumable upload may last as long as bytes come; how long they may stay away is looked at where they are read.
        let waits_for_body = !request.body().is_end_stream() && !uploads::is_meant(&request);
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

/// Whether a page of some origin asks for a WebSocket.
fn is_foreign_socket(headers: &HeaderMap) -> bool {
    headers.contains_key(header::ORIGIN) && headers.contains_key(header::SEC_WEBSOCKET_KEY)
}

fn add_security(headers: &mut HeaderMap) {
    headers.reserve(6);
    // A method that a path does not take is answered like a path that is not there.
    headers.remove(header::ALLOW);
    // Downloads are the answers with a disposition; they may be framed, their own policy confines them.
    let framed = headers.contains_key(header::CONTENT_DISPOSITION);
    for (name, value) in [XSS, SNIFF, OPENER] {
        headers.insert(name, value);
    }
    // What was compressed varies by more than this.
    headers.append(VARY.0, VARY.1);
    if !framed {
        headers.insert(FRAME.0, FRAME.1);
    }
}
