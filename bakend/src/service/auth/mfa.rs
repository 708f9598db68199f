//! The second factor: what the first leaves behind, and what the second has to match.

use super::{
    finish::{Method, options, satisfies},
    owned, totp,
};
use crate::{
    Error, Kind, Result,
    schema::{Record, Value},
    service::records::{self, Call},
};

pub(super) const MFAS: &str = "_mfas";

/// The id that a second method has to name, when `record` has now proved itself by one and needs two; `None`: it may go in.
///
/// Two are needed where the collection says so, and by every account with an authenticator app: that one needs a code of it, or a passkey.
/// The first factor is a row of `_mfas`: it lasts as long as the collection says, is spent by the second one, and only once.
///
/// # Errors
/// `Invalid`: `mfa_id` names no open first factor of this record by another method, or the rule that asks for two cannot be evaluated.
pub(super) async fn open_first_factor(
    call: &Call,
    record: &Record,
    method: Method,
    mfa_id: &str,
) -> Result<Option<String>> {
    let mfa = &options(&record.collection)?.mfa;
    let protected = totp::protects(call, record, method).await?;
    let wanted = protected || mfa.enabled && wants_second_factor(call, record, &mfa.rule).await?;
    if !wanted {
        return Ok(None);
    }
    if mfa_id.is_empty() {
        let mut row = owned::new(&call.app, MFAS, record)?;
        row.set("method", Value::Text(method.as_str().to_owned()));
        return Ok(Some(records::save_new(call, row).await?.id().to_owned()));
    }
    let row = owned::find(call, MFAS, mfa_id).await?.ok_or_else(expired)?;
    if owned::has_expired(&row, mfa.duration) {
        spend(call, row).await?;
        return Err(expired());
    }
    if !owned::belongs_to(&row, record) {
        return Err(Error::invalid("Invalid MFA session."));
    }
    if row.text("method") == method.as_str() {
        return Err(same_method());
    }
    // Who has an app has it so that whatever else is known or read by others is not enough.
    let by_passkey = row.text("method") == Method::Passkey.as_str();
    if protected && method != Method::Totp && !by_passkey {
        return Err(Error::invalid("A code of the account's authenticator app is required."));
    }
    spend(call, row).await?;
    Ok(None)
}

/// Takes the first factor away; of two requests that come with it at once, one does.
async fn spend(call: &Call, row: Record) -> Result<()> {
    records::remove(call, row).await.map_err(|error| if error.kind() == Kind::NotFound { expired() } else { error })
}

async fn wants_second_factor(call: &Call, record: &Record, rule: &str) -> Result<bool> {
    if rule.is_empty() {
        return Ok(true);
    }
    let refused = |error: Error| match error.kind() {
        Kind::Invalid => Error::invalid("Failed to authenticate.").caused_by(error),
        _ => error,
    };
    satisfies(call, record, rule).await.map_err(refused)
}

/// The error of a second factor that no first one went before.
pub(super) fn expired() -> Error {
    Error::invalid("Invalid or expired MFA session.")
}

/// The error of a second factor that is the first one again.
pub(super) fn same_method() -> Error {
    Error::invalid("A different authentication method is required.")
}
