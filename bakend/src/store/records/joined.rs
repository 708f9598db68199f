//! The rows of a multiple relation: `source`, `target` and the target's place in the list.

use std::collections::HashMap;

use super::sql;
use crate::{
    Result,
    schema::{Scalar, ScalarRef},
    store::Conn,
};

/// Joins a new record with its targets.
pub(super) fn add(conn: &Conn<'_>, table: &str, source: &str, targets: &[String]) -> Result<()> {
    let sql = sql::join(table);
    for (target, position) in targets.iter().zip(0_i64..) {
        conn.execute_with(&sql, &[Scalar::from(source), Scalar::from(target.as_str()), Scalar::Int(position)])?;
    }
    Ok(())
}

/// Makes `targets` the list of a record; touches only the rows that differ.
pub(super) fn replace(conn: &Conn<'_>, table: &str, source: &str, targets: &[String]) -> Result<()> {
    let wanted: HashMap<&str, i64> = targets.iter().map(String::as_str).zip(0_i64..).collect();
    let mut gone = Vec::new();
    let mut kept = HashMap::new();
    conn.rows_with(&sql::targets(table), &[Scalar::from(source)], |row| {
        let target = row.text(0)?;
        match wanted.get(target) {
            None => gone.push(target.to_owned()),
            Some(position) if row.get(1)? == ScalarRef::Int(*position) => {
                kept.insert(target.to_owned(), ());
            }
            Some(_) => {}
        }
        Ok(())
    })?;
    for target in gone {
        conn.execute_with(&sql::part(table), &[Scalar::from(source), Scalar::from(target)])?;
    }
    let join = sql::join(table);
    for (target, position) in wanted.into_iter().filter(|(target, _)| !kept.contains_key(*target)) {
        conn.execute_with(&join, &[Scalar::from(source), Scalar::from(target), Scalar::Int(position)])?;
    }
    Ok(())
}
