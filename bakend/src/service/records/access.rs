//! Which rule a caller has to satisfy.

use crate::{
    Error, Result,
    query::RequestInfo,
    schema::{Collection, Rule},
};

/// The rule the caller must satisfy, if any: superusers none.
///
/// # Errors
/// `Forbidden`: the rule is locked and the caller is not a superuser.
pub(super) fn required<'a>(info: &RequestInfo, rule: &'a Rule) -> Result<Option<&'a str>> {
    if info.is_superuser() {
        return Ok(None);
    }
    match rule.as_deref() {
        None => Err(Error::forbidden("Only superusers can perform this action.")),
        Some("") => Ok(None),
        Some(rule) => Ok(Some(rule)),
    }
}

/// # Errors
/// `Invalid`: the collection is a view, which has nothing to write to.
pub(super) fn writable(collection: &Collection) -> Result<()> {
    if collection.is_view() {
        return Err(Error::invalid("Unsupported collection type."));
    }
    Ok(())
}
