//! Whether settings make sense.

use super::{Backups, Batch, Logs, Meta, RateLimitRule, RateLimits, S3, Settings, Smtp, net};
use crate::{FieldError, FieldErrors};

/// Longest name, in characters.
const NAME_MAX_CHARS: usize = 255;
/// Length of `#rrggbb`.
const COLOR_CHARS: usize = 7;

pub(super) fn settings(settings: &Settings) -> FieldErrors {
    let mut errors = FieldErrors::new();
    errors.add("superuserIPs", addresses(&settings.superuser_ips));
    errors.add("smtp", smtp(&settings.smtp));
    errors.add("backups", backups(&settings.backups));
    errors.add("s3", s3(&settings.s3));
    errors.add("meta", meta(&settings.meta));
    errors.add("rateLimits", rate_limits(&settings.rate_limits));
    errors.add("batch", batch(&settings.batch));
    errors.add("logs", logs(&settings.logs));
    errors.add("realtime", super::realtime::check(&settings.realtime));
    errors
}

fn addresses(list: &[String]) -> FieldErrors {
    let mut errors = FieldErrors::new();
    for (at, _) in list.iter().enumerate().filter(|(_, text)| !net::is_valid(text)) {
        // The code is spelled so on the wire.
        errors.add(at.to_string(), FieldError::new("validation_invlaid_ip_or_subnet", "Invalid IP or CIDR subnet."));
    }
    errors
}

fn smtp(smtp: &Smtp) -> FieldErrors {
    let mut errors = FieldErrors::new();
    if smtp.enabled {
        errors.check("host", filled(&smtp.host));
    }
    if !smtp.host.is_empty() {
        errors.check("host", host(&smtp.host));
    }
    if smtp.enabled || smtp.port != 0 {
        errors.check("port", at_least(smtp.port, if smtp.enabled { 1 } else { 0 }));
    }
    if !smtp.local_name.is_empty() {
        errors.check("localName", host(&smtp.local_name));
    }
    errors.check("authMethod", one_of(&smtp.auth_method, &["", "LOGIN", "PLAIN"]));
    errors
}

fn s3(s3: &S3) -> FieldErrors {
    let mut errors = FieldErrors::new();
    if s3.enabled {
        let needed = [
            ("endpoint", &s3.endpoint),
            ("bucket", &s3.bucket),
            ("region", &s3.region),
            ("accessKey", &s3.access_key),
            ("secret", &s3.secret),
        ];
        needed.into_iter().for_each(|(name, value)| errors.check(name, filled(value)));
    }
    errors.check("endpoint", url(&s3.endpoint));
    errors
}

fn backups(backups: &Backups) -> FieldErrors {
    let mut errors = FieldErrors::new();
    errors.add("s3", s3(&backups.s3));
    if !backups.cron.is_empty() {
        errors.check("cron", cron(&backups.cron));
    }
    if !backups.cron.is_empty() || backups.cron_max_keep != 0 {
        errors.check("cronMaxKeep", at_least(backups.cron_max_keep, 1));
    }
    errors
}

fn meta(meta: &Meta) -> FieldErrors {
    let mut errors = FieldErrors::new();
    for (name, value) in [("appName", &meta.app_name), ("senderName", &meta.sender_name)] {
        errors.check(name, filled(value).and_then(|()| short(value)));
    }
    errors.check("appURL", filled(&meta.app_url).and_then(|()| url(&meta.app_url)));
    errors.check("senderAddress", filled(&meta.sender_address).and_then(|()| email(&meta.sender_address)));
    errors.check("accentColor", color(&meta.accent_color));
    errors
}

fn batch(batch: &Batch) -> FieldErrors {
    let mut errors = FieldErrors::new();
    let least = i64::from(batch.enabled);
    errors.check("maxRequests", at_least(batch.max_requests, least));
    errors.check("timeout", at_least(batch.timeout, least));
    errors.check("maxBodySize", at_least(batch.max_body_size, 0));
    errors
}

fn logs(logs: &Logs) -> FieldErrors {
    let mut errors = FieldErrors::new();
    errors.check("maxDays", at_least(logs.max_days, 0));
    errors.check("maxDataSize", at_least(logs.max_data_size, 0));
    errors
}

fn rate_limits(limits: &RateLimits) -> FieldErrors {
    let mut errors = FieldErrors::new();
    errors.add("excludedIPs", addresses(&limits.excluded_ips));
    if limits.enabled && limits.rules.is_empty() {
        errors.add("rules", FieldError::required());
    }
    let mut rules = FieldErrors::new();
    for (at, rule) in limits.rules.iter().enumerate() {
        rules.add(at.to_string(), rate_limit(rule));
    }
    if rules.is_empty() {
        conflicts(&limits.rules, &mut rules);
    }
    errors.add("rules", rules);
    errors
}

