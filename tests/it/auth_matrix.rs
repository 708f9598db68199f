//! Every endpoint is tried by everybody: with no token, with another user's, another collection's, an ended one, a forged one, a revoked
//! one, one for another use, a superuser's, and with API keys that are and are not for it.
//!
//! A new endpoint is a new row of [`ENDPOINTS`]: a route of the sources without a row fails.

use std::{collections::BTreeSet, fs, path::Path};

use bakend::service::auth::token::{self, TokenKind};
use serde_json::{Value as Json, json};

use crate::{
    client::{Ask, PASSWORD, Server, get, patch, post},
    world::{Guest, Superuser, Who},
};

/// Who asks, in the order of the letters of a row.
const CALLERS: [&str; 10] = [
    "guest",
    "owner",
    "another user",
    "a user of another collection",
    "an ended, a forged, a revoked, a misused token",
    "superuser",
    "the owner's key for everything",
    "the owner's key for nothing of this",
    "a superuser's key for everything",
    "a superuser's key for nothing of this",
];

/// Method and path (`{owner}`: the owner's id, `{post}`: a record of theirs), the body, and what comes back to each of [`CALLERS`]:
/// `+` success, `>` a redirect, `1` 401, `3` 403, `4` 404, `0` 400. With `0` and `4` the caller is refused by a rule or for what was sent; never is anything
/// done.
type Row = (&'static str, &'static str, &'static str, &'static str);

