//! Staged files between the request that brought them and the transaction that names them.

use crate::{
    Error, FieldError, Result, clock,
    schema::Collection,
    service::{App, records::NewFile},
    store::{
        Conn,
        files::{Staged, is_plain},
        system::{
            files::{self, FileKey, State, StoredFile},
            uploads,
        },
    },
};

/// Files of one record that wait for its commit.
#[derive(Debug, Default)]
pub(crate) struct Held {
    staged: Vec<Staged>,
}

/// What the record's transaction writes about them.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    files: Vec<(StoredFile, Staged)>,
    /// Resumable uploads that end here, with the fields that take them.
    uploads: Vec<(String, String)>,
}

/// Gets the new files of a record ready to be named.
///
/// # Errors
/// `Invalid`: the record's id cannot be the name of a folder.
pub(crate) fn hold(app: &App, collection: &Collection, id: &str, files: Vec<NewFile>) -> Result<(Held, Notes)> {
    if !files.is_empty() && !is_plain(id) {
        let error = FieldError::new(
            "validation_invalid_value",
            "The id of a record with files must be usable as the name of a folder.",
        );
        return Err(Error::invalid("").field("id", error));
    }
    let (place, created) = (app.place_of_new_files(), clock::now_text());
    let mut notes = Notes::default();
    for file in files {
        let field = &collection.fields[file.field];
        if let Some(upload) = file.upload.resumable {
            notes.uploads.push((upload, field.name.clone()));
        }
        let row = StoredFile {
            key: FileKey::new(&collection.id, id, &file.name),
            field: field.id.clone(),
            state: State::Staged,
            place,
            staged: file.upload.staged.name().to_owned(),
            size: file.upload.size,
            kind: file.upload.kind,
            original: file.upload.name,
            created: created.clone(),
        };
        notes.files.push((row, file.upload.staged));
    }
    Ok((Held { staged: notes.files.iter().map(|(_, staged)| staged.clone()).collect() }, notes))
}

impl Notes {
    /// Writes them in the transaction of the record. From here on the files stay unless [`Held::release`] is told otherwise: whoever waits
    /// for the commit may be gone before it happens.
    ///
    /// # Errors
    /// `Invalid`: a resumable upload was used meanwhile. Otherwise those of the database.
    pub fn write(self, conn: &Conn<'_>) -> Result<()> {
        for (upload, field) in self.uploads {
            if !uploads::delete(conn, &upload)? {
                return Err(Error::invalid("").field(field, super::check::unknown_upload(&upload)));
            }
        }
        let (rows, staged): (Vec<_>, Vec<_>) = self.files.into_iter().unzip();
        staged.iter().for_each(Staged::claim);
        files::add(conn, &rows)
    }
}

impl Held {
    /// The transaction was rolled back: the files go.
    pub fn release(self) {
        self.staged.iter().for_each(Staged::release);
    }
}
