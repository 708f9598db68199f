//! Running one statement on a connection: prepare (or find it prepared), bind, step, read.

use rusqlite::{
    CachedStatement, Connection, ToSql,
    types::{ToSqlOutput, ValueRef},
};

use super::errors::public;
use crate::{
    Result,
    schema::{Scalar, ScalarRef},
    store::{Row, conn::unreadable},
};

/// Hands each row to `each`; returns their number.
pub(crate) fn rows(
    connection: &Connection,
    sql: &str,
    binds: &[Scalar],
    mut each: impl FnMut(&Row<'_>) -> Result<()>,
) -> Result<usize> {
    let mut statement = prepare(connection, sql, binds)?;
    let mut rows = statement.raw_query();
    let mut count = 0;
    while let Some(row) = rows.next().map_err(public)? {
        each(&Row { raw: row })?;
        count += 1;
    }
    Ok(count)
}

/// Runs a statement without rows; returns the number of changed rows.
pub(crate) fn execute(connection: &Connection, sql: &str, binds: &[Scalar]) -> Result<u64> {
    let changed = prepare(connection, sql, binds)?.raw_execute().map_err(public)?;
    Ok(changed as u64)
}

/// Runs statements without binds.
pub(crate) fn script(connection: &Connection, sql: &str) -> Result<()> {
    connection.execute_batch(sql).map_err(public)
}

/// The value of a column.
pub(crate) fn column<'r>(row: &'r rusqlite::Row<'r>, column: usize) -> Result<ScalarRef<'r>> {
    Ok(match row.get_ref(column).map_err(public)? {
        ValueRef::Null => ScalarRef::Null,
        ValueRef::Integer(number) => ScalarRef::Int(number),
        ValueRef::Real(number) => ScalarRef::Real(number),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => ScalarRef::Text(text),
            Err(_) => return Err(unreadable(format!("column {column} holds bytes that are not UTF-8 text"))),
        },
    })
}

/// The name of a column.
pub(crate) fn column_name<'r>(row: &'r rusqlite::Row<'_>, column: usize) -> Result<&'r str> {
    let statement: &rusqlite::Statement<'_> = row.as_ref();
    statement.column_name(column).map_err(public)
}

fn prepare<'c>(connection: &'c Connection, sql: &str, binds: &[Scalar]) -> Result<CachedStatement<'c>> {
    let mut statement = connection.prepare_cached(sql).map_err(public)?;
    for (at, bind) in binds.iter().enumerate() {
        statement.raw_bind_parameter(at + 1, Bind(bind)).map_err(public)?;
    }
    Ok(statement)
}

/// A scalar as rusqlite binds it.
struct Bind<'a>(&'a Scalar);

impl ToSql for Bind<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Scalar::Null => ValueRef::Null,
            Scalar::Int(number) => ValueRef::Integer(*number),
            Scalar::Real(number) => ValueRef::Real(*number),
            Scalar::Text(text) => ValueRef::Text(text.as_bytes()),
        }))
    }
}
