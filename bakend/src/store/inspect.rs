//! What a SELECT returns: for views that are about to be saved.

use std::collections::{HashMap, HashSet};

use super::{Conn, sqlite};
use crate::{Result, schema::Scalar};

/// A column that a SELECT returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DescribedColumn {
    /// As the SELECT names it.
    pub name: String,
    /// The declared type of the table's column behind it (`TEXT`, `DOUBLE`, …); `None` for expressions.
    pub declared: Option<String>,
}

/// What a SELECT returns.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// In order.
    pub columns: Vec<DescribedColumn>,
    /// The first rows.
    pub rows: Vec<Vec<Scalar>>,
}

/// Runs a SELECT for its columns and its first `rows_max` rows.
///
/// # Errors
/// - `Invalid`: `sql` is not one SELECT, changes something, or took too long;
/// - `Internal`: it does not run; [`reason`](super::reason) has the database's words.
pub fn describe_select(conn: &Conn<'_>, sql: &str, rows_max: usize) -> Result<Description> {
    sqlite::inspect::describe(conn, sql, rows_max)
}

/// Checks that a SELECT reads no more than a view may: `collections` are the tables of collections with their secret columns, all in lower case.
///
/// # Errors
/// `Invalid`: it reads a secret column, or a table that bakend or the database keeps for itself; the message names it. Otherwise as of
/// [`describe_select`].
pub fn check_readable(conn: &Conn<'_>, sql: &str, collections: HashMap<String, HashSet<String>>) -> Result<()> {
    sqlite::guard::view(conn, sql, collections)
}
