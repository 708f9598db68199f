//! Password hashes: argon2id for our own, bcrypt for imported ones; off the async threads, bounded in number.

use std::sync::{
    OnceLock,
    atomic::{AtomicU32, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::{PasswordHash, SaltString},
};

use super::hashing;
use crate::{
    Error, Result, ids, limits,
    query::Pace,
    schema::Value,
    service::records::{Call, Draft},
    store::{Store, system::params},
};

/// The highest cost of bcrypt hashes that are known to be about; 0: none.
static BCRYPT_COST: AtomicU32 = AtomicU32::new(0);
/// Length of a password that nobody knows, in characters.
const RANDOM_LENGTH: usize = 30;

/// The hash of a password, as a PHC string: `$argon2id$v=19$m=19456,t=2,p=1$…`.
///
/// # Errors
/// `RateLimited` when too many wait already.
pub async fn hash(password: &str) -> Result<String> {
    let password = password.to_owned();
    hashing::run(move || hash_now(&password)).await?
}

/// Whether a password has this hash (argon2 or bcrypt). With an empty hash the answer is no, after as much work as any other no takes.
///
/// # Errors
/// `RateLimited` when too many wait already.
pub async fn verify(password: &str, hash: &str) -> Result<bool> {
    let (password, hash) = (password.to_owned(), hash.to_owned());
    hashing::run(move || verify_now(&password, &hash)).await
}

/// A password that nobody knows.
pub(super) fn random() -> String {
    ids::random_text(RANDOM_LENGTH, ids::SECRET_ALPHABET)
}

/// Puts hashes in the place of the plain passwords of a draft.
///
/// # Errors
/// `RateLimited` when too many wait already.
pub(crate) async fn hash_draft(_call: &Call, draft: &mut Draft) -> Result<()> {
    for at in std::mem::take(&mut draft.passwords) {
        if let Value::Text(plain) = &draft.record.values[at]
            && !plain.is_empty()
        {
            draft.record.values[at] = Value::Text(hash(plain).await?);
        }
    }
    Ok(())
}

/// Whether a hash should be replaced at the next sign-in: bcrypt, or argon2 with other parameters than ours.
pub fn is_outdated(hash: &str) -> bool {
    let Ok(parsed) = PasswordHash::new(hash) else { return true };
    let ours = Params::try_from(&parsed).is_ok_and(|params| {
        params.m_cost() == limits::ARGON2_MEMORY_KIB
            && params.t_cost() == limits::ARGON2_PASSES
            && params.p_cost() == limits::ARGON2_LANES
    });
    parsed.algorithm != argon2::ARGON2ID_IDENT || !ours
}

fn argon2() -> Argon2<'static> {
    let params = Params::new(limits::ARGON2_MEMORY_KIB, limits::ARGON2_PASSES, limits::ARGON2_LANES, None)
        .expect("the parameters are constants within argon2's bounds");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn hash_now(password: &str) -> Result<String> {
    let salt =
        SaltString::encode_b64(&rand::random::<[u8; 16]>()).map_err(|error| Error::internal(error.to_string()))?;
    let hash = argon2().hash_password(password.as_bytes(), &salt);
    hash.map(|hash| hash.to_string()).map_err(|error| Error::internal(error.to_string()))
}

/// Under which parameter an import leaves the highest cost of the bcrypt hashes that it brought.
pub(crate) const BCRYPT_COST_PARAM: &str = "bcryptCost";

/// Says that there are bcrypt hashes of this cost: from now on every refusal takes as long as theirs.
pub(crate) fn expect_bcrypt(cost: u32) {
    if (BCRYPT_COST_MIN..=BCRYPT_COST_MAX).contains(&cost) {
        BCRYPT_COST.fetch_max(cost, Ordering::Relaxed);
    }
}

/// Says so when an import has left word of bcrypt hashes.
///
/// # Errors
/// Those of the database.
pub(crate) async fn expect_imported(store: &Store) -> Result<()> {
    let left = store.db().read(&Pace::default(), |conn| params::load(conn, BCRYPT_COST_PARAM)).await?;
    if let Some(cost) = left.and_then(|text| text.parse().ok()) {
        expect_bcrypt(cost);
    }
    Ok(())
}

/// Costs that bcrypt knows.
const BCRYPT_COST_MIN: u32 = 4;
const BCRYPT_COST_MAX: u32 = 31;

/// Every "no" costs the same work, whoever is asked about and whether they exist: one argon2, and one bcrypt where there are such hashes.
/// Otherwise the time would tell which accounts there are.
fn verify_now(password: &str, hash: &str) -> bool {
    if let Some(cost) = bcrypt_cost(hash) {
        expect_bcrypt(cost);
        let fits = bcrypt::verify(password, hash).unwrap_or(false);
        if !fits {
            spend_argon2(password);
        }
        return fits;
    }
    let fits = match PasswordHash::new(hash) {
        Ok(parsed) => argon2().verify_password(password.as_bytes(), &parsed).is_ok(),
        Err(_) => {
            spend_argon2(password);
            false
        }
    };
    if !fits {
        spend_bcrypt(password);
    }
    fits
}

/// The cost of a bcrypt hash: `$2b$10$…` has 10.
pub(crate) fn bcrypt_cost(hash: &str) -> Option<u32> {
    let rest = hash.strip_prefix("$2")?;
    rest.split('$').nth(1)?.parse().ok()
}

fn spend_argon2(password: &str) {
    static DECOY: OnceLock<String> = OnceLock::new();
    let decoy = DECOY.get_or_init(|| hash_now("decoy").unwrap_or_default());
    if let Ok(parsed) = PasswordHash::new(decoy) {
        let _ = argon2().verify_password(password.as_bytes(), &parsed);
    }
}

fn spend_bcrypt(password: &str) {
    let cost = BCRYPT_COST.load(Ordering::Relaxed);
    if cost > 0 {
        let _ = bcrypt::hash(password, cost);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_verifies_its_password_only() {
        let stored = hash("correct horse").await.expect("hashes");
        assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
        assert!(!is_outdated(&stored));
        for (password, fits) in [("correct horse", true), ("correct horsf", false), ("", false)] {
            assert_eq!(verify(password, &stored).await.expect("verifies"), fits, "{password}");
        }
    }

    #[tokio::test]
    async fn an_imported_bcrypt_hash_verifies_and_is_outdated() {
        let stored = bcrypt::hash("1234567890", 4).expect("hashes");
        assert!(is_outdated(&stored));
        assert!(verify("1234567890", &stored).await.expect("verifies"));
        assert!(!verify("1234567891", &stored).await.expect("verifies"));
        assert!(!verify("1234567890", "").await.expect("verifies"));
    }
}
