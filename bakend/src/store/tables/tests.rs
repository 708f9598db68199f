//! Tables before and after a change, with their data.

use std::sync::Arc;

use super::*;
use crate::{
    Kind,
    schema::Scalar,
    store::{
        Db,
        inspect::describe_select,
        testing::{
            TestStore, cascading, collection, field, file, lines, relation, required, run, schema, select, store, text,
        },
    },
};

async fn create(db: &Db, schema: &Schema, collection: &Collection) -> Result<()> {
    let (schema, collection) = (schema.clone(), collection.clone());
    db.write(move |conn| create_table(conn, &schema, &collection)).await
}

async fn alter(db: &Db, schema: &Schema, old: &Collection, new: &Collection) -> Result<()> {
    let schema = schema.with(Arc::new(new.clone()));
    let (old, new) = (old.clone(), new.clone());
    db.write(move |conn| alter_table(conn, &schema, &old, &new)).await
}

fn without(collection: &Collection, name: &str) -> Collection {
    let mut changed = collection.clone();
    changed.fields.retain(|field| field.name != name);
    changed
}

fn with(collection: &Collection, name: &str, change: impl FnOnce(&mut Field)) -> Collection {
    let mut changed = collection.clone();
    change(changed.fields.iter_mut().find(|field| field.name == name).expect("there is such a field"));
    changed
}

/// Three posts, the first two by an author, the first with two tags.
async fn blog() -> (TestStore, Schema, Collection) {
    let users = collection("users", []);
    let tags = collection("tags", []);
    let posts = collection(
        "posts",
        [
            text("title"),
            select("kind", 1),
            file("docs", 5),
            relation("author", "users", 1),
            relation("tags", "tags", 9),
            relation("parent", "posts", 1),
        ],
    );
    let schema = schema([&posts, &tags, &users]);
    let test = store().await;
    for collection in schema.collections() {
        create(&test.store.db(), &schema, collection).await.expect("the table is created");
    }
    run(
        &test.store.db(),
        "INSERT INTO users VALUES ('u1'), ('u2'); INSERT INTO tags VALUES ('t1'), ('t2'), ('t3');
         INSERT INTO posts (id, title, kind, docs, author, parent) VALUES
             ('p1', 'one', 'a', '[\"x\",\"y\"]', 'u1', NULL), ('p2', 'two', '', '[]', 'u1', 'p1'),
             ('p3', 'three', 'c', 'broken', NULL, 'p3');
         INSERT INTO _rel_posts_tags VALUES ('p1', 't2', 0), ('p1', 't1', 1)",
    )
    .await;
    (test, schema, posts)
}

#[tokio::test]
async fn every_column_type_has_its_zero_value() {
    use crate::schema::field::{json::JsonOptions, number::NumberOptions};
    let test = store().await;
    let db = test.store.db();
    let all = collection(
        "all",
        [
            text("a"),
            field("b", FieldKind::Number(NumberOptions::default())),
            field("c", FieldKind::Bool),
            field("d", FieldKind::Json(JsonOptions::default())),
            select("e", 3),
            field("f", FieldKind::GeoPoint),
            relation("g", "all", 1),
        ],
    );
    create(&db, &schema([&all]), &all).await.unwrap();
    run(&db, "INSERT INTO \"all\" DEFAULT VALUES").await;
    let found = lines(&db, "SELECT length(id), a, b, c, d, e, f, g FROM \"all\"").await;
    assert_eq!(found, ["15||0|0|NULL|[]|{\"lon\":0,\"lat\":0}|NULL"]);
    run(&db, "UPDATE \"all\" SET d = '1.0'").await;
    assert_eq!(lines(&db, "SELECT typeof(d), d FROM \"all\"").await, ["text|1.0"]);
}

