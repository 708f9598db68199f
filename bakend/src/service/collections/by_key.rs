//! What an API key may change of collections: nothing that decides who can sign in, unless it is for accounts.
//!
//! Whoever sets the secret of a collection's tokens signs tokens of every account in it, superusers among them; a key for everything would be
//! a key for the rest as well.

use serde_json::{Map, Value as Json};

use super::{
    import,
    save::{decode, merge},
};
use crate::{
    Result,
    query::grant::{Area, Grant},
    schema::Collection,
    service::{App, records::needs_area},
};

/// # Errors
/// `Forbidden`: the key is not for accounts, and this body would make a collection with accounts or change the options or the fields of one
/// that bakend itself needs. What else is wrong with it is said by who saves it.
pub fn may_save(app: &App, grant: &Grant, id_or_name: Option<&str>, body: &Map<String, Json>) -> Result<()> {
    let schema = app.schema();
    let old = id_or_name.and_then(|name| schema.find(name));
    let sent = match old {
        Some(old) => merge(old, body),
        None => decode(body),
    };
    let Ok(mut new) = sent else { return Ok(()) };
    new.complete(old.map(AsRef::as_ref), &schema);
    judge(grant, old.map(AsRef::as_ref), &new)
}

/// The same for a list of collections.
///
/// # Errors
/// As of [`may_save`].
pub fn may_import(app: &App, grant: &Grant, body: &Map<String, Json>) -> Result<()> {
    let Ok(change) = import::asked(app.schema(), body) else { return Ok(()) };
    change.removed.iter().try_for_each(|removed| may_end(grant, removed))?;
    change.saved.iter().try_for_each(|saved| judge(grant, saved.old.as_deref(), &saved.new))
}

/// # Errors
/// `Forbidden`: the key is not for accounts, and bakend itself needs this collection or its records.
pub fn may_empty(app: &App, grant: &Grant, id_or_name: &str) -> Result<()> {
    app.schema().find(id_or_name).map_or(Ok(()), |collection| may_end(grant, collection))
}

fn may_end(grant: &Grant, collection: &Collection) -> Result<()> {
    if collection.system { needs_area(grant, Area::Account) } else { Ok(()) }
}

fn judge(grant: &Grant, old: Option<&Collection>, new: &Collection) -> Result<()> {
    let is_new = old.is_none() && new.is_auth();
    // Options that were not sent are as they were; a new collection makes its own.
    let changes_accounts = old.is_some_and(|old| old.auth != new.auth);
    let is_system = new.system || old.is_some_and(|old| old.system);
    if is_new || changes_accounts || is_system { needs_area(grant, Area::Account) } else { Ok(()) }
}
