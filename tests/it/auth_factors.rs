//! OAuth2, passkeys and authenticator apps: who may ask for what, and what stays when something goes.

use serde_json::{Value as Json, json};

use crate::{
    client::{Ask, PASSWORD, Server, get, patch, post, status},
    world::{Guest, Superuser, Who},
};

const USERS: &str = "/api/collections/users";

/// A server whose users may have passkeys and authenticator apps.
async fn server() -> Server {
    let server = Server::start().await;
    turn_on(&server, "users").await;
    server
}

async fn turn_on(server: &Server, collection: &str) {
    let options = json!({"passkey": {"enabled": true}, "totp": {"enabled": true}});
    server.made(patch(&format!("/api/collections/{collection}"), options)).await;
}

/// An account of another collection of accounts.
async fn stranger(server: &Server) -> Who {
    server.made(post("/api/collections", json!({"name": "staff", "type": "auth", "createRule": ""}))).await;
    let body = json!({"email": "eve@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD});
    server.record("staff", body).await;
    Who::Token(server.token("staff", "eve@example.com", PASSWORD).await)
}

async fn key(server: &Server, who: &Who, scopes: Json) -> Who {
    let answer = server.ask(who, post("/api/api-keys", json!({"name": "k", "scopes": scopes}))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    Who::Token(answer.json()["key"].as_str().expect("a key").to_owned())
}

/// `DELETE` with a body.
fn delete(path: &str, body: Json) -> Ask {
    Ask::new("DELETE", path).json(body)
}

/// Each endpoint for one's own account, with a body that is good enough to get past the guard, and the status it then has for its owner.
fn own_endpoints() -> Vec<(Ask, u16)> {
    let at = |path: &str| format!("{USERS}/{path}");
    vec![
        (get(&at("passkeys")), 200),
        (post(&at("passkeys/begin"), json!({})), 200),
        (post(&at("passkeys"), json!({"id": "x", "credential": {}})), 400),
        (patch(&at("passkeys/nope"), json!({"name": "x"})), 404),
        (delete(&at("passkeys/nope"), json!({})), 404),
        (get(&at("totp")), 200),
        (post(&at("totp/recovery-codes"), json!({"code": "1"})), 404),
        (delete(&at("totp"), json!({"code": "1"})), 404),
        (post(&at("totp"), json!({})), 200),
        (post(&at("totp/confirm"), json!({"code": "1"})), 400),
    ]
}

#[tokio::test]
async fn what_is_of_an_account_is_for_its_owner_only() {
    let server = server().await;
    let ana = server.person("ana").await;
    let other = stranger(&server).await;
    let ended = server.person("bob").await;
    server.ask(&ended.asks(), delete("/api/sessions/current", json!({}))).await;
    let weak = key(&server, &ana.asks(), json!(["*"])).await;
    let mut rows = Vec::new();
    for (ask, own) in own_endpoints() {
        for (who, code) in [
            (Guest, 401),
            (other.clone(), 403),
            (ended.asks(), 401),
            (Who::Token("a.b.c".to_owned()), 401),
            (Superuser, 403),
            (weak.clone(), 403),
            (ana.asks(), own),
        ] {
            rows.push((who, ask.clone(), status(code)));
        }
    }
    server.check(rows).await;
}

#[tokio::test]
async fn of_others_only_superusers_ask() {
    let server = server().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let of_ana = |path: &str| format!("{USERS}/{path}?record={}", ana.id);
    let mut rows = Vec::new();
    for (ask, right) in [
        (get(&of_ana("passkeys")), 200),
        (patch(&of_ana("passkeys/nope"), json!({"name": "x"})), 404),
        (delete(&of_ana("passkeys/nope"), json!({})), 404),
        (get(&of_ana("totp")), 200),
        (delete(&of_ana("totp"), json!({})), 404),
    ] {
        for (who, code) in [(Guest, 401), (bob.asks(), 403), (ana.asks(), 403), (Superuser, right)] {
            rows.push((who, ask.clone(), status(code)));
        }
    }
    server.check(rows).await;
}

#[tokio::test]
async fn ways_in_say_when_they_are_off_and_refuse_nonsense() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let at = |path: &str| format!("{USERS}/{path}");
    let off = "The collection is not configured to allow";
    server
        .check([
            (Guest, post(&at("auth-with-oauth2"), json!({})), status(403).says(off)),
            (Guest, post(&at("auth-with-passkey/begin"), json!({})), status(403).says(off)),
            (Guest, post(&at("auth-with-passkey"), json!({})), status(403).says(off)),
            (Guest, post(&at("auth-with-totp"), json!({})), status(403).says(off)),
            (ana.asks(), post(&at("passkeys/begin"), json!({})), status(403).says(off)),
            (ana.asks(), post(&at("totp"), json!({})), status(403).says(off)),
            (Guest, get(&at("auth-methods")), status(200).has("/passkey/enabled", false).has("/totp/enabled", false)),
        ])
        .await;
    turn_on(&server, "users").await;
    let blank = "validation_required";
    let long = "x".repeat(300);
    server
        .check([
            (Guest, post(&at("auth-with-passkey/begin"), json!({})), status(200).has("/publicKey/rpId", "localhost")),
            (Guest, post(&at("auth-with-passkey"), json!({"id": "x"})), status(400).says("Failed to authenticate.")),
            (Guest, post(&at("auth-with-passkey"), json!({"id": 5})), status(400)),
            (Guest, post(&at("auth-with-totp"), json!({})), status(400).has("/data/code/code", blank)),
            (Guest, post(&at("auth-with-totp"), json!({"code": "1"})), status(400).has("/data/mfaId/code", blank)),
            (Guest, post(&at("auth-with-totp"), json!({"code": "1", "mfaId": "x"})), status(400).says("MFA session")),
            (Guest, post(&at("auth-with-totp"), json!({"code": long, "mfaId": "x"})), status(400).says("length")),
            (Guest, get(&at("auth-methods")), status(200).has("/passkey/enabled", true).has("/totp/enabled", true)),
        ])
        .await;
    for name in ["_superusers", "users"] {
        let path = format!("/api/collections/{name}/auth-with-oauth2");
        assert_eq!(server.ask(&Guest, post(&path, json!({"provider": "google", "code": "x"}))).await.status, 403);
    }
}

#[tokio::test]
async fn an_app_that_was_begun_asks_for_nothing_and_goes_with_its_account() {
    let server = server().await;
    let ana = server.person("ana").await;
    let shown = server.ask(&ana.asks(), post(&format!("{USERS}/totp"), json!({}))).await;
    assert_eq!(shown.status, 200, "{shown:?}");
    assert!(shown.json()["url"].as_str().is_some_and(|url| url.starts_with("otpauth://totp/")));
    // Nobody is asked for a code that no app has.
    let again = server.token("users", "ana@example.com", PASSWORD).await;
    assert!(!again.is_empty());
    let gone = server.ask(&Superuser, delete(&format!("{USERS}/records/{}", ana.id), json!({}))).await;
    assert_eq!(gone.status, 204);
    let state = server.ask(&Superuser, get(&format!("{USERS}/totp?record={}", ana.id))).await;
    assert_eq!(state.json()["enabled"], false);
    let removed = server.ask(&Superuser, delete(&format!("{USERS}/totp?record={}", ana.id), json!({}))).await;
    assert_eq!(removed.status, 404, "nothing is left of it");
}

#[tokio::test]
async fn an_app_is_told_the_beginning_of_a_long_name() {
    let server = server().await;
    let long = "\u{1f980}".repeat(200);
    server.made(patch("/api/settings", json!({"meta": {"appName": long}}))).await;
    let crew = json!({
        "name": "crew",
        "type": "auth",
        "fields": [{"name": "email", "type": "email", "required": false}, {"name": "username", "type": "text"}],
        "indexes": ["CREATE UNIQUE INDEX `idx_crew` ON `crew` (`username`)"],
        "passwordAuth": {"enabled": true, "identityFields": ["username"]},
        "totp": {"enabled": true},
    });
    server.made(post("/api/collections", crew)).await;
    server.record("crew", json!({"username": long, "password": PASSWORD, "passwordConfirm": PASSWORD})).await;
    let who = Who::Token(server.token("crew", &long, PASSWORD).await);
    let shown = server.ask(&who, post("/api/collections/crew/totp", json!({}))).await;
    assert_eq!(shown.status, 200, "{shown:?}");
    assert!(shown.json()["qr"].as_str().is_some_and(|picture| picture.contains("<svg")));
}

#[tokio::test]
async fn too_many_codes_say_how_long_to_wait() {
    let server = server().await;
    let ana = server.person("ana").await;
    server.ask(&ana.asks(), post(&format!("{USERS}/totp"), json!({}))).await;
    let wrong = post(&format!("{USERS}/totp/confirm"), json!({"code": "000000"}));
    for _ in 0..5 {
        server.ask(&ana.asks(), wrong.clone()).await;
    }
    let refused = server.ask(&ana.asks(), wrong).await;
    assert_eq!(refused.status, 429, "{refused:?}");
    let wait = refused.header("retry-after").and_then(|text| text.parse::<u64>().ok());
    assert!(wait.is_some_and(|seconds| (100..=180).contains(&seconds)), "{wait:?}");
}

#[tokio::test]
async fn who_acts_as_somebody_for_a_time_adds_no_way_in_for_them() {
    let server = server().await;
    let ana = server.person("ana").await;
    server.made(patch(USERS, json!({"oauth2": {"enabled": true}}))).await;
    let path = format!("{USERS}/impersonate/{}", ana.id);
    let token = server.made(post(&path, json!({"duration": 60}))).await["token"].as_str().expect("a token").to_owned();
    let acting = Who::Token(token);
    let at = |path: &str| format!("{USERS}/{path}");
    let refused = || status(403).says("acts as somebody else");
    server
        .check([
            (acting.clone(), post(&at("totp"), json!({})), refused()),
            (acting.clone(), post(&at("totp/confirm"), json!({"code": "1"})), refused()),
            (acting.clone(), post(&at("passkeys/begin"), json!({})), refused()),
            (acting.clone(), post(&at("passkeys"), json!({"id": "x", "credential": {}})), refused()),
            (acting.clone(), post(&at("auth-with-oauth2"), json!({"provider": "google", "code": "x"})), refused()),
            (acting.clone(), get(&at("passkeys")), status(200)),
            (acting, get(&format!("{USERS}/records/{}", ana.id)), status(200)),
        ])
        .await;
}

#[tokio::test]
async fn linking_with_a_key_needs_the_key_to_be_for_the_account() {
    let server = server().await;
    let ana = server.person("ana").await;
    let oauth2 = json!({"enabled": true, "providers": [
        {"name": "google", "clientId": "x", "clientSecret": "y", "tokenURL": "http://127.0.0.1:1/", "userInfoURL": "http://127.0.0.1:1/"}]});
    server.made(patch(USERS, json!({ "oauth2": oauth2 }))).await;
    let (weak, strong) =
        (key(&server, &ana.asks(), json!(["*"])).await, key(&server, &ana.asks(), json!(["*", "account"])).await);
    let ask = post(&format!("{USERS}/auth-with-oauth2"), json!({"provider": "google", "code": "x"}));
    let unreachable = "Failed to fetch OAuth2 token.";
    server
        .check([
            (weak, ask.clone(), status(403)),
            (strong, ask.clone(), status(400).says(unreachable)),
            (ana.asks(), ask.clone(), status(400).says(unreachable)),
            (Guest, ask, status(400).says(unreachable)),
        ])
        .await;
}

#[tokio::test]
async fn two_ways_are_two_factors() {
    let server = Server::start().await;
    let mfa = |more: Json| {
        let mut options = json!({"mfa": {"enabled": true, "duration": 600, "rule": ""}});
        options.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
        patch(USERS, options)
    };
    let few = "validation_mfa_not_enough_auths";
    server
        .check([
            (Superuser, mfa(json!({})), status(400).has("/data/mfa/enabled/code", few)),
            // Who has neither yet could never sign in to set one up.
            (
                Superuser,
                mfa(json!({"totp": {"enabled": true}})),
                status(400).has("/data/mfa/enabled/code", few).says("before the first sign-in"),
            ),
            (
                Superuser,
                mfa(json!({"totp": {"enabled": true}, "passkey": {"enabled": true}})),
                status(400).has("/data/mfa/enabled/code", few),
            ),
            (Superuser, mfa(json!({"totp": {"enabled": true}, "otp": {"enabled": true}})), status(200)),
            (
                Superuser,
                patch(
                    USERS,
                    json!({"passkey": {"enabled": true, "rpId": "example.com", "origins": ["https://evil.com"]}}),
                ),
                status(400).has("/data/passkey/origins/0/code", "validation_invalid_origin"),
            ),
        ])
        .await;
}
