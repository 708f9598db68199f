//! How often somebody may guess the password of an account.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use quick_cache::sync::Cache;

use super::window::{Window, now_ms};
use crate::{Error, Result, limits};

/// Failed sign-ins by account, and by account and network.
pub(crate) struct Guesses {
    windows: Cache<u64, Arc<Window>>,
    hasher: RandomState,
}

impl Default for Guesses {
    fn default() -> Self {
        Self { windows: Cache::new(limits::GUESSED_ACCOUNTS_MAX), hasher: RandomState::new() }
    }
}

/// One guess, counted already; to be taken back when it was right.
pub(crate) struct Guess {
    windows: [Arc<Window>; 2],
}

impl Guess {
    /// It was no guess: the password was right, or nobody looked at it.
    pub fn take_back(self) {
        self.windows.iter().for_each(|window| window.give_back());
    }
}

impl Guesses {
    /// Counts a guess before it is looked at, so that many at once do not get further. `account` is what was typed: whether there is such an
    /// account makes no difference.
    ///
    /// # Errors
    /// `RateLimited`: there were too many.
    pub fn take(&self, collection: &str, account: &str, address: Option<IpAddr>) -> Result<Guess> {
        self.take_at(collection, account, address, now_ms())
    }

    fn take_at(&self, collection: &str, account: &str, address: Option<IpAddr>, now: u64) -> Result<Guess> {
        let account = account.to_lowercase();
        let near = self.window((collection, &account, address.map(network)));
        let anywhere = self.window((collection, &account, "anywhere"));
        take(&near, now, limits::PASSWORD_GUESSES_NEAR_WINDOW, limits::PASSWORD_GUESSES_NEAR_MAX)?;
        if let Err(error) = take(&anywhere, now, limits::PASSWORD_GUESSES_WINDOW, limits::PASSWORD_GUESSES_MAX) {
            near.give_back();
            return Err(error);
        }
        Ok(Guess { windows: [near, anywhere] })
    }

    fn window(&self, key: impl std::hash::Hash) -> Arc<Window> {
        let key = self.hasher.hash_one(key);
        self.windows.get_or_insert_with::<_, std::convert::Infallible>(&key, || Ok(Arc::default())).unwrap_or_default()
    }
}

fn take(window: &Window, now: u64, length: Duration, max: u64) -> Result<()> {
    let standing = window.take(now, length, max);
    if standing.allowed { Ok(()) } else { Err(Error::rate_limited(standing.reset)) }
}

/// What belongs to one client: an address of version 4, or the 64 bits of version 6 that name a network. Who has one address of version 6
/// has 2^64 of them.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(six) => IpAddr::V6((u128::from(six) >> 64 << 64).into()),
        four => four,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guesses_are_counted_near_and_anywhere() {
        let guesses = Guesses::default();
        let address = |last: u8| Some(IpAddr::from([10, 0, 0, last]));
        let near = limits::PASSWORD_GUESSES_NEAR_MAX;
        for _ in 0..near {
            assert!(guesses.take_at("users", "Ana@example.com", address(0), 0).is_ok());
        }
        let refused = guesses.take_at("users", "ana@EXAMPLE.com", address(0), 0);
        let error = refused.err().expect("too many");
        assert_eq!(error.retry_after(), Some(limits::PASSWORD_GUESSES_NEAR_WINDOW));
        assert!(guesses.take_at("users", "bob@example.com", address(0), 0).is_ok(), "another account");
        assert!(guesses.take_at("others", "ana@example.com", address(0), 0).is_ok(), "another collection");
        let elsewhere = (1..=u8::MAX).flat_map(|last| [last; 5]);
        let more = elsewhere.filter(|last| guesses.take_at("users", "ana@example.com", address(*last), 0).is_ok());
        assert_eq!(more.count() as u64, limits::PASSWORD_GUESSES_MAX - near);
    }

    #[test]
    fn what_take_back_does_not_count() {
        let guesses = Guesses::default();
        for _ in 0..1000 {
            guesses.take_at("users", "ana", None, 0).expect("right every time").take_back();
        }
    }

    #[test]
    fn a_network_of_version_6_is_one_client() {
        let parsed = |text: &str| network(text.parse().expect("an address"));
        assert_eq!(parsed("2001:db8::1"), parsed("2001:db8::ffff:1"));
        assert_ne!(parsed("2001:db8::1"), parsed("2001:db8:0:1::1"));
        assert_eq!(parsed("::ffff:10.0.0.1"), parsed("10.0.0.1"));
    }
}
