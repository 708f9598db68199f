//! Changes made through the API as migrations: noted in the transaction of the change, written to the folder after its commit.
//!
//! A crash between the two leaves a note without a file, which the next start writes.

use super::{diff::diff, file, folder::Folder, name};
use crate::{
    Result, clock,
    schema::Schema,
    service::App,
    store::{
        Conn,
        system::{AppliedFile, migration_files as notes},
    },
};

/// Notes a change as an applied migration whose file is still to be written; `None` when nothing changes that files hold.
pub(in crate::service) fn note(
    conn: &Conn,
    folder: &Folder,
    before: &Schema,
    after: &Schema,
) -> Result<Option<AppliedFile>> {
    let steps = diff(before, after);
    if steps.is_empty() {
        return Ok(None);
    }
    let title = name::of_steps(&steps);
    let undo = serde_json::to_string(&diff(after, before)).map_err(crate::Error::internal)?;
    note_as(conn, folder, &title, file::write(&steps)?, Some(undo)).map(Some)
}

/// Notes a migration of this text as applied.
pub(super) fn note_as(
    conn: &Conn,
    folder: &Folder,
    title: &str,
    text: String,
    undo: Option<String>,
) -> Result<AppliedFile> {
    let (noted, present) = (notes::all(conn)?, folder.names()?);
    let others = noted.iter().map(|one| one.name.as_str()).chain(present.iter().map(String::as_str));
    let name = name::next(clock::now(), title, "json", others);
    let applied = AppliedFile { name, text, undo, written: false, applied: clock::now_text() };
    notes::save(conn, &applied)?;
    Ok(applied)
}

/// Writes the file of a note, and notes that it is written. What was committed stands whatever happens here: a failure is logged, and the
/// next start tries again.
pub(in crate::service) async fn write(app: &App, folder: &Folder, noted: AppliedFile) {
    let name = noted.name.clone();
    match try_write(app, folder, noted).await {
        Ok(()) => tracing::info!(name, "the change was written as a migration"),
        Err(error) => {
            tracing::error!(
                ?error,
                name,
                "a change of the collections could not be written as a migration; `migrate diff` tries again"
            );
        }
    }
}

/// As [`write`], telling the failure.
pub(super) async fn try_write(app: &App, folder: &Folder, noted: AppliedFile) -> Result<()> {
    match folder.write(&noted.name, &noted.text) {
        Ok(()) => {}
        // It was written just before a crash.
        Err(error) if error.kind() == crate::Kind::Conflict => {}
        Err(error) => return Err(error),
    }
    let written = AppliedFile { written: true, ..noted };
    app.store().db().write(move |conn| notes::save(conn, &written)).await
}

/// Writes the files that a crash or a full disk left unwritten; returns their names.
///
/// # Errors
/// `Internal`: the database or the folder cannot be used.
pub async fn write_missing(app: &App, folder: &Folder) -> Result<Vec<String>> {
    let noted = app.store().db().read(&Default::default(), notes::all).await?;
    let mut names = Vec::new();
    for one in noted.into_iter().filter(|one| !one.written) {
        names.push(one.name.clone());
        try_write(app, folder, one).await?;
    }
    Ok(names)
}
