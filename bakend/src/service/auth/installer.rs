//! The first superuser: a server without one has a link that makes one.
//!
//! As in PocketBase the link's token is that of a superuser of its own, which is deleted with the creation of the first real one.

use super::{sessions, superusers};
use crate::{
    Result, ids,
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
        Some(mut account) => {
            let key = ids::random_text(ids::TOKEN_KEY_LENGTH, ids::SECRET_ALPHABET);
            account.set("tokenKey", Value::Text(key));
            records::save(&call, account).await?
        }
        None => superusers::create(app, EMAIL, &ids::random_text(PASSWORD_CHARS, ids::SECRET_ALPHABET)).await?,
    };
    sessions::begin(&call, &account, METHOD, false, Some(LINK_SECONDS)).await.map(Some)
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
