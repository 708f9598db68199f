//! The folder of migration files.

use std::{
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
};

use super::name;
use crate::{Error, Result, limits::MIGRATION_FILE_MAX_BYTES};

/// A migration file as it is in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationFile {
    /// Its name; files are applied in the order of their names.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A folder of migration files; it need not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder(PathBuf);

impl Folder {
    /// A folder.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Whether it exists: then a project keeps its migrations there.
    pub fn exists(&self) -> bool {
        self.0.is_dir()
    }

    /// The migrations in it, in order; none when there is no such folder.
    ///
    /// # Errors
    /// `Invalid`: a file is too large or no text; `Internal`: the folder cannot be read.
    pub fn files(&self) -> Result<Vec<MigrationFile>> {
        self.names()?.into_iter().map(|name| Ok(MigrationFile { text: self.read(&name)?, name })).collect()
    }

    /// The names of the migrations in it, in order.
    ///
    /// # Errors
    /// `Internal`: the folder cannot be read.
    pub fn names(&self) -> Result<Vec<String>> {
        let entries = match std::fs::read_dir(&self.0) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.unusable("read", error)),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry.map_err(|error| self.unusable("read", error))?;
            if let Some(name) = entry.file_name().to_str().filter(|name| name::is_migration(name)) {
                names.push(name.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// Writes a file that is not there yet: whole, or not at all.
    ///
    /// # Errors
    /// `Conflict`: there is such a file; `Internal`: the folder cannot be written.
    pub fn write(&self, name: &str, text: &str) -> Result<()> {
        let failed = |error| self.unusable("written", error);
        std::fs::create_dir_all(&self.0).map_err(failed)?;
        let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(&self.0).map_err(failed)?;
        file.write_all(text.as_bytes()).and_then(|()| file.as_file().sync_all()).map_err(failed)?;
        readable(file.as_file()).map_err(failed)?;
        file.persist_noclobber(self.0.join(name)).map_err(|error| match error.error.kind() {
            ErrorKind::AlreadyExists => Error::new(
                crate::Kind::Conflict,
                format!("There is a migration {name} already in {}", self.0.display()),
            ),
            _ => failed(error.error),
        })?;
        Ok(())
    }

    fn read(&self, name: &str) -> Result<String> {
        let path = self.0.join(name);
        let size = std::fs::metadata(&path).map_err(|error| self.unusable("read", error))?.len();
        if size > MIGRATION_FILE_MAX_BYTES {
            let most = MIGRATION_FILE_MAX_BYTES >> 20;
            return Err(Error::invalid(format!(
                "The migration {name} is larger than {most} MiB; import such data another way"
            )));
        }
        std::fs::read_to_string(&path).map_err(|error| match error.kind() {
            ErrorKind::InvalidData => Error::invalid(format!("The migration {name} is no UTF-8 text")),
            _ => self.unusable("read", error),
        })
    }

    fn unusable(&self, how: &str, error: std::io::Error) -> Error {
        Error::internal(error).message_set(format!("The folder of migrations {} cannot be {how}.", self.0.display()))
    }
}

/// Temporary files are for their owner only; this one is for a repository.
#[cfg(unix)]
fn readable(file: &std::fs::File) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &std::fs::File) -> std::io::Result<()> {
    Ok(())
}
