//! What a file is, by its content.

use crate::limits;

const BINARY: &str = "application/octet-stream";
const TEXT: &str = "text/plain; charset=utf-8";

/// The content type of a file that begins with `head`.
pub(super) fn kind(head: &[u8]) -> String {
    if let Some(known) = infer::get(head) {
        return match known.mime_type() {
            "text/html" => "text/html; charset=utf-8".to_owned(),
            "text/xml" => xml(head),
            other => other.to_owned(),
        };
    }
    match text(head) {
        None => BINARY.to_owned(),
        Some(text) if text.trim_start().starts_with("<svg") => "image/svg+xml".to_owned(),
        Some(text) if is_json(text) => "application/json".to_owned(),
        Some(text) if is_csv(text) => "text/csv".to_owned(),
        Some(_) => TEXT.to_owned(),
    }
}

/// The extension that fits a content, with its dot; empty when none is known.
pub(super) fn extension(head: &[u8]) -> String {
    if let Some(known) = infer::get(head).filter(|known| known.mime_type() != "text/xml") {
        return format!(".{}", known.extension());
    }
    let known = match kind(head).split(';').next().unwrap_or_default() {
        "text/plain" => ".txt",
        "application/json" => ".json",
        "text/csv" => ".csv",
        "image/svg+xml" => ".svg",
        "text/xml" => ".xml",
        _ => "",
    };
    known.to_owned()
}

fn xml(head: &[u8]) -> String {
    let is_svg = head.windows(4).any(|window| window == b"<svg");
    if is_svg { "image/svg+xml".to_owned() } else { "text/xml; charset=utf-8".to_owned() }
}

/// The text of a head, if it is text; a character that the end of the head cuts does not matter.
fn text(head: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => std::str::from_utf8(&head[..error.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\x0c' | '\x1b');
    (!text.contains(control)).then_some(text)
}

fn is_json(text: &str) -> bool {
    let start = text.trim_start();
    start.starts_with(['{', '['])
        && match serde_json::from_str::<serde::de::IgnoredAny>(start) {
            Ok(_) => true,
            // A long document is cut by the head.
            Err(error) => error.is_eof() && text.len() >= limits::FILE_HEAD_BYTES - 4,
        }
}

/// At least two lines, all with the same number of commas.
fn is_csv(text: &str) -> bool {
    let mut lines: Vec<usize> = text.lines().map(|line| line.matches(',').count()).collect();
    if text.len() >= limits::FILE_HEAD_BYTES - 4 {
        lines.pop();
    }
    lines.len() > 1 && lines[0] > 0 && lines.iter().all(|commas| *commas == lines[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_tells_the_kind() {
        for (content, expected, ending) in [
            (&b"\x89PNG\r\n\x1a\n0000"[..], "image/png", ".png"),
            (b"<!DOCTYPE html><html></html>", "text/html; charset=utf-8", ".html"),
            (b"{\"a\":1}", "application/json", ".json"),
            (b"{not json", TEXT, ".txt"),
            (b"a,b\n1,2\n", "text/csv", ".csv"),
            (b"hello, world\n", TEXT, ".txt"),
            (b"", TEXT, ".txt"),
            (b"\x00\x01\x02", BINARY, ""),
            (b"<svg xmlns=\"x\"></svg>", "image/svg+xml", ".svg"),
            (b"<?xml version=\"1.0\"?><svg></svg>", "image/svg+xml", ".svg"),
        ] {
            assert_eq!((kind(content).as_str(), extension(content).as_str()), (expected, ending), "{content:?}");
        }
    }
}
