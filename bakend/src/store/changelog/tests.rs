use super::*;
use crate::{
    query::Pace,
    schema::Schema,
    store::{
        Db,
        tables::{alter_table, create_table, drop_table},
        testing::{TestStore, cascading, collection, lines, relation, run, schema, store, text},
    },
};

/// Rooms, and notes in rooms with tags.
async fn world() -> (TestStore, Db, Schema) {
    let rooms = collection("rooms", [text("name")]);
    let tags = collection("tags", [text("name")]);
    let room = cascading(relation("room", "rooms", 1));
    let notes = collection("notes", [text("title"), room, relation("tags", "tags", 9)]);
    let schema = schema([&rooms, &tags, &notes]);
    let test = store().await;
    let db = test.store.db();
    let created = schema.clone();
    db.write(move |conn| created.collections().iter().try_for_each(|one| create_table(conn, &created, one)))
        .await
        .expect("the tables are created");
    let watched = schema.collections().to_vec();
    db.write(move |conn| ensure_triggers(conn, &watched)).await.expect("all is watched");
    (test, db, schema)
}

/// The entries that these statements, in one transaction, add.
async fn logged(db: &Db, sql: &str) -> Vec<String> {
    let before = db.read(&Pace::default(), last).await.expect("reads");
    run(db, sql).await;
    let changes = db.read(&Pace::default(), move |conn| after(conn, before, 100)).await.expect("reads");
    for (at, change) in changes.iter().enumerate() {
        assert_eq!(change.seq, before + 1 + at as i64, "numbers have no gap");
    }
    let shown = |change: &Change| {
        let collection = change.collection.strip_prefix("pbc_").unwrap_or(&change.collection);
        format!("{:?} {collection} {}", change.action, change.record)
    };
    changes.iter().map(shown).collect()
}

#[tokio::test]
async fn whatever_changes_a_record_is_logged_in_order() {
    let (_test, db, _) = world().await;
    for (sql, expected) in [
        ("INSERT INTO rooms VALUES ('r1', 'a'), ('r2', 'b')", &["Create rooms r1", "Create rooms r2"][..]),
        ("INSERT INTO tags VALUES ('t1', ''), ('t2', '')", &["Create tags t1", "Create tags t2"]),
        (
            "INSERT INTO notes VALUES ('n1', 'x', 'r1'); INSERT INTO _rel_notes_tags VALUES ('n1', 't1', 0), ('n1', 't2', 1)",
            &["Create notes n1", "Link notes n1", "Link notes n1"],
        ),
        ("INSERT INTO notes VALUES ('n2', 'y', 'r2')", &["Create notes n2"]),
        ("UPDATE notes SET title = 'z'", &["Update notes n1", "Update notes n2"]),
        ("UPDATE _rel_notes_tags SET position = 5 WHERE target = 't1'", &["Link notes n1", "Link notes n1"]),
        ("UPDATE notes SET id = 'n3' WHERE id = 'n2'", &["Delete notes n2", "Create notes n3"]),
        ("INSERT OR REPLACE INTO tags VALUES ('t3', 'new')", &["Create tags t3"]),
        ("INSERT OR REPLACE INTO tags VALUES ('t3', 'other')", &["Delete tags t3", "Create tags t3"]),
        ("DELETE FROM tags WHERE id = 't1'", &["Delete tags t1", "Link notes n1"]),
        ("DELETE FROM rooms WHERE id = 'r1'", &["Delete rooms r1", "Delete notes n1"]),
        ("SAVEPOINT s; DELETE FROM rooms; ROLLBACK TO s; RELEASE s", &[]),
        ("DELETE FROM rooms", &["Delete rooms r2", "Delete notes n3"]),
        ("DELETE FROM tags", &["Delete tags t2", "Delete tags t3"]),
        ("INSERT INTO _params VALUES ('p', '{}', '', '')", &["Create _params p"]),
    ] {
        assert_eq!(logged(&db, sql).await, expected, "{sql}");
    }
}

#[tokio::test]
async fn a_deleted_record_is_kept_as_it_was_but_for_its_secrets() {
    let (_test, db, schema) = world().await;
    run(&db, "INSERT INTO rooms VALUES ('r1', 'it''s')").await;
    run(&db, "INSERT INTO tags VALUES ('t1', x'00ff'), ('t2', '')").await;
    run(&db, "INSERT INTO notes VALUES ('n1', '\"quoted\"', 'r1')").await;
    run(&db, "INSERT INTO _rel_notes_tags VALUES ('n1', 't1', 1), ('n1', 't2', 0)").await;
    run(&db, "DELETE FROM notes").await;
    let changes = db.read(&Pace::default(), |conn| after(conn, 0, 100)).await.expect("reads");
    let gone = changes.last().expect("an entry");
    let notes = schema.find("notes").expect("there");
    let record = deleted_record(notes, gone.old.as_deref().expect("a snapshot")).expect("it reads");
    assert_eq!((record.id(), record.text("title"), record.text("room")), ("n1", "\"quoted\"", "r1"));
    assert_eq!(record.get("tags").map(|tags| tags.as_list().to_vec()), Some(vec!["t2".to_owned(), "t1".to_owned()]));
    assert_eq!(
        logged(&db, "DELETE FROM tags WHERE id = 't1'").await,
        ["Delete tags t1"],
        "bytes are no reason to stay"
    );
    assert!(deleted_record(notes, "nonsense").is_none());
}

