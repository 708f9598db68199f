//! The HTTP door: PocketBase's REST API.
//!
//! A request goes through [`door`] (CORS, panic guard, security headers), is matched by the [`router`], and ends in one short handler:
//! [`extract`] says who asks, `body` what was sent, the service does the work, `response` words the answer.

mod auth;
mod batch;
mod beside;
mod body;
mod collections;
pub mod cors;
pub mod door;
pub mod extract;
mod fields;
mod files;
mod guessing;
mod health;
mod needs;
mod params;
mod patient;
mod records;
mod response;
pub mod routes;
pub mod server;
mod settings;

use std::net::{IpAddr, SocketAddr};

use axum::{
    extract::{ConnectInfo, Request},
    routing::{delete, get, patch, post, put},
};

pub use self::beside::{Auth, Superuser};
pub use self::server::{ServeOptions, serve};
use crate::service::App;
/// A set of routes: axum's.
pub use axum::Router;

/// Every route of the API, and the answer to all others.
pub fn router(app: &App) -> Router {
    api(extract::Shared::new(app)).fallback(response::no_route).method_not_allowed_fallback(response::no_route)
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
        .route("/api/settings", get(settings::view).patch(settings::update))
        .route("/api/collections", get(collections::list).post(collections::create))
        .route("/api/collections/import", put(collections::import))
        .route("/api/collections/meta/scaffolds", get(collections::scaffolds))
        .route("/api/collections/meta/dry-run-view", post(collections::dry_run_view))
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
        .route("/api/collections/{collection}/auth-refresh", post(auth::refresh))
        .route("/api/collections/{collection}/impersonate/{id}", post(auth::impersonate))
        .route("/api/batch", post(batch::run))
        .route("/api/files/token", post(files::token))
        .route("/api/files/{collection}/{id}/{name}", get(files::serve))
        .with_state(shared)
}