const ENDPOINTS: &[Row] = &[
    ("GET", "/api/health", "", "++++++++++"),
    ("GET", "/api/openapi.json", "", "13331+33+3"),
    ("GET", "/api/settings", "", "13331+3333"),
    ("PATCH", "/api/settings", "{}", "13331+3333"),
    ("GET", "/api/collections", "", "13331+33+3"),
    ("POST", "/api/collections", r#"{"name":"{fresh}","type":"base"}"#, "13331+33+3"),
    ("GET", "/api/collections/posts", "", "13331+33+3"),
    ("PATCH", "/api/collections/posts", "{}", "13331+33+3"),
    ("DELETE", "/api/collections/nope", "", "1333143343"),
    ("DELETE", "/api/collections/empty/truncate", "", "13331+33+3"),
    ("PUT", "/api/collections/import", r#"{"collections":[]}"#, "1333103303"),
    ("GET", "/api/collections/meta/scaffolds", "", "13331+33+3"),
    ("POST", "/api/collections/meta/dry-run-view", r#"{"query":"SELECT id FROM posts"}"#, "13331+33+3"),
    ("GET", "/api/collections/meta/oauth2-providers", "", "13331+33+3"),
    ("POST", "/api/collections/meta/check-rule", r#"{"collection":"posts","rule":"sort","text":"id"}"#, "13331+33+3"),
    ("POST", "/api/collections/meta/try-rule", r#"{"collection":"posts","action":"list"}"#, "13331+33+3"),
    // Rules: a post belongs to its author.
    ("GET", "/api/collections/posts/records", "", "+++++++3+3"),
    ("GET", "/api/collections/posts/records/{post}", "", "4+444++3+3"),
    ("POST", "/api/collections/posts/records", r#"{"author":"{owner}"}"#, "0+000++3+3"),
    ("PATCH", "/api/collections/posts/records/{post}", "{}", "4+444++3+3"),
    ("DELETE", "/api/collections/posts/records/nope", "", "4444444343"),
    // Locked.
    ("GET", "/api/collections/empty/records", "", "33333+33+3"),
    ("POST", "/api/collections/empty/records", "{}", "33333+33+3"),
    // Accounts.
    ("GET", "/api/collections/users/records/{owner}", "", "4+444++3+3"),
    ("PATCH", "/api/collections/users/records/{owner}", r#"{"name":"x"}"#, "4+444++3+3"),
    ("GET", "/api/collections/_superusers/records", "", "33333+33+3"),
    ("DELETE", "/api/collections/_superusers/records/nope", "", "3333343333"),
    ("GET", "/api/collections/users/auth-methods", "", "++++++++++"),
    ("POST", "/api/collections/users/auth-with-password", "{}", "0000000000"),
    ("POST", "/api/collections/users/auth-refresh", "{}", "1++3133333"),
    ("POST", "/api/collections/users/impersonate/{owner}", "{}", "13331+3333"),
    // Mails.
    ("POST", "/api/collections/users/request-otp", r#"{"email":"a@b.co"}"#, "++++++++++"),
    ("POST", "/api/collections/users/auth-with-otp", r#"{"otpId":"x","password":"1"}"#, "0000000000"),
    ("POST", "/api/collections/others/request-otp", r#"{"email":"a@b.co"}"#, "3333333333"),
    ("POST", "/api/collections/others/auth-with-otp", r#"{"otpId":"x","password":"1"}"#, "3333333333"),
    // Other services are off.
    ("POST", "/api/collections/users/auth-with-oauth2", r#"{"provider":"x","code":"y"}"#, "3333333333"),
    ("GET", "/api/oauth2-redirect?state=x", "", ">>>>>>>>>>"),
    ("POST", "/api/oauth2-redirect", r#"{"state":"x"}"#, ">>>>>>>>>>"),
    ("POST", "/api/collections/users/request-verification", r#"{"email":"a@b.co"}"#, "++++++++++"),
    ("POST", "/api/collections/users/confirm-verification", r#"{"token":"{owners token}"}"#, "0000000000"),
    ("POST", "/api/collections/users/request-password-reset", r#"{"email":"a@b.co"}"#, "++++++++++"),
    (
        "POST",
        "/api/collections/users/confirm-password-reset",
        r#"{"token":"{owners token}","password":"1234567890","passwordConfirm":"1234567890"}"#,
        "0000000000",
    ),
    ("POST", "/api/collections/users/request-email-change", r#"{"newEmail":"bad"}"#, "1003133333"),
    (
        "POST",
        "/api/collections/users/confirm-email-change",
        r#"{"token":"{owners token}","password":"x"}"#,
        "0000000000",
    ),
    ("POST", "/api/settings/test/email", r#"{}"#, "1333103333"),
    ("POST", "/api/settings/test/s3", r#"{}"#, "1333103333"),
    ("POST", "/api/settings/apple/generate-client-secret", r#"{}"#, "1333103303"),
    // Pages of mails and of the installer.
    ("GET", "/_/auth/pages.css", "", "++++++++++"),
    ("GET", "/_/auth/links.js", "", "++++++++++"),
    ("GET", "/_/auth/install/nope", "", "0000000000"),
    ("POST", "/_/auth/install/nope", "{}", "0000000000"),
    ("GET", "/_/auth/confirm-verification/{owners token}", "", "0000000000"),
    ("POST", "/_/auth/confirm-verification/{owners token}", "{}", "0000000000"),
    ("GET", "/_", "", ">>>>>>>>>>"),
    ("GET", "/_/", "", "++++++++++"),
    ("GET", "/_/nope.js", "", "4444444444"),
    // Passkeys and authenticator apps: each account looks after its own.
    ("GET", "/api/collections/users/passkeys", "", "1++3133333"),
    ("POST", "/api/collections/users/passkeys/begin", "{}", "1++3133333"),
    ("POST", "/api/collections/users/passkeys", r#"{"id":"x","credential":{}}"#, "1003133333"),
    ("PATCH", "/api/collections/users/passkeys/nope", r#"{"name":"x"}"#, "1443133333"),
    ("DELETE", "/api/collections/users/passkeys/nope", "{}", "1443133333"),
    ("POST", "/api/collections/users/auth-with-passkey/begin", "{}", "++++++++++"),
    ("POST", "/api/collections/users/auth-with-passkey", r#"{"id":"x","credential":{}}"#, "0000000000"),
    ("GET", "/api/collections/users/totp", "", "1++3133333"),
    ("GET", "/api/collections/users/totp?record={owner}", "", "13331+3333"),
    ("POST", "/api/collections/users/totp/recovery-codes", r#"{"code":"1"}"#, "1443133333"),
    ("DELETE", "/api/collections/users/totp", r#"{"code":"1"}"#, "1443133333"),
    ("DELETE", "/api/collections/users/totp?record={owner}", "{}", "1333143333"),
    ("POST", "/api/collections/users/totp/confirm", r#"{"code":"1"}"#, "1003133333"),
    ("POST", "/api/collections/users/auth-with-totp", r#"{"code":"1","mfaId":"x"}"#, "0000000000"),
    ("POST", "/api/collections/users/totp", "{}", "1++3133333"),
    // Sessions and keys.
    ("GET", "/api/sessions", "", "1+++1+3333"),
    ("GET", "/api/sessions?collection=users&record={owner}", "", "13331+3333"),
    ("DELETE", "/api/sessions/nope", "", "1444143333"),
    ("DELETE", "/api/sessions?others=true", "", "1+++1+3333"),
    ("DELETE", "/api/sessions?collection=users&record=nope", "", "1333143333"),
    ("GET", "/api/api-keys", "", "1+++1+3333"),
    ("GET", "/api/api-keys?all=true", "", "13331+3333"),
    ("POST", "/api/api-keys", r#"{"name":"","scopes":[]}"#, "1000103333"),
    ("POST", "/api/api-keys", r#"{"name":"x","service":true,"scopes":[]}"#, "1333103333"),
    ("GET", "/api/api-keys/nope", "", "1444143333"),
    ("PATCH", "/api/api-keys/nope", "{}", "1444143333"),
    ("DELETE", "/api/api-keys/nope", "", "1444143333"),
    // Files.
    ("GET", "/api/files", "", "13331+33+3"),
    ("GET", "/api/files/usage?scan=1", "", "13331+33+3"),
    ("POST", "/api/files/token", "{}", "1+++1+3333"),
    ("GET", "/api/files/posts/nope/nope", "", "4444444444"),
    ("POST", "/api/files/tus", "", "1000100303"),
    ("OPTIONS", "/api/files/tus", "", "++++++++++"),
    ("HEAD", "/api/files/tus/nope", "", "1444144343"),
    ("PATCH", "/api/files/tus/nope", "", "1000100303"),
    ("DELETE", "/api/files/tus/nope", "", "1444144343"),
    ("POST", "/api/files/tus/nope", "", "4444444444"),
    ("OPTIONS", "/api/files/tus/nope", "", "++++++++++"),
    // Realtime: of a stream that is nobody's.
    ("POST", "/api/realtime", r#"{"clientId":"nope"}"#, "4444444444"),
    ("GET", "/api/realtime/ws", "", "0000000000"),
    // Batches are off.
    ("POST", "/api/batch", r#"{"requests":[]}"#, "3333333333"),
];

/// Routes that are tried elsewhere: this one never ends, and who hears what is the matter of `realtime_access.rs`.
const ELSEWHERE: [(&str, &str); 1] = [("GET", "/api/realtime")];

/// A server with an owner of a post, and everybody who may want it.
struct Scene {
    server: Server,
    owner: String,
    post: String,
    owners_token: String,
    callers: Vec<Vec<Who>>,
}

async fn sign_in(server: &Server, collection: &str, name: &str) -> String {
    server.token(collection, &format!("{name}@example.com"), PASSWORD).await
}

async fn key(server: &Server, who: &Who, scopes: &[&str]) -> Who {
    let answer = server.ask(who, post("/api/api-keys", json!({"name": "k", "scopes": scopes}))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    Who::Token(answer.json()["key"].as_str().expect("a key").to_owned())
}

/// Tokens that were good, or look as if.
async fn bad_tokens(server: &Server, owner: &str, good: &str) -> Vec<Who> {
    let users = server.app.schema().find("users").cloned().expect("users");
    let (db, schema) = (server.app.store().db(), server.app.schema());
    let found = bakend::service::records::find(&db, server.app.planner(), &schema, &users, owner);
    let record = found.await.expect("reads").expect("the owner");
    let ended = token::issue(&record, TokenKind::Auth, true, Some(-1)).expect("signs");
    let misused = [TokenKind::File, TokenKind::Verification, TokenKind::PasswordReset]
        .map(|kind| token::issue(&record, kind, false, None).expect("signs"));
    let parts: Vec<&str> = good.split('.').collect();
    // {"alg":"none","typ":"JWT"}
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", parts[1]);
    // {"alg":"RS256","typ":"JWT"}, with the signature of another algorithm
    let confused = format!("eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.{}.{}", parts[1], parts[2]);
    let cut = good[..good.len() - 4].to_owned();
    let revoked = sign_in(server, "users", "owner").await;
    let end = Ask::new("DELETE", "/api/sessions/current");
    assert_eq!(server.ask(&Who::Token(revoked.clone()), end).await.status, 204);
    let acting = server.made(post(&format!("/api/collections/users/impersonate/{owner}"), json!({}))).await;
    let acted = acting["token"].as_str().expect("a token").to_owned();
    let end = Ask::new("DELETE", "/api/sessions/current");
    assert_eq!(server.ask(&Who::Token(acted.clone()), end).await.status, 204);
    let mistyped = "bak_0123456789012345678901234567890123456789012".to_owned();
    let mut bad =
        vec![ended, unsigned, confused, cut, revoked, acted, mistyped, format!("{good}x"), "nonsense".to_owned()];
    bad.extend(misused);
    bad.into_iter().map(Who::Token).collect()
}

async fn scene() -> Scene {
    let server = Server::start().await;
    let own = Some("@request.auth.id = author && @request.auth.collectionName = 'users'");
    let fields = json!([{"name": "author", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 1}]);
    server.collection("posts", [own, own, own, own, own], fields).await;
    server.collection("empty", [None; 5], json!([{"name": "x", "type": "text"}])).await;
    server.collection("others", [None; 5], json!([])).await;
    server.made(Ask::new("DELETE", "/api/collections/others")).await;
    let factors = json!({"otp": {"enabled": true}, "passkey": {"enabled": true}, "totp": {"enabled": true}});
    server.made(patch("/api/collections/users", factors)).await;
    let others = json!({"name": "others", "type": "auth", "fields": []});
    server.made(post("/api/collections", others)).await;
    let account =
        |name: &str| json!({"email": format!("{name}@example.com"), "password": PASSWORD, "passwordConfirm": PASSWORD});
    let owner = server.record("users", account("owner")).await;
    server.record("users", account("other")).await;
    server.record("others", account("stranger")).await;
    let post = server.record("posts", json!({"author": owner})).await;
    let owners_token = sign_in(&server, "users", "owner").await;
    let as_owner = Who::Token(owners_token.clone());
    let callers = vec![
        vec![Guest],
        vec![as_owner.clone()],
        vec![Who::Token(sign_in(&server, "users", "other").await)],
        vec![Who::Token(sign_in(&server, "others", "stranger").await)],
        bad_tokens(&server, &owner, &owners_token).await,
        vec![Superuser],
        vec![key(&server, &as_owner, &["*"]).await],
        vec![key(&server, &as_owner, &["empty:delete"]).await],
        vec![key(&server, &Superuser, &["*"]).await],
        vec![key(&server, &Superuser, &["others:delete"]).await],
    ];
    Scene { server, owner, post, owners_token, callers }
}

impl Scene {
    fn ask(&self, (method, path, body, _): &Row, turn: usize) -> Ask {
        let filled = |text: &str| {
            text.replace("{owner}", &self.owner)
                .replace("{post}", &self.post)
                .replace("{owners token}", &self.owners_token)
                .replace("{fresh}", &format!("fresh{turn}"))
        };
        // Uploads ask for their protocol's header first; nobody else looks at it.
        let ask = Ask::new(method, &filled(path)).with("Tus-Resumable", "1.0.0");
        if body.is_empty() { ask } else { ask.with("Content-Type", "application/json").raw(filled(body)) }
    }
}

/// The letter of a status.
fn letter(status: u16) -> char {
    match status {
        200..300 => '+',
        300..400 => '>',
        400 => '0',
        401 => '1',
        403 => '3',
        404 => '4',
        _ => '?',
    }
}

#[tokio::test]
async fn every_endpoint_answers_everybody_as_it_should() {
    let scene = scene().await;
    let mut wrong = Vec::new();
    for (turn, row) in ENDPOINTS.iter().enumerate() {
        let (method, path, _, expected) = row;
        assert_eq!(expected.chars().count(), CALLERS.len(), "{method} {path}: a letter for each caller");
        for (at, (callers, letter_expected)) in scene.callers.iter().zip(expected.chars()).enumerate() {
            for (variant, who) in callers.iter().enumerate() {
                let answer = scene.server.ask(who, scene.ask(row, turn * 1000 + at * 20 + variant)).await;
                if letter(answer.status) != letter_expected {
                    let (name, body) = (CALLERS[at], answer.body);
                    wrong.push(format!(
                        "{method} {path} as {name} #{variant}: {} instead of {letter_expected}: {body}",
                        answer.status
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_refused_caller_changes_nothing() {
    let scene = scene().await;
    let rows = |collection: &str| {
        let path = format!("/api/collections/{collection}/records?perPage=100&sort=id");
        let server = &scene.server;
        async move { server.made(get(&path)).await["items"].clone() }
    };
    let state = || async {
        let sessions: Json = scene.server.made(get("/api/sessions?all=1&perPage=100")).await["totalItems"].clone();
        let keys: Json = scene.server.made(get("/api/api-keys?all=1&perPage=100")).await["totalItems"].clone();
        json!([rows("posts").await, rows("users").await, rows("_superusers").await, sessions, keys])
    };
    let before = state().await;
    for (turn, row) in ENDPOINTS.iter().enumerate() {
        for (callers, letter) in scene.callers.iter().zip(row.3.chars()) {
            for who in callers.iter().filter(|_| letter != '+') {
                scene.server.ask(who, scene.ask(row, turn)).await;
            }
        }
    }
    assert_eq!(state().await, before);
}

/// Method and path of every route that the HTTP door has, as the sources say.
fn routes() -> BTreeSet<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bakend/src/http");
    let text = |file: &str| fs::read_to_string(folder.join(file)).expect("a source file");
    let uploads = text("uploads.rs");
    let (_, rest) = uploads.split_once("const PATH: &str = \"").expect("the path of uploads");
    let source =
        text("mod.rs").replace("uploads::PATH", &format!("\"{}\"", rest.split('"').next().unwrap_or_default()));
    let mut found = BTreeSet::new();
    for route in source.split(".route(").skip(1) {
        let mut parts = route.trim_start().splitn(3, '"');
        let (before, path) = (parts.next(), parts.next().expect("a path in quotes"));
        assert_eq!(before, Some(""), "a route's path is a text: {route}");
        let handlers = parts.next().unwrap_or_default();
        let before = found.len();
        for method in ["get", "post", "put", "patch", "delete", "head", "options"] {
            let is_call =
                |at: usize| !handlers[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':');
            if handlers.match_indices(&format!("{method}(")).any(|(at, _)| is_call(at)) {
                found.insert((method.to_uppercase(), path.to_owned()));
            }
        }
        assert!(found.len() > before, "a route without a method: {route}");
    }
    assert!(found.len() > 70, "only {} routes were found", found.len());
    found
}

/// Whether the path of a row is one of a route's.
fn is_of(row: &str, route: &str) -> bool {
    let mut own = row.split('?').next().unwrap_or_default().split('/');
    let mut segments = route.split('/').peekable();
    while let Some(segment) = segments.next() {
        match own.next() {
            Some(text) if segment.starts_with("{*") => return !text.is_empty() && segments.peek().is_none(),
            Some(text) if segment.starts_with('{') && !text.is_empty() || text == segment => {}
            _ => return false,
        }
    }
    own.next().is_none()
}

#[test]
fn every_route_has_a_row() {
    let is_tried = |method: &str, route: &str| {
        ENDPOINTS.iter().any(|row| row.0 == method && is_of(row.1, route)) || ELSEWHERE.contains(&(method, route))
    };
    let missing: Vec<_> = routes().into_iter().filter(|(method, route)| !is_tried(method, route)).collect();
    assert!(missing.is_empty(), "add rows to ENDPOINTS for {missing:#?}");
}
