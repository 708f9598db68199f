//! An authenticator app that is there: what its owner may know of it, and taking it away.

use serde_json::json;

use super::{code, confirmed, count_try, enrol::wrong, owner, row, sign_in::spend};
use crate::{
    Error, FieldError, Result, clock,
    query::Pace,
    schema::Record,
    service::{
        App,
        auth::{finish::options, password, requests::REFUSED},
    },
    store::system::{
        Owner,
        totp::{self, Model},
    },
};

/// What shows that the owner asks, and not who found their device open.
#[derive(Clone, Debug, Default)]
pub struct Proof {
    /// The account's password; `""`: a code is sent.
    pub password: String,
    /// A code of the app, or a recovery code.
    pub code: String,
}

/// `{"enabled","created","lastUsed","recoveryCodesLeft"}`.
///
/// # Errors
/// Those of the database.
pub async fn state(app: &App, owner: Owner) -> Result<Vec<u8>> {
    let row = app.store().db().read(&Pace::default(), move |conn| totp::find(conn, &owner)).await?;
    let found = row.as_ref().filter(|row| !row.confirmed.is_empty());
    let shown = json!({
        "enabled": found.is_some(),
        "created": found.map(|row| row.confirmed.as_str()).unwrap_or_default(),
        "lastUsed": found.map(|row| row.last_used.as_str()).unwrap_or_default(),
        "recoveryCodesLeft": found.map_or(0, |row| code::count(&row.recovery)),
    });
    Ok(shown.to_string().into_bytes())
}

/// Takes the app away: the account has one factor less. One that was never confirmed goes without proof.
///
/// # Errors
/// - `NotFound`: there is none.
/// - `Invalid`: neither password nor code is right.
/// - `RateLimited`: too many tries.
pub async fn remove(app: &App, record: &Record, proof: &Proof) -> Result<()> {
    let known = row(app, record).await?.ok_or_else(Error::not_found)?;
    if !known.confirmed.is_empty() {
        prove(app, record, &known, proof).await?;
    }
    remove_as_superuser(app, owner(record)).await
}

/// Takes the app of an account away without proof: for superusers, when its owner has lost app and recovery codes.
///
/// # Errors
/// `NotFound`: there is none.
pub async fn remove_as_superuser(app: &App, owner: Owner) -> Result<()> {
    match app.store().db().write(move |conn| totp::delete_of(conn, &owner)).await? {
        0 => Err(Error::not_found()),
        _ => Ok(()),
    }
}

/// New recovery codes in place of the old ones; they are shown once: `{"recoveryCodes":[…]}`.
///
/// # Errors
/// As [`remove`].
pub async fn new_recovery_codes(app: &App, record: &Record, proof: &Proof) -> Result<Vec<u8>> {
    let known = confirmed(app, record).await?.ok_or_else(Error::not_found)?;
    prove(app, record, &known, proof).await?;
    // The proof may have been one of them.
    let known = confirmed(app, record).await?.ok_or_else(Error::not_found)?;
    let (codes, stored) = code::recovery_codes();
    let now = clock::now_text();
    let put = move |conn: &crate::store::Conn<'_>| totp::set_recovery(conn, &known.id, &known.recovery, &stored, &now);
    if !app.store().db().write(put).await? {
        return Err(wrong());
    }
    Ok(json!({ "recoveryCodes": codes }).to_string().into_bytes())
}

async fn prove(app: &App, record: &Record, known: &Model, proof: &Proof) -> Result<()> {
    count_try(app, record)?;
    if !proof.code.is_empty() {
        return if spend(app, known, &proof.code).await? { Ok(()) } else { Err(wrong()) };
    }
    if proof.password.is_empty() {
        return Err(Error::invalid(REFUSED).field("code", FieldError::required()));
    }
    let by_password = options(&record.collection)?.password_auth.enabled;
    if by_password && password::verify(&proof.password, record.text("password")).await? {
        return Ok(());
    }
    let error = FieldError::new("validation_invalid_password", "Missing or invalid auth record password.");
    Err(Error::invalid(REFUSED).field("password", error))
}
