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

/// Failed sign-ins by account, and by account and network. Those of accounts that exist are kept apart: a flood of made-up names must not push
/// out what is known about a guessed one. Both are counted alike, so that the answers are the same.
pub(crate) struct Guesses {
    accounts: Cache<u64, Arc<Window>>,
    nobody: Cache<u64, Arc<Window>>,
    hasher: RandomState,
}

/// Whether what was typed is an account's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// It is.
    Account,
    /// There is no such account.
    Nobody,
}

impl Default for Guesses {
    fn default() -> Self {
        let windows = || Cache::new(limits::GUESSED_ACCOUNTS_MAX);
        Self { accounts: windows(), nobody: windows(), hasher: RandomState::new() }
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
    pub fn take(&self, known: Known, collection: &str, account: &str, address: Option<IpAddr>) -> Result<Guess> {
        self.take_at(known, collection, account, address, now_ms())
    }

    fn take_at(
        &self,
        known: Known,
        collection: &str,
        account: &str,
        address: Option<IpAddr>,
        now: u64,
    ) -> Result<Guess> {
        let account = account.to_lowercase();
        let near = self.window(known, (collection, &account, address.map(network)));
        let anywhere = self.window(known, (collection, &account, "anywhere"));
        take(&near, now, limits::PASSWORD_GUESSES_NEAR_WINDOW, limits::PASSWORD_GUESSES_NEAR_MAX)?;
        if let Err(error) = take(&anywhere, now, limits::PASSWORD_GUESSES_WINDOW, limits::PASSWORD_GUESSES_MAX) {
            near.give_back();
            return Err(error);
        }
        Ok(Guess { windows: [near, anywhere] })
    }

    /// The window of a name, which an account's own spelling and others of it share: were they counted apart, that would tell which is one.
    fn window(&self, known: Known, key: impl std::hash::Hash) -> Arc<Window> {
        let key = self.hasher.hash_one(key);
        let put = |windows: &Cache<u64, Arc<Window>>, window: Option<Arc<Window>>| {
            let window = || Ok::<_, std::convert::Infallible>(window.unwrap_or_default());
            let Ok(window) = windows.get_or_insert_with(&key, window);
            window
        };
        match known {
            Known::Account => put(&self.accounts, self.nobody.get(&key)),
            Known::Nobody => self.accounts.get(&key).unwrap_or_else(|| put(&self.nobody, None)),
        }
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
            assert!(guesses.take_at(Known::Account, "users", "Ana@example.com", address(0), 0).is_ok());
        }
        let refused = guesses.take_at(Known::Account, "users", "ana@EXAMPLE.com", address(0), 0);
        let error = refused.err().expect("too many");
        assert_eq!(error.retry_after(), Some(limits::PASSWORD_GUESSES_NEAR_WINDOW));
        assert!(guesses.take_at(Known::Account, "users", "bob@example.com", address(0), 0).is_ok(), "another account");
        assert!(
            guesses.take_at(Known::Account, "others", "ana@example.com", address(0), 0).is_ok(),
            "another collection"
        );
        let elsewhere = (1..=u8::MAX).flat_map(|last| [last; 5]);
        let more = elsewhere
            .filter(|last| guesses.take_at(Known::Account, "users", "ana@example.com", address(*last), 0).is_ok());
        assert_eq!(more.count() as u64, limits::PASSWORD_GUESSES_MAX - near);
    }

    #[test]
    fn other_spellings_of_an_account_count_with_it() {
        for order in [[Known::Account, Known::Nobody], [Known::Nobody, Known::Account]] {
            let guesses = Guesses::default();
            let spelled = |known| guesses.take_at(known, "users", "ana", None, 0).is_ok();
            let near = limits::PASSWORD_GUESSES_NEAR_MAX as usize;
            let through = order.into_iter().cycle().take(near * 2).filter(|known| spelled(*known)).count();
            assert_eq!(through, near, "{order:?}");
        }
    }

    #[test]
    fn a_flood_of_made_up_names_does_not_free_a_guessed_account() {
        let guesses = Guesses::default();
        while guesses.take_at(Known::Account, "users", "ana", None, 0).is_ok() {}
        for n in 0..limits::GUESSED_ACCOUNTS_MAX * 2 {
            guesses.take_at(Known::Nobody, "users", &n.to_string(), None, 0).expect("the first try").take_back();
        }
        assert!(guesses.take_at(Known::Account, "users", "ana", None, 0).is_err());
        assert!(guesses.nobody.len() <= limits::GUESSED_ACCOUNTS_MAX, "bounded");
    }

    #[test]
    fn what_take_back_does_not_count() {
        let guesses = Guesses::default();
        for _ in 0..1000 {
            guesses.take_at(Known::Account, "users", "ana", None, 0).expect("right every time").take_back();
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
