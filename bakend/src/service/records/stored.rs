//! Reading stored records without rules and hooks.

use std::sync::Arc;

use crate::{
    Result,
    query::{Planner, RequestInfo, Statement},
    schema::{Collection, Record, ScalarRef, Schema},
    store::{Conn, Db, Row},
};

/// The record with this id.
pub async fn find(
    db: &Db,
    planner: &Planner,
    schema: &Schema,
    collection: &Arc<Collection>,
    id: &str,
) -> Result<Option<Record>> {
    let statement = planner.view(schema, collection, &RequestInfo::default(), id, None)?;
    first(db, statement, collection).await
}

/// The first record whose field has this text, which must not be empty. Compares as the unique index on the field does: without regard to
/// case where that says NOCASE.
///
/// # Errors
/// `Invalid`: there is no such field.
pub async fn find_by(
    db: &Db,
    planner: &Planner,
    schema: &Schema,
    collection: &Arc<Collection>,
    field: &str,
    value: &str,
) -> Result<Option<Record>> {
    let statement = planner.by_field(schema, collection, field, value, false)?;
    first(db, statement, collection).await
}

/// Every record that a statement of the planner returns.
pub async fn find_all(db: &Db, statement: Statement, collection: &Arc<Collection>) -> Result<Vec<Record>> {
    let pace = statement.pace.clone();
    let collection = Arc::clone(collection);
    db.read(&pace, move |conn| read_all(conn, &statement, &collection)).await
}

pub(super) async fn first(db: &Db, statement: Statement, collection: &Arc<Collection>) -> Result<Option<Record>> {
    Ok(find_all(db, statement, collection).await?.into_iter().next())
}

/// The records of a statement, on a connection that is at hand.
pub(super) fn read_all(conn: &Conn, statement: &Statement, collection: &Arc<Collection>) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    conn.rows(statement, |row| {
        records.push(read_row(row, 0, collection)?);
        Ok(())
    })?;
    Ok(records)
}

/// The records of a statement of `Planner::pointing_at`, each with the id it points at.
pub(super) fn read_pointing(
    conn: &Conn,
    statement: &Statement,
    collection: &Arc<Collection>,
) -> Result<Vec<(String, Record)>> {
    let mut records = Vec::new();
    conn.rows(statement, |row| {
        if let ScalarRef::Text(pointed_at) = row.get(0)? {
            records.push((pointed_at.to_owned(), read_row(row, 1, collection)?));
        }
        Ok(())
    })?;
    Ok(records)
}

/// A record from a row whose columns from `offset` on are the collection's fields.
pub(super) fn read_row(row: &Row<'_>, offset: usize, collection: &Arc<Collection>) -> Result<Record> {
    let values = collection
        .fields
        .iter()
        .enumerate()
        .map(|(at, field)| Ok(field.read(row.get(offset + at)?)))
        .collect::<Result<_>>()?;
    Ok(Record { collection: Arc::clone(collection), values })
}
