//! Reads, writes and transactions, as the service asks for them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::sync::{Mutex, OwnedMutexGuard};

use super::{
    Conn,
    sqlite::{Engine, Session},
};
use crate::{Error, Kind, Result, limits::TRANSACTION_DEADLINE, query::Pace};

tokio::task_local! {
    /// The transaction that this task works in.
    static HELD: Held;
}

/// A transaction or savepoint, as the work in it knows it: the address of its engine, and how deep it is.
#[derive(Clone, Copy)]
struct Held {
    engine: usize,
    depth: u32,
}

/// A database, or one open transaction of it. Clones are the same.
#[derive(Clone)]
pub struct Db {
    engine: Arc<Engine>,
    open: Option<Arc<Open>>,
}

/// An open transaction, or a savepoint in one.
struct Open {
    session: Arc<Session>,
    /// Savepoints of [`Db::begin`] around this one, and itself if it is one.
    depth: u32,
    /// Whose turn it is: a write's while it runs, a savepoint's while it is open. Savepoints are a stack, so what two of them did at the
    /// same time could not be told apart when one is undone.
    turn: Arc<Mutex<()>>,
    /// Whether that is a savepoint whose holder may write here before it ends: nobody waits for it.
    loose: AtomicBool,
    /// Whether it has ended: whoever kept it must not read and write in the transaction around it.
    over: AtomicBool,
}

impl Open {
    fn new(session: Arc<Session>, depth: u32) -> Self {
        Self { session, depth, turn: Arc::default(), loose: AtomicBool::new(false), over: AtomicBool::new(false) }
    }

    /// # Errors
    /// `Internal`: it has ended.
    fn is_open(&self) -> Result<()> {
        let is_over = self.over.load(Ordering::Acquire);
        if is_over { Err(Error::new(Kind::Internal, "The transaction is over.")) } else { Ok(()) }
    }

    /// Waits for what writes here to be through. `loose`: for a savepoint whose holder may write here before it ends, so that nobody can
    /// wait for it.
    ///
    /// # Errors
    /// `Internal`: it would wait for itself, or it has ended.
    async fn turn(&self, engine: usize, loose: bool) -> Result<OwnedMutexGuard<()>> {
        let turn = match Arc::clone(&self.turn).try_lock_owned() {
            Ok(turn) => turn,
            Err(_) => {
                let inside = HELD.try_with(|held| held.engine == engine && held.depth > self.depth);
                if inside.unwrap_or(false) || self.loose.load(Ordering::Relaxed) {
                    return Err(Error::internal(OUT_OF_TURN).message_set(OUT_OF_TURN));
                }
                Arc::clone(&self.turn).lock_owned().await
            }
        };
        self.is_open()?;
        self.loose.store(loose, Ordering::Relaxed);
        Ok(turn)
    }
}

impl Db {
    pub(super) fn new(engine: Arc<Engine>) -> Self {
        Self { engine, open: None }
    }

    /// Whether this is an open transaction.
    pub fn in_transaction(&self) -> bool {
        self.open.is_some()
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
        match &self.open {
            Some(open) => {
                open.is_open()?;
                open.session.run(false, move |conn| f(conn)).await
            }
            None => self.engine.read(pace, f).await,
        }
    }

