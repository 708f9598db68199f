//! Ids and random text.

use std::{
    cell::RefCell,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use rand::{Rng, RngExt as _, SeedableRng as _, rngs::StdRng};

/// Characters of a record id.
pub const ID_ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// Length of a record id, in characters.
pub const ID_LENGTH: usize = 15;
/// Length of a new token key, in characters. Source: PocketBase.
pub const TOKEN_KEY_LENGTH: usize = 50;
/// Letters and digits, for secrets and token keys.
pub const SECRET_ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// A new record id: 15 characters of `[a-z0-9]`, 77 bits from the system-seeded generator.
pub fn record_id() -> String {
    random_text(ID_LENGTH, ID_ALPHABET)
}

/// Random text of `length` characters out of `alphabet` (ASCII), fit for secrets.
pub fn random_text(length: usize, alphabet: &[u8]) -> String {
    let letter = |rng: &mut dyn Rng| char::from(alphabet[rng.random_range(0..alphabet.len())]);
    drawing(|rng| (0..length).map(|_| letter(rng)).collect())
}

/// Draws from the system-seeded generator or, on a thread of a test that says so, from a seed.
pub(crate) fn drawing<T>(draw: impl FnOnce(&mut dyn Rng) -> T) -> T {
    match current() {
        None => draw(&mut rand::rng()),
        Some(seeded) => draw(&mut *seeded.0.lock().unwrap_or_else(PoisonError::into_inner)),
    }
}

/// Ids and secrets that are the same in every run, for tests only: whoever knows the seed knows them all. Clones go on with one sequence.
#[derive(Clone, Debug)]
pub(crate) struct Seeded(Arc<Mutex<StdRng>>);

/// Whether anybody ever drew from a seed: a plain load is all that this costs where nobody does.
static DRAWN: AtomicBool = AtomicBool::new(false);

thread_local! {
    static CURRENT: RefCell<Option<Seeded>> = const { RefCell::new(None) };
}

impl Seeded {
    /// The sequence of a seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(StdRng::seed_from_u64(seed))))
    }

    /// Has this thread draw from it until the value is dropped.
    pub(crate) fn draw(&self) -> Drawing {
        DRAWN.store(true, Ordering::Relaxed);
        Drawing(CURRENT.with_borrow_mut(|current| current.replace(self.clone())))
    }
}

/// A thread draws from a seed; dropped, it goes back to where it drew before.
pub(crate) struct Drawing(Option<Seeded>);

impl Drop for Drawing {
    fn drop(&mut self) {
        CURRENT.with_borrow_mut(|current| *current = self.0.take());
    }
}

/// What this thread draws from, for work that goes on elsewhere.
pub(crate) fn current() -> Option<Seeded> {
    if !DRAWN.load(Ordering::Relaxed) {
        return None;
    }
    CURRENT.with_borrow(Clone::clone)
}

/// The generated id of a collection or field: a prefix and the CRC-32 (IEEE, decimal) of a text.
///
/// Source: PocketBase web API, ids of collections (`pbc_` + CRC-32 of type and name) and fields (type + CRC-32 of the name).
pub fn checksum_id(prefix: &str, text: &str) -> String {
    format!("{prefix}{}", crc32fast::hash(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_ids_come_out() {
        assert_eq!(checksum_id("pbc_", "auth_superusers"), "pbc_3142635823");
        assert_eq!(checksum_id("text", "id"), "text3208210256");
    }

    #[test]
    fn a_seed_gives_the_same_ids_again_and_others_do_not_see_it() {
        let drawn = |seed: u64| {
            let _drawing = Seeded::new(seed).draw();
            [record_id(), record_id()]
        };
        assert_eq!(drawn(7), drawn(7));
        assert_ne!(drawn(7), drawn(8));
        assert_ne!(drawn(7)[0], record_id());
    }

    #[test]
    fn a_record_id_has_its_length_and_alphabet() {
        let id = record_id();
        assert_eq!(id.len(), ID_LENGTH);
        assert!(id.bytes().all(|byte| ID_ALPHABET.contains(&byte)));
    }
}
