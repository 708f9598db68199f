//! The triggers that write the changelog: in the transaction of the change, whoever makes it.
//!
//! They use only what SQLite 3.38 knows: other programs run them too. Their cost is one small row behind the largest, no index: the
//! number is the row's own.

use super::ddl::{quote, text};
use crate::{
    Result,
    schema::{Collection, Field, FieldKind, Scalar},
    store::{Conn, changelog::Action, records::is_joined},
};

/// What the names of these triggers start with; a space cannot be in the name of a collection or field.
const PREFIX: &str = "_changes of ";
/// Columns in one JSON object: SQLite takes 127 arguments, some builds 100.
const OBJECT_MAX_COLUMNS: usize = 48;
/// Bakend's own tables that are watched. Secrets are in none of the kept columns.
const SYSTEM_TABLES: [SystemTable; 4] = [
    SystemTable { name: "_collections", kept: &["id", "name", "type"], counts: &[] },
    SystemTable { name: "_params", kept: &["id"], counts: &[] },
    SystemTable {
        name: "_sessions",
        kept: &["id", "collection", "record", "method", "created"],
        counts: &["collection", "record", "expires"],
    },
    SystemTable {
        name: "_api_keys",
        kept: &["id", "collection", "record", "name", "prefix"],
        counts: &["hash", "collection", "record", "name", "scopes", "expires"],
    },
];

/// A table of bakend's own.
struct SystemTable {
    name: &'static str,
    /// Of a row that is deleted: enough to say what is gone, and whose it was.
    kept: &'static [&'static str],
    /// Columns whose change is an update, told with whose the row was; empty: all, told without. Last uses are written all the time.
    counts: &'static [&'static str],
}

/// A trigger: its name, its table and the statement that makes it.
struct Trigger {
    name: String,
    table: String,
    sql: String,
}

/// When a trigger runs, and what it does.
struct Watch<'a> {
    table: &'a str,
    /// What tells this trigger from others of its table.
    kind: &'a str,
    /// `AFTER INSERT`, …
    when: &'a str,
    condition: String,
    body: String,
}

impl Watch<'_> {
    fn trigger(self) -> Trigger {
        let name = format!("{PREFIX}{} {}", self.table, self.kind);
        let condition = if self.condition.is_empty() { String::new() } else { format!(" WHEN {}", self.condition) };
        let (quoted, on) = (quote(&name), quote(self.table));
        let sql = format!("CREATE TRIGGER {quoted} {} ON {on}{condition} BEGIN {} END", self.when, self.body);
        Trigger { name, table: self.table.to_owned(), sql }
    }
}

/// Sees that exactly the triggers of these collections are there, and those of the system tables.
pub(in crate::store) fn ensure<'a>(
    conn: &Conn<'_>,
    collections: impl IntoIterator<Item = &'a Collection>,
) -> Result<()> {
    let found = installed(conn, None)?;
    let wanted = collections.into_iter().filter(|one| !one.is_view()).flat_map(of_collection).chain(of_system());
    for trigger in wanted.collect::<Vec<_>>() {
        match found.iter().find(|(name, _)| *name == trigger.name) {
            Some((_, sql)) if *sql == trigger.sql => continue,
            Some((name, _)) => drop_trigger(conn, name)?,
            None => {}
        }
        if is_table(conn, &trigger.table)? {
            conn.run_script(&trigger.sql)?;
        }
    }
    Ok(())
}

/// Whether [`ensure`] would do nothing.
pub(in crate::store) fn are_there<'a>(
    conn: &Conn<'_>,
    collections: impl IntoIterator<Item = &'a Collection>,
) -> Result<bool> {
    let found: std::collections::HashMap<String, String> = installed(conn, None)?.into_iter().collect();
    let wanted = collections.into_iter().filter(|one| !one.is_view()).flat_map(of_collection).chain(of_system());
    Ok(wanted.into_iter().all(|trigger| found.get(&trigger.name) == Some(&trigger.sql)))
}

/// Creates the triggers of a collection, in place of those that it has.
pub(in crate::store) fn watch(conn: &Conn<'_>, collection: &Collection) -> Result<()> {
    unwatch(conn, collection)?;
    of_collection(collection).into_iter().try_for_each(|trigger| conn.run_script(&trigger.sql))
}

/// Drops the triggers of a collection: changes of its tables are not logged from now on.
pub(in crate::store) fn unwatch(conn: &Conn<'_>, collection: &Collection) -> Result<()> {
    let joins = collection.joined_fields().map(|(_, field)| collection.join_table(field));
    for table in std::iter::once(collection.name.clone()).chain(joins) {
        for (name, _) in installed(conn, Some(&table))? {
            drop_trigger(conn, &name)?;
        }
    }
    Ok(())
}

fn drop_trigger(conn: &Conn<'_>, name: &str) -> Result<()> {
    conn.run_script(&format!("DROP TRIGGER IF EXISTS {}", quote(name)))
}

/// Names and statements of the triggers there are, on one table or all.
fn installed(conn: &Conn<'_>, table: Option<&str>) -> Result<Vec<(String, String)>> {
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND substr(name, 1, ?) = ?
               AND (? IS NULL OR tbl_name = ? COLLATE NOCASE)";
    let table = table.map_or(Scalar::Null, Scalar::from);
    let length = Scalar::Int(i64::try_from(PREFIX.len()).unwrap_or(0));
    let mut triggers = Vec::new();
    conn.rows_with(sql, &[length, Scalar::from(PREFIX), table.clone(), table], |row| {
        triggers.push((row.text(0)?.to_owned(), row.text(1)?.to_owned()));
        Ok(())
    })?;
    Ok(triggers)
}

