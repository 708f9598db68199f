//! Files: the names that records keep, and new ones on their way to a record.

use std::{fmt, io, io::Write as _, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::{
    Collection, FieldValue, Misfit, OneOf,
    value::{Blank, text_of},
};
use crate::{
    Error, Result,
    schema::Value,
    service::{App, files, records::Upload},
};

/// The stored name of a file of a record; several are a `Vec` of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct File(String);

impl File {
    /// A name as records keep it; it takes an upload to make one that exists.
    pub fn named(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The stored name.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// Where clients get it: `/api/files/posts/<id>/<name>`.
    pub fn path<C: Collection>(&self, record: &C) -> String {
        format!("/api/files/{}/{}/{}", C::NAME, record.id(), self.0)
    }
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl OneOf for File {
    fn from_text(text: &str) -> Result<Self, Misfit> {
        Ok(Self(text.to_owned()))
    }

    fn to_text(&self) -> String {
        self.0.clone()
    }
}

impl FieldValue for File {
    fn from_value(value: &Value) -> Result<Self, Misfit> {
        let name = text_of(value).filter(|name| !name.is_empty());
        name.map(Self::named).ok_or_else(|| Misfit::new("the name of a file", value))
    }

    fn to_value(&self) -> Value {
        Value::Text(self.0.clone())
    }
}

impl Blank for File {
    fn blank() -> Value {
        Value::Text(String::new())
    }
}

/// A file on its way to a record.
///
/// ```
/// use bakend::NewFile;
/// let note = NewFile::from_bytes("note.txt", "hello");
/// let logo = NewFile::from_path("assets/logo.svg");
/// ```
#[derive(Clone, Debug)]
pub struct NewFile {
    name: String,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Bytes(Vec<u8>),
    Path(PathBuf),
}

impl NewFile {
    /// A file with this content; `name` is what the stored name is made of.
    pub fn from_bytes(name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), content: Content::Bytes(content.into()) }
    }

    /// A copy of a file on this machine, read when the record is written.
    pub fn from_path(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Self { name, content: Content::Path(path) }
    }

    /// The same content under another name.
    pub fn named(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// As the record service takes it, under a body key.
    ///
    /// # Errors
    /// `Invalid`: the file on this machine cannot be read. `Internal`: the data folder cannot be written.
    pub(super) fn upload(self, app: &App, key: String) -> Result<Upload> {
        let (mut file, staged) = files::temporary(app)?;
        let size = match self.content {
            Content::Bytes(bytes) => {
                file.write_all(&bytes).map_err(Error::internal)?;
                bytes.len() as u64
            }
            Content::Path(source) => {
                let unreadable =
                    |error: io::Error| Error::invalid(format!("The file {} cannot be read: {error}", source.display()));
                let mut from = std::fs::File::open(&source).map_err(unreadable)?;
                io::copy(&mut from, &mut file).map_err(unreadable)?
            }
        };
        files::written(key, self.name, staged, size)
    }
}
