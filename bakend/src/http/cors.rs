//! Which origins may read answers.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};

const ANY: HeaderValue = HeaderValue::from_static("*");
const METHODS: HeaderValue = HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE");
const VARY_ORIGIN: HeaderValue = HeaderValue::from_static("Origin");
const VARY_METHOD: HeaderValue = HeaderValue::from_static("Access-Control-Request-Method");
const VARY_HEADERS: HeaderValue = HeaderValue::from_static("Access-Control-Request-Headers");

/// The origins that may read answers: patterns with `*` (any text) and `?` (any character).
#[derive(Clone, Debug)]
pub struct Origins {
    patterns: Vec<String>,
    any: bool,
}

impl Default for Origins {
    fn default() -> Self {
        Self::new(["*"])
    }
}

impl Origins {
    /// These patterns; the case of letters does not matter.
    pub fn new(patterns: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let patterns: Vec<String> =
            patterns.into_iter().map(|pattern| pattern.as_ref().trim().to_ascii_lowercase()).collect();
        let any = patterns.iter().any(|pattern| pattern == "*");
        Self { patterns, any }
    }

    /// The value of `Access-Control-Allow-Origin` for this origin; `None`: it may not read.
    pub(super) fn allowed(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        if self.any {
            return Some(ANY);
        }
        let text = origin.to_str().ok()?.to_ascii_lowercase();
        self.patterns.iter().any(|pattern| matches(pattern.as_bytes(), text.as_bytes())).then(|| origin.clone())
    }

    /// The answer to an `OPTIONS` request.
    pub(super) fn preflight(&self, request: &HeaderMap) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        headers.append(header::VARY, VARY_ORIGIN);
        let Some(allowed) = request.get(header::ORIGIN).and_then(|origin| self.allowed(origin)) else {
            return response;
        };
        headers.append(header::VARY, VARY_METHOD);
        headers.append(header::VARY, VARY_HEADERS);
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        if let Some(asked) = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
        }
        response
    }
}

/// Whether a text fits a pattern; each `*` is tried at its last place only, which is enough.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == b'?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_origins() {
        let origins = Origins::new(["https://*.example.com", "http://localhost:????"]);
        for (origin, allowed) in [
            ("https://a.example.com", true),
            ("https://A.EXAMPLE.com", true),
            ("https://example.com", false),
            ("https://a.example.com.evil.net", false),
            ("http://localhost:3000", true),
            ("http://localhost:80", false),
        ] {
            assert_eq!(origins.allowed(&HeaderValue::from_static(origin)).is_some(), allowed, "{origin}");
        }
    }
}
