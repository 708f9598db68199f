//! Programs of one's own: what `Bakend::builder()` is told, seen over HTTP.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use bakend::{
    All, App, Auth, Bakend, Caller, Error, Hook, Result, Superuser,
    axum::{Json, Router, routing::get},
    schema::Value,
    test::TestApp,
};
use serde_json::{Value as Data, json};

use super::{
    client::{Server, get as read, post, status},
    world::{Guest, Superuser as Root},
};

async fn count(app: App) -> Json<usize> {
    Json(app.schema().collections().len())
}

async fn whoami(auth: Option<Auth>) -> String {
    auth.map_or("a guest".to_owned(), |auth| auth.text("email").to_owned())
}

async fn mine(auth: Auth) -> Json<Data> {
    Json(json!({ "id": auth.id() }))
}

async fn secret(_: Superuser) -> &'static str {
    "the secret"
}

async fn rules(caller: Caller) -> Json<bool> {
    Json(caller.has_rules())
}

async fn fails() -> Result<&'static str> {
    Err(Error::invalid("No such luck"))
}

async fn panics() -> &'static str {
    panic!("a route of this test panics on purpose")
}

async fn echo(body: String) -> String {
    body.len().to_string()
}

fn routes() -> Router {
    Router::new()
        .route("/count", get(count))
        .route("/whoami", get(whoami))
        .route("/mine", get(mine))
        .route("/secret", get(secret))
        .route("/rules", get(rules))
        .route("/fails", get(fails))
        .route("/panics", get(panics))
        .route("/echo", bakend::axum::routing::post(echo))
}

#[tokio::test]
async fn routes_of_a_program_stand_beside_ours_and_know_who_asks() {
    let world = Server::start_built(Bakend::builder().routes_at("/shop", routes())).await;
    let ana = world.person("ana").await;
    world
        .check([
            (Guest, read("/api/health"), status(200)),
            (Guest, read("/shop/count"), status(200).says("6")),
            (Guest, read("/shop/whoami"), status(200).says("a guest")),
            (ana.asks(), read("/shop/whoami"), status(200).says("ana@example.com")),
            (Guest, read("/shop/mine"), status(401)),
            (ana.asks(), read("/shop/mine"), status(200).has("/id", ana.id.as_str())),
            (Guest, read("/shop/secret"), status(401)),
            (ana.asks(), read("/shop/secret"), status(403)),
            (Root, read("/shop/secret"), status(200).says("the secret")),
            (ana.asks(), read("/shop/rules"), status(200).says("true")),
            (Root, read("/shop/rules"), status(200).says("false")),
            (Guest, read("/shop/fails"), status(400).has("/message", "No such luck.").has("/status", 400)),
            (Guest, read("/shop/panics"), status(500).has("/status", 500)),
            (Guest, read("/shop/nothing"), status(404).has("/status", 404)),
            (Guest, post("/shop/count", json!({})), status(404).has("/status", 404)),
            (Guest, post("/shop/echo", json!({})).raw("x".repeat(33 << 20)), status(413)),
            (Guest, post("/shop/echo", json!({})).raw("x".repeat(31 << 20)), status(200).says("32505856")),
        ])
        .await;
    let answer = world.send(&read("/shop/count").with("Origin", "https://a.example")).await;
    assert_eq!(answer.header("access-control-allow-origin").as_deref(), Some("*"));
    assert_eq!(answer.header("x-content-type-options").as_deref(), Some("nosniff"));
    world.close().await;
}

#[tokio::test]
async fn a_route_that_is_there_twice_is_an_error_at_the_start_that_names_it() {
    let twice = Router::new().route("/api/health", get(count));
    let folder = tempfile::tempdir().expect("a folder");
    let error = Bakend::builder().dir(folder.path()).routes(twice).build().await.err().expect("refused");
    assert!(error.message().contains("/api/health"), "{error}");
    // Nothing is left behind that keeps a second try away.
    Bakend::builder().dir(folder.path()).build().await.expect("without that route it opens").close().await;
}

#[tokio::test]
async fn a_fallback_of_the_program_answers_what_no_route_takes() {
    let app = Router::new().fallback(async || "the page");
    let world = Server::start_built(Bakend::builder().routes(app)).await;
    world
        .check([(Guest, read("/anything"), status(200).says("the page")), (Guest, read("/api/health"), status(200))])
        .await;
    world.close().await;
}

