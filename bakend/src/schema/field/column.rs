//! Values on their way to and from the columns of a row, and out on the wire.

use serde_json::{Value as Json, json};

use super::{ColumnType, Field, FieldKind, Shape, geo_point};
use crate::schema::{Scalar, ScalarRef, Value, cast, wire};

impl Field {
    /// How it is kept in its table.
    pub fn column_type(&self) -> ColumnType {
        match (&self.kind, self.shape()) {
            (FieldKind::Relation(options), Shape::Several) => ColumnType::Join(options.collection_id.clone()),
            (FieldKind::Relation(options), _) => ColumnType::Relation(options.collection_id.clone()),
            (_, Shape::Text | Shape::One) => ColumnType::Text,
            (_, Shape::Number) => ColumnType::Real,
            (_, Shape::Flag) => ColumnType::Bool,
            (_, Shape::Json) => ColumnType::Json,
            (_, Shape::Point) => ColumnType::Point,
            (_, Shape::Several) => ColumnType::List,
        }
    }

    /// The value from a column of a row (for joined relations: a JSON array of ids as text). What another program wrote and
    /// does not fit the type is read as a body's value would be.
    pub fn read(&self, column: ScalarRef<'_>) -> Value {
        match (self.shape(), column) {
            (_, ScalarRef::Null) => self.zero(),
            (Shape::Text | Shape::One, ScalarRef::Text(text)) => Value::Text(text.to_owned()),
            (Shape::Text | Shape::One, other) => Value::Text(cast::to_text(&scalar_json(other))),
            (Shape::Number, other) => Value::Number(column_number(other)),
            (Shape::Flag, other) => Value::Bool(column_flag(other)),
            (Shape::Json, ScalarRef::Text(text)) => {
                Value::Json(serde_json::from_str(text).unwrap_or_else(|_| Json::from(text)))
            }
            (Shape::Json, other) => Value::Json(scalar_json(other)),
            (Shape::Point, other) => {
                let (lon, lat) = geo_point::decode(&scalar_json(other));
                Value::Point { lon, lat }
            }
            (Shape::Several, ScalarRef::Text(text)) => Value::List(column_texts(text)),
            (Shape::Several, other) => Value::List(cast::to_texts(&scalar_json(other))),
        }
    }

    /// The value as a column of a row binds it (empty single relation: NULL; joined relations: a JSON array of ids as text;
    /// json `null`: NULL).
    pub fn bind(&self, value: &Value) -> Scalar {
        match value {
            Value::Bool(flag) => Scalar::from(*flag),
            Value::Number(number) => Scalar::Real(*number),
            Value::Text(text) if text.is_empty() && matches!(self.kind, FieldKind::Relation(_)) => Scalar::Null,
            Value::Text(text) => Scalar::Text(text.clone()),
            Value::List(texts) => Scalar::Text(wire::texts_text(texts)),
            Value::Json(Json::Null) => Scalar::Null,
            Value::Json(json) => Scalar::Text(written(|out| wire::write_json(json, out))),
            Value::Point { lon, lat } => Scalar::Text(written(|out| geo_point::write(*lon, *lat, out))),
        }
    }

    /// Appends the wire form of a column of a row to `out`: the way from statement to response without a [`Value`] between.
    /// Single relations NULL → `""`; whole numbers without a fraction; passwords `""`; json NULL → `null`.
    pub fn write_column(&self, column: ScalarRef<'_>, out: &mut Vec<u8>) {
        if matches!(self.kind, FieldKind::Password(_)) {
            return out.extend_from_slice(b"\"\"");
        }
        match (self.shape(), column) {
            (Shape::Text | Shape::One, ScalarRef::Text(text)) => wire::write_text(text, out),
            (Shape::Text | Shape::One, ScalarRef::Null) => out.extend_from_slice(b"\"\""),
            (Shape::Number, ScalarRef::Int(number)) => wire::write_integer(number, out),
            (Shape::Number, ScalarRef::Real(number)) => wire::write_number(number, out),
            (Shape::Flag, column) => out.extend_from_slice(if column_flag(column) { b"true" } else { b"false" }),
            (Shape::Json | Shape::Several, ScalarRef::Null) => {
                out.extend_from_slice(if matches!(self.shape(), Shape::Json) { b"null" } else { b"[]" });
            }
            // Stored JSON is the wire form already; only what another program broke must not break the whole answer.
            (Shape::Json, ScalarRef::Text(text)) if is_json(text) => out.extend_from_slice(text.as_bytes()),
            (Shape::Json, ScalarRef::Text(text)) => wire::write_text(text, out),
            (Shape::Several, ScalarRef::Text(text)) if is_texts(text) => out.extend_from_slice(text.as_bytes()),
            (_, column) => self.write_value(&self.read(column), out),
        }
    }

