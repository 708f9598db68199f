//! The state that all of realtime shares.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

use tokio::sync::{Notify, Semaphore};

use super::{ground::Ground, presence::Presence, registry::Registry};
use crate::limits::REALTIME_CATCH_UPS_MAX;

/// What an app keeps of realtime.
pub(crate) struct Hub {
    state: Mutex<State>,
    ground: Mutex<Ground>,
    /// Everything up to this entry of the changelog lies in the mailboxes.
    told: AtomicI64,
    started: AtomicBool,
    closed: AtomicBool,
    woken: Arc<Notify>,
    /// Places for clients that read the changelog for themselves.
    pub(super) catch_ups: Semaphore,
}

/// What changes together.
#[derive(Default)]
pub(super) struct State {
    /// Who is connected.
    pub registry: Registry,
    /// The last entry of the changelog that the tail has taken on; `None`: it is not reading, for nobody listens.
    pub claimed: Option<i64>,
    /// Who shows on which channel.
    pub presence: Presence,
}

impl Default for Hub {
    fn default() -> Self {
        Self {
            state: Mutex::default(),
            ground: Mutex::default(),
            told: AtomicI64::default(),
            started: AtomicBool::default(),
            closed: AtomicBool::default(),
            woken: Arc::default(),
            catch_ups: Semaphore::new(REALTIME_CATCH_UPS_MAX),
        }
    }
}

impl State {
    /// Where the tail stands; `None`: there is no need to read.
    pub fn claimed_by_anybody(&mut self) -> Option<i64> {
        if !self.registry.has_subscriptions() {
            self.claimed = None;
        }
        self.claimed
    }
}

impl Hub {
    /// The state, for a moment: nothing may be awaited while it is held.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is known of rules and accounts, for a moment; the state may be held, and must not be asked for.
    pub(super) fn ground(&self) -> MutexGuard<'_, Ground> {
        self.ground.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything up to this entry of the changelog lies in the mailboxes.
    pub(super) fn told(&self) -> i64 {
        self.told.load(Ordering::Acquire)
    }

    pub(super) fn set_told(&self, seq: i64) {
        self.told.store(seq, Ordering::Release);
    }

    /// Whether the tail is to be started: true once.
    pub(super) fn is_first_start(&self) -> bool {
        !self.started.swap(true, Ordering::AcqRel)
    }

    /// Wakes the tail when somebody begins to listen.
    pub(super) fn woken(&self) -> Arc<Notify> {
        Arc::clone(&self.woken)
    }

    /// Whether nobody can connect any more.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Release);
        let clients = self.state().registry.clients();
        clients.iter().for_each(|client| client.mailbox.close());
    }
}
