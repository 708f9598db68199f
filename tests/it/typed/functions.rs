//! Functions as hooks and jobs, in an app that is served.

use std::sync::Mutex;

use bakend::{
    App, Bakend, Collection, Error, Hook, Id, Kind, RecordEvent, Result, hook, job,
    service::jobs::{Backoff, Jobs},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    client::{Server, patch, post, status},
    world::{Guest, Superuser},
};

#[derive(Clone, Debug, Collection)]
#[collection(name = "pages", rules(list = "", view = "", create = "", update = ""))]
pub struct Page {
    pub id: Id<Page>,
    pub title: String,
    pub slug: Option<String>,
}

#[derive(Clone, Debug, Collection)]
#[collection(name = "visits", rules(list = "", create = ""))]
pub struct Visit {
    pub id: Id<Visit>,
    pub page: String,
}

/// Makes a slug of the title.
#[hook(before_create, collection = Page)]
async fn slugify(e: &mut RecordEvent<Page>) -> Result<()> {
    let slug = e.record()?.title.to_lowercase().replace(' ', "-");
    e.set(Page::slug, slug);
    Ok(())
}

#[hook(before_create, collection = Page, priority = -1)]
async fn polite(e: &mut RecordEvent<Page>) -> Result<()> {
    if e.record()?.title.contains("damn") {
        return Err(Error::invalid("Mind your language"));
    }
    e.change(|page| page.title = page.title.trim().to_owned())
}

#[hook(within_update, collections = ["pages"])]
async fn no_empty_slug(e: &mut RecordEvent) -> Result<()> {
    e.next().await?;
    if e.record.text("slug").is_empty() { Err(Error::invalid("A page keeps its slug")) } else { Ok(()) }
}

#[hook(before_create)]
async fn everything(e: &mut RecordEvent) -> Result<()> {
    if e.collection.name == "visits" && e.record.text("page") == "secret" {
        return Err(Error::forbidden("Not there"));
    }
    Ok(())
}

#[tokio::test]
async fn functions_are_hooks_in_the_order_of_their_priorities() {
    let backend = Bakend::builder()
        .collection::<Page>()
        .collection::<Visit>()
        .hook(slugify)
        .hook(polite)
        .hook(no_empty_slug)
        .hook(everything);
    let world = Server::start_built(backend).await;
    let pages = "/api/collections/pages/records";
    let made = post(pages, json!({"id": "page00000000001", "title": "  Hello World "}));
    world
        .check([
            // `polite` trims before `slugify` looks.
            (Guest, made, status(200).has("/title", "Hello World").has("/slug", "hello-world")),
            (Guest, post(pages, json!({"title": "damn"})), status(400).has("/message", "Mind your language.")),
            (Guest, post("/api/collections/visits/records", json!({"page": "secret"})), status(403)),
            (Guest, post("/api/collections/visits/records", json!({"page": "open"})), status(200)),
            (Guest, patch(&format!("{pages}/page00000000001"), json!({"slug": ""})), status(400)),
            (Superuser, patch(&format!("{pages}/page00000000001"), json!({"slug": "other"})), status(200)),
        ])
        .await;
    let page = world.app.records_of::<Page>().as_system().one("page00000000001").await.expect("it is there");
    assert_eq!(page.slug.as_deref(), Some("other"), "the refused change was undone");
    world.close().await;
}

#[test]
fn a_hook_is_called_by_the_name_of_its_function() {
    use bakend::IntoHook as _;

    let shown = |hook: Hook| format!("{hook:?}");
    let text = shown(polite.into_hook());
    assert!(
        text.contains("polite") && text.contains("before_create") && text.contains("pages") && text.contains("-1"),
        "{text}"
    );
    assert!(!shown(everything.into_hook()).contains("pages"));
}

#[derive(Debug, Serialize, Deserialize)]
struct Digest {
    user: String,
    pages: u32,
}

static SENT: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[job(queue = "mail", retries = 5, backoff = "linear", timeout = "30s", concurrency = 4, unique = ["user"])]
async fn digest(app: App, payload: Digest) -> Result<()> {
    if payload.pages == 0 {
        return Err(Error::invalid("Nothing to tell"));
    }
    let line = format!("{} {} of {}", payload.user, payload.pages, app.schema().collections().len());
    SENT.lock().expect("nobody panics").push(line);
    Ok(())
}

#[job(name = "clean.up")]
async fn clean_up(_app: App) -> Result<()> {
    Ok(())
}

#[tokio::test]
async fn functions_are_jobs_with_a_name_options_and_a_payload() {
    let folder = tempfile::tempdir().expect("a folder");
    let backend = Bakend::builder().dir(folder.path()).job(digest).job(clean_up).build().await.expect("it opens");
    let app = backend.app();
    let names: Vec<&str> = app.jobs().iter().map(bakend::Job::name).collect();
    assert_eq!(names, ["clean.up", "digest"]);
    let job = app.jobs().get("digest").expect("it was added");
    assert_eq!(
        (job.options().queue.as_str(), job.options().retries, job.options().backoff),
        ("mail", 5, Backoff::Linear)
    );
    job.run(app, json!({"user": "ann", "pages": 3})).await.expect("it runs");
    assert_eq!(*SENT.lock().expect("nobody panics"), ["ann 3 of 6"]);
    let error = job.run(app, json!({"user": "ann", "pages": 0})).await.expect_err("it says no");
    assert_eq!(error.message(), "Nothing to tell.");
    let error = job.run(app, json!({"user": "ann"})).await.expect_err("a page is missing");
    assert!(error.kind() == Kind::Invalid && error.message().contains("missing field `pages`"), "{error}");
    app.jobs().get("clean.up").expect("it was added").run(app, json!(null)).await.expect("it needs no payload");
    backend.close().await;
}

#[tokio::test]
async fn two_jobs_of_one_name_stop_the_start() {
    let folder = tempfile::tempdir().expect("a folder");
    let outcome = Bakend::builder().dir(folder.path()).job(digest).job(digest).build().await;
    let error = outcome.err().expect("refused");
    assert!(error.message().contains("Two jobs are named \"digest\""), "{error}");
    let mut jobs = Jobs::default();
    assert!(jobs.get("digest").is_none() && jobs.iter().next().is_none());
    jobs.add(bakend::IntoJob::into_job(clean_up)).expect("the first of its name");
}
