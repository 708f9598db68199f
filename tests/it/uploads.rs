//! Resumable uploads: files that come in several requests.

use bakend::limits;
use serde_json::{Value as Json, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{
    client::{Answer, Ask, Server, column, parsed, patch, status},
    files::{DOCS, below, content, docs, holds, text, url},
    world::{Guest, Person, Superuser},
};

/// A request of the protocol for resumable uploads.
fn tus(method: &str, path: &str) -> Ask {
    Ask::new(method, path).with("Tus-Resumable", "1.0.0")
}

/// `collection docs, field …, filename …` in Base64.
fn meant(field: &str, name: &str) -> String {
    format!("collection {},field {},filename {}", base64("docs"), base64(field), base64(name))
}

fn base64(text: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, at| bits << 8 | u32::from(chunk.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let letter = ALPHABET[(bits >> (18 - 6 * at) & 63) as usize];
            out.push(if at <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    out
}

fn bytes(path: &str, offset: usize, body: &[u8]) -> Ask {
    tus("PATCH", path)
        .with("Content-Type", "application/offset+octet-stream")
        .with("Upload-Offset", &offset.to_string())
        .raw(body)
}

async fn begun(server: &Server, who: &Person, length: usize) -> String {
    let ask = tus("POST", "/api/files/tus")
        .with("Upload-Length", &length.to_string())
        .with("Upload-Metadata", &meant("many", "Big File.txt"));
    let answer = server.ask(&who.asks(), ask).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.header("location").expect("a location")
}

#[tokio::test]
async fn an_upload_in_pieces_becomes_a_file_of_a_record() {
    let server = Server::start().await;
    docs(&server).await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let path = begun(&server, &ana, 10).await;
    let reference = json!({"many": [format!("upload:{}", path.rsplit('/').next().expect("an id"))]});
    let offset = |at: &str| {
        status(200).header("upload-offset", at).header("upload-length", "10").header("cache-control", "no-store")
    };
    let done = |at: &str| status(204).header("upload-offset", at).header("tus-resumable", "1.0.0");
    let refused = || status(400).has("/data/many/code", "validation_invalid_upload");
    server
        .check([
            (ana.asks(), bytes(&path, 0, b"0123"), done("4")),
            (ana.asks(), bytes(&path, 2, b"x"), status(409)),
            (ana.asks(), tus("HEAD", &path), offset("4")),
            (bob.asks(), tus("HEAD", &path), status(404)),
            (bob.asks(), bytes(&path, 4, b"x"), status(404)),
            (Guest, tus("HEAD", &path), status(401)),
            (Superuser, tus("HEAD", &path), status(404)),
            (ana.asks(), Ask::new("HEAD", &path), status(412)),
            (ana.asks(), bytes(&path, 4, b"45").with("Upload-Checksum", "sha1 AAAA"), status(460)),
            (ana.asks(), tus("HEAD", &path), offset("4")),
            (ana.asks(), bytes(&path, 4, b"").with("Upload-Checksum", "sha1 2jmj7l5rSw0yVb/vlWAYkK/YBwk="), done("4")),
            (ana.asks(), Ask::new("POST", DOCS).json(reference.clone()), refused()),
            (ana.asks(), bytes(&path, 4, b"4567891"), status(413)),
            (
                ana.asks(),
                bytes(&path, 4, b"456789")
                    .with("Upload-Checksum", "sha256 Ryu+g2Fuk9PAmnkQOuR9j3Hj01qWbW6LIvdDIY0EFx0="),
                done("10"),
            ),
            (bob.asks(), Ask::new("POST", DOCS).json(reference.clone()), refused()),
            (
                ana.asks(),
                Ask::new("POST", DOCS).json(json!({"title": "too long", "many": reference["many"]})),
                status(400).lacks("/data/many"),
            ),
        ])
        .await;
    let made = server.ask(&ana.asks(), Ask::new("POST", DOCS).json(reference.clone())).await;
    assert_eq!(made.status, 200, "{made:?}");
    let name = made.json()["many"][0].as_str().expect("a name").to_owned();
    assert!(name.starts_with("big_file_") && name.ends_with(".txt"), "{name}");
    assert_eq!(content(&server, &url(&made.json(), &name)).await, b"0123456789");
    let again = server.ask(&ana.asks(), Ask::new("POST", DOCS).json(reference)).await;
    assert_eq!(refused().misses(&again), None, "{again:?}");
    // Beside files it has already, and under a modifier.
    let second = begun(&server, &ana, 0).await;
    let change = json!({"many+": format!("upload:{}", second.rsplit('/').next().expect("an id"))});
    let changed = server.ask(&ana.asks(), patch(&format!("{DOCS}/{}", text(&made.json(), "id")), change)).await;
    assert_eq!(changed.json()["many"].as_array().map(Vec::len), Some(2), "{changed:?}");
    holds(&server, 2).await;
}

#[tokio::test]
async fn an_upload_in_pieces_is_announced_bounded_and_given_up() {
    let server = Server::start().await;
    docs(&server).await;
    server.collection("locked", [None; 5], json!([{"name": "many", "type": "file"}])).await;
    let ana = server.person("ana").await;
    let begin = |length: &str, metadata: &str| {
        tus("POST", "/api/files/tus").with("Upload-Length", length).with("Upload-Metadata", metadata)
    };
    let other = |collection: &str, field: &str| format!("collection {},field {}", base64(collection), base64(field));
    server
        .check([
            (
                Guest,
                Ask::new("OPTIONS", "/api/files/tus"),
                status(204).header("tus-version", "1.0.0").header("tus-checksum-algorithm", "sha1,sha256,crc32"),
            ),
            (Guest, begin("5", &meant("many", "a.txt")), status(401)),
            (ana.asks(), begin("100001", &meant("many", "a.txt")), status(413)),
            (ana.asks(), begin("-1", &meant("many", "a.txt")), status(400)),
            (ana.asks(), begin("5", "collection !"), status(400)),
            (
                ana.asks(),
                begin("5", &meant("title", "a.txt")),
                status(400).has("/data/field/code", "validation_invalid_value"),
            ),
            (
                ana.asks(),
                begin("5", &other("nope", "many")),
                status(400).has("/data/collection/code", "validation_invalid_value"),
            ),
            (ana.asks(), begin("5", &other("locked", "many")), status(403)),
            (ana.asks(), tus("POST", "/api/files/tus"), status(400)),
        ])
        .await;
    let path = begun(&server, &ana, 5).await;
    server.check([(ana.asks(), bytes(&path, 0, b"01"), status(204))]).await;
    assert_eq!(below(&server, ".tmp").len(), 1);
    server
        .check([
            (ana.asks(), tus("DELETE", &path), status(204)),
            (ana.asks(), tus("DELETE", &path), status(404)),
            (ana.asks(), tus("HEAD", &path), status(404)),
        ])
        .await;
    holds(&server, 0).await;
    let both = begin("3", &meant("many", "a.txt")).with("Content-Type", "application/offset+octet-stream").raw("abc");
    server.check([(ana.asks(), both.clone(), status(201).header("upload-offset", "3"))]).await;
    // Whose first bytes are refused is not told of the upload, so there is none.
    let staged = below(&server, ".tmp");
    let wrong = both.clone().with("Upload-Checksum", "sha1 AAAAAAAAAAAAAAAAAAAAAAAAAAA=");
    let count = "SELECT CAST(count(*) AS TEXT) FROM _uploads";
    server.check([(ana.asks(), wrong, status(460)), (ana.asks(), both.raw("abcd"), status(413))]).await;
    assert_eq!((below(&server, ".tmp"), server.column(count).await), (staged, vec!["1".to_owned()]));
}

#[tokio::test]
async fn an_upload_goes_on_by_post_where_a_client_can_send_nothing_else() {
    let server = Server::start().await;
    docs(&server).await;
    let ana = server.person("ana").await;
    let path = begun(&server, &ana, 4).await;
    let by_post = |method: &str| tus("POST", &path).with("X-HTTP-Method-Override", method);
    let piece = |kind: &str, offset: &str, body: &[u8]| {
        by_post("PATCH").with("Content-Type", kind).with("Upload-Offset", offset).raw(body)
    };
    let kind = "application/offset+octet-stream";
    server
        .check([
            (ana.asks(), piece(kind, "0", b"01"), status(204).header("upload-offset", "2")),
            (ana.asks(), by_post("HEAD"), status(200).header("upload-offset", "2")),
            (ana.asks(), by_post("PUT"), status(404)),
            (ana.asks(), tus("POST", &path), status(404)),
            (Guest, piece(kind, "2", b"23"), status(401)),
            (ana.asks(), piece("text/plain", "2", b"23"), status(400)),
            (ana.asks(), by_post("DELETE"), status(204)),
            (ana.asks(), tus("HEAD", &path), status(404)),
        ])
        .await;
}

#[tokio::test]
async fn an_upload_is_taken_once() {
    let server = Server::start().await;
    docs(&server).await;
    let ana = server.person("ana").await;
    let path = begun(&server, &ana, 3).await;
    let reference = format!("upload:{}", path.rsplit('/').next().expect("an id"));
    let create = |many: Json| Ask::new("POST", DOCS).json(json!({"many": many}));
    server
        .check([
            (ana.asks(), bytes(&path, 0, b"abc"), status(204)),
            (
                ana.asks(),
                create(json!([reference, reference])),
                status(400).has("/data/many/code", "validation_invalid_upload"),
            ),
            (ana.asks(), create(json!([reference])), status(200)),
            (ana.asks(), create(json!([reference])), status(400).has("/data/many/code", "validation_invalid_upload")),
            (ana.asks(), tus("HEAD", &path), status(404)),
            (ana.asks(), bytes(&path, 3, b""), status(404)),
        ])
        .await;
    holds(&server, 1).await;
}

#[tokio::test]
async fn content_that_is_not_what_its_name_says_is_refused() {
    let server = Server::start().await;
    docs(&server).await;
    let ana = server.person("ana").await;
    let html = b"<html><script>alert(1)</script></html>";
    let begin = tus("POST", "/api/files/tus")
        .with("Upload-Length", &html.len().to_string())
        .with("Upload-Metadata", &meant("picture", "a.png"))
        .with("Content-Type", "application/offset+octet-stream")
        .raw(html);
    let path = server.ask(&ana.asks(), begin).await.header("location").expect("a location");
    let reference = format!("upload:{}", path.rsplit('/').next().expect("an id"));
    let refused = status(400).has("/data/picture/code", "validation_invalid_mime_type");
    server.check([(ana.asks(), Ask::new("POST", DOCS).json(json!({"picture": reference})), refused)]).await;
    server.check([(ana.asks(), tus("DELETE", &path), status(204))]).await;
    holds(&server, 0).await;
}

#[tokio::test]
async fn one_account_has_so_many_unfinished_uploads_and_bytes() {
    let server = Server::start().await;
    docs(&server).await;
    let large = json!([{"name": "many", "type": "file", "maxSize": 20_u64 << 30}]);
    server.collection("films", [Some(""); 5], large).await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let film = |bytes: u64| {
        let about = format!("collection {},field {}", base64("films"), base64("many"));
        tus("POST", "/api/files/tus").with("Upload-Length", &bytes.to_string()).with("Upload-Metadata", &about)
    };
    let refused = |text: &str| status(429).says(text).says("Finish or delete some of them first");
    // One alone may be as long as its field allows.
    let first = server.ask(&ana.asks(), film(11 << 30)).await.header("location").expect("a location");
    server
        .check([
            (ana.asks(), film(1), refused("Unfinished uploads may have 10737418240 bytes together")),
            (ana.asks(), tus("DELETE", &first), status(204)),
            (ana.asks(), film(9 << 30), status(201)),
            (ana.asks(), film((1 << 30) + 1), refused("with this one they would have 10737418241")),
            (ana.asks(), film(1 << 30), status(201)),
        ])
        .await;
    for _ in 0..100 {
        begun(&server, &bob, 5).await;
    }
    server.check([(bob.asks(), film(5), refused("At most 100 unfinished uploads"))]).await;
}

/// A request of which the first bytes are sent.
async fn half_sent(server: &Server, who: &Person, path: &str, head: &str, body: &[u8]) -> tokio::net::TcpStream {
    let mut stream = tokio::net::TcpStream::connect(&server.address).await.expect("the server listens");
    let head = format!(
        "PATCH {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: {}\r\nTus-Resumable: 1.0.0\r\n\
         Content-Type: application/offset+octet-stream\r\nUpload-Offset: 0\r\n{head}\r\n\r\n",
        who.token
    );
    stream.write_all(&[head.as_bytes(), body].concat()).await.expect("sends");
    stream
}

async fn answered(mut stream: tokio::net::TcpStream, rest: &[u8]) -> u16 {
    stream.write_all(rest).await.expect("sends");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    parsed(&answer).status
}

/// Waits until bytes of an upload are on the disk.
async fn arrives(server: &Server, who: &Person, path: &str) {
    arrive(server, who, path, 1).await;
}

/// Waits until this many bytes of an upload are on the disk.
async fn arrive(server: &Server, who: &Person, path: &str, count: usize) {
    let offset = |answer: Answer| answer.header("upload-offset").and_then(|at| at.parse().ok()).unwrap_or(0_usize);
    while offset(server.ask(&who.asks(), tus("HEAD", path)).await) < count {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

/// Lets time go by for everybody.
async fn leap(time: std::time::Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn an_upload_lasts_as_long_as_bytes_come() {
    // As much as is written at once, so that it can be seen to have come.
    const PIECE: usize = limits::FILE_WRITE_BYTES;
    const PIECES: usize = 8;
    let server = Server::start().await;
    let field = json!([{"name": "many", "type": "file", "maxSize": PIECE * PIECES}]);
    server.collection("docs", [Some(""); 5], field).await;
    let (ana, piece) = (server.person("ana").await, vec![7; PIECE]);
    let pause = limits::UPLOAD_MAX_SILENCE - std::time::Duration::from_secs(10);
    let all = u32::try_from(PIECES).expect("a few") - 1;
    assert!(pause * all > limits::REQUEST_DEADLINE, "longer than other requests may take");
    let whole = format!("Content-Length: {}", PIECE * PIECES);
    let path = begun(&server, &ana, PIECE * PIECES).await;
    let mut stream = half_sent(&server, &ana, &path, &whole, &piece).await;
    for count in 1..PIECES - 1 {
        arrive(&server, &ana, &path, count * PIECE).await;
        leap(pause).await;
        stream.write_all(&piece).await.expect("sends");
    }
    arrive(&server, &ana, &path, (PIECES - 1) * PIECE).await;
    leap(pause).await;
    assert_eq!(answered(stream, &piece).await, 204);
    // What came before a silence stays.
    let path = begun(&server, &ana, PIECE * PIECES).await;
    let stream = half_sent(&server, &ana, &path, &whole, &piece).await;
    arrive(&server, &ana, &path, PIECE).await;
    leap(2 * limits::UPLOAD_MAX_SILENCE).await;
    assert_eq!(answered(stream, b"").await, 400);
    server.check([(ana.asks(), bytes(&path, PIECE, b"more"), status(204))]).await;
}

#[tokio::test]
async fn an_upload_that_is_given_up_while_bytes_come_leaves_nothing() {
    const LENGTH: usize = 700_000;
    let server = Server::start().await;
    server.collection("docs", [Some(""); 5], json!([{"name": "many", "type": "file", "maxSize": LENGTH}])).await;
    let (ana, content) = (server.person("ana").await, vec![7; LENGTH]);
    let path = begun(&server, &ana, LENGTH).await;
    let stream = half_sent(&server, &ana, &path, &format!("Content-Length: {LENGTH}"), &content[..600_000]).await;
    arrives(&server, &ana, &path).await;
    server
        .check([
            (ana.asks(), bytes(&path, 0, b"x"), status(409).says("Another request")),
            (ana.asks(), tus("DELETE", &path), status(204)),
        ])
        .await;
    assert_eq!(answered(stream, &content[600_000..]).await, 404);
    holds(&server, 0).await;
}

#[tokio::test]
async fn bytes_whose_sum_is_not_known_yet_are_not_taken() {
    // As much as is written at once: all of it is on the disk before the body ends.
    const LENGTH: usize = 512 << 10;
    let server = Server::start().await;
    server.collection("docs", [Some(""); 5], json!([{"name": "many", "type": "file", "maxSize": LENGTH}])).await;
    let ana = server.person("ana").await;
    let path = begun(&server, &ana, LENGTH).await;
    let chunk = [format!("{LENGTH:x}\r\n").into_bytes(), vec![7; LENGTH]].concat();
    let head = "Transfer-Encoding: chunked\r\nUpload-Checksum: sha1 AAAA";
    let stream = half_sent(&server, &ana, &path, head, &chunk).await;
    arrives(&server, &ana, &path).await;
    let reference = format!("upload:{}", path.rsplit('/').next().expect("an id"));
    let create = || Ask::new("POST", DOCS).json(json!({"many": reference}));
    server.check([(ana.asks(), create(), status(400).has("/data/many/code", "validation_invalid_upload"))]).await;
    assert_eq!(answered(stream, b"\r\n0\r\n\r\n").await, 460);
    server.check([(ana.asks(), tus("HEAD", &path), status(200).header("upload-offset", "0"))]).await;
}

#[tokio::test]
async fn an_upload_expires_a_day_after_its_last_bytes() {
    use bakend::{Bakend, test::TestApp};
    use std::time::Duration;
    const HOUR: Duration = Duration::from_secs(3600);
    let app = TestApp::start(Bakend::builder()).await;
    let open = json!({"createRule": "", "updateRule": ""});
    app.collection("docs", json!([{"name": "many", "type": "file", "maxSelect": 9}]), open).await;
    let ana = app.user("ana@example.com").await;
    let tus = |method: &str, path: &str| app.ask(method, path).as_user(&ana).header("Tus-Resumable", "1.0.0");
    let about = meant("many", "a.txt");
    let begin = tus("POST", "/api/files/tus").header("Upload-Length", "2").header("Upload-Metadata", &about);
    begin.await.status(201);
    let path = format!("/api/files/tus/{}", column(app.app(), "SELECT id FROM _uploads").await[0]);
    let add =
        |offset: &str| tus("PATCH", &path).header("Upload-Offset", offset).body("application/offset+octet-stream", "x");
    app.clock().advance(23 * HOUR);
    add("0").await.status(204);
    app.clock().advance(23 * HOUR);
    tus("HEAD", &path).await.status(200).header("upload-offset", "1");
    app.clock().advance(HOUR);
    tus("HEAD", &path).await.status(404);
    add("1").await.status(404);
    app.close().await;
}
