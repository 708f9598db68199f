//! The browser of all files: pages, search, amounts, and whatever lies around that nobody names.

use std::fs;

use serde_json::json;

use super::{
    client::{Server, delete, get, status},
    files::{content, form, holds},
    world::{Guest, Superuser},
};

const DOCS: &str = "/api/collections/docs/records";

async fn docs(server: &Server) {
    let fields = json!([
        {"name": "one", "type": "file", "maxSelect": 1, "maxSize": 1 << 20, "thumbs": ["10x10"]},
        {"name": "secret", "type": "file", "maxSelect": 1, "protected": true},
    ]);
    server.collection("docs", [Some(""); 5], fields).await;
}

async fn uploaded(server: &Server, field: &str, name: &str, bytes: &[u8]) -> String {
    let answer = server.send(&form("POST", DOCS, &[(field, name, bytes)], &[])).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let record = answer.json();
    format!("/api/files/docs/{}/{}", record["id"].as_str().expect("an id"), record[field].as_str().expect("a name"))
}

fn picture() -> Vec<u8> {
    let mut out = std::io::Cursor::new(Vec::new());
    image::RgbImage::new(40, 40).write_to(&mut out, image::ImageFormat::Png).expect("encodes");
    out.into_inner()
}

#[tokio::test]
async fn files_are_paged_searched_and_sorted() {
    let server = Server::start().await;
    docs(&server).await;
    uploaded(&server, "one", "First 100%.txt", b"12345").await;
    uploaded(&server, "secret", "secondaxy.txt", b"1").await;
    let path = uploaded(&server, "one", "third_x.png", &picture()).await;
    content(&server, &format!("{path}?thumb=10x10")).await;
    holds(&server, 4).await;
    let page = |query: &str| get(&format!("/api/files?{query}"));
    let total = |total: i64| status(200).has("/totalItems", total);
    server
        .check([
            (Superuser, page(""), total(3).has("/items/0/original", "third_x.png").has("/items/0/type", "image/png")),
            (
                Superuser,
                page("sort=created"),
                total(3).has("/items/0/original", "First 100%.txt").has("/items/0/size", 5),
            ),
            (
                Superuser,
                page("sort=size"),
                total(3).has("/items/0/protected", true).has("/items/0/fieldName", "secret"),
            ),
            (Superuser, page("sort=-name"), total(3).has("/items/0/original", "third_x.png")),
            (
                Superuser,
                page("perPage=1&page=2&skipTotal=1"),
                total(-1).has("/items/0/original", "secondaxy.txt").lacks("/items/1"),
            ),
            (Superuser, page("search=FIRST"), total(1).has("/items/0/state", "stored").has("/items/0/place", "local")),
            (Superuser, page("search=100%25"), total(1)),
            (Superuser, page("search=d_x"), total(1)),
            (Superuser, page("search=%25%25"), total(0)),
            (Superuser, page("search='%20OR%201=1--"), total(0)),
            (Superuser, page("collection=docs&field=secret"), total(1)),
            (Superuser, page("collection=users"), total(0)),
            (Superuser, page("record=nope"), total(0)),
            (Superuser, page("thumbs=1"), total(3).has("/items/0/thumbs/count", 1).has("/items/1/thumbs/count", 0)),
            (Superuser, page("thumbs=1&perPage=1000"), total(3).has("/perPage", 200)),
            (Superuser, page("collection=nope"), status(404)),
            (Superuser, page("collection=docs&field=nope"), status(404)),
            (Superuser, page("field=one"), status(400)),
            (Superuser, page("sort=nope"), status(400)),
            (Superuser, page("page=x"), status(400)),
            (Guest, page(""), status(401)),
        ])
        .await;
    let first = server.made(page("perPage=1")).await["items"][0].clone();
    let url = first["url"].as_str().expect("a url");
    server.check([(Guest, get(url), status(200))]).await;
    let by_record = format!("record={}", first["recordId"].as_str().expect("an id"));
    server.check([(Superuser, page(&by_record), total(1))]).await;
}

#[tokio::test]
async fn amounts_add_up_and_what_nobody_names_is_found() {
    let server = Server::start().await;
    docs(&server).await;
    uploaded(&server, "one", "a.txt", b"12345").await;
    let path = uploaded(&server, "one", "b.png", &picture()).await;
    let thumb = content(&server, &format!("{path}?thumb=10x10")).await;
    let gone = uploaded(&server, "secret", "c.txt", b"123").await;
    holds(&server, 4).await;
    let size = 5 + picture().len() + 3;
    let usage = || get("/api/files/usage");
    let scan = || get("/api/files/usage?scan=1");
    server
        .check([
            (Superuser, usage(), status(200).has("/count", 3).has("/bytes", size).has("/places/local/count", 3)),
            (Superuser, usage(), status(200).has("/collections/0/collectionName", "docs").has("/orphans", json!(null))),
            (
                Superuser,
                usage(),
                status(200).has("/moving/count", 0).has("/uploads/count", 0).has("/places/s3/count", 0),
            ),
            (Superuser, scan(), status(200).has("/thumbs/count", 1).has("/thumbs/bytes", thumb.len())),
            (
                Superuser,
                scan(),
                status(200).has("/orphans/rows", 0).has("/orphans/files", 0).has("/orphans/names", json!([])),
            ),
            (Guest, usage(), status(401)),
        ])
        .await;
    let disk = server.made(usage()).await["disk"].clone();
    assert!(
        disk["freeBytes"].as_u64() > Some(0) && disk["totalBytes"].as_u64() >= disk["freeBytes"].as_u64(),
        "{disk}"
    );
    let id = gone.split('/').nth(4).expect("an id").to_owned();
    assert_eq!(server.send(&delete(&format!("{DOCS}/{id}"))).await.status, 204);
    holds(&server, 3).await;
    server.check([(Superuser, scan(), status(200).has("/count", 2).has("/orphans/files", 0))]).await;
    // Somebody puts something there by hand.
    let folder = server.app.options().dir.join("storage");
    fs::write(folder.join("stray.txt"), "stray").expect("writes");
    fs::create_dir_all(folder.join("nope/nobody")).expect("a folder");
    fs::write(folder.join("nope/nobody/x.txt"), "xx").expect("writes");
    server
        .check([(
            Superuser,
            scan(),
            status(200).has("/orphans/files", 2).has("/orphans/bytes", 7).says("nope/nobody/x.txt"),
        )])
        .await;
}
