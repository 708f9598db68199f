//! Collections of the code against the database.

use serde_json::{Value as Json, json};

use super::{House, object, told};
use crate::{
    schema::{Collection, FieldKind},
    service::{
        migrations::{Found, Losses, apply_files, difference, differences, reconcile},
        typed::{Definition, FieldDefinition},
    },
};

/// What the derive would say of a collection that is sent like this; relations name their target.
fn wanted(json: Json) -> Definition {
    let json = object(json);
    let said = Collection::from_json(&json).expect("a collection");
    let field = |field: &crate::schema::Field| {
        let target = match &field.kind {
            FieldKind::Relation(options) => Some(options.collection_id.clone()),
            _ => None,
        };
        FieldDefinition {
            target,
            field: field.clone(),
            renamed_from: Some(field.help.clone()).filter(|name| !name.is_empty()),
        }
    };
    let auth = json
        .iter()
        .filter(|(key, _)| key.starts_with("auth"))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    Definition {
        name: said.name.clone(),
        kind: said.kind,
        renamed_from: None,
        rules: said.rules.clone(),
        fields: said.fields.iter().map(field).collect(),
        indexes: said.indexes.clone(),
        auth,
        view_query: said.view_query.clone(),
    }
}

fn posts(fields: Json) -> Vec<Definition> {
    vec![wanted(json!({ "name": "posts", "fields": fields }))]
}

fn shown(found: &[Found]) -> Vec<String> {
    found
        .iter()
        .map(|one| {
            format!("{:?} {} {}", one.difference.line.sign, one.difference.line.text, one.words()).trim().to_owned()
        })
        .collect()
}

fn title() -> Json {
    json!({ "name": "title", "type": "text", "max": 10 })
}

impl House {
    async fn wants(&self, wanted: &[Definition]) -> Vec<String> {
        let found = reconcile(&self.app, wanted, Losses::Refused).await.unwrap_or_else(|error| panic!("{error:?}"));
        assert_eq!(differences(&self.app, wanted).await.expect("reads"), [], "afterwards nothing differs");
        shown(&found)
    }

    async fn stops(&self, wanted: &[Definition]) -> String {
        let before = (self.app.schema(), self.tables().await, self.rows("SELECT * FROM posts").await);
        let message = told(reconcile(&self.app, wanted, Losses::Refused).await);
        let after = (self.app.schema(), self.tables().await, self.rows("SELECT * FROM posts").await);
        assert_eq!(before.0.collections(), after.0.collections());
        assert_eq!((before.1, before.2), (after.1, after.2));
        message
    }
}

#[tokio::test]
async fn what_adds_is_done_and_a_second_start_finds_nothing_to_do() {
    let house = House::new().await;
    let posts_only = posts(json!([title()]));
    assert_eq!(
        house.wants(&posts_only).await,
        ["Add posts (base collection)", "Add posts.id (text)", "Add posts.title (text)"]
    );
    assert_eq!(house.wants(&posts_only).await, [""; 0]);
    house.run("INSERT INTO posts (id, title) VALUES ('p1', 'one'), ('p2', '')").await;
    let more = vec![
        wanted(json!({ "name": "posts", "listRule": "", "fields": [
            title(),
            { "name": "by", "type": "relation", "collectionId": "users", "maxSelect": 1 },
            { "name": "tags", "type": "relation", "collectionId": "Tags", "maxSelect": 9 },
        ], "indexes": ["CREATE INDEX posts_title ON posts (title)"] })),
        wanted(json!({ "name": "tags", "fields": [
            { "name": "of", "type": "relation", "collectionId": "posts", "maxSelect": 1 },
            { "name": "parent", "type": "relation", "collectionId": "tags", "maxSelect": 1 },
        ] })),
    ];
    let done = house.wants(&more).await;
    for expected in [
        "Add posts.by (relation)",
        "Add posts: CREATE INDEX posts_title ON posts (title)",
        "Change posts.listRule: null → \"\"",
        "Add tags (base collection)",
    ] {
        assert!(done.iter().any(|line| line == expected), "{expected} is not in {done:#?}");
    }
    assert_eq!(house.rows("SELECT id, title FROM posts").await.len(), 2);
}

