//! Collections as the API changes them, over a real database.

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

use super::{create, delete, import, list, truncate, update, view};
use crate::{
    Error, Kind, Result,
    service::{App, AppOptions, records::ListQuery, settings, views},
    store::inspect::describe_select,
};

struct House {
    _dir: tempfile::TempDir,
    app: App,
}

fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

fn parsed(bytes: Result<Vec<u8>>) -> Json {
    serde_json::from_slice(&bytes.unwrap_or_else(|error| panic!("{error:?}"))).expect("json")
}

impl House {
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let app = App::open(AppOptions::new(dir.path())).await.expect("opens");
        Self { _dir: dir, app }
    }

    async fn create(&self, json: Json) -> Json {
        parsed(create(&self.app, object(json)).await)
    }

    async fn update(&self, name: &str, json: Json) -> Json {
        parsed(update(&self.app, name, object(json)).await)
    }

    async fn cannot_create(&self, json: Json) -> Error {
        create(&self.app, object(json)).await.expect_err("refused")
    }

    async fn cannot_update(&self, name: &str, json: Json) -> Error {
        let before = (self.app.schema(), self.tables().await);
        let error = update(&self.app, name, object(json)).await.expect_err("refused");
        assert_eq!(before.0.collections(), self.app.schema().collections());
        assert_eq!(before.1, self.tables().await);
        error
    }

    async fn run(&self, sql: &'static str) {
        self.app.store().db().write(move |conn| conn.run_script(sql)).await.expect(sql);
    }

    async fn rows(&self, sql: &'static str) -> Vec<String> {
        let work = move |conn: &crate::store::Conn| Ok(describe_select(conn, sql, 100)?.rows);
        let rows = self.app.store().db().read(&Default::default(), work).await.expect(sql);
        rows.iter().map(|row| format!("{row:?}")).collect()
    }

    async fn tables(&self) -> Vec<String> {
        self.rows("SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name").await
    }

    /// `cats`, `posts` with relations to it, and a view over posts.
    async fn furnished() -> Self {
        let house = Self::new().await;
        let cats = house.create(json!({ "name": "cats", "fields": [{ "name": "title", "type": "text" }] })).await;
        let cats = cats["id"].clone();
        house
            .create(json!({ "name": "posts", "fields": [
                { "name": "title", "type": "text" },
                { "name": "n", "type": "number" },
                { "name": "cat", "type": "relation", "collectionId": cats, "maxSelect": 1 },
                { "name": "cats", "type": "relation", "collectionId": cats, "maxSelect": 5 },
            ], "indexes": ["CREATE INDEX idx_posts_n ON posts (n)"] }))
            .await;
        house
            .create(json!({ "name": "shown", "type": "view", "viewQuery": "select id, title, cats from posts", "listRule": "title != ''" }))
            .await;
        house
            .run(
                "INSERT INTO cats (id, title) VALUES ('c1', 'one'), ('c2', 'two');
                 INSERT INTO posts (id, title, n, cat) VALUES ('p1', 'first', 3, 'c1');
                 INSERT INTO _rel_posts_cats (source, target, position) VALUES ('p1', 'c2', 0), ('p1', 'c1', 1)",
            )
            .await;
        house
    }
}

fn codes(error: &Error) -> Json {
    fn only(json: &Json) -> Json {
        match json.get("code") {
            Some(code) => code.clone(),
            None => json.as_object().into_iter().flatten().map(|(key, one)| (key.clone(), only(one))).collect(),
        }
    }
    only(&error.field_errors().to_json())
}

#[tokio::test]
async fn a_new_app_has_the_system_collections_and_users() {
    let house = House::new().await;
    let names: Vec<_> = house.app.schema().collections().iter().map(|one| one.name.clone()).collect();
    assert_eq!(names, ["_mfas", "_otps", "_externalAuths", "_authOrigins", "_superusers", "users"]);
    let dir = house.app.options().dir.clone();
    house.app.close().await;
    let again = App::open(AppOptions::new(dir)).await.expect("opens");
    assert_eq!(again.schema().collections(), house.app.schema().collections());
}

#[tokio::test]
async fn a_created_collection_is_there_after_a_restart() {
    let house = House::furnished().await;
    let posts = parsed(view(&house.app, "POSTS"));
    assert_eq!(posts["id"], "pbc_1125843985");
    assert_eq!(posts["fields"][0]["id"], "text3208210256");
    assert_eq!(posts["indexes"], json!(["CREATE INDEX idx_posts_n ON posts (n)"]));
    house.app.close().await;
    let again = App::open(AppOptions::new(house.app.options().dir.clone())).await.expect("opens");
    assert_eq!(parsed(view(&again, "posts")), posts);
    assert_eq!(again.schema().collections(), house.app.schema().collections());
    assert_eq!(view(&again, "nope").expect_err("missing").kind(), Kind::NotFound);
}

