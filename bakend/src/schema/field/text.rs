//! The field type for plain text.

use serde_json::{Map, Value as Json};

use super::options::Keys;
use crate::{
    FieldError, FieldErrors, Result,
    limits::{SAFE_INTEGER_MAX, TEXT_MAX_CHARS},
    schema::{cast, fault, pattern},
};

/// The pattern of ids unless they have another one.
pub const ID_PATTERN: &str = "^[a-z0-9]+$";
/// Characters that no id may hold: paths, quotes, wildcards, blanks.
const ID_FORBIDDEN: &[char] =
    &['.', '/', '\\', '|', '"', '\'', '`', '<', '>', ':', '?', '*', '%', '$', '\0', '\t', '\n', '\r', ' '];
/// Names of devices that some file systems refuse as folder names.
const ID_DEVICES: &[&str] = &["CON", "PRN", "AUX", "NUL"];
/// Drawn values that must pass before an autogenerate pattern is accepted.
const AUTOGENERATE_TRIES: usize = 10;

/// Options of the type for plain text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextOptions {
    /// Fewest characters; 0: no bound.
    pub min: i64,
    /// Most characters; 0: [`TEXT_MAX_CHARS`].
    pub max: i64,
    /// Regular expression the value must match; empty: any.
    pub pattern: String,
    /// Regular expression a value is drawn from when none is given; empty: none.
    pub autogenerate_pattern: String,
    /// Whether it is the id.
    pub primary_key: bool,
}

impl TextOptions {
    pub(super) fn from_keys(keys: Keys<'_>) -> Result<Self> {
        Ok(Self {
            min: keys.integer("min")?,
            max: keys.integer("max")?,
            pattern: keys.text("pattern")?,
            autogenerate_pattern: keys.text("autogeneratePattern")?,
            primary_key: keys.flag("primaryKey")?,
        })
    }

    pub(super) fn to_json(&self, out: &mut Map<String, Json>) {
        out.insert("min".into(), self.min.into());
        out.insert("max".into(), self.max.into());
        out.insert("pattern".into(), self.pattern.as_str().into());
        out.insert("autogeneratePattern".into(), self.autogenerate_pattern.as_str().into());
        out.insert("primaryKey".into(), self.primary_key.into());
    }

    pub(super) fn decode(raw: &Json) -> String {
        cast::to_text(raw)
    }

    pub(super) fn autogenerate(&self) -> Option<String> {
        if self.autogenerate_pattern.is_empty() { None } else { pattern::draw(&self.autogenerate_pattern) }
    }

    pub(super) fn check(&self, required: bool, text: &str) -> Result<(), FieldError> {
        if text.is_empty() {
            return if required || self.primary_key { Err(FieldError::required()) } else { Ok(()) };
        }
        let max = if self.max > 0 { self.max } else { TEXT_MAX_CHARS as i64 };
        // A text has no more characters than bytes, so that most need no counting.
        if self.min > 0 || text.len() as i64 > max {
            let length = text.chars().count() as i64;
            if length < self.min {
                return Err(fault::too_short(self.min).with("min", self.min));
            }
            if length > max {
                let message = format!("Must be no more than {max} character(s).");
                return Err(FieldError::new("validation_max_text_constraint", message).with("max", max));
            }
        }
        if !self.pattern.is_empty() && !pattern::matches(&self.pattern, text) {
            return Err(fault::format());
        }
        if self.primary_key && self.pattern != ID_PATTERN {
            check_id(text)?;
        }
        Ok(())
    }

    pub(super) fn check_options(&self, name: &str, required: bool, errors: &mut FieldErrors) {
        errors.check("min", fault::within(self.min, 0, SAFE_INTEGER_MAX));
        errors.check("max", fault::within(self.max, self.min, SAFE_INTEGER_MAX));
        errors.check("pattern", check_pattern(&self.pattern));
        errors.check("autogeneratePattern", self.check_autogenerate());
        if self.primary_key {
            if name != "id" {
                errors.add("name", FieldError::new("validation_in_invalid", "The primary key must be named \"id\"."));
            }
            if !required {
                errors.add("required", FieldError::required());
            }
            if self.pattern.is_empty() {
                errors.add("pattern", FieldError::required());
            }
        }
    }

