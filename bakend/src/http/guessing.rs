//! Slows down who guesses at hidden values by filtering lists until something is found.

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use quick_cache::sync::Cache;
use rand::RngExt as _;

/// Empty answers in [`WINDOW`] before they are delayed. Source: PocketBase web API, list.
const FREE_MISSES: u32 = 3;
/// Source: PocketBase web API, list.
const WINDOW: Duration = Duration::from_secs(3);
/// Longest delay, in milliseconds. Source: PocketBase web API, list.
const DELAY_MAX_MS: u64 = 500;
/// Clients that are remembered.
const CLIENTS_MAX: usize = 10_000;

/// Empty answers by client and collection.
pub(super) struct Guessing(Cache<(IpAddr, String), (Instant, u32)>);

impl Default for Guessing {
    fn default() -> Self {
        Self(Cache::new(CLIENTS_MAX))
    }
}

impl Guessing {
    /// Notes an empty answer to a filter; waits when there were too many.
    pub async fn missed(&self, client: IpAddr, collection: &str) {
        if self.is_suspicious(client, collection, Instant::now()) {
            let delay = rand::rng().random_range(0..=DELAY_MAX_MS);
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
    }

    fn is_suspicious(&self, client: IpAddr, collection: &str, now: Instant) -> bool {
        let key = (client, collection.to_owned());
        let (since, misses) = match self.0.get(&key) {
            Some((since, misses)) if now.duration_since(since) < WINDOW => (since, misses + 1),
            _ => (now, 1),
        };
        self.0.insert(key, (since, misses));
        misses > FREE_MISSES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fourth_miss_in_a_row_is_suspicious_until_the_window_ends() {
        let guessing = Guessing::default();
        let (client, start) = (IpAddr::from([127, 0, 0, 1]), Instant::now());
        let at = |seconds| guessing.is_suspicious(client, "posts", start + Duration::from_secs(seconds));
        assert_eq!([at(0), at(0), at(1), at(1), at(2), at(9)], [false, false, false, true, true, false]);
    }
}
