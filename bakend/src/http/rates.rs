//! Rate limits: which route a request takes, whether it may, and what the answer says about that.
//!
//! Source: PocketBase web API, rate limits (tags of routes); the `RateLimit-*` headers are those of the IETF's draft 7 and before.

use std::{
    borrow::Cow,
    sync::{Arc, OnceLock},
    time::Duration,
};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use url::form_urlencoded;

use super::extract::Asked;
use crate::{
    Error, Result,
    service::{
        auth::mail_token,
        rates::{Standing, limiter::Request, rules::Labels},
    },
};

const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
const EXPOSED: HeaderValue =
    HeaderValue::from_static("RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After");

/// Where a request leaves its standing for the answer.
#[derive(Clone, Default)]
pub(super) struct Slot(Arc<OnceLock<Standing>>);

impl Slot {
    /// Adds what was left there to the answer's headers.
    pub fn tell(&self, headers: &mut HeaderMap) {
        let Some(standing) = self.0.get() else { return };
        headers.insert(LIMIT, standing.limit.into());
        headers.insert(REMAINING, standing.remaining.into());
        headers.insert(RESET, seconds(standing.reset).into());
    }
}

/// Lets pages of other origins read the headers about limits, if there are any.
pub(super) fn expose(headers: &mut HeaderMap) {
    if headers.contains_key(LIMIT) || headers.contains_key(header::RETRY_AFTER) {
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}

/// Whole seconds, rounded up: whoever waits so long has waited long enough.
pub(super) fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}

/// Counts a request against the rule that is for it. Superusers have no limits.
///
/// # Errors
/// `RateLimited`: there were too many.
pub(super) fn check(asked: &Asked, slot: Option<&Slot>) -> Result<()> {
    if !asked.is_rate_limited() || asked.is_superuser() {
        return Ok(());
    }
    let standing = standing(asked, &asked.method, asked.uri.path());
    if let (Some(slot), Some(standing)) = (slot, standing) {
        // A request is counted once; were it counted twice, the first would stand.
        let _ = slot.0.set(standing);
    }
    verdict(standing)
}

/// The same for a write inside a batch, which counts like one of its own.
///
/// # Errors
/// `RateLimited`: there were too many.
pub(super) fn check_inner(asked: &Asked, method: &str, url: &str) -> Result<()> {
    if !asked.is_rate_limited() || asked.is_superuser() {
        return Ok(());
    }
    let path = url.split('?').next().unwrap_or_default();
    let method = method.to_ascii_uppercase().parse().ok();
    verdict(method.and_then(|method| standing(asked, &method, path)))
}

fn verdict(standing: Option<Standing>) -> Result<()> {
    match standing {
        Some(standing) if !standing.allowed => Err(Error::rate_limited(standing.reset)),
        _ => Ok(()),
    }
}

fn standing(asked: &Asked, method: &Method, path: &str) -> Option<Standing> {
    let path = decoded(path);
    let method = if method == Method::HEAD { &Method::GET } else { method };
    let (name, tags) = tags(method, &path).unwrap_or_default();
    let schema = asked.schema();
    let collection = schema.find(&name).filter(|_| !tags.is_empty());
    let labels = Labels::new(method.as_str(), &path, collection.map(|found| found.name.as_str()), tags);
    let route = match collection {
        Some(collection) => (collection.id.as_str(), tags.first().copied().unwrap_or_default()),
        None => ("", ""),
    };
    let settings = asked.settings();
    let signed_in = asked.signed_in.is_some();
    let request = Request { labels: &labels, route, signed_in, client: asked.address() };
    asked.limiter().take(&settings.rate_limits, &request)
}

