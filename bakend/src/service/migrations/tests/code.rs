//! Collections of the code against the database.

use serde_json::{Value as Json, json};

use super::{House, object, told};
use crate::{
    schema::{Collection, FieldKind},
    service::{
        migrations::{Found, Losses, apply_files, difference, differences, reconcile, status},
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
    let status = status(&house.dir.path().join("data"), &house.folder(), &gone).expect("reads");
    let told = shown(&status.code.expect("nothing stands in the way"));
    assert!(told.contains(&"Remove posts.body (editor) 1 record would lose a value".to_owned()), "{told:#?}");
    let found = reconcile(&house.app, &gone, Losses::Allowed).await.expect("allowed");
    assert_eq!(found.iter().filter(|one| one.is_destructive()).count(), 4);
    assert_eq!(house.rows("SELECT title FROM posts ORDER BY id").await, [r#"[Text("a title")]"#, r#"[Text("")]"#]);
    assert_eq!(house.wants(&gone).await, [""; 0]);
}

#[tokio::test]
async fn what_only_looks_like_the_same_column_is_another_field() {
    let house = House::new().await;
    let kinds = |kind: &str| posts(json!([title(), { "name": "a", "type": kind }]));
    for (from, to) in [
        ("text", "password"),
        ("text", "autodate"),
        ("text", "file"),
        ("password", "text"),
        ("password", "email"),
        ("password", "file"),
        ("file", "text"),
        ("file", "select"),
        ("autodate", "password"),
    ] {
        let kinds = |kind: &str| {
            let mut field = json!({ "name": "a", "type": kind, "onCreate": true, "onUpdate": true, "maxSelect": 1 });
            field["values"] = json!(["hello"]);
            posts(json!([title(), field]))
        };
        reconcile(&house.app, &kinds(from), Losses::Allowed).await.expect(from);
        house.run("DELETE FROM posts; INSERT INTO posts (id, a) VALUES ('p1', 'hello'), ('p2', '')").await;
        let message = house.stops(&kinds(to)).await;
        assert!(
            message.contains(&format!("- posts.a ({from}): 1 record would lose a value")),
            "{from} → {to}: {message}"
        );
        reconcile(&house.app, &kinds(to), Losses::Allowed).await.expect(to);
        assert_eq!(house.rows("SELECT a FROM posts").await, [r#"[Text("")]"#, r#"[Text("")]"#], "{from} → {to}");
        assert_eq!(house.wants(&kinds(to)).await, [""; 0], "{from} → {to}");
    }
    reconcile(&house.app, &kinds("date"), Losses::Allowed).await.expect("a date");
    house.run("DELETE FROM posts; INSERT INTO posts (id, a) VALUES ('p1', '2024-05-01 08:00:00.000Z')").await;
    let clock = posts(json!([title(), { "name": "a", "type": "autodate", "onCreate": true }]));
    house.wants(&clock).await;
    house.wants(&kinds("text")).await;
    assert_eq!(house.rows("SELECT a FROM posts").await, [r#"[Text("2024-05-01 08:00:00.000Z")]"#], "moments stay");
}

#[tokio::test]
async fn files_go_with_the_field_that_named_them() {
    let house = House::new().await;
    let field = |kind: &str| posts(json!([{ "name": "doc", "type": kind, "maxSelect": 1 }]));
    house.wants(&field("file")).await;
    let record = house.app.records("posts").as_system().create(json!({})).await.expect("made");
    let record = house.app.files().put(&record, "doc", "a.txt", "hello").await.expect("stored");
    let kept = || house.rows("SELECT name FROM _files WHERE state != 'gone'");
    assert_eq!(kept().await.len(), 1);
    let message = house.stops(&field("text")).await;
    assert!(message.contains("- posts.doc (file): 1 record would lose a value"), "{message}");
    assert_eq!(house.app.files().open(&record, record.text("doc")).await.expect("still there").file.size, 5);
    reconcile(&house.app, &field("text"), Losses::Allowed).await.expect("allowed");
    assert_eq!(kept().await, [""; 0]);
    assert_eq!(house.rows("SELECT doc FROM posts").await, [r#"[Text("")]"#]);
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
async fn a_view_that_does_not_give_what_its_type_reads_stops_the_start() {
    let house = House::new().await;
    let all = json!([title(), { "name": "n", "type": "number" }, { "name": "on", "type": "bool" }, { "name": "place", "type": "geoPoint" }]);
    house.wants(&posts(all.clone())).await;
    let with = |fields: Json| {
        let query = "select id, title, n, on as up, place, count(*) as many, (n + 1) as any from posts group by id";
        let query = query.replace("on as", "`on` as");
        let mut view = wanted(json!({ "name": "shown", "type": "view", "viewQuery": query }));
        view.fields = wanted(json!({ "name": "shown", "fields": fields })).fields;
        view.fields.retain(|own| own.field.name != "id");
        vec![posts(all.clone()).remove(0), view]
    };
    for (field, expected) in [
        (json!({ "name": "titel", "type": "text" }), "titel (text): there is no such column"),
        (json!({ "name": "title", "type": "number" }), "title (number): the column holds another kind of value, text"),
        (json!({ "name": "title", "type": "json" }), "title (json): the column holds another kind of value, text"),
        (json!({ "name": "n", "type": "text" }), "n (text): the column holds another kind of value, number"),
        (
            json!({ "name": "place", "type": "number" }),
            "place (number): the column holds another kind of value, geoPoint",
        ),
    ] {
        let message = house.stops(&with(json!([field, { "name": "many", "type": "number" }]))).await;
        assert!(message.contains("The view \"shown\" does not give") && message.contains(expected), "{message}");
        assert!(message.contains("Its query gives id (text), title (text), n (number), up (bool)"), "{message}");
        assert_eq!(message.lines().count(), 3, "{message}");
    }
    let fits = with(json!([
        { "name": "title", "type": "select", "values": ["a"], "maxSelect": 1 },
        { "name": "n", "type": "number" },
        { "name": "up", "type": "number" },
        { "name": "place", "type": "geoPoint" },
        { "name": "any", "type": "text" },
    ]));
    house.wants(&fits).await;
    // A type that changes without its query is looked at too.
    let message = house.stops(&with(json!([{ "name": "other", "type": "text" }]))).await;
    assert!(message.contains("other (text): there is no such column"), "{message}");
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

#[tokio::test]
async fn a_name_left_by_a_rename_is_free_for_a_new_type_in_whatever_order() {
    for is_reversed in [false, true] {
        let house = House::new().await;
        let index = |name: &str| json!([format!("CREATE INDEX idx_{name}_title ON {name} (title)")]);
        let first = |name: &str| wanted(json!({ "name": name, "fields": [title()], "indexes": index(name) }));
        house.wants(&[first("posts")]).await;
        house.run("INSERT INTO posts (id, title) VALUES ('p1', 'precious')").await;
        let renamed = Definition { renamed_from: Some("posts".to_owned()), ..first("old_posts") };
        let new = wanted(json!({ "name": "posts", "indexes": index("posts"), "fields": [
            title(), { "name": "words", "type": "number" }, { "name": "of", "type": "relation", "collectionId": "old_posts" },
        ] }));
        let mut code = vec![renamed, new];
        if is_reversed {
            code.reverse();
        }
        let done = house.wants(&code).await;
        assert!(done.contains(&"Change posts.name: \"posts\" → \"old_posts\"".to_owned()), "{done:#?}");
        assert!(done.contains(&"Add posts (base collection)".to_owned()), "{done:#?}");
        assert_eq!(house.wants(&code).await, [""; 0], "the second start finds it as it is");
        assert_eq!(house.rows("SELECT title FROM old_posts").await, [r#"[Text("precious")]"#]);
        assert_eq!(house.rows("SELECT title FROM posts").await, [""; 0]);
        let third = Definition { renamed_from: Some("posts".to_owned()), ..first("third") };
        let fourth = Definition { name: "fourth".to_owned(), indexes: Vec::new(), ..third.clone() };
        let message = house.stops(&[third, fourth]).await;
        assert!(message.contains("\"third\" and \"fourth\" both go on from \"posts\""), "{message}");
    }
}

#[tokio::test]
async fn names_of_types_move_up_one_after_the_other() {
    let house = House::new().await;
    let of = |name: &str, from: Option<&str>| Definition {
        renamed_from: from.map(str::to_owned),
        ..wanted(json!({ "name": name, "fields": [title()] }))
    };
    house.wants(&[of("a", None), of("b", None)]).await;
    house.run("INSERT INTO a (id, title) VALUES ('1', 'was a'); INSERT INTO b (id, title) VALUES ('2', 'was b')").await;
    let code = [of("a", None), of("b", Some("a")), of("c", Some("b"))];
    house.wants(&code).await;
    assert_eq!(house.rows("SELECT title FROM c").await, [r#"[Text("was b")]"#]);
    assert_eq!(house.rows("SELECT title FROM b").await, [r#"[Text("was a")]"#]);
    assert_eq!(house.rows("SELECT title FROM a").await, [""; 0]);
    assert_eq!(house.wants(&code).await, [""; 0]);
}

#[tokio::test]
async fn a_first_start_that_failed_leaves_a_second_one_free_to_go_on() {
    let dev = House::new().await;
    let max = |max: u8| posts(json!([{ "name": "title", "type": "text", "max": max }]));
    dev.wants(&max(100)).await;
    for (name, code) in [("second", max(50)), ("third", max(20))] {
        difference(&dev.app, &dev.folder(), Some(name), &code).await.expect("writes");
        apply_files(&dev.app, &dev.folder(), &code, |_| ()).await.expect("applies");
    }
    let fresh = House::new().await;
    fresh.pulls(&dev);
    fresh.writes("00000000000000000_first.sql", "-- up\nINSERT INTO nope VALUES (1);\n");
    let message = told(apply_files(&fresh.app, &fresh.folder(), &max(20), |_| ()).await);
    assert!(message.contains("00000000000000000_first.sql was not done"), "{message}");
    assert!(fresh.app.schema().find("posts").is_some(), "the code's collections are there already");
    fresh.writes("00000000000000000_first.sql", "-- up\nSELECT 1;\n");
    let mut applied = 0;
    apply_files(&fresh.app, &fresh.folder(), &max(20), |_| applied += 1).await.expect("applies");
    assert_eq!(applied, 3);
    assert_eq!(fresh.wants(&max(20)).await, [""; 0]);
}

#[tokio::test]
async fn a_database_that_is_as_the_code_wants_it_goes_through_what_lies_between_all_the_same() {
    let dev = House::new().await;
    let plain = posts(json!([title()]));
    let on_the_way = posts(json!([title(), { "name": "short", "type": "text" }]));
    dev.wants(&plain).await;
    difference(&dev.app, &dev.folder(), Some("add"), &on_the_way).await.expect("writes");
    dev.writes(
        "20990101000000000_fill.sql",
        "-- up\nUPDATE posts SET short = substr(title, 1, 3), title = short || title;\n",
    );
    apply_files(&dev.app, &dev.folder(), &on_the_way, |_| ()).await.expect("applies");
    difference(&dev.app, &dev.folder(), Some("remove"), &plain).await.expect("writes");
    apply_files(&dev.app, &dev.folder(), &plain, |_| ()).await.expect("applies");
    let old = House::new().await;
    old.wants(&plain).await;
    old.pulls(&dev);
    let mut applied = 0;
    apply_files(&old.app, &old.folder(), &plain, |_| applied += 1).await.expect("applies");
    assert_eq!(applied, 3);
    old.is_as(&dev).await;
    // A collection that the code made counts as such only until the first migrations are through.
    let fresh = House::new().await;
    fresh.pulls(&dev);
    fresh.writes("20990101000000000_fill.sql", "-- up\nSELECT 1;\n");
    apply_files(&fresh.app, &fresh.folder(), &plain, |_| ()).await.expect("applies");
    assert_eq!(fresh.rows("SELECT value FROM _params WHERE id = 'createdByCode'").await, [""; 0]);
}

#[tokio::test]
async fn values_that_were_the_same_are_told_apart_only_with_consent() {
    let house = House::new().await;
    let with = |index: &str| vec![wanted(json!({ "name": "posts", "fields": [title()], "indexes": [index] }))];
    let nocase = "CREATE UNIQUE INDEX i ON posts (title COLLATE NOCASE)";
    let exact = "CREATE UNIQUE INDEX j ON posts (title)";
    house.wants(&with(exact)).await;
    house.run("INSERT INTO posts (id, title) VALUES ('p1', 'Ann')").await;
    house.wants(&with("CREATE UNIQUE INDEX k ON posts (title COLLATE binary)")).await;
    // Stricter than it was: nothing is lost, and the database refuses what does not fit.
    house.wants(&with(nocase)).await;
    house.wants(&with("CREATE UNIQUE INDEX l ON posts (`title` collate nocase)")).await;
    for looser in [exact, "CREATE UNIQUE INDEX m ON posts (title COLLATE RTRIM)"] {
        let message = house.stops(&with(looser)).await;
        assert!(message.contains("1 record would no longer be kept apart"), "{message}");
    }
}
