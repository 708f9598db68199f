//! How often each client has asked, by the rules of the settings.

use std::{
    hash::{BuildHasher, RandomState},
    net::IpAddr,
    sync::Arc,
    time::Duration,
};

use quick_cache::sync::Cache;

use super::{
    guesses::network,
    rules::{self, Labels},
    window::{Standing, Window, now_ms},
};
use crate::{limits, service::settings::RateLimits};

/// Counts by rule, route and client; bounded in number.
pub struct Limiter {
    windows: Cache<u64, Arc<Window>>,
    hasher: RandomState,
}

impl Default for Limiter {
    fn default() -> Self {
        Self { windows: Cache::new(limits::RATE_LIMITED_CLIENTS_MAX), hasher: RandomState::new() }
    }
}

/// A request, as the rules see it.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// What it answers to.
    pub labels: &'a Labels,
    /// What rules count apart: the id of the collection and the route; empty when only the rule tells.
    pub route: (&'a str, &'a str),
    /// Whether somebody is signed in.
    pub signed_in: bool,
    /// From where.
    pub client: IpAddr,
}

impl Limiter {
    /// Counts a request; `None`: no rule is for it, or the client is excluded.
    pub fn take(&self, settings: &RateLimits, request: &Request<'_>) -> Option<Standing> {
        self.take_at(settings, request, now_ms())
    }

    fn take_at(&self, settings: &RateLimits, request: &Request<'_>, now: u64) -> Option<Standing> {
        let rule = &settings.rules[rules::find(&settings.rules, request.labels, request.signed_in)?];
        if settings.excludes(request.client) {
            return None;
        }
        // The bound is part of the key, so that a changed rule starts anew.
        let rule_key = (&rule.label, &rule.audience, rule.duration, rule.max_requests);
        let key = self.hasher.hash_one((rule_key, request.route, network(request.client)));
        let window = self.windows.get_or_insert_with::<_, std::convert::Infallible>(&key, || Ok(Arc::default()));
        let length = Duration::from_secs(rule.duration.max(1).unsigned_abs());
        let max = u64::try_from(rule.max_requests).unwrap_or(0);
        Some(window.unwrap_or_default().take(now, length, max))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::settings::RateLimitRule;

    fn settings(max_requests: i64) -> RateLimits {
        let rule = RateLimitRule { label: "/api/".to_owned(), audience: String::new(), duration: 10, max_requests };
        RateLimits { rules: vec![rule], excluded_ips: vec!["10.9.0.0/16".to_owned()], enabled: true }
    }

    #[test]
    fn clients_and_routes_count_apart_and_a_changed_rule_starts_anew() {
        let limiter = Limiter::default();
        let labels = Labels::new("GET", "/api/health", None, &[]);
        let take = |max, route, client: [u8; 4], now| {
            let request = Request { labels: &labels, route, signed_in: false, client: IpAddr::from(client) };
            limiter.take_at(&settings(max), &request, now).map(|standing| standing.allowed)
        };
        let (one, two) = ([10, 0, 0, 1], [10, 0, 0, 2]);
        assert_eq!([take(1, ("", ""), one, 0), take(1, ("", ""), one, 0)], [Some(true), Some(false)]);
        assert_eq!(take(1, ("", ""), two, 0), Some(true), "another client");
        assert_eq!(take(1, ("posts", "list"), one, 0), Some(true), "another route");
        assert_eq!(take(2, ("", ""), one, 0), Some(true), "another bound");
        assert_eq!(take(1, ("", ""), one, 10_000), Some(true), "another window");
        assert_eq!(take(1, ("", ""), [10, 9, 0, 1], 0), None, "excluded");
    }

    #[test]
    fn memory_is_bounded() {
        let limiter = Limiter::default();
        let labels = Labels::new("GET", "/api/x", None, &[]);
        for n in 0..limits::RATE_LIMITED_CLIENTS_MAX as u32 * 2 {
            let client = IpAddr::from(n.to_be_bytes());
            limiter.take_at(&settings(1), &Request { labels: &labels, route: ("", ""), signed_in: false, client }, 0);
        }
        assert!(limiter.windows.len() <= limits::RATE_LIMITED_CLIENTS_MAX);
    }
}
