//! Changes written in one environment and applied in another.

use serde_json::json;

use super::{House, told};
use crate::service::{
    App, AppOptions, collections,
    migrations::{difference, step::Step},
};

impl House {
    /// All that the admin panel can do to collections, one after the other.
    async fn history(&self) {
        let cats = self
            .save(json!({ "name": "cats", "fields": [
                { "name": "title", "type": "text", "max": 50 },
                { "name": "parent", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 1 },
            ], "listRule": "", "indexes": ["CREATE UNIQUE INDEX cats_title ON cats (title)"] }))
            .await;
        self.save(json!({ "name": "posts", "fields": [
            { "name": "title", "type": "text" },
            { "name": "tags", "type": "select", "values": ["a", "b"], "maxSelect": 2 },
            { "name": "cats", "type": "relation", "collectionId": cats["id"], "maxSelect": 5 },
        ] }))
        .await;
        self.save(
            json!({ "name": "shown", "type": "view", "viewQuery": "select id, title as t, (1 + 1) as two from posts" }),
        )
        .await;
        let mut fields = self.seen("posts")["fields"].as_array().expect("fields").clone();
        fields[1]["name"] = "headline".into();
        fields[1]["max"] = 80.into();
        let tags = fields.remove(2);
        fields.push(json!({ "name": "rank", "type": "number" }));
        fields.insert(1, json!({ "name": "body", "type": "editor" }));
        self.save_as("shown", json!({ "viewQuery": "select id from posts" })).await;
        self.save(json!({ "name": "posts", "fields": fields, "viewRule": "headline != ''" })).await;
        self.save(json!({ "name": "members", "type": "auth", "authToken": { "duration": 777 }, "manageRule": "id = @request.auth.id" })).await;
        self.save(
            json!({ "name": "members", "mfa": { "enabled": false, "duration": 99 }, "otp": { "enabled": true } }),
        )
        .await;
        self.save(json!({ "name": "shown", "viewQuery": "select id, headline, rank + 1 as next from posts" })).await;
        self.save_as("posts", json!({ "name": "articles" })).await;
        fields.push(tags);
        fields.swap(1, 2);
        self.save(json!({ "name": "gone", "fields": [{ "name": "x", "type": "json" }] })).await;
        collections::delete(&self.app, "gone").await.expect("deletes");
        self.save(json!({ "name": "cats", "indexes": ["CREATE INDEX cats_parent ON cats (parent)"], "deleteRule": "parent = @request.auth.id" })).await;
    }
}

#[tokio::test]
async fn what_is_changed_in_one_environment_is_replayed_in_another_and_undone() {
    let (dev, prod) = (House::new().await, House::new().await);
    dev.history().await;
    let names = dev.folder().names().expect("files");
    assert_eq!(names.len(), 12, "{names:#?}");
    assert!(names[0].ends_with("_create_cats.json") && names[4].contains("_update_posts"), "{names:#?}");
    prod.pulls(&dev);
    assert_eq!(prod.up().await.expect("applies"), names);
    prod.is_as(&dev).await;
    assert_eq!(prod.folder().names().expect("files"), names, "a replayed change is not written again");
    assert_eq!(prod.up().await.expect("applies"), [""; 0]);
    assert_eq!(dev.up().await.expect("applies"), [""; 0], "what was made here is applied here");

    let fresh = House::new().await;
    let mut undone = prod.down(usize::MAX).await.expect("undoes");
    undone.reverse();
    assert_eq!(undone, names);
    prod.is_as(&fresh).await;
    prod.up().await.expect("applies again");
    prod.is_as(&dev).await;
    dev.down(5).await.expect("undoes what was made here too");
    prod.down(5).await.expect("undoes");
    prod.is_as(&dev).await;
}

