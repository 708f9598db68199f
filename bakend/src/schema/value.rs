//! Values of fields in memory, and scalars as statements bind and rows return them.

use serde_json::Value as Json;

/// The value of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// bool
    Bool(bool),
    /// number
    Number(f64),
    /// text, email, url, editor, password (the hash), date and autodate (`""` or UTC text), single select, file or relation (`""` or the id)
    Text(String),
    /// multiple select, file or relation
    List(Vec<String>),
    /// json
    Json(Json),
    /// geoPoint, in degrees
    Point {
        /// Longitude, −180 to 180.
        lon: f64,
        /// Latitude, −90 to 90.
        lat: f64,
    },
}

impl Value {
    /// The text, when it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The ids or names of a select, file or relation, single or multiple; empty text counts as none.
    pub fn as_list(&self) -> &[String] {
        match self {
            Self::List(list) => list,
            Self::Text(text) if !text.is_empty() => std::slice::from_ref(text),
            _ => &[],
        }
    }
}

/// A value as a statement binds it.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Scalar {
    /// NULL
    #[default]
    Null,
    /// An integer, or a bool as 0 or 1.
    Int(i64),
    /// A double.
    Real(f64),
    /// Text, also dates and JSON.
    Text(String),
}

/// A value as a row returns it, borrowed from the statement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ScalarRef<'a> {
    /// NULL
    Null,
    /// An integer, or a bool as 0 or 1.
    Int(i64),
    /// A double.
    Real(f64),
    /// Text, also dates and JSON.
    Text(&'a str),
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Scalar {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Scalar {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<f64> for Scalar {
    fn from(number: f64) -> Self {
        Self::Real(number)
    }
}

impl From<bool> for Scalar {
    fn from(flag: bool) -> Self {
        Self::Int(i64::from(flag))
    }
}

impl Scalar {
    /// The same, borrowed.
    pub fn as_ref(&self) -> ScalarRef<'_> {
        match self {
            Self::Null => ScalarRef::Null,
            Self::Int(number) => ScalarRef::Int(*number),
            Self::Real(number) => ScalarRef::Real(*number),
            Self::Text(text) => ScalarRef::Text(text),
        }
    }
}

impl ScalarRef<'_> {
    /// The same, owned.
    pub fn to_owned(self) -> Scalar {
        match self {
            Self::Null => Scalar::Null,
            Self::Int(number) => Scalar::Int(number),
            Self::Real(number) => Scalar::Real(number),
            Self::Text(text) => Scalar::Text(text.to_owned()),
        }
    }
}
