//! One of fixed values, as a variant of an enum.

use std::ops::Deref;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{
    FieldValue, Misfit, OneOf,
    value::{Blank, text_of},
};
use crate::schema::Value;

/// An enum whose variants are the values of a select field. Derive it: `#[derive(SelectValue)]`.
///
/// ```
/// use bakend::SelectValue;
///
/// #[derive(Clone, Copy, Debug, PartialEq, SelectValue)]
/// enum Status {
///     Draft,
///     #[select(rename = "in-review")]
///     InReview,
/// }
/// assert_eq!(Status::VALUES, ["draft", "in-review"]);
/// assert_eq!(Status::from_name("in-review"), Some(Status::InReview));
/// ```
pub trait SelectValue: Sized + 'static {
    /// The values as they are stored, in the order of the variants.
    const VALUES: &'static [&'static str];

    /// The value as it is stored.
    fn name(&self) -> &'static str;

    /// The variant of a stored value.
    fn from_name(name: &str) -> Option<Self>;
}

/// The value of a select field; several are a `Vec` of it. Reads like the enum it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Select<E>(pub E);

impl<E> Deref for Select<E> {
    type Target = E;

    fn deref(&self) -> &E {
        &self.0
    }
}

impl<E> From<E> for Select<E> {
    fn from(value: E) -> Self {
        Self(value)
    }
}

impl<E: PartialEq> PartialEq<E> for Select<E> {
    fn eq(&self, other: &E) -> bool {
        self.0 == *other
    }
}

impl<E: SelectValue> Serialize for Select<E> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.name())
    }
}

impl<'de, E: SelectValue> Deserialize<'de> for Select<E> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        E::from_name(&name).map(Self).ok_or_else(|| de::Error::unknown_variant(&name, E::VALUES))
    }
}

impl<E: SelectValue> OneOf for Select<E> {
    fn from_text(text: &str) -> Result<Self, Misfit> {
        let wanted = || format!("one of {}", E::VALUES.join(", "));
        E::from_name(text).map(Self).ok_or_else(|| Misfit::text(&wanted(), text))
    }

    fn to_text(&self) -> String {
        self.0.name().to_owned()
    }
}

impl<E: SelectValue> FieldValue for Select<E> {
    fn from_value(value: &Value) -> Result<Self, Misfit> {
        Self::from_text(text_of(value).ok_or_else(|| Misfit::new("a single value", value))?)
    }

    fn to_value(&self) -> Value {
        Value::Text(self.to_text())
    }
}

impl<E> Blank for Select<E> {
    fn blank() -> Value {
        Value::Text(String::new())
    }
}