fn rate_limit(rule: &RateLimitRule) -> FieldErrors {
    let mut errors = FieldErrors::new();
    errors.check("label", filled(&rule.label).and_then(|()| label(&rule.label)));
    errors.check("audience", one_of(&rule.audience, &["", "@guest", "@auth"]));
    errors.check("duration", at_least(rule.duration, 1));
    errors.check("maxRequests", at_least(rule.max_requests, 1));
    errors
}

/// Two rules for the same requests and callers: the second would never count.
fn conflicts(rules: &[RateLimitRule], errors: &mut FieldErrors) {
    for (at, rule) in rules.iter().enumerate() {
        let overlaps = |earlier: &&RateLimitRule| {
            earlier.label == rule.label
                && (earlier.audience == rule.audience || earlier.audience.is_empty() || rule.audience.is_empty())
        };
        if rules[..at].iter().any(|earlier| overlaps(&earlier)) {
            let label = rule.label.as_str();
            let message = format!(
                "Rate limit rule configuration with label {label} already exists or conflicts with another rule."
            );
            let error = FieldError::new("validation_conflicting_rate_limit_rule", message).with("label", label);
            errors.add(at.to_string(), FieldErrors::one("label", error));
        }
    }
}

/// `METHOD /path`, `/path`, `collection:tag`, `*:tag` or one word.
fn label(text: &str) -> Result<(), FieldError> {
    let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let path = |text: &str| {
        text.strip_prefix('/').is_some_and(|rest| rest.chars().all(|c| c.is_ascii_alphanumeric() || "_-/".contains(c)))
    };
    let fits = path(text)
        || word(text)
        || text.split_once(' ').is_some_and(|(method, rest)| word(method) && path(rest))
        || text.split_once(':').is_some_and(|(name, tag)| (name == "*" || word(name)) && word(tag));
    if fits { Ok(()) } else { Err(format_error()) }
}

fn format_error() -> FieldError {
    FieldError::new("validation_match_invalid", "Must be in a valid format.")
}

fn filled(text: &str) -> Result<(), FieldError> {
    if text.trim().is_empty() { Err(FieldError::required()) } else { Ok(()) }
}

fn short(text: &str) -> Result<(), FieldError> {
    if text.chars().count() <= NAME_MAX_CHARS {
        return Ok(());
    }
    let message = format!("The length must be between 1 and {NAME_MAX_CHARS}.");
    Err(FieldError::new("validation_length_out_of_range", message).with("min", 1).with("max", NAME_MAX_CHARS))
}

fn at_least(number: i64, least: i64) -> Result<(), FieldError> {
    if number == 0 && least > 0 {
        return Err(FieldError::required());
    }
    if number >= least {
        return Ok(());
    }
    let message = format!("Must be no less than {least}.");
    Err(FieldError::new("validation_min_greater_equal_than_required", message).with("threshold", least))
}

fn one_of(text: &str, allowed: &[&str]) -> Result<(), FieldError> {
    if allowed.contains(&text) {
        return Ok(());
    }
    Err(FieldError::new("validation_in_invalid", "Must be a valid value."))
}

fn url(text: &str) -> Result<(), FieldError> {
    let fits = text.is_empty() || url::Url::parse(text).is_ok_and(|url| url.has_host()) || host_only(text);
    if fits { Ok(()) } else { Err(FieldError::new("validation_is_url", "Must be a valid URL.")) }
}

/// A host without a scheme counts as a URL when it has a dot or is `localhost`.
fn host_only(text: &str) -> bool {
    let host = text.split(['/', ':', '?', '#']).next().unwrap_or_default();
    let known = host == "localhost" || host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
    known && !text.contains(char::is_whitespace) && url::Url::parse(&format!("http://{text}")).is_ok()
}

/// An address, or labels of letters, digits and `-` with dots between.
fn host(text: &str) -> Result<(), FieldError> {
    let label = |label: &str| {
        let letters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
        !label.is_empty() && label.len() <= 63 && letters && !label.starts_with('-') && !label.ends_with('-')
    };
    let fits = text.parse::<std::net::IpAddr>().is_ok() || text.len() <= 253 && text.split('.').all(label);
    if fits { Ok(()) } else { Err(FieldError::new("validation_is_host", "Must be a valid IP address or DNS name.")) }
}

