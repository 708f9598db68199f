//! One-time passwords that do not exist: so that an address without an account is answered exactly like one with it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use quick_cache::sync::Cache;

use crate::ids;

/// Addresses that are remembered; beyond it the least recently asked for are forgotten.
const ADDRESSES_MAX: usize = 20_000;

/// Collection and address, or collection and id.
type Key = (String, String);

/// The ids that were given out for one address, the oldest first.
type Given = Arc<Mutex<Vec<(String, Instant)>>>;

/// What was pretended.
pub(crate) struct Decoys {
    addresses: Cache<Key, Given>,
    owners: Cache<Key, Arc<str>>,
}

impl Default for Decoys {
    fn default() -> Self {
        Self { addresses: Cache::new(ADDRESSES_MAX), owners: Cache::new(ADDRESSES_MAX) }
    }
}

impl Decoys {
    /// An id for an address, and whether it is new: with more than `open_max` that are younger than `life` it is the newest of them.
    pub fn open(&self, collection: &str, address: &str, open_max: usize, life: Duration) -> (String, bool) {
        let key = (collection.to_owned(), address.to_owned());
        let Ok(given) = self.addresses.get_or_insert_with(&key, || Ok::<_, std::convert::Infallible>(Given::default()));
        let mut given = given.lock().unwrap_or_else(PoisonError::into_inner);
        given.retain(|(_, since)| since.elapsed() <= life);
        if let Some((newest, _)) = given.last().filter(|_| given.len() > open_max) {
            return (newest.clone(), false);
        }
        let id = ids::record_id();
        given.push((id.clone(), Instant::now()));
        // The `@` keeps it apart from the ids of records.
        self.owners.insert((collection.to_owned(), id.clone()), address.into());
        (id, true)
    }

    /// For which address an id was given out, if it was.
    pub fn owner(&self, collection: &str, id: &str) -> Option<String> {
        self.owners.get(&(collection.to_owned(), id.to_owned())).map(|address| address.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_given_out_as_for_an_account() {
        let (decoys, life) = (Decoys::default(), Duration::from_secs(60));
        let ask = |address: &str| decoys.open("users", address, 2, life);
        let given: Vec<_> = (0..5).map(|_| ask("nobody@example.com")).collect();
        assert_eq!(given.iter().map(|(_, is_new)| *is_new).collect::<Vec<_>>(), [true, true, true, false, false]);
        assert_eq!((&given[3].0, &given[4].0), (&given[2].0, &given[2].0));
        assert_eq!(decoys.owner("users", &given[0].0).as_deref(), Some("nobody@example.com"));
        assert_eq!(decoys.owner("others", &given[0].0), None);
        assert_ne!(ask("else@example.com").0, given[2].0);
        assert!(decoys.open("users", "nobody@example.com", 2, Duration::ZERO).1, "the old ones have ended");
    }
}
