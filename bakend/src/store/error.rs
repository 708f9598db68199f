//! What a database refuses, in words that no database owns, and how it becomes the public error.

use std::fmt;

use crate::{Error, FieldError, Kind, limits::DATABASE_REASON_MAX_CHARS};

/// Why the database refused. Found as the source of an [`Error`] with [`database_error`].
#[derive(Clone, Debug, PartialEq)]
pub enum DatabaseError {
    /// A unique index over these columns holds such a row already.
    Unique(Vec<String>),
    /// A unique index that is known by its name only (its columns are expressions) holds such a row already.
    UniqueIndex(String),
    /// A relation points at no record, or the record is required by another one.
    ForeignKey,
    /// This column must not be NULL.
    NotNull(String),
    /// There is no room to write.
    Full,
    /// The files cannot be read or written; the database's words.
    Files(String),
    /// Another process holds the database for too long.
    Busy,
    /// A deadline passed.
    Interrupted,
    /// Anything else; the database's words.
    Refused(String),
}

/// What a statement that ran too long answers.
pub const TOO_SLOW_MESSAGE: &str =
    "The query took longer than 30 seconds and was stopped. Narrow it down or add an index.";
/// What a write answers when there is no room left.
pub const DISK_FULL_MESSAGE: &str = "The disk is full; nothing was written.";
/// What a relation answers that points at no record, or a delete of a record that another one requires.
pub const FOREIGN_KEY_MESSAGE: &str =
    "A relation points at a record that does not exist, or the record is required by another one.";

/// The database's refusal behind an error, when there is one.
pub fn database_error(error: &Error) -> Option<&DatabaseError> {
    std::error::Error::source(error)?.downcast_ref()
}

/// Whether an error says that a relation points at no record, or that a record is required by another one.
pub fn is_foreign_key(error: &Error) -> bool {
    database_error(error) == Some(&DatabaseError::ForeignKey)
}

/// The database's own words behind an error, cut to a length that may be shown.
pub fn reason(error: &Error) -> Option<String> {
    database_error(error).map(|found| found.to_string().chars().take(DATABASE_REASON_MAX_CHARS).collect())
}

impl fmt::Display for DatabaseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unique(columns) => write!(f, "constraint failed: UNIQUE constraint failed: {}", columns.join(", ")),
            Self::UniqueIndex(name) => write!(f, "constraint failed: UNIQUE constraint failed: index '{name}'"),
            Self::ForeignKey => f.write_str("constraint failed: FOREIGN KEY constraint failed"),
            Self::NotNull(column) => write!(f, "constraint failed: NOT NULL constraint failed: {column}"),
            Self::Full => f.write_str("the disk is full"),
            Self::Busy => f.write_str("the database is locked"),
            Self::Interrupted => f.write_str("interrupted"),
            Self::Files(words) | Self::Refused(words) => f.write_str(words),
        }
    }
}

impl std::error::Error for DatabaseError {}

impl From<DatabaseError> for Error {
    fn from(refusal: DatabaseError) -> Self {
        let error = match &refusal {
            DatabaseError::Unique(columns) => columns
                .iter()
                .fold(Self::invalid(""), |error, column| error.field(column.as_str(), FieldError::not_unique())),
            DatabaseError::UniqueIndex(_) => Self::invalid("Value must be unique"),
            DatabaseError::ForeignKey => Self::invalid(FOREIGN_KEY_MESSAGE),
            DatabaseError::NotNull(column) => Self::invalid("").field(column.as_str(), FieldError::required()),
            DatabaseError::Full => Self::new(Kind::Internal, DISK_FULL_MESSAGE),
            DatabaseError::Files(_) => {
                Self::new(Kind::Internal, "The database's files cannot be read or written; nothing was written.")
            }
            DatabaseError::Busy => {
                Self::new(Kind::Internal, "The database is held by another process for too long. Try again.")
            }
            DatabaseError::Interrupted => Self::invalid(TOO_SLOW_MESSAGE),
            DatabaseError::Refused(_) => Self::new(Kind::Internal, ""),
        };
        error.caused_by(refusal)
    }
}

/// The same error for another write that fails for the same reason.
pub(super) fn repeat(error: &Error) -> Error {
    match database_error(error) {
        Some(refusal) => refusal.clone().into(),
        None => Error::new(error.kind(), error.message()),
    }
}

/// What anything answers once the store is closed.
pub(super) fn closed() -> Error {
    Error::new(Kind::Internal, "The database is closed.")
}