#[tokio::test]
async fn relations_do_what_their_options_say_when_their_target_goes() {
    let test = store().await;
    let db = test.store.db();
    let users = collection("users", []);
    let notes = collection(
        "notes",
        [
            relation("plain", "users", 1),
            cascading(relation("owner", "users", 1)),
            required(relation("needed", "users", 1)),
            relation("many", "users", 5),
        ],
    );
    let schema = schema([&notes, &users]);
    create(&db, &schema, &notes).await.expect("before the table that it points at");
    create(&db, &schema, &users).await.unwrap();
    run(
        &db,
        "INSERT INTO users VALUES ('a'), ('b'), ('c'), ('d');
         INSERT INTO notes VALUES ('n1', 'a', 'b', 'c'), ('n2', 'b', 'a', 'c');
         INSERT INTO _rel_notes_many VALUES ('n1', 'a', 0), ('n1', 'd', 1)",
    )
    .await;
    let refused = db.write(|conn| conn.run_script("DELETE FROM users WHERE id = 'c'")).await.unwrap_err();
    assert!(crate::store::is_foreign_key(&refused));
    run(&db, "DELETE FROM users WHERE id = 'a'").await;
    assert_eq!(lines(&db, "SELECT * FROM notes").await, ["n1|NULL|b|c"]);
    assert_eq!(lines(&db, "SELECT * FROM _rel_notes_many").await, ["n1|d|1"]);
    for index in ["_fk_notes.plain", "_fk_notes.owner", "_fk_notes.needed", "_rel_notes_many.target"] {
        let sql = format!("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name = '{index}'");
        assert_eq!(lines(&db, &sql).await, ["1"], "{index}");
    }
}

#[tokio::test]
async fn a_relation_that_has_an_index_gets_no_second_one() {
    let test = store().await;
    let mut notes = collection("notes", [relation("up", "notes", 1), relation("down", "notes", 1)]);
    notes.indexes = vec![
        "CREATE INDEX a ON notes (up, down)".to_owned(),
        "CREATE INDEX b ON notes (down) WHERE down IS NOT NULL".to_owned(),
    ];
    create(&test.store.db(), &schema([&notes]), &notes).await.unwrap();
    let found = lines(&test.store.db(), "SELECT name FROM sqlite_schema WHERE name LIKE '\\_fk%' ESCAPE '\\'").await;
    assert_eq!(found, ["_fk_notes.down"]);
}

#[tokio::test]
async fn an_index_that_is_refused_is_named_and_nothing_stays() {
    let test = store().await;
    let db = test.store.db();
    let mut notes = collection("notes", [text("title")]);
    notes.indexes =
        vec!["CREATE INDEX fine ON notes (title)".to_owned(), "CREATE INDEX idx_nope ON notes (nope)".to_owned()];
    let schema = schema([&notes]);
    let refused = create(&db, &schema, &notes).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Invalid);
    let leaf = &refused.field_errors().to_json()["indexes"]["1"];
    assert_eq!(leaf["code"], "validation_invalid_index_expression");
    assert_eq!(leaf["message"], "Failed to create index idx_nope - SQL logic error: no such column: nope (1).");
    assert_eq!(lines(&db, "SELECT name FROM sqlite_schema WHERE tbl_name = 'notes'").await, [""; 0]);
    notes.indexes = vec!["CREATE INDEX a ON notes (title); DROP TABLE _params".to_owned()];
    assert!(create(&db, &schema, &notes).await.unwrap_err().to_string().contains("only one statement"));
}

#[tokio::test]
async fn fields_are_renamed_even_when_they_swap_names() {
    let (test, schema, posts) = blog().await;
    let db = test.store.db();
    let mut swapped = posts.clone();
    for field in &mut swapped.fields {
        field.name = match field.name.as_str() {
            "title" => "kind".to_owned(),
            "kind" => "Title".to_owned(),
            "tags" => "labels".to_owned(),
            other => other.to_owned(),
        };
    }
    alter(&db, &schema, &posts, &swapped).await.unwrap();
    assert_eq!(lines(&db, "SELECT id, kind, Title FROM posts").await, ["p1|one|a", "p2|two|", "p3|three|c"]);
    assert_eq!(lines(&db, "SELECT * FROM _rel_posts_labels ORDER BY position").await, ["p1|t2|0", "p1|t1|1"]);
}

