//! What the statements look like, what they return, and which indexes they use.

use std::sync::Arc;

use crate::{
    query::{ListSpec, Planner, RequestInfo, Statement, Verdict},
    schema::{Collection, CollectionKind, Scalar},
};

use super::fixture::{Fixture, id_of, scalar};

fn list(fixture: &Fixture, who: &str, collection: &str, spec: &ListSpec<'_>) -> Statement {
    let planner = fixture.planner();
    planner.list(&fixture.schema, fixture.collection(collection), &fixture.request(who), spec).expect("valid")
}

/// What stands behind WHERE.
fn condition(statement: &Statement) -> &str {
    let (_, after) = statement.sql.split_once("FROM \"messages\" AS \"r\"").expect("messages");
    let (condition, _) = after.rsplit_once(" ORDER BY ").unwrap_or((after, ""));
    condition.trim_start().trim_start_matches("WHERE ")
}

#[test]
fn conditions_are_as_plain_as_their_meaning_allows() {
    let fixture = Fixture::new();
    for (who, rule, sql) in [
        ("u1", "@request.auth.id != ''", ""),
        ("-", "@request.auth.id != ''", "0 = 1"),
        ("u1", "author = @request.auth.id", r#""r"."author" = ?"#),
        ("-", "author = @request.auth.id", r#""r"."author" IS NULL"#),
        ("u1", "author.id != @request.auth.id", r#""r"."author" IS NOT ?"#),
        ("u1", "text = 'x'", r#""r"."text" = ?"#),
        ("u1", "text != ''", r#""r"."text" <> ''"#),
        ("u1", "num > 5 && text ~ 'x'", r#""r"."num" > ? AND "r"."text" LIKE ? ESCAPE '\'"#),
        ("u1", "room.name = 'x'", r#"(SELECT "t1"."name" FROM "rooms" AS "t1" WHERE "t1"."id" = "r"."room") = ?"#),
        (
            "u1",
            "room.members.id ?= @request.auth.id",
            r#"(+"r"."room") IN (SELECT "j0"."source" FROM "_rel_rooms_members" AS "j0" WHERE "j0"."target" = ?)"#,
        ),
        (
            "u1",
            "@request.auth.id = '' || (room.members.id ?= @request.auth.id && @request.auth.role = 'admin')",
            r#"(+"r"."room") IN (SELECT "j0"."source" FROM "_rel_rooms_members" AS "j0" WHERE "j0"."target" = ?)"#,
        ),
        (
            "u1",
            "@collection.rooms.owner ?= @request.auth.id && @collection.rooms.id ?= room",
            r#"EXISTS(SELECT 1 FROM "rooms" AS "j0" WHERE "j0"."owner" = ? AND "j0"."id" IS "r"."room")"#,
        ),
        (
            "u1",
            "room.members.id != @request.auth.id",
            concat!(
                r#"NOT EXISTS(SELECT 1 FROM (SELECT 1 AS "one") AS "o1" LEFT JOIN "_rel_rooms_members" AS "m0" "#,
                r#"ON "m0"."source" = "r"."room" WHERE NOT "m0"."target" IS NOT ?)"#
            ),
        ),
    ] {
        let spec = ListSpec { rule: Some(rule), limit: 30, ..ListSpec::default() };
        assert_eq!(condition(&list(&fixture, who, "messages", &spec)), sql, "{who}: {rule}");
    }
}

#[test]
fn a_membership_is_looked_up_for_few_records_and_a_set_for_many() {
    let fixture = Fixture::new();
    let (planner, request) = (fixture.planner(), fixture.request("u1"));
    let messages = fixture.collection("messages");
    let rule = Some("room.members.id ?= @request.auth.id");
    let set = r#""r"."room" IN (SELECT "j0"."source" FROM "_rel_rooms_members" AS "j0" WHERE "j0"."target" = ?)"#;
    let count = planner.count(&fixture.schema, messages, &request, &ListSpec { rule, ..ListSpec::default() });
    assert_eq!(condition(&count.expect("valid")), set);
    let view = planner.view(&fixture.schema, messages, &request, "x", rule).expect("valid");
    let looked_up =
        r#"EXISTS(SELECT 1 FROM "_rel_rooms_members" AS "j0" WHERE "j0"."source" = "r"."room" AND "j0"."target" = ?)"#;
    assert_eq!(condition(&view), format!(r#""r"."id" = ? AND {looked_up}"#));
    let rooms = list(
        &fixture,
        "u1",
        "rooms",
        &ListSpec { rule: Some("members.id ?= @request.auth.id"), ..ListSpec::default() },
    );
    assert!(rooms.sql.contains(r#"WHERE "r"."id" IN (SELECT"#), "{}", rooms.sql);
}

#[test]
fn one_text_serves_all_values_of_a_shape() {
    let fixture = Fixture::new();
    let planner = fixture.planner();
    let messages = fixture.collection("messages");
    let spec = ListSpec { rule: Some("author = @request.auth.id"), limit: 1, ..ListSpec::default() };
    let plan = |who: &str, spec: &ListSpec<'_>| {
        planner.list(&fixture.schema, messages, &fixture.request(who), spec).expect("valid")
    };
    let (first, other, guest) =
        (plan("u1", &spec), plan("u2", &ListSpec { limit: 9, offset: 3, ..spec }), plan("-", &spec));
    assert!(Arc::ptr_eq(&first.sql, &other.sql));
    assert_eq!(first.binds, [Scalar::from(id_of("u1")), Scalar::Int(1), Scalar::Int(0)]);
    assert_eq!(other.binds, [Scalar::from(id_of("u2")), Scalar::Int(9), Scalar::Int(3)]);
    assert_ne!(first.sql, guest.sql);
    first.pace.mark_slow();
    assert!(plan("u2", &spec).pace.is_slow());
}

#[test]
fn records_come_with_all_their_columns() {
    let fixture = Fixture::new();
    let (planner, guest) = (fixture.planner(), RequestInfo::default());
    let rooms = fixture.collection("rooms");
    let view = planner.view(&fixture.schema, rooms, &guest, &id_of("r4"), None).expect("valid");
    let members = format!("[\"{}\",\"{}\",\"{}\"]", id_of("u2"), id_of("u3"), id_of("u1"));
    assert_eq!(fixture.rows(&view), [[id_of("r4"), "r4".into(), String::new(), id_of("u2"), members]]);
    let none = planner.view(&fixture.schema, rooms, &guest, &id_of("r4"), Some("name != ''")).expect("valid");
    assert!(fixture.rows(&none).is_empty());
    let empty = planner.view(&fixture.schema, rooms, &guest, &id_of("r2"), Some("name = 'general'")).expect("valid");
    assert_eq!(fixture.rows(&empty)[0][4], "[]");

    let wanted = [id_of("r3"), id_of("r1"), "no'such\"id".to_owned()];
    let wanted: Vec<&str> = wanted.iter().map(String::as_str).collect();
    let some = planner.by_ids(&fixture.schema, rooms, &guest, &wanted, None).expect("valid");
    let names = |rows: Vec<Vec<String>>, at: usize| {
        let mut names: Vec<String> = rows.into_iter().map(|row| row[at].clone()).collect();
        names.sort();
        names
    };
    assert_eq!(names(fixture.rows(&some), 1), ["r1", "r3"]);
    let ruled = planner.by_ids(&fixture.schema, rooms, &guest, &wanted, Some("owner.n = 'u3'")).expect("valid");
    assert_eq!(names(fixture.rows(&ruled), 1), ["r3"]);
}

#[test]
fn records_are_found_by_what_they_point_at() {
    let fixture = Fixture::new();
    let (planner, guest) = (fixture.planner(), RequestInfo::default());
    let (u1, u3) = (id_of("u1"), id_of("u3"));
    for (collection, field, rule, found) in [
        ("messages", "author", None, vec!["u1 m1", "u3 m4", "u1 m5"]),
        ("messages", "author", Some("text ~ 'hi'"), vec!["u1 m1", "u3 m4"]),
        ("rooms", "members", None, vec!["u1 r1", "u3 r3", "u1 r4", "u3 r4"]),
        ("rooms", "members", Some("owner = ''"), vec![]),
    ] {
        let collection = fixture.collection(collection);
        let at = collection.position(field).expect("a relation");
        let statement = planner.pointing_at(&fixture.schema, collection, &guest, at, &[&u1, &u3], rule).expect("valid");
        let mut rows: Vec<String> =
            fixture.rows(&statement).iter().map(|row| format!("{} {}", &row[0][..2], row[2])).collect();
        rows.sort_by_key(|row| (row[3..].to_owned(), row[..2].to_owned()));
        assert_eq!(rows, found, "{} {field} {rule:?}", collection.name);
    }
}

#[test]
fn what_needs_no_database_asks_none() {
    let fixture = Fixture::new();
    let planner = fixture.planner();
    let messages = fixture.collection("messages");
    let raw = [("n", "m9"), ("text", "hi"), ("author", "u1")];
    let row: Vec<Scalar> = messages
        .fields
        .iter()
        .map(|field| {
            let given = raw.iter().find(|(name, _)| *name == field.name).map_or("", |(_, value)| *value);
            let text = if field.name == "author" { id_of(given) } else { given.to_owned() };
            scalar(field, &crate::schema::Value::Text(text))
        })
        .collect();
    for (rule, asks) in [
        ("author = @request.auth.id", false),
        ("text ~ 'H%' && @request.auth.tags:length = 2", false),
        ("room = ''", false),
        ("author.n = 'u1'", true),
        ("room.members.id ?= @request.auth.id || author = @request.auth.id", false),
    ] {
        let request = fixture.request("u1");
        let verdict = planner.allows_new(&fixture.schema, messages, &request, &row, rule).expect("valid");
        match verdict {
            Verdict::Allowed => assert!(!asks, "{rule}"),
            Verdict::Ask(statement) => {
                assert!(asks, "{rule}");
                assert_eq!(fixture.rows(&statement), [["1"]], "{rule}");
            }
            Verdict::Denied => panic!("{rule} is denied"),
        }
    }
}

#[test]
fn views_have_neither_rowid_nor_join_tables() {
    let mut fixture = Fixture::new();
    let mut view = Collection::clone(fixture.collection("rooms"));
    view.id = "pbc_overview".to_owned();
    view.name = "overview".to_owned();
    view.kind = CollectionKind::View;
    fixture.schema = fixture.schema.with(Arc::new(view));
    fixture
        .connection
        .execute_batch(
            "CREATE VIEW overview AS SELECT id, n, name, owner, (SELECT json_group_array(target) FROM \
             _rel_rooms_members WHERE source = rooms.id) AS members FROM rooms",
        )
        .expect("a view");
    let names = |filter: &str, sort: &str| {
        let spec = ListSpec { filter, sort, limit: 9, ..ListSpec::default() };
        let rows = fixture.rows(&list(&fixture, "u1", "overview", &spec));
        rows.into_iter().map(|row| row[1].clone()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(names("members.n ?= 'u3'", "n"), "r3 r4");
    assert_eq!(names("members.n = 'u3'", "n"), "r3");
    assert_eq!(names("members:length = 0 && owner = ''", ""), "r2");
    assert_eq!(names("owner.role = 'admin' || members:each ?= 'x'", ""), "r1");
    let overview = fixture.collection("overview");
    let (planner, guest) = (fixture.planner(), RequestInfo::default());
    let at = overview.position("members").expect("a relation");
    let u3 = id_of("u3");
    let pointing = planner.pointing_at(&fixture.schema, overview, &guest, at, &[&u3], None).expect("valid");
    assert_eq!(fixture.rows(&pointing).len(), 2);
    let spec = ListSpec { sort: "@rowid", ..ListSpec::default() };
    assert!(planner.list(&fixture.schema, overview, &guest, &spec).is_err());
}

fn plan_of(fixture: &Fixture, statement: &Statement) -> String {
    let explained = Statement::new(format!("EXPLAIN QUERY PLAN {}", statement.sql), statement.binds.clone());
    fixture.rows(&explained).into_iter().map(|mut row| row.remove(3)).collect::<Vec<_>>().join("\n")
}

#[test]
fn indexes_are_used() {
    let fixture = Fixture::new();
    fixture.connection.execute_batch("CREATE INDEX messages_author ON messages (author)").expect("an index");
    let planner: Planner = fixture.planner();
    let messages = fixture.collection("messages");
    let request = fixture.request("u1");
    let rule = |rule| ListSpec { rule: Some(rule), limit: 30, ..ListSpec::default() };
    let membership = list(&fixture, "u1", "messages", &rule("room.members.id ?= @request.auth.id"));
    let plan = plan_of(&fixture, &membership);
    assert!(plan.contains("SCAN r\n") && plan.contains("SEARCH j0 USING COVERING INDEX"), "{plan}");
    fixture.connection.execute_batch("CREATE INDEX messages_room ON messages (room)").expect("an index");
    let count = planner.count(&fixture.schema, messages, &request, &rule("room.members.id ?= @request.auth.id"));
    let count = plan_of(&fixture, &count.expect("valid"));
    assert!(count.contains("SEARCH r USING COVERING INDEX messages_room (room=?)"), "{count}");
    let own = plan_of(&fixture, &list(&fixture, "u1", "messages", &rule("author = @request.auth.id")));
    assert!(own.contains("SEARCH r USING INDEX messages_author (author=?)") && !own.contains("TEMP B-TREE"), "{own}");
    let view = planner.view(&fixture.schema, messages, &request, "x", None).expect("valid");
    assert!(plan_of(&fixture, &view).starts_with("SEARCH r USING INDEX sqlite_autoindex_messages_1 (id=?)"));
    let ids = planner.by_ids(&fixture.schema, messages, &request, &["x", "y"], None).expect("valid");
    assert!(plan_of(&fixture, &ids).contains("SEARCH r USING INDEX sqlite_autoindex_messages_1 (id=?)"));
    let at = messages.position("author").expect("a relation");
    let pointing = planner.pointing_at(&fixture.schema, messages, &request, at, &["x"], None).expect("valid");
    assert!(plan_of(&fixture, &pointing).contains("SEARCH r USING INDEX messages_author (author=?)"));
}
