//! Files of records: `storage/<collection id>/<record id>/<name>` in the data folder.
//!
//! A file is in its place before the record that names it is committed and goes if that fails; a file that no record names any more goes
//! after the commit. So a record never names a file that is not there.

mod content;
mod name;
mod serve;

use std::{
    collections::BTreeSet,
    io,
    path::{Path, PathBuf},
};

pub use self::serve::{Served, serve};
use super::{
    App,
    records::{Draft, NewFile, Upload},
};
use crate::{
    Error, FieldError, Result, limits,
    schema::{Collection, Field, FieldKind, Record},
};

/// Folder of all files in the data folder.
pub const STORAGE: &str = "storage";
/// Folder of uploads that have not found their record yet, in the data folder.
pub const TEMPORARY: &str = ".tmp";

/// Makes the folder of unfinished uploads; those of an earlier run go.
///
/// # Errors
/// `Internal`: the data folder cannot be written.
pub fn prepare(dir: &Path) -> Result<()> {
    let temporary = dir.join(TEMPORARY);
    if temporary.exists() {
        std::fs::remove_dir_all(&temporary).map_err(Error::internal)?;
    }
    std::fs::create_dir_all(&temporary).map_err(Error::internal)
}

/// An empty file in the folder of unfinished uploads; it goes when the path is dropped.
///
/// # Errors
/// `Internal`: the data folder cannot be written.
pub fn temporary(app: &App) -> Result<(std::fs::File, tempfile::TempPath)> {
    let dir = app.options().dir.join(TEMPORARY);
    let new = || tempfile::Builder::new().prefix("upload-").tempfile_in(&dir);
    let made = new().or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => std::fs::create_dir_all(&dir).and_then(|()| new()),
        _ => Err(error),
    });
    made.map(tempfile::NamedTempFile::into_parts).map_err(Error::internal)
}

/// The name under which an upload is stored: readable, safe, and not to be guessed.
///
/// # Errors
/// The upload cannot be read.
pub fn storage_name(original: &str, path: &Path) -> io::Result<String> {
    name::normalized(original, || Ok(content::extension(&content::head(path)?)))
}

/// Checks the names and new files of a field.
///
/// # Errors
/// The field's error: a name it does not have, a file that is too large or of a kind that is not allowed.
pub(crate) fn check(field: &Field, at: usize, draft: &Draft, before: Option<&Record>) -> Result<(), FieldError> {
    let FieldKind::File(options) = &field.kind else { return Ok(()) };
    let own: Vec<&NewFile> = draft.files.iter().filter(|file| file.field == at).collect();
    let had: BTreeSet<&str> =
        before.iter().flat_map(|record| record.values[at].as_list()).map(String::as_str).collect();
    let unknown: Vec<&str> = draft.record.values[at]
        .as_list()
        .iter()
        .map(String::as_str)
        .filter(|name| !had.contains(name) && !own.iter().any(|file| file.name == *name))
        .collect();
    if !unknown.is_empty() {
        let message = format!("Invalid new files: [{}].", unknown.join(" "));
        return Err(FieldError::new("validation_invalid_file", message).with("invalidFiles", unknown));
    }
    let used = |file: &&&NewFile| draft.record.values[at].as_list().contains(&file.name);
    own.iter().filter(used).try_for_each(|file| fits(file, options.max_size, &options.mime_types))
}

/// Whether a field takes a file that has come.
pub(crate) fn suits(field: &Field, upload: &Upload) -> bool {
    match &field.kind {
        FieldKind::File(options) => upload_fits("", upload, options.max_size, &options.mime_types).is_ok(),
        _ => false,
    }
}

fn fits(file: &NewFile, max_size: i64, kinds: &[String]) -> Result<(), FieldError> {
    upload_fits(&file.name, &file.upload, max_size, kinds)
}