#[tokio::test]
async fn closures_hear_events_in_order_and_may_wrap_them() {
    let seen = Arc::new(AtomicUsize::new(0));
    let after = Arc::clone(&seen);
    let backend = Bakend::builder()
        .before_create_of("users", async |e| {
            let name = format!("{}1", e.record.text("name"));
            e.record.set("name", Value::Text(name));
            e.next().await?;
            Ok(())
        })
        .hook(
            Hook::before_create_of(All, async |e| {
                let name = format!("{}0", e.record.text("name"));
                e.record.set("name", Value::Text(name));
                Ok(())
            })
            .priority(-1),
        )
        .after_create_of(["users", "others"], async move |_| {
            after.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
        .on_enrich_of("users", async |e| {
            let shout = e.record.text("name").to_uppercase();
            e.extra.insert("shout".to_owned(), shout.into());
            Ok(())
        });
    let world = Server::start_built(backend).await;
    let made = world
        .made(post(
            "/api/collections/users/records",
            json!({"name": "x", "email": "x@example.com", "password": "1234567890", "passwordConfirm": "1234567890"}),
        ))
        .await;
    assert_eq!((&made["name"], &made["shout"]), (&json!("x01"), &json!("X01")));
    assert_eq!(seen.load(Ordering::Relaxed), 1);
    world.close().await;
}

#[tokio::test]
async fn the_program_hears_that_it_starts_serves_and_stops() {
    let diary = Arc::new(std::sync::Mutex::new(Vec::new()));
    let note = |line: &'static str| {
        let diary = Arc::clone(&diary);
        move || diary.lock().expect("no hook panics").push(line)
    };
    let (start, serve, stop) = (note("start"), note("serve"), note("stop"));
    let backend = Bakend::builder()
        .on_start(async move |e| {
            start();
            assert!(e.app.schema().find("users").is_some());
            Ok(())
        })
        .on_serve(async move |e| {
            serve();
            assert_ne!(e.address.port(), 0);
            Ok(())
        })
        .on_stop(async move |e| {
            stop();
            assert_eq!(e.app.settings().meta.app_name, "Shop");
            Ok(())
        })
        .settings(|settings| settings.meta.app_name = "Shop".to_owned());
    let world = Server::start_built(backend).await;
    world.check([(Guest, read("/api/health"), status(200))]).await;
    world.close().await;
    assert_eq!(*diary.lock().expect("no hook panics"), ["start", "serve", "stop"]);
}

#[tokio::test]
async fn what_the_builder_says_of_origins_and_durability_holds_without_a_command_line() {
    let app = TestApp::start(Bakend::builder().origins(["https://*.example.com"]).durable(true)).await;
    let health = |origin: &str| app.get("/api/health").header("Origin", origin);
    let allowed = "access-control-allow-origin";
    health("https://shop.example.com").await.status(200).header(allowed, "https://shop.example.com");
    let other = std::panic::AssertUnwindSafe(async { health("https://evil.example").await.header(allowed, "*") });
    assert!(futures_util::FutureExt::catch_unwind(other).await.is_err(), "no other origin is allowed");
    let synchronous = async |app: &App| {
        app.transaction(async |tx| tx.query::<Data, Data>("PRAGMA synchronous", []).await).await.expect("reads")
    };
    assert_eq!(synchronous(app.app()).await, [json!({"synchronous": 2})]);
    app.close().await;
    let app = TestApp::start(Bakend::builder()).await;
    app.get("/api/health").header("Origin", "https://evil.example").await.status(200).header(allowed, "*");
    assert_eq!(synchronous(app.app()).await, [json!({"synchronous": 1})]);
    app.close().await;
}

#[tokio::test]
async fn a_start_hook_that_fails_stops_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let refuses = || Bakend::builder().dir(folder.path()).on_start(async |_| Err(Error::invalid("Not today")));
    let error = refuses().build().await.err().expect("refused");
    assert_eq!(error.message(), "Not today.");
    Bakend::builder().dir(folder.path()).build().await.expect("the folder is free again").close().await;
}

#[tokio::test]
async fn the_migrations_of_a_folder_are_applied_where_the_builder_names_it() {
    let root = tempfile::tempdir().expect("a folder");
    let (data, files) = (root.path().join("data"), root.path().join("migrations"));
    let file = |name: &str, text: &str| {
        std::fs::create_dir_all(&files).expect("a folder");
        std::fs::write(files.join(name), text).expect("writes");
    };
    let program = || Bakend::builder().migrations_dir(&files);
    TestApp::start(program()).await.close().await;
    let create =
        json!({ "create": { "id": "stars1", "name": "stars", "fields": [{ "name": "n", "type": "number" }] } });
    file("1_stars.json", &json!({ "format": 1, "steps": [create] }).to_string());
    file("2_first.sql", "-- up\nINSERT INTO stars (id, n) VALUES ('first', 1);\n");
    let app = TestApp::start(program()).await;
    assert_eq!(app.app().records("stars").as_system().count().await.expect("it is there"), 1);
    app.close().await;
    let app = TestApp::start(Bakend::builder()).await;
    assert!(app.app().schema().find("stars").is_none(), "nobody named a folder");
    app.close().await;

    for _ in 0..2 {
        let backend = program().dir(&data).build().await.expect("opens");
        assert_eq!(backend.app().records("stars").as_system().count().await.expect("it is there"), 1, "once");
        backend.close().await;
    }
    file("3_more.sql", "-- up\nINSERT INTO nowhere VALUES (1);\n");
    let error = program().dir(&data).build().await.err().expect("the file fails");
    assert!(error.message().contains("3_more.sql was not done"), "{error}");
    file("3_more.sql", "-- up\nINSERT INTO stars (id, n) VALUES ('second', 2);\n");
    let backend = program().dir(&data).build().await.expect("nothing is left behind");
    assert_eq!(backend.app().records("stars").as_system().count().await.expect("it is there"), 2);
    backend.close().await;
}
