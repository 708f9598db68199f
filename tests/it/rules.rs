//! Rules: who may list, view, create, update and delete.

use serde_json::json;

use super::{
    client::{Ask, Server, delete, get, patch, post, status},
    world::{Guest, Person, Superuser, Who},
};

const ONLY_SUPERUSERS: &str = "Only superusers can perform this action.";
const NOT_THERE: &str = "The requested resource wasn't found.";

/// What may become of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    /// It works.
    May,
    /// The rule says no: nothing listed, 404, or 400 at creation.
    Hidden,
    /// The rule is null: 403.
    Closed,
}
use Fate::{Closed, Hidden, May};

/// Owner is the one who is asked about: for `create` the body names them.
async fn attempt(world: &Server, who: &Who, action: &str, owner: &Person) -> Fate {
    let base = "/api/collections/notes/records";
    let id = world.record("notes", json!({"owner": owner.id, "title": "old"})).await;
    let one = format!("{base}/{id}");
    let request: Ask = match action {
        "list" => get(&format!("{base}?filter=id='{id}'")),
        "view" => get(&one),
        "create" => post(base, json!({"owner": owner.id, "title": "new"})),
        "update" => patch(&one, json!({"title": "new"})),
        _ => delete(&one),
    };
    let before = world.count("notes").await;
    let answer = world.ask(who, request).await;
    let after = world.count("notes").await;
    let fate = match (action, answer.status) {
        (_, 403) => {
            assert_eq!(answer.json()["message"], ONLY_SUPERUSERS);
            Closed
        }
        ("list", 200) if answer.json()["totalItems"] == 0 => Hidden,
        ("create", 400) => {
            assert_eq!(answer.json(), json!({"data": {}, "message": "Failed to create record.", "status": 400}));
            Hidden
        }
        ("view" | "update" | "delete", 404) => {
            assert_eq!(answer.json()["message"], NOT_THERE);
            Hidden
        }
        (_, 200 | 204) => May,
        _ => panic!("{action} as {who:?}: {} {}", answer.status, answer.body),
    };
    // What was refused must not have happened, and what was granted must have.
    let (created, deleted) =
        (u64::from(action == "create" && fate == May), u64::from(action == "delete" && fate == May));
    assert_eq!(after, before + created - deleted, "{action} as {who:?}");
    if deleted == 0 {
        let stored = world.made(get(&one)).await;
        let title = if action == "update" && fate == May { "new" } else { "old" };
        assert_eq!(stored["title"], title, "{action} as {who:?}");
    }
    fate
}

