//! Reading: a connection per thread for short reads, a few more beside the async workers for long ones.

use std::{
    cell::RefCell,
    rc::Rc,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use tokio::sync::Semaphore;

use super::{
    connection::{Opened, Place},
    deadline::LOOKS_MIN_INLINE,
};
use crate::{
    Error, Result,
    limits::{INLINE_READ_BUDGET, LONG_READS_MAX, STATEMENT_DEADLINE},
    query::Pace,
    store::{Conn, DatabaseError, error::closed},
};

/// A read beside the async workers that took less than this fraction of the inline budget may run inline again.
const QUICK_FRACTION: u32 = 4;

thread_local! {
    /// This thread's connections: one a store. Those of closed stores are dropped when another store is first read.
    static OPEN: RefCell<Vec<(Weak<Readers>, Rc<Opened>)>> = const { RefCell::new(Vec::new()) };
}

/// Everything that reads one database.
pub(super) struct Readers {
    place: Place,
    /// Connections for long reads that none uses right now.
    resting: Mutex<Vec<Opened>>,
    long_reads: Semaphore,
    closed: AtomicBool,
}

impl Readers {
    pub(super) fn new(place: Place) -> Arc<Self> {
        Arc::new(Self {
            place,
            resting: Mutex::default(),
            long_reads: Semaphore::new(LONG_READS_MAX),
            closed: AtomicBool::new(false),
        })
    }

    /// Runs a read: on this thread while it is short, else again from its start where it may take its time.
    pub(super) async fn read<T, F>(self: &Arc<Self>, pace: &Pace, f: F) -> Result<T>
    where
        F: Fn(&Conn<'_>) -> Result<T> + Send + Sync + 'static,
        T: Send + 'static,
    {
        if !pace.is_slow() {
            if let Some(outcome) = self.read_inline(&f)? {
                return outcome;
            }
            pace.mark_slow();
        }
        let (outcome, quick) = self.read_aside(f).await?;
        if quick {
            pace.mark_quick();
        }
        outcome
    }

    /// The outcome, unless the budget ran out.
    fn read_inline<T>(self: &Arc<Self>, f: &impl Fn(&Conn<'_>) -> Result<T>) -> Result<Option<Result<T>>> {
        let opened = self.of_this_thread()?;
        let armed = opened.deadline.arm(INLINE_READ_BUDGET, LOOKS_MIN_INLINE);
        let outcome = f(&opened.conn());
        Ok(if armed.passed() { None } else { Some(outcome) })
    }

    /// The outcome of a read on a blocking thread, and whether it was quick after all.
    async fn read_aside<T, F>(self: &Arc<Self>, f: F) -> Result<(Result<T>, bool)>
    where
        F: Fn(&Conn<'_>) -> Result<T> + Send + 'static,
        T: Send + 'static,
    {
        let permit = self.long_reads.acquire().await.map_err(|_| closed())?;
        let readers = Arc::clone(self);
        let outcome = tokio::task::spawn_blocking(move || {
            let opened = readers.rested()?;
            let start = Instant::now();
            let armed = opened.deadline.arm(STATEMENT_DEADLINE, 0);
            let mut outcome = f(&opened.conn());
            if armed.passed() {
                outcome = Err(DatabaseError::Interrupted.into());
            }
            drop(armed);
            let quick = start.elapsed() < INLINE_READ_BUDGET / QUICK_FRACTION;
            readers.rest(opened);
            Ok((outcome, quick))
        });
        let outcome = outcome.await.map_err(Error::internal)?;
        drop(permit);
        outcome
    }

    /// The connection of this thread, opened at its first read.
    fn of_this_thread(self: &Arc<Self>) -> Result<Rc<Opened>> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(closed());
        }
        OPEN.with_borrow_mut(|open| {
            if let Some((_, opened)) = open.iter().find(|(owner, _)| std::ptr::eq(owner.as_ptr(), Arc::as_ptr(self))) {
                return Ok(Rc::clone(opened));
            }
            open.retain(|(owner, _)| owner.upgrade().is_some_and(|owner| !owner.closed.load(Ordering::Relaxed)));
            let opened = Rc::new(self.place.open_reader()?);
            open.push((Arc::downgrade(self), Rc::clone(&opened)));
            Ok(opened)
        })
    }

    /// A connection for a long read.
    fn rested(&self) -> Result<Opened> {
        if self.closed.load(Ordering::Relaxed) {
            return Err(closed());
        }
        let resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner).pop();
        resting.map_or_else(|| self.place.open_long_reader(), Ok)
    }

    /// Keeps a connection for the next long read.
    fn rest(&self, opened: Opened) {
        if !self.closed.load(Ordering::Relaxed) {
            self.resting.lock().unwrap_or_else(PoisonError::into_inner).push(opened);
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// No reads from now on; this thread's connection and the resting ones are closed.
    pub(super) fn close(self: &Arc<Self>) {
        self.closed.store(true, Ordering::Relaxed);
        self.resting.lock().unwrap_or_else(PoisonError::into_inner).clear();
        OPEN.with_borrow_mut(|open| open.retain(|(owner, _)| !std::ptr::eq(owner.as_ptr(), Arc::as_ptr(self))));
    }
}
