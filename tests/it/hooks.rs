//! Hooks around writes: before, within, after; what their errors and panics do.

use std::sync::{Arc, Mutex};

use bakend::{
    Error,
    hooks::{Bind, Chain, HookFuture, Next},
    schema::Value,
    service::events::RecordEvent,
};
use serde_json::json;

use super::{
    client::{Server, delete, get, patch, post, status},
    world::Guest,
};

const NOTES: &str = "/api/collections/notes/records";

/// What happened, in order: `before create notes`.
#[derive(Clone, Default)]
struct Diary(Arc<Mutex<Vec<String>>>);

impl Diary {
    fn note(&self, line: String) {
        self.0.lock().expect("no hook panics while it writes").push(line);
    }

    /// What was written since the last look.
    fn read(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("no hook panics while it writes"))
    }

    /// Writes on the way in and, where the rest went well, on the way out.
    fn listen(&self, chain: &Chain<RecordEvent>, name: &'static str) {
        let diary = self.clone();
        chain.add(Bind::all(), move |event, next| {
            let diary = diary.clone();
            Box::pin(async move {
                let collection = event.collection.name.clone();
                diary.note(format!("{name} {collection}"));
                next.run(event).await?;
                if name.starts_with("within") {
                    diary.note(format!("{name} {collection} done"));
                }
                Ok(())
            })
        });
    }

    fn listen_to_all(&self, world: &Server) {
        let hooks = world.app.hooks();
        for (phases, names) in [
            (&hooks.create, ["before create", "within create", "after create"]),
            (&hooks.update, ["before update", "within update", "after update"]),
            (&hooks.delete, ["before delete", "within delete", "after delete"]),
        ] {
            for (chain, name) in [&phases.before, &phases.within, &phases.after].into_iter().zip(names) {
                self.listen(chain, name);
            }
        }
    }
}

/// `notes`, and `replies` that go with their note; `marks` only lose their reference.
async fn world_with_notes() -> Server {
    let world = Server::start().await;
    let title = json!({"name": "title", "type": "text"});
    let notes = world.collection("notes", [Some(""); 5], json!([title])).await;
    let note = |cascade: bool| json!({"name": "note", "type": "relation", "collectionId": notes["id"], "maxSelect": 1, "cascadeDelete": cascade});
    world.collection("replies", [Some(""); 5], json!([note(true)])).await;
    world.collection("marks", [Some(""); 5], json!([note(false)])).await;
    world
}

#[tokio::test]
async fn hooks_fire_before_within_and_after_each_write() {
    let world = world_with_notes().await;
    let diary = Diary::default();
    diary.listen_to_all(&world);

    let id = world.record("notes", json!({"title": "a"})).await;
    let phases = |verb: &str| {
        ["before", "within", "within done", "after"].map(|phase| match phase.split_once(' ') {
            Some((phase, done)) => format!("{phase} {verb} notes {done}"),
            None => format!("{phase} {verb} notes"),
        })
    };
    assert_eq!(diary.read(), phases("create"));
    world.made(patch(&format!("{NOTES}/{id}"), json!({"title": "b"}))).await;
    assert_eq!(diary.read(), phases("update"));
    world.made(get(&format!("{NOTES}/{id}"))).await;
    assert_eq!(diary.read(), Vec::<String>::new());
    world.made(delete(&format!("{NOTES}/{id}"))).await;
    assert_eq!(diary.read(), phases("delete"));
    world.close().await;
}

#[tokio::test]
async fn a_cascade_fires_the_hooks_of_what_goes_and_what_changes() {
    let world = world_with_notes().await;
    let note = world.record("notes", json!({"title": "a"})).await;
    world.record("replies", json!({"note": note})).await;
    let mark = world.record("marks", json!({"note": note})).await;
    let diary = Diary::default();
    diary.listen_to_all(&world);
    world.made(delete(&format!("{NOTES}/{note}"))).await;

    let lines = diary.read();
    for (verb, collection) in [("delete", "notes"), ("delete", "replies"), ("update", "marks")] {
        let at = |line: String| {
            let found: Vec<usize> = (0..lines.len()).filter(|at| lines[*at] == line).collect();
            assert_eq!(found.len(), 1, "{line} in {lines:#?}");
            found[0]
        };
        let order = ["before", "within", "after"].map(|phase| at(format!("{phase} {verb} {collection}")));
        assert!(order.is_sorted(), "{verb} {collection} in {lines:#?}");
    }
    let after = lines.iter().position(|line| line.starts_with("after")).expect("after hooks fire");
    assert!(lines[after..].iter().all(|line| line.starts_with("after")), "all wait for the commit: {lines:#?}");
    assert_eq!((world.count("notes").await, world.count("replies").await), (0, 0));
    assert_eq!(world.made(get(&format!("/api/collections/marks/records/{mark}"))).await["note"], "");
    world.close().await;
}

#[tokio::test]
async fn a_before_hook_changes_what_is_stored() {
    let world = world_with_notes().await;
    world.app.hooks().create.before.add(Bind::on("notes"), |event, next| {
        Box::pin(async move {
            let title = event.record.text("title").to_uppercase();
            event.record.set("title", Value::Text(title));
            next.run(event).await
        })
    });
    world.check([(Guest, post(NOTES, json!({"title": "loud"})), status(200).has("/title", "LOUD"))]).await;
    let page = world.made(get(NOTES)).await;
    assert_eq!(page["items"][0]["title"], "LOUD");
    world.close().await;
}

