//! Reading the options of a field from JSON: missing and `null` are the zero value, a wrong type is an error.

use serde_json::{Map, Value as Json};

use crate::{Error, Result};

/// The error of JSON that has the wrong shape.
pub fn malformed() -> Error {
    Error::invalid("Failed to load the submitted data due to invalid formatting.")
}

/// The keys of one JSON object.
#[derive(Clone, Copy)]
pub struct Keys<'a>(pub &'a Map<String, Json>);

impl<'a> Keys<'a> {
    /// The keys of an object.
    pub fn of(json: &'a Json) -> Result<Self> {
        json.as_object().map(Keys).ok_or_else(malformed)
    }

    /// Whether a key was sent at all.
    pub fn has(&self, key: &str) -> bool {
        self.0.contains_key(key)
    }

    fn get(&self, key: &str) -> Option<&'a Json> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    /// A text.
    pub fn text(&self, key: &str) -> Result<String> {
        self.optional_text(key).map(Option::unwrap_or_default)
    }

    /// A text, or `None` for `null`.
    pub fn optional_text(&self, key: &str) -> Result<Option<String>> {
        self.get(key).map(|value| value.as_str().map(str::to_owned).ok_or_else(malformed)).transpose()
    }

    /// A flag.
    pub fn flag(&self, key: &str) -> Result<bool> {
        self.optional_flag(key).map(Option::unwrap_or_default)
    }

    /// A flag, or `None` for `null`.
    pub fn optional_flag(&self, key: &str) -> Result<Option<bool>> {
        self.get(key).map(|value| value.as_bool().ok_or_else(malformed)).transpose()
    }

    /// A whole number.
    pub fn integer(&self, key: &str) -> Result<i64> {
        self.get(key).map_or(Ok(0), |value| value.as_i64().ok_or_else(malformed))
    }

    /// A number, or `None` for `null`.
    pub fn optional_number(&self, key: &str) -> Result<Option<f64>> {
        self.get(key).map(|value| value.as_f64().ok_or_else(malformed)).transpose()
    }

    /// A list of texts.
    pub fn texts(&self, key: &str) -> Result<Vec<String>> {
        let Some(value) = self.get(key) else { return Ok(Vec::new()) };
        let items = value.as_array().ok_or_else(malformed)?;
        items.iter().map(|item| if item.is_null() { Ok(String::new()) } else { text_of(item) }).collect()
    }

    /// A list of anything.
    pub fn list(&self, key: &str) -> Result<&'a [Json]> {
        self.get(key).map_or(Ok(&[]), |value| value.as_array().map(Vec::as_slice).ok_or_else(malformed))
    }

    /// An object.
    pub fn object(&self, key: &str) -> Result<Option<Keys<'a>>> {
        self.get(key).map(Keys::of).transpose()
    }

    /// Anything; `null` when missing.
    pub fn any(&self, key: &str) -> Json {
        self.0.get(key).cloned().unwrap_or_default()
    }
}

fn text_of(item: &Json) -> Result<String> {
    item.as_str().map(str::to_owned).ok_or_else(malformed)
}
