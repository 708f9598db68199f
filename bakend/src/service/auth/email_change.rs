//! Another address for an account, once whoever reads mail there and knows the password says so.

use std::sync::Arc;

use super::{
    hooks::{self, AuthAction},
    mail_token, password,
    requests::{CHANGE_MAILS, REFUSED, account, check_email, check_text, post_token},
    spend::{self, Mailed},
    token::TokenKind,
};
use crate::{
    Error, FieldError, FieldErrors, Result,
    schema::{Collection, Record, Value},
    service::{mail::MailKind, rates::Known, records::Call},
};

/// Longest password that is looked at, in characters. Source: PocketBase web API, email change.
const PASSWORD_MAX_CHARS: usize = 100;

/// Sends a mail to another address of an account, which asks for it itself.
///
/// # Errors
/// - `Invalid`: it is no address, the account's own, somebody else's, or the account is a superuser.
/// - `RateLimited`: the account asked too often.
pub async fn request(call: &Call, record: &Record, new_email: &str) -> Result<()> {
    let collection = &record.collection;
    not_superusers(collection)?;
    check_email("newEmail", new_email)?;
    let refused = |error| Err(Error::invalid(REFUSED).field("newEmail", error));
    if new_email == record.text("email") {
        return refused(FieldError::new("validation_not_in_invalid", "Must not be in list."));
    }
    // Before the answer tells whether somebody has the address: an account does not ask about all of them.
    call.app.tries().take(CHANGE_MAILS, &collection.id, record.id()).map_err(Error::rate_limited)?;
    if account(call, collection, new_email).await?.is_some_and(|other| other.id() != record.id()) {
        return refused(FieldError::new("validation_invalid_new_email", "Invalid new email address."));
    }
    let action = AuthAction::EmailChangeRequest { new_email: new_email.to_owned() };
    hooks::agree(call, action.clone(), record).await?;
    let token = mail_token::issue(record, TokenKind::EmailChange, new_email)?;
    post_token(call, MailKind::EmailChange, record, new_email, token);
    hooks::after(call, action, record).await;
    Ok(())
}

/// Changes the address to the one that a mailed token names: it counts as verified, and all tokens of the account end.
///
/// # Errors
/// - `Invalid` with field errors: of the token, or of the password.
/// - `RateLimited`: too many wrong passwords.
pub async fn confirm(call: &Call, collection: &Arc<Collection>, token: &str, plain: &str) -> Result<()> {
    not_superusers(collection)?;
    let mut errors = FieldErrors::new();
    let mailed = check_token(call, collection, token).await?;
    check_text(&mut errors, "password", plain, PASSWORD_MAX_CHARS);
    if errors.is_empty() && !knows_password(call, &mailed, plain).await? {
        let message = "Missing or invalid auth record password.";
        errors.add("password", FieldError::new("validation_invalid_password", message));
    }
    let mailed = spend::flawless(mailed, errors)?;
    let (record, new_email) = (mailed.record, mailed.claims.new_email);
    let action = AuthAction::EmailChange { new_email: new_email.clone() };
    hooks::agree(call, action.clone(), &record).await?;
    let change = |record: &mut Record| {
        record.set("email", Value::Text(new_email));
        record.set("verified", Value::Bool(true));
    };
    // Who knows the password was in already: nothing of theirs ends.
    let record = spend::save(call, record, change, false, "Failed to confirm email change.").await?;
    hooks::after(call, action, &record).await;
    Ok(())
}

/// Whether the password is the account's; a wrong one counts like one at a sign-in.
async fn knows_password(call: &Call, mailed: &Result<Mailed, FieldError>, plain: &str) -> Result<bool> {
    let Ok(Mailed { record, .. }) = mailed else { return Ok(false) };
    let address = call.client.as_ref().map(|client| client.address);
    let guess = call.app.guesses().take(Known::Account, &record.collection.id, record.text("email"), address)?;
    match password::verify(plain, record.text("password")).await {
        Ok(false) => Ok(false),
        right_or_unknown => {
            guess.take_back();
            right_or_unknown
        }
    }
}

async fn check_token(call: &Call, collection: &Arc<Collection>, token: &str) -> Result<Result<Mailed, FieldError>> {
    if token.is_empty() {
        return Ok(Err(FieldError::required()));
    }
    let new_email = mail_token::read_unproven(token).new_email;
    if new_email.is_empty() {
        let message = "Invalid token payload - newEmail must be set.";
        return Ok(Err(FieldError::new("validation_invalid_token_payload", message)));
    }
    let mailed = match spend::prove(call, collection, token, TokenKind::EmailChange).await? {
        Ok(mailed) => mailed,
        Err(error) => return Ok(Err(error)),
    };
    if account(call, collection, &new_email).await?.is_some_and(|other| other.id() != mailed.record.id()) {
        let message = "The new email address is invalid.";
        return Ok(Err(FieldError::new("validation_invalid_token_email", message)));
    }
    Ok(Ok(mailed))
}

/// # Errors
/// `Invalid`: the accounts are superusers.
pub(crate) fn not_superusers(collection: &Collection) -> Result<()> {
    if collection.is_superusers() {
        return Err(Error::invalid("All superusers can change their emails directly."));
    }
    Ok(())
}
