//! The mark of the one server that runs on a data folder.

use std::{
    fmt,
    fs::{File, OpenOptions, TryLockError},
    path::Path,
};

use crate::{Error, Kind, Result};

/// The lock's file in the data folder. It stays when the lock is given back: deleting it would race with the next server.
const LOCK_FILE: &str = ".lock";

/// Why a folder cannot be had.
#[derive(Debug)]
struct Taken;

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the lock of the data folder is held by another process, or by another part of this one")
    }
}

impl std::error::Error for Taken {}

/// Whether an error says that another server has the data folder.
pub fn is_taken(error: &Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<Taken>())
}

/// Held while a server runs; the operating system takes it back when the process ends, however it ends.
pub(super) struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the lock of a folder.
    pub(super) fn take(dir: &Path) -> Result<Self> {
        let path = dir.join(LOCK_FILE);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(|error| {
            Error::internal(error).message_set(format!("The lock file {} cannot be opened.", path.display()))
        })?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {
                let message = format!(
                    "Another server already runs on the data folder {}. Stop it, or choose another folder.",
                    dir.display()
                );
                Err(Error::new(Kind::Conflict, message).caused_by(Taken))
            }
            Err(TryLockError::Error(error)) => {
                Err(Error::internal(error).message_set(format!("The lock file {} cannot be locked.", path.display())))
            }
        }
    }
}
