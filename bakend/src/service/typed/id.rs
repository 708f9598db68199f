//! The id of a record, with the collection it belongs to as its type.

use std::{borrow::Borrow, fmt, hash, marker::PhantomData};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    Collection, FieldValue, Misfit, Relation,
    value::{Blank, text_of},
};
use crate::schema::Value;

/// The id of a record of `C`: text that cannot be taken for the id of something else.
///
/// ```
/// # use bakend::{Collection, Id};
/// fn greet<C: Collection>(id: &Id<C>) -> String {
///     format!("{}/{id}", C::NAME)
/// }
/// ```
pub struct Id<C> {
    text: String,
    of: PhantomData<fn() -> C>,
}

impl<C> Id<C> {
    /// From text; whether such a record exists is for the database to say.
    pub fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), of: PhantomData }
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text, given away.
    pub fn into_string(self) -> String {
        self.text
    }
}

impl<C> Clone for Id<C> {
    fn clone(&self) -> Self {
        Self::new(self.text.clone())
    }
}

impl<C> PartialEq for Id<C> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<C> Eq for Id<C> {}

impl<C> PartialEq<str> for Id<C> {
    fn eq(&self, other: &str) -> bool {
        self.text == other
    }
}

impl<C> PartialEq<&str> for Id<C> {
    fn eq(&self, other: &&str) -> bool {
        self.text == *other
    }
}

impl<C> PartialOrd for Id<C> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<C> Ord for Id<C> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.text.cmp(&other.text)
    }
}

impl<C> hash::Hash for Id<C> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl<C> Borrow<str> for Id<C> {
    fn borrow(&self) -> &str {
        &self.text
    }
}

impl<C> AsRef<str> for Id<C> {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl<C> fmt::Debug for Id<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Id({:?})", self.text)
    }
}

impl<C> fmt::Display for Id<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<C> From<String> for Id<C> {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl<C> From<&str> for Id<C> {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl<C> From<&Self> for Id<C> {
    fn from(id: &Self) -> Self {
        id.clone()
    }
}

impl<C> From<Relation<C>> for Id<C> {
    fn from(relation: Relation<C>) -> Self {
        relation.into_id()
    }
}

impl<C> From<&Relation<C>> for Id<C> {
    fn from(relation: &Relation<C>) -> Self {
        relation.id().clone()
    }
}

impl<C: Collection> From<&C> for Id<C> {
    fn from(record: &C) -> Self {
        record.id().clone()
    }
}

impl<C> Serialize for Id<C> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.text)
    }
}

impl<'de, C> Deserialize<'de> for Id<C> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self::new)
    }
}

impl<C> FieldValue for Id<C> {
    fn from_value(value: &Value) -> Result<Self, Misfit> {
        text_of(value).map(Self::new).ok_or_else(|| Misfit::new("an id", value))
    }

    fn to_value(&self) -> Value {
        Value::Text(self.text.clone())
    }
}

impl<C> Blank for Id<C> {
    fn blank() -> Value {
        Value::Text(String::new())
    }
}
