//! Challenges between their two requests: each is used once, ends by itself, and there are never too many.

use std::time::{Duration, Instant};

use quick_cache::sync::Cache;
use webauthn_rs::prelude::{DiscoverableAuthentication, PasskeyRegistration};

use crate::ids::{self, SECRET_ALPHABET};

/// How long a challenge lasts. Source: Web Authentication, recommended range of timeouts with user verification.
pub(super) const LIFE: Duration = Duration::from_secs(5 * 60);
/// Challenges that are open at once; beyond it the least recent ones end early.
const OPEN_MAX: usize = 20_000;
/// Length of the id of a challenge, in characters.
const ID_LENGTH: usize = 30;

/// Open challenges.
pub(crate) struct Ceremonies {
    registrations: Cache<String, (Instant, Registration)>,
    sign_ins: Cache<String, (Instant, SignIn)>,
}

/// Somebody registers a passkey.
#[derive(Clone)]
pub(super) struct Registration {
    /// Id of the collection.
    pub collection: String,
    /// Id of the account.
    pub record: String,
    pub state: PasskeyRegistration,
}

/// Somebody signs in.
#[derive(Clone)]
pub(super) struct SignIn {
    /// Id of the collection.
    pub collection: String,
    pub state: DiscoverableAuthentication,
}

impl Default for Ceremonies {
    fn default() -> Self {
        Self { registrations: Cache::new(OPEN_MAX), sign_ins: Cache::new(OPEN_MAX) }
    }
}

impl Ceremonies {
    /// Opens a registration; returns its id.
    pub(super) fn open_registration(&self, registration: Registration) -> String {
        let id = ids::random_text(ID_LENGTH, SECRET_ALPHABET);
        self.registrations.insert(id.clone(), (Instant::now(), registration));
        id
    }

    /// Opens a sign-in; returns its id.
    pub(super) fn open_sign_in(&self, sign_in: SignIn) -> String {
        let id = ids::random_text(ID_LENGTH, SECRET_ALPHABET);
        self.sign_ins.insert(id.clone(), (Instant::now(), sign_in));
        id
    }

    /// Takes a registration out, if it is open.
    pub(super) fn take_registration(&self, id: &str) -> Option<Registration> {
        alive(self.registrations.remove(id)?.1)
    }

    /// Takes a sign-in out, if it is open.
    pub(super) fn take_sign_in(&self, id: &str) -> Option<SignIn> {
        alive(self.sign_ins.remove(id)?.1)
    }
}

fn alive<T>((opened, ceremony): (Instant, T)) -> Option<T> {
    (opened.elapsed() < LIFE).then_some(ceremony)
}