#[tokio::test]
async fn a_changed_table_is_watched_as_it_is_and_its_change_is_none_of_its_records() {
    let (_test, db, schema) = world().await;
    run(&db, "INSERT INTO rooms VALUES ('r1', 'a')").await;
    run(&db, "INSERT INTO notes VALUES ('n1', 'x', 'r1')").await;
    let old = schema.find("notes").expect("there").as_ref().clone();
    let mut new = old.clone();
    new.name = "letters".to_owned();
    new.fields[1].name = "head".to_owned();
    new.fields[2] = relation("room", "rooms", 5);
    new.fields.push(text("more"));
    let (before, after_it) = (db.read(&Pace::default(), last).await.expect("reads"), new.clone());
    let changed = schema.with(std::sync::Arc::new(new.clone()));
    db.write(move |conn| alter_table(conn, &changed, &old, &after_it)).await.expect("it is altered");
    assert_eq!(db.read(&Pace::default(), last).await.expect("reads"), before);
    assert_eq!(logged(&db, "UPDATE letters SET head = 'y', more = 'm'").await, ["Update notes n1"]);
    assert_eq!(logged(&db, "DELETE FROM _rel_letters_room").await, ["Link notes n1"]);
    assert_eq!(logged(&db, "DELETE FROM letters").await, ["Delete notes n1"]);
    let old = "SELECT json_extract(old, '$[0].more') FROM _changes ORDER BY seq DESC LIMIT 1";
    assert_eq!(lines(&db, old).await, ["m"]);
    db.write(move |conn| drop_table(conn, &new)).await.expect("it is dropped");
    let left = "SELECT count(*) FROM sqlite_schema WHERE type = 'trigger' AND name LIKE '%letters%'";
    assert_eq!(lines(&db, left).await, ["0"]);
}

#[tokio::test]
async fn missing_triggers_are_put_back() {
    let (_test, db, schema) = world().await;
    let all = schema.collections().to_vec();
    let ensured = all.clone();
    db.write(move |conn| ensure_triggers(conn, &ensured)).await.expect("ensures");
    let there = all.clone();
    assert!(db.read(&Pace::default(), move |conn| has_triggers(conn, &there)).await.expect("reads"));
    run(&db, "DROP TRIGGER \"_changes of notes insert\"").await;
    run(&db, "DROP TRIGGER \"_changes of tags insert\"; CREATE TRIGGER \"_changes of tags insert\" AFTER INSERT ON tags BEGIN SELECT 1; END").await;
    assert_eq!(logged(&db, "INSERT INTO tags VALUES ('t1', '')").await, [""; 0]);
    let there = all.clone();
    assert!(!db.read(&Pace::default(), move |conn| has_triggers(conn, &there)).await.expect("reads"));
    db.write(move |conn| ensure_triggers(conn, &all)).await.expect("ensures");
    assert_eq!(logged(&db, "INSERT INTO tags VALUES ('t2', '')").await, ["Create tags t2"]);
    assert_eq!(logged(&db, "INSERT INTO notes VALUES ('n1', '', NULL)").await, ["Create notes n1"]);
}

#[tokio::test]
async fn old_entries_go_and_the_newest_always_stays() {
    let (_test, db, _) = world().await;
    run(&db, "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 100) INSERT INTO tags SELECT 't' || n, '' FROM c").await;
    run(&db, "UPDATE _changes SET at = seq").await;
    let read = |of: fn(&Conn<'_>) -> Result<Option<i64>>| {
        let db = db.clone();
        async move { db.read(&Pace::default(), of).await.expect("reads") }
    };
    assert_eq!(read(|conn| first_since(conn, 40)).await, Some(40));
    assert_eq!(read(|conn| first_since(conn, 101)).await, None);
    assert_eq!(read(|conn| first_within(conn, 1 << 20)).await, None);
    let entry = ENTRY_BYTES + "pbc_tags".len() as i64 + "t99".len() as i64;
    assert_eq!(entry, 27);
    assert_eq!(read(|conn| first_within(conn, 28 + 2 * 27)).await, Some(98));
    assert_eq!(read(|conn| first_within(conn, 1)).await, Some(i64::MAX));
    for (before, limit, gone, bounds_after) in
        [(10, 4, 4, (5, 100)), (10, 99, 5, (10, 100)), (3, 99, 0, (10, 100)), (i64::MAX, 1000, 90, (100, 100))]
    {
        let removed = db.write(move |conn| remove_before(conn, before, limit)).await.expect("removes");
        assert_eq!(removed, gone, "before {before}");
        assert_eq!(db.read(&Pace::default(), bounds).await.expect("reads"), Some(bounds_after));
    }
    assert_eq!(logged(&db, "INSERT INTO tags VALUES ('next', '')").await, ["Create tags next"]);
}
