//! The HTTP door: guards, shapes of errors, headers, bodies, limits, and whatever bad input can do.

use serde_json::{Value as Json, json};

use crate::client::{Ask, PASSWORD, ROOT, Server, check, get, patch, post, status};

const GENERIC: &str = r#"{"data":{},"message":"Something went wrong while processing your request.","status":400}"#;
const LOADING: &str = r#"{"data":{},"message":"An error occurred while loading the submitted data.","status":400}"#;
const NOT_FOUND: &str = r#"{"data":{},"message":"The requested resource wasn't found.","status":404}"#;
const NO_FILE: &str = r#"{"data":{},"message":"File not found.","status":404}"#;

/// A server with an open collection `posts` (title, n, j, f, secret file) and an auth collection `people`.
async fn server() -> Server {
    let server = Server::start().await;
    let open = json!({
        "name": "posts", "type": "base", "listRule": "", "viewRule": "", "createRule": "", "updateRule": "", "deleteRule": "",
        "fields": [
            {"type": "text", "name": "title", "max": 100}, {"type": "number", "name": "n"}, {"type": "json", "name": "j"},
            {"type": "file", "name": "f", "maxSelect": 2}, {"type": "file", "name": "secret", "protected": true},
        ],
    });
    server.made(post("/api/collections", open)).await;
    let people = json!({
        "name": "people", "type": "auth", "listRule": "", "viewRule": "", "createRule": "", "updateRule": "id = @request.auth.id",
        "fields": [{"type": "text", "name": "name"}],
    });
    server.made(post("/api/collections", people)).await;
    let locked = json!({"name": "locked", "type": "base", "fields": [{"type": "text", "name": "t"}]});
    server.made(post("/api/collections", locked)).await;
    server
}

