//! The files beside the database: uploads to copy, code to name.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::Source;
use crate::{Error, Result};

/// Ends the names of files that describe an upload beside it.
const SIDECAR_SUFFIX: &str = ".attrs";
/// Begins the names of folders with smaller forms of images; they are made again on demand.
const THUMBS_PREFIX: &str = "thumbs_";
/// Deepest folder below `pb_hooks` that is looked into.
const CODE_MAX_DEPTH: usize = 4;

/// Files copied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Copied {
    /// How many.
    pub files: u64,
    /// How long together, in bytes.
    pub bytes: u64,
}

impl Source {
    /// Copies the files of a collection to `target`, which has a folder for each record, and sees that they are on the disk.
    ///
    /// # Errors
    /// `Internal`: a file cannot be read or written; the message names it.
    pub fn copy_files(&self, collection_id: &str, target: &Path, mut each: impl FnMut(Copied)) -> Result<Copied> {
        let mut copied = Copied::default();
        let from = self.dir.join("storage").join(collection_id);
        for record in folder(&from)? {
            if !record.is_dir() {
                continue;
            }
            let Some(name) = record.file_name() else { continue };
            copy_record(&record, &target.join(name), &mut copied)?;
            each(copied);
        }
        Ok(copied)
    }

    /// Files with code for PocketBase, which bakend does not run: those in `pb_hooks` and `pb_migrations` beside the data folder.
    pub fn code_files(&self) -> Vec<PathBuf> {
        let beside = self.dir.canonicalize().ok().and_then(|dir| dir.parent().map(Path::to_owned));
        let mut found = Vec::new();
        for name in ["pb_hooks", "pb_migrations"] {
            let Some(beside) = &beside else { continue };
            collect_code(&beside.join(name), &mut found, CODE_MAX_DEPTH);
        }
        found.sort();
        found
    }
}

/// What a folder holds; nothing when there is no such folder.
fn folder(path: &Path) -> Result<Vec<PathBuf>> {
    let failed = |error: std::io::Error| files_failed(path, error);
    match fs::read_dir(path) {
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().map_err(failed),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(failed(error)),
    }
}

fn copy_record(from: &Path, to: &Path, copied: &mut Copied) -> Result<()> {
    for file in folder(from)? {
        let Some(name) = file.file_name().and_then(|name| name.to_str()) else { continue };
        if !file.is_file() || name.starts_with(THUMBS_PREFIX) || name.ends_with(SIDECAR_SUFFIX) {
            continue;
        }
        fs::create_dir_all(to).map_err(|error| files_failed(to, error))?;
        let own = to.join(name);
        copied.bytes += fs::copy(&file, &own).map_err(|error| files_failed(&file, error))?;
        copied.files += 1;
        fs::File::open(&own).and_then(|file| file.sync_all()).map_err(|error| files_failed(&own, error))?;
    }
    Ok(())
}

/// That a path cannot be read or copied.
pub(super) fn files_failed(path: &Path, error: std::io::Error) -> Error {
    Error::internal(error).message_set(format!("Cannot read or copy {}", path.display()))
}

fn collect_code(dir: &Path, found: &mut Vec<PathBuf>, depth: usize) {
    for path in folder(dir).unwrap_or_default() {
        let is_code = path.extension().is_some_and(|end| end == "js" || end == "ts" || end == "go");
        if path.is_file() && is_code && !path.to_string_lossy().ends_with(".d.ts") {
            found.push(path);
        } else if path.is_dir() && depth > 0 && !path.ends_with("node_modules") {
            collect_code(&path, found, depth - 1);
        }
    }
}
