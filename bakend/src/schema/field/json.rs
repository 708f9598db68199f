//! The field type for any JSON.

use serde_json::{Map, Value as Json};

use super::options::Keys;
use crate::{
    FieldError, FieldErrors, Result,
    limits::{JSON_MAX_BYTES, SAFE_INTEGER_MAX},
    schema::{fault, wire},
};

/// Options of the type for any JSON.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JsonOptions {
    /// Most bytes; 0: [`JSON_MAX_BYTES`].
    pub max_size: i64,
}

impl JsonOptions {
    pub(super) fn from_keys(keys: Keys<'_>) -> Result<Self> {
        Ok(Self { max_size: keys.integer("maxSize")? })
    }

    pub(super) fn to_json(&self, out: &mut Map<String, Json>) {
        out.insert("maxSize".into(), self.max_size.into());
    }

    /// A text that holds JSON becomes that JSON, so that forms can send any; other texts stay texts.
    pub(super) fn decode(raw: &Json) -> Json {
        let Json::String(text) = raw else { return raw.clone() };
        let looks_like_json = matches!(text.as_str(), "null" | "true" | "false")
            || text.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '-' | '"' | '[' | '{'));
        match serde_json::from_str(text) {
            Ok(json) if looks_like_json => json,
            _ => raw.clone(),
        }
    }

    pub(super) fn check(&self, required: bool, json: &Json) -> Result<(), FieldError> {
        let max = if self.max_size > 0 { self.max_size as u64 } else { JSON_MAX_BYTES };
        if size(json) > max {
            let message = format!("The maximum allowed JSON size is {max} bytes.");
            return Err(FieldError::new("validation_json_size_limit", message).with("maxSize", max));
        }
        let blank = match json {
            Json::Null => true,
            Json::String(text) => text.is_empty(),
            Json::Array(items) => items.is_empty(),
            Json::Object(entries) => entries.is_empty(),
            Json::Bool(_) | Json::Number(_) => false,
        };
        if required && blank { Err(FieldError::required()) } else { Ok(()) }
    }

    pub(super) fn check_options(&self, errors: &mut FieldErrors) {
        errors.check("maxSize", fault::within(self.max_size, 0, SAFE_INTEGER_MAX));
    }
}

/// Bytes of the JSON as it is stored.
fn size(json: &Json) -> u64 {
    let mut out = Vec::new();
    wire::write_json(json, &mut out);
    out.len() as u64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_that_hold_json_become_json() {
        for (raw, json) in [
            (json!("[1,2]"), json!([1, 2])),
            (json!("{\"a\":1}"), json!({ "a": 1 })),
            (json!("\"q\""), json!("q")),
            (json!("-5"), json!(-5)),
            (json!("null"), json!(null)),
            (json!("True"), json!("True")),
            (json!("{bad"), json!("{bad")),
            (json!("12abc"), json!("12abc")),
            (json!(" [1]"), json!(" [1]")),
            (json!("01"), json!("01")),
            (json!(""), json!("")),
            (json!([null]), json!([null])),
        ] {
            assert_eq!(JsonOptions::decode(&raw), json, "{raw}");
        }
    }

    #[test]
    fn required_refuses_what_is_blank() {
        for blank in [json!(null), json!(""), json!([]), json!({})] {
            assert_eq!(JsonOptions::default().check(true, &blank), Err(FieldError::required()));
        }
        for fine in [json!(0), json!(false), json!([0])] {
            assert_eq!(JsonOptions::default().check(true, &fine), Ok(()));
        }
    }

    #[test]
    fn sizes_count_bytes() {
        let options = JsonOptions { max_size: 5 };
        assert_eq!(options.check(false, &json!([1, 2])), Ok(()));
        assert_eq!(
            options.check(false, &json!([1, 2, 3])).map_err(|error| error.code),
            Err("validation_json_size_limit")
        );
    }
}
