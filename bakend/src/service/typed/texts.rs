//! Texts with a meaning of their own: email addresses, URLs, HTML.

use std::{fmt, ops::Deref};

use serde::{Deserialize, Serialize};

use super::{
    FieldValue, Misfit,
    value::{Blank, text_of},
};
use crate::schema::Value;

macro_rules! texts {
    ($($(#[$about:meta])* $name:ident $wanted:literal;)*) => {$(
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// From text; checked when it is stored.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text, given away.
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(text)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.to_owned())
            }
        }

        impl From<&Self> for $name {
            fn from(text: &Self) -> Self {
                text.clone()
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.0 == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.0 == *other
            }
        }

        impl FieldValue for $name {
            fn from_value(value: &Value) -> Result<Self, Misfit> {
                text_of(value).map(Self::from).ok_or_else(|| Misfit::new($wanted, value))
            }

            fn to_value(&self) -> Value {
                Value::Text(self.0.clone())
            }
        }

        impl Blank for $name {
            fn blank() -> Value {
                Value::Text(String::new())
            }
        }
    )*};
}

texts! {
    /// An email address.
    Email "an email address";
    /// A URL.
    Url "a URL";
    /// HTML text, as the admin panel's editor writes it. Not cleaned: what shows it must not trust it.
    Editor "a text";
}
