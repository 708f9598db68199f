//! A whole folder of PocketBase, made by hand, and what becomes of it.

use std::{fs, path::Path};

use super::{ImportReport, Progress, pocketbase};
use crate::{
    Kind,
    schema::Scalar,
    service::{collections, settings},
    store::{Store, StoreOptions, inspect::describe_select},
};

const BCRYPT: &str = "$2a$10$abcdefghijklmnopqrstuuJ1sZ3h9r1H1m1m1m1m1m1m1m1m1m1m1";

const SYSTEM_TABLES: &str = r#"
    CREATE TABLE _params (id TEXT PRIMARY KEY NOT NULL, value JSON DEFAULT NULL, created TEXT, updated TEXT);
    INSERT INTO _params VALUES ('settings', CAST('{"meta":{"appName":"Cats"},"smtp":{"password":"s3cret"}}' AS BLOB), '', '');
    CREATE TABLE _collections (id TEXT PRIMARY KEY NOT NULL, system BOOLEAN DEFAULT FALSE NOT NULL, type TEXT NOT NULL,
        name TEXT UNIQUE NOT NULL, fields JSON DEFAULT '[]' NOT NULL, indexes JSON DEFAULT '[]' NOT NULL, listRule TEXT, viewRule TEXT,
        createRule TEXT, updateRule TEXT, deleteRule TEXT, options JSON DEFAULT '{}' NOT NULL,
        created TEXT DEFAULT '' NOT NULL, updated TEXT DEFAULT '' NOT NULL);"#;

const ID: &str = r#"{"autogeneratePattern":"[a-z0-9]{15}","hidden":false,"id":"text3208210256","max":15,"min":15,"name":"id","pattern":"^[a-z0-9]+$",
    "presentable":false,"primaryKey":true,"required":true,"system":true,"type":"text"}"#;

const TABLES: &str = "
    CREATE TABLE posts (id TEXT PRIMARY KEY NOT NULL, title TEXT DEFAULT '' NOT NULL, n NUMERIC DEFAULT 0 NOT NULL, live BOOLEAN DEFAULT FALSE NOT NULL,
        cat TEXT DEFAULT '' NOT NULL, cats JSON DEFAULT '[]' NOT NULL, parent TEXT DEFAULT '' NOT NULL, meta JSON DEFAULT NULL, doc TEXT DEFAULT '' NOT NULL,
        made TEXT DEFAULT '' NOT NULL);
    INSERT INTO posts VALUES ('p00000000000001', 'one', 3, 1, 'c00000000000001', '[\"c00000000000002\",\"c00000000000001\"]', 'p00000000000002', '{\"a\":[1]}', 'a_1.txt', '2020-01-02 03:04:05.678Z');
    INSERT INTO posts VALUES ('p00000000000002', 'two', 0.5, 0, 'cgone0000000000', '[\"cgone0000000000\",\"c00000000000002\"]', '', NULL, '', '2020-01-02 03:04:05.679Z');
    CREATE TABLE cats (id TEXT PRIMARY KEY NOT NULL, name TEXT DEFAULT '' NOT NULL);
    INSERT INTO cats VALUES ('c00000000000001', 'Tom'), ('c00000000000002', 'Tim');
    CREATE TABLE people (id TEXT PRIMARY KEY NOT NULL, password TEXT DEFAULT '' NOT NULL, tokenKey TEXT DEFAULT '' NOT NULL, email TEXT DEFAULT '' NOT NULL,
        emailVisibility BOOLEAN DEFAULT FALSE NOT NULL, verified BOOLEAN DEFAULT FALSE NOT NULL);";

