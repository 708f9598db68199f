//! The page: four files, which are part of the program.

use bakend::axum::{
    Router,
    http::header::CONTENT_TYPE,
    response::{Html, IntoResponse},
    routing::get,
};

/// Its addresses.
pub fn routes() -> Router {
    Router::new()
        .route("/", get(async || Html(include_str!("page/index.html"))))
        .route("/style.css", get(async || file("text/css", include_str!("page/style.css"))))
        .route("/chat.js", get(async || file("text/javascript", include_str!("page/chat.js"))))
        .route("/socket.js", get(async || file("text/javascript", include_str!("page/socket.js"))))
}

fn file(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(CONTENT_TYPE, kind)], text)
}