#[tokio::test]
async fn each_rule_decides_for_each_caller() {
    let world = Server::start().await;
    let (ann, bob) = (world.person("ann").await, world.person("bob").await);
    let fields = json!([
        {"name": "title", "type": "text"},
        {"name": "owner", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 1},
    ]);
    world.collection("notes", [None; 5], fields).await;
    let people = [("guest", Guest), ("owner", ann.asks()), ("other", bob.asks()), ("superuser", Superuser)];
    let rows = [
        (None, [Closed, Closed, Closed, May]),
        (Some(""), [May, May, May, May]),
        (Some("@request.auth.id != ''"), [Hidden, May, May, May]),
        (Some("owner = @request.auth.id"), [Hidden, May, Hidden, May]),
        (Some("@request.auth.id != '' && owner.email = @request.auth.email"), [Hidden, May, Hidden, May]),
        (Some("title = 'impossible'"), [Hidden, Hidden, Hidden, May]),
        (Some("@request.headers.x_key = 'open'"), [Hidden, Hidden, Hidden, May]),
        (Some("@request.query.key = 'open'"), [Hidden, Hidden, Hidden, May]),
    ];
    let mut failed = Vec::new();
    for (rule, fates) in rows {
        let body =
            json!({"listRule": rule, "viewRule": rule, "createRule": rule, "updateRule": rule, "deleteRule": rule});
        world.made(patch("/api/collections/notes", body)).await;
        for ((name, who), expected) in people.iter().zip(fates) {
            for action in ["list", "view", "create", "update", "delete"] {
                let fate = attempt(&world, who, action, &ann).await;
                if fate != expected {
                    failed.push(format!("{rule:?}: {name} {action}: {fate:?}, not {expected:?}"));
                }
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    world.close().await;
}

#[tokio::test]
async fn a_rule_sees_what_is_sent() {
    let world = Server::start().await;
    let rule = Some("@request.body.title = 'free' || @request.headers.x_key = 'open' || @request.query.key = 'open'");
    let none = None;
    world.collection("notes", [none, none, rule, none, none], json!([{"name": "title", "type": "text"}])).await;
    let path = "/api/collections/notes/records";
    let refused = || status(400).says("Failed to create record.");
    world
        .check([
            (Guest, post(path, json!({"title": "x"})), refused()),
            (Guest, post(path, json!({"title": "free"})), status(200)),
            (Guest, post(path, json!({"title": "x"})).with("X-Key", "open"), status(200)),
            (Guest, post(path, json!({"title": "x"})).with("X-Key", "shut"), refused()),
            (Guest, post(&format!("{path}?key=open"), json!({"title": "x"})), status(200)),
        ])
        .await;
    world.close().await;
}

#[tokio::test]
async fn hidden_fields_and_passwords_stay_hidden() {
    let world = Server::start().await;
    let ann = world.person("ann").await;
    let fields = json!([{"name": "open", "type": "text"}, {"name": "secret", "type": "text", "hidden": true}]);
    world.collection("notes", [Some(""); 5], fields).await;
    let id = world.record("notes", json!({"open": "a", "secret": "b"})).await;
    let list = |filter: &str| get(&format!("/api/collections/notes/records?filter={filter}"));
    let one = format!("/api/collections/notes/records/{id}");
    world
        .check([
            (Guest, get(&one), status(200).has("/open", "a").lacks("/secret")),
            (Superuser, get(&one), status(200).has("/secret", "b")),
            (Guest, list("secret='b'"), status(400)),
            (Superuser, list("secret='b'"), status(200).has("/totalItems", 1)),
            (Guest, patch(&one, json!({"secret": "mine"})), status(200)),
            (Superuser, get(&one), status(200).has("/secret", "b")),
            (Superuser, get("/api/collections/users/records?filter=password!=''"), status(400)),
            (
                Superuser,
                get(&format!("/api/collections/users/records/{}", ann.id)),
                status(200).lacks("/password").lacks("/tokenKey"),
            ),
        ])
        .await;
    world.close().await;
}

#[tokio::test]
async fn a_delete_rule_is_asked_where_nothing_can_change_in_between() {
    let world = Server::start().await;
    let others = "@collection.members:others.id ?!= id";
    let rules = [Some(""), Some(""), Some(""), Some(""), Some(others)];
    world.collection("members", rules, json!([{"name": "name", "type": "text"}])).await;
    for hooked in [false, true] {
        if hooked {
            world.app.hooks().add(bakend::Hook::after_delete_of("members", async |_| Ok(())));
        }
        let (first, second) = (world.record("members", json!({})).await, world.record("members", json!({})).await);
        let app = &world.app;
        let waiting = app.transaction(async |tx| {
            tx.records("members").as_system().delete(second.as_str()).await?;
            // Finds the other one still there, and waits for the writer.
            let (app, first) = (app.clone(), first.clone());
            let waiting = tokio::spawn(async move { app.records("members").as_guest().delete(first).await });
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            Ok(waiting)
        });
        let waiting = waiting.await.expect("the first one goes");
        let refused = waiting.await.expect("it does not panic").expect_err("the last one stays");
        assert_eq!(refused.kind(), bakend::Kind::NotFound, "hooked: {hooked}");
        assert_eq!(world.count("members").await, 1, "hooked: {hooked}");
        app.records("members").as_system().delete(first.as_str()).await.expect("the program may");
    }
    world.close().await;
}
