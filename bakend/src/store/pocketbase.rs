//! A data folder of PocketBase, read and never changed: what `bak import pocketbase` takes over.

mod files;
mod open;

use std::{
    path::{Path, PathBuf},
    time::SystemTime,
};

use rusqlite::{Connection, OptionalExtension as _, types::ValueRef};

pub use self::files::Copied;
use self::open::{connect, has_log, written};
use super::system::collections::StoredCollection;
use crate::{Error, Result, schema::Scalar};

/// The database's file in PocketBase's folder.
const DATABASE_FILE: &str = "data.db";

/// An open data folder.
pub struct Source {
    database: Connection,
    dir: PathBuf,
    /// When and how long the database's file was, when it is read without regard to others.
    quiet: Option<(SystemTime, u64)>,
    /// Holds the copy of a database that cannot be read where it is.
    _copy: Option<tempfile::TempDir>,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceRow {
    /// Where to go on after it.
    pub rowid: i64,
    /// The columns asked for, in their order.
    pub values: Vec<Scalar>,
}

impl Source {
    /// Opens `dir`, or the `pb_data` folder in it.
    ///
    /// # Errors
    /// `Invalid`: there is no such folder, it holds no database of PocketBase, or one from before version 0.23.
    pub fn open(dir: &Path) -> Result<Self> {
        let inner = dir.join("pb_data");
        let dir = if !dir.join(DATABASE_FILE).is_file() && inner.join(DATABASE_FILE).is_file() {
            inner
        } else {
            dir.to_owned()
        };
        let path = dir.join(DATABASE_FILE);
        if !path.is_file() {
            return Err(Error::invalid(format!(
                "The folder {} is not a data folder of PocketBase: it holds no {DATABASE_FILE}",
                dir.display()
            )));
        }
        let quiet = if has_log(&path) { None } else { written(&path) };
        let (database, copy) = connect(&path)?;
        let source = Self { database, dir, quiet, _copy: copy };
        source.check_version()?;
        Ok(source)
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Sees that what was read belongs together: asked after the last read.
    ///
    /// # Errors
    /// `Invalid`: the database was written to meanwhile.
    pub fn check_unchanged(&self) -> Result<()> {
        let path = self.dir.join(DATABASE_FILE);
        if self.quiet.is_some() && (has_log(&path) || written(&path) != self.quiet) {
            let dir = self.dir.display();
            return Err(Error::invalid(format!("{dir} changed while it was read. Stop PocketBase and import again")));
        }
        Ok(())
    }

    /// The settings as JSON text, if any are stored; encrypted ones are text that is no JSON object.
    ///
    /// # Errors
    /// `Invalid`: the database cannot be read.
    pub fn settings(&self) -> Result<Option<String>> {
        self.database
            .query_row("SELECT value FROM _params WHERE id = 'settings'", [], |row| Ok(text(row.get_ref(0)?)))
            .optional()
            .map_err(unreadable)
    }

    /// All collections, in the order they were created.
    ///
    /// # Errors
    /// `Invalid`: the database cannot be read.
    pub fn collections(&self) -> Result<Vec<StoredCollection>> {
        let sql = "SELECT id, name, type, system, fields, indexes, listRule, viewRule, createRule, updateRule, deleteRule, options, \
                   created, updated FROM _collections ORDER BY rowid";
        let mut statement = self.database.prepare(sql).map_err(unreadable)?;
        let rows = statement.query_map([], |row| {
            let get = |at| row.get_ref(at).map(text);
            let rule = |at| row.get_ref(at).map(|value| if value == ValueRef::Null { None } else { Some(text(value)) });
            Ok(StoredCollection {
                id: get(0)?,
                name: get(1)?,
                kind: get(2)?,
                system: row.get::<_, bool>(3)?,
                fields: get(4)?,
                indexes: get(5)?,
                list_rule: rule(6)?,
                view_rule: rule(7)?,
                create_rule: rule(8)?,
                update_rule: rule(9)?,
                delete_rule: rule(10)?,
                options: get(11)?,
                created: get(12)?,
                updated: get(13)?,
            })
        });
        rows.and_then(Iterator::collect).map_err(unreadable)
    }

    /// Number of rows of a table; 0 when there is none.
    ///
    /// # Errors
    /// `Invalid`: the database cannot be read.
    pub fn count(&self, table: &str) -> Result<u64> {
        if self.columns(table)?.is_empty() {
            return Ok(0);
        }
        let count = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
        let rows = self.database.query_row(&format!("SELECT COUNT(*) FROM {}", quoted(table)), [], count);
        rows.map(i64::unsigned_abs).map_err(unreadable)
    }

    /// Names of a table's columns; none when there is no such table.
    ///
    /// # Errors
    /// `Invalid`: the database cannot be read.
    pub fn columns(&self, table: &str) -> Result<Vec<String>> {
        let mut statement =
            self.database.prepare_cached("SELECT name FROM pragma_table_info(?)").map_err(unreadable)?;
        statement.query_map([table], |row| row.get(0)).and_then(Iterator::collect).map_err(unreadable)
    }

    /// Whether a table has a row with this id.
    ///
    /// # Errors
    /// `Invalid`: the database cannot be read.
    pub fn has(&self, table: &str, id: &str) -> Result<bool> {
        let sql = format!("SELECT 1 FROM {} WHERE id = ?", quoted(table));
        let mut statement = self.database.prepare_cached(&sql).map_err(unreadable)?;
        statement.exists([id]).map_err(unreadable)
    }

    /// Up to `rows_max` rows after the row `after` (0: from the first), in the order they were inserted.
    ///
    /// # Errors
    /// `Invalid`: the database cannot be read.
    pub fn rows(&self, table: &str, columns: &[&str], after: i64, rows_max: usize) -> Result<Vec<SourceRow>> {
        let list: String = columns.iter().map(|column| format!(", {}", quoted(column))).collect();
        let sql = format!("SELECT rowid{list} FROM {} WHERE rowid > ? ORDER BY rowid LIMIT ?", quoted(table));
        let mut statement = self.database.prepare_cached(&sql).map_err(unreadable)?;
        let rows = statement.query_map((after, i64::try_from(rows_max).unwrap_or(i64::MAX)), |row| {
            let values = (1..=columns.len()).map(|at| row.get_ref(at).map(scalar)).collect::<Result<_, _>>()?;
            Ok(SourceRow { rowid: row.get(0)?, values })
        });
        rows.and_then(Iterator::collect).map_err(unreadable)
    }

    fn check_version(&self) -> Result<()> {
        let columns = self.columns("_collections")?;
        let has = |name: &str| columns.iter().any(|column| column == name);
        if has("fields") && has("options") {
            return Ok(());
        }
        let dir = self.dir.display();
        Err(if has("schema") {
            Error::invalid(format!(
                "{dir} was written by a PocketBase before 0.23. Start it once with PocketBase 0.23 or newer, which brings it up to date, \
                 and import it then"
            ))
        } else {
            Error::invalid(format!(
                "The folder {dir} is not a data folder of PocketBase: its {DATABASE_FILE} has no collections"
            ))
        })
    }
}

fn unreadable(error: rusqlite::Error) -> Error {
    Error::invalid(format!("The database of PocketBase cannot be read: {error}")).caused_by(error)
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).into_owned(),
    }
}

fn scalar(value: ValueRef<'_>) -> Scalar {
    match value {
        ValueRef::Null => Scalar::Null,
        ValueRef::Integer(number) => Scalar::Int(number),
        ValueRef::Real(number) => Scalar::Real(number),
        ValueRef::Text(_) | ValueRef::Blob(_) => Scalar::Text(text(value)),
    }
}
