//! Passwords: wrong ones are counted, whoever they are for.

use serde_json::json;

use crate::{
    client::{Ask, PASSWORD, Server, get, patch, post, status},
    world::Guest,
};

/// "1234567890", as PocketBase hashes it.
const IMPORTED: &str = "$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy";

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

#[tokio::test]
async fn nothing_is_added_to_a_password() {
    let server = Server::start().await;
    let ana = server.person("ana").await;
    let script = format!("UPDATE users SET password = '{IMPORTED}'");
    server.app.store().db().write(move |conn| conn.run_script(&script)).await.expect("writes");
    let own = format!("/api/collections/users/records/{}", ana.id);
    for key in ["password+", "+password", "password-", "password:autogenerate"] {
        for value in ["", "x"] {
            server.check([(ana.asks(), patch(&own, json!({key: value})), status(200))]).await;
        }
    }
    server
        .check([
            (ana.asks(), get(&own), status(200)),
            (ana.asks(), patch(&own, json!({"password": "x"})), status(400)),
            (Guest, sign_in("ana@example.com", IMPORTED), status(400)),
        ])
        .await;
    assert_eq!(server.column("SELECT password FROM users").await, [IMPORTED]);
}
