//! Files of records: streamed to a staging folder, named by a committed record, brought to their place.
//!
//! A row of `_files` is written in the transaction of the record that names the file, while the bytes lie in the staging folder. After the
//! commit they are brought to their place (the data folder or a bucket), and the row says so. A record that names a file no longer marks
//! its row as gone in its own transaction; the bytes go after the commit, the row last. So whenever the process ends, the rows tell what
//! is left to do, and at any moment a committed record's file can be read: in its place, or where it is staged.

mod api;
pub mod browse;
mod check;
mod content;
mod held;
mod name;
mod note;
mod room;
mod serve;
mod settle;
mod sweep;
mod thumbs;
pub mod transfer;
pub mod uploads;
pub mod usage;

pub use self::{
    api::{Files, OpenFile},
    check::max_bytes,
    serve::{Served, Wanted, serve},
};
pub(crate) use self::{
    check::{check, suits},
    held::{Held, Notes, hold},
    name::normalized as storage_name,
    note::note_once,
    room::{FileRoom, local},
    settle::{Whose, settle},
    sweep::start,
};
use super::{App, records::Upload};
pub use crate::store::{
    files::Content as FileContent,
    system::files::{FileKey, Place, StoredFile},
};
use crate::{
    Result,
    store::files::{Content, Staged, Staging},
};

/// Folder of all files in the data folder.
pub const STORAGE: &str = "storage";
/// Folder of uploads that have not found their record yet, in the data folder.
pub const TEMPORARY: &str = ".tmp";

/// An upload on its way to the staging folder.
pub struct Incoming {
    key: String,
    name: String,
    staging: Staging,
}

impl Incoming {
    /// An upload under a body key (`docs`, `docs+`, `+docs`) and the name the client gave it. Of its bytes at most `limit` are kept: more are
    /// counted, for the answer that refuses them, but take no room.
    pub fn begin(app: &App, key: String, name: String, limit: u64) -> Self {
        Self { key, name, staging: app.file_room().staging.begin(limit) }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// `Internal`: the disk is full or cannot be written.
    pub async fn write(&mut self, chunk: &[u8]) -> Result<()> {
        self.staging.write(chunk).await
    }

    /// The upload is complete.
    ///
    /// # Errors
    /// `Internal`: the disk is full or cannot be written.
    pub async fn finish(self) -> Result<Upload> {
        let (staged, size, head) = self.staging.finish().await?;
        Ok(upload(self.key, self.name, staged, size, &head))
    }
}

/// A new file in the staging folder, to be written by whoever has its content at hand; it goes when the value is dropped.
///
/// # Errors
/// `Internal`: the disk is full or cannot be written.
pub(crate) fn temporary(app: &App) -> Result<(std::fs::File, Staged)> {
    app.file_room().staging.create()
}

/// The upload that a file of [`temporary`] is, once it is written.
///
/// # Errors
/// `Internal`: it cannot be read.
pub(crate) fn written(key: String, name: String, staged: Staged, size: u64) -> Result<Upload> {
    use std::io::Read as _;
    let mut head = Vec::new();
    let file = std::fs::File::open(staged.path()).map_err(crate::Error::internal)?;
    file.take(crate::limits::FILE_HEAD_BYTES as u64).read_to_end(&mut head).map_err(crate::Error::internal)?;
    Ok(upload(key, name, staged, size, &head))
}

/// A complete upload, by its first bytes.
fn upload(key: String, name: String, staged: Staged, size: u64, head: &[u8]) -> Upload {
    Upload { key, name, size, kind: content::kind(head), extension: content::extension(head), staged, resumable: None }
}

/// The first bytes of a content: what its kind is read from.
async fn head(mut content: Content) -> Result<Vec<u8>> {
    use futures_util::StreamExt as _;
    let mut head = Vec::new();
    while let Some(chunk) = content.next().await {
        head.extend_from_slice(&chunk.map_err(crate::Error::internal)?);
    }
    Ok(head)
}
