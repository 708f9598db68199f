//! Codes: those of the app, which follow from the time, and those on paper.

use totp_rs::{Algorithm, Builder, Secret, Totp};

use crate::{Error, Result, clock, ids, service::auth::digest::digest};

/// What every authenticator app can do. Source: RFC 6238, and the apps' common defaults.
pub(super) const DIGITS: u8 = 6;
/// Length of a step, in seconds.
pub(super) const STEP_SECONDS: u64 = 30;
/// Steps that clocks may be apart.
const DRIFT_STEPS: u16 = 1;
/// Length of a secret, in bytes. Source: RFC 4226, 160 bits.
const SECRET_BYTES: usize = 20;
/// Recovery codes of an account.
const RECOVERY_CODES: usize = 10;
/// Length of a recovery code without its hyphen, in characters of 32 kinds: 50 bits.
const RECOVERY_LENGTH: usize = 10;
/// Without letters and digits that look like others.
const RECOVERY_ALPHABET: &[u8] = b"abcdefghjkmnpqrstuvwxyz23456789w";

/// Characters of a name that the app shows; the picture has no room for long ones, which come three times as long again, percent-encoded.
const NAME_MAX_CHARS: usize = 48;

/// A new secret, in base 32.
pub(super) fn new_secret() -> String {
    Secret::from(rand::random::<[u8; SECRET_BYTES]>().to_vec()).to_base32()
}

/// What the app and we share.
///
/// # Errors
/// `Internal`: the secret is not one of ours.
pub(super) fn totp(secret: &str, issuer: &str, account: &str) -> Result<Totp> {
    // A colon parts both in the app's URL.
    let plain = |text: &str| text.chars().take(NAME_MAX_CHARS).collect::<String>().replace(':', " ");
    let secret = Secret::try_from_base32(secret).map_err(|error| Error::internal(format!("{error:?}")))?;
    let built = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_skew(DRIFT_STEPS)
        .with_step_duration(STEP_SECONDS)
        .with_secret(secret)
        .with_issuer(Some(plain(issuer)))
        .with_account_name(plain(account))
        .build();
    built.map_err(|error| Error::internal(format!("{error:?}")))
}

/// The step whose code this is, if it is one of now.
///
/// # Errors
/// `Internal`: the secret is not one of ours.
pub(super) fn step(secret: &str, code: &str) -> Result<Option<i64>> {
    let code: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let is_code = code.len() == usize::from(DIGITS) && code.bytes().all(|byte| byte.is_ascii_digit());
    let now = u64::try_from(clock::now_unix_seconds()).unwrap_or_default();
    if !is_code {
        return Ok(None);
    }
    Ok(totp(secret, "", "")?.check(&code, now).and_then(|step| i64::try_from(step).ok()))
}

/// New recovery codes: as they are shown, and the hashes that are stored, as a JSON list. They are random, so a fast hash will do.
pub(super) fn recovery_codes() -> (Vec<String>, String) {
    let code = || ids::random_text(RECOVERY_LENGTH, RECOVERY_ALPHABET);
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| code()).collect();
    let hashes: Vec<String> = codes.iter().map(|code| digest(code)).collect();
    let shown = |code: String| format!("{}-{}", &code[..RECOVERY_LENGTH / 2], &code[RECOVERY_LENGTH / 2..]);
    (codes.into_iter().map(shown).collect(), serde_json::json!(hashes).to_string())
}

/// The list without the hash of this recovery code; `None`: it is not in it.
pub(super) fn without(recovery: &str, code: &str) -> Option<String> {
    let plain: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    if plain.len() != RECOVERY_LENGTH {
        return None;
    }
    let hash = digest(&plain.to_ascii_lowercase());
    let mut left: Vec<String> = serde_json::from_str(recovery).ok()?;
    let at = left.iter().position(|known| *known == hash)?;
    left.remove(at);
    Some(serde_json::json!(left).to_string())
}

/// Recovery codes that are left.
pub(super) fn count(recovery: &str) -> usize {
    serde_json::from_str::<Vec<String>>(recovery).map_or(0, |left| left.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_the_standard() {
        // RFC 6238, appendix B, SHA-1: the last six of the eight digits.
        let secret = Secret::from(b"12345678901234567890".to_vec()).to_base32();
        let totp = totp(&secret, "App: one", "ann:x@example.com").expect("builds");
        for (time, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            assert_eq!(totp.check(code, time), Some(time / STEP_SECONDS));
            assert_eq!(totp.check(code, time + STEP_SECONDS), Some(time / STEP_SECONDS), "a step late");
            assert_eq!(totp.check(code, time - STEP_SECONDS), Some(time / STEP_SECONDS), "a step early");
            assert_eq!(totp.check(code, time + 2 * STEP_SECONDS), None, "two steps late");
        }
        let url = totp.to_url().expect("a URL");
        assert!(url.starts_with("otpauth://totp/") && url.contains(&secret), "{url}");
    }

    #[test]
    fn what_is_no_code_is_never_one() {
        let secret = new_secret();
        for code in ["", "12345", "1234567", "abcdef", "１２３４５６", "-12345", "12345.", "+12345"] {
            assert_eq!(step(&secret, code).expect("checks"), None, "{code}");
        }
    }

    #[test]
    fn a_recovery_code_is_good_once_however_it_is_typed() {
        let (codes, stored) = recovery_codes();
        assert_eq!((codes.len(), count(&stored)), (RECOVERY_CODES, RECOVERY_CODES));
        assert!(codes.iter().all(|code| !stored.contains(&code.replace('-', ""))), "stored as hashes only");
        let left = without(&stored, &format!(" {} ", codes[3].to_ascii_uppercase())).expect("it is good");
        assert_eq!(count(&left), RECOVERY_CODES - 1);
        assert_eq!(without(&left, &codes[3]), None, "used up");
        assert!(without(&left, &codes[4].replace('-', "")).is_some());
        assert_eq!(without(&left, ""), None);
    }
}
