//! From where an account signs in, and the mail about a new place.

use bakend::service::mail::Outbox;
use serde_json::json;

use super::{
    client::{Ask, PASSWORD, Server, delete, get, patch, status},
    mailing::{USERS, ask, with_mails},
    world::{Guest, Superuser},
};

fn from(agent: &str) -> Ask {
    ask("auth-with-password", json!({"identity": "ana@example.com", "password": PASSWORD})).with("User-Agent", agent)
}

async fn with_ana() -> (Server, Outbox, String) {
    let (server, outbox) = with_mails().await;
    let body = json!({"email": "ana@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD});
    let id = server.record("users", body).await;
    (server, outbox, id)
}

async fn places(server: &Server, owner: &str) -> u64 {
    let filter = format!("recordRef%3D%22{owner}%22");
    let page = server.made(get(&format!("/api/collections/_authOrigins/records?filter={filter}"))).await;
    page["totalItems"].as_u64().expect("a total")
}

#[tokio::test]
async fn the_first_place_is_noted_and_a_further_one_is_told() {
    let (server, outbox, ana) = with_ana().await;
    for _ in 0..2 {
        server.check([(Guest, from("one"), status(200))]).await;
    }
    assert_eq!((places(&server, &ana).await, outbox.all().len()), (1, 0));
    server.check([(Guest, from("two <b>x</b>"), status(200)), (Guest, from("two <b>x</b>"), status(200))]).await;
    let mail = outbox.wait_for(1).await.remove(0);
    assert!(mail.text.contains("Z - 127.0.0.1 two <b>x</b>"), "{}", mail.text);
    assert!(mail.html.contains("two &lt;b&gt;x&lt;/b&gt;"), "{}", mail.html);
    assert_eq!(mail.to[0].address, "ana@example.com");
    for agent in ["three", "four", "five", "six"] {
        server.check([(Guest, from(agent), status(200))]).await;
    }
    assert_eq!(places(&server, &ana).await, 5);
    // The oldest was forgotten.
    let before = outbox.wait_for(5).await.len();
    server.check([(Guest, from("one"), status(200))]).await;
    outbox.wait_for(before + 1).await;
}

#[tokio::test]
async fn another_password_forgets_all_places_and_another_key_does_not() {
    let (server, _outbox, ana) = with_ana().await;
    server.check([(Guest, from("one"), status(200)), (Guest, from("two"), status(200))]).await;
    let change = |body| patch(&format!("{USERS}/records/{ana}"), body);
    server.made(change(json!({"tokenKey": "k".repeat(40)}))).await;
    assert_eq!(places(&server, &ana).await, 2);
    server.made(change(json!({"password": "another one", "passwordConfirm": "another one"}))).await;
    assert_eq!(places(&server, &ana).await, 0);
}

#[tokio::test]
async fn places_go_with_their_account_and_are_not_noted_without_alerts() {
    let (server, _outbox, ana) = with_ana().await;
    server.check([(Guest, from("one"), status(200))]).await;
    server.check([(Superuser, delete(&format!("{USERS}/records/{ana}")), status(204))]).await;
    assert_eq!(places(&server, &ana).await, 0);
    server.made(patch(USERS, json!({"authAlert": {"enabled": false}}))).await;
    let bob = server.person("bob").await;
    assert_eq!(places(&server, &bob.id).await, 0);
}

#[tokio::test]
async fn owners_see_and_remove_their_places_and_nobody_makes_any() {
    let (server, _outbox, _ana) = with_ana().await;
    let (bob, eve) = (server.person("bob").await, server.person("eve").await);
    let all = "/api/collections/_authOrigins/records";
    let own = server.ask(&bob.asks(), get(all)).await.json();
    assert_eq!(own["totalItems"], 1, "{own}");
    let id = own["items"][0]["id"].as_str().expect("an id").to_owned();
    let row = json!({"collectionRef": "_pb_users_auth_", "recordRef": bob.id, "fingerprint": "x"});
    let strange = |collection: &str, record: &str| {
        super::client::post(all, json!({"collectionRef": collection, "recordRef": record, "fingerprint": "y"}))
    };
    let wrong = |field: &str, code: &str| status(400).has(&format!("/data/{field}/code"), code);
    server
        .check([
            (Guest, get(all), status(200).has("/totalItems", 0)),
            (eve.asks(), delete(&format!("{all}/{id}")), status(404)),
            (bob.asks(), super::client::post(all, row), status(403)),
            (Superuser, strange("_mfas", "x"), wrong("collectionRef", "validation_invalid_collection_id")),
            (Superuser, strange("_pb_users_auth_", "x"), wrong("recordRef", "validation_invalid_record")),
            (bob.asks(), delete(&format!("{all}/{id}")), status(204)),
        ])
        .await;
}
