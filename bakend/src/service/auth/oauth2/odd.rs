//! What single providers do in their own way.

use serde_json::Value as Json;

use super::profile::{Profile, is_true, text};

/// Changes what was read from the answer of the user endpoint (first) and of the token endpoint (second).
pub(super) type After = fn(&Json, &Json, &mut Profile);

/// Apple's keys; it has no user endpoint.
pub(super) const APPLE_KEYS: &str = "https://appleid.apple.com/auth/keys";
/// Who signs Apple's id tokens.
pub(super) const APPLE_ISSUER: &str = "https://appleid.apple.com";
/// Microsoft's keys, of all tenants.
pub(super) const MICROSOFT_KEYS: &str = "https://login.microsoftonline.com/common/discovery/v2.0/keys";

/// Where a provider lists a person's addresses, and how one that may be trusted is told from the others.
#[derive(Clone, Copy)]
pub(super) struct Addresses {
    /// What takes the place of the last part of the user endpoint's path (`../x`), or comes after it.
    pub path: &'static str,
    /// Where the list is in the answer.
    pub list: &'static str,
    /// Flags that all must be set.
    pub flags: &'static [&'static str],
    /// A property and what it must be.
    pub state: Option<(&'static str, &'static str)>,
    /// Whether the user endpoint's own address will do.
    pub own: bool,
}

/// Also Gitea, which speaks like it.
pub(super) const GITHUB: Addresses =
    Addresses { path: "/emails", list: "", flags: &["/primary", "/verified"], state: None, own: false };
pub(super) const BITBUCKET: Addresses =
    Addresses { path: "/emails", list: "/values", flags: &["/is_primary", "/is_confirmed"], state: None, own: false };
/// A user endpoint that hides the address says so in words where it should be.
pub(super) const GITEE: Addresses =
    Addresses { path: "../emails", list: "", flags: &[], state: Some(("/state", "confirmed")), own: true };

impl Addresses {
    /// The URL of the list.
    pub fn url(self, user_url: &str) -> String {
        let bare = user_url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        match self.path.strip_prefix("../") {
            Some(sibling) => format!("{}/{sibling}", bare.rsplit_once('/').map_or(bare, |(folder, _)| folder)),
            None => format!("{bare}{}", self.path),
        }
    }

    /// The primary address that the provider vouches for.
    pub fn trusted(self, answer: &Json) -> Option<String> {
        let list = answer.pointer(self.list)?.as_array()?;
        let is_trusted = |entry: &&Json| {
            let state = self.state.is_none_or(|(path, value)| text(entry, path) == value);
            state && self.flags.iter().all(|flag| is_true(entry, flag)) && (!self.flags.is_empty() || is_primary(entry))
        };
        list.iter().find(is_trusted).map(|entry| text(entry, "/email")).filter(|email| !email.is_empty())
    }
}

/// Gitee tells what an address is for in a list.
fn is_primary(entry: &Json) -> bool {
    let scope = entry.get("scope").and_then(Json::as_array);
    scope.is_some_and(|scope| scope.iter().any(|use_| use_ == "primary"))
}

pub(super) fn nothing(_: &Json, _: &Json, _: &mut Profile) {}

pub(super) fn yandex(user: &Json, _: &Json, profile: &mut Profile) {
    let id = text(user, "/default_avatar_id");
    if !is_true(user, "/is_avatar_empty") && !id.is_empty() {
        profile.avatar_url = format!("https://avatars.yandex.net/get-yapic/{id}/islands-200");
    }
}

/// Names of before 2023 are told apart by four digits; newer ones have a `0` there.
pub(super) fn discord(user: &Json, _: &Json, profile: &mut Profile) {
    let (id, picture, digits) = (&profile.id, text(user, "/avatar"), text(user, "/discriminator"));
    if !picture.is_empty() {
        profile.avatar_url = format!("https://cdn.discordapp.com/avatars/{id}/{picture}.png");
    }
    if profile.name.is_empty() {
        profile.name = match digits.as_str() {
            "" | "0" => profile.username.clone(),
            digits => format!("{}#{digits}", profile.username),
        };
    }
}

/// The address comes with the token.
pub(super) fn vk(user: &Json, token: &Json, profile: &mut Profile) {
    profile.name = joined(user, "/response/0/first_name", "/response/0/last_name");
    profile.email = text(token, "/email");
}

pub(super) fn strava(user: &Json, _: &Json, profile: &mut Profile) {
    profile.name = joined(user, "/firstname", "/lastname");
    if profile.id == "0" {
        profile.id.clear();
    }
}

pub(super) fn wakatime(user: &Json, _: &Json, profile: &mut Profile) {
    if !is_true(user, "/data/photo_public") {
        profile.avatar_url.clear();
    }
}

/// User names are addresses of its own server.
pub(super) fn mailcow(_: &Json, _: &Json, profile: &mut Profile) {
    if let Some((name, _)) = profile.username.split_once('@') {
        profile.username = name.to_owned();
    }
}

fn joined(user: &Json, first: &str, last: &str) -> String {
    format!("{} {}", text(user, first), text(user, last)).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_primary_and_verified_addresses_are_trusted() {
        let entry = |email: &str, primary, verified| json!({"email": email, "primary": primary, "verified": verified});
        let list = json!([entry("a", false, true), entry("b", true, false), entry("c", true, true)]);
        assert_eq!(GITHUB.trusted(&list).as_deref(), Some("c"));
        for nothing in [json!([entry("b", true, false)]), json!([]), json!({"message": "no"}), json!(null), json!([5])]
        {
            assert_eq!(GITHUB.trusted(&nothing), None, "{nothing}");
        }
        let gitee = |state: &str, scope: Json| json!([{"email": "g", "state": state, "scope": scope}]);
        assert_eq!(GITEE.trusted(&gitee("confirmed", json!(["notified", "primary"]))).as_deref(), Some("g"));
        assert_eq!(GITEE.trusted(&gitee("unconfirmed", json!(["primary"]))), None);
        assert_eq!(GITEE.trusted(&gitee("confirmed", json!(["notified"]))), None);
    }

    #[test]
    fn the_list_of_addresses_is_near_the_user() {
        assert_eq!(GITHUB.url("https://git.example.com/api/v1/user?x=1"), "https://git.example.com/api/v1/user/emails");
        assert_eq!(GITEE.url("https://gitee.com/api/v5/user"), "https://gitee.com/api/v5/emails");
    }
}
