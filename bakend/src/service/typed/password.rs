//! A password: written in plain text, kept as a hash, never shown.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use super::{
    FieldValue, Misfit,
    value::{Blank, text_of},
};
use crate::schema::Value;

/// A password field. A program sets it to a plain text; a stored one only tells whether it is set.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Password(String);

impl Password {
    /// A new password, in plain text.
    pub fn new(plain: impl Into<String>) -> Self {
        Self(plain.into())
    }

    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// Whether there is one.
    pub fn is_set(&self) -> bool {
        !self.0.is_empty()
    }
}

impl From<&str> for Password {
    fn from(plain: &str) -> Self {
        Self::new(plain)
    }
}

impl From<String> for Password {
    fn from(plain: String) -> Self {
        Self(plain)
    }
}

/// Neither a plain text nor a hash belongs into a log.
impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_set() { "Password(***)" } else { "Password(none)" })
    }
}

/// As the wire has it: empty.
impl Serialize for Password {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str("")
    }
}

impl FieldValue for Password {
    fn from_value(value: &Value) -> Result<Self, Misfit> {
        text_of(value).map(Self::new).ok_or_else(|| Misfit::new("a password", value))
    }

    fn to_value(&self) -> Value {
        Value::Text(self.0.clone())
    }
}

impl Blank for Password {
    fn blank() -> Value {
        Value::Text(String::new())
    }
}