fn upload_fits(name: &str, upload: &Upload, max_size: i64, kinds: &[String]) -> Result<(), FieldError> {
    let max = u64::try_from(max_size).ok().filter(|max| *max > 0).unwrap_or(limits::CONTENT_MAX_BYTES);
    let original = &upload.name;
    if upload.size > max {
        let message = format!("Failed to upload {original} - the maximum allowed file size is {max} bytes.");
        return Err(FieldError::new("validation_file_size_limit", message)
            .with("file", original.as_str())
            .with("maxSize", max));
    }
    if kinds.is_empty() {
        return Ok(());
    }
    let kind = content::head(&upload.path).map(|head| content::kind(&head)).unwrap_or_default();
    let bare = |kind: &str| kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kinds.iter().any(|allowed| bare(allowed) == bare(&kind)) {
        return Ok(());
    }
    let message = format!("\"{}\" mime type must be one of: {}.", name, kinds.join(", "));
    Err(FieldError::new("validation_invalid_mime_type", message))
}

/// Files in their place whose record is not committed yet: dropped, they go; kept, they stay.
#[derive(Debug, Default)]
pub struct Placed {
    paths: Vec<PathBuf>,
}

impl Placed {
    /// The record is committed.
    pub fn keep(mut self) {
        self.paths.clear();
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        for path in &self.paths {
            forget(path);
        }
    }
}

/// Moves uploads to their place.
///
/// # Errors
/// `Internal`: the disk is full or cannot be written; nothing stays behind.
pub(crate) async fn place(app: &App, collection: &Collection, id: &str, files: Vec<NewFile>) -> Result<Placed> {
    if files.is_empty() {
        return Ok(Placed::default());
    }
    let folder = record_folder(app, collection, id);
    let moved = tokio::task::spawn_blocking(move || {
        let mut placed = Placed::default();
        std::fs::create_dir_all(&folder)?;
        for file in files {
            let path = folder.join(&file.name);
            placed.paths.push(path.clone());
            persist(file.upload.path, &path)?;
        }
        io::Result::Ok(placed)
    });
    moved.await.map_err(Error::internal)?.map_err(Error::internal)
}

/// A rename; where storage is another file system, a copy.
fn persist(upload: tempfile::TempPath, path: &Path) -> io::Result<()> {
    match upload.persist(path) {
        Ok(()) => Ok(()),
        Err(error) => std::fs::copy(&error.path, path).map(drop),
    }
}

/// Removes files that a record does not name any more. What cannot be removed is logged.
pub(crate) async fn remove(app: &App, collection: &Collection, id: &str, names: &[String]) {
    let folder = record_folder(app, collection, id);
    let paths: Vec<PathBuf> = names.iter().filter(|name| is_plain(name)).map(|name| folder.join(name)).collect();
    let done = tokio::task::spawn_blocking(move || paths.iter().for_each(|path| forget(path)));
    if let Err(error) = done.await {
        tracing::error!(%error, "removing files panicked");
    }
}

/// Removes every file of a record that is gone.
pub(crate) async fn remove_record(app: &App, collection: &Collection, id: &str) {
    let has_files = collection.fields.iter().any(|field| matches!(field.kind, FieldKind::File(_)));
    if has_files && is_plain(id) {
        remove_folder(record_folder(app, collection, id)).await;
    }
}

/// Removes every file of a collection that is gone or emptied.
pub(crate) async fn remove_collection(app: &App, collection: &Collection) {
    if is_plain(&collection.id) {
        remove_folder(app.options().dir.join(STORAGE).join(&collection.id)).await;
    }
}

async fn remove_folder(folder: PathBuf) {
    match tokio::fs::remove_dir_all(&folder).await {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::error!(%error, folder = %folder.display(), "a folder of files could not be removed");
        }
        _ => {}
    }
}

/// Removes a file and what belongs to it, and its folder when that is empty.
fn forget(path: &Path) {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            tracing::error!(%error, path = %path.display(), "a file could not be removed");
        }
        _ => {}
    }
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return };
    // Imported folders keep attributes beside a file and its thumbs in a folder; both may be missing.
    let name = name.to_string_lossy();
    let _ = std::fs::remove_file(folder.join(format!("{name}.attrs")));
    let _ = std::fs::remove_dir_all(folder.join(format!("thumbs_{name}")));
    let _ = std::fs::remove_dir(folder);
}

fn record_folder(app: &App, collection: &Collection, id: &str) -> PathBuf {
    app.options().dir.join(STORAGE).join(&collection.id).join(id)
}

/// Whether it is the name of something in a folder, not a way out of it.
fn is_plain(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!((parts.next(), parts.next()), (Some(std::path::Component::Normal(_)), None))
        && !name.contains(['/', '\\', '\0'])
}
