//! The `fields` parameter: what a client wants of an answer.

mod excerpt;

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use self::excerpt::Excerpt;
use crate::{Error, Result};

/// What an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An object, or a list of them: picked from as it is.
    Whole,
    /// A page: picked from each of its `items`.
    Page,
}

/// Picks `fields` of an answer; `""`: everything.
///
/// # Errors
/// `Invalid`: a modifier is unknown or has wrong arguments.
pub(crate) fn pick(bytes: Vec<u8>, fields: &str, shape: Shape) -> Result<Vec<u8>> {
    if fields.is_empty() {
        return Ok(bytes);
    }
    let wanted = parse(fields)?;
    let mut answer: Json = serde_json::from_slice(&bytes).map_err(Error::internal)?;
    match (shape, &mut answer) {
        (Shape::Page, Json::Object(page)) => {
            if let Some(items) = page.get_mut("items") {
                pick_of(items, &wanted);
            }
        }
        (_, answer) => pick_of(answer, &wanted),
    }
    serde_json::to_vec(&answer).map_err(Error::internal)
}

/// Whether `fields` can be read: to be asked before a write, which would stand whatever its answer could not be picked by.
///
/// # Errors
/// `Invalid`: a modifier is unknown or has wrong arguments.
pub(crate) fn check(fields: &str) -> Result<()> {
    parse(fields).map(drop)
}

/// Paths that are wanted, and what to do with the values there.
type Wanted = BTreeMap<String, Option<Excerpt>>;

fn parse(fields: &str) -> Result<Wanted> {
    let mut wanted = Wanted::new();
    for part in split(fields) {
        let part = part.trim();
        match part.split_once(':') {
            None => wanted.insert(part.to_owned(), None),
            Some((path, modifier)) => wanted.insert(path.trim().to_owned(), Some(Excerpt::parse(modifier.trim())?)),
        };
    }
    // A lone comma wants nothing in particular.
    if wanted.keys().all(String::is_empty) {
        wanted = Wanted::from([("*".to_owned(), None)]);
    }
    Ok(wanted)
}

/// Splits at commas outside of parentheses.
fn split(fields: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0_u32);
    for (at, c) in fields.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&fields[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&fields[start..]);
    parts
}

fn pick_of(value: &mut Json, wanted: &Wanted) {
    match value {
        Json::Array(list) => list.iter_mut().for_each(|item| pick_of(item, wanted)),
        Json::Object(object) => {
            let old = std::mem::take(object);
            *object = old.into_iter().filter_map(|(key, value)| picked(key, value, wanted)).collect::<Map<_, _>>();
        }
        _ => {}
    }
}

/// A property, if it or something in it is wanted.
fn picked(key: String, mut value: Json, wanted: &Wanted) -> Option<(String, Json)> {
    if let Some(modifier) = wanted.get(&key) {
        apply(modifier.as_ref(), &mut value);
        return Some((key, value));
    }
    let inner: Wanted = wanted
        .iter()
        .filter_map(|(path, modifier)| {
            let rest = path.strip_prefix(key.as_str())?.strip_prefix('.')?;
            Some((rest.to_owned(), modifier.clone()))
        })
        .collect();
    if !inner.is_empty() {
        pick_of(&mut value, &inner);
        return Some((key, value));
    }
    let rest = wanted.get("*")?;
    apply(rest.as_ref(), &mut value);
    Some((key, value))
}

fn apply(modifier: Option<&Excerpt>, value: &mut Json) {
    if let (Some(excerpt), Json::String(text)) = (modifier, value) {
        *text = excerpt.of(text);
    }
}

/// The flag that a text spells, if it spells one.
pub(crate) fn truth(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn picked_of(value: Json, fields: &str, shape: Shape) -> Json {
        let bytes = pick(value.to_string().into_bytes(), fields, shape).expect("picks");
        serde_json::from_slice(&bytes).expect("json")
    }

    #[test]
    fn only_what_is_wanted_stays() {
        let record = json!({"t": "<p>Hello <b>big</b></p>", "n": 1, "j": {"a": [{"x": "aaaa", "y": 2}]}});
        for (fields, expected) in [
            ("t:excerpt(7)", json!({"t": "Hello b"})),
            ("t:excerpt(3,true)", json!({"t": "Hel..."})),
            ("n:excerpt(3)", json!({"n": 1})),
            ("j.a.x:excerpt(2)", json!({"j": {"a": [{"x": "aa"}]}})),
            ("j.a.*,j.a.x:excerpt(1)", json!({"j": {"a": [{"x": "a", "y": 2}]}})),
            ("t.zz , n", json!({"t": "<p>Hello <b>big</b></p>", "n": 1})),
            ("*,j.a.x", json!({"t": "<p>Hello <b>big</b></p>", "n": 1, "j": {"a": [{"x": "aaaa"}]}})),
            ("nope", json!({})),
            (",", record.clone()),
        ] {
            assert_eq!(picked_of(record.clone(), fields, Shape::Whole), expected, "{fields}");
        }
        let page = json!({"items": [{"a": 1, "b": 2}], "page": 1});
        assert_eq!(picked_of(page, "a", Shape::Page), json!({"items": [{"a": 1}], "page": 1}));
    }

    #[test]
    fn unknown_modifiers_and_wrong_arguments_are_refused() {
        for fields in [
            "t:nope",
            "t:excerpt",
            "t:excerpt()",
            "t:excerpt(0)",
            "t:excerpt(-1)",
            "t:excerpt(3,true,1)",
            "t:excerpt(3",
        ] {
            assert!(pick(b"{}".to_vec(), fields, Shape::Whole).is_err(), "{fields}");
        }
    }
}
