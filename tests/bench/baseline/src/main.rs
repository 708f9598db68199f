//! Answers record views and inserts with one body held in memory: the most that axum alone can serve on a machine. With a database file as third
//! argument, inserts go into SQLite: the most that anything over SQLite can.

mod sqlite;

use std::env;

use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header::CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BODY_MAX_BYTES: usize = 32 * 1024 * 1024;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = env::args().skip(1);
    let (Some(addr), Some(file)) = (args.next(), args.next()) else {
        return Err("usage: bakend-bench-baseline ADDR BODY_FILE [DATABASE]".into());
    };
    let body = Bytes::from(tokio::fs::read(file).await?);
    let app = Router::new()
        .route("/", get(async || "ready"))
        .route("/api/collections/{collection}/records/{id}", get(view))
        .with_state(body.clone());
    let app = match args.next() {
        Some(path) => app.merge(inserts_into(sqlite::Writer::start(&path)?)),
        None => app.route("/api/collections/{collection}/records", post(insert).with_state(body)),
    };
    let app = app.layer(DefaultBodyLimit::max(BODY_MAX_BYTES));
    let listener = tokio::net::TcpListener::bind(addr).await?;
    axum::serve(listener, app).await?;
    Ok(())
}

async fn view(State(body): State<Bytes>, Path((_collection, _id)): Path<(String, String)>) -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], body)
}

async fn insert(State(body): State<Bytes>, Path(_collection): Path<String>, sent: Bytes) -> impl IntoResponse {
    // The posted bytes are read whole, as any server must, and then dropped.
    drop(sent);
    ([(CONTENT_TYPE, "application/json")], body)
}

fn inserts_into(writer: sqlite::Writer) -> Router {
    Router::new().route("/api/collections/{collection}/records", post(store)).with_state(writer)
}

async fn store(
    State(writer): State<sqlite::Writer>,
    Path(_collection): Path<String>,
    Json(sent): Json<sqlite::Post>,
) -> Result<Json<sqlite::Stored>, StatusCode> {
    writer.insert(sent).await.map(Json).ok_or(StatusCode::INTERNAL_SERVER_ERROR)
}
