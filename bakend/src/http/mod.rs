//! The HTTP door: PocketBase's REST API.
//!
//! A request goes through [`door`] (CORS, panic guard, security headers), is matched by the [`router`], and ends in one short handler:
//! [`extract`] says who asks, `body` what was sent, the service does the work, `response` words the answer.

mod api_keys;
mod auth;
mod batch;
mod beside;
mod body;
mod collections;
pub mod cors;
pub mod direct;
pub mod door;
pub mod extract;
mod files;
mod guessing;
mod health;
mod needs;
mod openapi;
mod pages;
mod panel;
mod params;
mod patient;
mod prompt;
mod public;
mod rates;
mod realtime;
mod records;
mod response;
pub mod routes;
pub mod server;
mod sessions;
mod settings;
mod socket;
mod storage;
mod streams;
mod trial;
mod uploads;

use std::{
    net::{IpAddr, SocketAddr},
    pin::Pin,
};

use axum::{
    extract::{ConnectInfo, Request},
    handler::Handler as _,
    response::Response,
    routing::{delete, get, head, patch, post, put},
};

pub use self::beside::{Auth, Superuser};
pub use self::server::{ServeOptions, serve};
use crate::service::{App, fields};
/// A set of routes: axum's.
pub use axum::Router;

/// Every route of the API, and the answer to all others.
pub fn router(app: &App) -> Router {
    let shared = extract::Shared::new(app);
    let nowhere = nowhere(shared.clone());
    api(shared).fallback(nowhere.clone()).method_not_allowed_fallback(nowhere)
}

/// The answer where no route is, for a router that has its state already.
fn nowhere(
    shared: extract::Shared,
) -> impl Fn(Request) -> Pin<Box<dyn Future<Output = Response> + Send>> + Clone + Send + Sync + 'static {
    move |request| response::no_route.call(request, shared.clone())
}

/// A door as a router of a larger app.
pub fn embedded(door: door::Door) -> Router {
    Router::new().fallback(move |request: Request| async move {
        let connection = request.extensions().get::<ConnectInfo<SocketAddr>>();
        let remote = connection.map_or(IpAddr::from([0, 0, 0, 0]), |ConnectInfo(address)| address.ip().to_canonical());
        door.answer(request, remote).await
    })
}

/// Every route of the API.
fn api(shared: extract::Shared) -> Router {
    Router::new()
        .route("/api/health", get(health::health))
        .route("/api/openapi.json", get(openapi::document))
        .route("/api/settings", get(settings::view).patch(settings::update))
        .route("/api/settings/test/s3", post(settings::test_s3))
        .route("/api/settings/test/email", post(settings::test_email))
        .route("/api/collections", get(collections::list).post(collections::create))
        .route("/api/collections/import", put(collections::import))
        .route("/api/collections/meta/scaffolds", get(collections::scaffolds))
        .route("/api/collections/meta/dry-run-view", post(collections::dry_run_view))
        .route("/api/collections/meta/check-rule", post(trial::check))
        .route("/api/collections/meta/try-rule", post(trial::try_rule))
        .route(
            "/api/collections/{collection}",
            get(collections::view).patch(collections::update).delete(collections::delete),
        )
        .route("/api/collections/{collection}/truncate", delete(collections::truncate))
        .route("/api/collections/{collection}/records", get(records::list).post(records::create))
        .route(
            "/api/collections/{collection}/records/{id}",
            get(records::view).merge(patch(records::update)).delete(records::delete),
        )
        .route("/api/collections/{collection}/auth-methods", get(auth::methods))
        .route("/api/collections/{collection}/auth-with-password", post(auth::with_password))
        .route("/api/collections/{collection}/auth-with-oauth2", post(auth::oauth2::sign_in))
        .route("/api/collections/{collection}/auth-with-passkey/begin", post(auth::passkeys::begin_sign_in))
        .route("/api/collections/{collection}/auth-with-passkey", post(auth::passkeys::sign_in))
        .route("/api/collections/{collection}/passkeys", get(auth::passkeys::list).post(auth::passkeys::finish))
        .route("/api/collections/{collection}/passkeys/begin", post(auth::passkeys::begin))
        .route(
            "/api/collections/{collection}/passkeys/{id}",
            patch(auth::passkeys::rename).delete(auth::passkeys::remove),
        )
        .route("/api/collections/{collection}/auth-with-totp", post(auth::totp::sign_in))
        .route(
            "/api/collections/{collection}/totp",
            get(auth::totp::state).post(auth::totp::enrol).delete(auth::totp::remove),
        )
        .route("/api/collections/{collection}/totp/confirm", post(auth::totp::confirm))
        .route("/api/collections/{collection}/totp/recovery-codes", post(auth::totp::recovery_codes))
        .route("/api/oauth2-redirect", get(auth::oauth2::redirect).post(auth::oauth2::redirect))
        .route("/api/collections/meta/oauth2-providers", get(auth::oauth2::catalogue))
        .route("/api/settings/apple/generate-client-secret", post(auth::oauth2::apple_secret))
        .route("/api/collections/{collection}/auth-refresh", post(auth::refresh))
        .route("/api/collections/{collection}/request-otp", post(auth::otp::request))
        .route("/api/collections/{collection}/auth-with-otp", post(auth::otp::sign_in))
        .route("/api/collections/{collection}/request-verification", post(auth::mails::request_verification))
        .route("/api/collections/{collection}/confirm-verification", post(auth::mails::confirm_verification))
        .route("/api/collections/{collection}/request-password-reset", post(auth::mails::request_password_reset))
        .route("/api/collections/{collection}/confirm-password-reset", post(auth::mails::confirm_password_reset))
        .route("/api/collections/{collection}/request-email-change", post(auth::mails::request_email_change))
        .route("/api/collections/{collection}/confirm-email-change", post(auth::mails::confirm_email_change))
        .route("/api/collections/{collection}/impersonate/{id}", post(auth::impersonate))
        .route("/api/sessions", get(sessions::list).delete(sessions::end_all))
        .route("/api/sessions/{id}", delete(sessions::end))
        .route("/api/api-keys", get(api_keys::list).post(api_keys::create))
        .route("/api/api-keys/{id}", get(api_keys::view).merge(patch(api_keys::update)).delete(api_keys::end))
        .route("/_", get(panel::enter))
        .route("/_/", get(panel::index))
        .route("/_/{*path}", get(panel::file))
        .route("/_/auth/pages.css", get(pages::style))
        .route("/_/auth/links.js", get(pages::script))
        .route("/_/auth/install/{token}", get(pages::install::show).post(pages::install::submit))
        .route("/_/auth/{purpose}/{token}", get(pages::show).post(pages::submit))
        .route("/api/batch", post(batch::run))
        .route("/api/realtime", get(realtime::connect).post(realtime::subscribe))
        .route("/api/realtime/ws", get(socket::connect))
        .route("/api/files", get(storage::list))
        .route("/api/files/usage", get(storage::usage))
        .route("/api/files/token", post(files::token))
        .route(uploads::PATH, post(uploads::begin).options(uploads::options))
        .route(
            "/api/files/tus/{id}",
            head(uploads::find)
                .patch(uploads::append)
                .delete(uploads::remove)
                .post(uploads::overridden)
                .options(uploads::options),
        )
        .route("/api/files/{collection}/{id}/{name}", get(files::serve))
        .with_state(shared)
}
