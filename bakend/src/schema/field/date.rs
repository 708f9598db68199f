//! The field type for a moment.

use serde_json::{Map, Value as Json};

use super::options::Keys;
use crate::{
    FieldError, Result,
    schema::{fault, moment},
};

/// Options of the type for a moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DateOptions {
    /// Earliest moment (wire form); empty: any.
    pub min: String,
    /// Latest moment (wire form); empty: any.
    pub max: String,
}

impl DateOptions {
    pub(super) fn from_keys(keys: Keys<'_>) -> Result<Self> {
        Ok(Self { min: moment::parse(&keys.text("min")?), max: moment::parse(&keys.text("max")?) })
    }

    pub(super) fn to_json(&self, out: &mut Map<String, Json>) {
        out.insert("min".into(), self.min.as_str().into());
        out.insert("max".into(), self.max.as_str().into());
    }

    pub(super) fn decode(raw: &Json) -> String {
        raw.as_str().map(moment::parse).unwrap_or_default()
    }

    pub(super) fn check(&self, required: bool, moment: &str) -> Result<(), FieldError> {
        if moment.is_empty() {
            return if required { Err(FieldError::required()) } else { Ok(()) };
        }
        // The wire form sorts as time does.
        if !self.min.is_empty() && moment < self.min.as_str() {
            return Err(bound_error(fault::below(spoken(&self.min)), &self.min));
        }
        if !self.max.is_empty() && moment > self.max.as_str() {
            return Err(bound_error(fault::above(spoken(&self.max)), &self.max));
        }
        Ok(())
    }
}

fn bound_error(error: FieldError, bound: &str) -> FieldError {
    error.with("threshold", format!("{}T{}{}Z", &bound[..10], &bound[11..19], fraction(bound)))
}

/// A moment in the words of the message: `2024-01-01 00:00:00 +0000 UTC`.
fn spoken(moment: &str) -> String {
    format!("{}{} +0000 UTC", &moment[..19], fraction(moment))
}

/// Milliseconds without zeros at the end.
fn fraction(moment: &str) -> &str {
    moment[19..].trim_end_matches('Z').trim_end_matches('0').trim_end_matches('.')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_text_is_read() {
        for (raw, moment) in [
            (json!("2024-01-02"), "2024-01-02 00:00:00.000Z"),
            (json!(1700000000), ""),
            (json!("zz"), ""),
            (json!(null), ""),
        ] {
            assert_eq!(DateOptions::decode(&raw), moment);
        }
    }

    #[test]
    fn bounds_are_included() {
        let options = DateOptions { min: "2024-01-01 00:00:00.000Z".into(), max: "2024-02-01 00:00:00.500Z".into() };
        assert_eq!(options.check(false, "2024-01-01 00:00:00.000Z"), Ok(()));
        assert_eq!(options.check(false, "2024-02-01 00:00:00.500Z"), Ok(()));
        let early = options.check(false, "2023-12-31 00:00:00.000Z").expect_err("too early");
        assert_eq!(early.message, "Must be no less than 2024-01-01 00:00:00 +0000 UTC.");
        assert_eq!(early.params["threshold"], "2024-01-01T00:00:00Z");
        let late = options.check(false, "2024-02-02 00:00:00.000Z").expect_err("too late");
        assert_eq!(late.params["threshold"], "2024-02-01T00:00:00.5Z");
    }
}