#[tokio::test]
async fn records_live_through_changes_and_their_undoing() {
    let (dev, prod) = (House::new().await, House::new().await);
    dev.save(
        json!({ "name": "posts", "fields": [{ "name": "title", "type": "text" }, { "name": "n", "type": "number" }] }),
    )
    .await;
    prod.pulls(&dev);
    prod.up().await.expect("applies");
    prod.run("INSERT INTO posts (id, title, n) VALUES ('p1', 'one', 7)").await;
    let mut fields = dev.seen("posts")["fields"].as_array().expect("fields").clone();
    fields[1]["name"] = "headline".into();
    fields.push(json!({ "name": "more", "type": "text" }));
    dev.save(json!({ "name": "posts", "fields": fields })).await;
    dev.save_as("posts", json!({ "name": "notes" })).await;
    prod.pulls(&dev);
    assert_eq!(prod.up().await.expect("applies").len(), 2);
    assert_eq!(prod.rows("SELECT headline, n, more FROM notes").await, [r#"[Text("one"), Int(7), Text("")]"#]);
    prod.down(2).await.expect("undoes");
    assert_eq!(prod.rows("SELECT title, n FROM posts").await, [r#"[Text("one"), Int(7)]"#]);
}

#[tokio::test]
async fn secrets_stay_where_they_are() {
    let (dev, prod) = (House::new().await, House::new().await);
    let provider = json!({ "name": "github", "clientId": "abc", "clientSecret": "very secret" });
    dev.save(json!({ "name": "members", "type": "auth", "oauth2": { "enabled": true, "providers": [provider] } }))
        .await;
    let secret = |house: &House| house.app.schema().find("members").and_then(|one| one.auth.clone()).expect("accounts");
    for file in dev.folder().files().expect("files") {
        let own = secret(&dev).auth_token.secret;
        assert!(!file.text.contains("very secret") && !file.text.contains(&own), "{}", file.text);
    }
    prod.pulls(&dev);
    prod.up().await.expect("applies");
    assert_ne!(secret(&prod).auth_token.secret, secret(&dev).auth_token.secret);
    let before = secret(&prod);
    dev.save(json!({ "name": "members", "authToken": { "duration": 4242 } })).await;
    prod.pulls(&dev);
    prod.up().await.expect("applies");
    assert_eq!((secret(&prod).auth_token.secret, secret(&prod).auth_token.duration), (before.auth_token.secret, 4242));
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_explained() {
    let (dev, prod) = (House::new().await, House::new().await);
    let body = json!({ "name": "posts", "fields": [{ "name": "title", "type": "text" }], "listRule": "" });
    dev.save(body.clone()).await;
    prod.pulls(&dev);
    prod.up().await.expect("applies");
    dev.save(json!({ "name": "posts", "listRule": "title = 'a'" })).await;
    prod.save(json!({ "name": "posts", "listRule": "title = 'b'" })).await;
    let before = prod.tables().await;
    prod.pulls(&dev);
    let message = told(prod.up().await);
    assert!(message.contains("_update_posts.json was not done"), "{message}");
    assert!(
        message.contains(r#"posts.listRule is "title = 'b'" here, the migration goes from "" to "title = 'a'""#),
        "{message}"
    );
    assert_eq!(before, prod.tables().await);
    prod.save(json!({ "name": "posts", "listRule": "title = 'a'" })).await;
    prod.up().await.expect("what is so already is no conflict");

    for (step, expected) in [
        (json!({ "update": "nope", "id": "x", "set": {} }), "there is no collection nope (x) here"),
        (
            json!({ "update": "posts", "id": "POSTS", "fields": [{ "change": "z", "id": "zz", "set": {} }] }),
            "posts has no field z (zz) here",
        ),
        (
            json!({ "update": "posts", "id": "POSTS", "fields": [{ "add": { "id": "other", "name": "Title", "type": "text" }, "at": 1 }] }),
            "posts has a field Title here already",
        ),
        (
            json!({ "update": "posts", "id": "POSTS", "set": { "listRule.deep": { "from": null, "to": 1 } } }),
            "no object",
        ),
        (
            json!({ "create": { "id": "another", "name": "Posts", "fields": [] } }),
            "there is a collection Posts here already",
        ),
        (json!({ "create": { "id": "POSTS", "name": "posts", "fields": [] } }), "posts is here already, but not as"),
        (json!({ "create": { "name": "a b" } }), "\"a b\" is refused"),
        (json!({ "create": { "name": "ab", "listRule": "nope = 1" } }), "listRule: Invalid rule"),
        (json!({ "delete": { "id": "pbc_3142635823" } }), "bakend itself needs"),
        (json!({ "sql": "UPDATE posts SET nope = 1" }), "no such column: nope"),
        (json!({ "sql": "DROP TABLE posts" }), "belongs to a collection"),
        (json!({ "steps": [] }), "has none of the keys"),
    ] {
        let id = prod.seen("posts")["id"].as_str().expect("an id").to_owned();
        let step = step.to_string().replace("POSTS", &id);
        prod.writes(
            "29990101000000000_bad.json",
            &format!(r#"{{"format": 1, "steps": [{{"sql": "DELETE FROM posts"}}, {step}]}}"#),
        );
        let before = (prod.app.schema().collections().to_vec(), prod.tables().await);
        let message = told(prod.up().await);
        assert!(message.contains(expected), "{expected}\n{message}");
        assert_eq!(before, (prod.app.schema().collections().to_vec(), prod.tables().await));
    }
}

#[tokio::test]
async fn a_deleted_collection_that_others_need_stays() {
    let house = House::new().await;
    let cats = house.save(json!({ "name": "cats", "fields": [{ "name": "title", "type": "text" }] })).await;
    house
        .save(json!({ "name": "posts", "fields": [{ "name": "cat", "type": "relation", "collectionId": cats["id"] }] }))
        .await;
    house.writes(
        "29990101000000000_bad.json",
        &json!({ "format": 1, "steps": [{ "delete": { "id": cats["id"] } }] }).to_string(),
    );
    let message = told(house.up().await);
    assert!(message.contains("posts.cat points at cats, which the migration deletes"), "{message}");
}

#[tokio::test]
async fn sql_has_its_turn_among_the_steps_and_its_way_back() {
    let house = House::new().await;
    house.save(json!({ "name": "posts", "fields": [{ "name": "title", "type": "text" }] })).await;
    house.run("INSERT INTO posts (id, title) VALUES ('p1', 'one')").await;
    let id = house.seen("posts")["id"].clone();
    let add = |name: &str| json!({ "add": { "id": name, "name": name, "type": "text" }, "at": 2 });
    let text = json!({ "format": 1, "steps": [
        { "update": "posts", "id": id, "fields": [add("copy")] },
        { "sql": "UPDATE posts SET copy = title || '!'", "undo": "UPDATE posts SET title = copy" },
        { "update": "posts", "id": id, "fields": [{ "remove": house.seen("posts")["fields"][1], "at": 1 }] },
    ] });
    house.writes("29990101000000000_move.json", &text.to_string());
    house.up().await.expect("applies");
    assert_eq!(house.rows("SELECT * FROM posts").await, [r#"[Text("p1"), Text("one!")]"#]);
    house.down(1).await.expect("undoes");
    assert_eq!(house.rows("SELECT id, title FROM posts").await, [r#"[Text("p1"), Text("one!")]"#]);

    house.writes("29990101000000001_no_way_back.sql", "-- up\nDELETE FROM posts;\n");
    std::fs::remove_file(house.folder().path().join("29990101000000000_move.json")).expect("removes");
    house.up().await.expect("applies");
    let message = told(house.down(1).await);
    assert!(message.contains("no way back") && message.contains("migrate accept"), "{message}");
    assert_eq!(house.rows("SELECT count(*) FROM _migration_files").await, ["[Int(2)]"]);
}

#[tokio::test]
async fn a_collection_may_be_changed_twice_in_one_migration() {
    let house = House::new().await;
    let create = json!({ "create": { "id": "t1", "name": "twice", "fields": [] } });
    let rename = json!({ "update": "twice", "id": "t1", "set": { "name": { "from": "twice", "to": "thrice" } } });
    house.writes(
        "1_twice.json",
        &json!({ "format": 1, "steps": [create, rename, { "delete": { "id": "t1" } }] }).to_string(),
    );
    house.up().await.expect("applies");
    assert!(house.app.schema().by_id("t1").is_none());
    house.down(1).await.expect("undoes");
    assert!(house.app.schema().by_id("t1").is_none());
    let step: Step = Step::from_json(json!({ "delete": { "id": "t1" } })).expect("a step");
    assert!(step.is_of_collections());
}

/// An environment whose changes nobody writes, until `migrate diff` does.
async fn quiet() -> House {
    let dir = tempfile::tempdir().expect("a folder");
    let app = App::open(AppOptions::new(dir.path().join("data"))).await.expect("opens");
    House { dir, app }
}

impl House {
    async fn diffs(&self) {
        let written = difference(&self.app, &self.folder(), None, &[]).await.expect("writes");
        assert_eq!(written.len(), 1, "{written:#?}");
        assert_eq!(difference(&self.app, &self.folder(), None, &[]).await.expect("reads"), [], "it says it all");
    }
}

#[tokio::test]
async fn a_name_that_goes_to_another_collection_is_applied_elsewhere_and_undone() {
    let (dev, prod, before) = (quiet().await, House::new().await, House::new().await);
    let text = |name: &str| json!({ "name": name, "type": "text" });
    let to = |name: &str, id: &serde_json::Value, max: u8| json!({ "name": name, "type": "relation", "collectionId": id, "maxSelect": max, "cascadeDelete": true });
    let notes = dev
        .save(
            json!({ "name": "notes", "fields": [text("x")], "indexes": ["CREATE UNIQUE INDEX notes_x ON notes (x)"] }),
        )
        .await;
    dev.save(
        json!({ "name": "posts", "fields": [text("title"), to("note", &notes["id"], 1), to("more", &notes["id"], 9)],
                     "indexes": ["CREATE INDEX posts_note ON posts (note, title)"] }),
    )
    .await;
    dev.save(json!({ "name": "shown", "type": "view", "viewQuery": "select id, x from notes" })).await;
    dev.diffs().await;
    for house in [&prod, &before] {
        house.pulls(&dev);
        house.up().await.expect("applies");
        let sql = "INSERT INTO notes (id, x) VALUES ('n1', 'one'); INSERT INTO posts (id, title, note) VALUES ('p1', 'post', 'n1'); \
                   INSERT INTO _rel_posts_more (source, target, position) VALUES ('p1', 'n1', 0)";
        house.run(sql).await;
    }

    // Renamed, and another one of the old name.
    dev.save_as("notes", json!({ "name": "oldnotes" })).await;
    let other = dev.save(json!({ "name": "notes", "fields": [text("y"), to("old", &notes["id"], 1)], "indexes": ["CREATE INDEX notes_y ON notes (y)"] })).await;
    assert_ne!(other["id"], notes["id"]);
    dev.diffs().await;
    prod.pulls(&dev);
    prod.up().await.expect("applies");
    prod.is_as(&dev).await;
    assert_eq!(prod.rows("SELECT x FROM oldnotes").await, [r#"[Text("one")]"#]);
    assert_eq!(prod.rows("SELECT x FROM shown").await, [r#"[Text("one")]"#]);
    prod.down(1).await.expect("undoes");
    prod.is_as(&before).await;
    assert_eq!(prod.rows("SELECT x FROM notes").await, [r#"[Text("one")]"#]);
    prod.up().await.expect("applies again");

    // Two that change their names with each other.
    for (from, name) in [("notes", "between"), ("oldnotes", "notes"), ("between", "oldnotes")] {
        dev.save_as(from, json!({ "name": name })).await;
    }
    dev.diffs().await;
    prod.pulls(&dev);
    prod.up().await.expect("applies");
    prod.is_as(&dev).await;
    assert_eq!(prod.rows("SELECT x FROM notes").await, [r#"[Text("one")]"#]);
    assert_eq!(
        prod.rows("SELECT title, note, target FROM posts JOIN _rel_posts_more ON source = posts.id").await,
        [r#"[Text("post"), Text("n1"), Text("n1")]"#]
    );
    assert_eq!(prod.down(1).await.expect("undoes").len(), 1);
    assert_eq!(prod.rows("SELECT x FROM oldnotes").await, [r#"[Text("one")]"#]);
    prod.up().await.expect("applies again");
    prod.is_as(&dev).await;

    // Deleted, and another one of its name, which is pointed at in its place.
    let without = json!([dev.seen("posts")["fields"][0], text("title")]);
    dev.save(json!({ "name": "posts", "fields": without, "indexes": [] })).await;
    dev.save(json!({ "name": "oldnotes", "fields": [text("y")] })).await;
    dev.save(json!({ "name": "shown", "viewQuery": "select id from posts" })).await;
    collections::delete(&dev.app, "notes").await.expect("deletes");
    let accounts = dev.save(json!({ "name": "notes", "type": "auth" })).await;
    let mut fields = dev.seen("posts")["fields"].as_array().expect("fields").clone();
    fields.extend([to("note", &accounts["id"], 1), to("more", &accounts["id"], 9)]);
    dev.save(
        json!({ "name": "posts", "fields": fields, "indexes": ["CREATE INDEX posts_note ON posts (note, title)"] }),
    )
    .await;
    dev.save(json!({ "name": "shown", "viewQuery": "select id, email from notes" })).await;
    dev.diffs().await;
    prod.pulls(&dev);
    prod.up().await.expect("applies");
    prod.is_as(&dev).await;
    assert_eq!(
        prod.rows("SELECT title, note FROM posts").await,
        [r#"[Text("post"), Null]"#],
        "posts outlive the notes"
    );
    prod.down(3).await.expect("undoes all of it");
    prod.is_as(&before).await;
    assert_eq!(prod.rows("SELECT title, note FROM posts").await, [r#"[Text("post"), Null]"#]);
    prod.up().await.expect("applies all again");
    prod.is_as(&dev).await;
}
