//! Superusers: the link that makes the first one, and that there is always one left; secrets stay secret.

use bakend::service::auth::{installer, superusers};
use serde_json::{Value as Json, json};

use crate::{
    client::{Ask, PASSWORD, ROOT, Server, delete, get, patch, post, status},
    world::{Guest, Superuser, Who},
};

const RECORDS: &str = "/api/collections/_superusers/records";

fn page(token: &str) -> String {
    format!("/_/auth/install/{token}")
}

fn sent(token: &str, body: &str) -> Ask {
    Ask::new("POST", &page(token)).with("Content-Type", "application/x-www-form-urlencoded").raw(body)
}

#[tokio::test]
async fn the_link_makes_the_first_superuser_and_ends() {
    let server = Server::start_bare().await;
    let old = installer::link_token(&server.app).await.expect("a link").expect("nobody is there");
    let token = installer::link_token(&server.app).await.expect("a link").expect("nobody is there");
    assert!(superusers::list(&server.app).await.expect("lists").is_empty(), "the link's account is no superuser");
    let shown = server.send(&get(&page(&token))).await;
    assert_eq!(shown.status, 200);
    assert!(shown.body.contains("<form method=\"post\">") && !shown.body.contains("<script"), "{}", shown.body);
    let policy = shown.header("content-security-policy").expect("a policy");
    assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"), "{policy}");
    assert_eq!(shown.header("cache-control").as_deref(), Some("no-store"));
    let good = "email=first%40example.com&password=1234567890&passwordConfirm=1234567890";
    let ended = || status(400).says("does not work any more");
    server
        .check([
            (Guest, get(&page(&old)), ended()),
            (Guest, get(&page("nonsense")), ended()),
            (Guest, sent("a.b.c", good), ended()),
            (Guest, sent(&old, good), ended()),
            (Guest, sent(&token, "email=x&password=1234567890&passwordConfirm=1234567890"), status(400).says("<form")),
            (
                Guest,
                sent(&token, "email=a%40b.co&password=short&passwordConfirm=short"),
                status(400).says("at least 8"),
            ),
            (
                Guest,
                sent(&token, "email=%22%3E%3Cb%3E&password=1234567890&passwordConfirm=123456789"),
                status(400).says("Values don&#39;t match"),
            ),
            (Guest, get(&page(&token)), status(200)),
            (Guest, sent(&token, good), status(200).says("first@example.com can sign in now")),
            (Guest, get(&page(&token)), ended()),
            (Guest, sent(&token, good), ended()),
            (Who::Token(token.clone()), get("/api/settings"), status(401)),
        ])
        .await;
    let emails: Vec<String> = superusers::list(&server.app)
        .await
        .expect("lists")
        .iter()
        .map(|record| record.text("email").to_owned())
        .collect();
    assert_eq!(emails, ["first@example.com"]);
    assert_eq!(installer::link_token(&server.app).await.expect("asks"), None, "no link while there is one");
    let root = Who::Token(server.token("_superusers", "first@example.com", "1234567890").await);
    server.check([(root, get(RECORDS), status(200).has("/totalItems", 1))]).await;
}

