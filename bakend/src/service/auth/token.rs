//! Signed tokens: PocketBase's claims, and a key of two halves (the record's and the collection's).

use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, dangerous};
use serde::{Deserialize, Serialize};

use crate::{
    Error, Result, clock, limits,
    schema::{AuthOptions, Record, auth_options::TokenOptions},
};

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TokenKind {
    /// Being signed in.
    Auth,
    /// Seeing protected files.
    File,
    /// Verifying an email address.
    Verification,
    /// Setting a new password.
    PasswordReset,
    /// Changing the email address.
    EmailChange,
}

impl TokenKind {
    fn options(self, auth: &AuthOptions) -> &TokenOptions {
        match self {
            Self::Auth => &auth.auth_token,
            Self::File => &auth.file_token,
            Self::Verification => &auth.verification_token,
            Self::PasswordReset => &auth.password_reset_token,
            Self::EmailChange => &auth.email_change_token,
        }
    }
}

/// What a token says, in the order clients see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claims {
    /// Collection of the record.
    pub collection_id: String,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// The record.
    pub id: String,
    /// Whether it can be exchanged for a fresh one (sign-in tokens only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refreshable: Option<bool>,
    /// The session it belongs to; `None`: none, as in tokens that PocketBase issued.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// What it is good for.
    #[serde(rename = "type")]
    pub kind: TokenKind,
}

/// A new token for a record. `life` is in seconds; `None`: as the collection says.
///
/// # Errors
/// `Internal` when the record is not of an auth collection or has no token key.
pub fn issue(record: &Record, kind: TokenKind, refreshable: bool, life: Option<i64>) -> Result<String> {
    let exp = end(record, kind, life)?;
    issue_in_session(record, kind, refreshable, exp, None)
}

/// When a token issued now ends, in seconds since 1970. `life` is in seconds; `None`: as the collection says.
///
/// # Errors
/// `Internal` when the record is not of an auth collection.
pub(super) fn end(record: &Record, kind: TokenKind, life: Option<i64>) -> Result<i64> {
    Ok(clock::now_unix_seconds().saturating_add(life.unwrap_or(options(record, kind)?.duration)))
}

/// A new token for a record that ends with a session, at the latest at `exp` (seconds since 1970).
///
/// # Errors
/// As [`issue`].
pub(super) fn issue_in_session(
    record: &Record,
    kind: TokenKind,
    refreshable: bool,
    exp: i64,
    session: Option<&str>,
) -> Result<String> {
    let options = options(record, kind)?;
    let claims = Claims {
        collection_id: record.collection.id.clone(),
        exp,
        id: record.id().to_owned(),
        refreshable: (kind == TokenKind::Auth).then_some(refreshable),
        session_id: session.map(str::to_owned),
        kind,
    };
    let key = EncodingKey::from_secret(&key(record, options)?);
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(Error::internal)
}

/// What a token claims, unproven: where to look for the record that can prove it. `None`: not a token of ours, or it has ended.
pub fn read_unproven(token: &str) -> Option<Claims> {
    if token.len() > limits::TOKEN_MAX_BYTES {
        return None;
    }
    let claims: Claims = dangerous::insecure_decode_claims(token).ok()?;
    (claims.exp > clock::now_unix_seconds()).then_some(claims)
}

/// The claims of a token, if `record` signed it for this use and it has not ended. The algorithm is ours, not the token's.
pub fn prove(token: &str, record: &Record, kind: TokenKind) -> Option<Claims> {
    let key = key(record, options(record, kind).ok()?).ok()?;
    let mut rules = Validation::new(Algorithm::HS256);
    rules.leeway = 0;
    rules.validate_aud = false;
    // The end is looked at below, by our clock.
    rules.validate_exp = false;
    let claims = jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(&key), &rules).ok()?.claims;
    let fits = claims.exp > clock::now_unix_seconds()
        && claims.kind == kind
        && claims.id == record.id()
        && claims.collection_id == record.collection.id;
    fits.then_some(claims)
}

