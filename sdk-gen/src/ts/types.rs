//! The type of a JSON value.

use std::fmt::Write as _;

use serde_json::Value as Json;

use super::names;
use crate::document::Schema;

/// Which way a value goes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// In an answer.
    Out,
    /// In a body, or beside a field in a filter: moments may be dates.
    In,
}

/// A type, written out.
pub(super) fn of(schema: &Schema, way: Way) -> String {
    union(schema, way).join(" | ")
}

/// The parts of a union; one where there is no choice.
fn union(schema: &Schema, way: Way) -> Vec<String> {
    let mut parts = Vec::new();
    let choices: Vec<&Schema> = schema.one_of.iter().chain(&schema.any_of).collect();
    if !choices.is_empty() {
        parts.extend(choices.into_iter().flat_map(|one| union(one, way)));
    } else if let Some(values) = schema.values.as_ref().filter(|values| !values.is_empty()) {
        parts.extend(values.iter().map(literal));
    } else {
        parts.extend(plain(schema, way));
    }
    let mut seen = std::collections::BTreeSet::new();
    parts.retain(|part| seen.insert(part.clone()));
    if parts.iter().any(|part| part == "unknown") { vec!["unknown".to_owned()] } else { parts }
}

fn plain(schema: &Schema, way: Way) -> Vec<String> {
    if let Some(reference) = &schema.reference {
        // The only shape that fields share.
        let is_point = reference == "#/components/schemas/GeoPoint";
        return vec![if is_point { "GeoPoint" } else { "unknown" }.to_owned()];
    }
    let is_moment = matches!(schema.field_type(), "date" | "autodate");
    match schema.json_type() {
        "string" if schema.format.as_deref() == Some("binary") => vec!["Blob".to_owned()],
        "string" if is_moment && way == Way::In => vec!["string".to_owned(), "Date".to_owned()],
        "string" => vec!["string".to_owned()],
        "number" | "integer" => vec!["number".to_owned()],
        "boolean" => vec!["boolean".to_owned()],
        "null" => vec!["null".to_owned()],
        "array" => {
            let items = schema.items.as_ref().map_or_else(|| vec!["unknown".to_owned()], |items| union(items, way));
            let item = if items.len() == 1 { items.concat() } else { format!("({})", items.join(" | ")) };
            vec![format!("{}{item}[]", if way == Way::In { "readonly " } else { "" })]
        }
        "object" if schema.properties.is_empty() => vec!["Record<string, unknown>".to_owned()],
        "object" => vec![format!("{{ {}}}", properties(schema, way, " "))],
        _ => vec!["unknown".to_owned()],
    }
}

/// The properties of an object, each with its end.
pub(super) fn properties(schema: &Schema, way: Way, end: &str) -> String {
    let mut out = String::new();
    for (name, property) in schema.properties.iter().filter(|(name, _)| *name != "expand") {
        let optional = if schema.required.contains(name) { "" } else { "?" };
        // Writing to memory cannot fail.
        let _ = write!(out, "{}{optional}: {};{end}", names::key(name), of(property, way));
    }
    out
}

fn literal(value: &Json) -> String {
    match value {
        Json::String(text) => names::text(text),
        Json::Null | Json::Bool(_) | Json::Number(_) => value.to_string(),
        Json::Array(_) | Json::Object(_) => "unknown".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_shape_has_a_type() {
        for (schema, out, sent) in [
            (json!({ "type": "string" }), "string", "string"),
            (json!({ "type": "string", "x-bakend-field": { "type": "date" } }), "string", "string | Date"),
            (json!({ "type": "string", "enum": ["a", "b\"", "a"] }), r#""a" | "b\"""#, r#""a" | "b\"""#),
            (json!({ "type": "array", "items": { "type": "string" } }), "string[]", "readonly string[]"),
            (json!({ "type": "array", "items": { "enum": ["a", ""] } }), r#"("a" | "")[]"#, r#"readonly ("a" | "")[]"#),
            (json!({ "$ref": "#/components/schemas/GeoPoint" }), "GeoPoint", "GeoPoint"),
            (json!({ "$ref": "#/elsewhere" }), "unknown", "unknown"),
            (json!({ "type": "integer" }), "number", "number"),
            (json!({}), "unknown", "unknown"),
            (json!({ "type": ["string", "null"] }), "unknown", "unknown"),
            (json!({ "enum": [{ "a": 1 }] }), "unknown", "unknown"),
            (
                json!({ "anyOf": [{ "type": "string", "format": "binary" }, { "type": "string" }] }),
                "Blob | string",
                "Blob | string",
            ),
            (
                json!({ "type": "object", "properties": { "a-b": { "type": "boolean" } } }),
                r#"{ "a-b"?: boolean; }"#,
                r#"{ "a-b"?: boolean; }"#,
            ),
        ] {
            let read: Schema = serde_json::from_value(schema.clone()).expect("a schema");
            assert_eq!((&*of(&read, Way::Out), &*of(&read, Way::In)), (out, sent), "{schema}");
        }
    }
}
