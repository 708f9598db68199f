//! All that knows SQLite: one file, a reading connection per thread, one writer with group commit.

mod checkpoint;
mod connection;
pub(super) mod ddl;
mod deadline;
mod dialect;
pub(super) mod errors;
pub(super) mod explain;
#[cfg(test)]
mod filters;
mod functions;
pub(super) mod guard;
pub(super) mod inspect;
mod job;
pub(super) mod orm;
mod queue;
mod readers;
pub(super) mod run;
mod session;
pub(super) mod triggers;
mod writer;

use std::{path::PathBuf, sync::Arc, time::Duration};

use sea_orm::{DatabaseConnection, DbBackend};
use sea_query::{QueryStatementWriter, SqliteQueryBuilder};
use tokio::sync::{oneshot, watch};

use checkpoint::Checkpoints;
use connection::Place;
use queue::{Queue, Task};
use readers::Readers;
pub(super) use session::Session;
use writer::Signals;

use super::{Conn, error::closed, system, vault::Vault};
use crate::{
    Result,
    query::{Dialect, Pace},
};

/// What SeaORM calls this database.
pub(super) const ORM_BACKEND: DbBackend = DbBackend::Sqlite;

/// How long a closing store waits for the writer to finish.
const CLOSE_PATIENCE: Duration = Duration::from_secs(60);

/// SQLite's spelling of SQL.
pub fn dialect() -> &'static dyn Dialect {
    &dialect::SqliteDialect
}

/// The text of a statement; its binds are given when it runs.
pub(super) fn text_of(statement: &impl QueryStatementWriter) -> String {
    statement.build(SqliteQueryBuilder).0
}

/// The text of a statement with its binds.
pub(super) fn build(statement: &impl QueryStatementWriter) -> (String, sea_query::Values) {
    statement.build(SqliteQueryBuilder)
}

/// Reads a database file without starting an engine on it; `None`: there is no such file.
pub(super) fn peek<T>(path: PathBuf, read: impl FnOnce(&Conn<'_>) -> Result<T>) -> Result<Option<T>> {
    if !path.exists() {
        return Ok(None);
    }
    let opened = Place { path, synchronous_full: false, vault: Arc::new(Vault::new(None)) }.open_reader()?;
    read(&opened.conn()).map(Some)
}

/// An open SQLite database.
pub(super) struct Engine {
    readers: Arc<Readers>,
    queue: Arc<Queue>,
    foreign: watch::Receiver<u64>,
    commits: watch::Receiver<u64>,
}

impl Engine {
    /// Opens the file, brings the system tables up to date and starts the writer.
    pub(super) async fn open(
        path: PathBuf,
        synchronous_full: bool,
        vault: Vault,
        orm: &DatabaseConnection,
    ) -> Result<Self> {
        let place = Place { path, synchronous_full, vault: Arc::new(vault) };
        let opened = place.open_writer()?;
        if !system::migrations::up_to_date(&opened.conn()) {
            system::migrations::run(orm).await?;
        }
        let queue = Arc::new(Queue::default());
        let (foreign_sender, foreign) = watch::channel(0);
        let (commit_sender, commits) = watch::channel(0);
        let signals = Signals { foreign: foreign_sender, commits: commit_sender };
        let checkpoints = Checkpoints::beside(&opened, &place)?;
        writer::start(opened, Arc::clone(&queue), signals, checkpoints)?;
        Ok(Self { readers: Readers::new(place), queue, foreign, commits })
    }

    pub(super) async fn read<T, F>(&self, pace: &Pace, f: F) -> Result<T>
    where
        F: Fn(&Conn<'_>) -> Result<T> + Send + Sync + 'static,
        T: Send + 'static,
    {
        self.readers.read(pace, f).await
    }

    pub(super) async fn write<T, F>(&self, f: F) -> Result<T>
    where
        F: FnOnce(&Conn<'_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let (job, answer) = job::job(f);
        self.queue.push(Task::Write(job))?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    pub(super) async fn begin(&self, allowed: Duration) -> Result<Arc<Session>> {
        let (ready, answer) = oneshot::channel();
        self.queue.push(Task::Begin(session::Begin { allowed, ready }))?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    pub(super) fn foreign_changes(&self) -> watch::Receiver<u64> {
        self.foreign.clone()
    }

    pub(super) fn commits(&self) -> watch::Receiver<u64> {
        self.commits.clone()
    }

    pub(super) fn is_closed(&self) -> bool {
        self.readers.is_closed()
    }

    /// Finishes the waiting writes and closes.
    pub(super) async fn close(&self) {
        self.readers.close();
        let (sender, done) = oneshot::channel();
        if self.queue.push(Task::Close(sender)).is_ok() && tokio::time::timeout(CLOSE_PATIENCE, done).await.is_err() {
            tracing::warn!("the writer did not finish in time; the next start recovers from the log");
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.readers.close();
        self.queue.close();
    }
}

impl Conn<'_> {
    /// Lets relations point at records that come later, until the transaction ends.
    pub(super) fn defer_foreign_keys(&self) -> Result<()> {
        self.run_script("PRAGMA defer_foreign_keys = ON")
    }
}
