//! The test mail: one try while somebody waits, and the fault in full.

use std::sync::Arc;

use super::{
    MailKind,
    letters::{Letter, write},
    queue,
};
use crate::{
    Error, FieldError, FieldErrors, Result, clock, ids,
    schema::{Collection, Record, Value, field::email::is_email},
    service::{
        App,
        auth::{TokenKind, mail_token},
    },
};

const FAILED: &str = "Failed to send the test email.";
/// Length of the made-up account's token key, in characters.
const TOKEN_KEY_LENGTH: usize = 50;
/// Templates that can be tried.
const TEMPLATES: [(&str, MailKind); 5] = [
    ("verification", MailKind::Verification),
    ("password-reset", MailKind::PasswordReset),
    ("email-change", MailKind::EmailChange),
    ("otp", MailKind::Otp),
    ("login-alert", MailKind::AuthAlert),
];

/// Sends one mail of a collection's templates about a made-up account to `to`; `collection` is a name or id, `""`: superusers.
///
/// # Errors
/// `Invalid`: with field errors when something is missing or unknown; without, and with the mail server's words, when it did not leave.
pub async fn send_test(app: &App, to: &str, template: &str, collection: &str) -> Result<()> {
    let schema = app.schema();
    let name = if collection.is_empty() { crate::schema::collection::SUPERUSERS } else { collection };
    let found = schema.find(name).filter(|collection| collection.is_auth());
    let kind = TEMPLATES.iter().find(|(name, _)| *name == template).map(|(_, kind)| *kind);
    let mut errors = FieldErrors::new();
    errors.check("email", check_email(to));
    if found.is_none() {
        let message = "Must be a valid auth collection id or name.";
        errors.add("collection", FieldError::new("validation_invalid_auth_collection", message));
    }
    if template.is_empty() {
        errors.add("template", FieldError::required());
    } else if kind.is_none() {
        errors.add("template", FieldError::new("validation_in_invalid", "Must be a valid value."));
    }
    let (Some(collection), Some(kind), true) = (found, kind, errors.is_empty()) else {
        return Err(Error::invalid(FAILED).fields(errors));
    };
    let mut event = made_up(app, collection, kind, to)?;
    if !queue::agree(&mut event).await? {
        return Err(Error::invalid(format!("{FAILED} A hook kept it from leaving.")));
    }
    let left = app.mails().hand_over(&app.settings().smtp, &event.message).await;
    left.map_err(|fault| Error::invalid(format!("{FAILED} Raw error: \n{fault}")))
}

fn made_up(app: &App, collection: &Arc<Collection>, kind: MailKind, to: &str) -> Result<super::MailEvent> {
    let mut record = Record::new(Arc::clone(collection));
    record.set("id", Value::Text("test".to_owned()));
    record.set("email", Value::Text(to.to_owned()));
    record.set("tokenKey", Value::Text(ids::random_text(TOKEN_KEY_LENGTH, ids::SECRET_ALPHABET)));
    let token = match kind {
        MailKind::Verification => mail_token::issue(&record, TokenKind::Verification, "")?,
        MailKind::PasswordReset => mail_token::issue(&record, TokenKind::PasswordReset, "")?,
        MailKind::EmailChange => mail_token::issue(&record, TokenKind::EmailChange, to)?,
        _ => String::new(),
    };
    let info = format!("{} - TEST_IP TEST_USER_AGENT", clock::now_text());
    let facts =
        vec![("TOKEN", token), ("OTP", "123456".to_owned()), ("OTP_ID", "test".to_owned()), ("ALERT_INFO", info)];
    write(app, Letter { kind, record, to: to.to_owned(), facts })
}

fn check_email(text: &str) -> Result<(), FieldError> {
    match text {
        "" => Err(FieldError::required()),
        text if is_email(text) => Ok(()),
        _ => Err(FieldError::new("validation_is_email", "Must be a valid email address.")),
    }
}
