//! Opening the database of another program without leaving a trace.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

use rusqlite::{Connection, OpenFlags};

use super::{DATABASE_FILE, files::files_failed, unreadable};
use crate::{Error, Result};

/// Opens the database for reading only, leaving no files beside it.
pub(super) fn connect(path: &Path) -> Result<(Connection, Option<tempfile::TempDir>)> {
    if !has_log(path) {
        // All of it is in its one file, which may be read as it lies there; `check_unchanged` sees whether it stayed so.
        let mut uri = url::Url::from_file_path(path.canonicalize().map_err(|error| files_failed(path, error))?)
            .map_err(|()| Error::invalid(format!("The path {} cannot be opened", path.display())))?;
        uri.set_query(Some("immutable=1"));
        let opened = Connection::open_with_flags(uri.as_str(), read_only() | OpenFlags::SQLITE_OPEN_URI);
        return Ok((snapshot(opened)?, None));
    }
    if let Ok(database) = snapshot(Connection::open_with_flags(path, read_only())) {
        return Ok((database, None));
    }
    // Reading the log needs a file beside it, which a read-only folder refuses.
    let copy = tempfile::tempdir().map_err(Error::internal)?;
    let (own, wal) = (copy.path().join(DATABASE_FILE), log_of(path));
    fs::copy(path, &own).map_err(|error| files_failed(path, error))?;
    fs::copy(&wal, log_of(&own)).map_err(|error| files_failed(&wal, error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok((snapshot(Connection::open_with_flags(&own, flags))?, Some(copy)))
}

/// The file of changes that are not in the database's own file yet.
fn log_of(path: &Path) -> PathBuf {
    path.with_file_name(format!("{DATABASE_FILE}-wal"))
}

/// Whether changes wait beside the database's own file.
pub(super) fn has_log(path: &Path) -> bool {
    fs::metadata(log_of(path)).is_ok_and(|log| log.len() > 0)
}

/// When the database's own file was last written, and its length.
pub(super) fn written(path: &Path) -> Option<(SystemTime, u64)> {
    let file = fs::metadata(path).ok()?;
    Some((file.modified().ok()?, file.len()))
}

fn read_only() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

fn snapshot(opened: rusqlite::Result<Connection>) -> Result<Connection> {
    let database = opened.map_err(unreadable)?;
    // The read after it is what fixes the moment.
    database.execute_batch("BEGIN; SELECT 1 FROM sqlite_schema").map_err(unreadable)?;
    Ok(database)
}
