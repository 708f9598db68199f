//! Reads, writes and transactions, as the service asks for them.

use std::{sync::Arc, time::Duration};

use super::{
    Conn,
    sqlite::{Engine, Session},
};
use crate::{Error, Result, limits::TRANSACTION_DEADLINE, query::Pace};

tokio::task_local! {
    /// The engine whose writer this task holds.
    static HELD: usize;
}

/// A database, or one open transaction of it. Clones are the same.
#[derive(Clone)]
pub struct Db {
    engine: Arc<Engine>,
    session: Option<Arc<Session>>,
    /// Savepoints of [`Db::begin`] around this one.
    depth: u32,
}

impl Db {
    pub(super) fn new(engine: Arc<Engine>) -> Self {
        Self { engine, session: None, depth: 0 }
    }

    /// Whether this is an open transaction.
    pub fn in_transaction(&self) -> bool {
        self.session.is_some()
    }

    /// Reads. `f` runs on the calling thread while it is quick; when it overruns its budget it is stopped, `pace` is marked and `f` runs
    /// again where it may take its time, so it must do nothing but read and return. In a transaction it sees what that has written.
    ///
    /// # Errors
    /// - what `f` returns;
    /// - `Invalid`: a statement ran into [`STATEMENT_DEADLINE`](crate::limits::STATEMENT_DEADLINE).
    pub async fn read<T, F>(&self, pace: &Pace, f: F) -> Result<T>
    where
        F: Fn(&Conn<'_>) -> Result<T> + Send + Sync + 'static,
        T: Send + 'static,
    {
        match &self.session {
            Some(session) => session.run(false, move |conn| f(conn)).await,
            None => self.engine.read(pace, f).await,
        }
    }

    /// Writes: all that `f` does, or nothing when it returns an error or panics. Answered after the commit, which is shared with the
    /// writes that wait at the same time; in a transaction, when `f` is through.
    ///
    /// # Errors
    /// - what `f` returns;
    /// - `RateLimited`: more than [`WRITE_QUEUE_MAX`](crate::limits::WRITE_QUEUE_MAX) writes wait;
    /// - `Internal`: the commit failed (disk full, …), or `f` panicked; nothing was written.
    pub async fn write<T, F>(&self, f: F) -> Result<T>
    where
        F: FnOnce(&Conn<'_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        match &self.session {
            Some(session) => session.run(true, f).await,
            None => {
                self.not_held()?;
                self.engine.write(f).await
            }
        }
    }

    /// Opens a transaction that has the writer for itself, at most [`TRANSACTION_DEADLINE`] long. In a transaction: a savepoint.
    ///
    /// # Errors
    /// As of [`write`](Self::write).
    pub async fn begin(&self) -> Result<Tx> {
        self.begin_within(TRANSACTION_DEADLINE).await
    }

    /// Like [`begin`](Self::begin) with a time of one's own, for work that nobody else waits for (an import). A savepoint keeps the
    /// time of its transaction.
    ///
    /// # Errors
    /// As of [`write`](Self::write).
    pub async fn begin_within(&self, allowed: Duration) -> Result<Tx> {
        let (session, depth) = match &self.session {
            None => {
                self.not_held()?;
                (self.engine.begin(allowed).await?, 0)
            }
            Some(session) => {
                let name = savepoint(self.depth + 1);
                session.run(false, move |conn| conn.run_script(&format!("SAVEPOINT {name}"))).await?;
                (Arc::clone(session), self.depth + 1)
            }
        };
        let db = Self { engine: Arc::clone(&self.engine), session: Some(Arc::clone(&session)), depth };
        Ok(Tx { db, session, over: false })
    }

    /// A write beside the transaction that this task holds would wait for the transaction, and the transaction for it.
    fn not_held(&self) -> Result<()> {
        match HELD.try_with(|held| *held) {
            Ok(held) if held == self.address() => Err(Error::internal(WAITS_FOR_ITSELF).message_set(WAITS_FOR_ITSELF)),
            _ => Ok(()),
        }
    }

    fn address(&self) -> usize {
        Arc::as_ptr(&self.engine).addr()
    }
}

/// What a write answers that could never happen.
const WAITS_FOR_ITSELF: &str = "This would write beside the transaction it is called in, and wait for itself: write through the \
                                transaction (tx, or the event of the hook).";

/// An open transaction; dropped without [`commit`](Tx::commit), it is rolled back.
pub struct Tx {
    db: Db,
    session: Arc<Session>,
    over: bool,
}

impl Tx {
    /// What runs in it.
    pub fn db(&self) -> Db {
        self.db.clone()
    }

    /// Runs work that writes through this transaction; what it tries to write beside it is refused at once instead of waiting for the
    /// transaction to end.
    pub async fn hold<T>(&self, work: impl Future<Output = T>) -> T {
        HELD.scope(self.db.address(), work).await
    }

    /// Lets relations point at records that come later; they are checked at commit. In savepoints too: it counts for the whole transaction.
    ///
    /// # Errors
    /// `Internal`: the transaction is over.
    pub async fn defer_foreign_keys(&self) -> Result<()> {
        self.session.run(false, |conn| conn.defer_foreign_keys()).await
    }

    /// Makes everything done in it last.
    ///
    /// # Errors
    /// - `Invalid`: deferred relations point nowhere;
    /// - `Internal`: the deadline passed, or the commit failed; nothing was written.
    pub async fn commit(mut self) -> Result<()> {
        self.over = true;
        match self.db.depth {
            0 => self.session.commit().await,
            depth => {
                let release = format!("RELEASE {}", savepoint(depth));
                self.session.run(false, move |conn| conn.run_script(&release)).await
            }
        }
    }

    /// Undoes everything done in it.
    pub async fn rollback(mut self) {
        self.over = true;
        match self.db.depth {
            0 => {
                // The end of the answer's channel means the same: over.
                let _ = self.session.rollback().await;
            }
            depth => {
                let undo = undo(depth);
                if let Err(error) = self.session.run(false, move |conn| conn.run_script(&undo)).await {
                    tracing::debug!(?error, "the transaction was over before its savepoint was rolled back");
                }
            }
        }
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if self.over {
            return;
        }
        match self.db.depth {
            0 => drop(self.session.rollback()),
            depth => {
                let undo = undo(depth);
                self.session.run_unheard(move |conn| conn.run_script(&undo));
            }
        }
    }
}

fn savepoint(depth: u32) -> String {
    format!("bak_nested_{depth}")
}

fn undo(depth: u32) -> String {
    let name = savepoint(depth);
    format!("ROLLBACK TO {name}; RELEASE {name}")
}

#[cfg(test)]
mod tests;
