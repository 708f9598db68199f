//! Codes of authenticator apps (TOTP): a second factor, with recovery codes for when the app is lost.
//!
//! [`enrol`] shows the secret once, [`confirm`] makes it count; from then on a password, a one-time password or another service's word is
//! not enough for this account. [`with_totp`] is the second step. A code is good once, and so is a recovery code.

mod code;
mod enrol;
mod manage;
mod sign_in;

pub(super) use self::sign_in::protects;
pub use self::{
    enrol::{confirm, enrol},
    manage::{Proof, new_recovery_codes, remove, remove_as_superuser, state},
    sign_in::with_totp,
};
use super::{
    finish::options,
    tries::{self, Limit},
};
use crate::{
    Error, Result,
    query::Pace,
    schema::{Collection, Record},
    service::App,
    store::system::{
        Owner,
        totp::{self, Model},
    },
};

/// Tries of one account, right ones included; with ±1 step three of a million codes are good at any time.
const TRIES: Limit = Limit { what: "authenticator code", tries: 5, window: std::time::Duration::from_secs(180) };
/// The same over a longer time: whoever has months finds no code either.
const TRIES_LONG: Limit =
    Limit { what: "authenticator codes of an hour", tries: tries::LONG_MAX, window: tries::LONG_WINDOW };

/// # Errors
/// `Forbidden`: codes are off.
fn check_enabled(collection: &Collection) -> Result<()> {
    if options(collection)?.totp.enabled {
        return Ok(());
    }
    Err(Error::forbidden("The collection is not configured to allow TOTP authentication."))
}

/// # Errors
/// `RateLimited`: the account has had its tries; the wait is what is left of the window.
fn count_try(app: &App, record: &Record) -> Result<()> {
    app.tries()
        .take_all(&[TRIES, TRIES_LONG], &record.collection.id, record.id())
        .map_err(|wait| Error::rate_limited(wait).message_set("Too many attempts, please try again later."))
}

fn owner(record: &Record) -> Owner {
    Owner::account(&record.collection.id, record.id())
}

/// The account's app; `None`: it has none that counts.
async fn confirmed(app: &App, record: &Record) -> Result<Option<Model>> {
    Ok(row(app, record).await?.filter(|row| !row.confirmed.is_empty()))
}

async fn row(app: &App, record: &Record) -> Result<Option<Model>> {
    let owner = owner(record);
    app.store().db().read(&Pace::default(), move |conn| totp::find(conn, &owner)).await
}
