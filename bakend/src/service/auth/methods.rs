//! How one can sign in to a collection.

use serde::Serialize;

use crate::{Error, Result, schema::Collection};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Methods<'a> {
    password: Password<'a>,
    oauth2: OAuth2,
    mfa: Timed,
    otp: Timed,
    auth_providers: [(); 0],
    username_password: bool,
    email_password: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Password<'a> {
    identity_fields: &'a [String],
    enabled: bool,
}

#[derive(Serialize)]
struct OAuth2 {
    providers: [(); 0],
    enabled: bool,
}

#[derive(Serialize)]
struct Timed {
    enabled: bool,
    /// In seconds; 0 when disabled.
    duration: i64,
}

impl Timed {
    fn new(enabled: bool, duration: i64) -> Self {
        Self { enabled, duration: if enabled { duration } else { 0 } }
    }
}

/// The ways to sign in, as JSON: passwords, one-time passwords, second factors. No OAuth2 provider is ever listed: none can be completed.
///
/// # Errors
/// `Internal` when it is not an auth collection.
pub fn methods(collection: &Collection) -> Result<Vec<u8>> {
    let auth = collection.auth.as_deref().ok_or_else(|| Error::internal("not an auth collection"))?;
    let password = &auth.password_auth;
    let named = |name: &str| password.enabled && password.identity_fields.iter().any(|field| field == name);
    let identity_fields: &[String] = if password.enabled { &password.identity_fields } else { &[] };
    let methods = Methods {
        password: Password { identity_fields, enabled: password.enabled },
        oauth2: OAuth2 { providers: [], enabled: false },
        mfa: Timed::new(auth.mfa.enabled, auth.mfa.duration),
        otp: Timed::new(auth.otp.enabled, auth.otp.duration),
        auth_providers: [],
        username_password: named("username"),
        email_password: named("email"),
    };
    serde_json::to_vec(&methods).map_err(Error::internal)
}