fn email(text: &str) -> Result<(), FieldError> {
    let fits = text.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.contains('.') && !host.starts_with('.') && !host.ends_with('.')
    }) && !text.contains(|c: char| c.is_whitespace() || c.is_control())
        && text.matches('@').count() == 1;
    if fits { Ok(()) } else { Err(FieldError::new("validation_is_email", "Must be a valid email address.")) }
}

fn color(text: &str) -> Result<(), FieldError> {
    if !text.is_empty() && text.chars().count() != COLOR_CHARS {
        let message = format!("The length must be exactly {COLOR_CHARS}.");
        return Err(FieldError::new("validation_length_invalid", message)
            .with("min", COLOR_CHARS)
            .with("max", COLOR_CHARS));
    }
    let hex = text.strip_prefix('#').is_some_and(|rest| rest.chars().all(|c| c.is_ascii_hexdigit()));
    if text.is_empty() || hex {
        return Ok(());
    }
    Err(FieldError::new("validation_is_hex_color", "Must be a valid hexadecimal color code."))
}

/// Five fields with their bounds, or a macro.
fn cron(text: &str) -> Result<(), FieldError> {
    const MACROS: [&str; 7] = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
    const BOUNDS: [(u32, u32); 5] = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];
    if MACROS.contains(&text) {
        return Ok(());
    }
    let refused = |message: &str| Err(FieldError::new("validation_invalid_cron", message));
    let fields: Vec<&str> = text.split(' ').collect();
    if fields.len() != BOUNDS.len() {
        return refused(
            "Invalid cron expression - must be a valid macro or to have exactly 5 space separated segments.",
        );
    }
    for (field, bounds) in fields.into_iter().zip(BOUNDS) {
        if !field.split(',').all(|part| cron_part(part, bounds)) {
            return refused("Invalid segment value - must be between the min and max of the segment.");
        }
    }
    Ok(())
}

fn cron_part(part: &str, (min, max): (u32, u32)) -> bool {
    let (range, step) = match part.split_once('/') {
        Some((range, step)) => (range, Some(step)),
        None => (part, None),
    };
    let number = |text: &str| text.parse::<u32>().ok().filter(|number| (min..=max).contains(number));
    let step_fits = step.is_none_or(|step| step.parse::<u32>().is_ok_and(|step| (1..=max).contains(&step)));
    let range_fits = match range.split_once('-') {
        _ if range == "*" => true,
        Some((from, to)) => number(from).zip(number(to)).is_some_and(|(from, to)| from <= to),
        None => step.is_none() && number(range).is_some(),
    };
    step_fits && range_fits
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_defaults_are_fine_and_wrong_values_get_their_codes() {
        assert!(settings(&Settings::default()).is_empty());
        let patch = json!({
            "meta": {"appName": "", "appURL": "x", "accentColor": "red", "senderAddress": "x"}, "superuserIPs": ["x"],
            "batch": {"enabled": true, "maxRequests": 0}, "backups": {"cron": "x", "cronMaxKeep": 0},
            "rateLimits": {"rules": [{"label": "x y", "audience": "q"}]}, "smtp": {"authMethod": "x"}, "logs": {"maxDays": -1}
        });
        let wrong = Settings::default().merged(patch.as_object().cloned().expect("an object")).expect("merges");
        let errors = settings(&wrong).to_json();
        for (pointer, code) in [
            ("/meta/appName", "validation_required"),
            ("/meta/appURL", "validation_is_url"),
            ("/meta/accentColor", "validation_length_invalid"),
            ("/meta/senderAddress", "validation_is_email"),
            ("/superuserIPs/0", "validation_invlaid_ip_or_subnet"),
            ("/batch/maxRequests", "validation_required"),
            ("/backups/cron", "validation_invalid_cron"),
            ("/backups/cronMaxKeep", "validation_required"),
            ("/rateLimits/rules/0/label", "validation_match_invalid"),
            ("/rateLimits/rules/0/audience", "validation_in_invalid"),
            ("/rateLimits/rules/0/duration", "validation_required"),
            ("/smtp/authMethod", "validation_in_invalid"),
            ("/logs/maxDays", "validation_min_greater_equal_than_required"),
        ] {
            assert_eq!(errors.pointer(&format!("{pointer}/code")), Some(&json!(code)), "{pointer}");
        }
    }

    #[test]
    fn cron_expressions_keep_their_bounds() {
        for (text, fits) in [
            ("0 0 * * *", true),
            ("*/15 1-5 1,2 * 0", true),
            ("@daily", true),
            ("60 * * * *", false),
            ("* * * *", false),
            ("5-1 * * * *", false),
            ("*/0 * * * *", false),
            ("* * * * 7", false),
        ] {
            assert_eq!(cron(text).is_ok(), fits, "{text}");
        }
    }
}
