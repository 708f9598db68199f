//! The moment at which a running statement is stopped.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use rusqlite::Connection;

/// SQLite's virtual machine looks at the clock once in so many of its operations: tens of microseconds.
const OPERATIONS_PER_LOOK: i32 = 1000;

/// Looks before an inline read may be stopped. A statement of fewer operations is short whatever the clock says: its thread was
/// set aside by the operating system, which proves nothing about the statement.
pub(super) const LOOKS_MIN_INLINE: u32 = 8;

/// A deadline that a connection's statements obey; set and taken back for the price of two stores.
#[derive(Clone)]
pub(super) struct Deadline(Arc<Cell>);

struct Cell {
    start: Instant,
    /// Nanoseconds after `start`; 0: none.
    at: AtomicU64,
    /// Looks to go before the deadline counts.
    looks_left: AtomicU32,
    passed: AtomicBool,
}

/// Takes the deadline back when dropped.
pub(super) struct Armed<'a>(&'a Deadline);

impl Deadline {
    /// Makes a connection obey a deadline.
    pub(super) fn install(connection: &Connection) -> rusqlite::Result<Self> {
        let cell = Arc::new(Cell {
            start: Instant::now(),
            at: AtomicU64::new(0),
            looks_left: AtomicU32::new(0),
            passed: AtomicBool::new(false),
        });
        let seen = Arc::clone(&cell);
        connection.progress_handler(OPERATIONS_PER_LOOK, Some(move || seen.look()))?;
        Ok(Self(cell))
    }

    /// From now on statements may run for `allowed`, and in any case for `looks` looks at the clock.
    pub(super) fn arm(&self, allowed: Duration, looks: u32) -> Armed<'_> {
        let at = self.0.start.elapsed() + allowed;
        self.0.passed.store(false, Relaxed);
        self.0.looks_left.store(looks, Relaxed);
        self.0.at.store(u64::try_from(at.as_nanos()).unwrap_or(u64::MAX).max(1), Relaxed);
        Armed(self)
    }
}

impl Cell {
    /// Whether to stop the statement.
    fn look(&self) -> bool {
        let at = self.at.load(Relaxed);
        if at == 0 {
            return false;
        }
        let left = self.looks_left.load(Relaxed);
        if left > 0 {
            self.looks_left.store(left - 1, Relaxed);
            return false;
        }
        let late = self.start.elapsed().as_nanos() > u128::from(at);
        if late {
            self.passed.store(true, Relaxed);
        }
        late
    }
}

impl Armed<'_> {
    /// Whether a statement was stopped.
    pub(super) fn passed(&self) -> bool {
        self.0.0.passed.load(Relaxed)
    }
}

impl Drop for Armed<'_> {
    fn drop(&mut self) {
        self.0.0.at.store(0, Relaxed);
    }
}
