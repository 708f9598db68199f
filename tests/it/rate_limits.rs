//! Rate limits: which rule counts, what the answers say, and whose address it is.

use bakend::http::ServeOptions;
use serde_json::{Value as Json, json};

use crate::{
    client::{Answer, Ask, PASSWORD, Server, get, patch, post, status},
    world::{Guest, Superuser, Who},
};

/// Longer than any test takes.
const LONG_SECONDS: u64 = 600;

async fn server(rules: Json) -> Server {
    let server = Server::start_with(ServeOptions::default()).await;
    for name in ["a", "b"] {
        server.collection(name, [Some(""); 5], json!([{"name": "x", "type": "text"}])).await;
    }
    limit(&server, rules).await;
    server
}

async fn limit(server: &Server, rules: Json) {
    let enabled = rules.as_array().is_some_and(|rules| !rules.is_empty());
    let settings = json!({"rateLimits": {"enabled": enabled, "rules": rules}, "batch": {"enabled": true}});
    server.made(patch("/api/settings", settings)).await;
}

fn rule(label: &str, max: u64, audience: &str) -> Json {
    json!({"label": label, "maxRequests": max, "duration": LONG_SECONDS, "audience": audience})
}

fn list(collection: &str) -> Ask {
    get(&format!("/api/collections/{collection}/records"))
}

async fn statuses(server: &Server, who: &Who, asks: impl IntoIterator<Item = Ask>) -> Vec<u16> {
    let mut found = Vec::new();
    for ask in asks {
        found.push(server.ask(who, ask).await.status);
    }
    found
}

fn times(ask: &Ask, count: usize) -> impl Iterator<Item = Ask> + use<> {
    std::iter::repeat_n(ask.clone(), count)
}

#[tokio::test]
async fn a_rule_counts_by_route_and_the_most_telling_one_counts() {
    let server = server(json!([rule("a:list", 1, ""), rule("*:list", 2, ""), rule("/api/", 3, "")])).await;
    assert_eq!(statuses(&server, &Guest, times(&list("a"), 2)).await, [200, 429]);
    assert_eq!(statuses(&server, &Guest, times(&list("b"), 3)).await, [200, 200, 429]);
    let health = get("/api/health");
    assert_eq!(statuses(&server, &Guest, times(&health, 4)).await, [200, 200, 200, 429]);
    let view = get("/api/collections/a/records/nope");
    assert_eq!(statuses(&server, &Guest, times(&view, 4)).await, [404, 404, 404, 429], "a route of its own");
    assert_eq!(statuses(&server, &Superuser, times(&list("a"), 3)).await, [200, 200, 200]);
    limit(&server, json!([rule("*:list", 1, "")])).await;
    assert_eq!(statuses(&server, &Guest, times(&health, 2)).await, [200, 200]);
    server.made(patch("/api/settings", json!({"rateLimits": {"enabled": false}}))).await;
    assert_eq!(statuses(&server, &Guest, times(&list("a"), 3)).await, [200, 200, 200]);
}

#[tokio::test]
async fn no_spelling_of_a_path_gets_around_a_rule() {
    let server = server(json!([rule("a:list", 1, ""), rule("/", 2, "")])).await;
    let id = server.made(get("/api/collections/a")).await["id"].as_str().expect("an id").to_owned();
    let spelled = ["a", "A", "%61", &id].map(list);
    assert_eq!(statuses(&server, &Guest, spelled).await, [200, 429, 429, 429]);
    let head = Ask::new("HEAD", "/api/collections/a/records");
    assert_eq!(statuses(&server, &Guest, [head]).await, [429]);
    assert_eq!(statuses(&server, &Guest, times(&get("/nope"), 3)).await, [404, 404, 429], "also what is not there");
}

#[tokio::test]
async fn guests_and_the_signed_in_have_rules_of_their_own() {
    let server = server(json!([])).await;
    let ana = server.person("ana").await;
    limit(&server, json!([rule("*:list", 1, "@guest"), rule("/api/", 2, "@auth")])).await;
    assert_eq!(statuses(&server, &Guest, times(&list("a"), 2)).await, [200, 429]);
    assert_eq!(statuses(&server, &ana.asks(), times(&list("a"), 3)).await, [200, 200, 429]);
    assert_eq!(statuses(&server, &Guest, times(&get("/api/health"), 3)).await, [200, 200, 200]);
}

