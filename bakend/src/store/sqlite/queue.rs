//! What waits for the writer, in order; bounded.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::sync::oneshot;

use super::{job::Job, session::Begin};
use crate::{Error, Kind, Result, limits::WRITE_QUEUE_MAX, store::error::closed};

/// Something for the writer to do.
pub(super) enum Task {
    /// A write that may share its commit.
    Write(Box<dyn Job>),
    /// A transaction that has the writer for itself.
    Begin(Begin),
    /// The last thing to do; answered when it is done.
    Close(oneshot::Sender<()>),
}

/// What waits for the writer.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    tasks: VecDeque<Task>,
    asleep: bool,
    closed: bool,
}

impl Queue {
    /// Adds a task at the end.
    pub(super) fn push(&self, task: Task) -> Result<()> {
        let mut state = self.lock();
        if state.closed {
            return Err(closed());
        }
        if state.tasks.len() >= WRITE_QUEUE_MAX {
            return Err(Error::new(
                Kind::RateLimited,
                format!("More than {WRITE_QUEUE_MAX} writes wait for the database. Try again later."),
            ));
        }
        state.tasks.push_back(task);
        let asleep = std::mem::take(&mut state.asleep);
        drop(state);
        if asleep {
            self.wake.notify_one();
        }
        Ok(())
    }

    /// Moves all that waits into `out`, waiting at most `patience` for something; false when closed and empty.
    pub(super) fn take(&self, out: &mut VecDeque<Task>, patience: Duration) -> bool {
        let mut state = self.lock();
        if state.tasks.is_empty() && !state.closed {
            state.asleep = true;
            state = self.wake.wait_timeout(state, patience).unwrap_or_else(PoisonError::into_inner).0;
            state.asleep = false;
        }
        out.append(&mut state.tasks);
        !(state.closed && out.is_empty())
    }

    /// Nothing more is taken in; what waits is still done.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.wake.notify_one();
    }

    /// Nothing more is taken in, and who waits is let go: there is no writer any more.
    pub(super) fn abandon(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.tasks.clear();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
