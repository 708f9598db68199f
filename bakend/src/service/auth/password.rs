//! Password hashes: argon2id for our own, bcrypt for imported ones; off the async threads, bounded in number.

use std::sync::{
    OnceLock,
    atomic::{AtomicUsize, Ordering},
};

use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::{PasswordHash, SaltString},
};
use tokio::sync::Semaphore;

use crate::{
    Error, Kind, Result, limits,
    schema::Value,
    service::records::{Call, Draft},
};

static PLACES: Semaphore = Semaphore::const_new(limits::HASHING_MAX_PARALLEL);
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// The hash of a password, as a PHC string: `$argon2id$v=19$m=19456,t=2,p=1$…`.
///
/// # Errors
/// `RateLimited` when too many wait already.
pub async fn hash(password: &str) -> Result<String> {
    let password = password.to_owned();
    in_turn(move || hash_now(&password)).await?
}

/// Whether a password has this hash (argon2 or bcrypt). With an empty hash the answer is no, after as much work as any other no takes.
///
/// # Errors
/// `RateLimited` when too many wait already.
pub async fn verify(password: &str, hash: &str) -> Result<bool> {
    let (password, hash) = (password.to_owned(), hash.to_owned());
    in_turn(move || verify_now(&password, &hash)).await
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

fn verify_now(password: &str, hash: &str) -> bool {
    if hash.starts_with("$2") {
        return bcrypt::verify(password, hash).unwrap_or(false);
    }
    match PasswordHash::new(hash) {
        Ok(parsed) => argon2().verify_password(password.as_bytes(), &parsed).is_ok(),
        Err(_) => {
            // Nobody to compare with: spend the same time, so that it does not tell whether the account exists.
            static DECOY: OnceLock<String> = OnceLock::new();
            let decoy = DECOY.get_or_init(|| hash_now("decoy").unwrap_or_default());
            if let Ok(parsed) = PasswordHash::new(decoy) {
                let _ = argon2().verify_password(password.as_bytes(), &parsed);
            }
            false
        }
    }
}

/// Runs `work` on a blocking thread when one of the places is free.
async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let _waiting = Waiting::enter()?;
    let place = PLACES.acquire().await.map_err(Error::internal)?;
    tokio::task::spawn_blocking(move || {
        let _place = place;
        work()
    })
    .await
    .map_err(Error::internal)
}

/// One in the queue, also when the caller goes away.
struct Waiting;

impl Waiting {
    fn enter() -> Result<Self> {
        if WAITING.fetch_add(1, Ordering::AcqRel) >= limits::HASHING_QUEUE_MAX + limits::HASHING_MAX_PARALLEL {
            WAITING.fetch_sub(1, Ordering::AcqRel);
            return Err(Error::new(Kind::RateLimited, ""));
        }
        Ok(Self)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::AcqRel);
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
