//! Files in a bucket: a real S3 server, started by each test.

use std::{path::PathBuf, sync::Arc};

use bakend::service::files::{
    Place,
    transfer::{self, Total},
};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use s3s::{auth::SimpleAuth, service::S3ServiceBuilder};
use serde_json::json;
use tokio::{net::TcpListener, task::JoinHandle};

use super::{
    client::{Server, delete, get, parsed, patch, post, status},
    files::{below, content, form, holds},
    world::{Guest, Superuser},
};

const BUCKET: &str = "files";
const DOCS: &str = "/api/collections/docs/records";
/// Large enough to go up in parts.
const LARGE_BYTES: usize = 9 << 20;

/// An S3 server over a folder.
pub struct Store {
    folder: Arc<tempfile::TempDir>,
    address: String,
    served: JoinHandle<()>,
}

impl Store {
    pub async fn start() -> Self {
        let folder = Arc::new(tempfile::tempdir().expect("a folder"));
        std::fs::create_dir(folder.path().join(BUCKET)).expect("a bucket");
        Self::on(folder, "127.0.0.1:0").await
    }

    async fn on(folder: Arc<tempfile::TempDir>, address: &str) -> Self {
        let files = s3s_fs::FileSystem::new(folder.path()).expect("a folder");
        let mut builder = S3ServiceBuilder::new(files);
        builder.set_auth(SimpleAuth::from_single("key", "secret"));
        let service = builder.build();
        let listener = TcpListener::bind(address).await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let served = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let service = service.clone();
                connections.spawn(async move {
                    let http = auto::Builder::new(TokioExecutor::new());
                    let _ = http.serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { folder, address, served }
    }

    /// Ends it, connections and all; returns what it takes to start it again.
    async fn stop(self) -> (Arc<tempfile::TempDir>, String) {
        self.served.abort();
        let _ = self.served.await;
        (self.folder, self.address)
    }

    /// Names of the files in the bucket.
    pub fn files(&self) -> Vec<PathBuf> {
        fn walk(dir: PathBuf, found: &mut Vec<PathBuf>) {
            for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() { walk(path, found) } else { found.push(path) }
            }
        }
        let mut found = Vec::new();
        walk(self.folder.path().join(BUCKET), &mut found);
        found.sort();
        found
    }

    pub fn settings(&self, enabled: bool) -> serde_json::Value {
        let endpoint = format!("http://{}", self.address);
        json!({"s3": {
            "enabled": enabled, "endpoint": endpoint, "bucket": BUCKET, "region": "us-east-1",
            "accessKey": "key", "secret": "secret", "forcePathStyle": true,
        }})
    }
}

pub async fn docs(server: &Server) {
    let fields = json!([
        {"name": "one", "type": "file", "maxSelect": 1, "maxSize": 50 << 20, "thumbs": ["10x10"]},
        {"name": "secret", "type": "file", "maxSelect": 1, "protected": true},
    ]);
    server.collection("docs", [Some(""); 5], fields).await;
}

pub async fn uploaded(server: &Server, field: &str, name: &str, bytes: &[u8]) -> (String, String) {
    let answer = server.send(&form("POST", DOCS, &[(field, name, bytes)], &[])).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let record = answer.json();
    let id = record["id"].as_str().expect("an id").to_owned();
    let url = format!("/api/files/docs/{id}/{}", record[field].as_str().expect("a name"));
    (id, url)
}

pub fn large() -> Vec<u8> {
    (0..LARGE_BYTES).map(|at| (at / 7) as u8).collect()
}

fn picture() -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(40, 40).write_to(&mut out, image::ImageFormat::Png).expect("encodes");
    out.into_inner()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_live_and_die_in_a_bucket() {
    let (server, store) = (Server::start().await, Store::start().await);
    docs(&server).await;
    server.made(patch("/api/settings", store.settings(true))).await;
    let (_, small) = uploaded(&server, "one", "a.txt", b"0123456789").await;
    let (large_id, large_url) = uploaded(&server, "one", "b.bin", &large()).await;
    let (_, picture) = uploaded(&server, "one", "c.png", &picture()).await;
    assert!(below(&server, "storage").is_empty() && below(&server, ".tmp").is_empty());
    server
        .check([
            (Guest, get(&small), status(200).says("0123456789").header("content-type", "text/plain; charset=utf-8")),
            (Guest, get(&small).with("Range", "bytes=2-4"), status(206).says("234")),
        ])
        .await;
    assert_eq!(content(&server, &large_url).await, large());
    let thumb = content(&server, &format!("{picture}?thumb=10x10")).await;
    assert_eq!(image::load_from_memory(&thumb).expect("an image").width(), 10);
    assert_eq!(content(&server, &format!("{picture}?thumb=10x10")).await, thumb);
    let named = |part: &str| store.files().iter().filter(|path| path.to_string_lossy().contains(part)).count();
    assert_eq!(named("thumbs_"), 1, "{:?}", store.files());
    assert_eq!(server.send(&delete(&format!("{DOCS}/{large_id}"))).await.status, 204);
    assert_eq!(named(".bin"), 0, "{:?}", store.files());
    server.made(delete("/api/collections/docs/truncate")).await;
    let left: Vec<_> = store.files().into_iter().filter(|path| path.to_string_lossy().contains(".png")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_move_there_and_back_keeps_every_byte() {
    let (server, store) = (Server::start().await, Store::start().await);
    docs(&server).await;
    let (_, small) = uploaded(&server, "one", "a.txt", b"hello").await;
    let (_, picture_url) = uploaded(&server, "one", "c.png", &picture()).await;
    let (_, large_url) = uploaded(&server, "one", "b.bin", &large()).await;
    content(&server, &format!("{picture_url}?thumb=10x10")).await;
    holds(&server, 4).await;
    transfer::move_all(&server.app, Place::S3, |_| ()).await.expect_err("the settings name no bucket");
    holds(&server, 4).await;

    server.made(patch("/api/settings", store.settings(false))).await;
    let moved = transfer::move_all(&server.app, Place::S3, |_| ()).await.expect("moves");
    assert_eq!((moved.files, moved.total), (3, 3));
    assert!(server.app.settings().s3.enabled);
    holds(&server, 0).await;
    let in_bucket = Total { files: 3, bytes: (5 + LARGE_BYTES + picture().len()) as u64 };
    assert_eq!(transfer::total(&server.app, Place::S3).await.expect("counts"), in_bucket);
    for _ in 0..2 {
        assert_eq!(content(&server, &small).await, b"hello");
        assert_eq!(content(&server, &large_url).await, large());
        assert_eq!(content(&server, &picture_url).await, picture());
        content(&server, &format!("{picture_url}?thumb=10x10")).await;
        // Back again, and once more when there is nothing left to do.
        transfer::move_all(&server.app, Place::Local, |_| ()).await.expect("moves");
        assert!(!server.app.settings().s3.enabled);
    }
    assert_eq!(transfer::total(&server.app, Place::S3).await.expect("counts"), Total::default());
    let left = store.files().into_iter().filter(|path| !path.to_string_lossy().contains(".s3s")).count();
    holds(&server, 4).await;
    assert!(store.files().iter().all(|path| !path.to_string_lossy().ends_with(".txt")), "{left} {:?}", store.files());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn downloads_can_go_to_the_bucket_itself() {
    let (server, store) = (Server::start().await, Store::start().await);
    docs(&server).await;
    let mut settings = store.settings(true);
    settings["s3"]["redirectDownloads"] = json!(true);
    server.made(patch("/api/settings", settings)).await;
    server.made(patch("/api/collections/docs", json!({"viewRule": "@request.auth.id != ''"}))).await;
    let (_, open) = uploaded(&server, "one", "a.html", b"<html></html>").await;
    let (_, secret) = uploaded(&server, "secret", "b.txt", b"mine").await;
    server.check([(Guest, get(&secret), status(404))]).await;
    let answer = server.ask(&Superuser, post("/api/files/token", json!({}))).await.json();
    let token = answer["token"].as_str().expect("a token");
    for (path, expected) in [(open, "<html></html>"), (format!("{secret}?token={token}"), "mine")] {
        let answer = server.send(&get(&path)).await;
        assert_eq!((answer.status, answer.header("cache-control").as_deref()), (302, Some("no-store")), "{answer:?}");
        let link = answer.header("location").expect("a link");
        let base = format!("http://{}", store.address);
        let rest = link.strip_prefix(&base).expect("it leads to the store");
        let fetch = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", store.address);
        let fetched = talk(&store.address, &fetch(rest)).await;
        assert_eq!((fetched.status, fetched.body.as_str()), (200, expected), "{fetched:?}");
        let unsigned = rest.split('?').next().expect("a path");
        assert_eq!(talk(&store.address, &fetch(unsigned)).await.status, 403);
    }
}

async fn talk(address: &str, request: &str) -> super::client::Answer {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("connects");
    stream.write_all(request.as_bytes()).await.expect("sends");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("reads");
    parsed(&answer)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_that_is_away_loses_nothing() {
    let (server, store) = (Server::start().await, Store::start().await);
    docs(&server).await;
    server.made(patch("/api/settings", store.settings(true))).await;
    server.check([(Superuser, post("/api/settings/test/s3", json!({"filesystem": "storage"})), status(204))]).await;
    let (_, before) = uploaded(&server, "one", "a.txt", b"before").await;
    let (folder, address) = store.stop().await;
    server
        .check([
            (Superuser, post("/api/settings/test/s3", json!({"filesystem": "storage"})), status(400).says("Raw error")),
            (Guest, get(&before), status(500).says("file storage (S3)")),
        ])
        .await;
    // The record is committed and the file is safe: it waits here, and is served from here.
    let (_, during) = uploaded(&server, "one", "b.txt", b"during").await;
    assert_eq!(content(&server, &during).await, b"during");
    assert_eq!(below(&server, ".tmp").len(), 1);
    let store = Store::on(folder, &address).await;
    // Whatever wakes the sweep: here, the next change of a collection.
    server.collection("other", [None; 5], json!([])).await;
    holds(&server, 0).await;
    for (url, expected) in [(before, &b"before"[..]), (during, b"during")] {
        assert_eq!(content(&server, &url).await, expected);
    }
    drop(store);
}

#[tokio::test]
async fn the_test_of_the_settings_says_what_is_wrong() {
    let server = Server::start().await;
    let path = "/api/settings/test/s3";
    let failed = |code: &str| status(400).says("Failed to test the S3 filesystem").has("/data/filesystem/code", code);
    server
        .check([
            (Guest, post(path, json!({})), status(401)),
            (Superuser, post(path, json!({})), failed("validation_required")),
            (Superuser, post(path, json!({"filesystem": "x"})), failed("validation_in_invalid")),
            (
                Superuser,
                post(path, json!({"filesystem": "backups"})),
                status(400).says("S3 storage filesystem is not enabled"),
            ),
        ])
        .await;
}