/// A data folder in `root/pb_data`, with hooks beside it.
fn source(root: &Path) {
    let dir = root.join("pb_data");
    fs::create_dir_all(dir.join("storage/c_posts/p00000000000001/thumbs_a_1.txt")).expect("folder");
    fs::create_dir_all(root.join("pb_hooks")).expect("folder");
    for (path, content) in [
        ("pb_hooks/main.pb.js", "routerAdd()"),
        ("pb_data/storage/c_posts/p00000000000001/a_1.txt", "hello"),
        ("pb_data/storage/c_posts/p00000000000001/a_1.txt.attrs", "{}"),
        ("pb_data/storage/c_posts/p00000000000001/thumbs_a_1.txt/10x10.txt", "thumb"),
    ] {
        fs::write(root.join(path), content).expect("file");
    }
    let database = rusqlite::Connection::open(dir.join("data.db")).expect("database");
    database.execute_batch(SYSTEM_TABLES).expect("system tables");
    database.execute_batch(TABLES).expect("tables");
    database
        .execute("INSERT INTO people VALUES ('u00000000000001', ?, 'key', 'ana@example.com', 1, 1)", [BCRYPT])
        .expect("account");
    let posts = format!(
        r#"[{ID},{{"id":"t1","name":"title","type":"text"}},{{"id":"n1","name":"n","type":"number"}},{{"id":"b1","name":"live","type":"bool"}},
        {{"id":"r1","name":"cat","type":"relation","collectionId":"c_cats","maxSelect":1,"required":true}},
        {{"id":"r2","name":"cats","type":"relation","collectionId":"c_cats","maxSelect":9}},
        {{"id":"r3","name":"parent","type":"relation","collectionId":"c_posts","maxSelect":1}},
        {{"id":"j1","name":"meta","type":"json"}},{{"id":"f1","name":"doc","type":"file","maxSelect":1}},
        {{"id":"r4","name":"lost","type":"relation","collectionId":"c_gone","maxSelect":1}},
        {{"id":"a1","name":"made","type":"autodate","onCreate":true,"onUpdate":true}}]"#
    );
    let cats = format!(r#"[{ID},{{"id":"t1","name":"name","type":"text"}}]"#);
    let people = format!(
        r#"[{ID},{{"id":"p1","name":"password","type":"password","system":true,"hidden":true,"required":true,"min":8}},
        {{"id":"k1","name":"tokenKey","type":"text","system":true,"hidden":true,"required":true,"min":30,"max":60}},
        {{"id":"e1","name":"email","type":"email","system":true}},{{"id":"v1","name":"emailVisibility","type":"bool","system":true}},
        {{"id":"v2","name":"verified","type":"bool","system":true}}]"#
    );
    let token = r#"{"secret":"abcdefghijklmnopqrstuvwxyzabcdefghij","duration":100}"#;
    let options = format!(r#"{{"authRule":"","manageRule":null,"authToken":{token},"fileToken":{token}}}"#);
    let view = r#"{"viewQuery":"select id, title, cats from posts"}"#;
    let broken = r#"{"viewQuery":"select id, nope from posts"}"#;
    let second = r#"{"viewQuery":"select id, title from view_one"}"#;
    let indexes = r#"["CREATE INDEX idx_title ON posts (title)","CREATE INDEX idx_cats ON posts (cats)"]"#;
    for (id, kind, name, fields, indexes, options) in [
        ("c_two", "view", "view_two", "[]", "[]", second),
        ("c_posts", "base", "posts", posts.as_str(), indexes, "{}"),
        ("c_cats", "base", "cats", cats.as_str(), "[]", "{}"),
        ("c_people", "auth", "people", people.as_str(), "[]", options.as_str()),
        ("c_one", "view", "view_one", "[]", "[]", view),
        ("c_broken", "view", "view_broken", "[]", "[]", broken),
    ] {
        let sql = "INSERT INTO _collections (id, type, name, fields, indexes, options, listRule, created, updated)
            VALUES (?, ?, ?, ?, ?, ?, 'id != \"\"', '2020-01-01 00:00:00.000Z', '2020-01-01 00:00:00.000Z')";
        database.execute(sql, (id, kind, name, fields, indexes, options)).expect("collection");
    }
}

async fn import(root: &Path) -> crate::Result<ImportReport> {
    pocketbase(&root.join("pb_data"), &root.join("bak_data"), |_| {}).await
}

async fn rows(store: &Store, sql: &'static str) -> Vec<Vec<Scalar>> {
    store.db().read(&Default::default(), move |conn| Ok(describe_select(conn, sql, 100)?.rows)).await.expect(sql)
}

fn texts(row: &[Scalar]) -> Vec<String> {
    row.iter()
        .map(|value| match value {
            Scalar::Null => "NULL".to_owned(),
            Scalar::Int(number) => number.to_string(),
            Scalar::Real(number) => number.to_string(),
            Scalar::Text(text) => text.clone(),
        })
        .collect()
}

#[tokio::test]
async fn a_folder_comes_over_with_ids_dates_hashes_and_files() {
    let root = tempfile::tempdir().expect("a folder");
    source(root.path());
    let mut steps = Vec::new();
    let (from, to) = (root.path().to_owned(), root.path().join("bak_data"));
    let report = pocketbase(&from, &to, |step| steps.push(step)).await.expect("imports");
    assert!(steps.contains(&Progress::Records { collection: "posts".to_owned(), done: 2, total: 2 }), "{steps:?}");

    let store = Store::open(StoreOptions::new(&to)).await.expect("opens");
    let posts = rows(&store, "SELECT id, title, n, live, cat, parent, meta, doc, made FROM posts ORDER BY id").await;
    assert_eq!(texts(&posts[0])[..4], ["p00000000000001", "one", "3", "1"]);
    let rest = ["c00000000000001", "p00000000000002", "{\"a\":[1]}", "a_1.txt", "2020-01-02 03:04:05.678Z"];
    assert_eq!(texts(&posts[0])[4..], rest);
    assert_eq!(texts(&posts[1])[2..6], ["0.5", "0", "NULL", "NULL"]);
    let joined = rows(&store, "SELECT source, target FROM _rel_posts_cats ORDER BY source, position").await;
    let joined: Vec<_> = joined.iter().map(|row| texts(row).join(">")).collect();
    let expected = ["1>c00000000000002", "1>c00000000000001", "2>c00000000000002"];
    assert_eq!(joined, expected.map(|pair| format!("p0000000000000{pair}")));
    let people = rows(&store, "SELECT password, tokenKey, email FROM people").await;
    assert_eq!(texts(&people[0]), [BCRYPT, "key", "ana@example.com"]);
    assert_eq!(fs::read_to_string(to.join("storage/c_posts/p00000000000001/a_1.txt")).expect("file"), "hello");
    assert_eq!(rows(&store, "SELECT id, cats FROM view_one").await.len(), 2);

    let schema = collections::load(&store).await.expect("collections");
    let people = schema.find("people").expect("people");
    assert_eq!(people.auth.as_ref().expect("auth").auth_token.secret, "abcdefghijklmnopqrstuvwxyzabcdefghij");
    assert_eq!(people.rules.list.as_deref(), Some("id != \"\""));
    assert_eq!(people.created, "2020-01-01 00:00:00.000Z");
    assert_eq!(settings::load(&store).await.expect("settings").meta.app_name, "Cats");
    check_report(&report);
    store.close().await;
}