    /// Appends the wire form of a value to `out`; passwords `""`.
    pub fn write_value(&self, value: &Value, out: &mut Vec<u8>) {
        match value {
            _ if matches!(self.kind, FieldKind::Password(_)) => out.extend_from_slice(b"\"\""),
            Value::Bool(flag) => out.extend_from_slice(if *flag { b"true" } else { b"false" }),
            Value::Number(number) => wire::write_number(*number, out),
            Value::Text(text) => wire::write_text(text, out),
            Value::List(texts) => wire::write_texts(texts, out),
            Value::Json(json) => wire::write_json(json, out),
            Value::Point { lon, lat } => geo_point::write(*lon, *lat, out),
        }
    }

    /// The wire form of a value; passwords `""`.
    pub fn to_json(&self, value: &Value) -> Json {
        match value {
            _ if matches!(self.kind, FieldKind::Password(_)) => Json::from(""),
            Value::Bool(flag) => Json::from(*flag),
            Value::Number(number) => wire::number_json(*number),
            Value::Text(text) => Json::from(text.as_str()),
            Value::List(texts) => Json::from(texts.clone()),
            Value::Json(json) => json.clone(),
            Value::Point { lon, lat } => json!({ "lon": wire::number_json(*lon), "lat": wire::number_json(*lat) }),
        }
    }
}

fn written(write: impl FnOnce(&mut Vec<u8>)) -> String {
    let mut out = Vec::new();
    write(&mut out);
    String::from_utf8(out).unwrap_or_default()
}

fn scalar_json(column: ScalarRef<'_>) -> Json {
    match column {
        ScalarRef::Null => Json::Null,
        ScalarRef::Int(number) => Json::from(number),
        ScalarRef::Real(number) => Json::from(number),
        ScalarRef::Text(text) => Json::from(text),
    }
}

fn column_number(column: ScalarRef<'_>) -> f64 {
    match column {
        ScalarRef::Int(number) => number as f64,
        ScalarRef::Real(number) => number,
        other => cast::to_number(&scalar_json(other)),
    }
}

fn column_flag(column: ScalarRef<'_>) -> bool {
    match column {
        ScalarRef::Int(number) => number != 0,
        other => cast::to_flag(&scalar_json(other)),
    }
}

fn column_texts(text: &str) -> Vec<String> {
    match serde_json::from_str::<Vec<String>>(text) {
        Ok(texts) => texts,
        Err(_) => cast::text_to_texts(text),
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// Whether a text is a JSON array of strings; checked without keeping them.
fn is_texts(text: &str) -> bool {
    struct Texts;
    impl<'de> serde::de::Visitor<'de> for Texts {
        type Value = ();
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("texts")
        }
        fn visit_str<E>(self, _: &str) -> Result<(), E> {
            Ok(())
        }
        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
            while items.next_element_seed(Texts)?.is_some() {}
            Ok(())
        }
    }
    impl<'de> serde::de::DeserializeSeed<'de> for Texts {
        type Value = ();
        fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
            from.deserialize_str(self)
        }
    }
    let mut from = serde_json::Deserializer::from_str(text);
    serde::Deserializer::deserialize_seq(&mut from, Texts).is_ok() && from.end().is_ok()
}