#[tokio::test]
async fn answers_tell_where_one_stands() {
    let server = server(json!([rule("/api/health", 2, "")])).await;
    let number = |answer: &Answer, name: &str| answer.header(name).expect(name).parse::<u64>().expect("a number");
    let ask = get("/api/health").with("Origin", "http://x");
    for (status, remaining) in [(200, 1), (200, 0), (429, 0)] {
        let answer = server.send(&ask).await;
        assert_eq!((answer.status, number(&answer, "ratelimit-remaining")), (status, remaining));
        assert_eq!(number(&answer, "ratelimit-limit"), 2);
        assert!((1..=LONG_SECONDS).contains(&number(&answer, "ratelimit-reset")));
        assert!(answer.header("access-control-expose-headers").is_some_and(|names| names.contains("RateLimit-Reset")));
        assert_eq!(answer.header("retry-after").is_some(), status == 429);
        if status == 429 {
            assert!((1..=LONG_SECONDS).contains(&number(&answer, "retry-after")));
            assert_eq!(answer.body, r#"{"data":{},"message":"Too Many Requests.","status":429}"#);
        }
    }
    server.check([(Guest, list("a"), status(200).without("ratelimit-limit"))]).await;
}

#[tokio::test]
async fn writes_in_a_batch_count_like_others() {
    let server = server(json!([rule("a:create", 2, "")])).await;
    let write = json!({"method": "POST", "url": "/api/collections/a/records", "body": {"x": "1"}});
    let batch = |count: usize| post("/api/batch", json!({"requests": vec![write.clone(); count]}));
    let refused = status(400).has("/data/requests/1/response/status", 429);
    server
        .check([
            (Guest, batch(1), status(200)),
            (Guest, batch(2), refused),
            (Guest, post("/api/collections/a/records", json!({"x": "1"})), status(429)),
        ])
        .await;
    assert_eq!(server.count("a").await, 1, "all or nothing");
}

#[tokio::test]
async fn what_a_batch_puts_counts_as_what_it_turns_out_to_be() {
    let server = server(json!([rule("a:create", 1, ""), rule("a:update", 2, "")])).await;
    let batch = |id: &str| {
        let put = json!({"method": "PUT", "url": "/api/collections/a/records", "body": {"id": id, "x": "1"}});
        post("/api/batch", json!({"requests": [put]}))
    };
    let refused = || status(400).has("/data/requests/0/response/status", 429);
    let (one, two) = ("one000000000000", "two000000000000");
    server
        .check([
            (Guest, batch(one), status(200)),
            (Guest, batch(two), refused()),
            (Guest, batch(one), status(200)),
            (Guest, batch(one), status(200)),
            (Guest, batch(one), refused()),
            (Guest, patch(&format!("/api/collections/a/records/{one}"), json!({"x": "2"})), status(429)),
        ])
        .await;
    assert_eq!(server.count("a").await, 1);
}

#[tokio::test]
async fn sign_ins_count_together_whatever_their_way() {
    let server = server(json!([])).await;
    server.person("ana").await;
    limit(&server, json!([rule("*:auth", 2, "")])).await;
    let sign_in = |password: &str| {
        post("/api/collections/users/auth-with-password", json!({"identity": "ana@example.com", "password": password}))
    };
    assert_eq!(
        statuses(&server, &Guest, [sign_in("wrong"), sign_in(PASSWORD), sign_in(PASSWORD)]).await,
        [400, 200, 429]
    );
}

#[tokio::test]
async fn a_page_that_a_mail_leads_to_counts_like_the_api() {
    let server = server(json!([rule("users:confirmPasswordReset", 1, "")])).await;
    // {"alg":"HS256"} {"collectionId":"_pb_users_auth_"}
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJjb2xsZWN0aW9uSWQiOiJfcGJfdXNlcnNfYXV0aF8ifQ.x";
    let page = Ask::new("POST", &format!("/_/auth/confirm-password-reset/{token}"))
        .with("Content-Type", "application/x-www-form-urlencoded");
    let api = post("/api/collections/users/confirm-password-reset", json!({ "token": token }));
    assert_eq!(statuses(&server, &Guest, [page.clone(), page, api]).await, [400, 429, 429]);
}

#[tokio::test]
async fn only_a_trusted_proxy_names_another_address() {
    let server = server(json!([rule("/api/health", 1, "")])).await;
    let from = |address: &str| get("/api/health").with("X-Forwarded-For", address);
    assert_eq!(
        statuses(&server, &Guest, [from("1.1.1.1"), from("2.2.2.2"), from("3.3.3.3")]).await,
        [200, 429, 429],
        "nobody is trusted: the header is an invention"
    );
    let trust = |leftmost: bool| json!({"trustedProxy": {"headers": ["X-Forwarded-For"], "useLeftmostIP": leftmost}});
    server.made(patch("/api/settings", trust(false))).await;
    let asks = [
        from("9.9.9.9, 1.1.1.1"),
        from("8.8.8.8, 1.1.1.1"),
        from("2.2.2.2"),
        from("nonsense"),
        from("9.9.9.1, 203.0.113.5:4711"),
        from("9.9.9.2, 203.0.113.5:4712"),
        from("9.9.9.3, [2001:db8::1]:4713"),
        from("9.9.9.4, unknown"),
        from("9.9.9.5,"),
    ];
    assert_eq!(
        statuses(&server, &Guest, asks).await,
        [200, 429, 200, 429, 200, 429, 200, 429, 429],
        "the right-most is what the proxy saw, the rest is the client's; without an address it is the proxy's own"
    );
    server.made(patch("/api/settings", json!({"rateLimits": {"excludedIPs": ["7.7.0.0/16"]}}))).await;
    assert_eq!(statuses(&server, &Guest, times(&from("7.7.1.1"), 3)).await, [200, 200, 200]);
}

#[tokio::test]
async fn superusers_come_from_listed_addresses_whatever_they_show() {
    let server = server(json!([])).await;
    let trust = json!({"trustedProxy": {"headers": ["X-Real-IP"]}});
    server.made(patch("/api/settings", trust)).await;
    let fields = json!([{"name": "f", "type": "file", "protected": true}]);
    server.collection("docs", [None; 5], fields).await;
    let upload = Ask::new("POST", "/api/collections/docs/records")
        .with("Content-Type", "multipart/form-data; boundary=b")
        .raw("--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\r\nhello\r\n--b--\r\n");
    let record = server.made(upload).await;
    let text = |value: &Json| value.as_str().expect("a text").to_owned();
    let token = text(&server.made(post("/api/files/token", json!({}))).await["token"]);
    let file = format!("/api/files/docs/{}/{}?token={token}", text(&record["id"]), text(&record["f"]));
    let key = json!({"name": "k", "service": true, "scopes": ["*"]});
    let key = Who::Token(text(&server.made(post("/api/api-keys", key)).await["key"]));
    let own = json!({"name": "k", "scopes": ["*"]});
    let own = Who::Token(text(&server.made(post("/api/api-keys", own)).await["key"]));
    let sign_in = json!({"identity": crate::client::ROOT, "password": PASSWORD});
    let sign_in = post("/api/collections/_superusers/auth-with-password", sign_in);
    let refresh = post("/api/collections/_superusers/auth-refresh", json!({}));
    let inside = |ask: Ask| ask.with("X-Real-IP", "10.1.1.1");
    let outside = |ask: Ask| ask.with("X-Real-IP", "192.0.2.1");
    server.made(patch("/api/settings", json!({"superuserIPs": ["10.0.0.0/8"]}))).await;
    let asks = [
        (Guest, sign_in),
        (Superuser, refresh),
        (Superuser, get("/api/settings")),
        (Superuser, list("a")),
        (Guest, get(&file)),
        (key, list("a")),
        (own, list("a")),
    ];
    // Before the list, the root's token was made; now it is good inside only.
    for (who, ask) in asks {
        server.check([(who.clone(), outside(ask.clone()), status(403)), (who, inside(ask), status(200))]).await;
    }
    // Elsewhere no proof is looked at.
    let at = |path: &str| format!("/api/collections/_superusers/{path}");
    let on = json!({"otp": {"enabled": true}, "passkey": {"enabled": true}, "totp": {"enabled": true}});
    server.check([(Superuser, inside(patch("/api/collections/_superusers", on)), status(200))]).await;
    for (path, body) in [
        ("request-otp", json!({"email": crate::client::ROOT})),
        ("auth-with-otp", json!({"otpId": "x", "password": "1"})),
        ("auth-with-totp", json!({"code": "1", "mfaId": "x"})),
        ("auth-with-passkey/begin", json!({})),
        ("auth-with-passkey", json!({"id": "x", "credential": {}})),
        ("auth-with-oauth2", json!({"provider": "x", "code": "x"})),
        ("auth-with-password", json!({"identity": "x", "password": "x"})),
    ] {
        let (refused, tried) = (
            server.ask(&Guest, outside(post(&at(path), body.clone()))).await,
            server.ask(&Guest, inside(post(&at(path), body))).await,
        );
        assert_eq!(refused.status, 403, "{path}: {refused:?}");
        assert_ne!(tried.body, refused.body, "{path}");
    }
    let ana = inside(post(
        "/api/collections/users/records",
        json!({"email": "ana@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD}),
    ));
    server.check([(Superuser, ana, status(200)), (Guest, outside(list("a")), status(200))]).await;
}
