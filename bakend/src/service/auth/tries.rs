//! How often something was tried for one account: fixed windows, counted without gaps, bounded in number.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use quick_cache::sync::Cache;

/// Accounts that are remembered; beyond it the least recently tried are forgotten.
const ACCOUNTS_MAX: usize = 50_000;

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
    fn tries_at_once_are_all_counted() {
        let tries = Tries::default();
        let allowed = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| tries.allow(LIMIT, "users", "ana"))).collect();
            threads.into_iter().filter_map(|thread| thread.join().ok()).filter(|allowed| *allowed).count()
        });
        assert_eq!(allowed, 2);
    }
}
