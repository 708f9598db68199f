//! Strangers at the HTTP door: closed doors, other origins, and input that no proper client sends.

use std::time::Duration;

use bakend::http::{ServeOptions, cors::Origins};
use serde_json::json;

use super::{
    client::{Ask, Server, delete, get, parsed, patch, post, status},
    world::{Guest, Superuser, Who},
};

const NO_TOKEN: &str = "The request requires valid record authorization token.";
const NOT_ALLOWED: &str = "The authorized record is not allowed to perform this action.";
const UNREADABLE: &str = "Something went wrong while processing your request.";

/// Anybody may do anything with `notes`.
async fn world_with_notes() -> Server {
    let world = Server::start().await;
    world.collection("notes", [Some(""); 5], json!([{"name": "title", "type": "text"}])).await;
    world
}

#[tokio::test]
async fn doors_of_superusers_are_closed_to_others() {
    let world = Server::start().await;
    let ann = world.person("ann").await;
    let routes = [
        get("/api/collections"),
        post("/api/collections", json!({"name": "x"})),
        get("/api/collections/users"),
        patch("/api/collections/users", json!({})),
        delete("/api/collections/users"),
        delete("/api/collections/users/truncate"),
        Ask::new("PUT", "/api/collections/import").json(json!({"collections": []})),
        get("/api/collections/meta/scaffolds"),
        get("/api/settings"),
        patch("/api/settings", json!({})),
        post(&format!("/api/collections/users/impersonate/{}", ann.id), json!({})),
    ];
    for route in routes {
        world
            .check([
                (Guest, route.clone(), status(401).says(NO_TOKEN)),
                (Who::Token("not.a.token".to_owned()), route.clone(), status(401).says(NO_TOKEN)),
                (ann.asks(), route, status(403).says(NOT_ALLOWED)),
            ])
            .await;
    }
    assert_eq!(world.count("users").await, 1);
    world.close().await;
}

#[tokio::test]
async fn other_origins_read_answers_only_when_they_may() {
    let preflight = |origin: &str| {
        Ask::new("OPTIONS", "/api/collections/notes/records")
            .with("Origin", origin)
            .with("Access-Control-Request-Method", "POST")
            .with("Access-Control-Request-Headers", "authorization,x-a")
    };
    let world = Server::start().await;
    world
        .check([
            (
                Guest,
                preflight("https://a.example"),
                status(204)
                    .header("access-control-allow-origin", "*")
                    .header("access-control-allow-methods", "GET,HEAD,PUT,PATCH,POST,DELETE")
                    .header("access-control-allow-headers", "authorization,x-a")
                    .without("access-control-allow-credentials"),
            ),
            (
                Guest,
                get("/api/health").with("Origin", "https://a.example"),
                status(200).header("access-control-allow-origin", "*"),
            ),
        ])
        .await;
    world.close().await;

    let options = ServeOptions { origins: Origins::new(["https://*.example"]), ..ServeOptions::default() };
    let world = Server::start_with(options).await;
    let health = |origin: &str| get("/api/health").with("Origin", origin);
    let allowed = "https://a.example";
    world
        .check([
            (Guest, health(allowed), status(200).header("access-control-allow-origin", allowed)),
            (Guest, preflight(allowed), status(204).header("access-control-allow-origin", allowed)),
            (Guest, health("https://evil.test"), status(200).without("access-control-allow-origin")),
            (Guest, health("https://a.example.evil.test"), status(200).without("access-control-allow-origin")),
            (Guest, preflight("https://evil.test"), status(204).without("access-control-allow-origin")),
        ])
        .await;
    world.close().await;
}