#[tokio::test]
async fn what_loses_something_stops_with_the_differences_and_the_way_out() {
    let house = House::new().await;
    let all = json!([
        title(),
        { "name": "body", "type": "editor" },
        { "name": "n", "type": "number" },
        { "name": "tags", "type": "select", "values": ["a", "b", "c"], "maxSelect": 3 },
        { "name": "links", "type": "relation", "collectionId": "posts", "maxSelect": 3 },
    ]);
    let unique = json!(["CREATE UNIQUE INDEX posts_n ON posts (n)"]);
    let with_index =
        |fields: Json, indexes: Json| vec![wanted(json!({ "name": "posts", "fields": fields, "indexes": indexes }))];
    house.wants(&with_index(all.clone(), unique.clone())).await;
    house
        .run(
            r#"INSERT INTO posts (id, title, body, n, tags) VALUES ('p1', 'a title', '<p>x</p>', 1, '["a","b"]'), ('p2', '', '', 2, '[]');
               INSERT INTO _rel_posts_links (source, target, position) VALUES ('p1', 'p1', 0), ('p1', 'p2', 1)"#,
        )
        .await;
    let change = |name: &str, to: Option<Json>| {
        let mut fields = all.as_array().expect("a list").clone();
        let at = fields.iter().position(|field| field["name"] == name).expect("a field");
        match to {
            Some(field) => fields[at] = field,
            None => drop(fields.remove(at)),
        }
        with_index(fields.into(), unique.clone())
    };
    for (wanted, expected) in [
        (change("body", None), "- posts.body (editor): 1 record would lose a value"),
        (
            change("body", Some(json!({ "name": "body", "type": "json" }))),
            "- posts.body (editor): 1 record would lose a value",
        ),
        (
            change("title", Some(json!({ "name": "title", "type": "text", "max": 3 }))),
            "~ posts.title.max: 10 → 3: 1 record would hold a value that title no longer allows",
        ),
        (
            change("title", Some(json!({ "name": "title", "type": "text", "max": 10, "required": true }))),
            "~ posts.title.required: false → true: 1 record would hold",
        ),
        (
            change("title", Some(json!({ "name": "title", "type": "url" }))),
            "1 record would hold a value that title no longer allows",
        ),
        (
            change("tags", Some(json!({ "name": "tags", "type": "select", "values": ["a", "c"], "maxSelect": 2 }))),
            "1 record would hold",
        ),
        (
            change(
                "tags",
                Some(json!({ "name": "tags", "type": "select", "values": ["a", "b", "c"], "maxSelect": 1 })),
            ),
            "1 record would hold",
        ),
        (
            change(
                "links",
                Some(json!({ "name": "links", "type": "relation", "collectionId": "posts", "maxSelect": 1 })),
            ),
            "1 record would hold",
        ),
        (
            change(
                "links",
                Some(
                    json!({ "name": "links", "type": "relation", "collectionId": "posts", "maxSelect": 3, "required": true }),
                ),
            ),
            "1 record would hold",
        ),
        (
            change(
                "links",
                Some(json!({ "name": "links", "type": "relation", "collectionId": "users", "maxSelect": 3 })),
            ),
            "- posts.links (relation): 1 record would lose a value",
        ),
        (
            with_index(all.clone(), json!([])),
            "- posts: CREATE UNIQUE INDEX posts_n ON posts (n): 2 records would no longer be kept apart",
        ),
    ] {
        let message = house.stops(&wanted).await;
        assert!(message.contains(expected), "{expected}\n{message}");
        assert!(message.contains("migrate apply --allow-destructive") && message.contains("migrate diff"), "{message}");
        assert_eq!(message.lines().count(), 3, "only what loses is listed: {message}");
    }
    let gone = with_index(json!([title()]), json!([]));
    let found = reconcile(&house.app, &gone, Losses::Allowed).await.expect("allowed");
    assert_eq!(found.iter().filter(|one| one.is_destructive()).count(), 4);
    assert_eq!(house.rows("SELECT title FROM posts ORDER BY id").await, [r#"[Text("a title")]"#, r#"[Text("")]"#]);
    assert_eq!(house.wants(&gone).await, [""; 0]);
}

#[tokio::test]
async fn what_takes_nothing_from_any_record_is_done() {
    let house = House::new().await;
    house.wants(&posts(json!([title(), { "name": "old", "type": "json" }, { "name": "site", "type": "text" }]))).await;
    house.run("INSERT INTO posts (id, title, site) VALUES ('p1', 'abc', 'https://a.b')").await;
    let done = house
        .wants(&posts(
            json!([{ "name": "title", "type": "text", "max": 3, "required": true }, { "name": "site", "type": "url" }]),
        ))
        .await;
    assert_eq!(done[..2], ["Remove posts.old (json)", "Change posts.title.max: 10 → 3, title.required: false → true"]);
    assert!(
        done[2].starts_with("Change posts.site.") && done[2].contains("site.type: \"text\" → \"url\""),
        "{done:#?}"
    );
    assert_eq!(house.rows("SELECT title, site FROM posts").await, [r#"[Text("abc"), Text("https://a.b")]"#]);
}

#[tokio::test]
async fn a_description_that_cannot_be_is_refused_and_named() {
    let house = House::new().await;
    house.wants(&posts(json!([title()]))).await;
    for (wanted, expected) in [
        (json!([{ "name": "posts", "type": "auth" }]), "stored as base and the code says auth"),
        (json!([{ "name": "a" }, { "name": "A" }]), "Two types are named \"A\""),
        (
            json!([{ "name": "a", "fields": [{ "name": "x", "type": "relation", "collectionId": "nowhere" }] }]),
            "points at the collection \"nowhere\"",
        ),
        (json!([{ "name": "a", "listRule": "nope = 1" }]), "listRule"),
        (
            json!([{ "name": "v", "type": "view", "viewQuery": "select nope from posts" }]),
            "The collection \"v\" cannot be changed",
        ),
    ] {
        let wanted: Vec<_> = wanted.as_array().expect("a list").iter().cloned().map(self::wanted).collect();
        let message = house.stops(&wanted).await;
        assert!(message.contains(expected), "{expected}\n{message}");
    }
}

#[tokio::test]
async fn views_and_accounts_of_the_code_settle_too() {
    let house = House::new().await;
    let wanted: Vec<_> = [
        json!({ "name": "shown", "type": "view", "viewQuery": "select id, title from posts", "listRule": "title != ''" }),
        json!({ "name": "members", "type": "auth", "fields": [{ "name": "nick", "type": "text" }], "authToken": { "duration": 600 } }),
        json!({ "name": "posts", "fields": [title(), { "name": "by", "type": "relation", "collectionId": "members" }] }),
    ]
    .into_iter()
    .map(wanted)
    .collect();
    house.wants(&wanted).await;
    let secret =
        || house.app.schema().find("members").and_then(|one| one.auth.clone()).expect("accounts").auth_token.secret;
    let before = secret();
    assert_eq!(house.wants(&wanted).await, [""; 0]);
    let mut changed = wanted.clone();
    changed[0].view_query = "select id, title, id as other from posts".to_owned();
    changed[1].auth["authToken"]["duration"] = 700.into();
    let done = house.wants(&changed).await;
    assert_eq!(done.len(), 2, "{done:#?}");
    assert_eq!(secret(), before, "tokens stay valid");
    assert!(house.app.schema().find("shown").expect("a view").field("other").is_some());
}

#[tokio::test]
async fn a_fresh_environment_gets_code_and_files_together() {
    let dev = House::new().await;
    let versions = [
        posts(json!([title(), { "name": "old", "type": "text" }])),
        posts(json!([{ "name": "title", "type": "text", "max": 5 }])),
        posts(json!([{ "name": "title", "type": "text", "max": 3, "required": true }])),
    ];
    dev.wants(&versions[0]).await;
    dev.run("INSERT INTO posts (id, title, old) VALUES ('p1', 'abcde', 'x')").await;
    let by_hand = json!({ "name": "stars", "fields": [
        { "name": "post", "type": "relation", "collectionId": dev.seen("posts")["id"] },
    ] });
    dev.save(by_hand).await;
    for code in &versions[1..] {
        let told = dev.stops(code).await;
        assert!(told.contains("migrate diff"), "{told}");
        let written = difference(&dev.app, &dev.folder(), None, code).await.expect("writes");
        assert!(!written[0].is_applied && written[0].name.contains("_update_posts"), "{written:?}");
        apply_files(&dev.app, &dev.folder(), code, |_| ()).await.expect("applies what was reviewed");
        assert_eq!(dev.wants(code).await, [""; 0], "the file did it all");
    }
    // It neither had the code nor the files before: the last code creates, and the files of old code leave that alone.
    let fresh = House::new().await;
    fresh.pulls(&dev);
    apply_files(&fresh.app, &fresh.folder(), &versions[2], |_| ()).await.expect("applies");
    assert_eq!(fresh.wants(&versions[2]).await, [""; 0]);
    fresh.is_as(&dev).await;
    // It has the code of long ago: everything happens one after the other.
    let late = House::new().await;
    late.wants(&versions[0]).await;
    late.pulls(&dev);
    apply_files(&late.app, &late.folder(), &versions[2], |_| ()).await.expect("applies");
    late.is_as(&dev).await;
}