    /// Writes: all that `f` does, or nothing when it returns an error or panics. Answered after the commit, which is shared with the
    /// writes that wait at the same time; in a transaction, when `f` is through. There it waits for savepoints that are open beside it.
    ///
    /// # Errors
    /// - what `f` returns;
    /// - `RateLimited`: more than [`WRITE_QUEUE_MAX`](crate::limits::WRITE_QUEUE_MAX) writes wait;
    /// - `Internal`: the commit failed (disk full, …), or `f` panicked; nothing was written. Or it is called beside the transaction or
    ///   savepoint that it is part of, and would wait for itself.
    pub async fn write<T, F>(&self, f: F) -> Result<T>
    where
        F: FnOnce(&Conn<'_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        match &self.open {
            Some(open) => {
                let _turn = open.turn(self.address(), false).await?;
                open.session.run(true, f).await
            }
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

    /// The same for work that [`hold`](Tx::hold) is told about at once: who writes beside it can wait for it.
    ///
    /// # Errors
    /// As of [`write`](Self::write).
    pub(crate) async fn begin_held(&self) -> Result<Tx> {
        self.open(TRANSACTION_DEADLINE, false).await
    }

    /// Like [`begin`](Self::begin) with a time of one's own, for work that nobody else waits for (an import). A savepoint keeps the
    /// time of its transaction.
    ///
    /// # Errors
    /// As of [`write`](Self::write).
    pub async fn begin_within(&self, allowed: Duration) -> Result<Tx> {
        self.open(allowed, true).await
    }

    async fn open(&self, allowed: Duration, loose: bool) -> Result<Tx> {
        let (open, turn) = match &self.open {
            None => {
                self.not_held()?;
                (Open::new(self.engine.begin(allowed).await?, 0), None)
            }
            Some(around) => {
                let turn = around.turn(self.address(), loose).await?;
                let (session, depth) = (Arc::clone(&around.session), around.depth + 1);
                let name = savepoint(depth);
                session.run(false, move |conn| conn.run_script(&format!("SAVEPOINT {name}"))).await?;
                (Open::new(session, depth), Some(turn))
            }
        };
        let open = Arc::new(open);
        let db = Self { engine: Arc::clone(&self.engine), open: Some(Arc::clone(&open)) };
        Ok(Tx { db, open, _turn: turn })
    }

    /// A write beside the transaction that this task holds would wait for the transaction, and the transaction for it.
    fn not_held(&self) -> Result<()> {
        match HELD.try_with(|held| *held) {
            Ok(held) if held.engine == self.address() => {
                Err(Error::internal(WAITS_FOR_ITSELF).message_set(WAITS_FOR_ITSELF))
            }
            _ => Ok(()),
        }
    }

    fn address(&self) -> usize {
        Arc::as_ptr(&self.engine).addr()
    }
}

/// What a write answers that could never happen.
const WAITS_FOR_ITSELF: &str = "This would write beside the transaction it is called in, and wait for itself: write through the \
                                transaction: in a hook with e.records(…) or e.tx(), not with e.app; in app.transaction with tx.";

/// What a write answers that could never have its turn.
const OUT_OF_TURN: &str = "A transaction inside this one is still open: write through that one (in a hook with e.records(…) or e.tx()), \
                           or end it first.";

/// An open transaction; dropped without [`commit`](Tx::commit), it is rolled back.
pub struct Tx {
    db: Db,
    open: Arc<Open>,
    /// The turn in the transaction around it, given back when it is over.
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Tx {
    /// What runs in it.
    pub fn db(&self) -> Db {
        self.db.clone()
    }

    /// Runs work that writes through this transaction; what it tries to write beside it is refused at once instead of waiting for the
    /// transaction to end.
    pub async fn hold<T>(&self, work: impl Future<Output = T>) -> T {
        HELD.scope(Held { engine: self.db.address(), depth: self.open.depth }, work).await
    }

    /// Lets relations point at records that come later; they are checked at commit. In savepoints too: it counts for the whole transaction.
    ///
    /// # Errors
    /// `Internal`: the transaction is over.
    pub async fn defer_foreign_keys(&self) -> Result<()> {
        self.open.session.run(false, |conn| conn.defer_foreign_keys()).await
    }

    /// Makes everything done in it last.
    ///
    /// # Errors
    /// - `Invalid`: deferred relations point nowhere;
    /// - `Internal`: the deadline passed, or the commit failed; nothing was written.
    pub async fn commit(self) -> Result<()> {
        self.open.over.store(true, Ordering::Release);
        match self.open.depth {
            0 => self.open.session.commit().await,
            depth => {
                let release = format!("RELEASE {}", savepoint(depth));
                self.open.session.run(false, move |conn| conn.run_script(&release)).await
            }
        }
    }

    /// Undoes everything done in it.
    pub async fn rollback(self) {
        self.open.over.store(true, Ordering::Release);
        match self.open.depth {
            0 => {
                // The end of the answer's channel means the same: over.
                let _ = self.open.session.rollback().await;
            }
            depth => {
                let undo = undo(depth);
                if let Err(error) = self.open.session.run(false, move |conn| conn.run_script(&undo)).await {
                    tracing::debug!(?error, "the transaction was over before its savepoint was rolled back");
                }
            }
        }
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if self.open.over.swap(true, Ordering::AcqRel) {
            return;
        }
        match self.open.depth {
            0 => drop(self.open.session.rollback()),
            depth => {
                let undo = undo(depth);
                self.open.session.run_unheard(move |conn| conn.run_script(&undo));
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
