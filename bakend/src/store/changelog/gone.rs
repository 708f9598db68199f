//! Deleted rows, put back for one question: what a condition says of a record as it was right before it went, with what went together with it.

use serde_json::Value as Json;

use super::{Action, Change, kept};
use crate::{
    Result,
    query::Statement,
    schema::{Collection, Scalar, ScalarRef, Schema},
    store::{
        Conn,
        records::is_joined,
        sqlite::ddl::{quote, text},
    },
};

/// What the entry of a record says that went as the last of several: where the others begin. No field has such a name.
pub(super) const SINCE: &str = " since";

impl Change {
    /// Of a record that went last, together with what cascaded from it: the number of the first of their entries.
    pub fn began(&self) -> Option<i64> {
        began(self.old.as_deref()?)
    }
}

fn began(old: &str) -> Option<i64> {
    // Quotes within values are escaped, so that this is nowhere else.
    let (_, number) = old.rsplit_once(&format!("{{\"{SINCE}\":"))?;
    number.split('}').next()?.parse().ok()
}

/// Until where that goes on which was deleted up to the entry `seq`, at most `limit` entries behind it: to the end of the last cascade that
/// began by then, and as far as deletions follow each other.
///
/// # Errors
/// `Internal`: the database failed.
pub fn goes_on_until(conn: &Conn<'_>, seq: i64, limit: u32) -> Result<i64> {
    let sql = "SELECT seq, action, old FROM _changes WHERE seq BETWEEN ? AND ? ORDER BY seq";
    let binds = vec![Scalar::Int(seq), Scalar::Int(seq + i64::from(limit))];
    let (mut unbroken, mut ended) = (seq - 1, seq);
    conn.rows(&Statement::new(sql, binds), |row| {
        let ScalarRef::Int(at) = row.get(0)? else { return Ok(()) };
        let action = row.get(1).map_or(Action::Update, Action::of);
        if at == unbroken + 1 && matches!(action, Action::Delete | Action::Link) {
            unbroken = at;
        }
        if let (Action::Delete, Ok(ScalarRef::Text(old))) = (action, row.get(2))
            && began(old).is_some_and(|first| first <= seq)
        {
            ended = at;
        }
        Ok(())
    })?;
    Ok(ended.max(unbroken))
}

/// Notes that all records that were deleted behind the entry `seq` in this transaction went together.
///
/// # Errors
/// `Internal`: the database failed.
pub fn went_together(conn: &Conn<'_>, seq: i64) -> Result<()> {
    let sql = "UPDATE _changes SET old = json_insert(old, '$[#]', json_object(?, ?))
               WHERE seq = (SELECT max(seq) FROM _changes WHERE seq > ? AND action = ?)";
    let delete = Scalar::Int(Action::Delete.number());
    let binds = vec![SINCE.into(), Scalar::Int(seq + 1), Scalar::Int(seq), delete];
    conn.execute(&Statement::new(sql, binds)).map(drop)
}

/// The same statement, asked as if these deleted records, with what they were joined to, were still there. `None`: it asks of one of which it
/// is not known any more what it was.
pub fn as_if_there(statement: Statement, schema: &Schema, gone: &[&Change]) -> Option<Statement> {
    let mut shadows = Shadows { sql: &statement.sql, tables: Vec::new(), binds: Vec::new() };
    for collection in schema.collections() {
        let of_it =
            || gone.iter().filter(|change| change.collection == collection.id && change.action == Action::Delete);
        if shadows.reads(collection) && of_it().next().is_some() {
            let row = |change: &&Change| kept(collection, change.old.as_deref()?).map(Json::Object);
            let rows: Option<Vec<_>> = of_it().map(row).collect();
            shadows.add(collection, &Json::Array(rows?).to_string());
        }
    }
    let Shadows { tables, mut binds, .. } = shadows;
    if tables.is_empty() {
        return Some(statement);
    }
    binds.extend(statement.binds);
    // Names of the expressions go before names of tables.
    Some(Statement { sql: format!("WITH {} {}", tables.join(", "), statement.sql).into(), binds, pace: statement.pace })
}

/// Tables that a statement reads, each with its deleted rows.
struct Shadows<'a> {
    sql: &'a str,
    tables: Vec<String>,
    binds: Vec<Scalar>,
}

impl Shadows<'_> {
    fn reads(&self, collection: &Collection) -> bool {
        let joins = collection.joined_fields().map(|(_, field)| collection.join_table(field));
        std::iter::once(collection.name.clone()).chain(joins).any(|name| self.sql.contains(&quote(&name)))
    }

    fn add(&mut self, collection: &Collection, rows: &str) {
        let own: Vec<_> = collection.fields.iter().filter(|field| !is_joined(field)).collect();
        let columns: Vec<_> = own.iter().map(|field| quote(&field.name)).collect();
        let values: Vec<_> = own.iter().map(|field| format!("json_extract(value, {})", path(&field.name))).collect();
        self.table(&collection.name, &columns, &format!("SELECT {} FROM json_each(?)", values.join(", ")), rows);
        for (_, field) in collection.joined_fields() {
            let columns = ["source", "target", "position"].map(quote);
            let links = format!(
                "SELECT json_extract(r.value, '$.id'), l.value, l.key FROM json_each(?) r, json_each(r.value, {}) l",
                path(&field.name)
            );
            self.table(&collection.join_table(field), &columns, &links, rows);
        }
    }

    fn table(&mut self, name: &str, columns: &[String], deleted: &str, rows: &str) {
        let (name, columns) = (quote(name), columns.join(", "));
        if self.sql.contains(&name) {
            let stored = format!("SELECT {columns} FROM main.{name}");
            self.tables.push(format!("{name}({columns}) AS NOT MATERIALIZED ({stored} UNION ALL {deleted})"));
            self.binds.push(rows.into());
        }
    }
}

/// The path of a field in a JSON object.
fn path(field: &str) -> String {
    text(&format!("$.\"{field}\""))
}
