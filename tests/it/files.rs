//! Files of records: what may come in, what goes out, and that nothing is left behind.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value as Json, json};

use super::{
    client::{Answer, Ask, Server, delete, get, parsed, patch, status},
    world::{Guest, Superuser},
};

/// Longest time until files that nobody names any more are gone.
const PATIENCE: Duration = Duration::from_secs(60);
const BOUNDARY: &str = "boundary-of-the-tests";

/// A file of a form: field, name, content.
pub type Part<'a> = (&'a str, &'a str, &'a [u8]);

/// A multipart request.
pub fn form(method: &str, path: &str, files: &[Part], values: &[(&str, &str)]) -> Ask {
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    Ask::new(method, path).with("Content-Type", &kind).raw(multipart(files, values))
}

fn multipart(files: &[Part], values: &[(&str, &str)]) -> Vec<u8> {
    let mut body = Vec::new();
    let mut part = |head: String, content: &[u8]| {
        body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {head}\r\n\r\n").into_bytes());
        body.extend(content);
        body.extend(b"\r\n");
    };
    for (field, name, content) in files {
        part(format!("name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: image/png"), content);
    }
    for (field, value) in values {
        part(format!("name=\"{field}\""), value.as_bytes());
    }
    body.extend(format!("--{BOUNDARY}--\r\n").into_bytes());
    body
}

/// The bytes behind the head of an answer.
pub async fn content(server: &Server, path: &str) -> Vec<u8> {
    let ask = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", server.address);
    let answer = server.raw(ask.as_bytes()).await;
    assert_eq!(parsed(&answer).status, 200, "{path}: {}", parsed(&answer).body);
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    answer[head + 4..].to_vec()
}

