//! What the tables of bakend have in common: whose rows are asked for, reading and counting them.

use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use crate::{
    Result,
    schema::{Scalar, ScalarRef},
    store::{Conn, Row, orm::statement},
};

/// Whose rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Id of the collection.
    pub collection: String,
    /// Id of the account; `None`: all accounts of the collection.
    pub record: Option<String>,
}

impl Owner {
    /// An account.
    pub fn account(collection: &str, record: &str) -> Self {
        Self { collection: collection.to_owned(), record: Some(record.to_owned()) }
    }

    /// All accounts of a collection.
    pub fn all_of(collection: &str) -> Self {
        Self { collection: collection.to_owned(), record: None }
    }

    /// Rows that name it in these columns.
    pub(super) fn of<C: ColumnTrait>(&self, collection: C, record: C) -> Condition {
        let of_record = self.record.as_ref().map(|id| record.eq(id.as_str()));
        Condition::all().add(collection.eq(self.collection.as_str())).add_option(of_record)
    }
}

/// The rows of a query; `read` takes their columns in the order of the model.
pub(super) fn read_all<T>(
    conn: &Conn<'_>,
    query: &impl QueryTrait,
    mut read: impl FnMut(&Row<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let mut found = Vec::new();
    conn.rows(&statement(query)?, |row| {
        found.push(read(row)?);
        Ok(())
    })?;
    Ok(found)
}

/// How many rows of an entity, counted by a column that is never empty, meet a condition.
pub(super) fn count<E: EntityTrait>(conn: &Conn<'_>, column: E::Column, condition: Condition) -> Result<i64> {
    let count = E::find().select_only().column_as(column.count(), "total").filter(condition);
    Ok(match conn.scalar(&statement(&count)?)? {
        Some(Scalar::Int(total)) => total,
        _ => 0,
    })
}

/// A column that counts something: never below 0.
pub(super) fn number(row: &Row<'_>, column: usize) -> Result<u64> {
    Ok(match row.get(column)? {
        ScalarRef::Int(number) => u64::try_from(number).unwrap_or(0),
        _ => 0,
    })
}
