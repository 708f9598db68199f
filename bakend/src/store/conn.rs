//! An open connection in the hands of a read or write, and the rows that its statements return.

use std::collections::HashSet;

use super::{
    DatabaseError,
    sqlite::{guard, run},
    vault::Vault,
};
use crate::{
    Result,
    query::Statement,
    schema::{Scalar, ScalarRef},
};

/// A connection, lent to a closure of [`Db::read`](super::Db::read) or [`Db::write`](super::Db::write).
#[derive(Clone, Copy)]
pub struct Conn<'a> {
    pub(super) raw: &'a rusqlite::Connection,
    pub(super) vault: &'a Vault,
}

impl Conn<'_> {
    /// Runs a statement and hands each of its rows to `each`; returns their number.
    ///
    /// # Errors
    /// - what `each` returns, which also ends the statement;
    /// - `Invalid`: the statement ran into its deadline or a constraint; otherwise `Internal` with the database's words as source.
    pub fn rows(&self, statement: &Statement, each: impl FnMut(&Row<'_>) -> Result<()>) -> Result<usize> {
        run::rows(self.raw, &statement.sql, &statement.binds, each)
    }

    /// The first column of the first row; `None` without rows.
    ///
    /// # Errors
    /// As of [`rows`](Self::rows).
    pub fn scalar(&self, statement: &Statement) -> Result<Option<Scalar>> {
        let mut found = None;
        self.rows(statement, |row| {
            if found.is_none() {
                found = Some(row.get(0)?.to_owned());
            }
            Ok(())
        })?;
        Ok(found)
    }

    /// Runs a statement that returns no rows; returns the number of rows it changed.
    ///
    /// # Errors
    /// As of [`rows`](Self::rows).
    pub fn execute(&self, statement: &Statement) -> Result<u64> {
        run::execute(self.raw, &statement.sql, &statement.binds)
    }

    /// Runs statements without binds, one after the other (DDL).
    ///
    /// # Errors
    /// As of [`rows`](Self::rows); statements before the failing one stay done until the write's savepoint is rolled back.
    pub fn run_script(&self, sql: &str) -> Result<()> {
        run::script(self.raw, sql)
    }

    /// Like [`run_script`](Self::run_script) for SQL by people: it may neither end the transaction nor leave the database, and the tables
    /// in `kept` (lower-case names) it may change row by row only.
    ///
    /// # Errors
    /// As of [`run_script`](Self::run_script); `Invalid` with the reason when it goes beyond that.
    pub fn run_guarded(&self, sql: &str, kept: HashSet<String>) -> Result<()> {
        guard::script(self, sql, kept)
    }

    /// Like [`execute`](Self::execute) for the store's own statements, without a [`Statement`] around them.
    pub(super) fn execute_with(&self, sql: &str, binds: &[Scalar]) -> Result<u64> {
        run::execute(self.raw, sql, binds)
    }

    /// Like [`rows`](Self::rows) for the store's own statements, without a [`Statement`] around them.
    pub(super) fn rows_with(
        &self,
        sql: &str,
        binds: &[Scalar],
        each: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<usize> {
        run::rows(self.raw, sql, binds, each)
    }
}

/// One row of a running statement; its texts are borrowed from the database.
pub struct Row<'r> {
    pub(super) raw: &'r rusqlite::Row<'r>,
}

impl<'r> Row<'r> {
    /// The value of a column, counted from 0.
    ///
    /// # Errors
    /// `Internal`: there is no such column, or it holds bytes that are not UTF-8 text.
    pub fn get(&self, column: usize) -> Result<ScalarRef<'r>> {
        run::column(self.raw, column)
    }

    /// The text of a column; `""` when it is not text.
    ///
    /// # Errors
    /// As of [`get`](Self::get).
    pub fn text(&self, column: usize) -> Result<&'r str> {
        Ok(match self.get(column)? {
            ScalarRef::Text(text) => text,
            _ => "",
        })
    }

    /// The name of a column, counted from 0, as the statement gives it.
    ///
    /// # Errors
    /// `Internal`: there is no such column.
    pub fn name(&self, column: usize) -> Result<&str> {
        run::column_name(self.raw, column)
    }

    /// Number of columns.
    pub fn len(&self) -> usize {
        self.raw.as_ref().column_count()
    }

    /// Whether there are no columns.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// An error about a row's content.
pub(super) fn unreadable(words: impl Into<String>) -> crate::Error {
    DatabaseError::Refused(words.into()).into()
}
