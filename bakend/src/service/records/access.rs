//! Which rule a caller has to satisfy, and what its API key leaves of that.

use std::sync::Arc;

use super::Call;
use crate::{
    Error, Result,
    query::{
        Grant, RequestInfo,
        grant::{Area, Right},
        reach::{Reach, reach},
    },
    schema::{Collection, Record},
};

/// The rule the caller must satisfy, if any: superusers none.
///
/// # Errors
/// `Forbidden`: the rule is locked and the caller is not a superuser, or the caller's key is not for this.
pub(super) fn required<'a>(info: &RequestInfo, collection: &'a Collection, action: Right) -> Result<Option<&'a str>> {
    if let Some(grant) = info.grant.as_deref() {
        granted(grant, collection, action)?;
    }
    if info.is_superuser() {
        return Ok(None);
    }
    let rules = &collection.rules;
    let rule = match action {
        Right::List => &rules.list,
        Right::View => &rules.view,
        Right::Create => &rules.create,
        Right::Update => &rules.update,
        Right::Delete => &rules.delete,
    };
    match rule.as_deref() {
        None => Err(Error::forbidden("Only superusers can perform this action.")),
        Some("") => Ok(None),
        Some(rule) => Ok(Some(rule)),
    }
}

/// A key does what its scopes say; in what bakend itself needs, it changes nothing that could let it outgrow them.
fn granted(grant: &Grant, collection: &Collection, action: Right) -> Result<()> {
    if !grant.allows(&collection.id, action) {
        let (name, action) = (&collection.name, action.as_str());
        return Err(Error::forbidden(format!("The API key needs the scope \"{name}:{action}\".")));
    }
    let writes = !matches!(action, Right::List | Right::View);
    if writes && collection.system {
        return needs_area(grant, Area::Account);
    }
    Ok(())
}

/// # Errors
/// `Forbidden`: the area is not open.
pub(crate) fn needs_area(grant: &Grant, area: Area) -> Result<()> {
    if grant.allows_area(area) {
        return Ok(());
    }
    Err(Error::forbidden(format!("The API key needs the scope \"{}\".", area.as_str())))
}

/// Whether the caller's key is for seeing records of another collection beside those asked for.
pub(super) fn may_see(info: &RequestInfo, collection: &Collection) -> bool {
    info.grant.as_deref().is_none_or(|grant| grant.allows(&collection.id, Right::View))
}

/// # Errors
/// `Forbidden`: a filter or sort looks into collections that the caller's key is not for: what is found would tell what they hold.
pub(super) fn may_ask(call: &Call, collection: &Arc<Collection>, filter: &str, sort: &str) -> Result<()> {
    let Some(grant) = call.info.grant.as_deref().filter(|grant| !grant.allows_anywhere(Right::List)) else {
        return Ok(());
    };
    let missing = match reach(&call.app.schema(), collection, filter, sort) {
        Reach::Collections(found) => found.into_iter().find(|other| !grant.allows(&other.id, Right::List)),
        Reach::Anything => {
            return Err(Error::forbidden("The API key needs the scope \"*:list\" to filter by @request."));
        }
    };
    match missing {
        None => Ok(()),
        Some(other) => Err(Error::forbidden(format!("The API key needs the scope \"{}:list\".", other.name))),
    }
}

/// # Errors
/// `Forbidden`: a key without the scope for it would change what an account signs in with.
pub(super) fn may_change_account(
    info: &RequestInfo,
    before: &Record,
    after: &Record,
    sets_password: bool,
) -> Result<()> {
    let Some(grant) = info.grant.as_deref() else { return Ok(()) };
    let moved = ["email", "verified", "tokenKey"].iter().any(|name| before.get(name) != after.get(name));
    if before.collection.is_auth() && (moved || sets_password) { needs_area(grant, Area::Account) } else { Ok(()) }
}

/// # Errors
/// `Invalid`: the collection is a view, which has nothing to write to.
pub(super) fn writable(collection: &Collection) -> Result<()> {
    if collection.is_view() {
        return Err(Error::invalid("Unsupported collection type."));
    }
    Ok(())
}
