//! Which domain and origins passkeys may be for.

use url::Url;

use crate::{FieldError, FieldErrors, schema::auth_options::PasskeyOptions};

/// Browsers take passkeys for domains and their own subdomains only, and from pages over TLS or of the machine itself.
pub(super) fn check(options: &PasskeyOptions) -> FieldErrors {
    let mut errors = FieldErrors::new();
    let domain = &options.rp_id;
    if !domain.is_empty() && !is_domain(domain) {
        errors.add("rpId", FieldError::new("validation_is_domain", "Must be a valid domain."));
    }
    let mut origins = FieldErrors::new();
    for (at, origin) in options.origins.iter().enumerate() {
        let parsed = Url::parse(origin).ok();
        let host = parsed.as_ref().and_then(Url::domain).unwrap_or_default();
        let is_local = host == "localhost" || host.ends_with(".localhost");
        let is_safe = parsed.as_ref().is_some_and(|url| url.scheme() == "https" || url.scheme() == "http" && is_local);
        let of_domain = domain.is_empty() || host == domain || host.ends_with(&format!(".{domain}"));
        if host.is_empty() || !is_safe || !of_domain {
            let message = "Must be an https origin of the passkeys' domain, such as https://app.example.com.";
            origins.add(at.to_string(), FieldError::new("validation_invalid_origin", message));
        }
    }
    errors.add("origins", origins);
    errors
}

fn is_domain(text: &str) -> bool {
    let is_part = |part: &str| {
        let inside = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        !part.is_empty() && part.len() <= 63 && inside && !part.starts_with('-') && !part.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_part) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_safe_and_of_the_domain() {
        for (domain, origin, fine) in [
            ("", "https://app.example.com", true),
            ("", "http://localhost:8090", true),
            ("example.com", "https://app.example.com", true),
            ("example.com", "https://example.com:8443", true),
            ("example.com", "https://badexample.com", false),
            ("example.com", "http://example.com", false),
            ("", "https://10.0.0.1", false),
            ("", "example.com", false),
            ("", "", false),
            ("exa mple", "https://exa mple", false),
            ("10.0.0.1", "https://10.0.0.1", false),
        ] {
            let options = PasskeyOptions { enabled: true, rp_id: domain.to_owned(), origins: vec![origin.to_owned()] };
            assert_eq!(check(&options).is_empty(), fine, "{domain} {origin}");
        }
        assert!(check(&PasskeyOptions::default()).is_empty());
    }
}