#[tokio::test]
async fn a_panel_makes_the_first_superuser_with_the_links_token_too() {
    let server = Server::start_bare().await;
    let token = installer::link_token(&server.app).await.expect("a link").expect("nobody is there");
    let body = json!({"email": "first@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD});
    let asks = Who::Token(token.clone());
    server
        .check([
            (Guest, post(RECORDS, body.clone()), status(403)),
            (asks.clone(), get("/api/settings"), status(200)),
            (asks.clone(), post(RECORDS, body), status(200)),
            (asks, get("/api/settings"), status(401)),
        ])
        .await;
    assert!(superusers::exist(&server.app).await.expect("asks"));
}

#[tokio::test]
async fn the_link_is_good_where_superusers_may_come_from() {
    let server = Server::start_bare().await;
    let token = installer::link_token(&server.app).await.expect("a link").expect("nobody is there");
    let list = json!({"superuserIPs": ["10.0.0.1"]}).as_object().cloned().expect("an object");
    bakend::service::settings::update(&server.app, list).await.expect("saves");
    server.check([(Guest, get(&page(&token)), status(400)), (Guest, sent(&token, ""), status(400))]).await;
}

#[tokio::test]
async fn nobody_takes_the_address_of_the_link() {
    let server = Server::start().await;
    let root = server.made(get(RECORDS)).await["items"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("{RECORDS}/{root}");
    let new = |email: &str| json!({"email": email, "password": PASSWORD, "passwordConfirm": PASSWORD});
    let shouted = installer::EMAIL.to_uppercase();
    let refused = || status(400).has("/data/email/code", "validation_reserved_email");
    server
        .check([
            (Superuser, patch(&path, json!({"email": installer::EMAIL})), refused()),
            (Superuser, patch(&path, json!({ "email": shouted })), refused()),
            (Superuser, post(RECORDS, new(installer::EMAIL)), refused()),
            (Superuser, post(RECORDS, new(&shouted)), refused()),
            (Superuser, delete(&path), status(400)),
        ])
        .await;
    for outcome in [
        superusers::create(&server.app, installer::EMAIL, PASSWORD).await,
        superusers::upsert(&server.app, installer::EMAIL, PASSWORD).await,
    ] {
        assert_eq!(outcome.expect_err("refused").kind(), bakend::Kind::Invalid);
    }
    let bare = Server::start_bare().await;
    assert!(installer::link_token(&bare.app).await.expect("a link").is_some());
    superusers::update(&bare.app, installer::EMAIL, PASSWORD).await.expect_err("the link's account is no superuser");
}

#[tokio::test]
async fn there_is_always_a_superuser_left() {
    let server = Server::start().await;
    let root = server.made(get(RECORDS)).await["items"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("{RECORDS}/{root}");
    server.collection("teams", [None; 5], json!([{"name": "name", "type": "text"}])).await;
    let team = server.record("teams", json!({"name": "ops"})).await;
    let teams = server.made(get("/api/collections/teams")).await["id"].clone();
    let mut fields =
        server.made(get("/api/collections/_superusers")).await["fields"].as_array().expect("fields").clone();
    fields.push(
        json!({"name": "team", "type": "relation", "collectionId": teams, "cascadeDelete": true, "maxSelect": 1}),
    );
    server.made(patch("/api/collections/_superusers", json!({"fields": fields}))).await;
    server.made(patch(&path, json!({"team": team}))).await;
    server.made(patch("/api/settings", json!({"batch": {"enabled": true}}))).await;
    let only = "You can't delete the only existing superuser.";
    let batch = json!({"requests": [{"method": "DELETE", "url": path}]});
    server
        .check([
            (Superuser, delete(&path), status(400).says(only)),
            (Superuser, delete("/api/collections/_superusers/truncate"), status(400)),
            (Superuser, post("/api/batch", batch.clone()), status(400).says(only)),
            (Superuser, delete(&format!("/api/collections/teams/records/{team}")), status(400)),
            (Superuser, delete("/api/collections/teams/truncate"), status(400)),
        ])
        .await;
    let refused = superusers::delete(&server.app, ROOT).await.expect_err("it is the only one");
    assert_eq!(refused.message(), only);

    let body = json!({"email": "two@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD, "team": team});
    let two = server.record("_superusers", body).await;
    let both = json!({"requests": [{"method": "DELETE", "url": path}, {"method": "DELETE", "url": format!("{RECORDS}/{two}")}]});
    server
        .check([
            (Superuser, post("/api/batch", both), status(400)),
            (Superuser, delete(&format!("/api/collections/teams/records/{team}")), status(400)),
            (Superuser, delete("/api/collections/_superusers/truncate"), status(400)),
        ])
        .await;
    assert_eq!(server.count("_superusers").await, 2, "all or nothing");
    server.made(patch(&path, json!({"team": ""}))).await;
    server.made(delete(&format!("/api/collections/teams/records/{team}"))).await;
    assert_eq!(server.count("_superusers").await, 1, "the other one went with the team");
}

#[tokio::test]
async fn secrets_never_leave_and_a_mask_keeps_them() {
    let server = Server::start().await;
    let secrets = json!({
        "smtp": {"password": "smtp-s3cret"},
        "s3": {"secret": "storage-s3cret"},
        "backups": {"s3": {"secret": "backup-s3cret"}},
    });
    let masked = json!({
        "smtp": {"password": "******", "host": "mail.example.com"},
        "s3": {"secret": "***"},
        "backups": {"s3": {"secret": ""}},
    });
    let provider = json!({
        "oauth2": {"enabled": true, "providers": [{"name": "google", "clientId": "id", "clientSecret": "oauth-s3cret"}]},
        "authToken": {"secret": "token-s3cret-".repeat(4), "duration": 1000},
    });
    let shown = |answer: Json| assert!(!answer.to_string().contains("s3cret"), "{answer}");
    shown(server.made(patch("/api/settings", secrets)).await);
    shown(server.made(patch("/api/settings", masked)).await);
    shown(server.made(get("/api/settings")).await);
    shown(server.made(patch("/api/collections/users", provider)).await);
    shown(server.made(get("/api/collections/users")).await);
    shown(server.made(get("/api/collections")).await);
    shown(server.made(get("/api/collections/users/auth-methods")).await);
    let kept = server.app.settings();
    assert_eq!(kept.smtp.password, "smtp-s3cret");
    assert_eq!((kept.s3.secret.as_str(), kept.backups.s3.secret.as_str()), ("storage-s3cret", "backup-s3cret"));
    assert_eq!(kept.smtp.host, "mail.example.com");
}