fn is_table(conn: &Conn<'_>, name: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ? COLLATE NOCASE";
    Ok(conn.rows_with(sql, &[Scalar::from(name)], |_| Ok(()))? > 0)
}

fn of_system() -> impl Iterator<Item = Trigger> {
    SYSTEM_TABLES.into_iter().flat_map(|table| {
        let pairs: Vec<_> =
            table.kept.iter().map(|column| ((*column).to_owned(), format!("OLD.{}", quote(column)))).collect();
        of_table(table.name, table.name, &snapshot(&pairs), table.counts)
    })
}

fn of_collection(collection: &Collection) -> Vec<Trigger> {
    let kept = collection.fields.iter().filter(|field| is_kept(collection, field));
    let pairs: Vec<_> = kept.map(|field| (key(field), old_value(collection, field))).collect();
    let mut triggers = of_table(&collection.name, &collection.id, &snapshot(&pairs), &[]);
    for (_, field) in collection.joined_fields() {
        triggers.extend(of_join(collection, &collection.join_table(field)));
    }
    triggers
}

/// What a field is kept under of deleted records: its name may be another field's by the time that is read. No name has a space in it.
pub(in crate::store) fn key(field: &Field) -> String {
    format!("{} {}", field.id, field.kind.name())
}

/// Secrets of accounts are not kept of deleted records; no rule can ask for them.
pub(in crate::store) fn is_kept(collection: &Collection, field: &Field) -> bool {
    let is_key = collection.is_auth() && field.name == "tokenKey";
    !is_key && !matches!(field.kind, FieldKind::Password(_))
}

/// The triggers of a table with ids, under the name that the log knows it by. `counts`: see [`SystemTable`].
fn of_table(table: &str, logged: &str, snapshot: &str, counts: &[&str]) -> Vec<Trigger> {
    let create = entry(logged, "NEW.\"id\"", Action::Create, None);
    let update = entry(logged, "NEW.\"id\"", Action::Update, Some(snapshot).filter(|_| !counts.is_empty()));
    let columns: Vec<_> = counts.iter().map(|column| quote(column)).collect();
    let on_update =
        if columns.is_empty() { "AFTER UPDATE".to_owned() } else { format!("AFTER UPDATE OF {}", columns.join(", ")) };
    let delete = entry(logged, "OLD.\"id\"", Action::Delete, Some(snapshot));
    let renamed = format!("{delete} {create}");
    // Before: what is joined to the record goes with it, and its entry comes before those of what goes with it.
    [
        ("insert", "AFTER INSERT", "", create),
        ("update", on_update.as_str(), "NEW.\"id\" IS OLD.\"id\"", update),
        ("rename", "AFTER UPDATE OF \"id\"", "NEW.\"id\" IS NOT OLD.\"id\"", renamed),
        ("delete", "BEFORE DELETE", "", delete),
    ]
    .into_iter()
    .map(|(kind, when, condition, body)| Watch { table, kind, when, condition: condition.to_owned(), body }.trigger())
    .collect()
}

/// The triggers of a join table: its rows are part of their source. What goes with its source is told with that.
fn of_join(collection: &Collection, join: &str) -> Vec<Trigger> {
    let source = quote(&collection.name);
    let linked = |row: &str| entry(&collection.id, &format!("{row}.\"source\""), Action::Link, None);
    let exists = |row: &str| format!("EXISTS (SELECT 1 FROM {source} WHERE \"id\" = {row}.\"source\")");
    [
        ("insert", "AFTER INSERT", String::new(), linked("NEW")),
        ("update", "AFTER UPDATE", String::new(), format!("{} {}", linked("OLD"), linked("NEW"))),
        ("delete", "AFTER DELETE", exists("OLD"), linked("OLD")),
    ]
    .into_iter()
    .map(|(kind, when, condition, body)| Watch { table: join, kind, when, condition, body }.trigger())
    .collect()
}

/// The statement that adds an entry.
fn entry(logged: &str, record: &str, action: Action, old: Option<&str>) -> String {
    let (column, value) =
        old.map_or((String::new(), String::new()), |old| (", \"old\"".to_owned(), format!(", {old}")));
    format!(
        "INSERT INTO \"_changes\" (\"collection\", \"record\", \"action\", \"at\"{column}) VALUES ({}, {record}, {}, unixepoch(){value});",
        text(logged),
        action.number()
    )
}

/// What a deleted row was, as a JSON array of objects.
fn snapshot(pairs: &[(String, String)]) -> String {
    let objects: Vec<String> = pairs
        .chunks(OBJECT_MAX_COLUMNS)
        .map(|pairs| {
            let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{}, {value}", text(name))).collect();
            format!("json_object({})", pairs.join(", "))
        })
        .collect();
    format!("'[' || {} || ']'", objects.join(" || ',' || "))
}

/// The value of a field of a row that goes; what somebody wrote by hand must not keep it from going, or from being read: JSON has neither
/// bytes nor numbers without an end, and no reader takes the largest as SQLite rounds them.
fn old_value(collection: &Collection, field: &Field) -> String {
    if is_joined(field) {
        let join = quote(&collection.join_table(field));
        let rows = format!("SELECT \"target\" FROM {join} WHERE \"source\" = OLD.\"id\" ORDER BY \"position\"");
        return format!("(SELECT json_group_array(\"target\") FROM ({rows}))");
    }
    let column = format!("OLD.{}", quote(&field.name));
    let finite = format!("CASE WHEN {column} BETWEEN -1e308 AND 1e308 THEN {column} END");
    format!("CASE typeof({column}) WHEN 'blob' THEN hex({column}) WHEN 'real' THEN {finite} ELSE {column} END")
}