#[tokio::test]
async fn a_renamed_collection_keeps_everything() {
    let (test, schema, posts) = blog().await;
    let db = test.store.db();
    for name in ["articles", "Articles"] {
        let mut renamed = posts.clone();
        renamed.name = name.to_owned();
        alter(&db, &schema, &posts, &renamed).await.unwrap();
        assert_eq!(lines(&db, &format!("SELECT count(*) FROM {name}")).await, ["3"]);
        assert_eq!(lines(&db, &format!("SELECT count(*) FROM _rel_{name}_tags")).await, ["2"]);
        let mut indexes = lines(&db, "SELECT name FROM sqlite_schema WHERE type = 'index' AND name LIKE '%.%'").await;
        indexes.sort();
        let expected = [format!("_fk_{name}.author"), format!("_fk_{name}.parent"), format!("_rel_{name}_tags.target")];
        assert_eq!(indexes, expected);
        run(&db, "DELETE FROM users WHERE id = 'u2'; DELETE FROM tags WHERE id = 't3'").await;
        assert_eq!(lines(&db, "PRAGMA foreign_key_check").await, [""; 0]);
        alter(&db, &schema, &renamed, &posts).await.unwrap();
    }
    let mut other_case = posts.clone();
    other_case.name = "Posts".to_owned();
    alter(&db, &schema, &posts, &other_case).await.unwrap();
    assert_eq!(
        lines(&db, "SELECT name FROM sqlite_schema WHERE name LIKE '%posts%' AND type = 'table'").await.len(),
        2
    );
}

#[tokio::test]
async fn single_and_multiple_values_become_each_other() {
    let (test, schema, posts) = blog().await;
    let db = test.store.db();
    let mut turned = posts.clone();
    for field in &mut turned.fields {
        match &mut field.kind {
            FieldKind::Select(options) => options.max_select = 3,
            FieldKind::File(options) => options.max_select = 1,
            FieldKind::Relation(options) => options.max_select = if field.name == "tags" { 1 } else { 5 },
            _ => {}
        }
    }
    alter(&db, &schema, &posts, &turned).await.unwrap();
    assert_eq!(
        lines(&db, "SELECT id, kind, docs, tags FROM posts").await,
        ["p1|[\"a\"]|y|t1", "p2|[]||NULL", "p3|[\"c\"]||NULL"]
    );
    assert_eq!(lines(&db, "SELECT * FROM _rel_posts_author").await, ["p1|u1|0", "p2|u1|0"]);
    assert_eq!(lines(&db, "SELECT * FROM _rel_posts_parent").await, ["p2|p1|0", "p3|p3|0"]);
    assert_eq!(lines(&db, "SELECT count(*) FROM sqlite_schema WHERE name = '_rel_posts_tags'").await, ["0"]);
    alter(&db, &schema, &turned, &posts).await.unwrap();
    assert_eq!(
        lines(&db, "SELECT id, kind, docs, author, parent FROM posts").await,
        ["p1|a|[\"y\"]|u1|NULL", "p2||[]|u1|p1", "p3|c|[]|NULL|p3"]
    );
    assert_eq!(lines(&db, "SELECT * FROM _rel_posts_tags").await, ["p1|t1|0"]);
    assert_eq!(lines(&db, "PRAGMA integrity_check").await, ["ok"]);
}

#[tokio::test]
async fn a_relation_takes_over_new_options() {
    let (test, schema, posts) = blog().await;
    let db = test.store.db();
    let changed = with(&posts, "author", |field| *field = cascading(field.clone()));
    alter(&db, &schema, &posts, &changed).await.unwrap();
    run(&db, "DELETE FROM users WHERE id = 'u1'").await;
    assert_eq!(lines(&db, "SELECT id, parent FROM posts").await, ["p3|p3"]);
}

#[tokio::test]
async fn fields_are_added_and_dropped_under_views() {
    let (test, schema, posts) = blog().await;
    let db = test.store.db();
    db.write(|conn| create_view(conn, "titles", "SELECT id, title FROM posts")).await.unwrap();
    let mut changed = without(&without(&without(&posts, "kind"), "tags"), "author");
    changed.fields.extend([text("body"), relation("editors", "users", 3), relation("boss", "users", 1)]);
    changed.indexes = vec!["CREATE UNIQUE INDEX one_title ON posts (title)".to_owned()];
    alter(&db, &schema, &posts, &changed).await.unwrap();
    assert_eq!(
        lines(&db, "SELECT title, docs, parent, body, boss FROM posts WHERE id = 'p2'").await,
        ["two|[]|p1||NULL"]
    );
    assert_eq!(lines(&db, "SELECT count(*) FROM _rel_posts_editors").await, ["0"]);
    assert_eq!(lines(&db, "SELECT count(*) FROM titles").await, ["3"]);
    assert_eq!(lines(&db, "SELECT count(*) FROM sqlite_schema WHERE name = '_rel_posts_tags'").await, ["0"]);

    // A view that broke is put back too: the caller decides.
    let broken = without(&changed, "title");
    let refused = alter(&db, &schema, &changed, &broken).await.unwrap_err();
    assert!(refused.field_errors().to_json()["indexes"]["0"].is_object(), "its index names the field still");
    let broken = Collection { indexes: Vec::new(), ..broken };
    alter(&db, &schema, &changed, &broken).await.unwrap();
    assert_eq!(lines(&db, "SELECT count(*) FROM sqlite_schema WHERE name = 'titles'").await, ["1"]);
    let mut more = broken.clone();
    more.fields.push(text("more"));
    alter(&db, &schema, &broken, &more).await.expect("a broken view is in nobody's way");
    alter(&db, &schema, &more, &without(&more, "docs")).await.expect("nor here");
}