#[tokio::test]
async fn every_wrong_property_is_reported_at_once() {
    let house = House::furnished().await;
    let error = house
        .cannot_create(json!({ "name": "a b", "listRule": "nope = 1", "fields": [{ "name": "s", "type": "select" }], "indexes": ["foo"] }))
        .await;
    assert_eq!(error.message(), "Failed to create collection.");
    let expected = json!({
        "name": "validation_match_invalid", "listRule": "validation_invalid_rule",
        "fields": { "1": { "values": "validation_required" } }, "indexes": { "0": "validation_invalid_index_expression" },
    });
    assert_eq!(codes(&error), expected);
    let rule = error.field_errors().to_json()["listRule"]["message"].clone();
    assert_eq!(rule, "Invalid rule. Raw error: invalid left operand \"nope\" - unknown field \"nope\".");
    for (body, message) in [
        (json!({ "name": 5 }), "Failed to load the submitted data due to invalid formatting."),
        (
            json!({ "name": "x", "fields": [{ "name": "s", "type": "nope" }] }),
            "Failed to load the submitted data due to invalid formatting.",
        ),
    ] {
        assert_eq!(house.cannot_create(body).await.message(), message);
    }
    let error = house.cannot_create(json!({ "name": "POSTS" })).await;
    assert_eq!(codes(&error), json!({ "name": "validation_collection_name_exists" }));
}

#[tokio::test]
async fn a_refused_index_leaves_everything_as_it_was() {
    let house = House::furnished().await;
    let error = house.cannot_update("posts", json!({ "indexes": ["create index x on posts (nope)"] })).await;
    let index = error.field_errors().to_json()["indexes"]["0"].clone();
    assert_eq!(index["code"], "validation_invalid_index_expression");
    assert_eq!(index["message"], "Failed to create index x - SQL logic error: no such column: nope (1).");
}

