//! A new authenticator app: the secret is shown, and counts once a code has shown that the app has it.

use qrcode::{QrCode, render::svg};
use serde_json::json;

use super::{check_enabled, code, count_try, owner, row};
use crate::{
    Error, FieldError, Result, clock, ids,
    schema::Record,
    service::{
        App,
        auth::{passkeys, requests::REFUSED},
    },
    store::system::totp::{self, Model},
};

/// Least width of the picture, in pixels.
const PICTURE_MIN_PIXELS: u32 = 240;

/// Makes a secret and shows it: `{"secret","url","qr","digits","period"}`. `url` is what apps read, `qr` the same as an SVG picture. A secret
/// that was never confirmed is replaced.
///
/// # Errors
/// `Forbidden`: codes are off. `Invalid`: the account has an app already.
pub async fn enrol(app: &App, record: &Record) -> Result<Vec<u8>> {
    check_enabled(&record.collection)?;
    let secret = code::new_secret();
    let account = passkeys::shown_name(record);
    let totp = code::totp(&secret, &app.settings().meta.app_name, &account)?;
    let url = totp.to_url().map_err(|error| Error::internal(format!("{error:?}")))?;
    let drawn = QrCode::new(url.as_bytes()).map_err(Error::internal)?;
    let qr = drawn.render::<svg::Color>().min_dimensions(PICTURE_MIN_PIXELS, PICTURE_MIN_PIXELS).build();
    let row = Model {
        id: ids::record_id(),
        collection: record.collection.id.clone(),
        record: record.id().to_owned(),
        secret: secret.clone(),
        recovery: "[]".to_owned(),
        created: clock::now_text(),
        ..Model::default()
    };
    let owner = owner(record);
    let db = app.store().db();
    let write = db.write(move |conn| match totp::find(conn, &owner)? {
        Some(known) if !known.confirmed.is_empty() => {
            Err(Error::invalid("The account has an authenticator app already: remove it first."))
        }
        _ => totp::replace_unconfirmed(conn, &owner, row),
    });
    write.await?;
    let shown = json!({ "secret": secret, "url": url, "qr": qr, "digits": code::DIGITS, "period": code::STEP_SECONDS });
    Ok(shown.to_string().into_bytes())
}

/// Makes the secret count, with a code of the app; shows the recovery codes, once: `{"recoveryCodes":[…]}`.
///
/// # Errors
/// - `Forbidden`: codes are off.
/// - `Invalid`: there is nothing to confirm, or the code is wrong.
/// - `RateLimited`: too many tries.
pub async fn confirm(app: &App, record: &Record, sent: &str) -> Result<Vec<u8>> {
    check_enabled(&record.collection)?;
    let waiting = row(app, record).await?.filter(|row| row.confirmed.is_empty());
    let waiting = waiting.ok_or_else(|| Error::invalid("There is no authenticator app to confirm."))?;
    count_try(app, record)?;
    let step = code::step(&waiting.secret, sent)?.ok_or_else(wrong)?;
    let (codes, stored) = code::recovery_codes();
    let now = clock::now_text();
    let confirmed = app.store().db().write(move |conn| totp::confirm(conn, &waiting.id, step, &stored, &now)).await?;
    if !confirmed {
        return Err(wrong());
    }
    Ok(json!({ "recoveryCodes": codes }).to_string().into_bytes())
}

/// The error of a code that is not of now, or was used.
pub(super) fn wrong() -> Error {
    let error = FieldError::new("validation_invalid_code", "Invalid or used code.");
    Error::invalid(REFUSED).field("code", error)
}
