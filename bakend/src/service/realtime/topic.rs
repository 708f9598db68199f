//! A topic: what a client wants to hear of, and how it wants to see it.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value as Json};
use url::form_urlencoded;

/// The topic of a sign-in with OAuth2: its one message ends it.
pub const OAUTH2: &str = "@oauth2";
/// The topic of what concerns the signed-in account: itself and what belongs to it (`{"action":…,"record":{…}}`), its sessions (the same with
/// `"kind":"sessions"`), and `{"action":"signedOut"}` when the token is no longer good.
pub const ME: &str = "@me";
/// What topics of channels start with.
pub const CHANNEL_PREFIX: &str = "@channel/";
/// What topics of the system start with; for superusers: `@system/collections`, `@system/settings`, `@system/sessions`, and what the program
/// tells with [`Realtime::system`](super::Realtime::system). Events are `{"kind":…,"action":…,"record":{…}}`, rows as the API shows them; of
/// what was deleted there is enough to say what is gone.
pub const SYSTEM_PREFIX: &str = "@system/";
/// The topic of everything in the system; for superusers.
pub const SYSTEM_ALL: &str = "@system/*";
/// What stands between a topic and its options.
const OPTIONS: &str = "options";

/// A subscription, taken apart once.
#[derive(Debug)]
pub struct Topic {
    /// As the client sent it: the name of its events.
    pub text: Arc<str>,
    /// The part before the options.
    pub head: Arc<str>,
    /// What rules see as `@request.query`; `filter`, `expand` and `fields` among it.
    pub query: BTreeMap<String, String>,
    /// What rules see as `@request.headers`.
    pub headers: BTreeMap<String, String>,
}

impl Topic {
    /// Takes a subscription apart. Options that cannot be read count as none.
    pub fn parse(text: &str) -> Self {
        let (head, options) = text.split_once('?').unwrap_or((text, ""));
        let found = form_urlencoded::parse(options.as_bytes()).find(|(name, _)| name == OPTIONS);
        let options: Map<String, Json> =
            found.and_then(|(_, value)| serde_json::from_str(&value).ok()).unwrap_or_default();
        let query = texts(options.get("query"), str::to_owned);
        let headers = texts(options.get("headers"), |name| name.to_ascii_lowercase().replace('-', "_"));
        Self { text: text.into(), head: head.into(), query, headers }
    }

    /// An option of the query; `""` when it was not given.
    pub fn option(&self, name: &str) -> &str {
        self.query.get(name).map(String::as_str).unwrap_or_default()
    }
}

fn texts(given: Option<&Json>, name: fn(&str) -> String) -> BTreeMap<String, String> {
    let Some(Json::Object(given)) = given else { return BTreeMap::new() };
    let text = |value: &Json| match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    };
    given.iter().map(|(key, value)| (name(key), text(value))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_is_a_head_and_options() {
        let text = "posts/*?options=%7B%22query%22%3A%7B%22fields%22%3A%22id%22%2C%22n%22%3A1%7D%2C%22headers%22%3A%7B%22X-Token%22%3A%22t%22%7D%7D";
        let topic = Topic::parse(text);
        assert_eq!((&*topic.text, &*topic.head), (text, "posts/*"));
        assert_eq!((topic.option("fields"), topic.option("n"), topic.option("filter")), ("id", "1", ""));
        assert_eq!(topic.headers.get("x_token").map(String::as_str), Some("t"));
        for text in ["posts", "posts?options=zzz", "posts?options=[1]", "posts?"] {
            let topic = Topic::parse(text);
            assert_eq!((&*topic.head, topic.query.len(), topic.headers.len()), ("posts", 0, 0), "{text}");
        }
    }
}
