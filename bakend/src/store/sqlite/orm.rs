//! SeaORM's statements on the writer's connection: any bind its driver takes, any value it reads.

use rusqlite::{
    Connection, Statement, params_from_iter,
    types::{Value, ValueRef},
};
use sea_query::Value as Bind;

use super::errors::public;
use crate::{
    Error, Result,
    schema::Scalar,
    store::orm::{Changed, Found, scalar},
};

/// The rows of a statement.
pub(crate) fn rows(connection: &Connection, sql: &str, binds: Vec<Bind>) -> Result<Found> {
    let mut statement = connection.prepare_cached(sql).map_err(public)?;
    let names: Vec<String> = statement.column_names().into_iter().map(str::to_owned).collect();
    let mut found = Vec::new();
    let mut rows = statement.query(params_from_iter(values(binds)?)).map_err(public)?;
    while let Some(row) = rows.next().map_err(public)? {
        let columns = 0..names.len();
        found.push(columns.map(|at| read(row.get_ref(at).map_err(public)?)).collect::<Result<_>>()?);
    }
    Ok(Found { names, rows: found })
}

/// Runs a statement for what it changes.
pub(crate) fn execute(connection: &Connection, sql: &str, binds: Vec<Bind>) -> Result<Changed> {
    let mut statement = connection.prepare_cached(sql).map_err(public)?;
    let rows = run(&mut statement, &values(binds)?)?;
    Ok(Changed { rows, last_id: connection.last_insert_rowid() })
}

/// Runs a statement to its end, past the rows that it may return.
fn run(statement: &mut Statement<'_>, values: &[Value]) -> Result<u64> {
    if statement.column_count() > 0 {
        let mut rows = statement.query(params_from_iter(values)).map_err(public)?;
        let mut count = 0;
        while rows.next().map_err(public)?.is_some() {
            count += 1;
        }
        return Ok(count);
    }
    statement.execute(params_from_iter(values)).map(|changed| changed as u64).map_err(public)
}

fn values(binds: Vec<Bind>) -> Result<Vec<Value>> {
    binds.into_iter().map(value).collect()
}

fn value(bind: Bind) -> Result<Value> {
    Ok(match bind {
        Bind::Bytes(bytes) => bytes.map_or(Value::Null, Value::Blob),
        Bind::Json(json) => json.map_or(Value::Null, |json| Value::Text(json.to_string())),
        other => match scalar(other)? {
            Scalar::Null => Value::Null,
            Scalar::Int(number) => Value::Integer(number),
            Scalar::Real(number) => Value::Real(number),
            Scalar::Text(text) => Value::Text(text),
        },
    })
}

fn read(value: ValueRef<'_>) -> Result<Bind> {
    Ok(match value {
        ValueRef::Null => Bind::String(None),
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => std::str::from_utf8(text).map_err(Error::internal)?.into(),
        ValueRef::Blob(bytes) => bytes.into(),
    })
}
