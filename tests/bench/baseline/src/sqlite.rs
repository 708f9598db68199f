//! Posts in a SQLite table and nothing around it: no schema, rules, checks, hooks or dates beyond what the row needs. What this reaches is the most
//! that any backend over SQLite can reach on a machine.

use std::{
    sync::mpsc::{self, Receiver, SyncSender},
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

/// Writes that may wait for the writer.
const QUEUE_MAX: usize = 1024;
/// The table and index of the benchmark's posts.
const TABLE: &str = "CREATE TABLE posts (
        id TEXT PRIMARY KEY NOT NULL, title TEXT NOT NULL DEFAULT '', body TEXT NOT NULL DEFAULT '',
        views NUMERIC NOT NULL DEFAULT 0, published BOOLEAN NOT NULL DEFAULT FALSE, created TEXT NOT NULL DEFAULT '');
    CREATE INDEX idx_posts_views ON posts (views);";
/// As durable as bak and PocketBase; a cache and checkpoints like those of bak, which the defaults are slower than.
const PRAGMAS: &str = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 16000; PRAGMA cache_size = -8192;";
const ID_CHARS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";

/// What is sent.
#[derive(Deserialize)]
pub struct Post {
    #[serde(default)]
    title: String,
    #[serde(default)]
    body: String,
    #[serde(default)]
    views: i64,
    #[serde(default)]
    published: bool,
}

/// What is answered.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stored {
    body: String,
    collection_id: &'static str,
    collection_name: &'static str,
    created: String,
    id: String,
    published: bool,
    title: String,
    views: i64,
}

struct Task {
    post: Post,
    answer: oneshot::Sender<Stored>,
}

/// One thread that commits whatever waits together.
#[derive(Clone)]
pub struct Writer(SyncSender<Task>);

impl Writer {
    /// Opens a new database and starts the thread.
    pub fn start(path: &str) -> rusqlite::Result<Self> {
        let connection = Connection::open(path)?;
        connection.execute_batch(PRAGMAS)?;
        connection.execute_batch(TABLE)?;
        let (sender, receiver) = mpsc::sync_channel(QUEUE_MAX);
        thread::spawn(move || work(&connection, &receiver));
        Ok(Self(sender))
    }

    /// Inserts a post; answers when it is committed. `None`: the writer is gone.
    pub async fn insert(&self, post: Post) -> Option<Stored> {
        let (answer, stored) = oneshot::channel();
        self.0.send(Task { post, answer }).ok()?;
        stored.await.ok()
    }
}

fn work(connection: &Connection, tasks: &Receiver<Task>) {
    let mut seed = now_ms() | 1;
    while let Ok(first) = tasks.recv() {
        let batch: Vec<Task> = std::iter::once(first).chain(tasks.try_iter()).collect();
        let written = commit(connection, batch, &mut seed);
        match written {
            Ok(done) => done.into_iter().for_each(|(answer, stored)| drop(answer.send(stored))),
            Err(error) => eprintln!("a commit failed: {error}"),
        }
    }
}

fn commit(
    connection: &Connection,
    batch: Vec<Task>,
    seed: &mut u64,
) -> rusqlite::Result<Vec<(oneshot::Sender<Stored>, Stored)>> {
    connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
    let mut done = Vec::with_capacity(batch.len());
    for Task { post, answer } in batch {
        let stored = Stored {
            body: post.body,
            collection_id: "pbc_1125843985",
            collection_name: "posts",
            created: format!("2026-01-01 00:00:00.{:03}Z", now_ms() % 1000),
            id: random_id(seed),
            published: post.published,
            title: post.title,
            views: post.views,
        };
        let mut insert = connection.prepare_cached("INSERT INTO posts VALUES (?, ?, ?, ?, ?, ?)")?;
        insert.execute(params![
            stored.id,
            stored.title,
            stored.body,
            stored.views,
            stored.published,
            stored.created
        ])?;
        done.push((answer, stored));
    }
    connection.prepare_cached("COMMIT")?.execute([])?;
    Ok(done)
}

/// Fifteen random letters and digits, by xorshift: unguessable is not needed here.
fn random_id(seed: &mut u64) -> String {
    let mut next = || {
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        char::from(ID_CHARS[usize::try_from(*seed % 36).unwrap_or(0)])
    };
    std::iter::repeat_with(&mut next).take(15).collect()
}

fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
