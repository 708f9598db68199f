//! The second step of a sign-in: a code.

use std::sync::Arc;

use super::{check_enabled, code, confirmed, count_try};
use crate::{
    Error, FieldErrors, Result, clock, limits,
    schema::{Collection, Record},
    service::{
        App,
        auth::{
            finish::{Answer, Method, Proof, finish, options},
            mfa, owned,
            requests::{REFUSED, check_text},
        },
        records::{self, Call},
    },
    store::system::totp::{self, Model},
};

/// Whether an account asks for a code after this method. A passkey is two factors by itself: something its owner has, and what unlocks it.
///
/// # Errors
/// Those of the database.
pub(in crate::service::auth) async fn protects(call: &Call, record: &Record, method: Method) -> Result<bool> {
    if method == Method::Passkey || !options(&record.collection)?.totp.enabled {
        return Ok(false);
    }
    Ok(confirmed(&call.app, record).await?.is_some())
}

/// Signs in with a code of the app, or a recovery code, after a first factor that `mfa_id` names.
///
/// # Errors
/// - `Forbidden`: codes are off, or the auth rule refuses the record.
/// - `Invalid`: something is missing, there was no first factor, or the code is wrong or used.
/// - `RateLimited`: too many tries for this account.
pub async fn with_totp(
    call: &Call,
    collection: &Arc<Collection>,
    sent: &str,
    mfa_id: &str,
    expand: &str,
) -> Result<Answer> {
    check_enabled(collection)?;
    let mut errors = FieldErrors::new();
    check_text(&mut errors, "code", sent, limits::CREDENTIAL_MAX_CHARS);
    check_text(&mut errors, "mfaId", mfa_id, limits::CREDENTIAL_MAX_CHARS);
    if !errors.is_empty() {
        return Err(Error::invalid(REFUSED).fields(errors));
    }
    let first = owned::find(call, mfa::MFAS, mfa_id).await?;
    let duration = options(collection)?.mfa.duration;
    let is_open = |row: &Record| row.text("collectionRef") == collection.id && !owned::has_expired(row, duration);
    let first = first.filter(is_open).ok_or_else(mfa::expired)?;
    if first.text("method") == Method::Totp.as_str() {
        return Err(mfa::same_method());
    }
    let schema = call.app.schema();
    let found = records::find(&call.db, call.app.planner(), &schema, collection, first.text("recordRef")).await?;
    let record = found.ok_or_else(mfa::expired)?;
    count_try(&call.app, &record)?;
    let known = confirmed(&call.app, &record).await?.ok_or_else(wrong)?;
    if !spend(&call.app, &known, sent).await? {
        return Err(wrong());
    }
    finish(call, Proof::of(record, Method::Totp), mfa_id, expand).await
}

/// Uses a code up; returns whether it was good. Of two requests that come with it at once, one has it.
pub(super) async fn spend(app: &App, known: &Model, sent: &str) -> Result<bool> {
    let (id, now) = (known.id.clone(), clock::now_text());
    if let Some(step) = code::step(&known.secret, sent)? {
        return app.store().db().write(move |conn| totp::use_step(conn, &id, step, &now)).await;
    }
    let before = known.recovery.clone();
    match code::without(&before, sent) {
        Some(after) => app.store().db().write(move |conn| totp::set_recovery(conn, &id, &before, &after, &now)).await,
        None => Ok(false),
    }
}

fn wrong() -> Error {
    Error::invalid("Failed to authenticate.")
}
