//! The folder an import makes: built beside its place, put there when it is complete.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{Error, Kind, Result, store};

/// Begins the name of a folder that is being filled.
const BUILDING_PREFIX: &str = ".bak-import-";

/// # Errors
/// `Conflict`: the folder holds something. `Internal`: it cannot be read.
pub(super) fn check(target: &Path) -> Result<()> {
    let is_empty = match fs::read_dir(target) {
        Ok(mut entries) => entries.next().is_none(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => true,
        Err(error) => return Err(unwritable(target, error)),
    };
    if is_empty {
        return Ok(());
    }
    Err(Error::new(
        Kind::Conflict,
        format!(
            "The folder {} is not empty. Import into a new folder (--dir), or move this one away",
            target.display()
        ),
    ))
}

/// A folder on the same disk as the target; dropped, it is removed with all it holds.
///
/// # Errors
/// `Internal`: it cannot be made.
pub(super) fn beside(target: &Path) -> Result<tempfile::TempDir> {
    let parent = parent(target);
    fs::create_dir_all(&parent).map_err(|error| unwritable(&parent, error))?;
    tempfile::Builder::new().prefix(BUILDING_PREFIX).tempdir_in(&parent).map_err(|error| unwritable(&parent, error))
}

fn parent(target: &Path) -> PathBuf {
    match target.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn unwritable(path: &Path, error: std::io::Error) -> Error {
    Error::internal(error).message_set(format!("Cannot write {}", path.display()))
}

/// Sees that everything is on the disk, then gives the folder its name.
///
/// # Errors
/// `Internal`: the disk refuses; the target is as it was.
pub(super) fn put_in_place(building: tempfile::TempDir, target: &Path) -> Result<()> {
    let sync =
        |path: &Path| fs::File::open(path).and_then(|file| file.sync_all()).map_err(|error| unwritable(path, error));
    sync_folders(building.path(), &sync)?;
    if target.exists() {
        fs::remove_dir(target).map_err(|error| unwritable(target, error))?;
    }
    fs::rename(building.path(), target).map_err(|error| unwritable(target, error))?;
    // It has another name now; nothing is left to clean up.
    let _ = building.keep();
    sync(&parent(target))
}

fn sync_folders(dir: &Path, sync: &impl Fn(&Path) -> Result<()>) -> Result<()> {
    for entry in fs::read_dir(dir).map_err(|error| unwritable(dir, error))? {
        let path = entry.map_err(|error| unwritable(dir, error))?.path();
        if path.is_dir() {
            sync_folders(&path, sync)?;
        } else if dir.join(store::DATABASE_FILE) == path {
            sync(&path)?;
        }
    }
    sync(dir)
}
