//! The changelog: what changed, in the order of commits, written by the database itself.
//!
//! Entries are numbered without a gap, and a number is never given twice: the newest entry is never removed.

mod gone;

pub use gone::{as_if_there, goes_on_until, went_together};

use sea_query::{Expr, ExprTrait as _, Func, Order, Query, SelectStatement};
use serde_json::{Map, Value as Json};

use super::{
    Conn, Row,
    orm::scalars,
    sqlite::{dialect, triggers},
    system::changes::{Column, Entity},
};
use crate::{
    Result,
    query::Statement,
    schema::{Collection, Record, Scalar, ScalarRef},
};

/// What an entry takes in the file beside its texts, in bytes: number, time, action and lengths.
const ENTRY_BYTES: i64 = 16;

/// What happened to a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// It was created.
    Create,
    /// Its row changed.
    Update,
    /// It was deleted.
    Delete,
    /// What it is joined with changed: an update, which may be told together with others of its record.
    Link,
}

impl Action {
    /// As the table keeps it.
    pub fn number(self) -> i64 {
        match self {
            Self::Create => 1,
            Self::Update => 2,
            Self::Delete => 3,
            Self::Link => 4,
        }
    }

    fn of(number: ScalarRef<'_>) -> Self {
        match number {
            ScalarRef::Int(1) => Self::Create,
            ScalarRef::Int(3) => Self::Delete,
            ScalarRef::Int(4) => Self::Link,
            _ => Self::Update,
        }
    }

    /// As the wire spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update | Self::Link => "update",
            Self::Delete => "delete",
        }
    }
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Its number: one more than that of the entry before.
    pub seq: i64,
    /// The id of the collection, or the name of a system table.
    pub collection: String,
    /// The id of the record or row.
    pub record: String,
    /// What happened.
    pub action: Action,
    /// Of what was deleted, and of sessions and keys that changed: what it was, as JSON; see [`deleted_record`] and [`Change::old_row`].
    pub old: Option<String>,
    /// When, in seconds since 1970.
    pub at: i64,
}

impl Change {
    /// What a row was: those of its columns that were kept. Nothing: none were, or they cannot be read.
    pub fn old_row(&self) -> Map<String, Json> {
        let old = self.old.as_deref().and_then(|old| serde_json::from_str::<Vec<Map<String, Json>>>(old).ok());
        old.unwrap_or_default().into_iter().flatten().collect()
    }
}

/// Entries behind a number, at most `limit`, in order.
///
/// # Errors
/// `Internal`: the database failed.
pub fn after(conn: &Conn<'_>, seq: i64, limit: u32) -> Result<Vec<Change>> {
    let mut query = entries();
    query.and_where(Expr::col(Column::Seq).gt(seq)).order_by(Column::Seq, Order::Asc).limit(u64::from(limit));
    read_all(conn, &query)
}

/// The numbers of the first and the last entry that are kept; `None`: nothing changed yet.
///
/// # Errors
/// `Internal`: the database failed.
pub fn bounds(conn: &Conn<'_>) -> Result<Option<(i64, i64)>> {
    let end = |order: Order| {
        let mut query = Query::select();
        query.column(Column::Seq).from(Entity).order_by(Column::Seq, order).limit(1);
        Ok::<_, crate::Error>(match conn.scalar(&statement(&query)?)? {
            Some(Scalar::Int(seq)) => Some(seq),
            _ => None,
        })
    };
    Ok(end(Order::Asc)?.zip(end(Order::Desc)?))
}

/// The number of the last entry; 0: nothing changed yet.
///
/// # Errors
/// `Internal`: the database failed.
pub fn last(conn: &Conn<'_>) -> Result<i64> {
    let mut query = Query::select();
    query.column(Column::Seq).from(Entity).order_by(Column::Seq, Order::Desc).limit(1);
    Ok(match conn.scalar(&statement(&query)?)? {
        Some(Scalar::Int(seq)) => seq,
        _ => 0,
    })
}

