//! Form values as data.

use serde_json::{Map, Number, Value as Json};

use super::{Values, object};
use crate::{Result, limits};

/// The form key whose value is an object to merge in.
const PAYLOAD: &str = "@jsonPayload";

/// Whether every `%` is followed by two hexadecimal digits.
pub(super) fn is_percent_encoded(bytes: &[u8]) -> bool {
    let digits = |rest: &[u8]| rest.len() >= 2 && rest[..2].iter().all(u8::is_ascii_hexdigit);
    bytes.iter().enumerate().filter(|(_, byte)| **byte == b'%').all(|(at, _)| digits(&bytes[at + 1..]))
}

/// Form values as data: several of one name are a list; what `@jsonPayload` says wins.
pub(super) fn form(pairs: Vec<(String, String)>, values: Values, fault: &str) -> Result<Map<String, Json>> {
    let mut data: Map<String, Json> = Map::new();
    let mut payload = Map::new();
    for (name, text) in pairs {
        if name == PAYLOAD {
            payload.extend(object(text.as_bytes(), fault)?);
            continue;
        }
        let value = match values {
            Values::Inferred => inferred(text),
            Values::Texts => Json::String(text),
        };
        match data.get_mut(&name) {
            None => {
                data.insert(name, value);
            }
            Some(Json::Array(list)) => list.push(value),
            Some(single) => *single = Json::Array(vec![single.take(), value]),
        }
    }
    data.extend(payload);
    Ok(data)
}

/// A bool or a number if the text is exactly how one is written.
fn inferred(text: String) -> Json {
    match text.as_str() {
        "true" => return Json::Bool(true),
        "false" => return Json::Bool(false),
        _ => {}
    }
    let numeric = text.bytes().all(|c| matches!(c, b'-' | b'.' | b'0'..=b'9'))
        && text.bytes().next().is_some_and(|c| c == b'-' || c.is_ascii_digit());
    if numeric {
        if let Ok(number) = text.parse::<i64>()
            && number.to_string() == text
            && number.abs() <= limits::SAFE_INTEGER_MAX
        {
            return Json::from(number);
        }
        if let Some(number) =
            text.parse::<f64>().ok().filter(|number| number.to_string() == text).and_then(Number::from_f64)
        {
            return Json::Number(number);
        }
    }
    Json::String(text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn form_values_get_the_type_they_look_like() {
        for (text, expected) in [
            ("true", json!(true)),
            ("True", json!("True")),
            ("-5", json!(-5)),
            ("1.5", json!(1.5)),
            ("1.50", json!("1.50")),
            ("007", json!("007")),
            (".5", json!(".5")),
            ("1-2", json!("1-2")),
            ("-", json!("-")),
            ("", json!("")),
            ("12345678901234567890", json!("12345678901234567890")),
        ] {
            assert_eq!(inferred(text.to_owned()), expected, "{text}");
        }
    }

    #[test]
    fn repeated_names_are_lists_and_the_payload_wins() {
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let pairs =
            vec![pair("a", "1"), pair(PAYLOAD, r#"{"b":[2]}"#), pair("a", "x"), pair("a", "true"), pair("b", "9")];
        let data = form(pairs, Values::Inferred, "").expect("reads");
        assert_eq!(Json::Object(data), json!({"a": [1, "x", true], "b": [2]}));
        assert!(form(vec![pair(PAYLOAD, "[1]")], Values::Inferred, "").is_err());
    }
}
