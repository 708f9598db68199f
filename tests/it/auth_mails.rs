//! Verification, password reset and change of email: mails and what their tokens do.

use bakend::{
    hooks::Bind,
    service::mail::{MailMessage, Outbox},
};
use serde_json::{Value as Json, json};

use super::{
    client::{Ask, PASSWORD, Server, get, patch, post, status},
    mailing::{USERS, ask, link, set, with_mails},
    world::{Guest, Person, Superuser, Who},
};

const ANA: &str = "ana@example.com";

async fn with_ana() -> (Server, Outbox, Person) {
    let (server, outbox) = with_mails().await;
    set(&server, json!({"authAlert": {"enabled": false}})).await;
    let ana = server.person("ana").await;
    (server, outbox, ana)
}

/// Asks for a mail; returns it and its token.
async fn mailed(server: &Server, outbox: &Outbox, who: &Who, ask: Ask) -> (MailMessage, String) {
    let before = outbox.all().len();
    server.check([(who.clone(), ask, status(204))]).await;
    let mail = outbox.wait_for(before + 1).await.pop().expect("a mail");
    let (_, token) = link(&mail);
    (mail, token)
}

fn sign_in(email: &str, password: &str) -> Ask {
    ask("auth-with-password", json!({"identity": email, "password": password}))
}

fn own(person: &Person) -> Ask {
    get(&format!("{USERS}/records/{}", person.id))
}

#[tokio::test]
async fn an_address_is_verified_by_the_token_that_was_sent_to_it() {
    let (server, outbox, ana) = with_ana().await;
    let (mail, token) = mailed(&server, &outbox, &Guest, ask("request-verification", json!({"email": ANA}))).await;
    assert_eq!(mail.to[0].address, ANA);
    let confirm = || ask("confirm-verification", json!({"token": token}));
    server
        .check([
            (ana.asks(), own(&ana), status(200).has("/verified", false)),
            (Guest, confirm(), status(204)),
            (ana.asks(), own(&ana), status(200).has("/verified", true)),
            (Guest, confirm(), status(204)),
            (Guest, ask("request-verification", json!({"email": ANA})), status(204)),
        ])
        .await;
    assert_eq!(outbox.all().len(), 1, "who is verified gets no mail");
}

#[tokio::test]
async fn a_token_that_verified_once_does_not_when_that_was_taken_back() {
    let (server, outbox, ana) = with_ana().await;
    let (_, token) = mailed(&server, &outbox, &Guest, ask("request-verification", json!({"email": ANA}))).await;
    let confirm = || ask("confirm-verification", json!({"token": token}));
    server.check([(Guest, confirm(), status(204))]).await;
    server.made(patch(&format!("{USERS}/records/{}", ana.id), json!({"verified": false}))).await;
    let used = status(400).has("/data/token/code", "validation_invalid_token");
    server.check([(Guest, confirm(), used), (Superuser, own(&ana), status(200).has("/verified", false))]).await;
}

#[tokio::test]
async fn a_new_password_ends_everything_that_was_signed_in() {
    let (server, outbox, ana) = with_ana().await;
    let (_, token) = mailed(&server, &outbox, &Guest, ask("request-password-reset", json!({"email": ANA}))).await;
    let confirm = |password: &str, again: &str| {
        ask("confirm-password-reset", json!({"token": token, "password": password, "passwordConfirm": again}))
    };
    let fault = |field: &str, code: &str| status(400).has(&format!("/data/{field}/code"), code);
    server
        .check([
            (Guest, confirm("short", "short"), fault("password", "validation_length_out_of_range")),
            (Guest, confirm("long enough", "other"), fault("passwordConfirm", "validation_values_mismatch")),
            (Guest, confirm(&"x".repeat(100), &"x".repeat(100)), status(400).says("Failed to set new password.")),
            (ana.asks(), own(&ana), status(200)),
            (Guest, confirm("a new password", "a new password"), status(204)),
            (ana.asks(), own(&ana), status(404)),
            (Guest, confirm("another password", "another password"), fault("token", "validation_invalid_token")),
            (Guest, sign_in(ANA, PASSWORD), status(400)),
            (Guest, sign_in(ANA, "a new password"), status(200).has("/record/verified", true)),
        ])
        .await;
}

