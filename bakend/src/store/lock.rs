//! The mark of the one server that runs on a data folder.

use std::{
    fs::{File, OpenOptions, TryLockError},
    path::Path,
};

use crate::{Error, Kind, Result};

/// The lock's file in the data folder. It stays when the lock is given back: deleting it would race with the next server.
const LOCK_FILE: &str = ".lock";

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
            Err(TryLockError::WouldBlock) => Err(Error::new(
                Kind::Conflict,
                format!(
                    "Another server already runs on the data folder {}. Stop it, or choose another folder.",
                    dir.display()
                ),
            )),
            Err(TryLockError::Error(error)) => {
                Err(Error::internal(error).message_set(format!("The lock file {} cannot be locked.", path.display())))
            }
        }
    }
}
