//! How the database goes about a statement: for those who wonder why it is slow, or what a rule became.

use super::{Conn, sqlite};
use crate::{Result, query::Statement};

/// A step of a statement's plan; steps form a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanStep {
    /// Tells the steps of a plan apart.
    pub id: i64,
    /// The step that it is a part of; 0: none.
    pub parent: i64,
    /// In the database's own words.
    pub detail: String,
}

/// The plan of a statement, which is not run.
///
/// # Errors
/// `Internal`: the statement is none.
pub fn explain(conn: &Conn<'_>, statement: &Statement) -> Result<Vec<PlanStep>> {
    sqlite::explain::explain(conn, statement)
}