/// The number of the last entry, and the entries behind `seq` that are about some tables (ids of collections, names of system tables), in
/// order; `None` in their place: not all of them are kept, or they are more than `max`.
///
/// # Errors
/// `Internal`: the database failed.
pub fn about(conn: &Conn<'_>, seq: i64, tables: &[String], max: usize) -> Result<(i64, Option<Vec<Change>>)> {
    let last = last(conn)?;
    let mut query = entries();
    query
        .and_where(Expr::col(Column::Seq).gt(seq))
        .and_where(Expr::col(Column::Seq).lte(last))
        .and_where(Expr::col(Column::Collection).is_in(tables))
        .order_by(Column::Seq, Order::Asc)
        .limit(max as u64 + 1);
    let changes = read_all(conn, &query)?;
    // Asked behind them: what is removed meanwhile counts.
    let is_whole = last == seq || bounds(conn)?.is_some_and(|(first, _)| first <= seq + 1 && seq < last);
    Ok((last, Some(changes).filter(|changes| is_whole && changes.len() <= max)))
}

/// The number of the first entry that is not older than a moment (seconds since 1970); `None`: all are older.
///
/// # Errors
/// `Internal`: the database failed.
pub fn first_since(conn: &Conn<'_>, moment: i64) -> Result<Option<i64>> {
    let mut query = Query::select();
    query.column(Column::Seq).from(Entity).and_where(Expr::col(Column::At).gte(moment));
    query.order_by(Column::Seq, Order::Asc).limit(1);
    Ok(match conn.scalar(&statement(&query)?)? {
        Some(Scalar::Int(seq)) => Some(seq),
        _ => None,
    })
}

/// How many bytes the entries behind a number take together.
///
/// # Errors
/// `Internal`: the database failed.
pub fn bytes_after(conn: &Conn<'_>, seq: i64) -> Result<i64> {
    let mut query = Query::select();
    query.expr(Func::sum(entry_bytes())).from(Entity).and_where(Expr::col(Column::Seq).gt(seq));
    Ok(match conn.scalar(&statement(&query)?)? {
        Some(Scalar::Int(bytes)) => bytes,
        _ => 0,
    })
}

/// The number of the first of the newest entries that together take at most `bytes_max`; `None`: all do.
///
/// # Errors
/// `Internal`: the database failed.
pub fn first_within(conn: &Conn<'_>, bytes_max: i64) -> Result<Option<i64>> {
    let mut query = Query::select();
    query.column(Column::Seq).expr(entry_bytes()).from(Entity).order_by(Column::Seq, Order::Desc);
    let (mut bytes, mut first, mut exceeded) = (0_i64, None, false);
    // One walk from the newest on; what is behind the bound is passed over for the price of its numbers.
    conn.rows(&statement(&query)?, |row| {
        if let ScalarRef::Int(own) = row.get(1)? {
            bytes = bytes.saturating_add(own);
        }
        exceeded |= bytes > bytes_max;
        if let (false, ScalarRef::Int(seq)) = (exceeded, row.get(0)?) {
            first = Some(seq);
        }
        Ok(())
    })?;
    Ok(match (exceeded, first) {
        (false, _) => None,
        // Even the newest one is too large: it stays all the same.
        (true, None) => Some(i64::MAX),
        (true, first) => first,
    })
}

/// What an entry takes. (`length` counts characters, and reads the whole text to do so.)
fn entry_bytes() -> Expr {
    let bytes = |column: Column| Expr::expr(Func::cust("octet_length").arg(Expr::col(column)));
    let old = Expr::expr(Func::coalesce([bytes(Column::Old), Expr::val(0)]));
    bytes(Column::Collection).add(bytes(Column::Record)).add(old).add(ENTRY_BYTES)
}

/// Removes entries before a number, at most `limit` of the oldest, and never the newest one; returns how many went.
///
/// # Errors
/// `Internal`: the database failed.
pub fn remove_before(conn: &Conn<'_>, seq: i64, limit: i64) -> Result<u64> {
    let Some((first, last)) = bounds(conn)? else { return Ok(0) };
    let until = std::cmp::min(std::cmp::min(seq, last), first.saturating_add(limit));
    if until <= first {
        return Ok(0);
    }
    let mut query = Query::delete();
    query.from_table(Entity).and_where(Expr::col(Column::Seq).lt(until));
    let (sql, binds) = query.build(sea_query::SqliteQueryBuilder);
    conn.execute(&Statement::new(sql, scalars(binds.0)?))
}

/// Sees that every change of these collections is logged from now on.
///
/// # Errors
/// `Internal`: the database failed.
pub fn ensure_triggers(conn: &Conn<'_>, collections: &[std::sync::Arc<Collection>]) -> Result<()> {
    triggers::ensure(conn, collections.iter().map(AsRef::as_ref))
}