#[tokio::test]
async fn of_requests_with_one_token_at_once_one_sets_the_password() {
    let (server, outbox, _ana) = with_ana().await;
    let (_, token) = mailed(&server, &outbox, &Guest, ask("request-password-reset", json!({"email": ANA}))).await;
    let go = |password: &str| {
        let body = json!({"token": token, "password": password, "passwordConfirm": password});
        let server = &server;
        async move { server.ask(&Guest, ask("confirm-password-reset", body)).await.status }
    };
    let (a, b, c, d) = tokio::join!(go("password a"), go("password b"), go("password c"), go("password d"));
    let mut statuses = [a, b, c, d];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 400, 400, 400]);
}

#[tokio::test]
async fn an_address_changes_with_the_password_and_the_token_sent_to_the_new_one() {
    let (server, outbox, ana) = with_ana().await;
    server.person("bob").await;
    let request = |email: &str| ask("request-email-change", json!({"newEmail": email}));
    let fault = |field: &str, code: &str| status(400).has(&format!("/data/{field}/code"), code);
    server
        .check([
            (ana.asks(), request(""), fault("newEmail", "validation_required")),
            (ana.asks(), request(ANA), fault("newEmail", "validation_not_in_invalid")),
            (ana.asks(), request("bob@example.com"), fault("newEmail", "validation_invalid_new_email")),
        ])
        .await;
    let (mail, token) = mailed(&server, &outbox, &ana.asks(), request("new@example.com")).await;
    assert_eq!(mail.to[0].address, "new@example.com");
    let (_, taken) = mailed(&server, &outbox, &ana.asks(), request("taken@example.com")).await;
    server.person("taken").await;
    let confirm =
        |token: &str, password: &str| ask("confirm-email-change", json!({"token": token, "password": password}));
    server
        .check([
            (Guest, confirm(&token, "wrong password"), fault("password", "validation_invalid_password")),
            (Guest, confirm(&taken, PASSWORD), fault("token", "validation_invalid_token_email")),
            (Guest, confirm(&token, PASSWORD), status(204)),
            (ana.asks(), own(&ana), status(404)),
            (Guest, confirm(&token, PASSWORD), fault("token", "validation_invalid_token")),
            (Guest, sign_in(ANA, PASSWORD), status(400)),
            (Guest, sign_in("new@example.com", PASSWORD), status(200).has("/record/verified", true)),
        ])
        .await;
}

#[tokio::test]
async fn what_others_write_while_a_token_is_used_stays() {
    let (server, outbox, ana) = with_ana().await;
    let request = ask("request-email-change", json!({"newEmail": "new@example.com"}));
    let (_, token) = mailed(&server, &outbox, &ana.asks(), request).await;
    // Hooks run when the account has been read and before it is written.
    server.app.hooks().auth.email_change.before.add(Bind::all(), |event, next| {
        Box::pin(async move {
            let id = event.record.id().to_owned();
            event.app.records("users").as_system().update(id.as_str(), json!({"name": "barred"})).await?;
            next.run(event).await
        })
    });
    let confirm = ask("confirm-email-change", json!({"token": token, "password": PASSWORD}));
    let stored = status(200).has("/name", "barred").has("/email", "new@example.com").has("/verified", true);
    server.check([(Guest, confirm, status(204)), (Superuser, own(&ana), stored)]).await;
}

#[tokio::test]
async fn whoever_has_a_session_cannot_guess_the_password_by_changing_the_address() {
    let (server, outbox, ana) = with_ana().await;
    let request = ask("request-email-change", json!({"newEmail": "new@example.com"}));
    let (_, token) = mailed(&server, &outbox, &ana.asks(), request).await;
    let guess = || ask("confirm-email-change", json!({"token": token, "password": "a guess"}));
    let mut last = 400;
    for _ in 0..100 {
        last = server.ask(&Guest, guess()).await.status;
        if last != 400 {
            break;
        }
    }
    assert_eq!(last, 429);
}