/// How a hook can go wrong.
type Fault = for<'a> fn(&'a mut RecordEvent, Next<RecordEvent>) -> HookFuture<'a>;

fn fails(_: &mut RecordEvent, _: Next<RecordEvent>) -> HookFuture<'_> {
    Box::pin(async { Err(Error::forbidden("Not today")) })
}

fn panics(_: &mut RecordEvent, _: Next<RecordEvent>) -> HookFuture<'_> {
    Box::pin(async { panic!("a hook of this test panics on purpose") })
}

fn stops(_: &mut RecordEvent, _: Next<RecordEvent>) -> HookFuture<'_> {
    Box::pin(async { Ok(()) })
}

/// Lets the write happen and fails then: it must be undone.
fn fails_late(event: &mut RecordEvent, next: Next<RecordEvent>) -> HookFuture<'_> {
    Box::pin(async move {
        next.run(event).await?;
        Err(Error::forbidden("Not today"))
    })
}

fn panics_late(event: &mut RecordEvent, next: Next<RecordEvent>) -> HookFuture<'_> {
    Box::pin(async move {
        next.run(event).await?;
        panic!("a hook of this test panics on purpose")
    })
}

#[tokio::test]
async fn a_fault_before_or_within_writes_nothing_and_the_server_lives() {
    let world = world_with_notes().await;
    let id = world.record("notes", json!({"title": "old"})).await;
    world.record("replies", json!({"note": id})).await;
    let hooks = world.app.hooks();
    let faults: [(&str, Fault, u16); 5] = [
        ("fails", fails, 403),
        ("panics", panics, 500),
        ("stops", stops, 400),
        ("fails late", fails_late, 403),
        ("panics late", panics_late, 500),
    ];
    let mut failed = Vec::new();
    for (name, fault, expected) in faults {
        let one = format!("{NOTES}/{id}");
        for (action, phases) in [("create", &hooks.create), ("update", &hooks.update), ("delete", &hooks.delete)] {
            for (phase, chain) in [("before", &phases.before), ("within", &phases.within)] {
                let hook = chain.add(Bind::on("notes"), fault);
                let answer = match action {
                    "create" => post(NOTES, json!({"title": "new"})),
                    "update" => patch(&one, json!({"title": "new"})),
                    _ => delete(&one),
                };
                let answer = world.ask(&Guest, answer).await;
                assert!(chain.remove(hook));
                let stored = world.made(get(&one)).await;
                let counts = (world.count("notes").await, world.count("replies").await);
                if answer.status != expected || stored["title"] != "old" || counts != (1, 1) {
                    let (status, text) = (answer.status, &answer.body);
                    failed.push(format!("{action}: {phase} hook {name}: {status} {text}, {stored}, {counts:?}"));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    world.check([(Guest, patch(&format!("{NOTES}/{id}"), json!({"title": "free"})), status(200))]).await;
    world.close().await;
}

#[tokio::test]
async fn an_error_inside_never_reaches_the_client() {
    let world = world_with_notes().await;
    world
        .app
        .hooks()
        .create
        .before
        .add(Bind::all(), |_, _| Box::pin(async { Err(Error::internal("the password of the mail server is 1234")) }));
    let answer = world.ask(&Guest, post(NOTES, json!({"title": "x"}))).await;
    assert_eq!(answer.status, 500);
    assert!(!answer.body.contains("1234"), "{}", answer.body);
    world.close().await;
}

#[tokio::test]
async fn a_fault_after_the_commit_changes_nothing() {
    let world = world_with_notes().await;
    let id = world.record("notes", json!({"title": "old"})).await;
    let hooks = world.app.hooks();
    for chain in [&hooks.create.after, &hooks.update.after, &hooks.delete.after] {
        chain.add(Bind::all(), fails);
        chain.add(Bind { priority: -1, ..Bind::all() }, panics);
    }
    world
        .check([
            (Guest, post(NOTES, json!({"title": "new"})), status(200).has("/title", "new")),
            (Guest, patch(&format!("{NOTES}/{id}"), json!({"title": "new"})), status(200).has("/title", "new")),
            (Guest, delete(&format!("{NOTES}/{id}")), status(204)),
        ])
        .await;
    assert_eq!(world.count("notes").await, 1);
    world.close().await;
}

#[tokio::test]
async fn what_a_within_hook_writes_vanishes_with_the_record() {
    let world = world_with_notes().await;
    let note = world.record("notes", json!({"title": "kept"})).await;
    world.app.hooks().create.within.add(Bind::on("notes"), |event, next| {
        Box::pin(async move {
            next.run(event).await?;
            let wiped = event.db.write(|conn| conn.run_script("DELETE FROM replies")).await;
            assert!(wiped.is_ok(), "{wiped:?}");
            if event.record.text("title") == "bad" { Err(Error::invalid("No")) } else { Ok(()) }
        })
    });
    world.record("replies", json!({"note": note})).await;
    world.check([(Guest, post(NOTES, json!({"title": "bad"})), status(400))]).await;
    assert_eq!(world.count("replies").await, 1);
    world.check([(Guest, post(NOTES, json!({"title": "good"})), status(200))]).await;
    assert_eq!(world.count("replies").await, 0);
    world.close().await;
}
