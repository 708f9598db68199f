//! The one thread that writes: it takes whatever waits and commits it together.

use std::{collections::VecDeque, sync::Arc, thread, time::Instant};

use tokio::sync::watch;

use super::{
    checkpoint::Checkpoints,
    connection::Opened,
    errors::public,
    job::Job,
    queue::{Queue, Task},
    session,
};
use crate::{
    Error, Result,
    limits::{FOREIGN_CHANGE_POLL, GROUP_COMMIT_MAX_WRITES, STATEMENT_DEADLINE},
    store::error::repeat,
};

/// Starts the thread; it ends when the queue is closed and done.
pub(super) fn start(opened: Opened, queue: Arc<Queue>, signals: Signals, checkpoints: Checkpoints) -> Result<()> {
    let version = data_version(&opened)?;
    let mut writer = Writer { opened, queue, signals, checkpoints, version, looked: Instant::now() };
    let name = "bak-writer".to_owned();
    thread::Builder::new().name(name).spawn(move || writer.work()).map_err(Error::internal)?;
    Ok(())
}

/// Whom the writer tells of commits.
pub(super) struct Signals {
    /// Counts commits of other connections, as far as they were noticed.
    pub(super) foreign: watch::Sender<u64>,
    /// Counts own commits.
    pub(super) commits: watch::Sender<u64>,
}

struct Writer {
    opened: Opened,
    queue: Arc<Queue>,
    signals: Signals,
    checkpoints: Checkpoints,
    /// SQLite's count of commits by others, as last seen.
    version: i64,
    /// When it was last looked at.
    looked: Instant,
}

impl Writer {
    fn work(&mut self) {
        let mut waiting = VecDeque::new();
        while self.queue.take(&mut waiting, FOREIGN_CHANGE_POLL) {
            while let Some(task) = waiting.pop_front() {
                match task {
                    Task::Write(job) => self.write(job, &mut waiting),
                    Task::Begin(request) => {
                        if session::serve(&self.opened, request) {
                            self.committed();
                        }
                    }
                    Task::Close(answer) => {
                        self.queue.close();
                        self.finish();
                        // Who stopped waiting does not want to know.
                        let _ = answer.send(());
                    }
                }
                self.checkpoints.look(&self.opened);
                self.look_for_foreign_changes();
            }
            self.look_for_foreign_changes();
        }
    }

    /// Writes a job together with those right behind it.
    fn write(&self, first: Box<dyn Job>, waiting: &mut VecDeque<Task>) {
        let mut batch = vec![first];
        while batch.len() < GROUP_COMMIT_MAX_WRITES {
            match waiting.pop_front() {
                Some(Task::Write(job)) => batch.push(job),
                Some(other) => {
                    waiting.push_front(other);
                    break;
                }
                None => break,
            }
        }
        batch.retain(|job| job.wanted());
        if !batch.is_empty() {
            commit_together(&self.opened, &mut batch);
            // Before the answers: who hears of a change must not wait for who is told that it was made.
            self.committed();
            batch.into_iter().for_each(|job| job.answer());
        }
    }

    /// Tells who listens that this connection may have committed something.
    fn committed(&self) {
        self.signals.commits.send_modify(|count| *count += 1);
    }

    /// Tells who listens when another connection has committed; this connection's own commits do not count.
    fn look_for_foreign_changes(&mut self) {
        if self.looked.elapsed() < FOREIGN_CHANGE_POLL {
            return;
        }
        self.looked = Instant::now();
        match data_version(&self.opened) {
            Ok(version) if version != self.version => {
                self.version = version;
                self.signals.foreign.send_modify(|count| *count += 1);
            }
            Ok(_) => {}
            Err(error) => tracing::warn!(?error, "looking for changes by other processes failed"),
        }
    }

    /// Leaves the file tidy: fresh statistics, an empty log.
    fn finish(&self) {
        let tidy = self.opened.raw.execute_batch("PRAGMA optimize; PRAGMA wal_checkpoint(TRUNCATE);");
        if let Err(error) = tidy {
            tracing::warn!(%error, "the last checkpoint failed; the next start does it");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue.abandon();
    }
}

/// SQLite's count of commits by others.
fn data_version(opened: &Opened) -> Result<i64> {
    let mut statement = opened.raw.prepare_cached("PRAGMA data_version").map_err(public)?;
    statement.query_row([], |row| row.get(0)).map_err(public)
}

/// Runs all jobs and commits; afterwards each holds its outcome.
fn commit_together(opened: &Opened, jobs: &mut [Box<dyn Job>]) {
    let mut open_since = 0;
    let mut open = false;
    let alone = jobs.len() == 1;
    for at in 0..jobs.len() {
        if !open {
            if let Err(error) = begin(opened) {
                fail_all(&mut jobs[at..], &error);
                return;
            }
            (open, open_since) = (true, at);
        }
        let armed = opened.deadline.arm(STATEMENT_DEADLINE, 0);
        let succeeded = if alone { jobs[at].run(&opened.conn()) } else { run_protected(opened, jobs[at].as_mut()) };
        drop(armed);
        if opened.raw.is_autocommit() {
            // SQLite gave the whole transaction up (disk full, deadline, …): what came before is gone too.
            let lost = jobs[at].error().map_or_else(|| Error::internal("a write ended its transaction"), repeat);
            fail_all(&mut jobs[open_since..=at], &lost);
            open = false;
        } else if alone && !succeeded {
            rollback(opened);
            open = false;
        }
    }
    if open && let Err(error) = commit(opened) {
        rollback(opened);
        fail_all(&mut jobs[open_since..], &error);
    }
}

/// Gives an error to all jobs that have none of their own.
fn fail_all(jobs: &mut [Box<dyn Job>], error: &Error) {
    for job in jobs.iter_mut().filter(|job| job.error().is_none()) {
        job.fail(repeat(error));
    }
}

/// Runs a job in a savepoint, which its error undoes; returns whether it succeeded.
pub(super) fn run_protected(opened: &Opened, job: &mut dyn Job) -> bool {
    if let Err(error) = simple(opened, "SAVEPOINT bak_write") {
        job.fail(error);
        return false;
    }
    let succeeded = job.run(&opened.conn());
    if opened.raw.is_autocommit() {
        return false;
    }
    let undone = if succeeded { Ok(()) } else { simple(opened, "ROLLBACK TO bak_write") };
    if let Err(error) = undone.and_then(|()| simple(opened, "RELEASE bak_write")) {
        // What it did half must not be committed with the others' work.
        rollback(opened);
        job.fail(error);
        return false;
    }
    succeeded
}

/// Opens a transaction that holds the write lock from its start.
pub(super) fn begin(opened: &Opened) -> Result<()> {
    simple(opened, "BEGIN IMMEDIATE")
}

/// Makes the open transaction last.
pub(super) fn commit(opened: &Opened) -> Result<()> {
    simple(opened, "COMMIT")
}

/// Undoes the open transaction, if there still is one.
pub(super) fn rollback(opened: &Opened) {
    if !opened.raw.is_autocommit()
        && let Err(error) = simple(opened, "ROLLBACK")
    {
        tracing::error!(?error, "rolling back failed");
    }
}

fn simple(opened: &Opened, sql: &str) -> Result<()> {
    let mut statement = opened.raw.prepare_cached(sql).map_err(public)?;
    statement.raw_execute().map_err(public)?;
    Ok(())
}
