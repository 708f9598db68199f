//! Using up a token that came by mail: whose it is, and that it is used once.

use std::sync::Arc;

use super::{
    mail_token::{self, MailClaims},
    token::TokenKind,
    who,
};
use crate::{
    Error, FieldError, FieldErrors, Kind, Result,
    schema::{Collection, Record},
    service::records::{self, Call},
};

/// What a mailed token proves.
pub(super) struct Mailed {
    /// Whose account.
    pub record: Record,
    /// What else it says.
    pub claims: MailClaims,
}

/// Proves a token for an account of this collection.
///
/// # Errors
/// Outer: those of the database. Inner: what is wrong with the token.
pub(super) async fn prove(
    call: &Call,
    collection: &Arc<Collection>,
    token: &str,
    kind: TokenKind,
) -> Result<Result<Mailed, FieldError>> {
    let claims = mail_token::read_unproven(token);
    let Some(record) = who::holder(&call.app, token, kind).await? else { return Ok(Err(invalid())) };
    if record.collection.id != collection.id {
        let message = "The provided token is for different auth collection.";
        return Ok(Err(FieldError::new("validation_token_collection_mismatch", message)));
    }
    Ok(Ok(Mailed { record, claims }))
}

/// What a token proved, where nothing else is wrong with what came with it.
///
/// # Errors
/// `Invalid` with all field errors.
pub(super) fn flawless(mailed: Result<Mailed, FieldError>, mut errors: FieldErrors) -> Result<Mailed> {
    match mailed {
        Ok(mailed) if errors.is_empty() => return Ok(mailed),
        Ok(_) => {}
        Err(error) => errors.add("token", error),
    }
    Err(Error::invalid(super::requests::REFUSED).fields(errors))
}

/// Stores what a token of this account was used for; of two requests that come with it at once, one does. `for_owner`: whoever used it comes
/// in by it, see [`records::save_for_owner`].
///
/// # Errors
/// `Invalid` with the token's error: it has been used. Otherwise those of saving.
pub(super) async fn save(
    call: &Call,
    record: Record,
    change: impl FnOnce(&mut Record),
    for_owner: bool,
    failed: &str,
) -> Result<Record> {
    records::save_with_its_key(call, record, change, for_owner).await.map_err(|error| match error.kind() {
        Kind::NotFound => Error::invalid(super::requests::REFUSED).field("token", invalid()),
        Kind::Invalid => error.message_set(failed),
        _ => error,
    })
}

/// The error of a token that proves nothing.
pub(super) fn invalid() -> FieldError {
    FieldError::new("validation_invalid_token", "Invalid or expired token.")
}
