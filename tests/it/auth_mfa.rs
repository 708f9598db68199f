//! Two factors at sign-in.

use serde_json::{Value as Json, json};

use super::{
    client::{Ask, PASSWORD, Server, get, patch, post, status},
    world::{Guest, Superuser},
};

const SIGN_IN: &str = "/api/collections/users/auth-with-password";

/// A server whose users need two factors, and one of them.
async fn with_two_factors(rule: &str) -> (Server, String) {
    let server = Server::start().await;
    let options = json!({"otp": {"enabled": true}, "mfa": {"enabled": true, "duration": 600, "rule": rule}});
    server.made(patch("/api/collections/users", options)).await;
    let ana = json!({"email": "ana@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD});
    let id = server.record("users", ana).await;
    (server, id)
}

fn sign_in(more: Json) -> Ask {
    let mut body = json!({"identity": "ana@example.com", "password": PASSWORD});
    if let (Json::Object(body), Json::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    post(SIGN_IN, body)
}

/// A first factor by another method.
async fn first_factor(server: &Server, owner: &str, method: &str) -> String {
    let row = json!({"collectionRef": "_pb_users_auth_", "recordRef": owner, "method": method});
    server.record("_mfas", row).await
}

#[tokio::test]
async fn the_first_factor_is_answered_with_an_id_and_the_same_method_is_not_another() {
    let (server, _) = with_two_factors("").await;
    let answer = server.ask(&Guest, sign_in(json!({}))).await;
    assert_eq!(answer.status, 401);
    let body = answer.json();
    let keys: Vec<_> = body.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["mfaId"]);
    let different = status(400).says("A different authentication method is required.");
    server
        .check([
            (Guest, sign_in(json!({"mfaId": body["mfaId"]})), different),
            (Guest, sign_in(json!({"mfaId": "nosuchfactor123"})), status(400).says("Invalid or expired MFA session.")),
            (Guest, sign_in(json!({"mfaId": 5})), status(400).says("Failed to read MFA Id.")),
        ])
        .await;
}

#[tokio::test]
async fn the_second_factor_spends_the_first() {
    let (server, ana) = with_two_factors("").await;
    let first = first_factor(&server, &ana, "otp").await;
    let by_query = post(
        &format!("{SIGN_IN}?mfaId={first}"),
        json!({"identity": "ana@example.com", "password": PASSWORD, "mfaId": "x"}),
    );
    let spent = status(400).says("Invalid or expired MFA session.");
    server
        .check([
            (Guest, by_query, status(200).has("/record/id", ana.clone())),
            (Guest, sign_in(json!({"mfaId": first})), spent),
        ])
        .await;
    assert_eq!(server.count("_mfas").await, 0);
}

#[tokio::test]
async fn of_two_requests_with_one_first_factor_one_is_let_in() {
    let (server, ana) = with_two_factors("").await;
    let first = first_factor(&server, &ana, "otp").await;
    let ask = || server.ask(&Guest, sign_in(json!({"mfaId": first})));
    let (a, b, c, d) = tokio::join!(ask(), ask(), ask(), ask());
    let let_in = [a, b, c, d].iter().filter(|answer| answer.status == 200).count();
    assert_eq!(let_in, 1);
}

#[tokio::test]
async fn a_first_factor_is_good_for_its_account_and_its_time_only() {
    let (server, ana) = with_two_factors("").await;
    let eve = server
        .record("users", json!({"email": "eve@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD}))
        .await;
    let hers = first_factor(&server, &eve, "otp").await;
    server.check([(Guest, sign_in(json!({"mfaId": hers})), status(400).says("Invalid MFA session."))]).await;
    let old = first_factor(&server, &ana, "otp").await;
    age(&server, "_mfas", &old, 601).await;
    let expired = status(400).says("Invalid or expired MFA session.");
    server
        .check([
            (Guest, sign_in(json!({"mfaId": old})), expired),
            (Superuser, get(&format!("/api/collections/_mfas/records/{old}")), status(404)),
        ])
        .await;
}

#[tokio::test]
async fn the_rule_says_who_needs_two() {
    let (server, ana) = with_two_factors("verified = true").await;
    server.check([(Guest, sign_in(json!({})), status(200).has("/record/id", ana.clone()))]).await;
    server.made(patch(&format!("/api/collections/users/records/{ana}"), json!({"verified": true}))).await;
    server.check([(Guest, sign_in(json!({})), status(401))]).await;
}

/// Makes a row older, as time would.
pub async fn age(server: &Server, table: &'static str, id: &str, seconds: i64) {
    let app = server.app.clone();
    let collection = app.schema().find(table).cloned().expect("a system collection");
    let (at, id) = (collection.position("created").expect("a date"), id.to_owned());
    let then = std::time::SystemTime::now() - std::time::Duration::from_secs(seconds.unsigned_abs());
    let text = bakend::clock::text(then.try_into().expect("in range"));
    let value = bakend::schema::Value::Text(text);
    app.store()
        .db()
        .write(move |conn| {
            use bakend::store::records::{Change, update};
            update(conn, &collection, &id, &[(at, Change::Set(&value))]).map(|_| ())
        })
        .await
        .expect("it is written");
}
