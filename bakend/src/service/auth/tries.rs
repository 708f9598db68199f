//! How often something was tried for one account: fixed windows, counted without gaps, bounded in number.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use quick_cache::sync::Cache;

use crate::limits;

/// Accounts that are remembered; beyond it the least recently tried are forgotten.
const ACCOUNTS_MAX: usize = 50_000;

/// Codes of one account, typed in [`LONG_WINDOW`]: more than anybody needs. With a million codes of which three are good, somebody with the
/// first factor would need a year for one chance in two.
pub(super) const LONG_MAX: u32 = 30;
/// Time in which they are counted, as that of passwords from anywhere.
pub(super) const LONG_WINDOW: Duration = limits::PASSWORD_GUESSES_WINDOW;

/// How often, in which time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    /// What is limited.
    pub what: &'static str,
    /// Tries in a window.
    pub tries: u32,
    /// From the first try on.
    pub window: Duration,
}

type Key = (&'static str, String, String);

/// Counts tries.
pub(crate) struct Tries(Cache<Key, Arc<Mutex<Window>>>);

struct Window {
    since: Instant,
    count: u32,
}

impl Default for Tries {
    fn default() -> Self {
        Self(Cache::new(ACCOUNTS_MAX))
    }
}

impl Tries {
    /// Counts a try for `who` of a collection; whether it is within the limit.
    pub fn allow(&self, limit: Limit, collection: &str, who: &str) -> bool {
        self.take(limit, collection, who).is_ok()
    }

    /// Counts a try against several limits; what the first refuses, the next do not count.
    ///
    /// # Errors
    /// As of [`take`](Self::take).
    pub fn take_all(&self, limits: &[Limit], collection: &str, who: &str) -> Result<(), Duration> {
        limits.iter().try_for_each(|limit| self.take(*limit, collection, who))
    }

    /// Counts a try for `who` of a collection.
    ///
    /// # Errors
    /// There were too many: the time until the window ends.
    pub fn take(&self, limit: Limit, collection: &str, who: &str) -> Result<(), Duration> {
        self.take_at(limit, collection, who, Instant::now())
    }

    fn take_at(&self, limit: Limit, collection: &str, who: &str, now: Instant) -> Result<(), Duration> {
        let key = (limit.what, collection.to_owned(), who.to_owned());
        let fresh = || Ok::<_, std::convert::Infallible>(Arc::new(Mutex::new(Window { since: now, count: 0 })));
        let Ok(window) = self.0.get_or_insert_with(&key, fresh);
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        if now.duration_since(window.since) >= limit.window {
            *window = Window { since: now, count: 0 };
        }
        window.count = window.count.saturating_add(1);
        if window.count <= limit.tries {
            return Ok(());
        }
        Err(limit.window.saturating_sub(now.duration_since(window.since)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Limit = Limit { what: "test", tries: 2, window: Duration::from_secs(10) };

    #[test]
    fn tries_are_counted_for_each_account_until_the_window_ends() {
        let (tries, start) = (Tries::default(), Instant::now());
        let at = |who, seconds| tries.take_at(LIMIT, "users", who, start + Duration::from_secs(seconds)).is_ok();
        assert_eq!([at("ana", 0), at("ana", 1), at("ana", 9), at("bob", 9)], [true, true, false, true]);
        assert_eq!([at("ana", 10), at("ana", 11), at("ana", 12)], [true, true, false]);
        assert_eq!(tries.take_at(LIMIT, "others", "ana", start), Ok(()));
        assert_eq!(tries.take_at(LIMIT, "users", "ana", start + Duration::from_secs(14)), Err(Duration::from_secs(6)));
    }

    #[test]
    fn a_long_bound_holds_when_the_short_one_starts_anew() {
        let (tries, long) = (Tries::default(), Limit { what: "long", tries: 3, window: Duration::from_secs(60) });
        let start = Instant::now();
        let at = |seconds| {
            let now = start + Duration::from_secs(seconds);
            [LIMIT, long].iter().try_for_each(|limit| tries.take_at(*limit, "users", "ana", now)).is_ok()
        };
        assert_eq!(
            [at(0), at(1), at(2), at(10), at(11), at(59), at(60)],
            [true, true, false, true, false, false, true]
        );
    }

    #[test]
    fn tries_at_once_are_all_counted() {
        let tries = Tries::default();
        let allowed = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| tries.allow(LIMIT, "users", "ana"))).collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).filter(|allowed| *allowed).count()
        });
        assert_eq!(allowed, 2);
    }
}
