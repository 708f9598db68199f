//! A record: the values of one row, in the order of its collection's fields.

use std::sync::Arc;

use super::{Collection, Value};

/// A record in memory. `values[i]` belongs to `collection.fields[i]`.
#[derive(Clone, Debug)]
pub struct Record {
    /// What it is a record of.
    pub collection: Arc<Collection>,
    /// One value a field.
    pub values: Vec<Value>,
}

impl Record {
    /// A record with the zero value of every field.
    pub fn new(collection: Arc<Collection>) -> Self {
        let values = collection.fields.iter().map(super::Field::zero).collect();
        Self { collection, values }
    }

    /// The value of a field by name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.collection.position(name).map(|position| &self.values[position])
    }

    /// The text of a field; `""` when there is no such field or it is not text.
    pub fn text(&self, name: &str) -> &str {
        self.get(name).and_then(Value::as_text).unwrap_or_default()
    }

    /// The flag of a field; false when there is no such field or it is not a bool.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some(Value::Bool(true)))
    }

    /// Its id.
    pub fn id(&self) -> &str {
        self.text("id")
    }

    /// Sets a field by name; returns whether there is one.
    pub fn set(&mut self, name: &str, value: Value) -> bool {
        match self.collection.position(name) {
            Some(position) => {
                self.values[position] = value;
                true
            }
            None => false,
        }
    }

    /// Whether it is a superuser.
    pub fn is_superuser(&self) -> bool {
        self.collection.is_superusers()
    }
}
