//! The pages that mails link to.

use serde_json::json;

use super::{
    client::{Answer, Ask, PASSWORD, Server, get, status},
    mailing::{USERS, ask, link, set, with_mails},
    world::{Guest, Person},
};

const ANA: &str = "ana@example.com";

/// Follows a mail's link on the server under test.
fn page(link: &str) -> Ask {
    get(path(link))
}

fn send(link: &str, form: &str) -> Ask {
    Ask::new("POST", path(link)).with("Content-Type", "application/x-www-form-urlencoded").raw(form)
}

fn path(link: &str) -> &str {
    link.strip_prefix("http://localhost:8090").expect("a link to the app")
}

async fn with_ana() -> (Server, bakend::service::mail::Outbox, Person) {
    let (server, outbox) = with_mails().await;
    set(&server, json!({"authAlert": {"enabled": false}})).await;
    let ana = server.person("ana").await;
    (server, outbox, ana)
}

fn is_safe(answer: &Answer) {
    let policy = answer.header("content-security-policy").expect("a policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'self'; form-action 'self'"), "{policy}");
    assert_eq!(answer.header("referrer-policy").as_deref(), Some("no-referrer"));
    assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
    assert!(!answer.body.contains("<script") && !answer.body.contains("style="), "{}", answer.body);
}

#[tokio::test]
async fn a_verification_link_asks_for_a_click_before_anything_happens() {
    let (server, outbox, ana) = with_ana().await;
    server.check([(Guest, ask("request-verification", json!({"email": ANA})), status(204))]).await;
    let (link, _) = link(&outbox.wait_for(1).await[0]);
    let own = || get(&format!("{USERS}/records/{}", ana.id));
    let shown = server.send(&page(&link)).await;
    is_safe(&shown);
    server
        .check([
            (Guest, page(&link), status(200).says("Verify your email address").says(ANA).says("method=\"post\"")),
            (ana.asks(), own(), status(200).has("/verified", false)),
            (Guest, send(&link, ""), status(200).says("Your email address is verified").says("Continue to Acme")),
            (ana.asks(), own(), status(200).has("/verified", true)),
        ])
        .await;
}

#[tokio::test]
async fn a_reset_link_takes_a_new_password_once() {
    let (server, outbox, _ana) = with_ana().await;
    server.check([(Guest, ask("request-password-reset", json!({"email": ANA})), status(204))]).await;
    let (link, _) = link(&outbox.wait_for(1).await[0]);
    let form = |password: &str, again: &str| send(&link, &format!("password={password}&passwordConfirm={again}"));
    let done = server.send(&form("short", "short")).await;
    is_safe(&done);
    let sign_in = ask("auth-with-password", json!({"identity": ANA, "password": "new-password"}));
    server
        .check([
            (Guest, page(&link), status(200).says("Choose a new password").says("autocomplete=\"new-password\"")),
            (Guest, form("short", "short"), status(400).says("The length must be between 8 and 255.")),
            (Guest, form("new-password", "other"), status(400).says("Values don&#39;t match.")),
            (Guest, form("", ""), status(400).says("Cannot be blank.")),
            (Guest, form("new-password", "new-password"), status(200).says("Your password is changed")),
            (Guest, form("new-password", "new-password"), status(400).says("This link does not work any more")),
            (Guest, page(&link), status(400).says("This link does not work any more")),
            (Guest, sign_in, status(200)),
        ])
        .await;
}

#[tokio::test]
async fn an_email_change_link_asks_for_the_password() {
    let (server, outbox, ana) = with_ana().await;
    let request = ask("request-email-change", json!({"newEmail": "new@example.com"}));
    server.check([(ana.asks(), request, status(204))]).await;
    let (link, _) = link(&outbox.wait_for(1).await[0]);
    let sign_in = ask("auth-with-password", json!({"identity": "new@example.com", "password": PASSWORD}));
    server
        .check([
            (Guest, page(&link), status(200).says("From ana@example.com to new@example.com.")),
            (Guest, send(&link, "password=wrong"), status(400).says("Missing or invalid auth record password.")),
            (Guest, send(&link, &format!("password={PASSWORD}")), status(200).says("Your email address is changed")),
            (Guest, sign_in, status(200)),
        ])
        .await;
}

#[tokio::test]
async fn other_links_lead_nowhere_and_pockets_links_are_led_on() {
    let (server, _outbox, ana) = with_ana().await;
    let super::world::Who::Token(token) = ana.asks() else { panic!("a person has a token") };
    let ended = || status(400).says("This link does not work any more");
    server
        .check([
            (Guest, get("/_/auth/confirm-verification/nonsense"), ended()),
            (Guest, get(&format!("/_/auth/confirm-password-reset/{token}")), ended()),
            (Guest, get("/_/auth/confirm-nothing/x"), status(404)),
            (Guest, send("http://localhost:8090/_/auth/confirm-password-reset/x", "password=a"), ended()),
            (Guest, get("/_/"), status(200).header("referrer-policy", "no-referrer")),
            (Guest, get("/_/auth/links.js"), status(200).says("location.replace")),
            (Guest, get("/_/auth/pages.css"), status(200).says("--accent: #1055c9")),
        ])
        .await;
}
