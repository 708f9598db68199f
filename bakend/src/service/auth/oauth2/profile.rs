//! Who somebody is at a provider, read from its answers.

use serde_json::Value as Json;

use super::table::Row;
use crate::{Error, Result};

/// A person at a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Profile {
    /// Theirs alone, for ever.
    pub id: String,
    /// To be shown.
    pub name: String,
    /// Theirs alone, for now.
    pub username: String,
    /// Only when the provider vouches for it.
    pub email: String,
    /// A picture.
    pub avatar_url: String,
}

/// Reads the answer of the user endpoint; `token` is that of the token endpoint.
///
/// # Errors
/// `Invalid`: the account is not active there, or there is none.
pub(super) fn read(row: &Row, user: &Json, token: &Json) -> Result<Profile> {
    let paths = &row.paths;
    if let Some((path, wanted)) = paths.active
        && text(user, path) != wanted
    {
        return Err(Error::invalid("").caused_by("the account is not active at the provider"));
    }
    if let Some((list, _)) = paths.id.split_once("/0/")
        && user.pointer(&format!("{list}/0")).is_none()
    {
        return Err(Error::invalid("").caused_by("the provider knows nobody with this token"));
    }
    let at = |path: &str| if path.is_empty() { String::new() } else { text(user, path) };
    let mut profile = Profile {
        id: at(paths.id),
        name: at(paths.name),
        username: at(paths.username),
        email: at(paths.email),
        avatar_url: at(paths.avatar),
    };
    if !paths.verified.iter().all(|path| is_true(user, path)) {
        profile.email.clear();
    }
    (row.after)(user, token, &mut profile);
    Ok(profile)
}

/// The text at a pointer; numbers and flags as they are written, `""` for everything else.
pub(super) fn text(json: &Json, pointer: &str) -> String {
    match json.pointer(pointer) {
        Some(Json::String(text)) => text.clone(),
        Some(value @ (Json::Number(_) | Json::Bool(_))) => value.to_string(),
        _ => String::new(),
    }
}

/// Whether what is at a pointer says yes: some providers write flags as texts, or say when instead of whether.
pub(super) fn is_true(json: &Json, pointer: &str) -> bool {
    match json.pointer(pointer) {
        Some(Json::Bool(flag)) => *flag,
        Some(Json::Number(number)) => number.as_f64().is_some_and(|number| number != 0.0),
        Some(Json::String(text)) => !matches!(text.to_ascii_lowercase().as_str(), "" | "0" | "f" | "false" | "no"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::service::auth::oauth2::table;

    fn profile(name: &str, user: &Json) -> Result<Profile> {
        read(table::find(name).expect("a provider"), user, &json!({"email": "token@example.com"}))
    }

    #[test]
    fn an_address_counts_only_when_the_provider_vouches_for_it() {
        for (name, user, email) in [
            ("google", json!({"email": "a", "email_verified": true}), "a"),
            ("google", json!({"email": "a", "email_verified": false}), ""),
            ("google", json!({"email": "a"}), ""),
            ("google", json!({"email": "a", "email_verified": "false"}), ""),
            ("oidc", json!({"email": "a", "email_verified": "true"}), "a"),
            ("oidc", json!({"email": "a", "email_verified": "FALSE"}), ""),
            ("gitlab", json!({"email": "a", "confirmed_at": "2020-01-01"}), "a"),
            ("gitlab", json!({"email": "a", "confirmed_at": null}), ""),
            ("kakao", json!({"kakao_account": {"email": "a", "is_email_valid": true, "is_email_verified": true}}), "a"),
            ("kakao", json!({"kakao_account": {"email": "a", "is_email_valid": true}}), ""),
            ("github", json!({"email": "a"}), ""),
            ("spotify", json!({"email": "a"}), ""),
            ("vk", json!({"response": [{"id": 1}]}), "token@example.com"),
        ] {
            assert_eq!(profile(name, &user).expect("reads").email, email, "{name} {user}");
        }
    }

    #[test]
    fn a_closed_account_is_nobody() {
        for (name, user) in [
            ("box", json!({"id": "1", "status": "inactive"})),
            ("linear", json!({"data": {"viewer": {"id": "1", "active": false}}})),
            ("monday", json!({"data": {"me": {"id": "1"}}})),
            ("mailcow", json!({"id": "1", "active": 0})),
            ("bitbucket", json!({"uuid": "1"})),
            ("planningcenter", json!({"data": {"id": "1", "attributes": {"status": "inactive"}}})),
        ] {
            assert!(profile(name, &user).is_err(), "{name}");
        }
    }

    #[test]
    fn names_and_pictures_are_put_together_as_each_provider_has_it() {
        let user = json!({"id": "8", "username": "ann", "discriminator": "1234", "avatar": "h"});
        let discord = profile("discord", &user).expect("reads");
        assert_eq!(discord.name, "ann#1234");
        assert_eq!(discord.avatar_url, "https://cdn.discordapp.com/avatars/8/h.png");
        let strava = profile("strava", &json!({"id": 0, "firstname": "Ann", "lastname": ""})).expect("reads");
        assert_eq!((strava.id.as_str(), strava.name.as_str()), ("", "Ann"));
        let mailcow = profile("mailcow", &json!({"id": "1", "active": 1, "username": "ann@x"})).expect("reads");
        assert_eq!(mailcow.username, "ann");
    }
}
