//! A file in the staging folder, and who owns it.
//!
//! As long as nobody claimed it, it goes when its value is dropped. A transaction that names it claims it first, and from then on only the
//! outcome of the transaction, as the table tells it, decides.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// A file in the staging folder. Clones are the same file.
#[derive(Clone, Debug)]
pub struct Staged {
    owner: Arc<Owner>,
}

#[derive(Debug)]
struct Owner {
    name: String,
    path: PathBuf,
    /// Whether it outlives this value: a row names it, or may do so.
    claimed: AtomicBool,
    /// Whether it outlives this value in any case: an unfinished upload of several requests owns it.
    is_lent: bool,
}

impl Staged {
    pub(super) fn new(path: PathBuf, name: String, is_lent: bool) -> Self {
        Self { owner: Arc::new(Owner { name, path, claimed: AtomicBool::new(false), is_lent }) }
    }

    /// Its name in the folder.
    pub fn name(&self) -> &str {
        &self.owner.name
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.owner.path
    }

    /// A transaction names it, and may be committed from now on: it stays, whoever drops it.
    pub fn claim(&self) {
        self.owner.claimed.store(true, Ordering::Release);
    }

    /// The transaction was rolled back: it goes when the last clone is dropped.
    pub fn release(&self) {
        self.owner.claimed.store(false, Ordering::Release);
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        if self.is_lent || self.claimed.load(Ordering::Acquire) {
            return;
        }
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::error!(%error, path = %self.path.display(), "a staged file could not be removed");
            }
            _ => {}
        }
    }
}
