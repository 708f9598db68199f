//! Sessions: listed, ended one by one and all at once, and what else ends them.

use bakend::service::{App, AppOptions, auth::upkeep};
use serde_json::{Value as Json, json};

use crate::{
    client::{Ask, PASSWORD, ROOT, Server, column, delete, get, patch, post, status},
    world::{Guest, Superuser, Who},
};

const SESSIONS: &str = "/api/sessions";
const REFRESH: &str = "/api/collections/users/auth-refresh";

/// Another sign-in of the same person.
async fn again(server: &Server, name: &str) -> Who {
    Who::Token(server.token("users", &format!("{name}@example.com"), PASSWORD).await)
}

async fn listed(server: &Server, who: &Who) -> Vec<Json> {
    let answer = server.ask(who, get(SESSIONS)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["items"].as_array().expect("items").clone()
}

async fn is_signed_in(server: &Server, who: &Who) -> bool {
    server.ask(who, post(REFRESH, json!({}))).await.status == 200
}

#[tokio::test]
async fn every_sign_in_is_listed_with_where_it_came_from() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let sign_in = json!({"identity": "ana@example.com", "password": PASSWORD});
    let sent = post("/api/collections/users/auth-with-password", sign_in).with("User-Agent", "phone");
    let phone = Who::Token(server.send(&sent).await.json()["token"].as_str().expect("a token").to_owned());
    let _bob = server.person("bob").await;

    let items = listed(&server, &phone).await;
    assert_eq!(items.len(), 2, "bob's are not shown: {items:?}");
    let current: Vec<_> = items.iter().filter(|item| item["current"] == true).collect();
    assert_eq!(current.len(), 1);
    let current = current[0];
    for (key, value) in [
        ("userAgent", json!("phone")),
        ("ip", json!("127.0.0.1")),
        ("method", json!("password")),
        ("collectionName", json!("users")),
        ("recordId", json!(ana.id)),
        ("refreshable", json!(true)),
    ] {
        assert_eq!(current[key], value, "{key}");
    }
    assert!(current["expires"].as_str() > current["created"].as_str());

    let of_ana = format!("{SESSIONS}?collection=users&record={}", ana.id);
    server
        .check([
            (Guest, get(SESSIONS), status(401)),
            (phone.clone(), get(&format!("{SESSIONS}?perPage=1&page=2")), status(200).has("/totalItems", 2)),
            (phone.clone(), get(&of_ana), status(403)),
            (Superuser, get(&of_ana), status(200).has("/totalItems", 2).has("/items/0/current", false)),
            (Superuser, get(&format!("{SESSIONS}?collection=users")), status(200).has("/totalItems", 3)),
            (Superuser, get(SESSIONS), status(200).has("/totalItems", 1).has("/items/0/current", true)),
            (Superuser, get(&format!("{SESSIONS}?collection=nope")), status(404)),
            (phone, get(&format!("{SESSIONS}?page=x")), status(400)),
        ])
        .await;
}

#[tokio::test]
async fn an_ended_session_is_refused_at_once_and_others_go_on() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let (laptop, phone, tablet) = (ana.asks(), again(&server, "ana").await, again(&server, "ana").await);
    let bob = server.person("bob").await;
    for who in [&laptop, &phone, &tablet] {
        assert!(is_signed_in(&server, who).await, "and known to the cache");
    }
    let id_of = |items: Vec<Json>| {
        let own = items.iter().find(|item| item["current"] == true).expect("the own").clone();
        own["id"].as_str().expect("an id").to_owned()
    };
    let phone_id = id_of(listed(&server, &phone).await);
    let path = format!("{SESSIONS}/{phone_id}");
    server
        .check([
            (Guest, delete(&path), status(401)),
            (bob.asks(), delete(&path), status(404)),
            (laptop.clone(), delete(&format!("{SESSIONS}/nope")), status(404)),
            (laptop.clone(), delete(&path), status(204)),
            (laptop.clone(), delete(&path), status(404)),
        ])
        .await;
    assert!(!is_signed_in(&server, &phone).await);
    assert!(is_signed_in(&server, &laptop).await && is_signed_in(&server, &tablet).await);

    let tablet_id = id_of(listed(&server, &tablet).await);
    server.check([(Superuser, delete(&format!("{SESSIONS}/{tablet_id}")), status(204))]).await;
    assert!(!is_signed_in(&server, &tablet).await);

    server.check([(laptop.clone(), delete(&format!("{SESSIONS}/current")), status(204))]).await;
    assert!(!is_signed_in(&server, &laptop).await, "signed out");
    assert!(is_signed_in(&server, &bob.asks()).await);
}

