//! Operands whose value is known before the statement runs: literals, macros, the request, the caller, a row not stored yet.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::Value as Json;

use super::{
    RequestInfo,
    macros::Macro,
    value::{Affinity, Pattern, Val},
};
use crate::schema::{Scalar, Value};

/// A step of a path into JSON.
#[derive(Clone, Debug, PartialEq)]
pub enum JsonStep {
    /// A property.
    Key(String),
    /// An element, from 0.
    Index(usize),
}

impl JsonStep {
    /// Digits are an index, all else a property.
    pub fn of(text: &str) -> Self {
        match text.parse() {
            Ok(index) if text.bytes().all(|byte| byte.is_ascii_digit()) => Self::Index(index),
            _ => Self::Key(text.to_owned()),
        }
    }
}

/// Where a known value comes from.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// NULL
    Null,
    /// A whole number; `true` and `false` are 1 and 0.
    Int(i64),
    /// A number as written.
    Number(f64),
    /// Text as written.
    Text(String),
    /// A moment or a part of it.
    Macro(Macro),
    /// `@request.context`
    Context,
    /// `@request.method`
    Method,
    /// `@request.query.x`
    Query(String),
    /// `@request.headers.x`
    Header(String),
    /// `@request.body.x.y`; `numeric`: text that is a number counts as one.
    Body {
        /// Keys and indices.
        path: Vec<String>,
        /// Whether the field of that name holds numbers.
        numeric: bool,
    },
    /// Whether a query value was sent.
    QueryIsset(String),
    /// Whether a header was sent.
    HeaderIsset(String),
    /// Whether a body value was sent, plainly or with a modifier.
    BodyIsset(Vec<String>),
    /// How many values a body key has.
    BodyLength(String),
    /// The values of a body key as a JSON array.
    BodyList(String),
    /// The first id of a body key.
    BodyId(String),
    /// Id of the caller's collection.
    AuthCollectionId,
    /// Name of the caller's collection.
    AuthCollectionName,
    /// A field of the caller.
    Auth(usize),
    /// A path into a json or geoPoint field of the caller.
    AuthJson(usize, Vec<JsonStep>),
    /// How many values a field of the caller has.
    AuthLength(usize),
    /// A column of the row that is not stored yet.
    New(usize),
    /// A path into a json or geoPoint column of that row.
    NewJson(usize, Vec<JsonStep>),
    /// How many values a column of that row has.
    NewLength(usize),
    /// In lower case (ASCII).
    Lower(Box<Source>),
}

/// A known operand.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// Where its value comes from.
    pub source: Source,
    /// Whether NULL and `''` differ (json).
    pub exact: bool,
    /// How it becomes a pattern on the right of `~`.
    pub pattern: Pattern,
    /// Of the caller's columns: their type.
    pub affinity: Option<Affinity>,
}

impl Known {
    /// A literal or a request value.
    pub fn bound(source: Source) -> Self {
        Self { source, exact: false, pattern: Pattern::Wrapped, affinity: None }
    }

    /// A keyword, a count or the value of a field.
    pub fn plain(source: Source) -> Self {
        Self { source, exact: false, pattern: Pattern::Contains, affinity: None }
    }
}

/// What known operands are read from.
#[derive(Clone, Copy)]
pub struct Facts<'a> {
    /// Who asks, and what was sent.
    pub request: &'a RequestInfo,
    /// The row that is not stored yet; empty when there is none.
    pub row: &'a [Scalar],
    /// This moment.
    pub now: Timestamp,
}

impl<'a> Facts<'a> {
    /// The value of a known operand.
    pub fn value(self, source: &'a Source) -> Val<'a> {
        let request = self.request;
        match source {
            Source::Null => Val::Null,
            Source::Int(number) => Val::Int(*number),
            Source::Number(number) => Val::Real(*number),
            Source::Text(text) => text_val(text),
            Source::Macro(name) => name.value(self.now),
            Source::Context => text_val(request.context.as_str()),
            Source::Method => text_val(&request.method),
            Source::Query(name) => request.query.get(name).map_or(Val::Null, |text| text_val(text)),
            Source::Header(name) => request.headers.get(name).map_or(Val::Null, |text| text_val(text)),
            Source::Body { path, numeric } => self.body(path).map_or(Val::Null, |json| body_val(json, *numeric)),
            Source::QueryIsset(name) => flag(request.query.contains_key(name)),
            Source::HeaderIsset(name) => flag(request.headers.contains_key(name)),
            Source::BodyIsset(path) => flag(self.body(path).is_some() || self.is_modified(path)),
            Source::BodyLength(name) => Val::Int(count(request.body.get(name))),
            Source::BodyList(name) => Val::Text(list(request.body.get(name)).into()),
            Source::BodyId(name) => request.body.get(name).map_or(Val::Null, first_id),
            Source::AuthCollectionId => self.auth(|record| text_val(&record.collection.id)),
            Source::AuthCollectionName => self.auth(|record| text_val(&record.collection.name)),
            Source::Auth(at) => self.auth(|record| record.values.get(*at).map_or(Val::Null, field_val)),
            Source::AuthJson(at, path) => {
                self.auth(|record| record.values.get(*at).map_or(Val::Null, |value| step_into(value, path)))
            }
            Source::AuthLength(at) => {
                self.auth(|record| Val::Int(record.values.get(*at).map_or(0, |value| value.as_list().len() as i64)))
            }
            Source::New(at) => self.row.get(*at).map_or(Val::Null, scalar_val),
            Source::NewJson(at, path) => self.row.get(*at).map_or(Val::Null, |scalar| parsed(scalar, path)),
            Source::NewLength(at) => Val::Int(self.row.get(*at).map_or(0, |scalar| stored_count(&scalar_val(scalar)))),
            Source::Lower(inner) => match self.value(inner) {
                Val::Null => Val::Null,
                value => Val::Text(value.to_text().unwrap_or_default().to_ascii_lowercase().into()),
            },
        }
    }

    fn auth(self, read: impl FnOnce(&'a crate::schema::Record) -> Val<'a>) -> Val<'a> {
        self.request.auth.as_deref().map_or(Val::Null, read)
    }

    fn body(self, path: &[String]) -> Option<&'a Json> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.request.body.get(first)?, |json, key| match json {
            Json::Object(map) => map.get(key),
            Json::Array(list) => list.get(key.parse::<usize>().ok()?),
            _ => None,
        })
    }

    /// Whether `x+`, `+x` or `x-` was sent for `x`.
    fn is_modified(self, path: &[String]) -> bool {
        let [name] = path else { return false };
        self.request.body.keys().any(|key| {
            key.len() == name.len() + 1
                && (key.strip_suffix(['+', '-']) == Some(name) || key.strip_prefix('+') == Some(name))
        })
    }
}

