//! What binds a code to who asked for it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::ids::{self, SECRET_ALPHABET};

/// Length of a verifier, in characters. Source: RFC 7636, the shortest; 256 bits.
const VERIFIER_LENGTH: usize = 43;
/// Length of a state, in characters. Source: PocketBase web API.
const STATE_LENGTH: usize = 30;

/// A new verifier.
pub(super) fn verifier() -> String {
    ids::random_text(VERIFIER_LENGTH, SECRET_ALPHABET)
}

/// A new state.
pub(super) fn state() -> String {
    ids::random_text(STATE_LENGTH, SECRET_ALPHABET)
}

/// What is shown of a verifier before it is.
pub(super) fn challenge(verifier: &str) -> String {
    hashed(verifier)
}

/// What an id token is bound to: it follows from the verifier, so that nothing has to be kept until it comes. `""` without one.
pub(super) fn nonce(verifier: &str) -> String {
    if verifier.is_empty() { String::new() } else { hashed(&format!("nonce:{verifier}")) }
}

fn hashed(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_is_the_hash_of_its_verifier() {
        // RFC 7636, appendix B.
        let known = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert_eq!(challenge(known), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert_ne!(nonce(known), challenge(known));
        assert_eq!(nonce(""), "");
    }
}
