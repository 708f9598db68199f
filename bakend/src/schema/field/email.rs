//! The field type for email addresses.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value as Json};

use super::{domains, options::Keys};
use crate::{FieldError, FieldErrors, Result, schema::cast};

/// Options of the type for email addresses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EmailOptions {
    /// Refused domains.
    pub except_domains: Vec<String>,
    /// The only domains allowed.
    pub only_domains: Vec<String>,
}

impl EmailOptions {
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

    pub(super) fn check(&self, required: bool, email: &str) -> Result<(), FieldError> {
        if email.is_empty() {
            return if required { Err(FieldError::required()) } else { Ok(()) };
        }
        if !is_email(email) {
            return Err(FieldError::new("validation_is_email", "Must be a valid email address."));
        }
        let domain = email.rsplit('@').next().unwrap_or_default();
        if !domains::allows(&self.only_domains, &self.except_domains, domain) {
            return Err(FieldError::new("validation_email_domain_not_allowed", "Email domain is not allowed."));
        }
        Ok(())
    }

    pub(super) fn check_options(&self, errors: &mut FieldErrors) {
        domains::check_lists(&self.only_domains, &self.except_domains, errors);
    }
}

/// A local part of dot-separated atoms (or in quotes, without blanks), `@`, and labels of which the last one has no digit at
/// either end. Letters of any script count.
static EMAIL: LazyLock<Regex> = LazyLock::new(|| {
    const WIDE: &str = "\u{a0}-\u{d7ff}\u{f900}-\u{fdcf}\u{fdf0}-\u{ffef}";
    let atom = format!("[A-Za-z0-9!#$%\\&'*+/=?^_`{{|}}\\~{WIDE}-]+");
    let quoted = format!("\"[!#-\\[\\]-\\~{WIDE}]+\"");
    let (edge, letter) = (format!("[A-Za-z0-9{WIDE}]"), format!("[A-Za-z{WIDE}]"));
    let inner = format!("[A-Za-z0-9._\\~{WIDE}-]*");
    let pattern =
        format!("^(?:{atom}(?:\\.{atom})*|{quoted})@(?:{edge}(?:{inner}{edge})?\\.)+{letter}(?:{inner}{letter})?\\.?$");
    Regex::new(&pattern).expect("a constant pattern that a test compiles")
});

/// Whether a text is an email address.
pub fn is_email(text: &str) -> bool {
    // Most addresses are plain; the pattern is for the others.
    is_plain_email(text.as_bytes()) || EMAIL.is_match(text)
}

/// Letters and digits around single dots, hyphens and pluses, as in `ann.lee+news@mail.example`.
fn is_plain_email(text: &[u8]) -> bool {
    let Some(at) = text.iter().position(|byte| *byte == b'@') else { return false };
    let (local, domain) = (&text[..at], &text[at + 1..]);
    let words = |part: &[u8], separators: &[u8]| {
        part.split(|byte| separators.contains(byte))
            .all(|word| !word.is_empty() && word.iter().all(u8::is_ascii_alphanumeric))
    };
    let last = domain.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    words(local, b".-_+") && domain.contains(&b'.') && words(domain, b".-") && last.iter().all(u8::is_ascii_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_text() {
        let fine = [
            "a@b.co",
            "a.b@c.co",
            "a+b@c.co",
            "\"a\"@c.co",
            "a@b_c.co",
            "a@b.c",
            "ü@b.co",
            "a@ü.co",
            "a@b.ü",
            "a@b.co.",
            "a@1.co",
            "a@b.c-d",
            "A@B.CO",
            "a'b@c.co",
            "a!#$%&'*+/=?^_`{|}~-@b.co",
            "a@xn--p1ai.xn--p1ai",
            "a@a--b.co",
            "a@b.a1a",
            "a@b~c.co",
            "a@b.c~c",
        ];
        let wrong = [
            "",
            "a@b",
            "a@localhost",
            "a b@c.co",
            "a..b@c.co",
            ".a@c.co",
            "a.@c.co",
            "\"a b\"@c.co",
            "a@-b.co",
            "a@b-.co",
            "a@b..co",
            "a@b.123",
            "a@[127.0.0.1]",
            "a@127.0.0.1",
            "a@b.c0",
            "a@b.co1",
            "a@b@c.co",
            "@b.co",
            "a@",
            "a(b)@c.co",
            " a@b.co",
            "a@b.co ",
            "a@b.co\n",
            "Ann <a@b.co>",
            "a@b.co,",
            "\"a\\\"b\"@c.co",
            "a;b@c.co",
            "a:b@c.co",
            "a,b@c.co",
            "a@b.co-",
            "😀@b.co",
            "a@😀.co",
            "a@b.1a",
        ];
        fine.iter().for_each(|text| assert!(is_email(text), "{text}"));
        wrong.iter().for_each(|text| assert!(!is_email(text), "{text}"));
    }

    #[test]
    fn domains_are_compared_as_written() {
        let options = EmailOptions { except_domains: vec!["b.co".into()], ..Default::default() };
        assert_eq!(
            options.check(true, "a@b.co").map_err(|error| error.code),
            Err("validation_email_domain_not_allowed")
        );
        assert_eq!(options.check(true, "a@B.co"), Ok(()));
    }
}