fn text_val(text: &str) -> Val<'_> {
    Val::Text(Cow::Borrowed(text))
}

fn flag(flag: bool) -> Val<'static> {
    Val::Int(flag.into())
}

/// JSON as SQL sees it: objects and arrays are their text.
fn json_val(json: &Json) -> Val<'_> {
    match json {
        Json::Null => Val::Null,
        Json::Bool(on) => flag(*on),
        Json::Number(number) => Val::Real(number.as_f64().unwrap_or_default()),
        Json::String(text) => text_val(text),
        other => Val::Text(other.to_string().into()),
    }
}

fn body_val(json: &Json, numeric: bool) -> Val<'_> {
    match json {
        Json::String(text) if numeric => text.parse().map_or_else(|_| text_val(text), Val::Real),
        other => json_val(other),
    }
}

fn items(json: Option<&Json>) -> &[Json] {
    match json {
        None | Some(Json::Null) => &[],
        Some(Json::Array(list)) => list,
        Some(one) => std::slice::from_ref(one),
    }
}

fn count(json: Option<&Json>) -> i64 {
    items(json).len() as i64
}

fn list(json: Option<&Json>) -> String {
    serde_json::to_string(items(json)).unwrap_or_else(|_| "[]".to_owned())
}

fn first_id(json: &Json) -> Val<'_> {
    match items(Some(json)).first() {
        Some(Json::String(text)) if text.is_empty() => Val::Null,
        Some(other) => json_val(other),
        None => Val::Null,
    }
}

/// Up to here a double holds every whole number.
const WHOLE_MAX: f64 = 9_007_199_254_740_992.0;

fn field_val(value: &Value) -> Val<'_> {
    match value {
        Value::Bool(on) => flag(*on),
        Value::Number(number) if number.fract() == 0.0 && number.abs() < WHOLE_MAX => Val::Int(*number as i64),
        Value::Number(number) => Val::Real(*number),
        Value::Text(text) => text_val(text),
        Value::List(list) => Val::Text(serde_json::to_string(list).unwrap_or_default().into()),
        Value::Json(json) => json_val(json),
        Value::Point { lon, lat } => Val::Text(format!("{{\"lon\":{lon},\"lat\":{lat}}}").into()),
    }
}

fn step_into<'a>(value: &'a Value, path: &[JsonStep]) -> Val<'a> {
    match (value, path) {
        (Value::Json(json), path) => walk(json, path).map_or(Val::Null, json_val),
        (Value::Point { lon, lat }, [JsonStep::Key(key)]) => match key.as_str() {
            "lon" => Val::Real(*lon),
            "lat" => Val::Real(*lat),
            _ => Val::Null,
        },
        _ => Val::Null,
    }
}

fn walk<'a>(json: &'a Json, path: &[JsonStep]) -> Option<&'a Json> {
    path.iter().try_fold(json, |json, step| match (json, step) {
        (Json::Object(map), JsonStep::Key(key)) => map.get(key),
        (Json::Array(list), JsonStep::Index(at)) => list.get(*at),
        _ => None,
    })
}

fn scalar_val(scalar: &Scalar) -> Val<'_> {
    match scalar {
        Scalar::Null => Val::Null,
        Scalar::Int(number) => Val::Int(*number),
        Scalar::Real(number) => Val::Real(*number),
        Scalar::Text(text) => text_val(text),
    }
}

fn owned(val: Val<'_>) -> Val<'static> {
    match val {
        Val::Null => Val::Null,
        Val::Int(number) => Val::Int(number),
        Val::Real(number) => Val::Real(number),
        Val::Text(text) => Val::Text(text.into_owned().into()),
    }
}

fn parsed(scalar: &Scalar, path: &[JsonStep]) -> Val<'static> {
    let Scalar::Text(text) = scalar else { return owned(scalar_val(scalar)) };
    match serde_json::from_str::<Json>(text) {
        Ok(json) => walk(&json, path).map_or(Val::Null, |found| owned(json_val(found))),
        Err(_) => Val::Null,
    }
}

/// How many values a stored column holds: elements of an array, else one unless it is empty.
fn stored_count(val: &Val<'_>) -> i64 {
    match val {
        Val::Null => 0,
        Val::Text(text) if text.is_empty() => 0,
        Val::Text(text) if text.starts_with('[') => {
            serde_json::from_str::<Vec<Json>>(text).map_or(1, |list| list.len() as i64)
        }
        _ => 1,
    }
}
