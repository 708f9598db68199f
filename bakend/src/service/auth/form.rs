//! What a record form of an auth collection must hold beside valid fields: confirmations, the old password, who may set what.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::password;
use crate::{
    Error, FieldError, FieldErrors, Result,
    query::Verdict,
    schema::{Collection, Record, Value},
    service::{
        rates::Known,
        records::{Call, Draft},
    },
};

/// Checks the form of a new auth record.
///
/// # Errors
/// `Invalid` with field errors: `password` or `passwordConfirm` is missing or they differ, `verified` is set by somebody who does not
/// manage the collection's accounts.
pub(crate) async fn check_create(call: &Call, collection: &Arc<Collection>, body: &Map<String, Json>) -> Result<()> {
    let form = Form::read(body);
    let mut errors = FieldErrors::new();
    if form.password.is_empty() {
        errors.add("password", FieldError::required());
    }
    errors.check("passwordConfirm", form.confirmed());
    if truthy(body.get("verified")) && !manages_new(call, collection, body).await? {
        errors.add("verified", mismatch());
    }
    outcome(errors)
}

/// Checks the form of a change of an auth record. `manages`: whether the caller may manage this account.
///
/// # Errors
/// - `Invalid` with field errors: confirmations, the old password, or what only managers may change.
/// - `RateLimited`: too many wrong old passwords.
pub(crate) async fn check_update(
    call: &Call,
    collection: &Arc<Collection>,
    stored: &Record,
    body: &Map<String, Json>,
    manages: bool,
) -> Result<()> {
    let form = Form::read(body);
    let mut errors = FieldErrors::new();
    if !manages {
        for name in ["email", "verified"] {
            let changed = collection.field(name).zip(body.get(name));
            if changed.is_some_and(|(field, raw)| Some(&field.decode(raw)) != stored.get(name)) {
                errors.add(name, mismatch());
            }
        }
    }
    let filled = [&form.password, &form.confirm, &form.old].iter().any(|text| !text.is_empty());
    if form.password.is_empty() && (filled || body.contains_key("password")) {
        errors.add("password", FieldError::required());
    }
    if filled {
        errors.check("passwordConfirm", form.confirmed());
    }
    if !manages {
        errors.check("oldPassword", form.old_fits(call, stored).await?);
    }
    outcome(errors)
}

/// The texts of a form that are never stored.
struct Form {
    password: String,
    confirm: String,
    old: String,
}

impl Form {
    fn read(body: &Map<String, Json>) -> Self {
        Self {
            password: text(body.get("password")),
            confirm: text(body.get("passwordConfirm")),
            old: text(body.get("oldPassword")),
        }
    }

    fn confirmed(&self) -> Result<(), FieldError> {
        if self.confirm.is_empty() {
            return Err(FieldError::required());
        }
        if self.confirm == self.password { Ok(()) } else { Err(mismatch()) }
    }

    async fn old_fits(&self, call: &Call, stored: &Record) -> Result<Result<(), FieldError>> {
        if self.password.is_empty() && self.confirm.is_empty() {
            return Ok(Ok(()));
        }
        if self.old.is_empty() {
            return Ok(Err(FieldError::required()));
        }
        // Who found an open session has no more guesses than who stands before the door.
        let guess = call.app.guesses().take(Known::Account, &stored.collection.id, stored.id(), None)?;
        match password::verify(&self.old, stored.text("password")).await {
            Ok(false) => {
                Ok(Err(FieldError::new("validation_invalid_old_password", "Missing or invalid old password.")))
            }
            right_or_unknown => {
                guess.take_back();
                right_or_unknown.map(|_| Ok(()))
            }
        }
    }
}

/// Whether the caller may manage an account that does not exist yet.
async fn manages_new(call: &Call, collection: &Arc<Collection>, body: &Map<String, Json>) -> Result<bool> {
    if call.info.is_superuser() {
        return Ok(true);
    }
    let Some(rule) = collection.auth.as_deref().and_then(|auth| auth.manage_rule.as_deref()) else { return Ok(false) };
    if rule.is_empty() || call.info.auth.is_none() {
        return Ok(false);
    }
    let mut draft = Draft::of(Record::new(Arc::clone(collection)));
    draft.apply(body, Vec::new(), false)?;
    draft.record.set("verified", Value::Bool(false));
    let row: Vec<_> =
        collection.fields.iter().zip(&draft.record.values).map(|(field, value)| field.bind(value)).collect();
    let schema = call.app.schema();
    match call.app.planner().allows_new(&schema, collection, &call.info, &row, rule) {
        Ok(Verdict::Allowed) => Ok(true),
        Ok(Verdict::Ask(statement)) => {
            let pace = statement.pace.clone();
            Ok(call.db.read(&pace, move |conn| conn.rows(&statement, |_| Ok(()))).await? > 0)
        }
        // A rule that cannot be evaluated gives no rights.
        Ok(Verdict::Denied) | Err(_) => Ok(false),
    }
}

fn text(raw: Option<&Json>) -> String {
    match raw {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

fn truthy(raw: Option<&Json>) -> bool {
    match raw {
        Some(Json::Bool(flag)) => *flag,
        Some(Json::Number(number)) => number.as_f64() != Some(0.0),
        Some(Json::String(text)) => matches!(text.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True"),
        _ => false,
    }
}

fn mismatch() -> FieldError {
    FieldError::new("validation_values_mismatch", "Values don't match.")
}

fn outcome(errors: FieldErrors) -> Result<()> {
    if errors.is_empty() { Ok(()) } else { Err(Error::invalid("").fields(errors)) }
}
