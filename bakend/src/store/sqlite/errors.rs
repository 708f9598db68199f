//! What SQLite says when it refuses, as the store's own errors.

use rusqlite::{
    Error as Raw,
    ffi::{self, ErrorCode},
};

use crate::{Error, store::DatabaseError};

/// A refusal of SQLite as the public error.
pub(super) fn public(error: Raw) -> Error {
    refusal(error).into()
}

/// What a refusal of SQLite means.
pub(super) fn refusal(error: Raw) -> DatabaseError {
    let (code, words) = match error {
        Raw::SqliteFailure(code, words) => (code, words),
        Raw::SqlInputError { error, msg, .. } => (error, Some(msg)),
        other => return DatabaseError::Refused(other.to_string()),
    };
    let words = words.unwrap_or_else(|| summary(code.extended_code).to_owned());
    match code.code {
        ErrorCode::ConstraintViolation => constraint(code.extended_code, &words),
        ErrorCode::DiskFull => DatabaseError::Full,
        ErrorCode::SystemIoFailure
        | ErrorCode::CannotOpen
        | ErrorCode::ReadOnly
        | ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::PermissionDenied => DatabaseError::Files(spelled(code.extended_code, &words)),
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => DatabaseError::Busy,
        ErrorCode::OperationInterrupted => DatabaseError::Interrupted,
        _ => DatabaseError::Refused(spelled(code.extended_code, &words)),
    }
}

/// What a refusal of SQLite means that another library heard: its extended result code, and its words.
pub(in crate::store) fn refusal_heard(code: i32, words: &str) -> DatabaseError {
    refusal(Raw::SqliteFailure(ffi::Error::new(code), Some(words.to_owned())))
}

/// A violated constraint, read from SQLite's `UNIQUE constraint failed: posts.title, posts.lang`.
fn constraint(code: i32, words: &str) -> DatabaseError {
    let what = words.split_once("failed: ").map_or("", |(_, what)| what);
    match code {
        ffi::SQLITE_CONSTRAINT_UNIQUE | ffi::SQLITE_CONSTRAINT_PRIMARYKEY | ffi::SQLITE_CONSTRAINT_ROWID => {
            match what.strip_prefix("index '") {
                Some(name) => DatabaseError::UniqueIndex(name.trim_end_matches('\'').to_owned()),
                None => DatabaseError::Unique(what.split(", ").map(column).collect()),
            }
        }
        ffi::SQLITE_CONSTRAINT_FOREIGNKEY => DatabaseError::ForeignKey,
        ffi::SQLITE_CONSTRAINT_NOTNULL => DatabaseError::NotNull(column(what)),
        _ if words.starts_with("FOREIGN KEY") => DatabaseError::ForeignKey,
        _ => DatabaseError::Refused(spelled(code, words)),
    }
}

/// The column of `table.column`.
fn column(name: &str) -> String {
    name.rsplit_once('.').map_or(name, |(_, column)| column).to_owned()
}

/// The full form that PocketBase's clients know: `SQL logic error: no such column: title (1)`.
fn spelled(code: i32, words: &str) -> String {
    format!("{}: {words} ({code})", summary(code))
}

/// SQLite's summary of a result code.
fn summary(code: i32) -> &'static str {
    match code & 0xff {
        ffi::SQLITE_ERROR => "SQL logic error",
        ffi::SQLITE_CONSTRAINT => "constraint failed",
        ffi::SQLITE_TOOBIG => "string or blob too big",
        ffi::SQLITE_IOERR => "disk I/O error",
        ffi::SQLITE_CORRUPT => "database disk image is malformed",
        ffi::SQLITE_NOTADB => "file is not a database",
        ffi::SQLITE_READONLY => "attempt to write a readonly database",
        ffi::SQLITE_CANTOPEN => "unable to open database file",
        ffi::SQLITE_RANGE => "column index out of range",
        _ => "database error",
    }
}