#[tokio::test]
async fn an_account_does_not_ask_about_all_addresses() {
    let (server, _outbox, ana) = with_ana().await;
    server.person("bob").await;
    let request = ask("request-email-change", json!({"newEmail": "bob@example.com"}));
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(server.ask(&ana.asks(), request.clone()).await.status);
    }
    assert_eq!((statuses[0], statuses[11]), (400, 429), "{statuses:?}");
}

#[tokio::test]
async fn a_stranger_learns_nothing_and_sends_one_mail_in_two_minutes() {
    let (server, outbox, _ana) = with_ana().await;
    for endpoint in ["request-verification", "request-password-reset"] {
        for email in [ANA, ANA, "nobody@example.com", "ANA@example.com"] {
            server.check([(Guest, ask(endpoint, json!({"email": email})), status(204))]).await;
        }
    }
    outbox.wait_for(2).await;
    let ana = server.token("users", ANA, PASSWORD).await;
    let mut last = 0;
    for _ in 0..12 {
        let again = ask("request-email-change", json!({"newEmail": "new@example.com"}));
        last = server.ask(&Who::Token(ana.clone()), again).await.status;
    }
    assert_eq!(last, 429);
    server.close().await;
    let to: Vec<_> = outbox.all().iter().map(|mail| mail.to[0].address.clone()).collect();
    assert_eq!(to.iter().filter(|to| *to == ANA).count(), 2, "one of each kind");
    assert_eq!(to.iter().filter(|to| *to == "new@example.com").count(), 10);
}

#[tokio::test]
async fn superusers_reset_their_password_like_everybody_and_are_verified_anyway() {
    let (server, outbox) = with_mails().await;
    let su = |endpoint: &str, body: Json| post(&format!("/api/collections/_superusers/{endpoint}"), body);
    let root = super::client::ROOT;
    server
        .check([
            (Guest, su("request-verification", json!({"email": root})), status(400).says("verified by default")),
            (Guest, su("confirm-verification", json!({"token": "x"})), status(400).says("verified by default")),
            (Guest, su("confirm-email-change", json!({})), status(400).says("change their emails directly")),
            (Superuser, su("request-email-change", json!({"newEmail": "n@example.com"})), status(400).says("directly")),
            (Guest, su("request-password-reset", json!({"email": root})), status(204)),
        ])
        .await;
    let (_, token) = link(&outbox.wait_for(1).await[0]);
    let body = json!({"token": token, "password": "another one", "passwordConfirm": "another one"});
    server
        .check([
            (Guest, su("confirm-password-reset", body), status(204)),
            (Superuser, get("/api/settings"), status(401)),
            (Guest, su("auth-with-password", json!({"identity": root, "password": "another one"})), status(200)),
        ])
        .await;
}

#[tokio::test]
async fn every_endpoint_takes_its_own_tokens_only() {
    let (server, outbox, ana) = with_ana().await;
    server.made(post("/api/collections", json!({"name": "staff", "type": "auth"}))).await;
    let (_, verification) = mailed(&server, &outbox, &Guest, ask("request-verification", json!({"email": ANA}))).await;
    let (_, reset) = mailed(&server, &outbox, &Guest, ask("request-password-reset", json!({"email": ANA}))).await;
    let request = ask("request-email-change", json!({"newEmail": "new@example.com"}));
    let (_, change) = mailed(&server, &outbox, &ana.asks(), request).await;
    let Who::Token(signed_in) = ana.asks() else { panic!("a person has a token") };
    let eve = server.person("eve").await;

    let body = |token: &str| json!({"token": token, "password": PASSWORD, "passwordConfirm": PASSWORD});
    let mut rows = Vec::new();
    for (endpoint, good) in
        [("confirm-verification", &verification), ("confirm-password-reset", &reset), ("confirm-email-change", &change)]
    {
        for token in [&verification, &reset, &change, &signed_in, &"x.y.z".to_owned()] {
            // Whoever sends it: the token counts, not the caller.
            for who in [Guest, ana.asks(), eve.asks(), Superuser] {
                if token != good {
                    rows.push((who, ask(endpoint, body(token)), status(400).says("validation_invalid_token")));
                }
            }
        }
        let elsewhere = post(&format!("/api/collections/staff/{endpoint}"), body(good));
        rows.push((Guest, elsewhere, status(400).has("/data/token/code", "validation_token_collection_mismatch")));
    }
    server.check(rows).await;
    server.check([(Guest, sign_in(ANA, PASSWORD), status(200).has("/record/verified", false))]).await;
}