#[tokio::test]
async fn only_the_indexes_that_differ_change() {
    let (test, schema, posts) = blog().await;
    let db = test.store.db();
    let make = |indexes: &[&str]| Collection {
        indexes: indexes.iter().map(|sql| (*sql).to_owned()).collect(),
        ..posts.clone()
    };
    let (a, b, c) =
        ("CREATE INDEX a ON posts (title)", "CREATE INDEX `b` ON posts (kind)", "CREATE INDEX c ON posts (author)");
    alter(&db, &schema, &posts, &make(&[a, b])).await.unwrap();
    alter(&db, &schema, &make(&[a, b]), &make(&[c, a])).await.unwrap();
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'index' AND name IN ('a', 'b', 'c') ORDER BY name";
    assert_eq!(lines(&db, sql).await, ["a", "c"]);
}

#[tokio::test]
async fn a_change_that_fails_leaves_everything_as_it_was() {
    let (test, schema, posts) = blog().await;
    let db = test.store.db();
    let dump = "SELECT type, name, sql FROM sqlite_schema ORDER BY name";
    let before = (lines(&db, dump).await, lines(&db, "SELECT * FROM posts").await);
    let mut changed = with(&without(&posts, "kind"), "docs", |field| field.name = "papers".to_owned());
    changed.name = "articles".to_owned();
    changed.indexes = vec!["CREATE INDEX bad ON articles (gone)".to_owned()];
    alter(&db, &schema, &posts, &changed).await.unwrap_err();
    assert_eq!((lines(&db, dump).await, lines(&db, "SELECT * FROM posts").await), before);
}

#[tokio::test]
async fn a_dropped_table_takes_its_join_tables_along() {
    let (test, schema, posts) = blog().await;
    let db = test.store.db();
    let dropped = posts.clone();
    db.write(move |conn| drop_table(conn, &dropped)).await.unwrap();
    assert_eq!(lines(&db, "SELECT name FROM sqlite_schema WHERE name LIKE '%posts%'").await, [""; 0]);
    create(&db, &schema, &posts).await.expect("the name is free again");
}

#[tokio::test]
async fn a_select_is_described_and_anything_else_refused() {
    let (test, _, _) = blog().await;
    let db = test.store.db();
    let describe = |sql: &str| {
        let (db, sql) = (db.clone(), sql.to_owned());
        async move {
            let outcome = db.write(move |conn| describe_select(conn, &sql, 2)).await;
            assert_eq!(lines(&db, "SELECT count(*) FROM posts").await, ["3"]);
            outcome
        }
    };
    let found = describe("-- posts\nSELECT id, title AS t, count(*) c FROM posts GROUP BY id -- end").await.unwrap();
    let columns: Vec<_> = found.columns.iter().map(|c| (c.name.as_str(), c.declared.as_deref())).collect();
    assert_eq!(columns, [("id", Some("TEXT")), ("t", Some("TEXT")), ("c", None)]);
    assert_eq!(found.rows.len(), 2);
    assert_eq!(found.rows[0], [Scalar::from("p1"), Scalar::from("one"), Scalar::Int(1)]);
    for (sql, words) in [
        ("DELETE FROM posts", "only a SELECT"),
        ("WITH x AS (SELECT 1) DELETE FROM posts", "changes nothing"),
        ("SELECT 1; DELETE FROM posts", "only one statement"),
        ("ATTACH 'x' AS y", "only a SELECT"),
        ("", "only a SELECT"),
        ("SELECT nope FROM posts", "no such column: nope"),
        ("SELECT 'a\0b'", ""),
    ] {
        let refused = describe(sql).await.expect_err(sql);
        let said = reason(&refused).unwrap_or_default();
        assert!(said.contains(words), "{sql}: {said}");
    }
}
