//! Domains that an email or a URL may or may not be of.

use crate::{FieldError, FieldErrors, schema::fault};

/// Most characters of one label of a domain.
const LABEL_MAX_CHARS: usize = 63;

/// Whether a domain passes both lists.
pub(super) fn allows(only: &[String], except: &[String], domain: &str) -> bool {
    let listed = |list: &[String]| list.iter().any(|item| item == domain);
    (only.is_empty() || listed(only)) && !listed(except)
}

/// Checks both lists: domains, and at most one list of both.
pub(super) fn check_lists(only: &[String], except: &[String], errors: &mut FieldErrors) {
    for (name, list, other) in [("exceptDomains", except, only), ("onlyDomains", only, except)] {
        if !list.is_empty() && !other.is_empty() {
            errors.add(name, fault::not_blank());
            continue;
        }
        let mut items = FieldErrors::new();
        for (at, domain) in list.iter().enumerate() {
            if !domain.is_empty() && !is_domain(domain) {
                items.add(at.to_string(), FieldError::new("validation_is_domain", "Must be a valid domain."));
            }
        }
        errors.add(name, items);
    }
}

/// Two labels or more, of letters, digits and inner hyphens; the last one starts with a letter.
fn is_domain(domain: &str) -> bool {
    let labels: Vec<&str> = domain.split('.').collect();
    let last_is_named = labels.last().is_some_and(|label| label.starts_with(|first: char| first.is_ascii_alphabetic()));
    labels.len() > 1 && last_is_named && labels.into_iter().all(is_label)
}

fn is_label(label: &str) -> bool {
    (1..=LABEL_MAX_CHARS).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_have_two_labels() {
        for (domain, fine) in [
            ("a.co", true),
            ("A.CO", true),
            ("a.b-c.example", true),
            ("b", false),
            ("a b", false),
            ("*.a.co", false),
            ("a.co:80", false),
            ("-a.co", false),
            ("a_b.co", false),
            ("ü.co", false),
            ("127.0.0.1", false),
            ("a..co", false),
            ("a.co.", false),
        ] {
            assert_eq!(is_domain(domain), fine, "{domain}");
        }
        assert!(!is_domain(&format!("{}.co", "x".repeat(64))));
    }

    #[test]
    fn only_one_list_may_be_set() {
        let mut errors = FieldErrors::new();
        check_lists(&["a.co".into()], &["b.co".into()], &mut errors);
        assert_eq!(errors.to_json()["onlyDomains"]["code"], "validation_empty");
        assert_eq!(errors.to_json()["exceptDomains"]["code"], "validation_empty");
        let mut errors = FieldErrors::new();
        check_lists(&["b".into(), String::new(), "a.co".into()], &[], &mut errors);
        assert_eq!(errors.to_json()["onlyDomains"]["0"]["code"], "validation_is_domain");
        assert_eq!(errors.to_json()["onlyDomains"].get("1"), None);
    }
}