async fn ana(server: &Server) -> (String, String) {
    let body =
        json!({"email": "ana@example.com", "password": "12345678", "passwordConfirm": "12345678", "name": "Ana"});
    let answer = server.send(&post("/api/collections/people/records", body)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let id = answer.json()["id"].as_str().expect("an id").to_owned();
    (id, server.token("people", "ana@example.com", "12345678").await)
}

#[tokio::test]
async fn what_is_not_there_says_so_in_json() {
    let server = server().await;
    check(
        &server,
        [
            (get("/nope"), status(404).says(NO_FILE)),
            (get("/api/nope"), status(404).says(NO_FILE)),
            (get("/api/health/"), status(404).says(NO_FILE)),
            (get("/api/batch"), status(404).says(NO_FILE)),
            (post("/api/health", json!({})), status(404).says(NOT_FOUND)),
            (Ask::new("PUT", "/foo"), status(404).says(NOT_FOUND)),
            (get("/api/collections/nope/records"), status(404).says("Missing collection context.")),
            (get("/api/collections/posts/records/nope"), status(404).says(NOT_FOUND)),
            (get("/api/collections/posts/records/a%2Fb"), status(404).says(NOT_FOUND)),
            (get("/api/collections/posts/records/a%00b"), status(404).says(NOT_FOUND)),
            (get("/api/collections/posts/records/%FF"), status(404).says(NOT_FOUND)),
            (get("/api/collections/posts/records/..%2F..%2Fetc"), status(404).says(NOT_FOUND)),
            (get(&format!("/api/collections/posts/records/{}", "x".repeat(8000))), status(404).says(NOT_FOUND)),
            (get("/api/files/posts/a/b"), status(404).says(NOT_FOUND)),
            (get("/api/files/posts/..%2F..%2F/bak.db"), status(404).says(NOT_FOUND)),
            (
                post("/api/collections/nope/auth-with-password", json!({})),
                status(404).says("Missing or invalid collection context."),
            ),
            (
                post("/api/collections/posts/auth-with-password", json!({})),
                status(404).says("Missing or invalid auth collection context."),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn guards_tell_guests_from_the_wrong_callers() {
    let server = server().await;
    let (_, ana) = ana(&server).await;
    let root = server.root().await;
    const GUEST: &str = "The request requires valid record authorization token.";
    const WRONG: &str = "The authorized record is not allowed to perform this action.";
    let as_ana = |ask: Ask| ask.with("Authorization", &ana);
    check(
        &server,
        [
            (get("/api/settings"), status(401).says(GUEST)),
            (as_ana(get("/api/settings")), status(403).says(WRONG)),
            (get("/api/settings").with("Authorization", &root), status(200).has("/batch/enabled", false)),
            (get("/api/settings").with("Authorization", &format!("bEARER {root}")), status(200)),
            (get("/api/settings").with("Authorization", "nonsense"), status(401).says(GUEST)),
            (get("/api/settings").with("Authorization", &format!("{root}x")), status(401).says(GUEST)),
            (get("/api/collections"), status(401).says(GUEST)),
            (as_ana(post("/api/collections", json!({}))), status(403).says(WRONG)),
            (as_ana(Ask::new("DELETE", "/api/collections/posts/truncate")), status(403).says(WRONG)),
            (as_ana(Ask::new("PUT", "/api/collections/import")), status(403).says(WRONG)),
            (post("/api/files/token", json!({})), status(401).says(GUEST)),
            (as_ana(post("/api/files/token", json!({}))), status(200).says(r#"{"token":"ey"#)),
            (post("/api/collections/people/auth-refresh", json!({})), status(401).says(GUEST)),
            (
                as_ana(post("/api/collections/_superusers/auth-refresh", json!({}))),
                status(403).says("The request requires auth record from people collection."),
            ),
            (get("/api/collections/locked/records"), status(403).says("Only superusers can perform this action.")),
            (
                as_ana(get("/api/collections/locked/records")),
                status(403).says("Only superusers can perform this action."),
            ),
            (get("/api/collections/locked/records").with("Authorization", &root), status(200).has("/totalItems", 0)),
            (post("/api/batch", json!({"requests": []})), status(403).says("Batch requests are not allowed.")),
        ],
    )
    .await;
}

#[tokio::test]
async fn every_answer_has_its_headers() {
    let server = server().await;
    let secured = |expected: crate::client::Expected| {
        expected
            .header("x-xss-protection", "1; mode=block")
            .header("x-content-type-options", "nosniff")
            .header("x-frame-options", "SAMEORIGIN")
            .header("cross-origin-opener-policy", "same-origin")
            .header("content-type", "application/json")
    };
    let preflight = Ask::new("OPTIONS", "/api/nope")
        .with("Origin", "http://x")
        .with("Access-Control-Request-Method", "POST")
        .with("Access-Control-Request-Headers", "authorization,x-a");
    check(
        &server,
        [
            (get("/api/health"), secured(status(200)).header("vary", "Origin").without("access-control-allow-origin")),
            (
                get("/api/health").with("Origin", "http://x"),
                secured(status(200)).header("access-control-allow-origin", "*"),
            ),
            (get("/nope").with("Origin", "http://x"), secured(status(404)).header("access-control-allow-origin", "*")),
            (Ask::new("HEAD", "/api/health"), secured(status(200)).header("content-length", "50")),
            (
                preflight,
                status(204)
                    .header("access-control-allow-origin", "*")
                    .header("access-control-allow-methods", "GET,HEAD,PUT,PATCH,POST,DELETE")
                    .header("access-control-allow-headers", "authorization,x-a")
                    .header("vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
            ),
            (
                Ask::new("OPTIONS", "/api/health"),
                status(204).header("vary", "Origin").without("access-control-allow-methods"),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn bodies_are_read_by_their_type_and_refused_clearly() {
    let server = server().await;
    let records = "/api/collections/posts/records";
    let sign_in = "/api/collections/_superusers/auth-with-password";
    let typed = |kind: &str, body: &str| Ask::new("POST", records).with("Content-Type", kind).raw(body);
    let form = "application/x-www-form-urlencoded";
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    check(
        &server,
        [
            (typed("application/json", "{"), status(400).says(GENERIC)),
            (typed("application/json", "[]"), status(400).says(GENERIC)),
            (typed("application/json", &deep), status(400).says(GENERIC)),
            (typed("application/json", "null"), status(200).has("/title", "")),
            (typed("text/plain", "x"), status(400).says("Unsupported Content-Type.")),
            (typed("text/plain", ""), status(200)),
            (typed("multipart/form-data", "x"), status(400).says(GENERIC)),
            (typed("multipart/form-data; boundary=b", "garbage"), status(400).says(GENERIC)),
            (typed(form, "title=a%20b&n=-5&j=true"), status(200).has("/title", "a b").has("/n", -5).has("/j", true)),
            (typed(form, "n=1&%40jsonPayload=%7B%22n%22%3A7%7D"), status(200).has("/n", 7)),
            (Ask::new("POST", sign_in).with("Content-Type", "application/json").raw("{"), status(400).says(LOADING)),
            (post(sign_in, json!({"identity": 1})), status(400).says(LOADING)),
            (
                Ask::new("POST", sign_in)
                    .with("Content-Type", form)
                    .raw(format!("identity={ROOT}&password={PASSWORD}")),
                status(200).has("/record/collectionName", "_superusers"),
            ),
            (
                Ask::new("POST", records)
                    .with("Content-Length", "99999999999")
                    .with("Content-Type", "application/json")
                    .raw("{"),
                status(413).says(r#"{"data":{},"message":"Request entity too large.","status":413}"#),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn pages_and_picked_fields_follow_their_parameters() {
    let server = server().await;
    for n in 0..3 {
        let body = json!({"title": format!("<p>title <b>{n}</b></p>"), "n": n, "j": {"a": [{"x": "long"}]}});
        server.made(post("/api/collections/posts/records", body)).await;
    }
    let list = "/api/collections/posts/records";
    let with = |query: &str| get(&format!("{list}?{query}"));
    check(
        &server,
        [
            (with("page=2&perPage=2&sort=n"), status(200).has("/items/0/n", 2).has("/totalPages", 2).has("/page", 2)),
            (with("page=-3&perPage=0"), status(200).has("/page", 1).has("/perPage", 30)),
            (with("perPage=5000&skipTotal=T"), status(200).has("/perPage", 1000).has("/totalItems", -1)),
            (with("page=x"), status(400).says(GENERIC)),
            (with("perPage=1.5"), status(400).says(GENERIC)),
            (with("skipTotal=maybe"), status(400).says(GENERIC)),
            (with("sort=nope"), status(400).says(GENERIC)),
            (with("filter=nope%20%3D%201"), status(400).says(GENERIC)),
            (with("filter=(((("), status(400).says(GENERIC)),
            (with("filter=title%20%3D%20'%00'"), status(200).has("/totalItems", 0)),
            (with("filter=title%20%3D%20'x'%3B%20DROP%20TABLE%20posts"), status(400).says(GENERIC)),
            (with(&format!("filter={}", "n%3D1%7C%7C".repeat(500))), status(400).says(GENERIC)),
            (with("filter=%40request.auth.id%20%3D%20''"), status(403).says("Only superusers can filter by @request.")),
            (
                with("sort=n&perPage=1&fields=n,title:excerpt(7,true),j.a.x"),
                status(200).has("/items/0", json!({"n": 0, "title": "title 0", "j": {"a": [{"x": "long"}]}})),
            ),
            (with("fields=title:nope"), status(400).says(GENERIC)),
            (get("/api/health?fields=code"), status(200).says(r#"{"code":200}"#)),
            (post(&format!("{list}?fields=id:nope"), json!({"title": "unwritten"})), status(400).says(GENERIC)),
            (with("filter=title%20%3D%20'unwritten'"), status(200).has("/totalItems", 0)),
        ],
    )
    .await;
}

#[tokio::test]
async fn sign_in_refuses_and_admits_in_the_known_words() {
    let server = server().await;
    let (id, token) = ana(&server).await;
    let path = "/api/collections/people/auth-with-password";
    let bad = r#"{"data":{},"message":"Failed to authenticate.","status":400}"#;
    let mut forged: Vec<String> = token.split('.').map(str::to_owned).collect();
    forged[0] = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0".to_owned();
    forged[2].clear();
    let refresh = |token: &str| post("/api/collections/people/auth-refresh", json!({})).with("Authorization", token);
    check(
        &server,
        [
            (post(path, json!({})), status(400).has("/data/identity/code", "validation_required").has("/data/password/code", "validation_required")),
            (post(path, json!({"identity": "ana@example.com", "password": "wrong"})), status(400).says(bad)),
            (post(path, json!({"identity": "nobody@example.com", "password": "wrong"})), status(400).says(bad)),
            (
                post(path, json!({"identity": "a", "password": "b", "identityField": "name"})),
                status(400).has("/data/identityField/code", "validation_in_invalid"),
            ),
            (
                post(path, json!({"identity": "x".repeat(256), "password": "b"})),
                status(400).has("/data/identity/code", "validation_length_out_of_range"),
            ),
            (
                post(&format!("{path}?fields=token,record.email"), json!({"identity": "ana@example.com", "password": "12345678"})),
                status(200).has("/record", json!({"email": "ana@example.com"})),
            ),
            (refresh(&token), status(200).has("/record/id", id.as_str())),
            (refresh(&forged.join(".")), status(401)),
            (refresh(&format!("{token}A")), status(401)),
            (
                get("/api/collections/people/auth-methods"),
                status(200).says(
                    r#"{"password":{"identityFields":["email"],"enabled":true},"oauth2":{"providers":[],"enabled":false},"mfa":{"enabled":false,"duration":0},"otp":{"enabled":false,"duration":0},"passkey":{"enabled":false},"totp":{"enabled":false},"authProviders":[],"usernamePassword":false,"emailPassword":true}"#,
                ),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn tokens_end_when_the_password_changes() {
    let server = server().await;
    let (id, token) = ana(&server).await;
    let own = format!("/api/collections/people/records/{id}");
    let change = json!({"password": "abcdefgh", "passwordConfirm": "abcdefgh", "oldPassword": "12345678"});
    let refresh = post("/api/collections/people/auth-refresh", json!({})).with("Authorization", &token);
    check(
        &server,
        [
            (refresh.clone(), status(200)),
            (patch(&own, change.clone()), status(404)),
            (
                patch(&own, json!({"password": "abcdefgh"})).with("Authorization", &token),
                status(400)
                    .has("/data/oldPassword/code", "validation_required")
                    .has("/data/passwordConfirm/code", "validation_required"),
            ),
            (
                patch(&own, json!({"password": "abcdefgh", "passwordConfirm": "x", "oldPassword": "nope"}))
                    .with("Authorization", &token),
                status(400)
                    .has("/data/oldPassword/code", "validation_invalid_old_password")
                    .has("/data/passwordConfirm/code", "validation_values_mismatch"),
            ),
            (
                patch(&own, json!({"email": "new@example.com", "verified": true})).with("Authorization", &token),
                status(400)
                    .has("/data/email/code", "validation_values_mismatch")
                    .has("/data/verified/code", "validation_values_mismatch"),
            ),
            (patch(&own, change).with("Authorization", &token), status(200)),
            (refresh, status(401)),
            (
                post(
                    "/api/collections/people/auth-with-password",
                    json!({"identity": "ana@example.com", "password": "12345678"}),
                ),
                status(400),
            ),
            (
                post(
                    "/api/collections/people/auth-with-password",
                    json!({"identity": "ana@example.com", "password": "abcdefgh"}),
                ),
                status(200),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_borrowed_token_acts_but_does_not_renew() {
    let server = server().await;
    let (id, ana) = ana(&server).await;
    let path = format!("/api/collections/people/impersonate/{id}");
    let root = server.root().await;
    let borrowed =
        server.made(post(&path, json!({"duration": 60}))).await["token"].as_str().expect("a token").to_owned();
    check(
        &server,
        [
            (post(&path, json!({})).with("Authorization", &ana), status(403)),
            (
                post(&path, json!({"duration": -1})).with("Authorization", &root),
                status(400).has("/data/duration/params/threshold", 0),
            ),
            (
                post("/api/collections/people/auth-refresh", json!({})).with("Authorization", &borrowed),
                status(200).has("/token", borrowed.as_str()),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn settings_change_by_parts_and_never_show_secrets() {
    let server = server().await;
    let root = server.root().await;
    let change = |body: Json| patch("/api/settings", body).with("Authorization", &root);
    check(
        &server,
        [
            (
                change(json!({"meta": {"appName": "Mine"}, "smtp": {"password": "s3cret"}})),
                status(200).has("/meta/appName", "Mine").has("/meta/senderName", "Support"),
            ),
            (
                change(json!({"meta": {"appName": "", "appURL": "x"}})),
                status(400)
                    .has("/message", "An error occurred while saving the new settings.")
                    .has("/data/meta/appName/code", "validation_required")
                    .has("/data/meta/appURL/code", "validation_is_url"),
            ),
            (change(json!({"batch": {"maxRequests": "x"}})), status(400).says(LOADING)),
            (change(json!({"superuserIPs": ["10.0.0.0/8"]})), status(200)),
            (
                get("/api/settings").with("Authorization", &root),
                status(403).says("You are not allowed to perform this request."),
            ),
            (
                post(
                    "/api/collections/_superusers/auth-with-password",
                    json!({"identity": ROOT, "password": PASSWORD}),
                ),
                status(403),
            ),
        ],
    )
    .await;
    let shown = String::from_utf8(server.app.settings().to_json().expect("shows")).expect("utf-8");
    assert!(!shown.contains("s3cret"), "{shown}");
    assert_eq!(server.app.settings().smtp.password, "s3cret");
}

#[tokio::test]
async fn a_batch_is_all_or_nothing() {
    let server = server().await;
    server.made(patch("/api/settings", json!({"batch": {"enabled": true, "maxRequests": 3}}))).await;
    let write = |method: &str, url: &str, body: Json| json!({"method": method, "url": url, "body": body});
    let posts = "/api/collections/posts/records";
    let id = "aaaaaaaaaaaaaaa";
    let good = json!({"requests": [
        write("POST", &format!("{posts}?fields=title"), json!({"id": id, "title": "one"})),
        write("PUT", posts, json!({"id": id, "n": 2})),
        write("DELETE", &format!("{posts}/{id}"), json!({})),
    ]});
    let bad = json!({"requests": [write("POST", posts, json!({"title": "kept?"})), write("POST", posts, json!({"title": "x".repeat(101)}))]});
    let none = json!({"requests": []});
    let many = json!({"requests": vec![write("POST", posts, json!({})); 4]});
    let odd = json!({"requests": [write("GET", posts, json!({}))]});
    let part = |name: &str, rest: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{rest}\r\n");
    let files = [
        part("@jsonPayload", "\r\n"),
        json!({"requests": [write("POST", posts, json!({"title": "file"}))]}).to_string(),
        "\r\n".to_owned(),
        part("requests.0.f", "; filename=\"a b.txt\"\r\n"),
        "hello\r\n--b--\r\n".to_owned(),
    ];
    let upload =
        Ask::new("POST", "/api/batch").with("Content-Type", "multipart/form-data; boundary=b").raw(files.concat());
    check(
        &server,
        [
            (
                post("/api/batch", good),
                status(200)
                    .has("/0/body", json!({"title": "one"}))
                    .has("/1/body/n", 2)
                    .has("/2", json!({"body": null, "status": 204})),
            ),
            (
                post("/api/batch", bad),
                status(400)
                    .has("/message", "Batch transaction failed.")
                    .has("/data/requests/1/code", "batch_request_failed")
                    .has("/data/requests/1/response/data/title/code", "validation_max_text_constraint"),
            ),
            (get(posts), status(200).has("/totalItems", 0)),
            (post("/api/batch", none), status(400).has("/data/requests/code", "validation_required")),
            (post("/api/batch", many), status(400).has("/data/requests/code", "validation_length_too_long")),
            (post("/api/batch", odd), status(400).has("/data/requests/0/response/status", 400)),
            (post("/api/batch", json!({"requests": 1})), status(400).says("Failed to read the submitted batch data.")),
            (
                post("/api/batch", json!({"requests": [{}]})),
                status(400).has("/data/requests/0/url/code", "validation_required"),
            ),
            (upload, status(200).has("/0/body/title", "file")),
        ],
    )
    .await;
}

#[tokio::test]
async fn files_are_stored_served_and_removed() {
    let server = server().await;
    let (_, ana) = ana(&server).await;
    let body = "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"My File (1).txt\"\r\n\r\nhello world\r\n\
                --b\r\nContent-Disposition: form-data; name=\"secret\"; filename=\"x.png\"\r\n\r\n\x01PNG\r\n\
                --b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nfiles\r\n--b--\r\n";
    let upload = Ask::new("POST", "/api/collections/posts/records")
        .with("Content-Type", "multipart/form-data; boundary=b")
        .raw(body);
    let record = server.made(upload).await;
    let (id, name) = (record["id"].as_str().expect("id"), record["f"][0].as_str().expect("a name"));
    assert!(name.starts_with("my_file_1_") && name.ends_with(".txt"), "{name}");
    let url = format!("/api/files/posts/{id}/{name}");
    let secret = format!("/api/files/posts/{id}/{}", record["secret"].as_str().expect("a name"));
    let token =
        server.send(&post("/api/files/token", json!({})).with("Authorization", &ana)).await.json()["token"].clone();
    let token = token.as_str().expect("a token");
    let served = status(200)
        .says("hello world")
        .header("content-disposition", &format!("attachment; filename=\"{name}\""))
        .header("content-security-policy", "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox")
        .header("cache-control", "max-age=2592000, stale-while-revalidate=86400")
        .header("accept-ranges", "bytes")
        .without("x-frame-options");
    server.made(patch("/api/collections/posts", json!({"viewRule": "@request.auth.id != ''"}))).await;
    let stamp = server.send(&get(&url)).await.header("last-modified").expect("a date");
    let rows = [
        (get(&url), served),
        (get(&url).with("Range", "bytes=6-"), status(206).says("world").header("content-range", "bytes 6-10/11")),
        (get(&url).with("Range", "bytes=99-"), status(416).header("content-range", "bytes */11")),
        (get(&url).with("If-Modified-Since", &stamp), status(304)),
        (Ask::new("HEAD", &url), status(200).header("content-length", "11")),
        (get(&secret), status(404)),
        (get(&secret).with("Authorization", &ana), status(404)),
        (get(&format!("{secret}?token={ana}")), status(404)),
        (get(&format!("{secret}?token={token}")), status(200).says("PNG")),
        (get("/api/settings").with("Authorization", token), status(401)),
    ];
    check(&server, rows).await;
    server.made(patch(&format!("/api/collections/posts/records/{id}"), json!({"f-": name}))).await;
    check(&server, [(get(&url), status(404))]).await;
    let folder = server.app.options().dir.join("storage");
    server.made(Ask::new("DELETE", &format!("/api/collections/posts/records/{id}"))).await;
    let left = std::fs::read_dir(folder).expect("storage").flatten().any(|entry| entry.path().join(id).exists());
    assert!(!left, "the folder of the record is still there");
    let unfinished = std::fs::read_dir(server.app.options().dir.join(".tmp")).expect("a folder").count();
    assert_eq!(unfinished, 0, "uploads stayed behind");
}

#[tokio::test]
async fn a_failed_write_leaves_no_file_behind() {
    let server = server().await;
    let body = "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"a.txt\"\r\n\r\nhello\r\n\
                --b\r\nContent-Disposition: form-data; name=\"f-\"\r\n\r\nx\r\n\
                --b\r\nContent-Disposition: form-data; name=\"secret\"\r\n\r\nnot-mine.png\r\n--b--\r\n";
    let upload = Ask::new("POST", "/api/collections/posts/records")
        .with("Content-Type", "multipart/form-data; boundary=b")
        .raw(body);
    check(&server, [(upload, status(400).has("/data/secret/code", "validation_invalid_file"))]).await;
    let dir = &server.app.options().dir;
    let count = |name: &str| std::fs::read_dir(dir.join(name)).map_or(0, Iterator::count);
    assert_eq!((count("storage"), count(".tmp")), (0, 0));
}

#[tokio::test]
async fn broken_requests_do_not_break_the_server() {
    let server = server().await;
    for bytes in [
        &b"\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
        b"POST /api/collections/posts/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 50\r\nConnection: close\r\n\r\n{",
        b"POST /api/batch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"GET /api/health HTTP/1.1\r\nHost: x\r\nAuthorization: \xff\xfe\r\nConnection: close\r\n\r\n",
        &[0; 512],
    ] {
        let _ = tokio::time::timeout(std::time::Duration::from_millis(300), server.raw(bytes)).await;
    }
    check(&server, [(get("/api/health"), status(200).says("API is healthy."))]).await;
}

#[tokio::test]
async fn requests_in_flight_finish_when_the_server_stops() {
    let server = server().await;
    let address = server.address.clone();
    let mut slow = tokio::net::TcpStream::connect(&address).await.expect("connects");
    let body = json!({"title": "last"}).to_string();
    let head = format!(
        "POST /api/collections/posts/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    slow.write_all(head.as_bytes()).await.expect("writes");
    check(&server, [(get("/api/health"), status(200))]).await;
    let app = server.app.clone();
    drop(server);
    slow.write_all(body.as_bytes()).await.expect("writes");
    let mut answer = String::new();
    slow.read_to_string(&mut answer).await.expect("answers");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    app.close().await;
    assert!(tokio::net::TcpStream::connect(&address).await.is_err(), "it still listens");
}