fn check_report(report: &ImportReport) {
    assert_eq!((report.files, report.bytes), (1, 5));
    assert!(report.has_settings);
    assert_eq!(report.records_total(), 5);
    assert_eq!(report.views.len(), 2, "{:?}", report.views);
    let dangling: Vec<_> = report.dangling.iter().map(|one| (one.field.as_str(), one.count)).collect();
    assert_eq!(dangling, [("cat", 1), ("cats", 1)]);
    assert!(report.refused.is_empty(), "{:?}", report.refused);
    let left: Vec<_> = report.left_out.iter().map(|one| one.what.as_str()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
    assert!(left.contains(&"field \"lost\" of \"posts\""), "{left:?}");
    assert!(left.contains(&"view \"view_broken\""), "{left:?}");
    assert_eq!(report.code_files.len(), 1);
}

#[tokio::test]
async fn a_folder_in_use_is_refused_and_stays_as_it_is() {
    let root = tempfile::tempdir().expect("a folder");
    source(root.path());
    fs::create_dir(root.path().join("bak_data")).expect("folder");
    fs::write(root.path().join("bak_data/mine.txt"), "mine").expect("file");
    let error = import(root.path()).await.expect_err("refused");
    assert_eq!(error.kind(), Kind::Conflict);
    assert_eq!(fs::read_dir(root.path().join("bak_data")).expect("folder").count(), 1);
}

#[tokio::test]
async fn a_failing_import_leaves_nothing_behind() {
    let root = tempfile::tempdir().expect("a folder");
    source(root.path());
    let database = rusqlite::Connection::open(root.path().join("pb_data/data.db")).expect("database");
    database.execute("UPDATE _collections SET fields = '{bad' WHERE name = 'cats'", []).expect("damaged");
    drop(database);
    let error = import(root.path()).await.expect_err("refused");
    assert!(error.message().contains("cats"), "{error}");
    let mut left: Vec<_> = fs::read_dir(root.path())
        .expect("folder")
        .map(|entry| entry.expect("entry").file_name().into_string().expect("name"))
        .collect();
    left.sort();
    assert_eq!(left, ["pb_data", "pb_hooks"]);
}

#[tokio::test]
async fn a_source_that_changes_meanwhile_is_not_taken_over() {
    let root = tempfile::tempdir().expect("a folder");
    source(root.path());
    let (from, to) = (root.path().join("pb_data"), root.path().join("bak_data"));
    let meddle = |_| {
        let database = rusqlite::Connection::open(from.join("data.db")).expect("database");
        database.execute("INSERT INTO cats (id) VALUES (lower(hex(randomblob(7))) || 'x')", []).expect("written");
    };
    let error = pocketbase(&from, &to, meddle).await.expect_err("refused");
    assert!(error.message().contains("changed while it was read"), "{error}");
    assert!(!to.exists());
}

#[tokio::test]
async fn what_waits_in_the_log_comes_over_too() {
    let root = tempfile::tempdir().expect("a folder");
    source(root.path());
    let open = rusqlite::Connection::open(root.path().join("pb_data/data.db")).expect("database");
    open.execute_batch("PRAGMA journal_mode=WAL; INSERT INTO cats VALUES ('c00000000000003', 'Tam')").expect("written");
    let report = import(root.path()).await.expect("imports");
    assert!(report.records.contains(&("cats".to_owned(), 3)), "{:?}", report.records);
}

#[tokio::test]
async fn an_old_or_foreign_folder_is_named_as_such() {
    let root = tempfile::tempdir().expect("a folder");
    fs::create_dir(root.path().join("pb_data")).expect("folder");
    assert!(import(root.path()).await.expect_err("refused").message().contains("holds no data.db"));
    let path = root.path().join("pb_data/data.db");
    let database = rusqlite::Connection::open(&path).expect("database");
    database.execute_batch("CREATE TABLE _collections (id TEXT, schema JSON)").expect("table");
    assert!(import(root.path()).await.expect_err("refused").message().contains("0.23"));
}
