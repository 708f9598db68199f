//! Any JSON as text, number, flag or list of texts: what cannot be read becomes the zero value, nothing fails.
//!
//! Source: PocketBase web API, the table of fields; odd cases as PocketBase 0.40 answers them.

use std::collections::HashSet;

use serde_json::Value as Json;

/// Up to this many items, comparing each with each is cheaper than hashing.
const SCAN_MAX_ITEMS: usize = 16;

/// A scalar as text; lists and objects are no text.
pub fn to_text(raw: &Json) -> String {
    match raw {
        Json::String(text) => text.clone(),
        Json::Bool(flag) => flag.to_string(),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => whole.to_string(),
            (None, Some(real)) => real.to_string(),
            (None, None) => number.to_string(),
        },
        _ => String::new(),
    }
}

/// A number, a flag as 0 or 1, or numeric text. Text may say infinity or not-a-number; the check refuses them.
pub fn to_number(raw: &Json) -> f64 {
    let number = match raw {
        Json::Number(number) => number.as_f64().unwrap_or_default(),
        Json::Bool(flag) => f64::from(u8::from(*flag)),
        Json::String(text) => text_to_number(text),
        _ => 0.0,
    };
    // -0 would not survive the way through a database.
    if number == 0.0 { 0.0 } else { number }
}

fn text_to_number(text: &str) -> f64 {
    match text.parse::<f64>() {
        // Digits too large for a double are garbage, a spelled-out infinity is not.
        Ok(number) if number.is_infinite() && !text.contains(['n', 'N']) => 0.0,
        Ok(number) => number,
        Err(_) => grouped_digits(text).and_then(|digits| digits.parse().ok()).unwrap_or_default(),
    }
}

/// `1_000` as `1000`.
fn grouped_digits(text: &str) -> Option<String> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let grouped = digits.split('_').all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()));
    grouped.then(|| text.replace('_', ""))
}

/// A flag, a number other than 0, or the text of a true flag.
pub fn to_flag(raw: &Json) -> bool {
    match raw {
        Json::Bool(flag) => *flag,
        Json::Number(number) => number.as_f64().is_some_and(|number| number != 0.0),
        Json::String(text) => matches!(text.as_str(), "1" | "t" | "T" | "true" | "TRUE" | "True"),
        _ => false,
    }
}

/// Distinct texts, none empty: of a scalar, a list of scalars, or a JSON list of texts inside a text.
/// A list that holds a list or an object counts as empty.
pub fn to_texts(raw: &Json) -> Vec<String> {
    match raw {
        Json::Array(items) if items.iter().any(|item| item.is_array() || item.is_object()) => Vec::new(),
        Json::Array(items) => distinct(items.iter().map(to_text)),
        Json::String(text) => text_to_texts(text),
        other => distinct([to_text(other)]),
    }
}

/// As [`to_texts`], but the texts of lists inside the list count too.
pub fn to_texts_deep(raw: &Json) -> Vec<String> {
    fn collect(raw: &Json, out: &mut Vec<String>) {
        match raw {
            Json::Array(items) => items.iter().for_each(|item| collect(item, out)),
            Json::String(text) => out.extend(text_to_texts(text)),
            other => out.push(to_text(other)),
        }
    }
    let mut out = Vec::new();
    collect(raw, &mut out);
    distinct(out)
}

/// Distinct texts, none empty, of a text that may hold a JSON list of texts.
pub fn text_to_texts(text: &str) -> Vec<String> {
    if text.contains('[')
        && let Ok(items) = serde_json::from_str::<Vec<Option<String>>>(text)
    {
        return distinct(items.into_iter().flatten());
    }
    distinct([text.to_owned()])
}

/// The same texts in the same order, each once, none empty.
pub fn distinct(texts: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    for text in texts {
        let known = match out.len() {
            0..SCAN_MAX_ITEMS => out.contains(&text),
            SCAN_MAX_ITEMS => {
                seen.extend(out.iter().cloned());
                seen.contains(&text)
            }
            _ => seen.contains(&text),
        };
        if text.is_empty() || known {
            continue;
        }
        if out.len() >= SCAN_MAX_ITEMS {
            seen.insert(text.clone());
        }
        out.push(text);
    }
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scalars_become_text() {
        for (raw, text) in [
            (json!(null), ""),
            (json!(true), "true"),
            (json!(1.0), "1"),
            (json!(1.5), "1.5"),
            (json!(1e21), "1000000000000000000000"),
            (json!(1e-7), "0.0000001"),
            (json!([1]), ""),
            (json!({}), ""),
            (json!(" a "), " a "),
        ] {
            assert_eq!(to_text(&raw), text, "{raw}");
        }
    }

    #[test]
    fn numeric_text_becomes_a_number_and_garbage_zero() {
        for (raw, number) in [
            (json!(""), 0.0),
            (json!(true), 1.0),
            (json!("1e3"), 1000.0),
            (json!("+5"), 5.0),
            (json!(".5"), 0.5),
            (json!("5."), 5.0),
            (json!("01"), 1.0),
            (json!("1_000"), 1000.0),
            (json!("0x10"), 0.0),
            (json!(" 1.5 "), 0.0),
            (json!("12abc"), 0.0),
            (json!("1e400"), 0.0),
            (json!("-Inf"), f64::NEG_INFINITY),
            (json!([1]), 0.0),
        ] {
            assert_eq!(to_number(&raw), number, "{raw}");
        }
        assert!(to_number(&json!("nan")).is_nan());
    }

    #[test]
    fn flags_are_read_from_scalars() {
        for (raw, flag) in [
            (json!(1), true),
            (json!(-1), true),
            (json!(0), false),
            (json!("True"), true),
            (json!("t"), true),
            (json!("2"), false),
            (json!("yes"), false),
            (json!("true "), false),
            (json!([true]), false),
        ] {
            assert_eq!(to_flag(&raw), flag, "{raw}");
        }
    }

    #[test]
    fn lists_are_distinct_without_empty_texts() {
        for (raw, texts) in [
            (json!(["a", "a", "b"]), vec!["a", "b"]),
            (json!(["a", 3, true, null, "", 1.5]), vec!["a", "3", "true", "1.5"]),
            (json!("[\"a\",null,\"b\"]"), vec!["a", "b"]),
            (json!("[1,2]"), vec!["[1,2]"]),
            (json!(["x", ["y"]]), vec![]),
            (json!({ "a": 1 }), vec![]),
            (json!(3), vec!["3"]),
            (json!(""), vec![]),
        ] {
            assert_eq!(to_texts(&raw), texts, "{raw}");
        }
        assert_eq!(to_texts_deep(&json!([["a"], { "b": 1 }, "c"])), ["a", "c"]);
    }

    #[test]
    fn long_lists_are_distinct_too() {
        let long = (0..1000).map(|at| (at % 40).to_string());
        assert_eq!(distinct(long).len(), 40);
    }
}
