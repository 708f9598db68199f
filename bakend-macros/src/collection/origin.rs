//! Which domain and origins passkeys may be for, as the schema has it.

/// Dots between parts of letters, digits and dashes; not the number of a machine.
pub fn is_domain(text: &str) -> bool {
    let is_part = |part: &str| {
        let inside = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        !part.is_empty() && part.len() <= 63 && inside && !part.starts_with('-') && !part.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_part) && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// Whether browsers take passkeys from there: TLS, or the machine itself, and of the domain, when there is one.
pub fn is_safe(origin: &str, domain: &str) -> bool {
    let Some((scheme, rest)) = origin.split_once("://") else { return false };
    let host = rest.split(['/', ':', '?', '#']).next().unwrap_or_default();
    let is_local = host == "localhost" || host.ends_with(".localhost");
    let of_domain = domain.is_empty() || host == domain || host.ends_with(&format!(".{domain}"));
    is_domain(host) && (scheme == "https" || scheme == "http" && is_local) && of_domain
}
