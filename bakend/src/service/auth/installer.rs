//! The first superuser: a server without one has a link that makes one.
//!
//! As in PocketBase the link's token is that of a superuser of its own, which is deleted with the creation of the first real one.

use super::{sessions, superusers};
use crate::{
    FieldError, Result, ids,
    schema::{Collection, Record, Value},
    service::{
        App,
        records::{self, Call},
    },
    store::{self, Conn},
};

/// Address of the account of the link. Source: PocketBase.
pub const EMAIL: &str = "__pbinstaller@example.com";
/// How long a link is good, in seconds. Source: PocketBase.
pub const LINK_SECONDS: i64 = 30 * 60;
/// How the session of the link is named.
const METHOD: &str = "install";
/// Length of the password that nobody ever types, in characters.
const PASSWORD_CHARS: usize = 50;

/// Whether a record is the account of the link.
pub fn is_installer(record: &Record) -> bool {
    record.is_superuser() && record.text("email") == EMAIL
}

/// # Errors
/// The error of the address: a superuser would get that of the link's account, and with it could be deleted though it were the only one.
pub(crate) fn check_address(before: Option<&Record>, after: &Record) -> Result<(), FieldError> {
    if takes_address(before, after) {
        let message = "The address is kept for the link that makes the first superuser; choose another one.";
        return Err(FieldError::new("validation_reserved_email", message));
    }
    Ok(())
}

fn takes_address(before: Option<&Record>, after: &Record) -> bool {
    let is_address = |record: &Record| record.text("email").eq_ignore_ascii_case(EMAIL);
    after.is_superuser() && is_address(after) && !before.is_some_and(is_address)
}

/// The token of a new link; links of before end. `None`: there is a superuser already.
///
/// # Errors
/// Those of the database.
pub async fn link_token(app: &App) -> Result<Option<String>> {
    if superusers::exist(app).await? {
        return Ok(None);
    }
    let call = Call::system(app);
    let account = match superusers::find(app, EMAIL).await? {
        Some(account) => {
            let key = ids::random_text(ids::TOKEN_KEY_LENGTH, ids::SECRET_ALPHABET);
            let change = |account: &mut Record| {
                account.set("tokenKey", Value::Text(key));
            };
            records::save(&call, account, change).await?
        }
        None => records::save_new(&call, account(app)?).await?,
    };
    sessions::begin(&call, &account, METHOD, false, Some(LINK_SECONDS)).await.map(Some)
}

fn account(app: &App) -> Result<Record> {
    let mut record = Record::new(superusers::collection(app)?);
    record.set("email", Value::Text(EMAIL.to_owned()));
    record.set("password", Value::Text(ids::random_text(PASSWORD_CHARS, ids::SECRET_ALPHABET)));
    Ok(record)
}

/// Ends the account of the link: a real superuser has just been written.
///
/// # Errors
/// Those of the database.
pub(crate) fn remove(conn: &Conn<'_>, app: &App, superusers: &std::sync::Arc<Collection>) -> Result<()> {
    let found = app.planner().by_field(&app.schema(), superusers, "email", EMAIL, false)?;
    let at = superusers.position("id").unwrap_or_default();
    let mut ids = Vec::new();
    conn.rows(&found, |row| {
        ids.push(row.text(at)?.to_owned());
        Ok(())
    })?;
    for id in ids {
        store::records::delete(conn, superusers, &id)?;
        store::system::forget_account(conn, &superusers.id, &id)?;
    }
    Ok(())
}
