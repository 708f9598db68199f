//! What a part of a form says that it is: its field, and whether it is a file.
//!
//! Source: RFC 7578 (multipart/form-data), RFC 6266 and RFC 8187 (parameters with `*`), which browsers do not send and other clients do.

use axum::http::{HeaderMap, header};

/// Field and file name of a part.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Disposition {
    /// The field; `None`: the part is for nothing.
    pub name: Option<String>,
    /// The name of the file; `None`: the part is a value.
    pub file: Option<String>,
}

impl Disposition {
    /// Reads it. What is no UTF-8 is replaced, never a reason to take a file for a value: values are held in memory and told back.
    pub fn of(headers: &HeaderMap) -> Self {
        let Some(header) = headers.get(header::CONTENT_DISPOSITION) else { return Self::default() };
        let parameters = parameters(header.as_bytes());
        // A file without a name is a value, as in Go.
        let file = find(&parameters, "filename").filter(|name| !name.is_empty());
        Self { name: find(&parameters, "name"), file }
    }
}

/// A parameter: its name in lower case, with what follows a `*`, and its value.
type Parameter = (String, Vec<u8>);

/// The value of `name*` if there is one, as its spelling loses least; else that of `name`, or its pieces `name*0`, `name*1`.
fn find(parameters: &[Parameter], name: &str) -> Option<String> {
    let of = |suffix: &str| {
        parameters.iter().find(|(own, _)| own.strip_prefix(name) == Some(suffix)).map(|(_, value)| value.clone())
    };
    let pieces = || {
        let rest = |own: &str| own.strip_prefix(name).is_some_and(|rest| rest.starts_with('*'));
        let found: Vec<&[u8]> = parameters.iter().filter(|(own, _)| rest(own)).map(|(_, value)| &value[..]).collect();
        (!found.is_empty()).then(|| found.concat())
    };
    let value = of("*").map(|value| extended(&value)).or_else(|| of("")).or_else(pieces)?;
    Some(String::from_utf8_lossy(&value).into_owned())
}

/// The parameters behind the kind of disposition. What is cut off is taken as far as it goes.
fn parameters(header: &[u8]) -> Vec<Parameter> {
    let end = header.iter().position(|byte| *byte == b';').unwrap_or(header.len());
    let (mut rest, mut found) = (&header[end..], Vec::new());
    while let Some(begun) = rest.strip_prefix(b";") {
        let end = begun.iter().position(|byte| matches!(byte, b'=' | b';')).unwrap_or(begun.len());
        let name = String::from_utf8_lossy(begun[..end].trim_ascii()).to_ascii_lowercase();
        let mut value = Vec::new();
        (value, rest) = match begun[end..].strip_prefix(b"=").map(<[u8]>::trim_ascii_start) {
            None => (value, &begun[end..]),
            Some([b'"', quoted @ ..]) => unquoted(quoted),
            Some(bare) => {
                let end = bare.iter().position(|byte| *byte == b';').unwrap_or(bare.len());
                value.extend_from_slice(bare[..end].trim_ascii());
                (value, &bare[end..])
            }
        };
        found.push((name, value));
    }
    found
}

/// The text up to its closing quote, and what follows from the next semicolon on.
fn unquoted(quoted: &[u8]) -> (Vec<u8>, &[u8]) {
    let (mut value, mut at) = (Vec::new(), 0);
    while at < quoted.len() && quoted[at] != b'"' {
        // Other backslashes are folders of Windows, which forms never escaped.
        at += usize::from(matches!(quoted[at..], [b'\\', b'"' | b'\\', ..]));
        value.push(quoted[at]);
        at += 1;
    }
    let rest = &quoted[at..];
    (value, rest.iter().position(|byte| *byte == b';').map_or(&[], |next| &rest[next..]))
}

/// The bytes that `UTF-8'de'na%C3%AFve` spells; it is UTF-8 in all clients there are.
fn extended(value: &[u8]) -> Vec<u8> {
    let text = value.splitn(3, |byte| *byte == b'\'').nth(2).unwrap_or(value);
    let digit = |at: usize| text.get(at).and_then(|byte| char::from(*byte).to_digit(16));
    let (mut bytes, mut at) = (Vec::with_capacity(text.len()), 0);
    while at < text.len() {
        let spelled = match (text[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => u8::try_from(high << 4 | low).ok(),
            _ => None,
        };
        bytes.push(spelled.unwrap_or(text[at]));
        at += if spelled.is_some() { 3 } else { 1 };
    }
    bytes
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn read(header: &[u8]) -> (Option<String>, Option<String>) {
        let value = HeaderValue::from_bytes(header).expect("a header");
        let found = Disposition::of(&HeaderMap::from_iter([(header::CONTENT_DISPOSITION, value)]));
        (found.name, found.file)
    }

    #[test]
    fn whatever_names_a_file_is_a_file() {
        for (rest, file) in [
            (&b""[..], None),
            (b"; filename=\"\"", None),
            (b"; filename*=UTF-8''", None),
            (b"; filename=\"a.txt\"", Some("a.txt")),
            (b"; filename=a.txt ; size=3", Some("a.txt")),
            (b";FileName = \"a;b=c.txt\"", Some("a;b=c.txt")),
            (b"; filename=\"a\\\"b.txt\"", Some("a\"b.txt")),
            (b"; filename=\"C:\\dir\\a.txt\"", Some("C:\\dir\\a.txt")),
            (b"; filename=\"caf\xc3\xa9.txt\"", Some("café.txt")),
            (b"; filename=\"caf\xe9.txt\"", Some("caf\u{fffd}.txt")),
            (b"; filename*=UTF-8''%c3%a9x.txt", Some("éx.txt")),
            (b"; filename=\"x.txt\"; filename*=utf-8'fr'%C3%A9.txt", Some("é.txt")),
            (b"; filename*=latin1''%e9x.txt", Some("\u{fffd}x.txt")),
            (b"; filename*=UTF-8''%zz%", Some("%zz%")),
            (b"; filename*=bare.txt", Some("bare.txt")),
            (b"; filename*0=\"a\"; filename*1=\".txt\"", Some("a.txt")),
            (b"; filename=\"cut off", Some("cut off")),
        ] {
            let header = [b"form-data; name=\"field\"", rest].concat();
            let expected = (Some("field".to_owned()), file.map(str::to_owned));
            assert_eq!(read(&header), expected, "{}", String::from_utf8_lossy(&header));
        }
    }

    #[test]
    fn the_field_is_told_from_what_is_in_quotes() {
        for (header, name) in [
            ("form-data", None),
            ("form-data; filename", None),
            ("form-data; names=x; name=b", Some("b")),
            ("form-data; name=\"a; filename=x\"", Some("a; filename=x")),
            ("form-data; name*=UTF-8''%C3%A9", Some("é")),
            ("form-data; x=\"; name=a\"; name=b", Some("b")),
        ] {
            assert_eq!(read(header.as_bytes()), (name.map(str::to_owned), None), "{header}");
        }
    }

    proptest! {
        #[test]
        fn no_header_is_too_strange(header in proptest::collection::vec(prop::sample::select(&b"ab;=*\"'\\% 0\xe9"[..]), 0..40)) {
            read(&header);
        }
    }
}
