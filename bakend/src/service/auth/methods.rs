//! How one can sign in to a collection.

use serde::Serialize;

use super::oauth2::{self, Shown};
use crate::{Error, Result, schema::Collection, service::App};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Methods<'a> {
    password: Password<'a>,
    oauth2: OAuth2,
    mfa: Timed,
    otp: Timed,
    passkey: Switch,
    totp: Switch,
    auth_providers: Vec<Shown>,
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
    providers: Vec<Shown>,
    enabled: bool,
}

#[derive(Serialize)]
struct Switch {
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

/// The ways to sign in, as JSON: passwords, other services, one-time passwords, passkeys, second factors.
///
/// # Errors
/// `Internal` when it is not an auth collection.
pub async fn methods(app: &App, collection: &Collection) -> Result<Vec<u8>> {
    let auth = collection.auth.as_deref().ok_or_else(|| Error::internal("not an auth collection"))?;
    let password = &auth.password_auth;
    let named = |name: &str| password.enabled && password.identity_fields.iter().any(|field| field == name);
    let identity_fields: &[String] = if password.enabled { &password.identity_fields } else { &[] };
    let providers = oauth2::providers(app, &auth.oauth2).await;
    // The old list has no pictures.
    let old = |shown: &Shown| Shown { logo: "", ..shown.clone() };
    let methods = Methods {
        password: Password { identity_fields, enabled: password.enabled },
        auth_providers: providers.iter().map(old).collect(),
        oauth2: OAuth2 { enabled: auth.oauth2.enabled, providers },
        mfa: Timed::new(auth.mfa.enabled, auth.mfa.duration),
        otp: Timed::new(auth.otp.enabled, auth.otp.duration),
        passkey: Switch { enabled: auth.passkey.enabled },
        totp: Switch { enabled: auth.totp.enabled },
        username_password: named("username"),
        email_password: named("email"),
    };
    serde_json::to_vec(&methods).map_err(Error::internal)
}
