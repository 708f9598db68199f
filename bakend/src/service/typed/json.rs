//! Any JSON as a type of the program's own.

use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value as Any;

use super::{FieldValue, Misfit, value::Blank};
use crate::schema::Value;

/// The value of a json field. `T` is any type that serde reads and writes, or `serde_json::Value`.
///
/// What was never set is `null` in the table; it reads as whatever `T` makes of `null`, `[]` or `{}`, the first that fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json<T>(pub T);

impl<T> Deref for Json<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Json<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

impl<T> From<T> for Json<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl<T: Serialize + DeserializeOwned> FieldValue for Json<T> {
    fn from_value(value: &Value) -> Result<Self, Misfit> {
        let misfit = || Misfit::new("what the type of the field reads", value);
        match value {
            Value::Json(Any::Null) => [Any::Null, Any::Array(Vec::new()), Any::Object(serde_json::Map::new())]
                .iter()
                .find_map(|blank| T::deserialize(blank).ok())
                .map(Self)
                .ok_or_else(misfit),
            Value::Json(json) => T::deserialize(json).map(Self).map_err(|_| misfit()),
            _ => Err(misfit()),
        }
    }

    /// A value that JSON cannot say (a map whose keys are no texts) is stored as `null`.
    fn to_value(&self) -> Value {
        Value::Json(serde_json::to_value(&self.0).unwrap_or_default())
    }
}

impl<T> Blank for Json<T> {
    fn blank() -> Value {
        Value::Json(Any::Null)
    }
}
