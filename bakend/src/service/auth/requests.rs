//! What requests for mails about an account share: the address, the account, how often.

use std::{sync::Arc, time::Duration};

use super::tries::Limit;
use crate::{
    Error, FieldError, FieldErrors, Result, limits,
    schema::{Collection, Record, field::email::is_email},
    service::{
        mail::{self, Letter, MailKind},
        records::{self, Call},
    },
};

/// What the API says of a form whose fields are wrong.
pub(super) const REFUSED: &str = "An error occurred while validating the submitted data.";
/// Shortest time between two mails of one kind to one account. Source: PocketBase web API, verification and password reset.
const MAIL_PAUSE: Duration = Duration::from_secs(120);

/// Verification mails.
pub(super) const VERIFICATION_MAILS: Limit = Limit { what: "verification mail", tries: 1, window: MAIL_PAUSE };
/// Password reset mails.
pub(super) const RESET_MAILS: Limit = Limit { what: "password reset mail", tries: 1, window: MAIL_PAUSE };
/// Mails to another address: who is signed in chooses where they go, so there are not many.
pub(super) const CHANGE_MAILS: Limit =
    Limit { what: "email change mail", tries: 10, window: Duration::from_secs(60 * 60) };

/// Checks the address of a form; `field` is its name there.
///
/// # Errors
/// `Invalid` with the field's error.
pub(super) fn check_email(field: &str, email: &str) -> Result<()> {
    let error = email_fault(email);
    error.map_or(Ok(()), |error| Err(Error::invalid(REFUSED).field(field, error)))
}

fn email_fault(email: &str) -> Option<FieldError> {
    if email.is_empty() {
        return Some(FieldError::required());
    }
    if email.chars().count() > limits::CREDENTIAL_MAX_CHARS {
        return Some(length(1, limits::CREDENTIAL_MAX_CHARS));
    }
    (!is_email(email)).then(|| FieldError::new("validation_is_email", "Must be a valid email address."))
}

/// The error of a text that is too short or too long, in characters.
pub(super) fn length(min: usize, max: usize) -> FieldError {
    let message = format!("The length must be between {min} and {max}.");
    FieldError::new("validation_length_out_of_range", message).with("max", max).with("min", min)
}

/// Adds the error of a text that is missing or too long.
pub(super) fn check_text(errors: &mut FieldErrors, name: &str, text: &str, max: usize) {
    if text.is_empty() {
        errors.add(name, FieldError::required());
    } else if text.chars().count() > max {
        errors.add(name, length(1, max));
    }
}

/// The account with an address.
pub(super) async fn account(call: &Call, collection: &Arc<Collection>, email: &str) -> Result<Option<Record>> {
    records::find_by(&call.db, call.app.planner(), &call.app.schema(), collection, "email", email).await
}

/// Puts a mail with a token for an account into the queue.
pub(super) fn post_token(call: &Call, kind: MailKind, record: &Record, to: &str, token: String) {
    let letter = Letter { kind, record: record.clone(), to: to.to_owned(), facts: vec![("TOKEN", token)] };
    mail::post_letter(&call.app, letter, None);
}
