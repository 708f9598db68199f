//! The secret of an app at Apple: a token of ours, signed with the app's key, that lasts half a year at most.

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use serde_json::json;

use super::odd::APPLE_ISSUER;
use crate::{Error, FieldError, FieldErrors, Result, clock};

/// Length of Apple's team and key ids, in characters.
const ID_LENGTH: usize = 10;
/// Longest life, in seconds. Source: Apple, "Generate and validate tokens": six months.
const LIFE_MAX_SECONDS: i64 = 15_777_000;
/// What a key looks like from outside.
const KEY_MARKS: [&str; 2] = ["-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"];

/// What the secret is made of.
#[derive(Clone, Debug, Default)]
pub struct AppleKey {
    /// The app's identifier.
    pub client_id: String,
    /// The developer team, 10 characters.
    pub team_id: String,
    /// The key's id, 10 characters.
    pub key_id: String,
    /// The key, PKCS #8 in PEM.
    pub private_key: String,
    /// Life of the secret, in seconds.
    pub seconds: i64,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: [&'static str; 1],
    exp: i64,
    iat: i64,
}

/// Makes a secret: `{"secret":…}`.
///
/// # Errors
/// `Invalid`: with field errors, when something is missing or out of bounds; without, when the key is none of Apple's kind.
pub fn generate(key: &AppleKey) -> Result<Vec<u8>> {
    check(key)?;
    let failed = |why: String| Error::invalid(format!("Failed to generate client secret. Raw error: \n{why}"));
    let now = clock::now_unix_seconds();
    let (iss, sub, exp) = (key.team_id.as_str(), key.client_id.as_str(), now.saturating_add(key.seconds));
    let claims = Claims { iss, sub, aud: [APPLE_ISSUER], exp, iat: now };
    let header = Header { kid: Some(key.key_id.clone()), ..Header::new(Algorithm::ES256) };
    let signer =
        EncodingKey::from_ec_pem(key.private_key.trim().as_bytes()).map_err(|error| failed(error.to_string()))?;
    let secret = jsonwebtoken::encode(&header, &claims, &signer).map_err(|error| failed(error.to_string()))?;
    serde_json::to_vec(&json!({ "secret": secret })).map_err(Error::internal)
}

fn check(key: &AppleKey) -> Result<()> {
    let mut errors = FieldErrors::new();
    if key.client_id.is_empty() {
        errors.add("clientId", FieldError::required());
    }
    for (name, id) in [("teamId", &key.team_id), ("keyId", &key.key_id)] {
        if id.is_empty() {
            errors.add(name, FieldError::required());
        } else if id.chars().count() != ID_LENGTH {
            let error =
                FieldError::new("validation_length_invalid", format!("The length must be exactly {ID_LENGTH}."));
            errors.add(name, error.with("max", ID_LENGTH).with("min", ID_LENGTH));
        }
    }
    if key.private_key.is_empty() {
        errors.add("privateKey", FieldError::required());
    } else if !KEY_MARKS.iter().all(|mark| key.private_key.contains(mark)) {
        errors.add("privateKey", FieldError::new("validation_match_invalid", "Must be in a valid format."));
    }
    match key.seconds {
        0 => errors.add("duration", FieldError::required()),
        ..0 => {
            let error = FieldError::new("validation_min_greater_equal_than_required", "Must be no less than 1.");
            errors.add("duration", error.with("threshold", 1));
        }
        seconds if seconds > LIFE_MAX_SECONDS => {
            let message = format!("Must be no greater than {LIFE_MAX_SECONDS}.");
            let error = FieldError::new("validation_max_less_equal_than_required", message);
            errors.add("duration", error.with("threshold", LIFE_MAX_SECONDS));
        }
        _ => {}
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::invalid("Invalid client secret data.").fields(errors)) }
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;

    /// A key that is nobody's.
    const KEY: &str = include_str!("apple_secret/test_key.pem");

    #[test]
    fn a_secret_is_a_token_for_apple_signed_with_the_key() {
        let key = AppleKey {
            client_id: "com.example.app".to_owned(),
            team_id: "TEAM567890".to_owned(),
            key_id: "KEY4567890".to_owned(),
            private_key: KEY.to_owned(),
            seconds: 100,
        };
        let answer: Json = serde_json::from_slice(&generate(&key).expect("generates")).expect("json");
        let secret = answer["secret"].as_str().expect("a secret");
        let header = jsonwebtoken::decode_header(secret).expect("a header");
        assert_eq!((header.alg, header.kid.as_deref()), (Algorithm::ES256, Some("KEY4567890")));
        let claims: Json = jsonwebtoken::dangerous::insecure_decode_claims(secret).expect("claims");
        assert_eq!((&claims["iss"], &claims["sub"]), (&json!("TEAM567890"), &json!("com.example.app")));
        assert_eq!(claims["aud"], json!(["https://appleid.apple.com"]));
        assert_eq!(claims["exp"].as_i64().zip(claims["iat"].as_i64()).map(|(exp, iat)| exp - iat), Some(100));
        let broken = AppleKey { private_key: KEY.replace("MIG", "xxx"), ..key.clone() };
        assert!(generate(&broken).expect_err("refused").message().starts_with("Failed to generate client secret."));
        for seconds in [0, -1, LIFE_MAX_SECONDS + 1] {
            assert!(generate(&AppleKey { seconds, ..key.clone() }).is_err(), "{seconds}");
        }
    }
}
