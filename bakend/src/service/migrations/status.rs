//! Where a database is: which migrations it has behind it, which are to come, and whether files and database tell the same story.

use std::{collections::HashSet, path::Path};

use super::{
    file,
    folder::{Folder, MigrationFile},
    make,
    reconcile::{self, Found},
    replay::{self, Ahead},
    system::{self, SystemStep},
};
use crate::{
    Result,
    service::{App, typed::Definition},
    store::{
        self, Conn,
        system::{AppliedFile, migration_files as notes},
    },
};

/// How a migration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileState {
    /// It was applied, and its file says what was applied.
    Applied,
    /// It is still to be applied.
    Pending,
    /// It was applied, and its file says something else now.
    Changed,
    /// It was applied, and its file is gone.
    Missing,
    /// It was made through the API here, and its file could not be written yet.
    Unwritten,
}

/// One migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileStatus {
    /// The file's name.
    pub name: String,
    /// How it stands.
    pub state: FileState,
    /// When it was applied (wire form).
    pub applied: Option<String>,
}

/// Where a database is.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// The steps of the system tables.
    pub system: Vec<SystemStep>,
    /// The applied migrations in the order of their application, then those to come in the order of their names.
    pub files: Vec<FileStatus>,
    /// What the database has beyond its migrations.
    pub ahead: Ahead,
    /// In what the code differs from the database; `Err`: why that cannot be told yet.
    pub code: std::result::Result<Vec<Found>, String>,
}

/// Where the database of a data folder is; nothing is changed or created. Collections of `definitions` are the code's own business: they
/// are compared with the database instead.
///
/// # Errors
/// `Internal`: database or folder cannot be read; `Invalid`: a file is too large or no text.
pub fn status(dir: &Path, folder: &Folder, definitions: &[Definition]) -> Result<Status> {
    let files = folder.files()?;
    let except: HashSet<String> = definitions.iter().map(|one| one.name.to_lowercase()).collect();
    let system = system::steps(dir)?;
    let has_tables = system.iter().any(|step| step.applied.is_some());
    let look = |conn: &Conn| {
        let noted = notes::all(conn)?;
        let actual = if has_tables { make::current(conn)? } else { Default::default() };
        let ahead = if actual.collections().is_empty() {
            Ahead::Of(Vec::new())
        } else {
            replay::ahead(&noted, &actual, &except)
        };
        // What the code points at may be for the files to make, and a database that is still to be made has nothing to compare.
        let code = match has_tables {
            true => reconcile::found(conn, definitions).map_err(|error| error.message().to_owned()),
            false => Ok(Vec::new()),
        };
        Ok((noted, ahead, code))
    };
    let nothing = || (Vec::new(), Ahead::Of(Vec::new()), Ok(Vec::new()));
    let (noted, ahead, code) = store::peek(dir, look)?.unwrap_or_else(nothing);
    Ok(Status { system, files: compared(&noted, &files), ahead, code })
}

/// How the migrations of a folder stand in an open app.
///
/// # Errors
/// As of [`status`].
pub async fn files(app: &App, folder: &Folder) -> Result<Vec<FileStatus>> {
    let noted = app.store().db().read(&Default::default(), notes::all).await?;
    Ok(compared(&noted, &folder.files()?))
}

pub(super) fn compared(noted: &[AppliedFile], files: &[MigrationFile]) -> Vec<FileStatus> {
    let applied = noted.iter().map(|one| {
        let state = match files.iter().find(|file| file.name == one.name) {
            Some(file) if file::is_same(&file.text, &one.text) => FileState::Applied,
            Some(_) => FileState::Changed,
            None if one.written => FileState::Missing,
            None => FileState::Unwritten,
        };
        FileStatus { name: one.name.clone(), state, applied: Some(one.applied.clone()) }
    });
    let is_new = |file: &&MigrationFile| !noted.iter().any(|one| one.name == file.name);
    let pending = files.iter().filter(is_new).map(|file| {
        let name = file.name.clone();
        FileStatus { name, state: FileState::Pending, applied: None }
    });
    applied.chain(pending).collect()
}
