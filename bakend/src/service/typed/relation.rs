//! A reference to a record of another collection, or of the same one.

use std::{fmt, hash, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    Collection, FieldValue, Id, Loaded, Misfit, OneOf,
    value::{Blank, text_of},
};
use crate::{Result, schema::Value};

/// A reference to a record of `C`: its id and, when the read expanded it, the record.
///
/// A collection may refer to itself, and collections may refer to each other. Two references are equal when their ids are.
pub struct Relation<C> {
    id: Id<C>,
    record: Option<Arc<C>>,
}

impl<C> Relation<C> {
    /// A reference to the record with this id.
    pub fn to(id: impl Into<Id<C>>) -> Self {
        Self { id: id.into(), record: None }
    }

    /// The id of the record.
    pub fn id(&self) -> &Id<C> {
        &self.id
    }

    /// The id, given away.
    pub fn into_id(self) -> Id<C> {
        self.id
    }

    /// The record, when the read expanded this relation and the caller may see it.
    pub fn record(&self) -> Option<&C> {
        self.record.as_deref()
    }
}

impl<C> Clone for Relation<C> {
    fn clone(&self) -> Self {
        Self { id: self.id.clone(), record: self.record.clone() }
    }
}

impl<C> PartialEq for Relation<C> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}

impl<C> Eq for Relation<C> {}

impl<C> PartialEq<Id<C>> for Relation<C> {
    fn eq(&self, other: &Id<C>) -> bool {
        self.id == *other
    }
}

impl<C> hash::Hash for Relation<C> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl<C> fmt::Debug for Relation<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expanded = if self.record.is_some() { ", expanded" } else { "" };
        write!(f, "Relation({:?}{expanded})", self.id.as_str())
    }
}

impl<C> fmt::Display for Relation<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(f)
    }
}

impl<C> From<Id<C>> for Relation<C> {
    fn from(id: Id<C>) -> Self {
        Self { id, record: None }
    }
}

impl<C> From<&Id<C>> for Relation<C> {
    fn from(id: &Id<C>) -> Self {
        Self::to(id)
    }
}

impl<C> From<&Self> for Relation<C> {
    fn from(relation: &Self) -> Self {
        relation.clone()
    }
}

impl<C: Collection> From<&C> for Relation<C> {
    fn from(record: &C) -> Self {
        Self::to(record)
    }
}

impl<C> Serialize for Relation<C> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.id.serialize(to)
    }
}

impl<'de, C> Deserialize<'de> for Relation<C> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Id::deserialize(from).map(Self::from)
    }
}

impl<C: Collection> OneOf for Relation<C> {
    fn from_text(text: &str) -> Result<Self, Misfit> {
        Ok(Self { id: Id::new(text), record: None })
    }

    fn to_text(&self) -> String {
        self.id.as_str().to_owned()
    }

    fn attach_one(&mut self, expanded: &[Arc<Loaded>]) -> Result<()> {
        let found = expanded.iter().find(|loaded| self.id == *loaded.record.id());
        if let Some(loaded) = found {
            self.record = Some(Arc::new(C::from_loaded(loaded)?));
        }
        Ok(())
    }
}

impl<C: Collection> FieldValue for Relation<C> {
    fn from_value(value: &Value) -> Result<Self, Misfit> {
        let id = text_of(value).filter(|id| !id.is_empty());
        id.map(|id| Self { id: Id::new(id), record: None }).ok_or_else(|| Misfit::new("a reference", value))
    }

    fn to_value(&self) -> Value {
        Value::Text(self.to_text())
    }

    fn attach(&mut self, expanded: &[Arc<Loaded>]) -> Result<()> {
        self.attach_one(expanded)
    }
}

impl<C> Blank for Relation<C> {
    fn blank() -> Value {
        Value::Text(String::new())
    }
}
