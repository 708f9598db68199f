//! What is asked of a key: checked against what may be asked, and by whom.

use serde_json::Value as Json;

use super::{REFUSED, Wish};
use crate::{
    Error, FieldError, FieldErrors, Result, clock, limits,
    query::Grant,
    service::{App, auth::cache::SignedIn},
    store::system::api_keys::Model,
};

/// Checks a wish and puts it into a key.
///
/// # Errors
/// - `Invalid` with field errors: name, scopes or end are refused.
/// - `Forbidden`: a key asks, and the other one would do more, or longer, than itself.
pub(super) fn apply(app: &App, caller: &SignedIn, key: &mut Model, wish: Wish) -> Result<()> {
    let mut errors = FieldErrors::new();
    if let Some(name) = wish.name {
        errors.check("name", check_name(&name));
        key.name = name;
    }
    if let Some(scopes) = wish.scopes {
        match understood(app, &scopes) {
            Ok(grant) if own_grant(caller).is_some_and(|own| !own.covers(&grant)) => return Err(beyond()),
            // Stored by the ids of collections: a new name changes nothing, and no other collection can take an old one's place.
            Ok(grant) => key.scopes = Json::from(grant.scopes(str::to_owned)).to_string(),
            Err(wrong) => errors.add("scopes", wrong),
        }
    }
    if let Some(expires) = wish.expires {
        match end_of(&expires) {
            Ok(end) => key.expires = end,
            Err(error) => errors.add("expires", error),
        }
    }
    if !errors.is_empty() {
        return Err(Error::invalid(REFUSED).fields(errors));
    }
    if outlives(caller, key) {
        return Err(beyond());
    }
    key.updated = clock::now_text();
    Ok(())
}

/// Whether a key asks that ends before the other one.
fn outlives(caller: &SignedIn, key: &Model) -> bool {
    is_key(caller) && end_of_key(key) > caller.exp
}

fn check_name(name: &str) -> Result<(), FieldError> {
    let max = limits::API_KEY_NAME_MAX_CHARS;
    if name.trim().is_empty() {
        return Err(FieldError::required());
    }
    if name.chars().count() <= max {
        return Ok(());
    }
    let message = format!("The length must be between 1 and {max}.");
    Err(FieldError::new("validation_length_out_of_range", message).with("max", max).with("min", 1))
}

fn understood(app: &App, scopes: &[String]) -> Result<Grant, FieldErrors> {
    if scopes.is_empty() {
        return Err(FieldError::required().into());
    }
    let max = limits::API_KEY_SCOPES_MAX;
    if scopes.len() > max {
        let error = FieldError::new("validation_length_too_long", format!("The length must be no more than {max}."));
        return Err(error.with("max", max).with("min", 1).into());
    }
    let schema = app.schema();
    let id_of = |name: &str| schema.find(name).map(|collection| collection.id.clone());
    Grant::parse(scopes.iter().map(String::as_str), id_of).map_err(|at| {
        let message = "Must be *, COLLECTION:ACTION, account, keys, sessions or settings; \
                       an action is list, view, create, update, delete or *.";
        FieldErrors::one(at.to_string(), FieldError::new("validation_invalid_scope", message))
    })
}

fn end_of(text: &str) -> Result<String, FieldError> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let wrong =
        || FieldError::new("validation_invalid_date", "Must be a date and time, as in 2030-01-01 00:00:00.000Z.");
    let seconds = clock::unix_seconds(text).ok_or_else(wrong)?;
    if seconds <= clock::now_unix_seconds() {
        return Err(FieldError::new("validation_date_in_past", "Must be in the future."));
    }
    Ok(clock::text_of_unix_seconds(seconds))
}

/// When a key ends, in seconds since 1970; `i64::MAX`: never.
pub(super) fn end_of_key(key: &Model) -> i64 {
    if key.expires.is_empty() { i64::MAX } else { clock::unix_seconds(&key.expires).unwrap_or_default() }
}

/// What a key that asks may do itself; `None`: no key asks.
pub(super) fn own_grant(caller: &SignedIn) -> Option<&Grant> {
    caller.by.as_ref()?.grant.as_deref()
}

pub(super) fn is_key(caller: &SignedIn) -> bool {
    caller.by.as_ref().is_some_and(|by| by.is_key())
}

pub(super) fn beyond() -> Error {
    Error::forbidden("An API key manages only keys that may do no more than itself, and no longer.")
}

/// The scopes as they are stored. One that is damaged allows nothing.
pub(super) fn grant(stored: &str) -> Result<Grant> {
    let scopes: Vec<String> = serde_json::from_str(stored).map_err(Error::internal)?;
    Grant::parse(scopes.iter().map(String::as_str), |id| Some(id.to_owned()))
        .map_err(|at| Error::internal(format!("scope {at} of a stored API key is damaged")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_moment_to_come() {
        assert_eq!(end_of("").as_deref(), Ok(""));
        assert_eq!(end_of("2999-01-01T00:00:00Z").as_deref(), Ok("2999-01-01 00:00:00.000Z"));
        for (text, code) in
            [("soon", "validation_invalid_date"), ("2001-01-01 00:00:00.000Z", "validation_date_in_past")]
        {
            assert_eq!(end_of(text).map_err(|error| error.code), Err(code), "{text}");
        }
    }

    #[test]
    fn a_damaged_scope_is_an_error_not_a_right() {
        assert!(grant("[\"posts\"]").is_err() && grant("nonsense").is_err());
        assert!(grant("[]").is_ok_and(|grant| grant.is_empty()));
    }
}