pub(super) fn options(record: &Record, kind: TokenKind) -> Result<&TokenOptions> {
    let auth = record.collection.auth.as_deref().ok_or_else(|| Error::internal("tokens are for auth records only"))?;
    Ok(kind.options(auth))
}

pub(super) fn key(record: &Record, options: &TokenOptions) -> Result<Vec<u8>> {
    let own = record.text("tokenKey");
    if own.is_empty() || options.secret.is_empty() {
        return Err(Error::internal("a half of the signing key is empty"));
    }
    Ok([own.as_bytes(), options.secret.as_bytes()].concat())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::json;

    use super::*;
    use crate::schema::{Collection, CollectionKind, Schema, Value};

    fn ana() -> Record {
        let mut collection = Collection::new("people", CollectionKind::Auth);
        collection.complete(None, &Schema::default());
        collection.id = "pbc_1".to_owned();
        let auth = collection.auth.get_or_insert_default();
        for token in [&mut auth.auth_token, &mut auth.file_token] {
            *token = TokenOptions { secret: "s".repeat(30), duration: 60 };
        }
        let mut record = Record::new(Arc::new(collection));
        record.set("id", Value::Text("ana".to_owned()));
        record.set("tokenKey", Value::Text("k".repeat(50)));
        record
    }

    fn signed(claims: &serde_json::Value, algorithm: Algorithm) -> String {
        let key = EncodingKey::from_secret(format!("{}{}", "k".repeat(50), "s".repeat(30)).as_bytes());
        jsonwebtoken::encode(&Header::new(algorithm), claims, &key).expect("signs")
    }

    #[test]
    fn a_token_proves_its_record_for_its_use_only() {
        let record = ana();
        let token = issue(&record, TokenKind::Auth, true, None).expect("signs");
        let claims = read_unproven(&token).expect("reads");
        assert_eq!((claims.id.as_str(), claims.refreshable, claims.kind), ("ana", Some(true), TokenKind::Auth));
        assert_eq!(prove(&token, &record, TokenKind::Auth), Some(claims));
        assert_eq!(prove(&token, &record, TokenKind::File), None, "another use");
        let mut renewed = ana();
        renewed.set("tokenKey", Value::Text("x".repeat(50)));
        assert_eq!(prove(&token, &renewed, TokenKind::Auth), None, "a renewed key");
        let ended = issue(&record, TokenKind::Auth, true, Some(-1)).expect("signs");
        assert_eq!((prove(&ended, &record, TokenKind::Auth), read_unproven(&ended)), (None, None), "ended");
    }

    #[test]
    fn forgeries_prove_nothing() {
        let record = ana();
        let claims = |id: &str, collection: &str| json!({"id": id, "collectionId": collection, "type": "auth", "refreshable": true, "exp": 4_000_000_000_i64});
        let good = signed(&claims("ana", "pbc_1"), Algorithm::HS256);
        assert!(prove(&good, &record, TokenKind::Auth).is_some());
        let parts: Vec<&str> = good.split('.').collect();
        // {"alg":"none"}
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", parts[1]);
        for (why, token) in [
            ("no algorithm", unsigned),
            ("another algorithm", signed(&claims("ana", "pbc_1"), Algorithm::HS512)),
            ("another record", signed(&claims("bob", "pbc_1"), Algorithm::HS256)),
            ("another collection", signed(&claims("ana", "pbc_2"), Algorithm::HS256)),
            ("no end", signed(&json!({"id": "ana", "collectionId": "pbc_1", "type": "auth"}), Algorithm::HS256)),
            ("a cut signature", good[..good.len() - 2].to_owned()),
            ("nothing", String::new()),
        ] {
            assert_eq!(prove(&token, &record, TokenKind::Auth), None, "{why}");
        }
    }
}
