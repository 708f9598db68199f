//! Verifying an account's address.

use std::sync::Arc;

use super::{
    finish::options,
    hooks::{self, AuthAction},
    mail_token,
    password::random,
    requests::{REFUSED, VERIFICATION_MAILS, account, check_email, post_token},
    spend,
    token::TokenKind,
};
use crate::{
    Error, FieldError, Result,
    schema::{Collection, Record, Value},
    service::{mail::MailKind, records::Call},
};

/// Sends a verification mail, if there is such an account, it is not verified and none was sent in the last two minutes; the caller
/// cannot tell.
///
/// # Errors
/// `Invalid`: it is no address, or the accounts are superusers.
pub async fn request(call: &Call, collection: &Arc<Collection>, email: &str) -> Result<()> {
    not_superusers(collection)?;
    check_email("email", email)?;
    let Some(record) = account(call, collection, email).await? else { return Ok(()) };
    if record.flag("verified") || !call.app.tries().allow(VERIFICATION_MAILS, &collection.id, record.id()) {
        return Ok(());
    }
    hooks::agree(call, AuthAction::VerificationRequest, &record).await?;
    let token = mail_token::issue(&record, TokenKind::Verification, "")?;
    post_token(call, MailKind::Verification, &record, record.text("email"), token);
    hooks::after(call, AuthAction::VerificationRequest, &record).await;
    Ok(())
}

/// Verifies the address that a mailed token was sent to; an account that is verified already stays so.
///
/// # Errors
/// `Invalid`: the accounts are superusers, or with the token's error.
pub async fn confirm(call: &Call, collection: &Arc<Collection>, token: &str) -> Result<()> {
    not_superusers(collection)?;
    let record =
        check(call, collection, token).await?.map_err(|error| Error::invalid(REFUSED).field("token", error))?;
    if record.flag("verified") {
        return Ok(());
    }
    hooks::agree(call, AuthAction::Verification, &record).await?;
    // A link proves the address and signs nobody in: where passwords are on, whoever made the account goes on with theirs, so that nothing is
    // gained by ending the passkeys and apps that stand beside it, while everybody who registers and then clicks would lose what they set up.
    // Where passwords are off, whoever made the account must not come back with what they left, now or once passwords are on again.
    let ends = !options(collection)?.password_auth.enabled;
    let change = |record: &mut Record| {
        record.set("verified", Value::Bool(true));
        if ends {
            record.set("password", Value::Text(random()));
        }
    };
    let failed = "An error occurred while saving the verified state.";
    let record = spend::save(call, record, change, ends, failed).await?;
    hooks::after(call, AuthAction::Verification, &record).await;
    Ok(())
}

async fn check(call: &Call, collection: &Arc<Collection>, token: &str) -> Result<Result<Record, FieldError>> {
    if token.is_empty() {
        return Ok(Err(FieldError::required()));
    }
    if mail_token::read_unproven(token).email.is_empty() {
        return Ok(Err(FieldError::new("validation_invalid_token_claims", "Missing email token claim.")));
    }
    Ok(spend::prove(call, collection, token, TokenKind::Verification).await?.and_then(|mailed| {
        if mailed.claims.email != mailed.record.text("email") {
            let message = "The record email doesn't match with the requested token claims.";
            return Err(FieldError::new("validation_token_email_mismatch", message));
        }
        Ok(mailed.record)
    }))
}

/// # Errors
/// `Invalid`: the accounts are superusers.
pub(crate) fn not_superusers(collection: &Collection) -> Result<()> {
    if collection.is_superusers() {
        return Err(Error::invalid("All superusers are verified by default."));
    }
    Ok(())
}
