//! API keys: what they may do, what they may never do, and how they end.

use serde_json::{Value as Json, json};

use crate::{
    client::{Ask, PASSWORD, Server, delete, get, patch, post, status},
    world::{Guest, Superuser, Who},
};

const KEYS: &str = "/api/api-keys";

/// `posts` for everybody who is signed in, with an author; `notes` for superusers only.
async fn server() -> Server {
    let server = Server::start().await;
    let signed_in = Some("@request.auth.id != ''");
    let fields = json!([
        {"name": "title", "type": "text"},
        {"name": "author", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 1},
    ]);
    server.collection("posts", [signed_in; 5], fields).await;
    server.collection("notes", [None; 5], json!([{"name": "text", "type": "text"}])).await;
    server
}

/// A key that somebody makes; the answer.
async fn made(server: &Server, who: &Who, body: Json) -> Json {
    let answer = server.ask(who, post(KEYS, body)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn text(value: &Json) -> String {
    value.as_str().expect("a text").to_owned()
}

/// Who asks with this key.
fn bearer(key: &Json) -> Who {
    Who::Token(format!("Bearer {}", text(&key["key"])))
}

fn posts(rest: &str) -> String {
    format!("/api/collections/posts/records{rest}")
}

#[tokio::test]
async fn a_key_is_shown_once_and_acts_for_who_made_it() {
    let server = server().await;
    let ana = server.person("ana").await;
    let key = made(&server, &ana.asks(), json!({"name": "ci", "scopes": ["posts:list", "posts:create"]})).await;
    assert!(text(&key["key"]).starts_with("bak_") && text(&key["key"]).starts_with(&text(&key["prefix"])), "{key}");
    let path = format!("{KEYS}/{}", text(&key["id"]));
    let record = json!({"title": "from a machine", "author": ana.id});
    let bob = server.person("bob").await;
    server
        .check([
            (bearer(&key), post(&posts(""), record), status(200).has("/author", ana.id.as_str())),
            (bearer(&key), get(&posts("")), status(200).has("/totalItems", 1)),
            (Who::Token(text(&key["key"])), get(&posts("")), status(200)),
            (Who::Token(format!("{}x", text(&key["key"]))), get(&posts("")), status(200).has("/totalItems", 0)),
            (ana.asks(), get(&path), status(200).has("/name", "ci").lacks("/key").lacks("/hash")),
            (ana.asks(), get(KEYS), status(200).has("/totalItems", 1).lacks("/items/0/key")),
            (bob.asks(), get(&path), status(404)),
            (bob.asks(), delete(&path), status(404)),
            (bob.asks(), get(KEYS), status(200).has("/totalItems", 0)),
            (Guest, get(KEYS), status(401)),
            (Superuser, get(&path), status(200).has("/scopes", json!(["posts:list", "posts:create"]))),
            (Superuser, get(&format!("{KEYS}?collection=users&record={}", ana.id)), status(200).has("/totalItems", 1)),
            (Superuser, get(&format!("{KEYS}?all=true")), status(200).has("/totalItems", 1)),
            (bob.asks(), get(&format!("{KEYS}?all=true")), status(403)),
        ])
        .await;
    let stored = server.column("SELECT hash FROM _api_keys").await.remove(0);
    assert_eq!(stored.len(), 64);
    assert!(!text(&key["key"]).contains(&stored));
}

#[tokio::test]
async fn scopes_bound_what_a_key_may_do_in_every_way() {
    let server = server().await;
    let ana = server.person("ana").await;
    let id = server.record("posts", json!({"title": "one", "author": ana.id})).await;
    let own = format!("/api/collections/users/records/{}", ana.id);
    let reader =
        bearer(&made(&server, &ana.asks(), json!({"name": "r", "scopes": ["posts:list", "posts:view"]})).await);
    let all = bearer(&made(&server, &ana.asks(), json!({"name": "a", "scopes": ["*"]})).await);
    let account = bearer(&made(&server, &ana.asks(), json!({"name": "p", "scopes": ["*", "account"]})).await);
    server.made(patch("/api/settings", json!({"batch": {"enabled": true}}))).await;
    let batch = |method: &str, url: &str| {
        post("/api/batch", json!({"requests": [{"method": method, "url": url, "body": {"title": "b"}}]}))
    };
    let password = json!({"oldPassword": PASSWORD, "password": "a new one 1", "passwordConfirm": "a new one 1"});
    server
        .check([
            (reader.clone(), get(&posts("")), status(200).has("/totalItems", 1)),
            (reader.clone(), get(&posts(&format!("/{id}"))), status(200)),
            (reader.clone(), get(&posts(&format!("/{id}?expand=author"))), status(200).lacks("/expand/author")),
            (
                ana.asks(),
                get(&posts(&format!("/{id}?expand=author"))),
                status(200).has("/expand/author/id", ana.id.as_str()),
            ),
            (
                all.clone(),
                get(&posts(&format!("/{id}?expand=author"))),
                status(200).has("/expand/author/id", ana.id.as_str()),
            ),
            (reader.clone(), get(&posts("?filter=author.created!=%22%22")), status(403).says("users:list")),
            (reader.clone(), get(&posts("?sort=author.email")), status(403).says("users:list")),
            (
                reader.clone(),
                get(&posts(&format!("?filter=author=%22{}%22", ana.id))),
                status(200).has("/totalItems", 1),
            ),
            (all.clone(), get(&posts("?filter=author.created!=%22%22")), status(200).has("/totalItems", 1)),
            (reader.clone(), post(&posts(""), json!({"title": "x"})), status(403).says("posts:create")),
            (reader.clone(), patch(&posts(&format!("/{id}")), json!({"title": "x"})), status(403).says("posts:update")),
            (reader.clone(), delete(&posts(&format!("/{id}"))), status(403).says("posts:delete")),
            (reader.clone(), batch("POST", &posts("")), status(400).says("posts:create")),
            (reader.clone(), get("/api/collections/users/records"), status(403).says("users:list")),
            (reader.clone(), post("/api/files/token", json!({})), status(403)),
            (reader.clone(), get("/api/settings"), status(403)),
            (reader.clone(), get("/api/sessions"), status(403).says("sessions")),
            (reader.clone(), get(KEYS), status(403).says("keys")),
            (all.clone(), get(KEYS), status(403).says("keys")),
            (all.clone(), post(KEYS, json!({"name": "x", "scopes": ["*"]})), status(403)),
            (all.clone(), get("/api/sessions"), status(403)),
            (all.clone(), get("/api/settings"), status(403)),
            (all.clone(), batch("POST", &posts("")), status(200)),
            (all.clone(), post("/api/files/token", json!({})), status(403).says("send the key itself")),
            (all.clone(), get("/api/collections/notes/records"), status(403).says("Only superusers")),
            (all.clone(), post("/api/collections/users/auth-refresh", json!({})), status(403)),
            (account.clone(), post("/api/collections/users/auth-refresh", json!({})), status(403)),
            (all.clone(), patch(&own, json!({"name": "Ana"})), status(200).has("/name", "Ana")),
            (all.clone(), patch(&own, password.clone()), status(403).says("account")),
            (account.clone(), patch(&own, password), status(200)),
        ])
        .await;
    server.check([(account, get(&posts("")), status(200).has("/totalItems", 0))]).await;
}

#[tokio::test]
async fn a_superusers_key_is_bounded_too() {
    let server = server().await;
    let limited = bearer(&made(&server, &Superuser, json!({"name": "l", "scopes": ["notes:*", "posts:list"]})).await);
    let all = bearer(&made(&server, &Superuser, json!({"name": "a", "scopes": ["*"]})).await);
    let settings = bearer(&made(&server, &Superuser, json!({"name": "s", "scopes": ["settings"]})).await);
    let another = json!({"email": "x@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD});
    let superusers = "/api/collections/_superusers/records";
    let ana = server.person("ana").await;
    let impersonate = format!("/api/collections/users/impersonate/{}", ana.id);
    server
        .check([
            (limited.clone(), post("/api/collections/notes/records", json!({"text": "x"})), status(200)),
            (limited.clone(), get("/api/collections/notes/records"), status(200).has("/totalItems", 1)),
            (limited.clone(), get(&posts("?filter=@collection.users.email~%22a%22")), status(403).says("users:list")),
            (limited.clone(), get(&posts("?filter=@request.auth.id!=%22%22")), status(403)),
            (limited.clone(), get("/api/collections"), status(403)),
            (limited.clone(), Ask::new("DELETE", "/api/collections/notes/truncate"), status(403)),
            (limited.clone(), get(superusers), status(403)),
            (all.clone(), get("/api/collections"), status(200)),
            (all.clone(), get(superusers), status(200).has("/totalItems", 1)),
            (all.clone(), post(superusers, another), status(403).says("account")),
            (all.clone(), post(&impersonate, json!({})), status(403).says("sessions")),
            (all.clone(), get("/api/settings"), status(403).says("settings")),
            (settings.clone(), get("/api/settings"), status(200)),
            (settings.clone(), patch("/api/settings", json!({"meta": {"appName": "By key"}})), status(200)),
            (settings.clone(), get("/api/collections"), status(403)),
        ])
        .await;
}

#[tokio::test]
async fn a_key_for_everything_decides_about_nobodys_way_in() {
    let server = server().await;
    let all = bearer(&made(&server, &Superuser, json!({"name": "a", "scopes": ["*"]})).await);
    let service = bearer(&made(&server, &Superuser, json!({"name": "s", "service": true, "scopes": ["*"]})).await);
    let account = bearer(&made(&server, &Superuser, json!({"name": "p", "scopes": ["*", "account"]})).await);
    let secret = "a secret of fifty characters that everybody knows 1";
    let forge = json!({"authToken": {"secret": secret, "duration": 600}});
    let listed = |name: &str, more: Json| {
        let mut one = json!({ "name": name });
        one.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
        Ask::new("PUT", "/api/collections/import").json(json!({"collections": [one]}))
    };
    let at = |name: &str| format!("/api/collections/{name}");
    let mut rows = Vec::new();
    for key in [&all, &service] {
        for ask in [
            patch(&at("_superusers"), forge.clone()),
            patch(&at("_superusers"), json!({"authRule": null})),
            patch(&at("_mfas"), json!({"createRule": ""})),
            patch(&at("users"), forge.clone()),
            patch(&at("users"), json!({"manageRule": "id != ''"})),
            patch(&at("users"), json!({"mfa": {"enabled": true, "duration": 60}, "otp": {"enabled": true}})),
            post("/api/collections", json!({"name": "staff", "type": "auth"})),
            listed("users", forge.clone()),
            listed("_superusers", forge.clone()),
            listed("staff", json!({"type": "auth"})),
            delete(&at("_superusers")),
            delete(&at("_otps/truncate")),
        ] {
            rows.push((key.clone(), ask, status(403).says("account")));
        }
        rows.push((key.clone(), patch(&at("users"), json!({"listRule": "", "authRule": ""})), status(200)));
        rows.push((key.clone(), patch(&at("posts"), json!({"listRule": ""})), status(200)));
        rows.push((key.clone(), listed("posts", json!({"viewRule": ""})), status(204)));
        rows.push((key.clone(), patch(&at("posts"), json!({"fields": 1})), status(400)));
    }
    server.check(rows).await;
    let whole = server.made(get(&at("users"))).await;
    let stored =
        || async { server.column("SELECT options FROM _collections WHERE name LIKE '%users' ORDER BY name").await };
    let before = stored().await;
    server.check([(all, patch(&at("users"), whole), status(200))]).await;
    assert_eq!(stored().await, before, "what was sent as it is, changes nothing");
    server
        .check([
            (account.clone(), patch(&at("users"), forge.clone()), status(200)),
            (account, patch(&at("_superusers"), forge), status(200)),
        ])
        .await;
}

#[tokio::test]
async fn a_service_key_outlives_who_made_it_and_needs_no_account() {
    let server = server().await;
    let other = json!({"email": "two@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD});
    let two = server.record("_superusers", other).await;
    let maker = Who::Token(server.token("_superusers", "two@example.com", PASSWORD).await);
    let body = json!({"name": "backup", "service": true, "scopes": ["notes:*", "*:view"]});
    let ana = server.person("ana").await;
    server.check([(ana.asks(), post(KEYS, body.clone()), status(403))]).await;
    let key = made(&server, &maker, body).await;
    let own = made(&server, &maker, json!({"name": "own", "scopes": ["notes:*"]})).await;
    server.check([(bearer(&own), get("/api/collections/notes/records"), status(200))]).await;
    server.made(delete(&format!("/api/collections/_superusers/records/{two}"))).await;
    server
        .check([
            (bearer(&own), get("/api/collections/notes/records"), status(403)),
            (bearer(&key), get("/api/collections/notes/records"), status(200)),
            (bearer(&key), post("/api/collections/notes/records", json!({"text": "x"})), status(200)),
            (bearer(&key), get("/api/collections/posts/records"), status(403)),
            (bearer(&key), post("/api/files/token", json!({})), status(403)),
            (bearer(&key), post("/api/collections/_superusers/auth-refresh", json!({})), status(403)),
            (Superuser, get(&format!("{KEYS}?service=true")), status(200).has("/totalItems", 1)),
            (ana.asks(), get(&format!("{KEYS}?service=true")), status(403)),
            (Superuser, delete(&format!("{KEYS}/{}", text(&key["id"]))), status(204)),
            (bearer(&key), get("/api/collections/notes/records"), status(403)),
        ])
        .await;
    let everything = made(&server, &Superuser, json!({"name": "all", "service": true, "scopes": ["*", "keys"]})).await;
    server
        .check([
            (bearer(&everything), post("/api/files/token", json!({})), status(403).says("send the key itself")),
            (bearer(&everything), post(KEYS, json!({"name": "x", "scopes": ["*"]})), status(400).says("no account")),
            (bearer(&everything), post(KEYS, json!({"name": "x", "service": true, "scopes": ["*"]})), status(200)),
            (
                bearer(&everything),
                post(KEYS, json!({"name": "x", "service": true, "scopes": ["settings"]})),
                status(403),
            ),
        ])
        .await;
}

#[tokio::test]
async fn a_key_for_another_account_is_made_by_superusers_and_survives_a_new_password() {
    let server = server().await;
    let ana = server.person("ana").await;
    let bob = server.person("bob").await;
    let for_ana = json!({"name": "m", "collection": "users", "record": ana.id, "scopes": ["posts:list"]});
    server
        .check([
            (bob.asks(), post(KEYS, for_ana.clone()), status(403)),
            (
                Superuser,
                post(KEYS, json!({"name": "m", "collection": "users", "record": "x", "scopes": ["*"]})),
                status(404),
            ),
            (
                Superuser,
                post(KEYS, json!({"name": "m", "collection": "posts", "record": "x", "scopes": ["*"]})),
                status(404),
            ),
        ])
        .await;
    let given = made(&server, &Superuser, for_ana).await;
    let own = made(&server, &ana.asks(), json!({"name": "o", "scopes": ["posts:list"]})).await;
    for key in [&given, &own] {
        server.check([(bearer(key), get(&posts("")), status(200))]).await;
    }
    let new = json!({"password": "a new one 1", "passwordConfirm": "a new one 1"});
    server.made(patch(&format!("/api/collections/users/records/{}", ana.id), new)).await;
    let list = format!("{KEYS}?collection=users&record={}", ana.id);
    server.check([(Superuser, get(&list), status(200).has("/totalItems", 1).has("/items/0/name", "m"))]).await;
    server.record("posts", json!({"title": "seen", "author": ana.id})).await;
    server
        .check([
            (bearer(&given), get(&posts("")), status(200).has("/totalItems", 1)),
            (bearer(&own), get(&posts("")), status(200).has("/totalItems", 0)),
        ])
        .await;
    server.made(delete(&format!("/api/collections/users/records/{}", ana.id))).await;
    server.check([(bearer(&given), get(&posts("")), status(200).has("/totalItems", 0))]).await;
}

#[tokio::test]
async fn changes_count_from_the_next_request_on() {
    let server = server().await;
    let ana = server.person("ana").await;
    let key = made(&server, &ana.asks(), json!({"name": "k", "scopes": ["posts:list"]})).await;
    let path = format!("{KEYS}/{}", text(&key["id"]));
    let manager = bearer(&made(&server, &ana.asks(), json!({"name": "m", "scopes": ["keys", "posts:list"]})).await);
    server
        .check([
            (bearer(&key), get(&posts("")), status(200)),
            (
                ana.asks(),
                patch(&path, json!({"scopes": ["posts:create"], "name": "renamed"})),
                status(200).has("/name", "renamed"),
            ),
            (bearer(&key), get(&posts("")), status(403)),
            (manager.clone(), patch(&path, json!({"name": "x"})), status(403).says("no more than itself")),
            (ana.asks(), patch(&path, json!({"scopes": ["posts:list"]})), status(200)),
            (manager.clone(), patch(&path, json!({"name": "y"})), status(200)),
            (manager.clone(), patch(&path, json!({"scopes": ["*"]})), status(403)),
            (manager.clone(), post(KEYS, json!({"name": "z", "scopes": ["posts:view"]})), status(403)),
            (manager, post(KEYS, json!({"name": "z", "scopes": ["posts:list"]})), status(200)),
            (bearer(&key), get(&posts("")), status(200)),
            (ana.asks(), delete(&path), status(204)),
            (ana.asks(), delete(&path), status(404)),
            (ana.asks(), patch(&path, json!({"name": "x"})), status(404)),
            (bearer(&key), get(&posts("?filter=id!=''")), status(200).has("/totalItems", 0)),
        ])
        .await;
}

#[tokio::test]
async fn bad_wishes_are_refused_with_their_reasons() {
    let server = server().await;
    let ana = server.person("ana").await;
    let refused = |body: Json, pointer: &str, code: &str| {
        (ana.asks(), post(KEYS, body), status(400).has(&format!("/data/{pointer}/code"), code))
    };
    server
        .check([
            refused(json!({"scopes": ["*"]}), "name", "validation_required"),
            refused(json!({"name": "x".repeat(101), "scopes": ["*"]}), "name", "validation_length_out_of_range"),
            refused(json!({"name": "x"}), "scopes", "validation_required"),
            refused(json!({"name": "x", "scopes": ["*", "nope:list"]}), "scopes/1", "validation_invalid_scope"),
            refused(json!({"name": "x", "scopes": ["posts:fly"]}), "scopes/0", "validation_invalid_scope"),
            refused(json!({"name": "x", "scopes": vec!["*"; 201]}), "scopes", "validation_length_too_long"),
            refused(json!({"name": "x", "scopes": ["*"], "expires": "soon"}), "expires", "validation_invalid_date"),
            refused(
                json!({"name": "x", "scopes": ["*"], "expires": "2001-01-01 00:00:00.000Z"}),
                "expires",
                "validation_date_in_past",
            ),
            (ana.asks(), post(KEYS, json!({"name": "x", "scopes": [1]})), status(400)),
            (ana.asks(), post(KEYS, json!({"name": 1, "scopes": ["*"]})), status(400)),
            (ana.asks(), post(KEYS, json!({"name": "x", "scopes": ["*"], "service": "yes"})), status(400)),
            (ana.asks(), get(KEYS), status(200).has("/totalItems", 0)),
        ])
        .await;
}

#[tokio::test]
async fn a_key_ends_when_it_said_and_when_its_account_may_not_sign_in() {
    let server = server().await;
    let ana = server.person("ana").await;
    let body = json!({"name": "k", "scopes": ["posts:list"], "expires": "2999-01-01 00:00:00.000Z"});
    let key = made(&server, &ana.asks(), body).await;
    assert_eq!(key["expires"], "2999-01-01 00:00:00.000Z");
    server.record("posts", json!({"title": "x", "author": ana.id})).await;
    let sees = |count: u64| (bearer(&key), get(&posts("")), status(200).has("/totalItems", count));
    server.check([sees(1)]).await;
    server.made(patch("/api/collections/users", json!({"authRule": "verified = true"}))).await;
    server.check([sees(0)]).await;
    server.made(patch(&format!("/api/collections/users/records/{}", ana.id), json!({"verified": true}))).await;
    server.check([sees(1)]).await;
    let script = "UPDATE _api_keys SET expires = '2020-01-01 00:00:00.000Z'";
    server.app.store().db().write(move |conn| conn.run_script(script)).await.expect("writes");
    server.app.forget_sign_ins();
    server.check([sees(0)]).await;
    bakend::service::auth::upkeep::sweep(&server.app).await.expect("sweeps");
    server.check([(Superuser, get(&format!("{KEYS}?all=1")), status(200).has("/totalItems", 0))]).await;
}

#[tokio::test]
async fn who_acts_as_somebody_for_a_time_makes_no_keys_for_them() {
    let server = server().await;
    let ana = server.person("ana").await;
    let path = format!("/api/collections/users/impersonate/{}", ana.id);
    let acting = Who::Token(text(&server.made(post(&path, json!({"duration": 60}))).await["token"]));
    let own = made(&server, &ana.asks(), json!({"name": "own", "scopes": ["users:list"]})).await;
    let own = format!("{KEYS}/{}", text(&own["id"]));
    server
        .check([
            (acting.clone(), post(KEYS, json!({"name": "k", "scopes": ["*"]})), status(403)),
            // What it left behind would outlast it.
            (acting.clone(), patch(&own, json!({"scopes": ["*"], "expires": ""})), status(403)),
            (ana.asks(), get(&own), status(200).has("/scopes", json!(["users:list"]))),
            (acting, delete(&own), status(204)),
        ])
        .await;
}

#[tokio::test]
async fn a_key_that_ends_leaves_none_behind() {
    let server = server().await;
    let ana = server.person("ana").await;
    let end = "2999-01-01 00:00:00.000Z";
    let key = made(&server, &ana.asks(), json!({"name": "k", "scopes": ["*", "keys"], "expires": end})).await;
    let lasting = made(&server, &ana.asks(), json!({"name": "lasting", "scopes": ["*"]})).await;
    let at = |key: &Json| format!("{KEYS}/{}", text(&key["id"]));
    let wish = |expires: &str| json!({"name": "x", "scopes": ["*"], "expires": expires});
    let beyond = || status(403).says("no longer");
    server
        .check([
            (bearer(&key), patch(&at(&key), json!({"expires": ""})), beyond()),
            (bearer(&key), patch(&at(&key), json!({"expires": "2999-01-01 00:00:01.000Z"})), beyond()),
            (bearer(&key), patch(&at(&key), json!({"name": "other"})), status(200).has("/expires", end)),
            (bearer(&key), patch(&at(&lasting), json!({"name": "other"})), beyond()),
            (bearer(&key), post(KEYS, wish("")), beyond()),
            (bearer(&key), post(KEYS, json!({"name": "x", "scopes": ["*"]})), status(200).has("/expires", end)),
            (
                bearer(&key),
                post(KEYS, wish("2998-01-01 00:00:00.000Z")),
                status(200).has("/expires", "2998-01-01 00:00:00.000Z"),
            ),
            (bearer(&key), delete(&at(&lasting)), status(204)),
        ])
        .await;
}

#[tokio::test]
async fn a_key_for_a_collection_opens_its_protected_files() {
    let server = server().await;
    let fields = json!([{"name": "f", "type": "file", "protected": true}]);
    server.collection("docs", [None; 5], fields).await;
    let upload = Ask::new("POST", "/api/collections/docs/records")
        .with("Content-Type", "multipart/form-data; boundary=b")
        .raw("--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\r\nhello\r\n--b--\r\n");
    let record = server.made(upload).await;
    let path = format!("/api/files/docs/{}/{}", text(&record["id"]), text(&record["f"]));
    let service = |scope: &str| json!({"name": "s", "service": true, "scopes": [scope]});
    let docs = bearer(&made(&server, &Superuser, service("docs:view")).await);
    let notes = bearer(&made(&server, &Superuser, service("notes:view")).await);
    let ana = server.person("ana").await;
    let anas = bearer(&made(&server, &ana.asks(), json!({"name": "k", "scopes": ["*"]})).await);
    server
        .check([
            (docs, get(&path), status(200).says("hello")),
            (notes, get(&path), status(404)),
            (anas, get(&path), status(404)),
            (Superuser, get(&path), status(404)),
            (Guest, get(&path), status(404)),
        ])
        .await;
}
