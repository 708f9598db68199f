//! From a code to the provider's tokens.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use jiff::SignedDuration;
use serde_json::{Map, Value as Json};
use url::form_urlencoded;

use super::{Kept, profile::text, provider::Provider};
use crate::{Error, Result, clock, store::outbound::Asked};

/// Longest life of a token that a provider may claim, in seconds: a hundred years.
const LIFE_MAX_SECONDS: i64 = 100 * 365 * 24 * 60 * 60;

/// What a client brings back from the provider.
#[derive(Clone, Debug, Default)]
pub(super) struct Brought<'a> {
    /// Good once.
    pub code: &'a str,
    /// What the code is bound to.
    pub verifier: &'a str,
    /// Where the provider sent it.
    pub redirect_url: &'a str,
}

/// What the provider gives for a code.
#[derive(Clone, Debug, Default)]
pub(super) struct Grant {
    pub access_token: String,
    /// `""`: none.
    pub refresh_token: String,
    /// When the access token ends, as the wire writes it; `""`: it does not say.
    pub expiry: String,
    /// `""`: none.
    pub id_token: String,
    /// The whole answer.
    pub answer: Json,
}

/// Exchanges a code. The client's secret goes into the header, as the standard wants it; into the body for those that want it there.
///
/// # Errors
/// `Invalid`: the provider refuses it, or does not answer as one should.
pub(super) async fn exchange(kept: &Kept, provider: &Provider<'_>, brought: &Brought<'_>) -> Result<Grant> {
    let in_body = kept.wants_secret_in_body.get(&provider.token_url).is_some();
    let first = attempt(kept, provider, brought, in_body).await;
    if first.is_ok() || in_body {
        return first;
    }
    match attempt(kept, provider, brought, true).await {
        Ok(grant) => {
            kept.wants_secret_in_body.insert(provider.token_url.clone(), ());
            Ok(grant)
        }
        // The first answer is the one that tells what is wrong.
        Err(_) => first,
    }
}

async fn attempt(kept: &Kept, provider: &Provider<'_>, brought: &Brought<'_>, in_body: bool) -> Result<Grant> {
    let (body, headers) = request(provider, brought, in_body);
    let body = Some(("application/x-www-form-urlencoded", body));
    let told = kept.outbound.ask(Asked { url: &provider.token_url, headers, body }).await?;
    if !told.is_success() {
        let words = String::from_utf8_lossy(&told.body[..told.body.len().min(REASON_MAX_BYTES)]).into_owned();
        return Err(Error::invalid("").caused_by(format!("the token endpoint answers {}: {words}", told.status)));
    }
    read(&told.body, &told.content_type)
}

/// As much of a refusal as the log repeats, in bytes.
const REASON_MAX_BYTES: usize = 500;

/// Form and headers.
fn request(provider: &Provider<'_>, brought: &Brought<'_>, in_body: bool) -> (String, Vec<(&'static str, String)>) {
    let (id, secret) = (provider.set.client_id.as_str(), provider.set.client_secret.as_str());
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "authorization_code").append_pair("code", brought.code);
    if !brought.redirect_url.is_empty() {
        form.append_pair("redirect_uri", brought.redirect_url);
    }
    if provider.pkce() && !brought.verifier.is_empty() {
        form.append_pair("code_verifier", brought.verifier);
    }
    let mut headers = Vec::new();
    if in_body {
        form.append_pair("client_id", id).append_pair("client_secret", secret);
    } else {
        let pair = STANDARD.encode(format!("{}:{}", encoded(id), encoded(secret)));
        headers.push(("authorization", format!("Basic {pair}")));
    }
    (form.finish(), headers)
}

fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn read(body: &[u8], content_type: &str) -> Result<Grant> {
    let answer = match serde_json::from_slice(body) {
        Ok(Json::Object(answer)) => Json::Object(answer),
        // Some old ones answer with a form.
        _ if content_type.starts_with("application/x-www-form-urlencoded")
            || content_type.starts_with("text/plain") =>
        {
            let pairs =
                form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), Json::from(value.into_owned())));
            Json::Object(pairs.collect::<Map<_, _>>())
        }
        _ => return Err(Error::invalid("").caused_by("the token endpoint's answer is no object")),
    };
    let access_token = text(&answer, "/access_token");
    if access_token.is_empty() {
        return Err(Error::invalid("").caused_by(format!("no access token: {}", text(&answer, "/error"))));
    }
    let seconds: f64 = text(&answer, "/expires_in").parse().unwrap_or_default();
    let expiry = if seconds >= 1.0 {
        // Cut off, and never beyond what a moment can be.
        let seconds = SignedDuration::try_from_secs_f64(seconds.min(LIFE_MAX_SECONDS as f64)).unwrap_or_default();
        clock::text(clock::now() + seconds)
    } else {
        String::new()
    };
    Ok(Grant {
        access_token,
        refresh_token: text(&answer, "/refresh_token"),
        expiry,
        id_token: text(&answer, "/id_token"),
        answer,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_objects_or_forms_with_a_token() {
        let json =
            read(br#"{"access_token":"a","expires_in":"3600","refresh_token":"r"}"#, "text/html").expect("reads");
        assert_eq!((json.access_token.as_str(), json.refresh_token.as_str(), json.expiry.len()), ("a", "r", 24));
        let form =
            read(b"access_token=a%2Bb&scope=x", "application/x-www-form-urlencoded; charset=utf-8").expect("reads");
        assert_eq!((form.access_token.as_str(), form.expiry.as_str()), ("a+b", ""));
        for (body, kind) in [
            ("{}", "application/json"),
            ("[]", "application/json"),
            ("<html>", "text/html"),
            (r#"{"access_token":""}"#, "application/json"),
            (r#"{"error":"invalid_grant"}"#, "application/json"),
            ("error=bad_verification_code", "application/x-www-form-urlencoded"),
        ] {
            assert!(read(body.as_bytes(), kind).is_err(), "{body}");
        }
        for seconds in ["1e300", "-5", "\"x\"", "null"] {
            let body = format!(r#"{{"access_token":"a","expires_in":{seconds}}}"#);
            assert!(read(body.as_bytes(), "application/json").is_ok(), "{seconds}");
        }
    }
}
