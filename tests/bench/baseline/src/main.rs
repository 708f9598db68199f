//! Answers record views and inserts with one body held in memory: the most that axum alone can serve on a machine. With a database file as third
//! argument, inserts go into SQLite: the most that anything over SQLite can. Copies files from and to the disk under `/copy`.

mod sqlite;

use std::env;

use axum::body::{Body, Bytes};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header::CONTENT_TYPE};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::TryStreamExt as _;
use tokio::io::{AsyncWriteExt as _, BufWriter};
use tokio_util::io::{ReaderStream, StreamReader};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BODY_MAX_BYTES: usize = 32 * 1024 * 1024;
/// How much goes to and from the disk at once: with the small pieces that tokio takes unasked, it is the hops between threads that are measured.
const COPY_BYTES: usize = 256 * 1024;

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
    let app = app.route("/copy/{name}", post(upload).get(download).layer(DefaultBodyLimit::disable()));
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

/// Copies the body to a file of the working folder.
async fn upload(Path(name): Path<String>, body: Body) -> Result<StatusCode, StatusCode> {
    let file = tokio::fs::File::create(plain(&name)?).await.map_err(failed)?;
    let mut file = BufWriter::with_capacity(COPY_BYTES, file);
    let mut body = StreamReader::new(body.into_data_stream().map_err(std::io::Error::other));
    tokio::io::copy_buf(&mut body, &mut file).await.map_err(failed)?;
    file.flush().await.map_err(failed)?;
    Ok(StatusCode::NO_CONTENT)
}

/// Copies a file of the working folder to the answer.
async fn download(Path(name): Path<String>) -> Result<Body, StatusCode> {
    let file = tokio::fs::File::open(plain(&name)?).await.map_err(failed)?;
    Ok(Body::from_stream(ReaderStream::with_capacity(file, COPY_BYTES)))
}

fn plain(name: &str) -> Result<&str, StatusCode> {
    if name.contains(['/', '\\']) || name.starts_with('.') { Err(StatusCode::BAD_REQUEST) } else { Ok(name) }
}

fn failed(_: std::io::Error) -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
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
