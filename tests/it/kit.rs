//! The test kit that programs use: people, requests without a socket, mails, clock, ids, and which hooks ran.

use std::time::Duration;

use bakend::{Bakend, Builder, Error, Hook, schema::Value, test::TestApp};
use serde_json::json;

const NOTES: &str = "/api/collections/notes/records";

fn notebook() -> Builder {
    Bakend::builder()
        .hook(
            Hook::before_create_of("notes", async |e| {
                let title = e.record.text("title").trim().to_owned();
                e.record.set("title", Value::Text(title));
                Ok(())
            })
            .named("tidy"),
        )
        .within_create_of("notes", async |e| {
            if e.record.text("title").is_empty() { Err(Error::invalid("Say something")) } else { Ok(()) }
        })
        .after_create_of("notes", async |_| Ok(()))
}

async fn started() -> TestApp {
    let app = TestApp::start(notebook()).await;
    let fields = json!([
        {"name": "title", "type": "text"},
        {"name": "secret", "type": "text", "hidden": true},
        {"name": "made", "type": "autodate", "onCreate": true},
    ]);
    app.collection("notes", fields, json!({"listRule": "", "viewRule": "", "createRule": "@request.auth.id != ''"}))
        .await;
    app
}

#[tokio::test]
async fn requests_are_made_as_somebody_and_answers_looked_at() {
    let app = started().await;
    let (ana, root) = (app.user("ana@example.com").await, app.superuser().await);
    app.post(NOTES, json!({"title": "x"})).await.status(400).lacks("/id");
    let made = app.post(NOTES, json!({"title": " x "})).as_user(&ana).await.status(200).has("/title", "x").json();
    app.get(&format!("{NOTES}/{}", made["id"].as_str().expect("an id"))).await.status(200).lacks("/secret");
    app.get(NOTES)
        .as_user(&root)
        .await
        .status(200)
        .has("/items/0/secret", "")
        .header("content-type", "application/json");
    app.delete(&format!("{NOTES}/nothing")).as_user(&ana).await.status(403).says("Only superusers");
    let own = app.app().records("notes").as_user(&ana).count();
    assert_eq!(app.run(own).await.expect("counts"), 1);
    app.close().await;
}

#[tokio::test]
async fn who_is_there_already_signs_in() {
    let app = started().await;
    let made = app.record(
        "users",
        json!({"email": "bea@example.com", "password": "1234567890", "passwordConfirm": "1234567890"}),
    );
    let id = made.await.id().to_owned();
    let bea = app.sign_in("users", &id).await;
    assert_eq!(bea.record.id(), id);
    app.post(NOTES, json!({"title": "x"})).as_user(&bea).await.status(200);
    app.close().await;
}

#[tokio::test]
async fn the_hooks_that_ran_are_known_by_name() {
    let app = started().await;
    let ana = app.user("ana@example.com").await;
    app.hooks_ran([]);
    app.post(NOTES, json!({"title": "x"})).as_user(&ana).await.status(200);
    app.hooks_ran(["tidy", "within_create notes", "after_create notes"]);
    app.post(NOTES, json!({"title": " "})).as_user(&ana).await.status(400).says("Say something");
    app.hooks_ran(["tidy", "within_create notes"]);
    app.close().await;
}

#[tokio::test]
#[should_panic(expected = "status 400 instead of 200")]
async fn a_wrong_expectation_fails_with_the_answer() {
    started().await.post(NOTES, json!({})).await.status(200);
}

#[tokio::test]
async fn the_clock_stands_still_until_it_is_moved_and_ends_what_has_an_end() {
    let app = started().await;
    let ana = app.user("ana@example.com").await;
    app.clock().set("2031-05-01T08:00:00Z".parse().expect("a moment"));
    let later = app.user("bea@example.com").await;
    app.post(NOTES, json!({"title": "x"})).as_user(&later).await.status(200).has("/made", "2031-05-01 08:00:00.000Z");
    app.post(NOTES, json!({"title": "x"})).as_user(&ana).await.status(400);
    app.clock().advance(Duration::from_secs(90));
    app.post(NOTES, json!({"title": "x"})).as_user(&later).await.status(200).has("/made", "2031-05-01 08:01:30.000Z");
    app.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_are_the_same_in_every_run_of_a_seed() {
    let id = async |seed: u64| {
        let app = TestApp::start_seeded(notebook(), seed).await;
        let id = app.user("ana@example.com").await.record.id().to_owned();
        app.close().await;
        id
    };
    assert_eq!(id(1).await, id(1).await);
    assert_ne!(id(1).await, id(2).await);
}

#[tokio::test]
async fn an_app_in_memory_is_the_same_app_and_leaves_nothing() {
    let app = TestApp::start_in_memory(notebook()).await;
    let folder = app.app().options().dir.clone();
    assert_eq!(folder.starts_with("/dev/shm"), std::path::Path::new("/dev/shm").is_dir(), "{folder:?}");
    app.collection("notes", json!([{"name": "title", "type": "text"}]), json!({"createRule": ""})).await;
    app.post(NOTES, json!({"title": " x "})).await.status(200).has("/title", "x");
    let (one, other) = (app.app().records("notes").as_system().count(), app.get("/api/health"));
    assert_eq!(app.run(one).await.expect("counts"), 1);
    other.await.status(200);
    app.close().await;
    assert!(!folder.exists());
}

#[tokio::test]
async fn mails_are_kept() {
    let app = started().await;
    app.user("ana@example.com").await;
    app.post("/api/collections/users/request-password-reset", json!({"email": "ana@example.com"})).await.status(204);
    let mails = app.mails().wait_for(1).await;
    assert_eq!(mails[0].to[0].address, "ana@example.com");
    app.close().await;
}