#[tokio::test]
async fn an_ended_token_and_one_of_an_older_secret_confirm_nothing() {
    let (server, outbox, ana) = with_ana().await;
    let request = || ask("request-password-reset", json!({"email": ANA}));
    let body = |token: &str| json!({"token": token, "password": "another one", "passwordConfirm": "another one"});
    let refused = || status(400).has("/data/token/code", "validation_invalid_token");
    let (_, token) = mailed(&server, &outbox, &Guest, request()).await;
    set(&server, json!({"passwordResetToken": {"secret": "s".repeat(40)}})).await;
    server.check([(Guest, ask("confirm-password-reset", body(&token)), refused())]).await;

    let record = server.app.schema().find("users").cloned().expect("users");
    let (app, db, schema) = (&server.app, server.app.store().db(), server.app.schema());
    let found = bakend::service::records::find(&db, app.planner(), &schema, &record, &ana.id);
    let mut found = found.await.expect("reads").expect("is there");
    let mut collection = (*found.collection).clone();
    collection.auth.as_mut().expect("an auth collection").password_reset_token.duration = -1;
    found.collection = std::sync::Arc::new(collection);
    let kind = bakend::service::auth::TokenKind::PasswordReset;
    let ended = bakend::service::auth::mail_token::issue(&found, kind, "").expect("signs");
    server.check([(Guest, ask("confirm-password-reset", body(&ended)), refused())]).await;
}

#[tokio::test]
async fn who_may_ask_for_a_change_of_email() {
    let (server, _outbox, ana) = with_ana().await;
    server.made(post("/api/collections", json!({"name": "staff", "type": "auth"}))).await;
    let person = json!({"email": "joe@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD});
    server.record("staff", person).await;
    let joe = Who::Token(server.token("staff", "joe@example.com", PASSWORD).await);
    let verification = server.made(post(&format!("{USERS}/impersonate/{}", ana.id), json!({}))).await;
    let impersonated = Who::Token(verification["token"].as_str().unwrap_or_default().to_owned());
    let request = || ask("request-email-change", json!({"newEmail": "new@example.com"}));
    server
        .check([
            (Guest, request(), status(401)),
            (Who::Token("nonsense".to_owned()), request(), status(401)),
            (joe, request(), status(403)),
            (Superuser, request(), status(403)),
            (impersonated, request(), status(204)),
            (ana.asks(), request(), status(204)),
            (ana.asks(), post("/api/collections/nope/request-email-change", json!({})), status(404)),
        ])
        .await;
}

#[tokio::test]
async fn the_test_mail_is_for_superusers_and_tells_what_went_wrong() {
    let (server, outbox, ana) = with_ana().await;
    let test = |body: Json| post("/api/settings/test/email", body);
    let good = |template: &str| test(json!({"email": "me@example.com", "template": template}));
    server
        .check([
            (Guest, good("otp"), status(401)),
            (ana.asks(), good("otp"), status(403)),
            (Superuser, test(json!({})), status(400).has("/data/email/code", "validation_required")),
            (Superuser, good("nope"), status(400).has("/data/template/code", "validation_in_invalid")),
        ])
        .await;
    for template in ["verification", "password-reset", "email-change", "otp", "login-alert"] {
        server.check([(Superuser, good(template), status(204))]).await;
    }
    let subjects: Vec<_> = outbox.all().into_iter().map(|mail| mail.subject).collect();
    assert_eq!(subjects.len(), 5);
    assert!(subjects.iter().all(|subject| subject.contains("Acme")), "{subjects:?}");
}
