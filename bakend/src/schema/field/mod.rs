//! A field: a named, typed column of a collection. A file per type.

pub mod autodate;
pub mod boolean;
pub mod date;
mod domains;
pub mod editor;
pub mod email;
pub mod file;
pub mod geo_point;
pub mod json;
pub mod number;
pub mod options;
pub mod password;
pub mod relation;
pub mod select;
pub mod text;
pub mod url;

mod column;
mod form;
mod settings;

use serde_json::Value as Json;

use super::{Value, cast};
use crate::FieldError;

/// A field of a collection.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Fixed; what a rename keeps.
    pub id: String,
    /// The column's name.
    pub name: String,
    /// Whether bakend itself needs it.
    pub system: bool,
    /// Whether only superusers see, set and filter it.
    pub hidden: bool,
    /// For the admin panel: part of a record's label.
    pub presentable: bool,
    /// Whether the zero value is refused. Always false for autodate.
    pub required: bool,
    /// For the admin panel: a hint.
    pub help: String,
    /// Type and options.
    pub kind: FieldKind,
}

/// Type and options of a field.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldKind {
    /// plain text
    Text(text::TextOptions),
    /// numbers
    Number(number::NumberOptions),
    /// true or false
    Bool,
    /// email addresses
    Email(email::EmailOptions),
    /// URLs
    Url(url::UrlOptions),
    /// HTML text
    Editor(editor::EditorOptions),
    /// a moment
    Date(date::DateOptions),
    /// a moment that the server sets
    Autodate(autodate::AutodateOptions),
    /// one or several of fixed values
    Select(select::SelectOptions),
    /// names of uploaded files
    File(file::FileOptions),
    /// references to records
    Relation(relation::RelationOptions),
    /// any JSON
    Json(json::JsonOptions),
    /// a password, kept as a hash
    Password(password::PasswordOptions),
    /// a place on Earth
    GeoPoint,
}

/// How a key of a request body changes a field: `views+`, `+tags`, `docs-`, `slug:autogenerate`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Modifier {
    /// `f`: replaces.
    Set,
    /// `f+`: adds a number, appends a value.
    Append,
    /// `+f`: prepends a value.
    Prepend,
    /// `f-`: subtracts a number, removes a value.
    Remove,
    /// `f:autogenerate`: the given text and a generated part.
    Autogenerate,
}

/// How a field is kept in its table.
#[derive(Clone, Debug, PartialEq)]
pub enum ColumnType {
    /// TEXT NOT NULL DEFAULT ''
    Text,
    /// DOUBLE NOT NULL DEFAULT 0
    Real,
    /// BOOLEAN NOT NULL DEFAULT FALSE
    Bool,
    /// JSON as text; nullable, without default.
    Json,
    /// A JSON array of texts; NOT NULL DEFAULT '[]'
    List,
    /// `{"lon":0,"lat":0}` as text; NOT NULL
    Point,
    /// The id of a record of that collection, or NULL; a real foreign key.
    Relation(String),
    /// No column: a join table to that collection.
    Join(String),
}

impl Field {
    /// Whether it holds several values (select, file, relation with `maxSelect` above 1).
    pub fn is_multiple(&self) -> bool {
        match &self.kind {
            FieldKind::Select(options) => options.max_select > 1,
            FieldKind::File(options) => options.max_select > 1,
            FieldKind::Relation(options) => options.max_select > 1,
            _ => false,
        }
    }
}

/// How the values of a field look in memory.
enum Shape {
    Text,
    Number,
    Flag,
    Json,
    Point,
    /// One name or id.
    One,
    /// Several names or ids.
    Several,
}

impl Field {
    fn shape(&self) -> Shape {
        match &self.kind {
            FieldKind::Number(_) => Shape::Number,
            FieldKind::Bool => Shape::Flag,
            FieldKind::Json(_) => Shape::Json,
            FieldKind::GeoPoint => Shape::Point,
            FieldKind::Select(_) | FieldKind::File(_) | FieldKind::Relation(_) if self.is_multiple() => Shape::Several,
            FieldKind::Select(_) | FieldKind::File(_) | FieldKind::Relation(_) => Shape::One,
            FieldKind::Text(_)
            | FieldKind::Email(_)
            | FieldKind::Url(_)
            | FieldKind::Editor(_)
            | FieldKind::Date(_)
            | FieldKind::Autodate(_)
            | FieldKind::Password(_) => Shape::Text,
        }
    }

    /// The zero value of its type.
    pub fn zero(&self) -> Value {
        match self.shape() {
            Shape::Text | Shape::One => Value::Text(String::new()),
            Shape::Number => Value::Number(0.0),
            Shape::Flag => Value::Bool(false),
            Shape::Json => Value::Json(Json::Null),
            Shape::Point => Value::Point { lon: 0.0, lat: 0.0 },
            Shape::Several => Value::List(Vec::new()),
        }
    }