#[tokio::test]
async fn a_body_that_cannot_be_read_changes_nothing() {
    let world = world_with_notes().await;
    let path = "/api/collections/notes/records";
    let sent = |kind: &str, body: &[u8]| Ask::new("POST", path).with("Content-Type", kind).raw(body);
    let sign_in = |body: &str| {
        Ask::new("POST", "/api/collections/users/auth-with-password").with("Content-Type", "application/json").raw(body)
    };
    let deep = format!("{{\"title\":{}{}}}", "[".repeat(2000), "]".repeat(2000));
    let loading = "An error occurred while loading the submitted data.";
    world
        .check([
            (Guest, sent("application/json", b"{\"title\":"), status(400).says(UNREADABLE)),
            (Guest, sent("application/json", b"[1,2]"), status(400).says(UNREADABLE)),
            (Guest, sent("application/json", b"\"text\""), status(400).says(UNREADABLE)),
            (Guest, sent("application/json", b"{\"title\":\"\xff\xfe\"}"), status(400).says(UNREADABLE)),
            (Guest, sent("application/json", b"{\"title\":1}{}"), status(400).says(UNREADABLE)),
            (Guest, sent("application/json", deep.as_bytes()), status(400).says(UNREADABLE)),
            (Guest, sent("text/plain", b"title=x"), status(400).says("Unsupported Content-Type.")),
            (Guest, sent("multipart/form-data", b"no boundary"), status(400).says(UNREADABLE)),
            (Guest, sent("multipart/form-data; boundary=x", b"--x\r\nbroken"), status(400).says(UNREADABLE)),
            (Guest, sent("application/x-www-form-urlencoded", b"@jsonPayload=[1]"), status(400).says(UNREADABLE)),
            (Guest, sign_in("{"), status(400).says(loading)),
            (Guest, sign_in("{\"identity\":5,\"password\":true}"), status(400).says(loading)),
        ])
        .await;
    assert_eq!(world.count("notes").await, 0);
    world.close().await;
}

#[tokio::test]
async fn texts_of_a_form_that_are_no_text_count_as_they_came() {
    let world = world_with_notes().await;
    let path = "/api/collections/notes/records";
    let text = b"\xff".repeat(bakend::limits::BODY_MAX_BYTES / 5 * 2);
    let part = |text: &[u8]| [b"--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n", text, b"\r\n"].concat();
    let body = |count: usize| [part(&text).repeat(count), b"--x--\r\n".to_vec()].concat();
    let sent = |count| Ask::new("POST", path).with("Content-Type", "multipart/form-data; boundary=x").raw(body(count));
    // Each becomes three times as long when it is read as text; what was sent is what counts.
    let refused = || status(400).has("/data/title/code", "validation_max_text_constraint");
    world.check([(Guest, sent(1), refused()), (Guest, sent(2), status(200)), (Guest, sent(3), status(413))]).await;
    world.close().await;
}

#[tokio::test]
async fn a_body_past_the_limit_is_refused_before_it_is_kept() {
    let world = world_with_notes().await;
    let line = "POST /api/collections/users/auth-with-password HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
    let kind = "Content-Type: application/json\r\n";
    let length = bakend::limits::BODY_MAX_BYTES + 1;
    // The rest never comes: the answer must not wait for it.
    let begun = format!("{line}{kind}Content-Length: {length}\r\n\r\n{{");
    let answer = parsed(&world.raw(begun.as_bytes()).await);
    assert_eq!((answer.status, &answer.json()["message"]), (413, &json!("Request entity too large.")));

    // Without an announced length the bytes themselves are counted.
    let chunk = vec![b' '; 1 << 20];
    let mut whole = format!("{line}{kind}Transfer-Encoding: chunked\r\n\r\n").into_bytes();
    for _ in 0..=bakend::limits::BODY_MAX_BYTES / chunk.len() {
        whole.extend(format!("{:x}\r\n", chunk.len()).bytes());
        whole.extend(&chunk);
        whole.extend(b"\r\n");
    }
    whole.extend(b"0\r\n\r\n");
    assert_eq!(parsed(&world.raw(&whole).await).status, 413);
    world.close().await;
}

