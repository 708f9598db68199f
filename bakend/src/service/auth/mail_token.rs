//! The tokens that travel by mail: they name the address they were sent for.

use jsonwebtoken::{Algorithm, EncodingKey, Header, dangerous};
use serde::{Deserialize, Serialize};

use super::token::{self, TokenKind};
use crate::{Error, Result, clock, limits, schema::Record};

/// What such a token says, in the order clients see it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct MailClaims {
    /// Collection of the account.
    pub collection_id: String,
    /// The account's address when the mail was asked for.
    pub email: String,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// The account.
    pub id: String,
    /// The address it is to have.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub new_email: String,
    /// What it is good for; `None`: something else.
    #[serde(rename = "type")]
    pub kind: Option<TokenKind>,
}

/// A new token for a mail about an account; `new_email` is `""` unless the address is to change.
///
/// # Errors
/// `Internal`: the record is not of an auth collection or has no token key.
pub fn issue(record: &Record, kind: TokenKind, new_email: &str) -> Result<String> {
    let options = token::options(record, kind)?;
    let claims = MailClaims {
        collection_id: record.collection.id.clone(),
        email: record.text("email").to_owned(),
        exp: clock::now_unix_seconds().saturating_add(options.duration),
        id: record.id().to_owned(),
        new_email: new_email.to_owned(),
        kind: Some(kind),
    };
    let key = EncodingKey::from_secret(&token::key(record, options)?);
    jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &key).map_err(Error::internal)
}

/// What a token claims, unproven; nothing at all when it cannot be read.
pub fn read_unproven(token: &str) -> MailClaims {
    if token.len() > limits::TOKEN_MAX_BYTES {
        return MailClaims::default();
    }
    dangerous::insecure_decode_claims(token).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::schema::{Collection, CollectionKind, Schema, Value};

    fn ana() -> Record {
        let mut collection = Collection::new("people", CollectionKind::Auth);
        collection.complete(None, &Schema::default());
        let mut record = Record::new(Arc::new(collection));
        for (name, value) in [("id", "ana"), ("email", "ana@example.com"), ("tokenKey", "k")] {
            record.set(name, Value::Text(value.to_owned()));
        }
        record
    }

    #[test]
    fn a_mailed_token_names_its_addresses_and_is_good_for_one_use() {
        let record = ana();
        let token = issue(&record, TokenKind::EmailChange, "new@example.com").expect("signs");
        let claims = read_unproven(&token);
        assert_eq!((claims.email.as_str(), claims.new_email.as_str()), ("ana@example.com", "new@example.com"));
        assert!(token::prove(&token, &record, TokenKind::EmailChange).is_some());
        assert!(token::prove(&token, &record, TokenKind::Verification).is_none(), "another use");
        let mut renewed = ana();
        renewed.set("tokenKey", Value::Text("x".to_owned()));
        assert!(token::prove(&token, &renewed, TokenKind::EmailChange).is_none(), "a renewed key");
    }

    #[test]
    fn what_is_no_token_claims_nothing() {
        for token in ["", "x", "a.b.c", "eyJhbGciOiJIUzI1NiJ9.W10.x", &"x".repeat(5000)] {
            assert_eq!(read_unproven(token), MailClaims::default(), "{token}");
        }
    }
}
