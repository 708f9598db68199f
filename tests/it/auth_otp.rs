//! One-time passwords by mail.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use bakend::{
    hooks::Bind,
    service::mail::{MailMessage, Outbox},
};
use serde_json::{Value as Json, json};

use super::{
    auth_mfa::age,
    client::{Ask, PASSWORD, Server, get, patch, post, status},
    files::text,
    mailing::{USERS, ask, code, set, with_mails},
    world::{Guest, Superuser, Who},
};

const WRONG: &str = "Invalid or expired OTP.";

async fn with_otp() -> (Server, Outbox) {
    let (server, outbox) = with_mails().await;
    set(&server, json!({"otp": {"enabled": true}, "authAlert": {"enabled": false}})).await;
    (server, outbox)
}

async fn account(server: &Server, name: &str) -> String {
    let body = json!({"email": format!("{name}@example.com"), "password": PASSWORD, "passwordConfirm": PASSWORD});
    server.record("users", body).await
}

/// Asks for a one-time password; returns its id and mail.
async fn requested(server: &Server, outbox: &Outbox, name: &str) -> (String, MailMessage) {
    let before = outbox.all().len();
    let answer = server.ask(&Guest, ask("request-otp", json!({"email": format!("{name}@example.com")}))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let mail = outbox.wait_for(before + 1).await.pop().expect("a mail");
    let id = answer.json()["otpId"].as_str().expect("an id").to_owned();
    // That it was sent is noted after the mail has left.
    while server.made(get(&format!("/api/collections/_otps/records/{id}"))).await["sentTo"] == "" {
        tokio::task::yield_now().await;
    }
    (id, mail)
}

fn sign_in(id: &str, password: &str) -> Ask {
    ask("auth-with-otp", json!({"otpId": id, "password": password}))
}

#[tokio::test]
async fn a_mailed_password_signs_in_once_and_verifies_the_address() {
    let (server, outbox) = with_otp().await;
    let ana = account(&server, "ana").await;
    let (id, mail) = requested(&server, &outbox, "ana").await;
    let code = code(&mail);
    assert_eq!((code.len(), mail.to[0].address.as_str()), (8, "ana@example.com"));
    let old_password = ask("auth-with-password", json!({"identity": "ana@example.com", "password": PASSWORD}));
    let right = status(200).has("/record/id", ana).has("/record/verified", true);
    server
        .check([
            (Guest, sign_in(&id, "00"), status(400).says(WRONG)),
            (Guest, sign_in(&id, &code), right),
            (Guest, sign_in(&id, &code), status(400).says(WRONG)),
            // Whoever made the account with this address chose that password; the owner of the address has come now.
            (Guest, old_password, status(400).says("Failed to authenticate.")),
        ])
        .await;
    assert_eq!(server.count("_otps").await, 0);
}

/// Changes an account in the middle of its sign-in: the password is spent after the account was read, and before its owner is let in.
fn changed_meanwhile(server: &Server, id: &str, change: Json) {
    let id = id.to_owned();
    server.app.hooks().delete.before.add(Bind::all(), move |event, next| {
        let (id, change) = (id.clone(), change.clone());
        Box::pin(async move {
            event.app.records("users").as_system().update(id.as_str(), change).await?;
            next.run(event).await
        })
    });
}

#[tokio::test]
async fn what_others_write_during_a_sign_in_stays() {
    let (server, outbox) = with_otp().await;
    let ana = account(&server, "ana").await;
    let (id, mail) = requested(&server, &outbox, "ana").await;
    changed_meanwhile(&server, &ana, json!({"name": "barred"}));
    let right = status(200).has("/record/verified", true).has("/record/name", "barred");
    let stored = get(&format!("{USERS}/records/{ana}"));
    server
        .check([
            (Guest, sign_in(&id, &code(&mail)), right),
            (Superuser, stored, status(200).has("/name", "barred").has("/verified", true)),
        ])
        .await;
}

#[tokio::test]
async fn a_new_password_during_a_sign_in_ends_the_one_time_password() {
    let (server, outbox) = with_otp().await;
    let ana = account(&server, "ana").await;
    let (id, mail) = requested(&server, &outbox, "ana").await;
    changed_meanwhile(&server, &ana, json!({"password": "chosen meanwhile", "passwordConfirm": "chosen meanwhile"}));
    let by_password = ask("auth-with-password", json!({"identity": "ana@example.com", "password": "chosen meanwhile"}));
    server
        .check([
            (Guest, sign_in(&id, &code(&mail)), status(400).says(WRONG)),
            (Guest, by_password, status(200).has("/record/verified", false)),
        ])
        .await;
}

#[tokio::test]
async fn where_case_does_not_count_a_missing_address_has_no_more_ids_than_one_with_an_account() {
    let (server, _outbox) = with_otp().await;
    let indexes = json!([
        "CREATE UNIQUE INDEX `idx_key` ON `users` (`tokenKey`)",
        "CREATE UNIQUE INDEX `idx_email` ON `users` (`email` COLLATE NOCASE) WHERE `email` != ''"
    ]);
    set(&server, json!({"indexes": indexes})).await;
    account(&server, "ana").await;
    let mut shapes = Vec::new();
    for name in ["ana", "nobody"] {
        let mut ids = BTreeSet::new();
        for at in 0..12 {
            let name = if at % 2 == 0 { name.to_owned() } else { name.to_uppercase() };
            let answer = server.ask(&Guest, ask("request-otp", json!({"email": format!("{name}@example.com")}))).await;
            ids.insert(text(&answer.json(), "otpId").to_owned());
        }
        shapes.push(ids.len());
    }
    assert_eq!(shapes[0], shapes[1]);
    assert!(shapes[0] < 12, "the newest is named again");
}

#[tokio::test]
async fn of_two_requests_with_one_password_one_is_let_in() {
    let (server, outbox) = with_otp().await;
    account(&server, "ana").await;
    let (id, mail) = requested(&server, &outbox, "ana").await;
    let code = code(&mail);
    let go = || server.ask(&Guest, sign_in(&id, &code));
    let (a, b, c, d) = tokio::join!(go(), go(), go(), go());
    assert_eq!([a, b, c, d].iter().filter(|answer| answer.status == 200).count(), 1);
}

#[tokio::test]
async fn a_password_is_good_for_its_collection_and_time_and_some_tries() {
    let (server, outbox) = with_otp().await;
    server.made(post("/api/collections", json!({"name": "staff", "type": "auth", "otp": {"enabled": true}}))).await;
    account(&server, "ana").await;
    let (id, mail) = requested(&server, &outbox, "ana").await;
    let elsewhere = post("/api/collections/staff/auth-with-otp", json!({"otpId": id, "password": code(&mail)}));
    server.check([(Guest, elsewhere, status(400).says(WRONG))]).await;
    age(&server, "_otps", &id, 181).await;
    server.check([(Guest, sign_in(&id, &code(&mail)), status(400).says(WRONG))]).await;

    account(&server, "bob").await;
    let (id, mail) = requested(&server, &outbox, "bob").await;
    for _ in 0..5 {
        server.check([(Guest, sign_in(&id, "0"), status(400).says(WRONG))]).await;
    }
    let (another, _) = requested(&server, &outbox, "bob").await;
    let too_many = || status(429).says("Too many attempts, please try again later with a new OTP.");
    server.check([(Guest, sign_in(&id, &code(&mail)), too_many()), (Guest, sign_in(&another, "0"), too_many())]).await;
    let wait =
        server.ask(&Guest, sign_in(&id, "0")).await.header("retry-after").and_then(|text| text.parse::<u64>().ok());
    assert!(wait.is_some_and(|seconds| (100..=180).contains(&seconds)), "{wait:?}");
}

#[tokio::test]
async fn an_address_without_an_account_is_answered_like_one_with_it() {
    let (server, outbox) = with_otp().await;
    account(&server, "ana").await;
    let mut shapes = Vec::new();
    for name in ["ana", "nobody"] {
        let body = json!({"email": format!("{name}@example.com")});
        let mut ids = Vec::new();
        for _ in 0..12 {
            let answer = server.ask(&Guest, ask("request-otp", body.clone())).await;
            assert_eq!(answer.json()["otpId"].as_str().map(str::len), Some(15), "{answer:?}");
            ids.push(answer.json()["otpId"].clone());
        }
        let newest = ids.iter().rposition(|id| id != &ids[11]);
        let mut tries = Vec::new();
        for id in ids.iter().take(7) {
            tries.push(server.ask(&Guest, sign_in(id.as_str().unwrap_or_default(), "0")).await);
        }
        let tries: Vec<(u16, String)> = tries.into_iter().map(|answer| (answer.status, answer.body)).collect();
        shapes.push((newest, tries));
    }
    assert_eq!(shapes[0], shapes[1]);
    assert_eq!(shapes[0].0, Some(8), "the tenth open one is named again and again");
    assert_eq!(shapes[0].1.iter().filter(|(status, _)| *status == 429).count(), 2);
    assert!(outbox.all().iter().all(|mail| mail.to[0].address == "ana@example.com"));
}

#[tokio::test]
async fn time_does_not_tell_which_address_has_an_account() {
    const EACH: usize = 15;
    /// A leak shows every time; what a busy machine does to one measurement, it does not do to three.
    const MEASURES: usize = 3;
    let (server, _outbox) = with_otp().await;
    let mut apart = Vec::new();
    for measure in 0..MEASURES {
        let (mut asked, mut tried) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
        for at in 0..EACH {
            account(&server, &format!("person{measure}-{at}")).await;
        }
        for at in 0..EACH {
            for (side, name) in ["person", "nobody"].into_iter().enumerate() {
                let body = json!({"email": format!("{name}{measure}-{at}@example.com")});
                let (took, answer) = timed(&server, ask("request-otp", body)).await;
                asked[side].push(took);
                let (took, _) = timed(&server, sign_in(answer["otpId"].as_str().unwrap_or_default(), "0")).await;
                tried[side].push(took);
            }
        }
        apart = [("asking", asked), ("trying", tried)]
            .into_iter()
            .filter_map(|(what, times)| difference(what, times))
            .collect();
        if apart.is_empty() {
            return;
        }
    }
    panic!("{}", apart.join("; "));
}

/// What tells those with an account from those without by their time, if anything does.
fn difference(what: &str, times: [Vec<Duration>; 2]) -> Option<String> {
    let [with, without] = times.map(median);
    let ratio = with.as_secs_f64() / without.as_secs_f64();
    // Without the work that is done for nobody it is more than ten.
    let is_apart = !(0.4..2.5).contains(&ratio);
    is_apart.then(|| format!("{what}: {with:?} with an account, {without:?} without"))
}

async fn timed(server: &Server, ask: Ask) -> (Duration, Json) {
    let start = Instant::now();
    let answer = server.send(&ask).await;
    (start.elapsed(), answer.json())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

#[tokio::test]
async fn with_second_factors_it_is_one_of_them() {
    let (server, outbox) = with_otp().await;
    set(&server, json!({"mfa": {"enabled": true}})).await;
    let ana = account(&server, "ana").await;
    let password = |more: Json| {
        let mut body = json!({"identity": "ana@example.com", "password": PASSWORD});
        body["mfaId"] = more;
        ask("auth-with-password", body)
    };
    let first = server.ask(&Guest, password(Json::Null)).await.json()["mfaId"].clone();
    let (id, mail) = requested(&server, &outbox, "ana").await;
    let second = ask("auth-with-otp", json!({"otpId": id, "password": code(&mail), "mfaId": first}));
    server.check([(Guest, second, status(200).has("/record/id", ana.clone()))]).await;
    // And the other way around: the password was not taken away, because a second factor stands beside it.
    let (id, mail) = requested(&server, &outbox, "ana").await;
    let first = server.ask(&Guest, sign_in(&id, &code(&mail))).await;
    assert_eq!(first.status, 401, "{first:?}");
    server.check([(Guest, password(first.json()["mfaId"].clone()), status(200).has("/record/id", ana))]).await;
}

#[tokio::test]
async fn the_auth_rule_is_asked_and_the_password_is_spent_all_the_same() {
    let (server, outbox) = with_otp().await;
    set(&server, json!({"authRule": "name = 'boss' && @request.context = 'otp'"})).await;
    let ana = account(&server, "ana").await;
    let (id, mail) = requested(&server, &outbox, "ana").await;
    server
        .check([
            (Guest, sign_in(&id, &code(&mail)), status(403).says("satisfy the collection requirements")),
            (Guest, sign_in(&id, &code(&mail)), status(400).says(WRONG)),
        ])
        .await;
    server.made(patch(&format!("{USERS}/records/{ana}"), json!({"name": "boss"}))).await;
    let (id, mail) = requested(&server, &outbox, "ana").await;
    server.check([(Guest, sign_in(&id, &code(&mail)), status(200))]).await;
}

#[tokio::test]
async fn whoever_asks_the_endpoints_do_the_same() {
    let (server, outbox) = with_otp().await;
    server.made(post("/api/collections", json!({"name": "staff", "type": "auth"}))).await;
    let ana = account(&server, "ana").await;
    let eve = server.person("eve").await;
    let ended = server.made(post(&format!("{USERS}/impersonate/{ana}"), json!({"duration": 1}))).await;
    let ended = Who::Token(ended["token"].as_str().unwrap_or_default().to_owned());
    for who in [Guest, Superuser, eve.asks(), ended, Who::Token("nonsense".to_owned())] {
        let off = status(403).says("not configured to allow OTP");
        server
            .check([
                (
                    who.clone(),
                    ask("request-otp", json!({})),
                    status(400).has("/data/email/code", "validation_required"),
                ),
                (who.clone(), ask("auth-with-otp", json!({"otpId": "x", "password": "y"})), status(400).says(WRONG)),
                (who.clone(), post("/api/collections/staff/request-otp", json!({})), off),
                (who.clone(), post("/api/collections/_mfas/request-otp", json!({})), status(404)),
            ])
            .await;
        let (id, mail) = requested(&server, &outbox, "ana").await;
        server.check([(who, sign_in(&id, &code(&mail)), status(200).has("/record/id", ana.clone()))]).await;
    }
}

#[tokio::test]
async fn what_nobody_came_back_for_is_forgotten() {
    let (server, outbox) = with_otp().await;
    let ana = account(&server, "ana").await;
    let (old, _) = requested(&server, &outbox, "ana").await;
    let (young, _) = requested(&server, &outbox, "ana").await;
    let row = json!({"collectionRef": "_pb_users_auth_", "recordRef": ana, "method": "password"});
    let factor = server.record("_mfas", row).await;
    age(&server, "_otps", &old, 181).await;
    age(&server, "_mfas", &factor, 601).await;
    assert_eq!(bakend::service::auth::expiry::sweep(&server.app).await.expect("sweeps"), 2);
    server
        .check([
            (Superuser, get(&format!("/api/collections/_otps/records/{young}")), status(200)),
            (Superuser, get(&format!("/api/collections/_otps/records/{old}")), status(404)),
            (Superuser, get(&format!("/api/collections/_mfas/records/{factor}")), status(404)),
        ])
        .await;
}

#[tokio::test]
async fn a_superuser_gets_one_from_the_command_line_where_they_are_on() {
    use bakend::service::auth::superusers::one_time_password;
    let (server, _outbox) = with_mails().await;
    let root = super::client::ROOT;
    let off = one_time_password(&server.app, root).await.expect_err("they are off");
    assert!(off.message().contains("One-time passwords are off for superusers"), "{off}");
    assert!(one_time_password(&server.app, "nobody@example.com").await.is_err());
    server.made(patch("/api/collections/_superusers", json!({"otp": {"enabled": true}}))).await;
    let made = one_time_password(&server.app, root).await.expect("they are on");
    let su = |endpoint: &str, body: Json| post(&format!("/api/collections/_superusers/{endpoint}"), body);
    let first = server.ask(&Guest, su("auth-with-otp", json!({"otpId": made.id, "password": made.password}))).await;
    assert_eq!(first.status, 401, "superusers need two factors where they have one-time passwords: {first:?}");
    let second = json!({"identity": root, "password": PASSWORD, "mfaId": first.json()["mfaId"]});
    server.check([(Guest, su("auth-with-password", second), status(200).has("/record/email", root))]).await;
}
