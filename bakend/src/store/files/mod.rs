//! Where files lie: a folder, or a bucket of an S3-compatible store; and the staging folder that everything passes through.
//!
//! A file's path is `collection/record/name` in both, so that a bucket or folder of PocketBase can be taken over as it is.

pub mod bucket;
mod folder;
mod staged;
mod staging;
mod walk;

use std::{io, path::Path, time::SystemTime};

use bytes::Bytes;
use futures_util::stream::BoxStream;

pub use self::{
    bucket::{Bucket, BucketOptions},
    folder::Folder,
    staged::Staged,
    staging::{Staging, StagingFolder},
    walk::{Walk, space},
};
use super::error::DISK_FULL_MESSAGE;
use crate::{Error, Kind, Result};

/// The bytes of a file, as they come.
pub type Content = BoxStream<'static, io::Result<Bytes>>;

/// A place for files. Clones share it.
#[derive(Clone, Debug)]
pub enum Storage {
    /// A local folder.
    Folder(Folder),
    /// A bucket.
    Bucket(Bucket),
}

/// What is said about a file when it is stored, for stores that hand it out themselves.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Content type.
    pub kind: String,
    /// `Content-Disposition`.
    pub disposition: String,
}

/// A file that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its path.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// When it was stored.
    pub modified: SystemTime,
}

impl Storage {
    /// Brings a staged file to its place. What was staged may be gone afterwards; if so and the file is in its place, that is fine.
    ///
    /// # Errors
    /// `NotFound`: nothing is staged under that name. `Internal`: the disk or the store refuses; what was staged stays.
    pub async fn adopt(&self, path: &str, staged: &Path, about: &About) -> Result<()> {
        match self {
            Self::Folder(folder) => folder.adopt(path, staged).await,
            Self::Bucket(bucket) => bucket.upload(path, staged, about).await,
        }
    }

    /// The bytes of a file from `start` on, `length` of them.
    ///
    /// # Errors
    /// `NotFound`: there is none. `Internal`: the disk or the store refuses.
    pub async fn open(&self, path: &str, start: u64, length: u64) -> Result<Content> {
        match self {
            Self::Folder(folder) => folder.open(path, start, length).await,
            Self::Bucket(bucket) => bucket.open(path, start, length).await,
        }
    }

    /// Whether there is a file, and what is known of it.
    ///
    /// # Errors
    /// `Internal`: the disk or the store refuses.
    pub async fn find(&self, path: &str) -> Result<Option<Found>> {
        match self {
            Self::Folder(folder) => folder.find(path).await,
            Self::Bucket(bucket) => bucket.find(path).await,
        }
    }

    /// Every file below a path, whoever put it there; `""`: all. One that comes or goes meanwhile may be among them or not.
    pub fn walk(&self, path: &str) -> Walk {
        match self {
            Self::Folder(folder) => folder.walk(path),
            Self::Bucket(bucket) => bucket.walk(path),
        }
    }

    /// Removes a file with all that belongs to it: smaller forms, attributes. It need not be there.
    ///
    /// # Errors
    /// `Internal`: the disk or the store refuses.
    pub async fn remove(&self, path: &str) -> Result<()> {
        match self {
            Self::Folder(folder) => folder.remove(path).await,
            Self::Bucket(bucket) => bucket.remove(path).await,
        }
    }
}

/// The folder of a file's smaller forms.
pub fn thumbs_folder(path: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, name)) => format!("{folder}/thumbs_{name}"),
        None => format!("thumbs_{path}"),
    }
}

/// Whether it is the name of something in a folder, not a way out of it.
pub fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!((parts.next(), parts.next()), (Some(std::path::Component::Normal(_)), None))
        && !name.contains(['/', '\\', '\0'])
}

/// An error of the file system, in words for those who can do something about it.
pub(super) fn failed(error: io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::NotFound => Error::not_found().caused_by(error),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            Error::new(Kind::Internal, DISK_FULL_MESSAGE).caused_by(error)
        }
        _ => Error::internal(error),
    }
}

/// Work on the file system, on a thread that may wait.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> io::Result<T> + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)?.map_err(failed)
}