/// The collection that a decoded path names, and what its route does with it.
fn tags<'a>(method: &Method, path: &'a str) -> Option<(Cow<'a, str>, &'static [&'static str])> {
    if let Some(page) = path.strip_prefix("/_/auth/") {
        return page_tags(method, page);
    }
    api_tags(method, path).map(|(name, tags)| (Cow::Borrowed(name), tags))
}

/// The pages that mails lead to do what the API does, so they count alike. Which collection is meant, only the token tells: one that lies is
/// refused anyway.
fn page_tags(method: &Method, page: &str) -> Option<(Cow<'static, str>, &'static [&'static str])> {
    let (purpose, token) = page.split_once('/').filter(|_| method == Method::POST)?;
    let tags: &[&str] = match purpose {
        "confirm-verification" => &["confirmVerification"],
        "confirm-password-reset" => &["confirmPasswordReset"],
        "confirm-email-change" => &["confirmEmailChange"],
        _ => return None,
    };
    Some((mail_token::read_unproven(token).collection_id.into(), tags))
}

fn api_tags<'a>(method: &Method, path: &'a str) -> Option<(&'a str, &'static [&'static str])> {
    if let Some(file) = path.strip_prefix("/api/files/") {
        let mut parts = file.split('/');
        let (name, is_file) = (parts.next()?, parts.count() == 2);
        return (is_file && method == Method::GET).then_some((name, &["file"]));
    }
    let (name, rest) = path.strip_prefix("/api/collections/")?.split_once('/')?;
    let tags: &[&str] = match (method.as_str(), rest) {
        ("GET", "records") => &["list"],
        ("POST", "records") => &["create"],
        ("GET", "auth-methods") => &["listAuthMethods"],
        ("POST", "auth-refresh") => &["authRefresh"],
        ("POST", "auth-with-password") => &["authWithPassword", "auth"],
        ("POST", "auth-with-oauth2") => &["authWithOAuth2", "auth"],
        ("POST", "auth-with-otp") => &["authWithOTP", "auth"],
        ("POST", "auth-with-passkey") => &["authWithPasskey", "auth"],
        // A step before a sign-in is counted apart from it, as with one-time passwords.
        ("POST", "auth-with-passkey/begin") => &["requestPasskey"],
        ("GET", "passkeys") => &["listPasskeys"],
        ("POST", "passkeys/begin") => &["requestPasskeyRegistration"],
        ("POST", "passkeys") => &["registerPasskey"],
        ("POST", "auth-with-totp") => &["authWithTOTP", "auth"],
        ("GET", "totp") => &["viewTOTP"],
        ("POST", "totp") => &["requestTOTP"],
        ("POST", "totp/confirm") => &["confirmTOTP"],
        ("POST", "totp/recovery-codes") => &["renewRecoveryCodes"],
        ("DELETE", "totp") => &["removeTOTP"],
        ("POST", "request-otp") => &["requestOTP"],
        ("POST", "request-password-reset") => &["requestPasswordReset"],
        ("POST", "confirm-password-reset") => &["confirmPasswordReset"],
        ("POST", "request-verification") => &["requestVerification"],
        ("POST", "confirm-verification") => &["confirmVerification"],
        ("POST", "request-email-change") => &["requestEmailChange"],
        ("POST", "confirm-email-change") => &["confirmEmailChange"],
        (method, rest) => match (method, rest.split_once('/')?) {
            (_, (_, id)) if id.contains('/') => return None,
            ("GET", ("records", _)) => &["view"],
            ("PATCH", ("records", _)) => &["update"],
            ("DELETE", ("records", _)) => &["delete"],
            ("PATCH", ("passkeys", _)) => &["renamePasskey"],
            ("DELETE", ("passkeys", _)) => &["removePasskey"],
            _ => return None,
        },
    };
    Some((name, tags))
}

/// Percent-encoding undone: `/%61pi` is `/api`, also for who counts.
fn decoded(path: &str) -> Cow<'_, str> {
    if !path.contains('%') {
        return Cow::Borrowed(path);
    }
    let pair = format!("x={}", path.replace('+', "%2B").replace('&', "%26"));
    let value = form_urlencoded::parse(pair.as_bytes()).next().map(|(_, value)| value.into_owned());
    Cow::Owned(value.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_have_their_tags() {
        for (method, path, expected) in [
            ("GET", "/api/collections/a/records", Some(("a", "list"))),
            ("POST", "/api/collections/a/records", Some(("a", "create"))),
            ("GET", "/api/collections/a/records/x", Some(("a", "view"))),
            ("PATCH", "/api/collections/a/records/x", Some(("a", "update"))),
            ("DELETE", "/api/collections/a/records/x", Some(("a", "delete"))),
            ("POST", "/api/collections/a/auth-with-password", Some(("a", "authWithPassword"))),
            ("POST", "/api/collections/a/auth-with-passkey", Some(("a", "authWithPasskey"))),
            ("POST", "/api/collections/a/auth-with-passkey/begin", Some(("a", "requestPasskey"))),
            ("POST", "/api/collections/a/passkeys/begin", Some(("a", "requestPasskeyRegistration"))),
            ("PATCH", "/api/collections/a/passkeys/x", Some(("a", "renamePasskey"))),
            ("DELETE", "/api/collections/a/passkeys/x", Some(("a", "removePasskey"))),
            ("POST", "/api/collections/a/passkeys/x/y", None),
            ("DELETE", "/api/collections/a/totp", Some(("a", "removeTOTP"))),
            ("POST", "/api/collections/a/totp/confirm", Some(("a", "confirmTOTP"))),
            ("GET", "/api/files/a/x/y.png", Some(("a", "file"))),
            ("POST", "/api/files/token", None),
            ("GET", "/api/collections/a/records/x/y", None),
            ("GET", "/api/collections/a", None),
            ("GET", "/api/health", None),
            // {"collectionId":"a"}
            (
                "POST",
                "/_/auth/confirm-verification/x.eyJjb2xsZWN0aW9uSWQiOiJhIn0.x",
                Some(("a", "confirmVerification")),
            ),
            ("POST", "/_/auth/confirm-verification/nonsense", Some(("", "confirmVerification"))),
            (
                "POST",
                "/_/auth/confirm-password-reset/x.eyJjb2xsZWN0aW9uSWQiOiJhIn0.x",
                Some(("a", "confirmPasswordReset")),
            ),
            ("GET", "/_/auth/confirm-verification/x.eyJjb2xsZWN0aW9uSWQiOiJhIn0.x", None),
            ("POST", "/_/auth/install/x", None),
        ] {
            let method = method.parse().expect("a method");
            let found = tags(&method, path);
            let found = found.as_ref().map(|(name, tags)| (name.as_ref(), tags[0]));
            assert_eq!(found, expected, "{method} {path}");
        }
    }

    #[test]
    fn an_encoded_path_is_the_path_it_means() {
        for (path, expected) in [("/api/x", "/api/x"), ("/%61pi/a+b%2Fc&d=e", "/api/a+b/c&d=e")] {
            assert_eq!(decoded(path), expected);
        }
    }

    #[test]
    fn a_wait_is_rounded_up() {
        for (ms, whole) in [(0, 0), (1, 1), (1000, 1), (1001, 2)] {
            assert_eq!(seconds(Duration::from_millis(ms)), whole);
        }
    }
}
