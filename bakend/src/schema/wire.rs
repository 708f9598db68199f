//! Numbers and texts as the wire writes them, appended to a buffer without allocating.

use std::io::Write as _;

use serde_json::Value as Json;

/// Whole numbers below this are exact in a double (2^53) and take the fast way.
const EXACT_INTEGER_BOUND: f64 = 9_007_199_254_740_992.0;
/// From here on numbers are written with an exponent.
const EXPONENT_FROM: f64 = 1e21;
/// Below this numbers are written with an exponent.
const EXPONENT_BELOW: f64 = 1e-6;

/// Appends a whole number.
pub fn write_integer(number: i64, out: &mut Vec<u8>) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut rest = number.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends a number: whole ones without a fraction, very large and very small ones with an exponent (`1e+21`, `1e-7`).
/// What JSON cannot say (infinite, not a number) becomes `0`.
pub fn write_number(number: f64, out: &mut Vec<u8>) {
    let size = number.abs();
    if !number.is_finite() || number == 0.0 {
        out.push(b'0');
    } else if size < EXACT_INTEGER_BOUND && number.trunc() == number {
        write_integer(number as i64, out);
    } else if (EXPONENT_BELOW..EXPONENT_FROM).contains(&size) {
        write!(out, "{number}").expect("writing to memory cannot fail");
    } else {
        let start = out.len();
        write!(out, "{number:e}").expect("writing to memory cannot fail");
        if size >= EXPONENT_FROM
            && let Some(at) = out[start..].iter().position(|byte| *byte == b'e')
        {
            out.insert(start + at + 1, b'+');
        }
    }
}

/// A number as [`write_number`] writes it.
pub fn number_text(number: f64) -> String {
    let mut out = Vec::with_capacity(24);
    write_number(number, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// A number as JSON: whole ones as integers.
pub fn number_json(number: f64) -> Json {
    if number.trunc() == number && number.abs() < EXACT_INTEGER_BOUND {
        Json::from(number as i64)
    } else {
        Json::from(if number.is_finite() { number } else { 0.0 })
    }
}

/// Appends a text as a JSON string. Only quotes, backslashes and control characters are escaped.
pub fn write_text(text: &str, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    out.push(b'"');
    let bytes = text.as_bytes();
    let mut copied = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[copied..at]);
        copied = at + 1;
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            _ => out.extend_from_slice(&[
                b'\\',
                b'u',
                b'0',
                b'0',
                HEX[usize::from(byte >> 4)],
                HEX[usize::from(byte & 15)],
            ]),
        }
    }
    out.extend_from_slice(&bytes[copied..]);
    out.push(b'"');
}

/// Appends texts as a JSON array.
pub fn write_texts(texts: &[String], out: &mut Vec<u8>) {
    out.push(b'[');
    for (at, text) in texts.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        write_text(text, out);
    }
    out.push(b']');
}

/// Appends any JSON, numbers as [`write_number`] writes them.
pub fn write_json(json: &Json, out: &mut Vec<u8>) {
    match json {
        Json::Null => out.extend_from_slice(b"null"),
        Json::Bool(true) => out.extend_from_slice(b"true"),
        Json::Bool(false) => out.extend_from_slice(b"false"),
        Json::String(text) => write_text(text, out),
        Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(whole), ..) => write_integer(whole, out),
            (None, Some(large), _) => write!(out, "{large}").expect("writing to memory cannot fail"),
            (None, None, real) => write_number(real.unwrap_or_default(), out),
        },
        Json::Array(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_json(item, out);
            }
            out.push(b']');
        }
        Json::Object(entries) => {
            out.push(b'{');
            for (at, (key, value)) in entries.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write_text(key, out);
                out.push(b':');
                write_json(value, out);
            }
            out.push(b'}');
        }
    }
}

/// A list of texts as a JSON array in text, as columns hold it.
pub fn texts_text(texts: &[String]) -> String {
    let mut out = Vec::with_capacity(2 + texts.iter().map(|text| text.len() + 3).sum::<usize>());
    write_texts(texts, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_written_short() {
        for (number, shown) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (-12.5, "-12.5"),
            (0.000001, "0.000001"),
            (1e-7, "1e-7"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (-1.5e300, "-1.5e+300"),
            (123_456_789_012_345_678_901.0, "123456789012345680000"),
            (f64::NAN, "0"),
        ] {
            assert_eq!(number_text(number), shown);
        }
    }

    #[test]
    fn only_what_json_needs_is_escaped() {
        let mut out = Vec::new();
        write_text("\u{1}\u{8}\u{c}\u{7f}\u{b}\u{2028}\\/\"\t\n\r<>&ü", &mut out);
        assert_eq!(
            String::from_utf8(out).expect("UTF-8"),
            "\"\\u0001\\b\\f\u{7f}\\u000b\u{2028}\\\\/\\\"\\t\\n\\r<>&ü\""
        );
    }

    proptest! {
        #[test]
        fn a_number_read_back_is_the_same(number in proptest::num::f64::NORMAL | proptest::num::f64::SUBNORMAL) {
            prop_assert_eq!(number_text(number).parse::<f64>().expect("a number"), number);
        }

        #[test]
        fn a_whole_number_read_back_is_the_same(number in any::<i64>()) {
            let mut out = Vec::new();
            write_integer(number, &mut out);
            prop_assert_eq!(String::from_utf8(out).expect("UTF-8").parse::<i64>().expect("a number"), number);
        }

        #[test]
        fn a_text_read_back_is_the_same(text in any::<String>()) {
            let mut out = Vec::new();
            write_text(&text, &mut out);
            prop_assert_eq!(serde_json::from_slice::<String>(&out).expect("a string"), text);
        }
    }
}
