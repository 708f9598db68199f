//! Hooks around writes: before, within, after; what their errors and panics do.

use std::sync::{Arc, Mutex};

use bakend::{
    All, Error, Hook,
    hooks::{Bind, Chain, HookFuture, Next},
    schema::{Record, Value},
    service::{auth::password, events::RecordEvent},
};
use serde_json::json;

use super::{
    client::{PASSWORD, Server, delete, get, patch, post, status},
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

/// Sets the password field to what the field next to it says.
fn sets_password(field: &'static str) -> impl for<'a> Fn(&'a mut RecordEvent, Next<RecordEvent>) -> HookFuture<'a> {
    move |event, next| {
        Box::pin(async move {
            let wanted = event.record.text("wanted").to_owned();
            if !wanted.is_empty() {
                event.record.set(field, Value::Text(wanted));
            }
            next.run(event).await
        })
    }
}

#[tokio::test]
async fn a_password_that_a_hook_sets_is_checked_and_hashed() {
    let world = Server::start().await;
    let fields = json!([{"name": "wanted", "type": "text"}, {"name": "code", "type": "password", "min": 8}]);
    world.collection("safes", [Some(""); 5], fields).await;
    let hooks = world.app.hooks();
    for chain in [&hooks.create.before, &hooks.update.before] {
        chain.add(Bind::on("safes"), sets_password("code"));
    }
    let safes = "/api/collections/safes/records";
    let id = world.record("safes", json!({"wanted": "first secret"})).await;
    let one = format!("{safes}/{id}");
    let code = async || {
        let safe = world.app.records("safes").as_system().one(id.as_str()).await.expect("it is there");
        (safe.text("wanted").to_owned(), safe.text("code").to_owned())
    };
    let (_, first) = code().await;
    assert!(password::verify("first secret", &first).await.expect("verifies"), "{first}");
    world
        .check([
            (
                Guest,
                patch(&one, json!({"wanted": "short"})),
                status(400).has("/data/code/code", "validation_min_text_constraint"),
            ),
            (
                Guest,
                post(safes, json!({"wanted": "short"})),
                status(400).has("/data/code/code", "validation_min_text_constraint"),
            ),
        ])
        .await;
    assert_eq!(code().await, ("first secret".to_owned(), first));
    assert_eq!(world.count("safes").await, 1);
    world.check([(Guest, patch(&one, json!({"wanted": "second secret"})), status(200))]).await;
    assert!(password::verify("second secret", &code().await.1).await.expect("verifies"));
    // The program's own writes are no other, nor are those inside a transaction.
    let own = || world.app.records("safes").as_system();
    let error = own().update(id.as_str(), json!({"wanted": "short"})).await.expect_err("too short");
    assert_eq!(error.field_errors().to_json()["code"]["code"], "validation_min_text_constraint");
    own().update(id.as_str(), json!({"wanted": "third secret"})).await.expect("it is accepted");
    assert!(password::verify("third secret", &code().await.1).await.expect("verifies"));
    let made = world.app.transaction(async |tx| {
        let safes = || tx.records("safes").as_system();
        safes().update(id.as_str(), json!({"wanted": "fourth secret"})).await?;
        safes().create(json!({"wanted": "other secret"})).await
    });
    let other = made.await.expect("it is accepted");
    assert!(password::verify("fourth secret", &code().await.1).await.expect("verifies"));
    assert!(password::verify("other secret", other.text("code")).await.expect("verifies"));
    world.close().await;
}

#[tokio::test]
async fn a_password_that_a_hook_gives_an_account_ends_its_tokens() {
    let world = Server::start().await;
    let users = "/api/collections/users/records";
    let (ana, bob) = (world.person("ana").await, world.person("bob").await);
    let hooks = world.app.hooks();
    hooks.update.before.add(Bind::on("users"), |event, next| {
        Box::pin(async move {
            match event.record.text("name") {
                "" => {}
                // What is stored, put back, is no new password.
                "same" => {
                    let stored = event.original.as_ref().map(|user| user.text("password").to_owned());
                    event.record.set("password", Value::Text(stored.unwrap_or_default()));
                }
                name => {
                    let plain = Value::Text(name.to_owned());
                    event.record.set("password", plain);
                }
            }
            next.run(event).await
        })
    });
    hooks.create.before.add(Bind::on("users"), |event, next| {
        Box::pin(async move {
            if event.record.text("name") == "weak" {
                event.record.set("password", Value::Text("weak".into()));
            }
            next.run(event).await
        })
    });
    let sign_in = |name: &str, password: &str| {
        let body = json!({"identity": format!("{name}@example.com"), "password": password});
        post("/api/collections/users/auth-with-password", body)
    };
    let (own, refresh) = (format!("{users}/{}", ana.id), post("/api/collections/users/auth-refresh", json!({})));
    let weak = json!({"name": "weak", "email": "weak@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD});
    world
        .check([
            (Guest, post(users, weak), status(400).has("/data/password/code", "validation_min_text_constraint")),
            (Guest, sign_in("weak", PASSWORD), status(400)),
            (
                ana.asks(),
                patch(&own, json!({"name": "short"})),
                status(400).has("/data/password/code", "validation_min_text_constraint"),
            ),
            (ana.asks(), patch(&own, json!({"name": "same"})), status(200)),
            (ana.asks(), refresh.clone(), status(200)),
            (Guest, sign_in("ana", PASSWORD), status(200)),
            (ana.asks(), patch(&own, json!({"name": "from the hook"})), status(200)),
            (ana.asks(), refresh.clone(), status(401)),
            (Guest, sign_in("ana", PASSWORD), status(400)),
            (Guest, sign_in("ana", "from the hook"), status(200)),
        ])
        .await;
    world
        .app
        .records("users")
        .as_system()
        .update(bob.id.as_str(), json!({"name": "by the program"}))
        .await
        .expect("accepted");
    world.check([(bob.asks(), refresh, status(401)), (Guest, sign_in("bob", "by the program"), status(200))]).await;
    world.close().await;
}

#[tokio::test]
async fn a_record_that_is_checked_by_now_cannot_be_changed_by_a_hook() {
    let world = world_with_notes().await;
    let id = world.record("notes", json!({"title": "old"})).await;
    let hooks = world.app.hooks();
    for chain in [&hooks.create.within, &hooks.update.within] {
        chain.add(Bind::on("notes"), |event, next| {
            Box::pin(async move {
                event.record.set("title", Value::Text("unchecked".into()));
                next.run(event).await
            })
        });
    }
    // Nor may a hook smuggle in the record of another collection.
    hooks.create.before.add(Bind::on("marks"), |event, next| {
        Box::pin(async move {
            let schema = event.app.schema();
            event.record = Record::new(schema.find("notes").expect("there are notes").clone());
            next.run(event).await
        })
    });
    world
        .check([
            (Guest, post(NOTES, json!({"title": "new"})), status(500)),
            (Guest, patch(&format!("{NOTES}/{id}"), json!({"title": "new"})), status(500)),
            (Guest, post("/api/collections/marks/records", json!({})), status(500)),
            (Guest, get(&format!("{NOTES}/{id}")), status(200).has("/title", "old")),
        ])
        .await;
    assert_eq!((world.count("notes").await, world.count("marks").await), (1, 0));
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

#[tokio::test]
async fn a_hook_within_a_deletion_sees_the_record_go() {
    let world = world_with_notes().await;
    let (first, last) = (world.record("notes", json!({})).await, world.record("notes", json!({})).await);
    world.app.hooks().add(Hook::within_delete_of("notes", async |e| {
        e.next().await?;
        match e.records("notes").as_system().count().await? {
            0 => Err(Error::forbidden("One must stay")),
            _ => Ok(()),
        }
    }));
    world
        .check([
            (Guest, delete(&format!("{NOTES}/{first}")), status(204)),
            (Guest, delete(&format!("{NOTES}/{last}")), status(403).says("One must stay")),
            (Guest, get(&format!("{NOTES}/{last}")), status(200)),
        ])
        .await;
    world.close().await;
}

/// Notes what is stored before and after `next`: the record itself, or what it points at in `note`; then notes, replies and marks.
fn looks_around(diary: &Diary) -> impl bakend::service::events::Handler<RecordEvent> {
    let diary = diary.clone();
    async move |e: &mut RecordEvent| {
        for moment in ["first", "then"] {
            let own = e.records(&e.collection.name).as_system().one(e.record.id()).await;
            let own = own.map_or("gone".to_owned(), |record| format!("note={}", record.text("note").len()));
            let mut counts = Vec::new();
            for collection in ["notes", "replies", "marks"] {
                counts.push(e.records(collection).as_system().count().await?.to_string());
            }
            diary.note(format!("{moment} {} {own} {}", e.collection.name, counts.join(" ")));
            if moment == "first" {
                e.next().await?;
            }
        }
        Ok(())
    }
}

#[tokio::test]
async fn a_cascade_happens_within_the_hooks_of_each_record() {
    let world = world_with_notes().await;
    let note = world.record("notes", json!({})).await;
    world.record("replies", json!({"note": note})).await;
    world.record("marks", json!({"note": note})).await;
    let diary = Diary::default();
    let hooks = world.app.hooks();
    hooks.add(Hook::within_delete_of(All, looks_around(&diary)));
    hooks.add(Hook::within_update_of(All, looks_around(&diary)));
    world.made(delete(&format!("{NOTES}/{note}"))).await;
    assert_eq!(
        diary.read(),
        [
            "first notes note=0 1 1 1",
            "first marks note=15 1 1 1",
            "then marks note=0 1 1 1",
            "first replies note=15 1 1 1",
            "then replies gone 1 0 1",
            "then notes gone 0 0 1",
        ]
    );
    world.close().await;
}

#[tokio::test]
async fn each_record_of_a_cascade_is_there_when_its_hook_is_heard() {
    let world = Server::start().await;
    // A membership hangs on a team and on a person; the person is further away from the company than the team.
    let above_each = [
        ("companies", &[][..]),
        ("teams", &["companies"]),
        ("offices", &["companies"]),
        ("people", &["offices"]),
        ("members", &["teams", "people"]),
    ];
    let mut ids = std::collections::BTreeMap::new();
    for (name, above) in above_each {
        let fields = above.iter().map(|above| {
            json!({"name": above, "type": "relation", "collectionId": ids[above], "maxSelect": 1, "cascadeDelete": true})
        });
        let made = world.collection(name, [Some(""); 5], fields.collect()).await;
        ids.insert(name, made["id"].clone());
    }
    let mut made = std::collections::BTreeMap::new();
    for (name, above) in above_each {
        let body: serde_json::Map<_, _> = above.iter().map(|above| ((*above).to_owned(), json!(made[above]))).collect();
        made.insert(name, world.record(name, body.into()).await);
    }
    let missed = Diary::default();
    let diary = missed.clone();
    world.app.hooks().add(Hook::within_delete_of(All, async move |e| {
        if e.records(&e.collection.name).as_system().one(e.record.id()).await.is_err() {
            diary.note(e.collection.name.clone());
        }
        Ok(())
    }));
    world.made(delete(&format!("/api/collections/companies/records/{}", made["companies"]))).await;
    assert_eq!(missed.read(), [""; 0]);
    for name in made.keys() {
        assert_eq!(world.count(name).await, 0, "{name}");
    }
    world.close().await;
}

#[tokio::test]
async fn what_a_before_hook_makes_of_a_record_that_loses_a_reference_is_stored() {
    let world = world_with_notes().await;
    let notes = world.app.schema().find("notes").expect("there are notes").id.clone();
    let fields = json!([
        {"name": "note", "type": "relation", "collectionId": notes, "maxSelect": 1},
        {"name": "state", "type": "text", "max": 5},
        {"name": "code", "type": "password"},
    ]);
    world.collection("tasks", [Some(""); 5], fields).await;
    world.app.hooks().add(Hook::before_update_of("tasks", async |e| {
        let was = e.original.as_ref().map(|was| was.text("note").to_owned()).unwrap_or_default();
        let changes: &[(&str, &str)] = match e.record.text("state") {
            "old" => &[("state", "lost"), ("code", "a plain secret")],
            "odd" => &[("state", "far too long")],
            "back" => &[("note", &was)],
            _ => &[],
        };
        for (field, value) in changes {
            e.record.set(field, Value::Text((*value).to_owned()));
        }
        Ok(())
    }));
    for (state, expected) in [("old", 204), ("same", 204), ("odd", 400), ("back", 500)] {
        let note = world.record("notes", json!({})).await;
        let task = world.record("tasks", json!({"note": note, "state": state})).await;
        let answer = world.ask(&Guest, delete(&format!("{NOTES}/{note}"))).await;
        assert_eq!(answer.status, expected, "{state}: {}", answer.body);
        assert!(!answer.body.contains("state"), "{}", answer.body);
        let task = world.app.records("tasks").as_system().one(task.as_str()).await.expect("it is there");
        let (state_after, note_after) = (task.text("state"), task.text("note"));
        match state {
            "old" => {
                assert_eq!((state_after, note_after), ("lost", ""));
                assert!(password::verify("a plain secret", task.text("code")).await.expect("verifies"));
            }
            "same" => assert_eq!((state_after, note_after), ("same", "")),
            _ => assert_eq!((state_after, note_after), (state, note.as_str())),
        }
    }
    world.close().await;
}

#[tokio::test]
async fn a_hook_that_never_had_its_say_stops_the_write_whatever_an_outer_one_does() {
    let world = world_with_notes().await;
    let diary = Diary::default();
    let hooks = world.app.hooks();
    let heard = diary.clone();
    // The outer one swallows what comes back, or does not even wait for it, and asks again.
    let outer = async |e: &mut RecordEvent| {
        let waits = e.record.text("title") != "slow";
        if waits {
            let _ = e.next().await;
        } else {
            let _ = futures_util::poll!(std::pin::pin!(e.next()));
        }
        let _ = e.next().await;
        Ok(())
    };
    let inner = async |e: &mut RecordEvent| match e.record.text("title") {
        "panic" => panic!("a hook of this test panics on purpose"),
        "error" => Err(Error::forbidden("No")),
        "slow" => std::future::pending().await,
        _ => Ok(()),
    };
    let last = async move |e: &mut RecordEvent| {
        heard.note(e.record.text("title").to_owned());
        Ok(())
    };
    hooks.add(Hook::before_create_of("notes", outer));
    hooks.add(Hook::before_create_of("notes", inner));
    hooks.add(Hook::before_create_of("notes", last));
    for title in ["error", "panic", "slow"] {
        let answer = world.ask(&Guest, post(NOTES, json!({"title": title}))).await;
        assert_eq!(answer.status, 400, "{title}: {}", answer.body);
    }
    assert_eq!(diary.read(), [""; 0]);
    world.check([(Guest, post(NOTES, json!({"title": "fine"})), status(200))]).await;
    assert_eq!((diary.read(), world.count("notes").await), (vec!["fine".to_owned()], 1));
    world.close().await;
}

#[tokio::test]
async fn a_before_hook_of_a_batch_writes_through_its_event() {
    let world = world_with_notes().await;
    let batch = json!({"batch": {"enabled": true}});
    world.check([(super::world::Superuser, patch("/api/settings", batch), status(200))]).await;
    world.app.hooks().add(Hook::before_create_of("notes", async |e| {
        let records = if e.record.text("title") == "app" { e.app.records("marks") } else { e.records("marks") };
        records.as_system().create(json!({})).await?;
        Ok(())
    }));
    let create = |title: &str| json!({"method": "POST", "url": NOTES, "body": {"title": title}});
    let answer = world.ask(&Guest, post("/api/batch", json!({"requests": [create("app")]}))).await;
    assert!(answer.body.contains("write through the transaction: in a hook with e.records"), "{}", answer.body);
    world
        .check([
            (Guest, post(NOTES, json!({"title": "app"})), status(200)),
            (Guest, post(NOTES, json!({"title": "event"})), status(200)),
            (Guest, post("/api/batch", json!({"requests": [create("event"), create("event")]})), status(200)),
            (
                Guest,
                post(
                    "/api/batch",
                    json!({"requests": [create("event"), {"method": "DELETE", "url": format!("{NOTES}/nobody")}]}),
                ),
                status(400),
            ),
        ])
        .await;
    assert_eq!(
        (world.count("notes").await, world.count("marks").await),
        (4, 4),
        "what is undone takes the hook's with it"
    );
    world.close().await;
}
