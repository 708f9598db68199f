//! What follows collections to their new names, also where names go from one to another.

use serde_json::json;

use super::client::{Ask, Server, get, patch, post};

#[tokio::test]
async fn views_and_rate_limits_follow_names_that_move_up() {
    let server = Server::start().await;
    let text = json!([{"name": "t", "type": "text"}]);
    let mut made = Vec::new();
    for (name, value) in [("open", "for all"), ("closed", "SECRET")] {
        made.push(server.collection(name, [None; 5], text.clone()).await);
        server.record(name, json!({"t": value})).await;
    }
    let view = json!({"name": "shown", "type": "view", "viewQuery": "select id, t from open", "listRule": ""});
    server.made(post("/api/collections", view)).await;
    let limit = |label: &str, max: u64| json!({"label": label, "maxRequests": max, "duration": 60, "audience": ""});
    let rules = json!([limit("open:list", 101), limit("closed:list", 102), limit("shown:list", 103)]);
    server.made(patch("/api/settings", json!({"rateLimits": {"enabled": false, "rules": rules}}))).await;
    for (one, name) in made.iter_mut().zip(["closed", "vault"]) {
        one["name"] = name.into();
    }
    server.made(Ask::new("PUT", "/api/collections/import").json(json!({"collections": made}))).await;
    let query = server.made(get("/api/collections/shown")).await["viewQuery"].take();
    assert_eq!(query, "select id, t from closed");
    let shown = server.send(&get("/api/collections/shown/records")).await.json();
    assert_eq!((shown["totalItems"].as_u64(), &shown["items"][0]["t"]), (Some(1), &json!("for all")));
    let settings = server.made(get("/api/settings")).await;
    let rules = settings["rateLimits"]["rules"].as_array().expect("a list");
    let mut found: Vec<_> = rules.iter().map(|rule| (rule["label"].as_str(), rule["maxRequests"].as_u64())).collect();
    found.sort_unstable();
    assert_eq!(
        found,
        [(Some("closed:list"), Some(101)), (Some("shown:list"), Some(103)), (Some("vault:list"), Some(102))]
    );
    server.close().await;
}
