//! Passwords: wrong ones are counted, whoever they are for.

use serde_json::json;

use crate::{
    client::{Ask, PASSWORD, Server, patch, post, status},
    world::Guest,
};

fn sign_in(identity: &str, password: &str) -> Ask {
    post("/api/collections/users/auth-with-password", json!({"identity": identity, "password": password}))
}

#[tokio::test]
async fn wrong_passwords_are_counted_whether_or_not_the_account_exists() {
    let server = Server::start().await;
    server.person("ana").await;
    server.person("bob").await;
    for identity in ["ana@example.com", "nobody@example.com"] {
        for _ in 0..bakend::limits::PASSWORD_GUESSES_NEAR_MAX {
            let answer = server.send(&sign_in(identity, "wrong")).await;
            assert_eq!((answer.status, answer.json()["message"].as_str()), (400, Some("Failed to authenticate.")));
        }
        let answer = server.send(&sign_in(&identity.to_uppercase(), PASSWORD)).await;
        assert_eq!(answer.status, 429, "the right one too, in any spelling: {identity}");
        let wait: u64 = answer.header("retry-after").expect("when").parse().expect("seconds");
        assert!((1..=bakend::limits::PASSWORD_GUESSES_NEAR_WINDOW.as_secs()).contains(&wait));
    }
    server.check([(Guest, sign_in("bob@example.com", PASSWORD), status(200))]).await;
    for _ in 0..bakend::limits::PASSWORD_GUESSES_NEAR_MAX + 2 {
        server.check([(Guest, sign_in("bob@example.com", PASSWORD), status(200))]).await;
    }
    // From another network there is more room.
    server.made(patch("/api/settings", json!({"trustedProxy": {"headers": ["X-Real-IP"]}}))).await;
    let elsewhere = sign_in("ana@example.com", PASSWORD).with("X-Real-IP", "192.0.2.7");
    server.check([(Guest, elsewhere, status(200))]).await;
}
