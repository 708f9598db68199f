//! The field type for a password, kept as a hash.

use serde_json::{Map, Value as Json};

use super::{options::Keys, text::check_pattern};
use crate::{
    FieldError, FieldErrors, Result,
    schema::{cast, fault, pattern},
};

/// Longest password, in characters, while its `max` is 0. Source: PocketBase web API, field type `password`.
const PASSWORD_MAX_CHARS: i64 = 71;
/// Smallest cost, kept for compatibility.
const COST_MIN: i64 = 4;
/// Largest cost, kept for compatibility.
const COST_MAX: i64 = 31;

/// Options of the type for a password, kept as a hash.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PasswordOptions {
    /// Fewest characters.
    pub min: i64,
    /// Most characters; 0: 71.
    pub max: i64,
    /// Regular expression the plain password must match; empty: any.
    pub pattern: String,
    /// Kept for compatibility (bcrypt); argon2id does not use it.
    pub cost: i64,
}

impl PasswordOptions {
    pub(super) fn from_keys(keys: Keys<'_>) -> Result<Self> {
        Ok(Self {
            min: keys.integer("min")?,
            max: keys.integer("max")?,
            pattern: keys.text("pattern")?,
            cost: keys.integer("cost")?,
        })
    }

    pub(super) fn to_json(&self, out: &mut Map<String, Json>) {
        out.insert("min".into(), self.min.into());
        out.insert("max".into(), self.max.into());
        out.insert("pattern".into(), self.pattern.as_str().into());
        out.insert("cost".into(), self.cost.into());
    }

    pub(super) fn decode(raw: &Json) -> String {
        cast::to_text(raw)
    }

    pub(super) fn check(&self, required: bool, plain: &str) -> Result<(), FieldError> {
        if plain.is_empty() {
            return if required { Err(FieldError::required()) } else { Ok(()) };
        }
        let length = plain.chars().count() as i64;
        if length < self.min {
            return Err(fault::too_short(self.min));
        }
        let max = if self.max > 0 { self.max } else { PASSWORD_MAX_CHARS };
        if length > max {
            let message = format!("Must be less than {max} character(s).");
            return Err(FieldError::new("validation_max_text_constraint", message));
        }
        if !self.pattern.is_empty() && !pattern::matches(&self.pattern, plain) {
            return Err(fault::format());
        }
        Ok(())
    }

    pub(super) fn check_options(&self, errors: &mut FieldErrors) {
        errors.check("min", fault::within(self.min, 1, PASSWORD_MAX_CHARS));
        errors.check("max", fault::within(self.max, self.min, PASSWORD_MAX_CHARS));
        errors.check("cost", fault::within(self.cost, COST_MIN, COST_MAX));
        errors.check("pattern", check_pattern(&self.pattern));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_length_carry_no_params() {
        let options = PasswordOptions { min: 3, max: 5, pattern: "^[a-z]+$".into(), cost: 0 };
        for (plain, code) in [
            ("", Some("validation_required")),
            ("ab", Some("validation_min_text_constraint")),
            ("abcdef", Some("validation_max_text_constraint")),
            ("ABC", Some("validation_invalid_format")),
            ("abc", None),
        ] {
            let error = options.check(true, plain).err();
            assert!(error.as_ref().is_none_or(|error| error.params.is_empty()));
            assert_eq!(error.map(|error| error.code), code, "{plain}");
        }
    }

    #[test]
    fn settings_are_within_bounds() {
        let mut errors = FieldErrors::new();
        PasswordOptions { min: -1, max: 72, pattern: "[".into(), cost: 3 }.check_options(&mut errors);
        let errors = errors.to_json();
        assert_eq!(errors["min"]["message"], "Must be no less than 1.");
        assert_eq!(errors["max"]["message"], "Must be no greater than 71.");
        assert_eq!(errors["cost"]["message"], "Must be no less than 4.");
        assert_eq!(errors["pattern"]["code"], "validation_invalid_regex");
    }
}
