//! Which rule counts for a request.
//!
//! Source: PocketBase web API, rate limits: labels and their precedence.

use crate::service::settings::RateLimitRule;

/// The labels that a request answers to, the most telling first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    texts: Vec<String>,
}

impl Labels {
    /// Of a method and a decoded path; `collection` is its name, if there is one, `tags` what the route does.
    pub fn new(method: &str, path: &str, collection: Option<&str>, tags: &[&str]) -> Self {
        let of_collection = collection.into_iter().flat_map(|name| tags.iter().map(move |tag| format!("{name}:{tag}")));
        let of_any = tags.iter().filter(|_| collection.is_some()).map(|tag| format!("*:{tag}"));
        let texts = of_collection.chain(of_any).chain([format!("{method} {path}"), path.to_owned()]).collect();
        Self { texts }
    }
}

/// The rule that counts, by its position: for each label first one of exactly this text, then one whose text ends in `/` and begins the
/// label, in the order of the rules. Rules for another audience do not count.
pub fn find(rules: &[RateLimitRule], labels: &Labels, signed_in: bool) -> Option<usize> {
    let fits = |rule: &RateLimitRule| match rule.audience.as_str() {
        "@auth" => signed_in,
        "@guest" => !signed_in,
        _ => true,
    };
    let position = |is: &dyn Fn(&RateLimitRule) -> bool| rules.iter().position(|rule| fits(rule) && is(rule));
    labels.texts.iter().find_map(|label| {
        let exact = position(&|rule| rule.label == *label);
        exact.or_else(|| position(&|rule| rule.label.ends_with('/') && begins(&rule.label, label)))
    })
}

/// Whether a path is, or is below, what a rule names: `/api/` names `/api` too.
fn begins(prefix: &str, label: &str) -> bool {
    label.starts_with(prefix) || prefix.strip_suffix('/') == Some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(rules: &[(&str, &str)], labels: &Labels, signed_in: bool) -> Option<usize> {
        let rule = |(label, audience): &(&str, &str)| RateLimitRule {
            label: (*label).to_owned(),
            audience: (*audience).to_owned(),
            ..RateLimitRule::default()
        };
        find(&rules.iter().map(rule).collect::<Vec<_>>(), labels, signed_in)
    }

    #[test]
    fn the_most_telling_label_counts() {
        let list = Labels::new("GET", "/api/collections/posts/records", Some("posts"), &["list"]);
        let sign_in = Labels::new(
            "POST",
            "/api/collections/users/auth-with-password",
            Some("users"),
            &["authWithPassword", "auth"],
        );
        let health = Labels::new("GET", "/api/health", None, &[]);
        for (rules, labels, expected) in [
            (&[("/api/", ""), ("*:list", ""), ("posts:list", "")][..], &list, Some(2)),
            (&[("/api/", ""), ("*:list", "")], &list, Some(1)),
            (&[("/api/", ""), ("GET /api/collections/posts/records", "")], &list, Some(1)),
            (&[("/api/", ""), ("/api/collections/posts/records", "")], &list, Some(1)),
            (&[("GET /api/", ""), ("/api/collections/posts/records", "")], &list, Some(0)),
            (&[("/other/", ""), ("/api/collections/", ""), ("/api/", "")], &list, Some(1)),
            (&[("*:auth", ""), ("users:auth", "")], &sign_in, Some(1)),
            (&[("*:auth", ""), ("*:authWithPassword", "")], &sign_in, Some(1)),
            (&[("list", "")], &list, None),
            (&[("*:list", "")], &health, None),
            (&[("/api/health/", "")], &health, Some(0)),
            (&[("/api/heal", "")], &health, None),
            (&[], &health, None),
        ] {
            assert_eq!(found(rules, labels, false), expected, "{rules:?} {labels:?}");
        }
    }

    #[test]
    fn a_rule_counts_for_its_audience_only() {
        let health = Labels::new("GET", "/api/health", None, &[]);
        let rules = [("/api/health", "@auth"), ("/api/", "@guest")];
        assert_eq!(found(&rules, &health, true), Some(0));
        assert_eq!(found(&rules, &health, false), Some(1));
    }
}
