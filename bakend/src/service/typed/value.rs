//! Which Rust types a field of a record can have.

use std::{fmt, sync::Arc};

use serde_json::Value as Json;

use super::Loaded;
use crate::{Result, schema::Value};

/// Most references or values of a list that names no other bound.
pub const SEVERAL_MAX: i64 = 999;
/// Most files of a list that names no other bound.
pub const FILES_MAX: i64 = 99;

/// A Rust type that a field of a typed record can have.
///
/// Implemented for `String`, `bool`, the numbers, [`Email`](super::Email), [`Url`](super::Url), [`Editor`](super::Editor),
/// [`DateTime`](super::DateTime), [`Select`](super::Select), [`File`](super::File), [`Relation`](super::Relation),
/// [`Json`](super::Json), [`GeoPoint`](super::GeoPoint), [`Password`](super::Password), [`Id`](super::Id), and for `Option` and `Vec` of them.
///
/// `None` is the zero value, as on PocketBase's wire: an empty text, 0, the point 0/0, JSON `null`. Tables know no other, so `Some` of a zero
/// value comes back as `None`; where 0 and nothing differ, use two fields, or a [`Json`](super::Json) of an `Option`.
pub trait FieldValue: Sized {
    /// From a stored value.
    ///
    /// # Errors
    /// The value is none of this type: another program wrote it, or the schema is not the one of the code.
    fn from_value(value: &Value) -> Result<Self, Misfit>;

    /// As it is stored.
    fn to_value(&self) -> Value;

    /// Takes over the records that relations were expanded to; nothing for all other types.
    ///
    /// # Errors
    /// As of [`from_value`](Self::from_value), of the fields of those records.
    fn attach(&mut self, _expanded: &[Arc<Loaded>]) -> Result<()> {
        Ok(())
    }
}

/// A type of which a field holds one or several: the values of selects, files and relations.
pub trait OneOf: Sized {
    /// From a stored value, id or name; never empty.
    ///
    /// # Errors
    /// It is no value of this type.
    fn from_text(text: &str) -> Result<Self, Misfit>;

    /// As it is stored.
    fn to_text(&self) -> String;

    /// Takes over the record that a relation was expanded to.
    ///
    /// # Errors
    /// As of [`FieldValue::attach`].
    fn attach_one(&mut self, _expanded: &[Arc<Loaded>]) -> Result<()> {
        Ok(())
    }
}

/// Why a stored value is none of the type that the code says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit(String);

impl Misfit {
    /// `wanted`: what the type takes, with its article.
    pub fn new(wanted: &str, found: &Value) -> Self {
        Self(format!("holds {}, which is not {wanted}", shown(found)))
    }

    /// Of a select, a file or a relation.
    pub fn text(wanted: &str, found: &str) -> Self {
        Self::new(wanted, &Value::Text(found.to_owned()))
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) if text.is_empty() => "nothing".to_owned(),
        Value::Text(text) => format!("{text:?}"),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::List(list) => format!("{list:?}"),
        Value::Json(json) => json.to_string(),
        Value::Point { lon, lat } => format!("{{lon: {lon}, lat: {lat}}}"),
    }
}

/// Whether a value is the one that stands for none: empty text, 0, JSON null, the point 0/0, an empty list. `false` is a value.
fn is_blank(value: &Value) -> bool {
    match value {
        Value::Text(text) => text.is_empty(),
        Value::Number(number) => *number == 0.0,
        Value::List(list) => list.is_empty(),
        Value::Json(json) => json.is_null(),
        Value::Point { lon, lat } => *lon == 0.0 && *lat == 0.0,
        Value::Bool(_) => false,
    }
}

/// `None` is the zero value of the type, and a zero value is `None`: tables have no other way to say that there is nothing.
impl<T: FieldValue + Blank> FieldValue for Option<T> {
    fn from_value(value: &Value) -> Result<Self, Misfit> {
        if is_blank(value) { Ok(None) } else { T::from_value(value).map(Some) }
    }

    fn to_value(&self) -> Value {
        self.as_ref().map_or_else(T::blank, T::to_value)
    }

    fn attach(&mut self, expanded: &[Arc<Loaded>]) -> Result<()> {
        self.as_mut().map_or(Ok(()), |value| value.attach(expanded))
    }
}

impl<T: OneOf> FieldValue for Vec<T> {
    fn from_value(value: &Value) -> Result<Self, Misfit> {
        match value {
            Value::List(_) | Value::Text(_) => value.as_list().iter().map(|text| T::from_text(text)).collect(),
            // Columns of views are JSON where nobody knows their type.
            Value::Json(Json::Null) => Ok(Self::new()),
            Value::Json(Json::Array(items)) => {
                let text = |item: &Json| T::from_text(item.as_str().unwrap_or_default());
                items.iter().map(text).collect()
            }
            other => Err(Misfit::new("a list", other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::List(self.iter().map(T::to_text).collect())
    }

    fn attach(&mut self, expanded: &[Arc<Loaded>]) -> Result<()> {
        self.iter_mut().try_for_each(|one| one.attach_one(expanded))
    }
}

/// Types whose field can be empty: what `Option` of them stores for `None`.
pub trait Blank {
    /// The stored value that stands for none.
    fn blank() -> Value;
}

/// A text of a stored value; columns of views are JSON where nobody knows their type.
pub(super) fn text_of(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        Value::Json(Json::Null) => Some(""),
        Value::Json(Json::String(text)) => Some(text),
        Value::List(list) if list.len() <= 1 => Some(list.first().map_or("", String::as_str)),
        _ => None,
    }
}

impl FieldValue for String {
    fn from_value(value: &Value) -> Result<Self, Misfit> {
        text_of(value).map(str::to_owned).ok_or_else(|| Misfit::new("a text", value))
    }

    fn to_value(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl Blank for String {
    fn blank() -> Value {
        Value::Text(Self::new())
    }
}

impl FieldValue for bool {
    fn from_value(value: &Value) -> Result<Self, Misfit> {
        match value {
            Value::Bool(flag) | Value::Json(Json::Bool(flag)) => Ok(*flag),
            Value::Json(Json::Null) => Ok(false),
            Value::Number(number) => Ok(*number != 0.0),
            Value::Json(Json::Number(number)) => Ok(number.as_f64() != Some(0.0)),
            other => Err(Misfit::new("true or false", other)),
        }
    }

    fn to_value(&self) -> Value {
        Value::Bool(*self)
    }
}
