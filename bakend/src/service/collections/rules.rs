//! The check that every rule of a collection can be evaluated, made when it is saved.

use std::sync::Arc;

use crate::{
    FieldError, FieldErrors,
    query::Planner,
    schema::{Collection, Schema},
};

/// What is wrong with the rules of a collection; `schema` holds the collection itself.
pub(in crate::service) fn check(planner: &Planner, schema: &Schema, collection: &Arc<Collection>) -> FieldErrors {
    let rules = &collection.rules;
    let named = [
        ("listRule", &rules.list),
        ("viewRule", &rules.view),
        ("createRule", &rules.create),
        ("updateRule", &rules.update),
        ("deleteRule", &rules.delete),
    ];
    let mut errors = FieldErrors::new();
    let check = |rule: Option<&str>| check_one(planner, schema, collection, rule);
    for (name, rule) in named {
        errors.check(name, check(rule.as_deref()));
    }
    if let Some(auth) = &collection.auth {
        errors.check("authRule", check(auth.auth_rule.as_deref()));
        errors.check("manageRule", check(auth.manage_rule.as_deref()));
        if let Err(error) = check(Some(&auth.mfa.rule)) {
            errors.add("mfa", FieldErrors::one("rule", error));
        }
    }
    errors
}

fn check_one(
    planner: &Planner,
    schema: &Schema,
    collection: &Arc<Collection>,
    rule: Option<&str>,
) -> Result<(), FieldError> {
    match rule {
        None | Some("") => Ok(()),
        Some(rule) => planner.check_rule(schema, collection, rule).map_err(|error| {
            let reason = error.message().trim_end_matches('.');
            let reason = uncapitalised(reason.rsplit_once(" (at byte ").map_or(reason, |(reason, _)| reason));
            FieldError::new("validation_invalid_rule", format!("Invalid rule. Raw error: {reason}"))
        }),
    }
}

/// A sentence as the part of another one.
pub(super) fn uncapitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