/// Every file below a folder of the data folder.
pub fn below(server: &Server, folder: &str) -> Vec<PathBuf> {
    fn walk(dir: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let mut found = Vec::new();
    walk(&server.app.options().dir.join(folder), &mut found);
    found.sort();
    found
}

/// Waits until the data folder holds this many stored files, and none that is on its way.
pub async fn holds(server: &Server, stored: usize) {
    let begun = std::time::Instant::now();
    loop {
        let (own, staged) = (below(server, "storage"), below(server, ".tmp"));
        if own.len() == stored && staged.is_empty() {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "{stored} files expected, found {own:?}, and on their way {staged:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A collection that takes files from everybody.
pub async fn docs(server: &Server) {
    let fields = json!([
        {"name": "title", "type": "text", "max": 5},
        {"name": "one", "type": "file", "maxSelect": 1},
        {"name": "many", "type": "file", "maxSelect": 20, "maxSize": 100_000},
        {"name": "picture", "type": "file", "maxSelect": 1, "mimeTypes": ["image/png"], "thumbs": ["30x20", "30x20f", "0x10"]},
        {"name": "secret", "type": "file", "maxSelect": 1, "protected": true},
    ]);
    server.collection("docs", [Some(""); 5], fields).await;
}

/// Its records.
pub const DOCS: &str = "/api/collections/docs/records";

/// The record of a request that succeeds.
pub async fn sent(server: &Server, ask: Ask) -> Json {
    let answer = server.send(&ask).await;
    assert_eq!(answer.status, 200, "{}: {}", ask.name(), answer.body);
    answer.json()
}

/// A text of a record.
pub fn text<'a>(record: &'a Json, field: &str) -> &'a str {
    record[field].as_str().expect(field)
}

/// The address of a file of a record.
pub fn url(record: &Json, name: &str) -> String {
    format!("/api/files/docs/{}/{name}", text(record, "id"))
}

#[tokio::test]
async fn no_name_leads_anywhere() {
    let server = Server::start().await;
    docs(&server).await;
    let long = "x".repeat(5000);
    let names = [
        "../../../etc/passwd",
        "..\\..\\boot.ini",
        "/etc/passwd",
        "C:\\x.txt",
        ".",
        "..",
        "...",
        "CON",
        "nul.txt",
        "a\u{202e}gpj.exe",
        "é😀.txt",
        ".htaccess",
        "a%2f..%2fb",
        " ",
        "-rf",
        "a;b|c$(d)`e`.sh",
        &long,
    ];
    for name in names {
        let made = sent(&server, form("POST", DOCS, &[("one", name, b"hello")], &[])).await;
        let stored = text(&made, "one");
        let is_safe = |char: char| char.is_ascii_alphanumeric() || "_.*-+=#".contains(char);
        assert!(
            stored.chars().all(is_safe) && stored.len() <= 140 && !stored.starts_with('.'),
            "{name:?} became {stored:?}"
        );
        assert_eq!(content(&server, &url(&made, stored)).await, b"hello", "{name:?}");
    }
    let nul = server.send(&form("POST", DOCS, &[("one", "a\0b.txt", b"hello")], &[])).await;
    assert_eq!(nul.status, 400, "{nul:?}");
    holds(&server, names.len()).await;
    for path in ["../../bak.db", "..%2f..%2fbak.db", "%2e%2e/%2e%2e/bak.db", "x%00", "..", "thumbs_x/y", "%ff", &long] {
        let answer = server.send(&get(&format!("/api/files/docs/x/{path}"))).await;
        assert!([404, 414].contains(&answer.status), "{path}: {}", answer.status);
    }
}

#[tokio::test]
async fn what_is_refused_leaves_nothing_behind() {
    let server = Server::start().await;
    docs(&server).await;
    server
        .collection(
            "closed",
            [Some(""), Some(""), Some("@request.auth.id != ''"), None, None],
            json!([{"name": "one", "type": "file"}]),
        )
        .await;
    let large = vec![b'x'; 100_001];
    let code = |field: &str, code: &str| status(400).has(&format!("/data/{field}/code"), code);
    server
        .check([
            (Guest, form("POST", DOCS, &[("many", "a.txt", &large)], &[]), code("many", "validation_file_size_limit")),
            (
                Guest,
                form("POST", DOCS, &[("picture", "a.png", b"<html></html>")], &[]),
                code("picture", "validation_invalid_mime_type"),
            ),
            (
                Guest,
                form("POST", DOCS, &[("one", "a.txt", b"x")], &[("title", "too long")]),
                code("title", "validation_max_text_constraint"),
            ),
            (Guest, form("POST", DOCS, &[("nowhere", "a.txt", b"x"), ("title", "a.txt", b"x")], &[]), status(200)),
            (
                Guest,
                form("POST", DOCS, &[], &[("one", "not_mine_abcdefghij.txt")]),
                code("one", "validation_invalid_file"),
            ),
            (
                Guest,
                form("POST", "/api/collections/closed/records", &[("one", "a.txt", b"x")], &[]),
                status(400).lacks("/data/one"),
            ),
            (Superuser, form("POST", "/api/collections/closed/records", &[("two", "a.txt", b"x")], &[]), status(200)),
            (Guest, form("PATCH", "/api/collections/docs/records/nobody", &[("one", "a.txt", b"x")], &[]), status(404)),
            (Guest, form("POST", "/api/collections/nope/records", &[("one", "a.txt", b"x")], &[]), status(404)),
            (
                Guest,
                form("POST", "/api/collections/docs/auth-with-password", &[("one", "a.txt", b"x")], &[]),
                status(404),
            ),
        ])
        .await;
    holds(&server, 0).await;
}

/// A form of one part whose disposition is written like this.
fn odd_form(disposition: &[u8]) -> Ask {
    let head = [format!("--{BOUNDARY}\r\nContent-Disposition: form-data; ").as_bytes(), disposition].concat();
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    Ask::new("POST", DOCS)
        .with("Content-Type", &kind)
        .raw([&head, format!("\r\n\r\nhello\r\n--{BOUNDARY}--\r\n").as_bytes()].concat())
}

#[tokio::test]
async fn whatever_names_a_file_is_a_file() {
    let server = Server::start().await;
    docs(&server).await;
    for disposition in [
        &b"name=\"one\"; filename*=UTF-8''%c3%a9xtra.txt"[..],
        b"name=\"one\"; filename=\"caf\xe9.txt\"",
        b"name=one; FILENAME=cafe.txt",
    ] {
        let made = sent(&server, odd_form(disposition)).await;
        assert_eq!(content(&server, &url(&made, text(&made, "one"))).await, b"hello");
    }
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let bare = |body: &str| {
        Ask::new("POST", DOCS).with("Content-Type", &kind).with("Content-Length", &body.len().to_string()).raw(body)
    };
    server
        .check([
            (Guest, odd_form(b"name=one; filename=\"\""), status(400).has("/data/one/code", "validation_invalid_file")),
            (Guest, bare(""), status(400).says("Failed to read the submitted data.")),
            (Guest, bare(&format!("--{BOUNDARY}--")), status(200)),
            (Guest, bare(&format!("--{BOUNDARY}")), status(400)),
            (Guest, Ask::new("POST", DOCS), status(200)),
        ])
        .await;
    holds(&server, 3).await;
}

#[tokio::test]
async fn files_are_set_or_added_and_nothing_else() {
    let server = Server::start().await;
    docs(&server).await;
    server.made(patch("/api/settings", json!({"batch": {"enabled": true}}))).await;
    for key in ["many-", "many:autogenerate", "-many", "many.x"] {
        let made = sent(&server, form("POST", DOCS, &[(key, "a.txt", b"hello")], &[])).await;
        assert_eq!(made["many"], json!([]), "{key}");
        let changed = form("PATCH", &format!("{DOCS}/{}", text(&made, "id")), &[(key, "a.txt", b"hello")], &[]);
        assert_eq!(sent(&server, changed).await["many"], json!([]), "{key}");
        let write = json!({"method": "POST", "url": DOCS, "body": {}}).to_string();
        let requests = format!("{{\"requests\":[{write}]}}");
        let inner = format!("requests.0.{key}");
        let batch = form("POST", "/api/batch", &[(&inner, "a.txt", b"hello")], &[("@jsonPayload", &requests)]);
        let batch = server.send(&batch).await;
        assert_eq!((batch.status, &batch.json()[0]["body"]["many"]), (200, &json!([])), "{key}: {batch:?}");
    }
    holds(&server, 0).await;
}

#[tokio::test]
async fn a_field_takes_so_many_files() {
    let server = Server::start().await;
    docs(&server).await;
    let parts = |count: usize| vec![("many", "a.txt", &b"x"[..]); count];
    let made = sent(&server, form("POST", DOCS, &parts(20), &[])).await;
    let path = format!("{DOCS}/{}", text(&made, "id"));
    let refused = || status(400).has("/data/many/code", "validation_too_many_files");
    server
        .check([
            (Guest, form("POST", DOCS, &parts(21), &[]), refused()),
            (Guest, form("PATCH", &path, &[("many+", "a.txt", b"x")], &[]), refused()),
        ])
        .await;
    holds(&server, 20).await;
}

#[tokio::test]
async fn a_file_token_ends() {
    use bakend::{Bakend, test::TestApp};
    let app = TestApp::start(Bakend::builder()).await;
    let fields = json!([{"name": "secret", "type": "file", "protected": true}]);
    app.collection("docs", fields, json!({"createRule": "", "viewRule": "@request.auth.id != ''"})).await;
    let ana = app.user("ana@example.com").await;
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let made =
        app.ask("POST", DOCS).body(&kind, multipart(&[("secret", "a.txt", b"mine")], &[])).await.status(200).json();
    let token = app.ask("POST", "/api/files/token").as_user(&ana).await.status(200).json();
    let path = format!("{}?token={}", url(&made, text(&made, "secret")), text(&token, "token"));
    app.get(&path).await.status(200).says("mine");
    app.clock().advance(Duration::from_secs(3600));
    app.get(&path).await.status(404);
    app.close().await;
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_nothing_behind() {
    let server = Server::start().await;
    docs(&server).await;
    let whole = multipart(&[("one", "a.bin", &vec![7; 900_000])], &[]);
    for (length, sent) in
        [(whole.len(), whole.len() / 2), (whole.len() - 40, whole.len() - 40), (whole.len(), whole.len() - 3)]
    {
        let head = format!(
            "POST {DOCS} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\n\
             Content-Length: {length}\r\n\r\n"
        );
        let stream = tokio::net::TcpStream::connect(&server.address).await.expect("the server listens");
        let mut stream = stream;
        tokio::io::AsyncWriteExt::write_all(&mut stream, &[head.as_bytes(), &whole[..sent]].concat())
            .await
            .expect("sends");
        tokio::io::AsyncWriteExt::shutdown(&mut stream).await.expect("hangs up");
        let mut answer = Vec::new();
        let _ = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer).await;
        assert!(answer.is_empty() || parsed(&answer).status == 400, "{}", String::from_utf8_lossy(&answer));
    }
    holds(&server, 0).await;
    assert_eq!(server.count("docs").await, 0);
}

#[tokio::test]
async fn files_go_with_whatever_named_them() {
    let server = Server::start().await;
    docs(&server).await;
    let three = [("one", "a.txt", &b"1"[..]), ("many", "b.txt", b"2"), ("many", "c.txt", b"3")];
    let made = sent(&server, form("POST", DOCS, &three, &[])).await;
    holds(&server, 3).await;
    let path = format!("{DOCS}/{}", text(&made, "id"));
    let replaced = sent(&server, form("PATCH", &path, &[("one", "d.txt", b"4")], &[])).await;
    assert_eq!(server.send(&get(&url(&made, text(&made, "one")))).await.status, 404);
    assert_eq!(replaced["many"], made["many"]);
    holds(&server, 3).await;
    let gone = made["many"][0].clone();
    let fewer = sent(&server, patch(&path, json!({"many-": gone}))).await;
    assert_eq!(fewer["many"], json!([made["many"][1]]));
    holds(&server, 2).await;
    let more = sent(&server, form("PATCH", &path, &[("+many", "e.txt", b"5")], &[])).await;
    assert_eq!(more["many"][1], made["many"][1]);
    holds(&server, 3).await;

    // One file instead of many: the last one stays.
    let collection = server.made(get("/api/collections/docs")).await;
    let change = |change: fn(&mut Json)| {
        let mut fields = collection["fields"].clone();
        change(&mut fields);
        patch("/api/collections/docs", json!({"fields": fields}))
    };
    let position =
        |name: &str| collection["fields"].as_array().expect("fields").iter().position(|field| field["name"] == name);
    assert_eq!((position("one"), position("many")), (Some(2), Some(3)));
    server.made(change(|fields| fields[3]["maxSelect"] = json!(1))).await;
    holds(&server, 2).await;
    // A field that is gone takes its files along.
    server.made(change(|fields| drop(fields.as_array_mut().expect("fields").drain(2..4)))).await;
    holds(&server, 0).await;
}

#[tokio::test]
async fn files_go_with_cascades_truncation_and_collections() {
    let server = Server::start().await;
    docs(&server).await;
    let docs = server.made(get("/api/collections/docs")).await;
    let fields = json!([
        {"name": "doc", "type": "relation", "collectionId": docs["id"], "maxSelect": 1, "cascadeDelete": true},
        {"name": "one", "type": "file", "maxSelect": 1},
    ]);
    server.collection("notes", [Some(""); 5], fields).await;
    let doc = sent(&server, form("POST", DOCS, &[("one", "a.txt", b"1")], &[])).await;
    for _ in 0..2 {
        sent(
            &server,
            form("POST", "/api/collections/notes/records", &[("one", "b.txt", b"2")], &[("doc", text(&doc, "id"))]),
        )
        .await;
    }
    holds(&server, 3).await;
    assert_eq!(server.send(&delete(&format!("{DOCS}/{}", text(&doc, "id")))).await.status, 204);
    holds(&server, 0).await;
    for (collection, end) in [("docs", "/truncate"), ("notes", "/truncate"), ("notes", ""), ("docs", "")] {
        let records = format!("/api/collections/{collection}/records");
        sent(&server, form("POST", &records, &[("one", "a.txt", b"1")], &[])).await;
        holds(&server, 1).await;
        server.made(delete(&format!("/api/collections/{collection}{end}"))).await;
        holds(&server, 0).await;
    }
}

#[tokio::test]
async fn additions_at_the_same_time_all_stay() {
    let server = Server::start().await;
    docs(&server).await;
    let made = sent(&server, form("POST", DOCS, &[], &[])).await;
    let path = format!("{DOCS}/{}", text(&made, "id"));
    let adds = (0..12).map(|n| {
        let name = format!("file_{n}.txt");
        let ask = form("PATCH", &path, &[("many+", &name, b"x")], &[]);
        let server = &server;
        async move { server.send(&ask).await.status }
    });
    let statuses = futures_util::future::join_all(adds).await;
    assert_eq!(statuses, [200; 12]);
    let now = sent(&server, get(&path)).await;
    assert_eq!(now["many"].as_array().expect("a list").len(), 12);
    holds(&server, 12).await;
}

#[tokio::test]
async fn a_download_says_what_it_is_and_runs_nothing() {
    let server = Server::start().await;
    docs(&server).await;
    const POLICY: &str = "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox";
    for (name, body, kind, place) in [
        ("a.txt", &b"hello"[..], "text/plain; charset=utf-8", "attachment"),
        ("a.html", b"<html><script>alert(1)</script></html>", "text/html; charset=utf-8", "attachment"),
        ("a.svg", b"<svg xmlns='x'><script>alert(1)</script></svg>", "image/svg+xml", "attachment"),
        ("a.png", b"<html><script>alert(1)</script></html>", "text/html; charset=utf-8", "attachment"),
        ("a.js", b"alert(1)", "text/javascript", "attachment"),
        ("a.png", b"\x89PNG\r\n\x1a\n0000", "image/png", "inline"),
        ("a.pdf", b"%PDF-1.4", "application/pdf", "inline"),
    ] {
        let made = sent(&server, form("POST", DOCS, &[("one", name, body)], &[])).await;
        let stored = text(&made, "one");
        let path = url(&made, stored);
        let shown = |place: &str| {
            status(200)
                .header("content-type", kind)
                .header("content-security-policy", POLICY)
                .header("x-content-type-options", "nosniff")
                .header("content-disposition", &format!("{place}; filename=\"{stored}\""))
                .header("content-length", &body.len().to_string())
                .without("x-frame-options")
        };
        let rows = [
            (Guest, get(&path), shown(place)),
            (Guest, Ask::new("HEAD", &path), shown(place)),
            (Guest, get(&format!("{path}?download=1")), shown("attachment")),
        ];
        server.check(rows).await;
    }
}

#[tokio::test]
async fn a_download_can_be_partial_and_conditional() {
    let server = Server::start().await;
    docs(&server).await;
    let made = sent(&server, form("POST", DOCS, &[("one", "a.txt", b"0123456789")], &[])).await;
    let path = url(&made, text(&made, "one"));
    let whole = server.send(&get(&path)).await;
    let header = |name: &str| whole.header(name).expect(name);
    let (tag, modified) = (header("etag"), header("last-modified"));
    assert_eq!(header("cache-control"), "max-age=2592000, stale-while-revalidate=86400");
    assert_eq!(header("accept-ranges"), "bytes");
    let with = |name: &str, value: &str| get(&path).with(name, value);
    let part = |range: &str, text: &str| status(206).header("content-range", &format!("bytes {range}/10")).says(text);
    server
        .check([
            (Guest, with("Range", "bytes=2-4"), part("2-4", "234")),
            (Guest, with("Range", "bytes=-2"), part("8-9", "89")),
            (Guest, with("Range", "bytes=0-1").with("If-Range", &tag), part("0-1", "01")),
            (Guest, with("Range", "bytes=0-1").with("If-Range", "\"other\""), status(200).says("0123456789")),
            (Guest, with("Range", "bytes=0-1,3-4"), status(200).says("0123456789")),
            (Guest, with("Range", "bytes=10-"), status(416).header("content-range", "bytes */10")),
            (Guest, with("If-None-Match", &tag), status(304).header("etag", &tag)),
            (Guest, with("If-Modified-Since", &modified), status(304)),
            (Guest, with("If-None-Match", "\"x\"").with("If-Modified-Since", &modified), status(200)),
            (Guest, with("If-Match", "\"x\""), status(412)),
            (Guest, with("If-Unmodified-Since", "Wed, 01 May 2024 08:00:00 GMT"), status(412)),
            (Guest, Ask::new("HEAD", &path).with("If-None-Match", &tag), status(304).header("content-length", "10")),
        ])
        .await;
    let empty = sent(&server, form("POST", DOCS, &[("one", "a.txt", b"")], &[])).await;
    let empty = get(&url(&empty, text(&empty, "one"))).with("Range", "bytes=0-");
    server.check([(Guest, empty, status(200).header("content-length", "0"))]).await;
}

#[tokio::test]
async fn a_protected_file_takes_a_token_and_the_view_rule() {
    let server = Server::start().await;
    docs(&server).await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    server.made(patch("/api/collections/docs", json!({"viewRule": "title = @request.auth.name"}))).await;
    server.made(patch(&format!("/api/collections/users/records/{}", ana.id), json!({"name": "ana"}))).await;
    let made = sent(
        &server,
        form("POST", DOCS, &[("secret", "a.txt", b"mine"), ("one", "b.txt", b"all")], &[("title", "ana")]),
    )
    .await;
    let (path, open) = (url(&made, text(&made, "secret")), url(&made, text(&made, "one")));
    let token = async |who: &super::world::Person| {
        let answer = server.ask(&who.asks(), Ask::new("POST", "/api/files/token")).await;
        answer.json()["token"].as_str().expect("a token").to_owned()
    };
    let (own, other) = (token(&ana).await, token(&bob).await);
    let private = |code: u16| status(code).header("cache-control", "private, no-cache");
    let with_token = || get(&format!("{path}?token={own}"));
    let tag = server.send(&with_token()).await.header("etag").expect("a tag");
    server
        .check([
            (Guest, get(&path), status(404)),
            // Links cannot carry headers, so headers alone are not enough; and a sign-in must not stand in a link.
            (ana.asks(), get(&path), status(404)),
            (Superuser, get(&path), status(404)),
            (Guest, get(&format!("{path}?token={}", ana.token)), status(404)),
            (Guest, get(&format!("{path}?token={}", server.root().await)), status(404)),
            (Guest, with_token(), private(200).says("mine")),
            (Guest, with_token().with("If-None-Match", &tag), private(304)),
            (Guest, with_token().with("Range", "bytes=0-1"), private(206).says("mi")),
            (Guest, Ask::new("HEAD", &format!("{path}?token={own}")), private(200)),
            (Guest, get(&format!("{path}?token={other}")), status(404)),
            (Guest, get(&open), status(200).says("all")),
        ])
        .await;
}

#[tokio::test]
async fn a_program_puts_opens_and_deletes_files() {
    let server = Server::start().await;
    docs(&server).await;
    let made = sent(&server, form("POST", DOCS, &[], &[])).await;
    let schema = server.app.schema();
    let collection = schema.find("docs").expect("the collection");
    let db = server.app.store().db();
    let found = bakend::service::records::find(&db, server.app.planner(), &schema, collection, text(&made, "id"));
    let record = found.await.expect("reads").expect("is there");
    let files = server.app.files();
    let record = files.put(&record, "many", "Hello World.txt", "hello").await.expect("puts");
    let record = files.put(&record, "many", "b.txt", "b").await.expect("puts");
    let names = record.get("many").expect("a field").as_list().to_vec();
    assert!(names.len() == 2 && names[0].starts_with("hello_world_"), "{names:?}");
    let opened = files.open(&record, &names[0]).await.expect("opens");
    assert_eq!((opened.file.size, opened.file.original.as_str()), (5, "Hello World.txt"));
    assert_eq!(opened.bytes().await.expect("reads"), "hello");
    assert!(files.url(&record, &names[0]).ends_with(&url(&made, &names[0])), "{}", files.url(&record, &names[0]));
    files.put(&record, "many", "large.txt", vec![0; 100_001]).await.expect_err("it is too large");
    files.put(&record, "title", "a.txt", "x").await.expect_err("it holds no files");
    let record = files.delete(&record, "many", &names[0]).await.expect("deletes");
    assert_eq!(record.get("many").expect("a field").as_list(), &names[1..]);
    assert!(files.open(&record, &names[0]).await.is_err());
    holds(&server, 1).await;
}

#[tokio::test]
async fn two_hundred_downloads_at_once_are_all_whole() {
    let server = Server::start().await;
    docs(&server).await;
    let large: Vec<u8> = (0..1_000_000_u32).map(|n| n.to_le_bytes()[n as usize % 4]).collect();
    let made = sent(&server, form("POST", DOCS, &[("one", "a.bin", &large)], &[])).await;
    let path = url(&made, text(&made, "one"));
    let all = futures_util::future::join_all((0..200).map(|_| content(&server, &path))).await;
    assert!(all.iter().all(|one| *one == large));
}

#[tokio::test]
async fn files_of_a_folder_from_before_are_noted_once() {
    let server = Server::start().await;
    docs(&server).await;
    let made = sent(&server, form("POST", DOCS, &[("one", "a.txt", b"hello")], &[])).await;
    holds(&server, 1).await;
    // Put there by hand: no row knows it.
    let folder = server.app.options().dir.join("storage").join(text(&made, "collectionId")).join(text(&made, "id"));
    fs::write(folder.join("by_hand.txt"), "mine").expect("writes");
    let sql = format!("UPDATE docs SET many = '[\"by_hand.txt\"]' WHERE id = '{}'", text(&made, "id"));
    server.app.store().db().write(move |conn| conn.run_script(&sql)).await.expect("writes");
    assert_eq!(content(&server, &url(&made, "by_hand.txt")).await, b"mine");
}

#[tokio::test]
async fn a_check_finds_what_was_changed_by_hand() {
    let server = Server::start().await;
    docs(&server).await;
    let mut made = Vec::new();
    for _ in 0..3 {
        made.push(sent(&server, form("POST", DOCS, &[("one", "a.txt", b"hello"), ("many", "b.txt", b"x")], &[])).await);
    }
    holds(&server, 6).await;
    let sql = format!(
        "DELETE FROM docs WHERE id = '{}'; UPDATE docs SET many = '[]' WHERE id = '{}'",
        text(&made[0], "id"),
        text(&made[1], "id")
    );
    server.app.store().db().write(move |conn| conn.run_script(&sql)).await.expect("writes");
    let lost = server.app.options().dir.join("storage").join(text(&made[2], "collectionId")).join(text(&made[2], "id"));
    fs::remove_file(lost.join(text(&made[2], "one"))).expect("removes");
    let checked = bakend::service::files::transfer::check(&server.app).await.expect("checks");
    assert_eq!((checked.files, checked.removed), (3, 3));
    let missing: Vec<&str> = checked.missing.iter().map(|key| key.name.as_str()).collect();
    assert_eq!(missing, [text(&made[2], "one")]);
    holds(&server, 2).await;
}

/// A folder with a small site.
fn site(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("writes");
    }
    folder
}

#[tokio::test]
async fn the_public_folder_is_served_below_the_api() {
    let script = "x".repeat(10_000);
    let folder = site(&[
        ("index.html", "<h1>start</h1>"),
        ("assets/app-3f9a2b1c.js", &script),
        ("plain.txt", "plain"),
        ("film.mp4", &script),
        ("sub/page.html", "below"),
        (".env", "secret"),
        ("api/health", "shadow"),
        ("_/index.html", "shadow"),
        (".well-known/security.txt", "contact"),
    ]);
    let serving = bakend::http::ServeOptions { public: Some(folder.path().to_owned()), ..Default::default() };
    let server = Server::start_with(serving).await;
    let page = || status(200).says("start").header("cache-control", "no-cache").header("content-type", "text/html");
    let missing = || status(404).says("File not found.");
    server
        .check([
            (Guest, get("/"), page()),
            (Guest, get("/deep/link"), page()),
            (Guest, get("/user/ana@example.com").with("Accept", "text/html"), page()),
            (Guest, get("/assets/gone.js"), missing()),
            (
                Guest,
                get("/assets/app-3f9a2b1c.js"),
                status(200).header("cache-control", "public, max-age=31536000, immutable"),
            ),
            (Guest, get("/plain.txt"), status(200).says("plain").header("cache-control", "public, max-age=3600")),
            (Guest, get("/.well-known/security.txt"), status(200).says("contact")),
            (Guest, get("/sub"), status(307).header("location", "/sub/")),
            // Two slashes at the beginning are another host to a browser.
            (Guest, get("//sub"), status(307).header("location", "/sub/")),
            (Guest, get("///plain.txt"), status(200).says("plain")),
            (Guest, get("/api/health"), status(200).says("API is healthy")),
            (Guest, get("/api/nope"), missing()),
            (Guest, get("/_/"), status(200).header("cache-control", "no-cache")),
            (Guest, get("/.env"), missing()),
            (Guest, get("/%2eenv"), missing()),
            (Guest, get("/../bak.db"), missing()),
            (Guest, get("/..%2f..%2fetc%2fpasswd"), missing()),
            (Guest, Ask::new("POST", "/plain.txt"), status(404)),
        ])
        .await;
    for encoding in ["br", "gzip"] {
        let ask = get("/assets/app-3f9a2b1c.js").with("Accept-Encoding", encoding);
        let Answer { headers, body, .. } = server.send(&ask).await;
        assert!(headers.contains(&("content-encoding".to_owned(), encoding.to_owned())), "{encoding}: {headers:?}");
        assert!(body.len() < script.len() / 10, "{encoding}: {}", body.len());
    }
    let tag = server.send(&get("/plain.txt")).await.header("etag").expect("a tag");
    server.check([(Guest, get("/plain.txt").with("If-None-Match", &tag), status(304))]).await;
    // Nobody who was told to keep a file for good is told otherwise because it did not change.
    let app = "/assets/app-3f9a2b1c.js";
    let dated = server.send(&get(app)).await.header("last-modified").expect("a date");
    let packed = server.send(&get(app).with("Accept-Encoding", "gzip")).await.header("etag").expect("a tag");
    assert!(packed.starts_with("W/"), "{packed}");
    let part = |with: &str, value: &str| get("/plain.txt").with("Range", "bytes=0-1").with(with, value);
    let whole = || status(200).says("plain");
    let long = "n".repeat(300);
    server
        .check([
            (Guest, get(app).with("If-Modified-Since", &dated), status(304).without("cache-control")),
            (Guest, get(app).with("If-None-Match", &packed).with("Accept-Encoding", "gzip"), status(304)),
            (Guest, part("Accept", "*/*"), status(206).says("pl").header("content-range", "bytes 0-1/5")),
            (Guest, part("If-Range", "\"other\""), whole()),
            (Guest, part("If-Range", &tag), whole()),
            (Guest, get("/plain.txt").with("Range", "bytes=0-1,3-4"), whole()),
            (Guest, get("/plain.txt").with("Range", "lines=1"), whole()),
            (Guest, get("/film.mp4").with("Accept-Encoding", "br, gzip"), status(200).without("content-encoding")),
            (Guest, get(&format!("/{long}")), page()),
            (Guest, get(&format!("/sub/{long}")), page()),
            (Guest, get(&format!("/{}", "n/".repeat(3000))), page()),
            (Guest, get(&format!("/{long}.js")), missing()),
        ])
        .await;
}