#[tokio::test]
async fn hostile_paths_and_parameters_find_nothing_and_break_nothing() {
    let world = world_with_notes().await;
    world.record("notes", json!({"title": "secret"})).await;
    let long = "a".repeat(8_000);
    let ids = [
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "..%2f..",
        "a%2fb",
        "%00",
        "abc%00def",
        "'%20OR%201=1--",
        "%22;DROP%20TABLE%20notes;--",
        "%ff%fe",
        "%F0%9F%92%A3",
        "*",
        "%25",
        &long,
    ];
    for id in ids {
        let record = format!("/api/collections/notes/records/{id}");
        world
            .check([
                (Superuser, get(&record), status(404)),
                (Superuser, patch(&record, json!({"title": "x"})), status(404)),
                (Superuser, delete(&record), status(404)),
                (Superuser, get(&format!("/api/collections/{id}/records")), status(404)),
                (Superuser, get(&format!("/api/collections/{id}")), status(404)),
                (Superuser, get(&format!("/api/files/notes/{id}/{id}")), status(404)),
            ])
            .await;
    }
    let list = |query: &str| get(&format!("/api/collections/notes/records?{query}"));
    let deep = "(".repeat(500);
    world
        .check([
            (Guest, list("filter=%00"), status(400)),
            (Guest, list("filter=title='x'%20OR%201=1"), status(400).says(UNREADABLE)),
            (Guest, list("filter=title=%22'%3B%20DROP%20TABLE%20notes;--%22"), status(200).has("/totalItems", 0)),
            (Guest, list(&format!("filter={deep}")), status(400)),
            (Guest, list(&format!("filter=title='{}'", "x".repeat(4_000))), status(400)),
            (Guest, list("filter=nope=1"), status(400).says(UNREADABLE)),
            (Guest, list("sort=nope"), status(400)),
            (Guest, list("sort=title;DROP"), status(400)),
            (Guest, list("sort=a,a,a,a,a,a,a,a,a"), status(400)),
            (Guest, list("page=x"), status(400)),
            (Guest, list("skipTotal=maybe"), status(400)),
            (Guest, list("page=-5&perPage=-5"), status(200).has("/page", 1).has("/perPage", 30)),
            (Guest, list("perPage=100000"), status(200).has("/perPage", 1000)),
            (Guest, list("skipTotal=1"), status(200).has("/totalItems", -1).has("/totalPages", -1)),
            (Guest, list("expand=a.b.c.d.e.f.g.h,notes_via_notes"), status(200).has("/totalItems", 1)),
            (Guest, list("filter=@request.auth.id=''"), status(403).says("Only superusers can filter by @request.")),
            (
                Guest,
                list("filter=@collection.users.id=''"),
                status(403).says("Only superusers can filter by @collection."),
            ),
        ])
        .await;
    assert_eq!(world.count("notes").await, 1);
    world.close().await;
}

#[tokio::test]
async fn bytes_that_are_no_request_end_their_own_connection_only() {
    let world = world_with_notes().await;
    let huge = format!("GET /api/health HTTP/1.1\r\nHost: x\r\nX-Big: {}\r\n\r\n", "a".repeat(1 << 20));
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(1 << 20));
    for (bytes, allowed) in [
        (&b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"[..], &[400][..]),
        (b"GET / HTTP/9.9\r\n\r\n", &[400, 505]),
        (b"POST /api/health HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", &[400]),
        (huge.as_bytes(), &[431]),
        (long.as_bytes(), &[414, 431]),
    ] {
        let answer = parsed(&world.raw(bytes).await);
        assert!(allowed.contains(&answer.status), "{} after {:?}", answer.status, &bytes[..20.min(bytes.len())]);
    }
    // Half a request, then the client is gone.
    drop(half_a_request(&world.address).await);
    world.check([(Guest, get("/api/health"), status(200).has("/message", "API is healthy."))]).await;
    assert_eq!(world.count("notes").await, 0);
    world.close().await;
}

async fn half_a_request(address: &str) -> tokio::net::TcpStream {
    use tokio::io::AsyncWriteExt as _;
    let mut stream = tokio::net::TcpStream::connect(address).await.expect("the server accepts");
    let head = "POST /api/collections/notes/records HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    let half = format!("{head}Content-Length: 100\r\n\r\n{{\"title\":\"ha");
    stream.write_all(half.as_bytes()).await.expect("the server reads");
    stream
}

#[tokio::test]
async fn a_request_in_flight_is_answered_when_the_server_stops() {
    let world = world_with_notes().await;
    world.app.hooks().create.before.add(bakend::hooks::Bind::all(), |event, next| {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(300)).await;
            next.run(event).await
        })
    });
    let address = world.address.clone();
    let slow = post("/api/collections/notes/records", json!({"title": "slow"}));
    let in_flight = async {
        let answer = world.send(&slow).await;
        (answer.status, answer.json()["title"].clone())
    };
    let stop = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        world.stop();
    };
    assert_eq!(tokio::join!(in_flight, stop).0, (200, json!("slow")));
    world.close().await;
    assert!(tokio::net::TcpStream::connect(address).await.is_err(), "nobody listens any more");
}
