//! The field type for URLs.

use std::{net::Ipv6Addr, sync::LazyLock};

use regex::Regex;
use serde_json::{Map, Value as Json};

use super::{domains, options::Keys};
use crate::{FieldError, FieldErrors, Result, schema::cast};

/// Longest URL, in characters, plus one. Source: what PocketBase 0.40 accepts.
const URL_CHARS_END: usize = 2083;
/// Shortest URL, in bytes, minus one. Source: what PocketBase 0.40 accepts.
const URL_BYTES_START: usize = 3;

/// Options of the type for URLs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UrlOptions {
    /// Refused hosts.
    pub except_domains: Vec<String>,
    /// The only hosts allowed.
    pub only_domains: Vec<String>,
}

impl UrlOptions {
    pub(super) fn from_keys(keys: Keys<'_>) -> Result<Self> {
        Ok(Self { except_domains: keys.texts("exceptDomains")?, only_domains: keys.texts("onlyDomains")? })
    }

    pub(super) fn to_json(&self, out: &mut Map<String, Json>) {
        out.insert("exceptDomains".into(), self.except_domains.clone().into());
        out.insert("onlyDomains".into(), self.only_domains.clone().into());
    }

    pub(super) fn decode(raw: &Json) -> String {
        cast::to_text(raw)
    }

    pub(super) fn check(&self, required: bool, url: &str) -> Result<(), FieldError> {
        if url.is_empty() {
            return if required { Err(FieldError::required()) } else { Ok(()) };
        }
        if !is_url(url) {
            return Err(FieldError::new("validation_invalid_url", "Must be a valid url."));
        }
        if !domains::allows(&self.only_domains, &self.except_domains, host(url)) {
            return Err(FieldError::new("validation_url_domain_not_allowed", "Url domain is not allowed."));
        }
        Ok(())
    }

    pub(super) fn check_options(&self, errors: &mut FieldErrors) {
        domains::check_lists(&self.only_domains, &self.except_domains, errors);
    }
}

