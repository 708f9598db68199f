//! Opening the database file: flags, pragmas and the sizes that keep memory small.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread::available_parallelism,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, ffi};

use super::{deadline::Deadline, errors::public, functions};
use crate::{
    Error, Result,
    store::{Conn, vault::Vault},
};

/// Prepared statements that a connection keeps; some KiB each.
const STATEMENTS_MAX_CACHED: usize = 256;
/// Longest wait for a lock that another process holds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
/// Page cache of the writer, in KiB: the indexes of a million rows fit, or nearly.
const WRITER_CACHE_KIB: usize = 24 * 1024;
/// Page caches of all reading threads together, in KiB; each thread gets its share, at most [`READER_CACHE_MAX_KIB`].
const READER_CACHES_KIB: usize = 32 * 1024;
/// Largest page cache of one reader, in KiB.
const READER_CACHE_MAX_KIB: usize = 8 * 1024;
/// Smallest page cache of one reader, in KiB.
const READER_CACHE_MIN_KIB: usize = 512;
/// Page cache of a reader for long reads, in KiB: they mostly run through a table once, which a cache does not help.
const LONG_READER_CACHE_KIB: usize = 1024;
/// Size that the write-ahead log's file shrinks to after a checkpoint, in bytes.
const LOG_MAX_BYTES: u64 = 96 << 20;

/// Where and how to open.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    pub(super) synchronous_full: bool,
    pub(super) vault: Arc<Vault>,
}

/// An open connection and the deadline that it obeys.
pub(super) struct Opened {
    pub(super) raw: Connection,
    pub(super) deadline: Deadline,
    vault: Arc<Vault>,
}

impl Opened {
    /// The connection as the rest of the crate sees it.
    pub(super) fn conn(&self) -> Conn<'_> {
        Conn { raw: &self.raw, vault: &self.vault }
    }
}

impl Place {
    /// The connection that writes; creates the file.
    pub(super) fn open_writer(&self) -> Result<Opened> {
        let raw = open(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        let synchronous = if self.synchronous_full { "FULL" } else { "NORMAL" };
        raw.execute_batch(&format!(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = {synchronous}; PRAGMA foreign_keys = ON;
             PRAGMA recursive_triggers = ON;
             PRAGMA journal_size_limit = {LOG_MAX_BYTES};
             PRAGMA cache_size = -{WRITER_CACHE_KIB};"
        ))
        .map_err(|error| self.cannot_open(error))?;
        self.finish(raw)
    }

    /// The connection that moves the log into the database.
    pub(super) fn open_checkpointer(&self) -> Result<Opened> {
        let raw = open(&self.path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        raw.execute_batch("PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = 0;").map_err(public)?;
        self.finish(raw)
    }

    /// A connection for the short reads of one thread.
    pub(super) fn open_reader(&self) -> Result<Opened> {
        let threads = available_parallelism().map_or(1, std::num::NonZero::get);
        self.open_reading((READER_CACHES_KIB / threads).clamp(READER_CACHE_MIN_KIB, READER_CACHE_MAX_KIB))
    }

    /// A connection for long reads.
    pub(super) fn open_long_reader(&self) -> Result<Opened> {
        self.open_reading(LONG_READER_CACHE_KIB)
    }

    fn open_reading(&self, cache_kib: usize) -> Result<Opened> {
        let raw = open(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        raw.execute_batch(&format!("PRAGMA cache_size = -{cache_kib};")).map_err(public)?;
        self.finish(raw)
    }

    fn finish(&self, raw: Connection) -> Result<Opened> {
        raw.set_prepared_statement_cache_capacity(STATEMENTS_MAX_CACHED);
        let deadline = Deadline::install(&raw).map_err(public)?;
        Ok(Opened { raw, deadline, vault: Arc::clone(&self.vault) })
    }

    /// A file that is there but is not ours gets an error that names it.
    fn cannot_open(&self, error: rusqlite::Error) -> Error {
        let foreign = error.sqlite_error_code() == Some(ffi::ErrorCode::NotADatabase);
        let refused = public(error);
        if foreign {
            refused.message_set(format!("The file {} is not a SQLite database.", self.path.display()))
        } else {
            refused
        }
    }
}

fn open(path: &Path, access: OpenFlags) -> Result<Connection> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let raw = Connection::open_with_flags(path, flags).map_err(|error| {
        public(error).message_set(format!("The database file {} cannot be opened.", path.display()))
    })?;
    raw.busy_timeout(BUSY_TIMEOUT).map_err(public)?;
    functions::register(&raw).map_err(public)?;
    Ok(raw)
}