#[tokio::test]
async fn all_sessions_or_all_others_end_together() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let (first, second, third) = (ana.asks(), again(&server, "ana").await, again(&server, "ana").await);
    let others = format!("{SESSIONS}?others=true");
    server.check([(second.clone(), delete(&others), status(200).has("/ended", 2))]).await;
    for (who, stays) in [(&first, false), (&second, true), (&third, false)] {
        assert_eq!(is_signed_in(&server, who).await, stays);
    }
    server.check([(second.clone(), delete(SESSIONS), status(200).has("/ended", 1))]).await;
    assert!(!is_signed_in(&server, &second).await);

    let fourth = again(&server, "ana").await;
    let of_ana = format!("{SESSIONS}?collection=users&record={}", ana.id);
    let bob = server.person("bob").await;
    server
        .check([
            (bob.asks(), delete(&of_ana), status(403)),
            (Superuser, delete(&format!("{SESSIONS}?collection=users")), status(400)),
            (Superuser, delete(&format!("{SESSIONS}?collection=users&record=nope")), status(404)),
            (bob.asks(), delete(&format!("{SESSIONS}?others=maybe")), status(400)),
            (Superuser, delete(&of_ana), status(200).has("/ended", 1)),
        ])
        .await;
    assert!(!is_signed_in(&server, &fourth).await);
    assert!(is_signed_in(&server, &bob.asks()).await);
}

#[tokio::test]
async fn who_asks_with_a_known_token_costs_no_query() {
    let server = Server::start().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let own = |id: &str| get(&format!("/api/collections/users/records/{id}"));
    server.check([(ana.asks(), own(&ana.id), status(200))]).await;
    let text = |who: Who| if let Who::Token(token) = who { token } else { String::new() };
    // Whatever asks the database from now on fails.
    server.app.store().close().await;
    let known = bakend::service::auth::who::signed_in(&server.app, &text(ana.asks())).await;
    assert_eq!(known.expect("no query").map(|found| found.record.id().to_owned()), Some(ana.id));
    let unknown = bakend::service::auth::who::signed_in(&server.app, &text(bob.asks())).await;
    assert!(unknown.is_err(), "the first time costs one");
}

#[tokio::test]
async fn a_refreshed_token_names_the_same_session() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let fresh = server.ask(&ana.asks(), post(REFRESH, json!({}))).await.json();
    let fresh = Who::Token(fresh["token"].as_str().expect("a token").to_owned());
    assert_eq!(listed(&server, &fresh).await.len(), 1);
    server.check([(fresh.clone(), delete(&format!("{SESSIONS}/current")), status(204))]).await;
    assert!(!is_signed_in(&server, &ana.asks()).await && !is_signed_in(&server, &fresh).await);
}

#[tokio::test]
async fn acting_as_somebody_is_a_session_of_its_own_that_does_not_go_on() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let path = format!("/api/collections/users/impersonate/{}", ana.id);
    let token = server.made(post(&path, json!({"duration": 600}))).await["token"].clone();
    let acting = Who::Token(token.as_str().expect("a token").to_owned());
    let items = listed(&server, &ana.asks()).await;
    let one = items.iter().find(|item| item["method"] == "impersonate").expect("it is listed");
    assert_eq!(one["refreshable"], false);
    let same = server.ask(&acting, post(REFRESH, json!({}))).await.json();
    assert_eq!(same["token"], token);
    let path = format!("{SESSIONS}/{}", one["id"].as_str().expect("an id"));
    server.check([(ana.asks(), delete(&path), status(204))]).await;
    assert!(!is_signed_in(&server, &acting).await && is_signed_in(&server, &ana.asks()).await);
}

#[tokio::test]
async fn a_file_token_ends_with_its_session() {
    let server = Server::start().await;
    let fields = json!([{"name": "f", "type": "file", "protected": true}]);
    let signed_in = Some("@request.auth.id != ''");
    server.collection("docs", [signed_in, signed_in, signed_in, None, None], fields).await;
    let ana = server.person("ana").await;
    let upload = Ask::new("POST", "/api/collections/docs/records")
        .with("Content-Type", "multipart/form-data; boundary=b")
        .raw("--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\r\nhello\r\n--b--\r\n");
    let record = server.ask(&ana.asks(), upload).await.json();
    let token = server.ask(&ana.asks(), post("/api/files/token", json!({}))).await.json()["token"].clone();
    let text = |value: &Json| value.as_str().expect("a text").to_owned();
    let path = format!("/api/files/docs/{}/{}?token={}", text(&record["id"]), text(&record["f"]), text(&token));
    server
        .check([
            (Guest, get(&path), status(200).says("hello")),
            (ana.asks(), delete(&format!("{SESSIONS}/current")), status(204)),
            (Guest, get(&path), status(404)),
        ])
        .await;
}