#[tokio::test]
async fn a_view_follows_the_fields_it_shows() {
    let house = House::furnished().await;
    let mut fields = parsed(view(&house.app, "posts"))["fields"].clone();
    fields[1]["max"] = 7.into();
    house.update("posts", json!({ "fields": fields })).await;
    let shown = parsed(view(&house.app, "shown"));
    assert_eq!((&shown["fields"][1]["name"], &shown["fields"][1]["max"]), (&json!("title"), &json!(7)));
    assert_eq!(house.rows("SELECT cats FROM shown").await, [r#"[Text("[\"c2\",\"c1\"]")]"#]);

    fields[1]["name"] = "name".into();
    let error = house.cannot_update("posts", json!({ "fields": fields })).await;
    let message = "Failed to update collection. Raw error: \nfailed to save view shown - SQL logic error: no such column: title (1).";
    assert_eq!(error.message(), message);
}

#[tokio::test]
async fn a_renamed_collection_keeps_its_records_indexes_views_and_rate_limits() {
    let house = House::furnished().await;
    let rule = json!({ "rules": [{ "label": "posts:create", "maxRequests": 9, "duration": 1 }] });
    settings::update(&house.app, object(json!({ "rateLimits": rule }))).await.expect("settings");
    let renamed = house.update("posts", json!({ "name": "Articles" })).await;
    assert_eq!(renamed["indexes"], json!(["CREATE INDEX `idx_posts_n` ON `Articles` (`n`)"]));
    assert_eq!(house.rows("SELECT title, cat FROM Articles").await, [r#"[Text("first"), Text("c1")]"#]);
    assert_eq!(house.rows("SELECT count(*) FROM _rel_Articles_cats").await, ["[Int(2)]"]);
    assert_eq!(house.app.settings().rate_limits.rules[0].label, "Articles:create");
    assert_eq!(parsed(view(&house.app, "shown"))["viewQuery"], "select id, title, cats from Articles");
    assert_eq!(house.rows("SELECT id FROM shown").await, [r#"[Text("p1")]"#]);
}

#[tokio::test]
async fn an_id_in_use_is_refused_and_its_owner_untouched() {
    let house = House::furnished().await;
    let before = parsed(view(&house.app, "posts"));
    let error = house.cannot_create(json!({ "name": "other", "id": "pbc_1125843985" })).await;
    assert_eq!(codes(&error), json!({ "id": "validation_invalid_or_existing_id" }));
    assert_eq!(parsed(view(&house.app, "posts")), before);
}

#[tokio::test]
async fn a_view_query_is_checked_with_its_rules() {
    let house = House::furnished().await;
    for (body, expected) in [
        (json!({}), json!({ "fields": "validation_required", "viewQuery": "validation_required" })),
        (
            json!({ "viewQuery": "select id, nope from posts" }),
            json!({ "fields": "validation_required", "viewQuery": "validation_invalid_view_query" }),
        ),
        (json!({ "viewQuery": "select id from posts", "updateRule": "" }), json!({ "updateRule": "validation_nil" })),
        (
            json!({ "viewQuery": "select id from posts", "listRule": "n=1" }),
            json!({ "listRule": "validation_invalid_rule" }),
        ),
    ] {
        let mut body = object(body);
        body.extend(object(json!({ "name": "v", "type": "view" })));
        assert_eq!(codes(&house.cannot_create(body.into()).await), expected);
    }
    let dry = parsed(views::dry_run(&house.app, "select id, cats, title, n + 1 as m from posts").await);
    let sample = &dry["sample"][0];
    assert_eq!((&sample["cats"], &sample["title"], &sample["m"]), (&json!(["c2", "c1"]), &json!("first"), &json!(4)));
    let error = views::dry_run(&house.app, "select title from posts").await.expect_err("refused");
    assert!(error.message().starts_with("Invalid view query. Raw error: \nmissing required id column"), "{error}");
}

#[tokio::test]
async fn a_view_reads_no_secrets() {
    let house = House::furnished().await;
    house.run("CREATE TABLE theirs (id TEXT, n INTEGER); CREATE VIEW detour AS SELECT * FROM _params").await;
    let fine = [
        "select id, email, verified from users",
        "select id, count(*) as n from _superusers group by id",
        "select id, n from theirs",
        "select (source || target) as id from _rel_posts_cats",
        "select users.id, j.value as v from users, json_each('[1]') j",
    ];
    for query in fine {
        views::dry_run(&house.app, query).await.unwrap_or_else(|error| panic!("{query}: {error:?}"));
    }
    for (query, name) in [
        ("select id, ('' || value) as v from _params", "_params"),
        ("select id from \"_PARAMS\"", "_params"),
        ("select id, (select count(*) from _totp) as n from posts", "_totp"),
        ("select id, json_extract(options, '$.authToken.secret') as s from _collections", "_collections"),
        ("select id from posts where exists (select 1 from _api_keys)", "_api_keys"),
        ("with x as (select * from _sessions) select id from x", "_sessions"),
        ("select rowid as id, sql as s from sqlite_schema", "sqlite_master"),
        ("select id from detour", "_params"),
        ("select id, ('' || password) as p from _superusers", "_superusers.password"),
        ("select id, TokenKey as k from users u", "users.tokenKey"),
        ("select id from users order by tokenKey", "users.tokenKey"),
        ("with x as (select * from users) select id, email from x", "users."),
        ("select id, ('' || password) as p from _otps", "_otps.password"),
    ] {
        let error = views::dry_run(&house.app, query).await.expect_err(query);
        assert_eq!(error.kind(), Kind::Invalid, "{query}");
        assert!(
            error.message().contains(name) && error.message().contains("a view cannot read it"),
            "{query}: {error}"
        );
        let saved = json!({ "name": "leak", "type": "view", "viewQuery": query });
        assert_eq!(codes(&house.cannot_create(saved).await)["viewQuery"], "validation_invalid_view_query", "{query}");
    }
    assert_eq!(house.rows("SELECT count(*) FROM _params").await.len(), 1, "the guard is gone");
}

#[tokio::test]
async fn what_others_need_cannot_be_deleted() {
    let house = House::furnished().await;
    for (name, message) in [
        ("cats", "Failed to delete collection probably due to existing reference in posts, shown."),
        ("posts", "Failed to delete collection."),
        ("_superusers", "Failed to delete collection."),
    ] {
        assert_eq!(delete(&house.app, name).await.expect_err(name).message(), message);
    }
    for name in ["shown", "posts", "cats"] {
        delete(&house.app, name).await.unwrap_or_else(|error| panic!("{name}: {error:?}"));
    }
    assert_eq!(delete(&house.app, "posts").await.expect_err("gone").kind(), Kind::NotFound);
    assert!(!house.tables().await.iter().any(|table| table.contains("posts")));
}

#[tokio::test]
async fn collections_are_listed_by_page_filter_and_sort() {
    let house = House::furnished().await;
    let asked = |filter: &str, sort: &str, per_page| ListQuery {
        page: 1,
        per_page,
        filter: filter.to_owned(),
        sort: sort.to_owned(),
        ..ListQuery::default()
    };
    let page = parsed(list(&house.app, &asked("system = false && type != 'auth'", "-name", 2)).await);
    let names: Vec<_> = page["items"].as_array().expect("items").iter().map(|one| one["name"].clone()).collect();
    assert_eq!(names, ["shown", "posts"]);
    assert_eq!((&page["totalItems"], &page["totalPages"], &page["perPage"]), (&json!(3), &json!(2), &json!(2)));
    for (filter, sort) in [("listRule = ''", ""), ("", "fields"), ("@request.auth.id = ''", ""), ("name =", "")] {
        let error = list(&house.app, &asked(filter, sort, 30)).await.expect_err(filter);
        assert_eq!((error.kind(), error.field_errors().is_empty()), (Kind::Invalid, true), "{filter}{sort}");
    }
}

#[tokio::test]
async fn a_truncated_collection_is_empty_and_a_view_cannot_be() {
    let house = House::furnished().await;
    let info = Arc::default();
    assert_eq!(truncate(&house.app, Arc::clone(&info), "shown").await.expect_err("view").kind(), Kind::Invalid);
    truncate(&house.app, Arc::clone(&info), "cats").await.expect("empties");
    assert_eq!(house.rows("SELECT cat FROM posts").await, ["[Null]"]);
    truncate(&house.app, info, "posts").await.expect("empties");
    assert!(house.rows("SELECT id FROM posts UNION SELECT id FROM cats").await.is_empty());
}

#[tokio::test]
async fn imported_collections_may_need_each_other_in_any_order() {
    let house = House::new().await;
    let body = object(json!({ "collections": [
        { "name": "v", "type": "view", "viewQuery": "select id, a, r from one" },
        { "name": "one", "fields": [{ "name": "a", "type": "text" }, { "name": "r", "type": "relation", "collectionId": "two0", "maxSelect": 1 }] },
        { "id": "two0", "name": "two", "fields": [{ "name": "b", "type": "text" }], "listRule": "@collection.v.a = b" },
    ] }));
    import(&house.app, &body).await.unwrap_or_else(|error| panic!("{error:?}"));
    let more = json!({ "collections": [{ "name": "one", "fields": [{ "name": "c", "type": "text" }] }] });
    import(&house.app, &object(more)).await.expect("merges");
    let one = parsed(view(&house.app, "one"));
    let names: Vec<_> = one["fields"].as_array().expect("fields").iter().map(|field| field["name"].clone()).collect();
    assert_eq!(names, ["c", "id", "a", "r"]);
    let less = json!({ "deleteMissing": true, "collections": [{ "name": "two", "listRule": null }] });
    import(&house.app, &object(less)).await.unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(house.app.schema().collections().len(), 6);
}

#[tokio::test]
async fn a_failing_import_says_which_collection_and_why() {
    let house = House::furnished().await;
    let before = house.app.schema();
    for (collections, message) in [
        (
            json!([{ "name": "bad name" }]),
            "Data validations failed for collection \"bad name\" (pbc_3080758453):\n{\n  \"name\": \"must be in a valid format\"\n}.",
        ),
        (
            json!([{ "name": "x" }, { "name": "w", "type": "view", "viewQuery": "select nope" }]),
            "Failed to import the collections configuration. Raw error:\nfailed to save collection \"w\": SQL logic error: no such column: nope (1).",
        ),
        (
            json!([{ "name": "x", "listRule": "nope=1" }]),
            "Data validations failed for collection \"x\" (pbc_3064591283):\n{\n  \"listRule\": \"Invalid rule. Raw error: invalid left operand \\\"nope\\\" - unknown field \\\"nope\\\"\"\n}.",
        ),
    ] {
        let error = import(&house.app, &object(json!({ "collections": collections }))).await.expect_err("refused");
        assert_eq!(error.message(), "Failed to import collections.");
        assert_eq!(error.field_errors().to_json()["collections"]["message"], message);
        assert_eq!(before.collections(), house.app.schema().collections());
    }
    let error = import(&house.app, &object(json!({ "collections": [] }))).await.expect_err("refused");
    assert_eq!(error.message(), "An error occurred while validating the submitted data.");
}
