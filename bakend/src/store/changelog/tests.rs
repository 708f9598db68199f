use super::*;
use crate::{
    query::Pace,
    schema::{Field, Schema},
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
async fn what_a_foreign_replace_removes_is_logged_only_with_recursive_triggers() {
    let (_test, db, _) = world().await;
    run(&db, "INSERT INTO tags VALUES ('t1', 'a'), ('t2', 'b'); CREATE UNIQUE INDEX one_name ON tags (name)").await;
    for (recursive, sql, expected) in [
        ("ON", "INSERT OR REPLACE INTO tags VALUES ('t1', 'c')", &["Delete tags t1", "Create tags t1"][..]),
        ("ON", "INSERT OR REPLACE INTO tags VALUES ('t3', 'b')", &["Delete tags t2", "Create tags t3"]),
        // SQLite runs no delete triggers for what REPLACE removes unless the connection asks for it, and other programs do not.
        ("OFF", "INSERT OR REPLACE INTO tags VALUES ('t1', 'd')", &["Create tags t1"]),
        ("OFF", "INSERT OR REPLACE INTO tags VALUES ('t4', 'b')", &["Create tags t4"]),
    ] {
        let sql = format!("PRAGMA recursive_triggers = {recursive}; {sql}; PRAGMA recursive_triggers = ON");
        assert_eq!(logged(&db, &sql).await, expected, "{sql}");
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

/// What of the record that was deleted last is known, of a collection of other fields: their ids, with their names now.
async fn known(db: &Db, notes: &Collection, fields: &[(&str, &str)]) -> Option<Vec<String>> {
    let changes = db.read(&Pace::default(), |conn| after(conn, 0, 100)).await.expect("reads");
    let mut changed = notes.clone();
    changed.fields = fields.iter().map(|(id, name)| Field { id: (*id).to_owned(), ..text(name) }).collect();
    let record = deleted_record(&std::sync::Arc::new(changed), changes.last()?.old.as_deref()?)?;
    Some(fields.iter().map(|(_, name)| record.text(name).to_owned()).collect())
}

#[tokio::test]
async fn a_deleted_record_is_read_by_the_ids_of_its_fields_or_not_at_all() {
    let (_test, db, _) = world().await;
    let words = collection("words", [text("a"), text("b")]);
    let [id, a, b] = [0, 1, 2].map(|at| words.fields[at].id.clone());
    let (all, created) = (schema([&words]), words.clone());
    db.write(move |conn| create_table(conn, &all, &created)).await.expect("it is created");
    run(&db, "INSERT INTO words VALUES ('w1', 'one', 'two'); DELETE FROM words").await;
    let (id, a, b) = (id.as_str(), a.as_str(), b.as_str());
    for (fields, expected) in [
        (&[(id, "id"), (a, "b"), (b, "a")][..], Some(&["w1", "one", "two"][..])),
        (&[(id, "id"), (a, "a")], Some(&["w1", "one"])),
        (&[(id, "id"), (a, "a"), (b, "b"), ("new", "c")], Some(&["w1", "one", "two", ""])),
        // It may be what became of the one that is gone.
        (&[(id, "id"), (a, "a"), ("new", "b")], None),
        (&[("x", "id"), ("y", "a"), ("z", "b")], None),
    ] {
        let expected = expected.map(|texts| texts.iter().map(|text| (*text).to_owned()).collect());
        assert_eq!(known(&db, &words, fields).await, expected, "{fields:?}");
    }
    run(&db, "UPDATE _changes SET old = '[{\"id\":\"w1\",\"a\":\"by name\",\"b\":\"\"}]'").await;
    assert_eq!(known(&db, &words, &[(id, "id"), (a, "a")]).await, None, "as entries were kept at first");
}

#[tokio::test]
async fn what_deleted_records_were_is_forgotten_with_their_fields() {
    let (_test, db, all) = world().await;
    let kept =
        "SELECT count(old) FROM _changes WHERE collection = (SELECT collection FROM _changes WHERE record = 'n1')";
    let notes = all.find("notes").expect("there").as_ref().clone();
    for change in ["added", "renamed", "converted", "dropped field", "dropped"] {
        run(&db, "INSERT INTO notes (id, title) VALUES ('n1', 'x'); DELETE FROM notes").await;
        run(&db, "INSERT INTO tags VALUES ('t1', ''); DELETE FROM tags").await;
        let (old, mut new) = (notes.clone(), notes.clone());
        match change {
            "added" => new.fields.push(text("more")),
            "renamed" => new.fields[1].name = "head".to_owned(),
            "converted" => new.fields[2] = Field { id: old.fields[2].id.clone(), ..relation("room", "rooms", 5) },
            _ => drop(new.fields.remove(1)),
        }
        let changed = all.with(std::sync::Arc::new(new.clone()));
        db.write(move |conn| match change {
            "dropped" => drop_table(conn, &old),
            _ => alter_table(conn, &changed, &old, &new).and_then(|()| {
                // As it was, for the next change.
                conn.run_script("CREATE TEMP TABLE was AS SELECT * FROM _changes")?;
                alter_table(conn, &changed, &new, &old)?;
                conn.run_script("DELETE FROM _changes; INSERT INTO _changes SELECT * FROM was; DROP TABLE was")
            }),
        })
        .await
        .expect("it changes");
        let expected = if matches!(change, "added" | "renamed") { "1" } else { "0" };
        assert_eq!(lines(&db, kept).await, [expected], "{change}");
        let others = "SELECT count(*) > 0 AND count(*) = count(old) FROM _changes WHERE record = 't1' AND action = 3";
        assert_eq!(lines(&db, others).await, ["1"], "{change}: others keep theirs");
        run(&db, "DELETE FROM _changes WHERE seq < (SELECT max(seq) FROM _changes)").await;
    }
}

#[tokio::test]
async fn sessions_and_keys_are_logged_with_whose_they_were_but_not_their_last_use() {
    let (_test, db, _) = world().await;
    let columns = "id, collection, record, method, ip, user_agent, refreshable, created, last_used, expires";
    let row = "VALUES ('s1', 'users', 'ana', 'otp', '::1', 'phone', 1, 'c', 'l', 'e')";
    let key = "INSERT INTO _api_keys VALUES ('k1', 'ci', 'bak_abc', 'h', 'users', 'ana', '', '', '[]', '', '', '', '')";
    for (sql, expected) in [
        (format!("INSERT INTO _sessions ({columns}) {row}").as_str(), "Create _sessions s1"),
        ("UPDATE _sessions SET last_used = 'now'", ""),
        ("UPDATE _sessions SET last_used = 'now', expires = 'later'", "Update _sessions s1"),
        ("UPDATE _sessions SET record = 'bob'", "Update _sessions s1"),
        ("DELETE FROM _sessions", "Delete _sessions s1"),
        (key, "Create _api_keys k1"),
        ("UPDATE _api_keys SET last_used = 'now'", ""),
        ("UPDATE _api_keys SET scopes = '[\"*\"]'", "Update _api_keys k1"),
        ("DELETE FROM _api_keys", "Delete _api_keys k1"),
    ] {
        let expected: Vec<&str> = Some(expected).filter(|expected| !expected.is_empty()).into_iter().collect();
        assert_eq!(logged(&db, sql).await, expected, "{sql}");
    }
    let all = db.read(&Pace::default(), |conn| after(conn, 0, 100)).await.expect("reads");
    let owners: Vec<_> = all.iter().map(|change| change.old_row().get("record").cloned()).collect();
    let (ana, bob) = (Some(Json::from("ana")), Some(Json::from("bob")));
    assert_eq!(owners, [None, ana.clone(), ana.clone(), bob, None, ana.clone(), ana]);
    let kept: String = all.iter().filter_map(|change| change.old.clone()).collect();
    assert!(!kept.contains("::1") && !kept.contains("phone") && !kept.contains("\"h\""), "{kept}");
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
    let kept = {
        let changes = db.read(&Pace::default(), |conn| after(conn, 0, 100)).await.expect("reads");
        let old = changes.last().and_then(|change| change.old.clone()).expect("a snapshot");
        let record = deleted_record(&std::sync::Arc::new(new.clone()), &old).expect("it reads");
        (record.text("head").to_owned(), record.text("more").to_owned())
    };
    assert_eq!(kept, ("y".to_owned(), "m".to_owned()));
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
    assert_eq!(read(|conn| bytes_after(conn, 98).map(Some)).await, Some(27 + 28));
    assert_eq!(read(|conn| bytes_after(conn, 100).map(Some)).await, Some(0));
    for (before, limit, gone, bounds_after) in
        [(10, 4, 4, (5, 100)), (10, 99, 5, (10, 100)), (3, 99, 0, (10, 100)), (i64::MAX, 1000, 90, (100, 100))]
    {
        let removed = db.write(move |conn| remove_before(conn, before, limit)).await.expect("removes");
        assert_eq!(removed, gone, "before {before}");
        assert_eq!(db.read(&Pace::default(), bounds).await.expect("reads"), Some(bounds_after));
    }
    assert_eq!(logged(&db, "INSERT INTO tags VALUES ('next', '')").await, ["Create tags next"]);
}

#[tokio::test]
async fn entries_about_some_tables_are_found_or_it_is_said_that_some_are_gone() {
    let (_test, db, _) = world().await;
    run(&db, "DELETE FROM _changes").await;
    run(&db, "INSERT INTO rooms VALUES ('r1', ''); INSERT INTO tags VALUES ('t1', ''), ('t2', ''); INSERT INTO rooms VALUES ('r2', '')").await;
    let found = |seq: i64, tables: &[&str]| {
        let (db, tables) = (db.clone(), tables.iter().map(|name| format!("pbc_{name}")).collect::<Vec<_>>());
        async move {
            let (last, found) =
                db.read(&Pace::default(), move |conn| about(conn, seq, &tables, 2)).await.expect("reads");
            let records = |found: Vec<Change>| found.into_iter().map(|change| change.record).collect::<Vec<_>>();
            (last, found.map(records))
        }
    };
    let some = |records: &[&str]| Some(records.iter().map(|record| (*record).to_owned()).collect());
    assert_eq!(found(0, &["tags"]).await, (4, some(&["t1", "t2"])));
    assert_eq!(found(2, &["tags", "rooms"]).await, (4, some(&["t2", "r2"])));
    assert_eq!(found(1, &["tags", "rooms"]).await, (4, None), "more than are asked for");
    assert_eq!(found(4, &["rooms"]).await, (4, some(&[])));
    assert_eq!(found(5, &["rooms"]).await, (4, None), "numbers began anew");
    run(&db, "DELETE FROM _changes WHERE seq < 3").await;
    assert_eq!(found(2, &["rooms"]).await, (4, some(&["r2"])));
    assert_eq!(found(1, &["rooms"]).await, (4, None), "some are gone");
}