#[tokio::test]
async fn a_new_password_a_new_secret_and_the_end_of_an_account_take_its_sessions() {
    let server = Server::start().await;
    let (ana, bob, cleo) = (server.person("ana").await, server.person("bob").await, server.person("cleo").await);
    let count = |id: String| {
        let path = format!("{SESSIONS}?collection=users&record={id}");
        let server = &server;
        async move { server.made(get(&path)).await["totalItems"].as_u64().expect("a number") }
    };
    assert_eq!(count(ana.id.clone()).await, 1);
    let change = json!({"password": "another one", "passwordConfirm": "another one", "oldPassword": PASSWORD});
    let record = |id: &str| format!("/api/collections/users/records/{id}");
    server.check([(ana.asks(), patch(&record(&ana.id), change), status(200))]).await;
    assert_eq!(count(ana.id.clone()).await, 0);
    assert!(!is_signed_in(&server, &ana.asks()).await);

    server.made(delete(&record(&bob.id))).await;
    assert_eq!(count(bob.id.clone()).await, 0);

    server
        .made(patch("/api/collections/users", json!({"authToken": {"duration": 1000, "secret": "s".repeat(40)}})))
        .await;
    assert_eq!(count(cleo.id.clone()).await, 0);
    assert!(!is_signed_in(&server, &cleo.asks()).await);
}

#[tokio::test]
async fn what_ended_is_forgotten_and_the_last_use_is_kept_over_a_stop() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let path = format!("/api/collections/users/impersonate/{}", ana.id);
    server.made(post(&path, json!({"duration": 3600}))).await;
    // As if both had begun long ago: one has ended since, the other is used now.
    let past = "2020-01-01 00:00:00.000Z";
    let ids: Vec<String> =
        listed(&server, &ana.asks()).await.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect();
    let sql = format!(
        "UPDATE _sessions SET last_used = '{past}'; \
         UPDATE _sessions SET expires = '{past}' WHERE method = 'impersonate'"
    );
    server.app.store().db().write(move |conn| conn.run_script(&sql)).await.expect("writes");
    upkeep::sweep(&server.app).await.expect("sweeps");
    assert_eq!(listed(&server, &ana.asks()).await.len(), ids.len() - 1);
    server.app.forget_sign_ins();
    assert!(is_signed_in(&server, &ana.asks()).await);
    let dir = server.app.options().dir.clone();
    let folder = server.close_and_keep().await;
    let app = App::open(AppOptions::new(dir)).await.expect("opens");
    let used = column(&app, "SELECT last_used FROM _sessions WHERE collection = '_pb_users_auth_'").await;
    assert_eq!(used.len(), 1);
    assert!(used[0].as_str() > past, "{used:?}");
    app.close().await;
    drop(folder);
}

#[tokio::test]
async fn another_process_that_ends_a_session_is_heard() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    assert!(is_signed_in(&server, &ana.asks()).await);
    let other = App::open(AppOptions::new(&server.app.options().dir)).await.expect("opens beside");
    let users = other.schema().find("users").cloned().expect("users");
    let ended = bakend::service::auth::sessions::end_all(&other, &users, &ana.id, None).await.expect("ends");
    assert_eq!(ended, 1);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while is_signed_in(&server, &ana.asks()).await {
        assert!(std::time::Instant::now() < deadline, "the change was never heard of");
        tokio::task::yield_now().await;
    }
    other.close().await;
}

#[tokio::test]
async fn a_token_of_before_there_were_sessions_works_and_gets_one_at_refresh() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let users = server.app.schema().find("users").cloned().expect("users");
    let (db, schema) = (server.app.store().db(), server.app.schema());
    let found = bakend::service::records::find(&db, server.app.planner(), &schema, &users, &ana.id);
    let record = found.await.expect("reads").expect("ana");
    use bakend::service::auth::token::{TokenKind, issue};
    let old = Who::Token(issue(&record, TokenKind::Auth, true, None).expect("signs"));
    assert!(listed(&server, &old).await.iter().all(|item| item["current"] == false));
    server
        .check([
            (old.clone(), delete(&format!("{SESSIONS}/current")), status(404)),
            (old.clone(), delete(&format!("{SESSIONS}?others=1")), status(400).says("belongs to no session")),
        ])
        .await;
    let fresh = server.ask(&old, post(REFRESH, json!({}))).await.json()["token"].clone();
    let fresh = Who::Token(fresh.as_str().expect("a token").to_owned());
    let items = listed(&server, &fresh).await;
    assert!(items.iter().any(|item| item["current"] == true && item["method"] == "imported"), "{items:?}");
    server.check([(fresh, delete(SESSIONS), status(200).has("/ended", 2))]).await;
    assert!(!is_signed_in(&server, &old).await, "everywhere means everywhere");
    let root = json!({"identity": ROOT, "password": PASSWORD});
    server.check([(Guest, post("/api/collections/_superusers/auth-with-password", root), status(200))]).await;
}
