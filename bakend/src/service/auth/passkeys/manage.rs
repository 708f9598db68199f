//! The passkeys that there are.

use serde_json::{Value as Json, json};

use super::named;
use crate::{
    Error, Result,
    query::Pace,
    schema::Record,
    service::App,
    store::system::{
        Owner,
        passkeys::{self, Model},
    },
};

/// The passkeys of an account, the oldest first: `{"items":[…]}`.
///
/// # Errors
/// Those of the database.
pub async fn list(app: &App, owner: Owner) -> Result<Vec<u8>> {
    let found = app.store().db().read(&Pace::default(), move |conn| passkeys::list(conn, &owner)).await?;
    let items: Vec<Json> = found.iter().map(shown).collect();
    Ok(json!({ "items": items }).to_string().into_bytes())
}

/// Gives a passkey of an account another name.
///
/// # Errors
/// `NotFound`: the account has no such passkey. `Invalid`: the name is too long.
pub async fn rename(app: &App, owner: Owner, id: &str, name: &str) -> Result<()> {
    let (id, name) = (id.to_owned(), named(name)?);
    let renamed = app.store().db().write(move |conn| passkeys::rename(conn, &owner, &id, &name)).await?;
    if renamed { Ok(()) } else { Err(Error::not_found()) }
}

/// Removes a passkey of an account: nobody can sign in with it any more.
///
/// # Errors
/// `NotFound`: the account has no such passkey.
pub async fn remove(app: &App, owner: Owner, id: &str) -> Result<()> {
    let id = id.to_owned();
    let removed = app.store().db().write(move |conn| passkeys::delete(conn, &owner, &id)).await?;
    if removed { Ok(()) } else { Err(Error::not_found()) }
}

/// A passkey as its owner may see it.
pub(super) fn shown(passkey: &Model) -> Json {
    let key: Json = serde_json::from_str(&passkey.key).unwrap_or_default();
    json!({
        "id": passkey.id,
        "name": passkey.name,
        "created": passkey.created,
        "lastUsed": passkey.last_used,
        // Whether other devices of its owner have it too.
        "synced": key.pointer("/cred/backup_state") == Some(&Json::Bool(true)),
    })
}

/// How an authenticator names the account to its owner.
pub(in crate::service::auth) fn shown_name(record: &Record) -> String {
    let names = ["email", "username", "name"].map(|field| record.text(field));
    let name = names.into_iter().find(|name| !name.is_empty());
    name.unwrap_or_else(|| record.id()).to_owned()
}
