//! An exclusive transaction: the writer serves one caller until commit, rollback or the deadline.

use std::{
    sync::{Arc, OnceLock, mpsc},
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use super::{
    connection::Opened,
    job::{Job, job},
    writer::{begin, commit, rollback, run_protected},
};
use crate::{
    Error, Kind, Result,
    limits::{STATEMENT_DEADLINE, TRANSACTION_DEADLINE},
    store::{Conn, error::repeat},
};

/// A request for an exclusive transaction.
pub(super) struct Begin {
    pub(super) allowed: Duration,
    pub(super) ready: oneshot::Sender<Result<Arc<Session>>>,
}

/// The caller's end of an exclusive transaction. When its last clone is dropped, what was not committed is rolled back.
pub(crate) struct Session {
    sender: mpsc::Sender<Command>,
    end: Arc<OnceLock<Error>>,
}

enum Command {
    Run { job: Box<dyn Job>, protected: bool },
    Commit(oneshot::Sender<Result<()>>),
    Rollback(oneshot::Sender<()>),
}

impl Session {
    /// Runs a closure in the transaction. `protected`: in a savepoint of its own, so that its error undoes what it did.
    pub(crate) async fn run<T, F>(&self, protected: bool, f: F) -> Result<T>
    where
        F: FnOnce(&Conn<'_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let (job, answer) = job(f);
        self.sender.send(Command::Run { job, protected }).map_err(|_| self.ended())?;
        answer.await.unwrap_or_else(|_| Err(self.ended()))
    }

    /// Runs a closure in the transaction without waiting for it.
    pub(crate) fn run_unheard(&self, f: impl FnOnce(&Conn<'_>) -> Result<()> + Send + 'static) {
        let (job, _) = job(f);
        // Over already: then there is nothing left to undo.
        let _ = self.sender.send(Command::Run { job, protected: false });
    }

    /// Makes everything done in it last.
    pub(crate) async fn commit(&self) -> Result<()> {
        let (sender, answer) = oneshot::channel();
        self.sender.send(Command::Commit(sender)).map_err(|_| self.ended())?;
        answer.await.unwrap_or_else(|_| Err(self.ended()))
    }

    /// Undoes everything done in it; returns what to wait for, if one wants to.
    pub(crate) fn rollback(&self) -> oneshot::Receiver<()> {
        let (sender, answer) = oneshot::channel();
        // Over already: then there is nothing left to undo, and the answer's end says so.
        let _ = self.sender.send(Command::Rollback(sender));
        answer
    }

    /// Why nothing can be done in it any more.
    fn ended(&self) -> Error {
        self.end.get().map_or_else(|| Error::internal("the transaction is over"), repeat)
    }
}

/// Serves one exclusive transaction on the writer's connection; returns whether anything was committed.
pub(super) fn serve(opened: &Opened, request: Begin) -> bool {
    if request.ready.is_closed() {
        return false;
    }
    if let Err(error) = begin(opened) {
        // Who stopped waiting does not want to know.
        let _ = request.ready.send(Err(error));
        return false;
    }
    let (sender, commands) = mpsc::channel();
    let end = Arc::new(OnceLock::new());
    let session = Arc::new(Session { sender, end: Arc::clone(&end) });
    let until = Instant::now() + request.allowed;
    if request.ready.send(Ok(session)).is_err() {
        rollback(opened);
        return false;
    }
    let ending = obey(opened, &commands, until, request.allowed);
    let committed = ending.committed;
    // Said before the channel closes, so that who finds it closed finds the reason too.
    let _ = end.set(ending.reason);
    drop(commands);
    committed
}

struct Ending {
    committed: bool,
    reason: Error,
}

impl Ending {
    fn new(committed: bool, reason: &str) -> Self {
        Self { committed, reason: Error::new(Kind::Internal, reason) }
    }
}

fn obey(opened: &Opened, commands: &mpsc::Receiver<Command>, until: Instant, allowed: Duration) -> Ending {
    loop {
        let left = until.saturating_duration_since(Instant::now());
        let command = if left.is_zero() { Err(mpsc::RecvTimeoutError::Timeout) } else { commands.recv_timeout(left) };
        match command {
            Ok(Command::Run { job, protected }) => {
                // Who was given more than the usual time may spend it on one statement.
                let statement = if allowed > TRANSACTION_DEADLINE { left } else { left.min(STATEMENT_DEADLINE) };
                if let Some(lost) = run(opened, job, protected, statement) {
                    return Ending { committed: false, reason: lost };
                }
            }
            Ok(Command::Commit(answer)) => {
                let outcome = commit(opened);
                let committed = outcome.is_ok();
                if !committed {
                    rollback(opened);
                }
                // Who stopped waiting does not want to know.
                let _ = answer.send(outcome);
                return Ending::new(committed, "The transaction is over.");
            }
            Ok(Command::Rollback(answer)) => {
                rollback(opened);
                // Who stopped waiting does not want to know.
                let _ = answer.send(());
                return Ending::new(false, "The transaction is over: it was rolled back.");
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                rollback(opened);
                return Ending::new(false, "The transaction is over: it was rolled back.");
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                rollback(opened);
                let reason =
                    format!("The transaction took longer than {} seconds and was rolled back.", allowed.as_secs());
                return Ending::new(false, &reason);
            }
        }
    }
}

/// Runs and answers one job; returns the reason when the database gave the whole transaction up.
fn run(opened: &Opened, mut job: Box<dyn Job>, protected: bool, allowed: Duration) -> Option<Error> {
    let armed = opened.deadline.arm(allowed, 0);
    if protected {
        run_protected(opened, job.as_mut());
    } else {
        job.run(&opened.conn());
    }
    drop(armed);
    let lost = opened.raw.is_autocommit().then(|| {
        job.error()
            .map_or_else(|| Error::new(Kind::Internal, "The transaction was ended by one of its statements."), repeat)
    });
    if let (Some(reason), None) = (&lost, job.error()) {
        job.fail(repeat(reason));
    }
    job.answer();
    lost
}
