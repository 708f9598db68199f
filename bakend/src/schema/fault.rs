//! The errors that many checks share: code, message, params.

use serde_json::Value as Json;

use super::wire::{number_json, number_text};
use crate::FieldError;

/// A number or a moment below its bound.
pub fn below(threshold: impl Into<Json>) -> FieldError {
    let threshold = threshold.into();
    FieldError::new("validation_min_greater_equal_than_required", format!("Must be no less than {}.", show(&threshold)))
        .with("threshold", threshold)
}

/// A number or a moment above its bound.
pub fn above(threshold: impl Into<Json>) -> FieldError {
    let threshold = threshold.into();
    FieldError::new("validation_max_less_equal_than_required", format!("Must be no greater than {}.", show(&threshold)))
        .with("threshold", threshold)
}

fn show(threshold: &Json) -> String {
    threshold.as_str().map_or_else(|| threshold.to_string(), str::to_owned)
}

/// A text whose length is not within its bounds.
pub fn length(min: usize, max: usize) -> FieldError {
    FieldError::new("validation_length_out_of_range", format!("The length must be between {min} and {max}."))
        .with("min", min)
        .with("max", max)
}

/// A text that does not match what it must.
pub fn mismatch() -> FieldError {
    FieldError::new("validation_match_invalid", "Must be in a valid format.")
}

/// A text that is reserved.
pub fn reserved() -> FieldError {
    FieldError::new("validation_not_in_invalid", "Must not be in list.")
}

/// A name with `_via_`, which back-relations use.
pub fn via() -> FieldError {
    FieldError::new("validation_found_via", "The value cannot contain \"_via_\".")
}

/// A list that must be empty.
pub fn not_blank() -> FieldError {
    FieldError::new("validation_empty", "Must be blank.")
}

/// A value that must not be set at all.
pub fn not_nil() -> FieldError {
    FieldError::new("validation_nil", "Must be blank.")
}

/// A value that may not change.
pub fn changed() -> FieldError {
    FieldError::new("validation_values_mismatch", "Values don't match.")
}

/// A text with fewer characters than allowed.
pub fn too_short(min: i64) -> FieldError {
    FieldError::new("validation_min_text_constraint", format!("Must be at least {min} character(s)."))
}

/// A value that its pattern refuses.
pub fn format() -> FieldError {
    FieldError::new("validation_invalid_format", "Invalid value format.")
}

/// A number below its minimum.
pub fn number_below(min: f64) -> FieldError {
    FieldError::new("validation_min_number_constraint", format!("Must be greater or equal than {}.", number_text(min)))
        .with("min", number_json(min))
}

/// A number above its maximum.
pub fn number_above(max: f64) -> FieldError {
    FieldError::new("validation_max_number_constraint", format!("Must be less or equal than {}.", number_text(max)))
        .with("max", number_json(max))
}

/// Decimals where only whole numbers are allowed.
pub fn decimals() -> FieldError {
    FieldError::new("validation_only_int_constraint", "Decimal numbers are not allowed.")
}

/// A whole number outside `min..=max`; 0 passes unless `min` says otherwise, as an option that is not set.
pub fn within(value: i64, min: i64, max: i64) -> Result<(), FieldError> {
    match value {
        0 => Ok(()),
        _ if value < min => Err(below(min)),
        _ if value > max => Err(above(max)),
        _ => Ok(()),
    }
}

/// A name of letters, digits and underscores, 1 to `max` characters, without `_via_`.
pub fn name(name: &str, max: usize) -> Result<(), FieldError> {
    if name.is_empty() {
        Err(FieldError::required())
    } else if name.chars().count() > max {
        Err(length(1, max))
    } else if !is_word(name) {
        Err(mismatch())
    } else if name.contains("_via_") {
        Err(via())
    } else {
        Ok(())
    }
}

/// Whether a text holds only ASCII letters, digits and underscores.
pub fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