/// Whether every change of these collections is logged.
///
/// # Errors
/// `Internal`: the database failed.
pub fn has_triggers(conn: &Conn<'_>, collections: &[std::sync::Arc<Collection>]) -> Result<bool> {
    triggers::are_there(conn, collections.iter().map(AsRef::as_ref))
}

/// Forgets what the deleted records of a collection were: its fields are others from now on, although one may have the id of one that was.
///
/// # Errors
/// `Internal`: the database failed.
pub(super) fn forget_deleted(conn: &Conn<'_>, collection: &Collection) -> Result<()> {
    let mut query = Query::update();
    query
        .table(Entity)
        .value(Column::Old, Option::<String>::None)
        .and_where(Expr::col(Column::Action).eq(Action::Delete.number()))
        .and_where(Expr::col(Column::Collection).eq(collection.id.as_str()))
        .and_where(Expr::col(Column::Old).is_not_null());
    let (sql, binds) = query.build(sea_query::SqliteQueryBuilder);
    conn.execute(&Statement::new(sql, scalars(binds.0)?)).map(drop)
}

/// What was kept of a deleted record, by what the fields of its collection are called now. `None`: that cannot be told any more.
fn kept(collection: &Collection, old: &str) -> Option<Map<String, Json>> {
    let objects: Vec<Map<String, Json>> = serde_json::from_str(old).ok()?;
    let mut columns: Map<String, Json> = objects.into_iter().flatten().collect();
    columns.remove(gone::SINCE);
    let (mut values, mut is_whole) = (Map::new(), true);
    for field in collection.fields.iter().filter(|field| triggers::is_kept(collection, field)) {
        match columns.remove(&triggers::key(field)) {
            Some(value) => drop(values.insert(field.name.clone(), value)),
            None => is_whole = false,
        }
    }
    // A field that was added since is empty, as it is of records that are still there. Where others went meanwhile it may stand for one of
    // these, and a rule would take its emptiness for an answer.
    (!values.is_empty() && (is_whole || columns.is_empty())).then_some(values)
}

/// What a deleted record was, of a collection as it is now; fields that it did not have are zero, and so are its secrets. `None`: that cannot
/// be told any more.
pub fn deleted_record(collection: &std::sync::Arc<Collection>, old: &str) -> Option<Record> {
    let columns = kept(collection, old)?;
    let read = |field: &crate::schema::Field| match columns.get(&field.name) {
        Some(Json::String(text)) => field.read(ScalarRef::Text(text)),
        Some(Json::Number(number)) => match number.as_i64() {
            Some(whole) => field.read(ScalarRef::Int(whole)),
            None => field.read(ScalarRef::Real(number.as_f64().unwrap_or_default())),
        },
        // What is joined to a record is a list; as text, it is read as the planner's statements give it.
        Some(list @ Json::Array(_)) => field.read(ScalarRef::Text(&list.to_string())),
        _ => field.zero(),
    };
    let values = collection.fields.iter().map(read).collect();
    Some(Record { collection: std::sync::Arc::clone(collection), values })
}

fn entries() -> SelectStatement {
    let mut query = Query::select();
    query
        .columns([Column::Seq, Column::Collection, Column::Record, Column::Action, Column::Old, Column::At])
        .from(Entity);
    query
}

fn read_all(conn: &Conn<'_>, query: &SelectStatement) -> Result<Vec<Change>> {
    let mut changes = Vec::new();
    conn.rows(&statement(query)?, |row| {
        changes.push(read(row)?);
        Ok(())
    })?;
    Ok(changes)
}

fn read(row: &Row<'_>) -> Result<Change> {
    let number = |column: usize| match row.get(column) {
        Ok(ScalarRef::Int(number)) => number,
        _ => 0,
    };
    // What somebody wrote by hand must not keep the log from being read.
    let text = |column: usize| row.get(column).ok().map(|value| value.to_owned());
    let of = |value: Option<Scalar>| match value {
        Some(Scalar::Text(text)) => Some(text),
        _ => None,
    };
    Ok(Change {
        seq: number(0),
        collection: of(text(1)).unwrap_or_default(),
        record: of(text(2)).unwrap_or_default(),
        action: row.get(3).map_or(Action::Update, Action::of),
        old: of(text(4)),
        at: number(5),
    })
}

fn statement(query: &SelectStatement) -> Result<Statement> {
    let (sql, binds) = dialect().build(query);
    Ok(Statement::new(sql, scalars(binds.0)?))
}

#[cfg(test)]
mod tests;