/// Host and port; empty for a URL without a scheme.
fn host(url: &str) -> &str {
    let Some((_, rest)) = url.split_once("://") else { return "" };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

/// Groups: 1 user, 2 content of the brackets of an IPv6 address, 3 path, query and fragment.
///
/// A host is an IPv4 or IPv6 address, or a last name (letters of any script and digits, hyphens inside) with an optional
/// top-level name of letters, after names that start with at least two characters.
static URL: LazyLock<Regex> = LazyLock::new(|| {
    let byte = "(?:[0-9]{1,2}|1[0-9]{2}|2[0-4][0-9]|25[0-5])";
    let first_byte = "(?:[1-9][0-9]?|1[0-9]{2}|2[01][0-9]|22[0-3]|24[0-9]|25[0-5])";
    let ipv4 = format!("{first_byte}(?:\\.{byte}){{3}}");
    let (word, wide) = ("[a-zA-Z0-9]", "a-zA-Z\u{a1}-\u{ffff}");
    let names = format!("{word}(?:[a-zA-Z0-9_-]*{word})(?:[.-]{word}+)*");
    let under = format!("{word}(?:[._-]?{word})*{word}\\.{word}+");
    let last = format!("(?:[{wide}0-9]+-?-?)*[{wide}0-9]+(?:\\.[{wide}]+)?");
    let pattern = format!(
        "^(?:(?:ftp|tcp|udp|wss?|https?)://)?([^\\t\\n\\f\\r ]+@)?\
         (?:{ipv4}|\\[([0-9a-fA-F:.]+(?:%[0-9a-zA-Z]+)?)\\]|(?:{names}|www\\.|{under})?{last})\\.?\
         (?::[0-9]{{1,5}})?([/?\\#][^\\t\\n\\f\\r ]*)?$"
    );
    Regex::new(&pattern).expect("a constant pattern that a test compiles")
});

/// Whether a text is a URL; the scheme may be missing.
pub fn is_url(text: &str) -> bool {
    if text.len() <= URL_BYTES_START
        || text.chars().count() >= URL_CHARS_END
        || text.starts_with('.')
        || text.bytes().any(|byte| byte.is_ascii_control())
    {
        return false;
    }
    // Without scheme and port a text is a path, which looks like a host only with a dot.
    if !text.contains(':') && !text.split(['?', '#']).next().unwrap_or_default().contains('.') {
        return false;
    }
    let Some(parts) = URL.captures(text) else { return false };
    let part = |at: usize| parts.get(at).map_or("", |part| part.as_str());
    is_address(part(2)) && escapes_are_whole(part(1)) && {
        let (rest, fragment) = part(3).split_once('#').unwrap_or((part(3), ""));
        escapes_are_whole(rest.split('?').next().unwrap_or_default()) && escapes_are_whole(fragment)
    }
}

fn is_address(brackets: &str) -> bool {
    let address = brackets.split('%').next().unwrap_or_default();
    address.is_empty() || address.parse::<Ipv6Addr>().is_ok()
}

/// Whether two hexadecimal digits follow every `%`.
fn escapes_are_whole(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| rest.len() >= 2 && rest.bytes().take(2).all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_told_from_other_text() {
        let fine = [
            "http://a.co",
            "ftp://a.co",
            "tcp://a.co",
            "udp://a.co",
            "wss://a.co",
            "mailto:a@b.co",
            "a.co",
            "http://localhost",
            "http://localhost:8090",
            "localhost:8090",
            "a.co:80/p",
            "http://a",
            "http://a.co/p?q#f",
            "http://a.co?x",
            "http://a.co#x",
            "http://a.co:99999",
            "http://u:p@a.co",
            "http://127.0.0.1",
            "http://[::1]:80",
            "http://a.co.",
            "http://a_b.co",
            "http://a--b.co",
            "http://ü.co",
            "http://a.ü",
            "http://a.co/ü",
            "http//a.co",
            "http://www.",
            "http://1",
            "12.34",
            "http://a@b@c.co",
            "https://münchen.de/ä",
            "foo@bar.com",
            "http://a.co:80?x",
            "http://[::ffff:1.2.3.4]",
            "http://[fe80::1%25en0]",
            "http://a.co/[x]",
            "1.1.1.1",
            "http://foo.bar_baz.com",
        ];
        let wrong = [
            "javascript:alert(1)",
            "file:///etc",
            "data:text/plain,x",
            "HTTP://a.co",
            "//a.co",
            "a",
            "abc",
            "abcd",
            "localhost",
            "http://a.co/p q",
            "http://a.co:999999",
            "http://a.co:",
            "http://a.co:x",
            "http://256.0.0.1",
            "http://0.0.0.0",
            "http://1.1.1",
            "http://::1",
            "http://a..co",
            "http://.a.co",
            "http://-a.co",
            "http://a-.co",
            "http://😀.co",
            "http://",
            "http:///a",
            "http:/a.co",
            "http:a.co",
            ".a.co",
            "/a.co",
            "?a",
            "#a.b",
            "http://a.b.c.d.e.co",
            "http://a.123",
            "http://a.co\\x",
            " http://a.co",
            "http://a.co ",
            "http://a.co/%zz",
            "http://a.co/%",
            "http://a%20b.co",
            "xyz://a.co",
            "http://x_y",
            "http://ab_c.d",
            "http://a,b.co",
            "http://user:pa ss@a.co",
            "http://a.co\n",
            "1.1",
            "http://a.co:80:80",
            "foo@bar",
            "a..b",
            "12345",
            "http://[::g]",
            "x://",
            "http://a.co:/p",
            "a.b:c",
        ];
        fine.iter().for_each(|text| assert!(is_url(text), "{text}"));
        wrong.iter().for_each(|text| assert!(!is_url(text), "{text}"));
        assert!(!is_url(&format!("http://a.co/{}", "x".repeat(2080))));
    }

    #[test]
    fn hosts_are_compared_with_their_port() {
        let options = UrlOptions { only_domains: vec!["b.co".into()], ..Default::default() };
        for (url, fine) in [("http://b.co", true), ("http://u@b.co", true), ("http://b.co:80", false), ("b.co", false)]
        {
            assert_eq!(options.check(true, url).is_ok(), fine, "{url}");
        }
    }
}