    fn check_autogenerate(&self) -> Result<(), FieldError> {
        let source = &self.autogenerate_pattern;
        if source.is_empty() {
            return Ok(());
        }
        check_pattern(source)?;
        pattern::check_drawable(source)
            .map_err(|reason| FieldError::new("validation_invalid_autogenerate_pattern", reason))?;
        for _ in 0..AUTOGENERATE_TRIES {
            let drawn = pattern::draw(source).unwrap_or_default();
            if self.check(true, &drawn).is_err() {
                let message =
                    format!("The provided autogenerate pattern could produce invalid field values, ex.: \"{drawn}\".");
                return Err(FieldError::new("validation_invalid_autogenerate_pattern_value", message));
            }
        }
        Ok(())
    }
}

/// Whether a pattern compiles; empty is fine.
pub(super) fn check_pattern(source: &str) -> Result<(), FieldError> {
    if source.is_empty() {
        return Ok(());
    }
    pattern::check(source).map_err(|reason| FieldError::new("validation_invalid_regex", reason))
}

fn check_id(id: &str) -> Result<(), FieldError> {
    if let Some(char) = ID_FORBIDDEN.iter().find(|char| id.contains(**char)) {
        let message = format!("'{char}' is not a valid primary key character.");
        return Err(FieldError::new("validation_forbidden_pk_character", message).with("ch", char.to_string()));
    }
    let upper = id.to_ascii_uppercase();
    let numbered = ["COM", "LPT"].iter().filter_map(|prefix| upper.strip_prefix(prefix)).any(is_device_digit);
    if numbered || ID_DEVICES.contains(&upper.as_str()) {
        let message = format!("The primary key '{upper}' is reserved and cannot be used.");
        return Err(FieldError::new("validation_reserved_pk", message).with("reserved", upper));
    }
    Ok(())
}

fn is_device_digit(rest: &str) -> bool {
    matches!(rest.as_bytes(), [b'1'..=b'9'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(options: &TextOptions, required: bool, text: &str) -> Option<&'static str> {
        options.check(required, text).err().map(|error| error.code)
    }

    #[test]
    fn lengths_count_characters() {
        let options = TextOptions { min: 2, max: 3, ..Default::default() };
        for (text, code) in [
            ("", None),
            ("ä", Some("validation_min_text_constraint")),
            ("äöü", None),
            ("abcd", Some("validation_max_text_constraint")),
        ] {
            assert_eq!(outcome(&options, false, text), code, "{text}");
        }
        assert_eq!(outcome(&options, true, ""), Some("validation_required"));
        let unbounded = TextOptions::default();
        assert_eq!(outcome(&unbounded, false, &"ä".repeat(5000)), None);
        assert_eq!(outcome(&unbounded, false, &"ä".repeat(5001)), Some("validation_max_text_constraint"));
    }

    #[test]
    fn ids_with_a_pattern_of_their_own_still_hold_no_paths() {
        let options = TextOptions { primary_key: true, pattern: "^.+$".into(), ..Default::default() };
        for (id, code) in [
            ("a.b", Some("validation_forbidden_pk_character")),
            ("a b", Some("validation_forbidden_pk_character")),
            ("com1", Some("validation_reserved_pk")),
            ("Nul", Some("validation_reserved_pk")),
            ("com10", None),
            ("a-b", None),
        ] {
            assert_eq!(outcome(&options, true, id), code, "{id}");
        }
    }

    #[test]
    fn settings_that_contradict_each_other_are_refused() {
        for (options, property, code) in [
            (TextOptions { min: -1, ..Default::default() }, "min", "validation_min_greater_equal_than_required"),
            (TextOptions { min: 5, max: 2, ..Default::default() }, "max", "validation_min_greater_equal_than_required"),
            (TextOptions { pattern: "[a".into(), ..Default::default() }, "pattern", "validation_invalid_regex"),
            (
                TextOptions { autogenerate_pattern: "^a$".into(), ..Default::default() },
                "autogeneratePattern",
                "validation_invalid_autogenerate_pattern",
            ),
            (
                TextOptions { autogenerate_pattern: "[a-z]{3}".into(), min: 5, ..Default::default() },
                "autogeneratePattern",
                "validation_invalid_autogenerate_pattern_value",
            ),
        ] {
            let mut errors = FieldErrors::new();
            options.check_options("a", false, &mut errors);
            assert_eq!(errors.to_json()[property]["code"], code, "{options:?}");
        }
    }
}
