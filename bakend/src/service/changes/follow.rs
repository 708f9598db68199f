//! Following the changelog: everything that is committed, once and in order, from wherever one left off.

use tokio::sync::watch;

use super::{Change, after};
use crate::{Error, Result, service::App};

/// Reads the changelog from a number on and waits for more.
///
/// It keeps no entries in memory: who is slow reads them later, as long as they are kept.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> bakend::Result<()> {
/// use bakend::service::{App, AppOptions, changes::{Followed, Follower}};
/// # let folder = tempfile::tempdir().map_err(bakend::Error::internal)?;
/// # let dir = folder.path();
/// let app = App::open(AppOptions::new(dir)).await?;
/// let mut follower = Follower::from(&app, 0);
/// let Followed::Changes(changes) = follower.next(10).await? else { return Ok(()) };
/// assert_eq!(changes[0].seq, 1);
/// app.close().await;
/// # Ok(()) }
/// ```
pub struct Follower {
    app: App,
    position: i64,
    waiter: Waiter,
}

/// What a follower finds.
#[derive(Debug, PartialEq, Eq)]
pub enum Followed {
    /// Entries, in order; at least one.
    Changes(Vec<Change>),
    /// Entries behind this number are no longer kept; it goes on with those that are.
    Gap(i64),
}

impl Follower {
    /// Starts behind the entry `seq`; 0: at the beginning.
    pub fn from(app: &App, seq: i64) -> Self {
        Self { app: app.clone(), position: seq, waiter: Waiter::of(app) }
    }

    /// The number of the last entry that it returned.
    pub fn position(&self) -> i64 {
        self.position
    }

    /// The next entries, at most `limit`; waits until there are some.
    ///
    /// # Errors
    /// Those of the database; `Internal` when the app was closed.
    pub async fn next(&mut self, limit: u32) -> Result<Followed> {
        loop {
            let changes = after(&self.app, self.position, limit).await?;
            if let (Some(first), Some(last)) = (changes.first(), changes.last()) {
                if first.seq != self.position + 1 {
                    return Ok(Followed::Gap(std::mem::replace(&mut self.position, first.seq - 1)));
                }
                self.position = last.seq;
                return Ok(Followed::Changes(changes));
            }
            if !self.waiter.wait().await {
                return Err(Error::internal("the app was closed"));
            }
        }
    }
}

/// Waits until something may have been committed, by whomever.
pub(crate) struct Waiter {
    commits: watch::Receiver<u64>,
    foreign: watch::Receiver<u64>,
}

impl Waiter {
    /// Hears of what is committed from now on.
    pub fn of(app: &App) -> Self {
        let (mut commits, mut foreign) = (app.store().commits(), app.store().foreign_changes());
        commits.mark_unchanged();
        foreign.mark_unchanged();
        Self { commits, foreign }
    }

    /// Waits; false: the app was closed. What was committed since the last time counts.
    pub async fn wait(&mut self) -> bool {
        tokio::select! {
            changed = self.commits.changed() => changed.is_ok(),
            changed = self.foreign.changed() => changed.is_ok(),
        }
    }
}
