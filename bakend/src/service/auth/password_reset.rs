//! A new password for whoever can read the account's mail.

use std::sync::Arc;

use super::{
    finish::options,
    hooks::{self, AuthAction},
    mail_token,
    requests::{RESET_MAILS, account, check_email, length, post_token},
    spend,
    token::TokenKind,
};
use crate::{
    Error, FieldError, FieldErrors, Result, limits,
    schema::{Collection, FieldKind, Record, Value},
    service::{mail::MailKind, records::Call},
};

/// What is sent to set a new password.
#[derive(Clone, Debug, Default)]
pub struct NewPassword {
    /// The token that came by mail.
    pub token: String,
    /// The new password, plain.
    pub password: String,
    /// The same once more.
    pub confirm: String,
}

/// Sends a password reset mail, if there is such an account and none was sent in the last two minutes; the caller cannot tell.
///
/// # Errors
/// `Invalid`: it is no address, or the accounts have no passwords.
pub async fn request(call: &Call, collection: &Arc<Collection>, email: &str) -> Result<()> {
    check_enabled(collection)?;
    check_email("email", email)?;
    let Some(record) = account(call, collection, email).await? else { return Ok(()) };
    if !call.app.tries().allow(RESET_MAILS, &collection.id, record.id()) {
        return Ok(());
    }
    hooks::agree(call, AuthAction::PasswordResetRequest, &record).await?;
    let token = mail_token::issue(&record, TokenKind::PasswordReset, "")?;
    post_token(call, MailKind::PasswordReset, &record, record.text("email"), token);
    hooks::after(call, AuthAction::PasswordResetRequest, &record).await;
    Ok(())
}

/// Sets a new password with a mailed token: all other tokens and sessions of the account end, and its address is verified by the way; was it not
/// before, passkeys, authenticator app and links end too.
///
/// # Errors
/// `Invalid` with field errors: of the token, or of the password.
pub async fn confirm(call: &Call, collection: &Arc<Collection>, form: &NewPassword) -> Result<()> {
    let mut errors = FieldErrors::new();
    let mailed = match form.token.as_str() {
        "" => Err(FieldError::required()),
        token => spend::prove(call, collection, token, TokenKind::PasswordReset).await?,
    };
    check_password(&mut errors, collection, form);
    let mailed = spend::flawless(mailed, errors)?;
    let record = mailed.record;
    hooks::agree(call, AuthAction::PasswordReset, &record).await?;
    let proves_address = mailed.claims.email == record.text("email");
    let change = |record: &mut Record| {
        record.set("password", Value::Text(form.password.clone()));
        if proves_address {
            record.set("verified", Value::Bool(true));
        }
    };
    // Of an account that was verified before, passkeys and authenticator app stay: they are its owner's, who has only forgotten a password.
    let record = spend::save(call, record, change, true, "Failed to set new password.").await?;
    hooks::after(call, AuthAction::PasswordReset, &record).await;
    Ok(())
}

/// # Errors
/// `Invalid`: the accounts have no passwords.
pub(crate) fn check_enabled(collection: &Collection) -> Result<()> {
    if options(collection)?.password_auth.enabled {
        return Ok(());
    }
    Err(Error::invalid("The collection is not configured to allow password authentication."))
}

fn check_password(errors: &mut FieldErrors, collection: &Collection, form: &NewPassword) {
    let max = limits::CREDENTIAL_MAX_CHARS;
    let min = collection.field("password").map_or(1, |field| match &field.kind {
        FieldKind::Password(options) => usize::try_from(options.min).unwrap_or(1).max(1),
        _ => 1,
    });
    let count = form.password.chars().count();
    if count == 0 {
        errors.add("password", FieldError::required());
    } else if count < min || count > max {
        errors.add("password", length(min, max));
    }
    if form.confirm.is_empty() {
        errors.add("passwordConfirm", FieldError::required());
    } else if form.confirm != form.password {
        errors.add("passwordConfirm", FieldError::new("validation_values_mismatch", "Values don't match."));
    }
}
