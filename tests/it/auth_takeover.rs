//! An account made with somebody else's address: what its maker left there ends when the owner of the address comes.

use bakend::service::mail::Outbox;
use serde_json::json;

use crate::{
    client::{Ask, PASSWORD, Server, get, post, status},
    mailing::{USERS, ask, code, link, set, with_mails},
    world::{Guest, Superuser, Who},
};

const NEW: &str = "chosen by the owner";

/// An account that is not verified, whose maker has every way in: a session, a key, a passkey, an app, a link to another service.
struct Waiting {
    id: String,
    session: Who,
    key: Who,
}

async fn waiting(server: &Server, name: &str) -> Waiting {
    let person = server.person(name).await;
    let key = server.ask(&person.asks(), post("/api/api-keys", json!({"name": "k", "scopes": ["*"]}))).await;
    let key = Who::Token(key.json()["key"].as_str().expect("a key").to_owned());
    let given = json!({"name": "given", "collection": "users", "record": person.id, "scopes": ["users:list"]});
    server.made(post("/api/api-keys", given)).await;
    let (id, at) = (&person.id, "'_pb_users_auth_'");
    let now = "'2026-01-01 00:00:00.000Z'";
    let script = format!(
        "INSERT INTO _passkeys (id, credential, collection, record, name, key, created, last_used)
             VALUES ('p{id}', 'c{id}', {at}, '{id}', 'p', '{{}}', {now}, '');
         INSERT INTO _totp (id, collection, record, secret, confirmed, last_step, recovery, created, last_used)
             VALUES ('t{id}', {at}, '{id}', 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', {now}, 0, '[]', {now}, '');"
    );
    server.app.store().db().write(move |conn| conn.run_script(&script)).await.expect("writes");
    let theirs = json!({"collectionRef": "_pb_users_auth_", "recordRef": id, "provider": "google", "providerId": id});
    server.made(post("/api/collections/_externalAuths/records", theirs)).await;
    Waiting { session: person.asks(), id: person.id, key }
}

impl Waiting {
    /// What is left: passkeys, apps, links, keys that they made, keys that a superuser made, whether session and own key are good.
    async fn left(&self, server: &Server) -> [u64; 7] {
        let id = &self.id;
        let count = |sql: String| async move { server.column(&sql).await[0].parse().expect("a number") };
        let own = get(&format!("{USERS}/records/{id}"));
        let good = async |who: &Who| u64::from(server.ask(who, own.clone()).await.status == 200);
        [
            count(format!("SELECT CAST(count(*) AS TEXT) FROM _passkeys WHERE record = '{id}'")).await,
            count(format!("SELECT CAST(count(*) AS TEXT) FROM _totp WHERE record = '{id}'")).await,
            count(format!("SELECT CAST(count(*) AS TEXT) FROM _externalAuths WHERE recordRef = '{id}'")).await,
            count(format!("SELECT CAST(count(*) AS TEXT) FROM _api_keys WHERE record = '{id}' AND maker = '{id}'"))
                .await,
            count(format!("SELECT CAST(count(*) AS TEXT) FROM _api_keys WHERE record = '{id}' AND maker != '{id}'"))
                .await,
            good(&self.session).await,
            good(&self.key).await,
        ]
    }
}

const ALL: [u64; 7] = [1, 1, 1, 1, 1, 1, 1];
const GIVEN_ONLY: [u64; 7] = [0, 0, 0, 0, 1, 0, 0];

async fn server() -> (Server, Outbox) {
    let (server, outbox) = with_mails().await;
    let options = json!({
        "otp": {"enabled": true}, "passkey": {"enabled": true}, "totp": {"enabled": true},
        "authAlert": {"enabled": false},
    });
    set(&server, options).await;
    (server, outbox)
}

/// The token of the mail that somebody asks for.
async fn mailed(server: &Server, outbox: &Outbox, endpoint: &str, name: &str) -> String {
    let before = outbox.all().len();
    let asked = server.ask(&Guest, ask(endpoint, json!({"email": format!("{name}@example.com")}))).await;
    assert_eq!(asked.status, 204, "{asked:?}");
    link(&outbox.wait_for(before + 1).await.pop().expect("a mail")).1
}

async fn by_otp(server: &Server, outbox: &Outbox, name: &str) -> Ask {
    let before = outbox.all().len();
    let asked = server.ask(&Guest, ask("request-otp", json!({"email": format!("{name}@example.com")}))).await;
    let id = asked.json()["otpId"].as_str().expect("an id").to_owned();
    let mail = outbox.wait_for(before + 1).await.pop().expect("a mail");
    while server.made(get(&format!("/api/collections/_otps/records/{id}"))).await["sentTo"] == "" {
        tokio::task::yield_now().await;
    }
    ask("auth-with-otp", json!({"otpId": id, "password": code(&mail)}))
}

fn reset(token: &str) -> Ask {
    ask("confirm-password-reset", json!({"token": token, "password": NEW, "passwordConfirm": NEW}))
}

#[tokio::test]
async fn who_comes_in_by_mail_finds_nobody_elses_ways_in() {
    let (server, outbox) = server().await;
    let ana = waiting(&server, "ana").await;
    assert_eq!(ana.left(&server).await, ALL);
    let come = by_otp(&server, &outbox, "ana").await;
    server.check([(Guest, come, status(200).has("/record/verified", true))]).await;
    assert_eq!(ana.left(&server).await, GIVEN_ONLY, "by a one-time password");

    let bob = waiting(&server, "bob").await;
    let token = mailed(&server, &outbox, "request-password-reset", "bob").await;
    server.check([(Guest, reset(&token), status(204))]).await;
    assert_eq!(bob.left(&server).await, GIVEN_ONLY, "by a new password");

    set(&server, json!({"mfa": {"enabled": true, "duration": 600, "rule": "name = 'two'"}})).await;
    let cyn = waiting(&server, "cyn").await;
    let come = by_otp(&server, &outbox, "cyn").await;
    server.check([(Guest, come, status(200))]).await;
    assert_eq!(cyn.left(&server).await, GIVEN_ONLY, "where two factors may be asked for");
    let old = json!({"identity": "cyn@example.com", "password": PASSWORD});
    server.check([(Guest, ask("auth-with-password", old), status(200))]).await;
}

#[tokio::test]
async fn a_verification_link_ends_nothing_where_the_password_stays() {
    let (server, outbox) = server().await;
    let ana = waiting(&server, "ana").await;
    let token = mailed(&server, &outbox, "request-verification", "ana").await;
    let confirm = ask("confirm-verification", json!({ "token": token }));
    server.check([(Guest, confirm, status(204))]).await;
    assert_eq!(ana.left(&server).await, ALL);
    // Of an account that was verified, a new password ends what is signed in, and no more.
    let token = mailed(&server, &outbox, "request-password-reset", "ana").await;
    server.check([(Guest, reset(&token), status(204))]).await;
    assert_eq!(ana.left(&server).await, [1, 1, 1, 0, 1, 0, 0]);

    let bob = waiting(&server, "bob").await;
    set(&server, json!({"passwordAuth": {"enabled": false}})).await;
    let token = mailed(&server, &outbox, "request-verification", "bob").await;
    let confirm = ask("confirm-verification", json!({ "token": token }));
    server.check([(Guest, confirm, status(204))]).await;
    assert_eq!(bob.left(&server).await, GIVEN_ONLY, "without passwords the maker's ends, and all else");
}

#[tokio::test]
async fn what_a_superuser_verifies_keeps_its_ways_in() {
    let (server, _outbox) = server().await;
    let ana = waiting(&server, "ana").await;
    let path = format!("{USERS}/records/{}", ana.id);
    server.check([(Superuser, Ask::new("PATCH", &path).json(json!({"verified": true})), status(200))]).await;
    assert_eq!(ana.left(&server).await, ALL);
}
