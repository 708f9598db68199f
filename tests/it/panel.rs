//! The admin panel as it is served: from the program, compressed, kept by browsers, and left out where nobody wants it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use bakend::{
    Bakend,
    axum::{Router, routing::get as on_get},
};

use super::{
    client::{Ask, Server, get, status},
    world::Guest,
};

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; \
                      img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The largest script of the panel.
fn script() -> String {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() { walk(&path, found) } else { found.push(path) }
        }
    }
    let admin = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bakend/admin");
    let mut found = Vec::new();
    walk(&admin.join("_app/immutable"), &mut found);
    found.retain(|path| path.extension().is_some_and(|end| end == "js"));
    found.sort_by_key(|path| fs::metadata(path).map(|about| about.len()).unwrap_or(0));
    let largest = found.pop().expect("the panel has scripts");
    let path = largest.strip_prefix(&admin).expect("below the panel");
    format!("/_/{}", path.to_str().expect("a plain name"))
}

#[tokio::test]
async fn the_panel_is_served_with_what_browsers_need_to_keep_and_trust_it() {
    let server = Server::start_bare().await;
    let script = script();
    let page = || status(200).header("cache-control", "no-cache").header("content-security-policy", POLICY);
    let kept = || status(200).header("cache-control", "public, max-age=31536000, immutable");
    let tag = async |path: &str, encoding: &str| {
        server.send(&get(path).with("Accept-Encoding", encoding)).await.header("etag").expect("a tag")
    };
    let (page_tag, plain, pressed) =
        (tag("/_/", "identity").await, tag(&script, "identity").await, tag(&script, "br").await);
    assert_ne!(plain, pressed, "two forms are two things");
    let asks = |path: &str, tag: &str| get(path).with("If-None-Match", tag);
    server
        .check([
            (Guest, get("/_/"), page().says("<html").header("content-type", "text/html; charset=utf-8")),
            (Guest, get("/_/index.html"), page()),
            (
                Guest,
                get("/_/"),
                page().header("referrer-policy", "no-referrer").header("x-frame-options", "SAMEORIGIN"),
            ),
            (Guest, get("/_/"), page().header("x-content-type-options", "nosniff").without("content-encoding")),
            (Guest, Ask::new("HEAD", "/_/"), page().header("etag", &page_tag)),
            (Guest, asks("/_/", &page_tag), status(304).header("etag", &page_tag)),
            (Guest, asks(&script, &plain), status(304)),
            (Guest, asks(&script, &pressed), kept()),
            (Guest, asks(&script, &pressed).with("Accept-Encoding", "br, gzip"), status(304)),
            (Guest, get(&script), kept().header("content-type", "text/javascript; charset=utf-8")),
            (Guest, get(&script).with("Accept-Encoding", "gzip"), kept().header("content-encoding", "gzip")),
            (Guest, get("/_/_app/immutable/nope.js"), status(404).says("File not found.")),
            (Guest, get("/_/..%2f..%2fCargo.toml"), status(404)),
            (Guest, Ask::new("POST", "/_/"), status(404)),
            (Guest, get("/_/auth/pages.css"), status(200)),
        ])
        .await;
}

#[tokio::test]
async fn compressed_forms_are_smaller_and_vary() {
    let server = Server::start_bare().await;
    let script = script();
    let plain = server.send(&get(&script)).await;
    for encoding in ["br", "gzip"] {
        let made = server.send(&get(&script).with("Accept-Encoding", encoding)).await;
        assert_eq!(made.header("content-encoding").as_deref(), Some(encoding));
        let varies = made.headers.contains(&("vary".to_owned(), "Accept-Encoding".to_owned()));
        assert!(varies && made.headers.contains(&("vary".to_owned(), "Origin".to_owned())), "{:?}", made.headers);
        let length = |answer: &super::client::Answer| {
            answer.header("content-length").and_then(|length| length.parse::<u64>().ok()).expect("a length")
        };
        assert!(length(&made) < length(&plain) * 2 / 3, "{encoding}: {} of {}", length(&made), length(&plain));
    }
}

#[tokio::test]
async fn the_root_leads_to_the_panel_unless_something_else_is_there() {
    let server = Server::start_bare().await;
    let to_panel = || status(307).header("location", "/_/");
    server
        .check([
            (Guest, get("/"), to_panel()),
            (Guest, Ask::new("HEAD", "/"), to_panel()),
            (Guest, get("/_"), to_panel()),
            (Guest, Ask::new("POST", "/"), status(404)),
            (Guest, get("/nope"), status(404)),
        ])
        .await;
    let own = Router::new().route("/", on_get(async || "mine"));
    let server = Server::start_built(Bakend::builder().routes(own)).await;
    server.check([(Guest, get("/"), status(200).says("mine")), (Guest, get("/_/"), status(200))]).await;
}

#[tokio::test]
async fn a_program_can_leave_the_panel_out_and_links_still_lead_somewhere() {
    let server = Server::start_built(Bakend::builder().admin_panel(false)).await;
    server
        .check([
            (Guest, get("/"), status(404)),
            (Guest, get("/_/"), status(200).says("auth/links.js")),
            (Guest, get("/_/index.html"), status(404)),
            (Guest, get("/_/auth/links.js"), status(200).says("location.replace")),
        ])
        .await;
}