    /// Any JSON as a value of this type: what cannot be read becomes the zero value, as on PocketBase's wire. `null` is the zero value.
    /// Password fields: the plain text (the service hashes it). File fields: names only.
    pub fn decode(&self, raw: &Json) -> Value {
        match &self.kind {
            FieldKind::Text(_) => Value::Text(text::TextOptions::decode(raw)),
            FieldKind::Number(_) => Value::Number(number::NumberOptions::decode(raw)),
            FieldKind::Bool => Value::Bool(boolean::decode(raw)),
            FieldKind::Email(_) => Value::Text(email::EmailOptions::decode(raw)),
            FieldKind::Url(_) => Value::Text(url::UrlOptions::decode(raw)),
            FieldKind::Editor(_) => Value::Text(editor::EditorOptions::decode(raw)),
            FieldKind::Date(_) => Value::Text(date::DateOptions::decode(raw)),
            FieldKind::Autodate(_) => Value::Text(autodate::AutodateOptions::decode(raw)),
            FieldKind::Select(_) => self.of_texts(select::SelectOptions::decode(raw)),
            FieldKind::File(_) => self.of_texts(file::FileOptions::decode(raw)),
            FieldKind::Relation(_) => self.of_texts(relation::RelationOptions::decode(raw)),
            FieldKind::Json(_) => Value::Json(json::JsonOptions::decode(raw)),
            FieldKind::Password(_) => Value::Text(password::PasswordOptions::decode(raw)),
            FieldKind::GeoPoint => {
                let (lon, lat) = geo_point::decode(raw);
                Value::Point { lon, lat }
            }
        }
    }

    /// A single field keeps the last of several.
    fn of_texts(&self, mut texts: Vec<String>) -> Value {
        if self.is_multiple() { Value::List(texts) } else { Value::Text(texts.pop().unwrap_or_default()) }
    }

    /// The value after a body key with a modifier. A modifier that the type does not know leaves the value as it is.
    pub fn modify(&self, current: &Value, modifier: Modifier, raw: &Json) -> Value {
        match (modifier, self.shape(), current) {
            (Modifier::Set, ..) => self.decode(raw),
            (Modifier::Append, Shape::Number, Value::Number(now)) => Value::Number(now + cast::to_number(raw)),
            (Modifier::Remove, Shape::Number, Value::Number(now)) => Value::Number(now - cast::to_number(raw)),
            (Modifier::Append | Modifier::Prepend | Modifier::Remove, Shape::One | Shape::Several, _) => {
                self.modify_texts(current.as_list(), modifier, raw)
            }
            (Modifier::Autogenerate, ..) if matches!(self.kind, FieldKind::Text(_)) => {
                let given = cast::to_text(raw);
                Value::Text(given + &self.autogenerate().unwrap_or_default())
            }
            _ => current.clone(),
        }
    }

    fn modify_texts(&self, current: &[String], modifier: Modifier, raw: &Json) -> Value {
        let given = match self.kind {
            FieldKind::File(_) => cast::to_texts_deep(raw),
            _ => cast::to_texts(raw),
        };
        let current = current.iter().cloned();
        self.of_texts(match modifier {
            Modifier::Prepend => cast::distinct(given.into_iter().chain(current)),
            Modifier::Remove => {
                let gone: std::collections::HashSet<String> = given.into_iter().collect();
                current.filter(|text| !gone.contains(text)).collect()
            }
            _ => cast::distinct(current.chain(given)),
        })
    }

    /// Checks a new value against the type's options (everything that needs no database: required, min, max, pattern, domains, select values, counts, json size, password plain text, …).
    /// For relations: counts only. For files: count and name length only. For passwords: the plain text, so a stored hash must not be given.
    ///
    /// # Errors
    /// The code, message and params of the first option that the value breaks.
    pub fn check(&self, value: &Value) -> Result<(), FieldError> {
        let text = value.as_text().unwrap_or_default();
        match (&self.kind, value) {
            (FieldKind::Text(options), _) => options.check(self.required, text),
            (FieldKind::Number(options), Value::Number(number)) => options.check(self.required, *number),
            (FieldKind::Number(options), _) => options.check(self.required, 0.0),
            (FieldKind::Bool, _) => boolean::check(self.required, *value == Value::Bool(true)),
            (FieldKind::Email(options), _) => options.check(self.required, text),
            (FieldKind::Url(options), _) => options.check(self.required, text),
            (FieldKind::Editor(options), _) => options.check(self.required, text),
            (FieldKind::Date(options), _) => options.check(self.required, text),
            (FieldKind::Autodate(_), _) => Ok(()),
            (FieldKind::Select(options), _) => options.check(self.required, value.as_list()),
            (FieldKind::File(options), _) => options.check(self.required, value.as_list()),
            (FieldKind::Relation(options), _) => options.check(self.required, value.as_list()),
            (FieldKind::Json(options), Value::Json(json)) => options.check(self.required, json),
            (FieldKind::Json(options), _) => options.check(self.required, &Json::Null),
            (FieldKind::Password(options), _) => options.check(self.required, text),
            (FieldKind::GeoPoint, Value::Point { lon, lat }) => geo_point::check(self.required, *lon, *lat),
            (FieldKind::GeoPoint, _) => geo_point::check(self.required, 0.0, 0.0),
        }
    }

    /// A value drawn from the autogenerate pattern; `None` when the field has none.
    pub fn autogenerate(&self) -> Option<String> {
        match &self.kind {
            FieldKind::Text(options) => options.autogenerate(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
