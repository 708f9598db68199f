//! Writing migrations on demand: an empty one, the difference, a snapshot; and making peace between notes and files.

use std::collections::HashSet;

use super::{
    file::{self, JSON_TEMPLATE, SQL_TEMPLATE},
    folder::Folder,
    make, name, reconcile, record,
    replay::{self, Ahead},
    status::{self, FileState},
    step::{Sql, Step},
};
use crate::{
    Error, Kind, Result, clock,
    service::{App, typed::Definition},
    store::{
        Conn,
        system::{AppliedFile, migration_files as notes},
    },
};

/// What a hand-written migration is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// SQL, with a way up and a way down.
    Sql,
    /// JSON, with steps.
    Json,
}

/// A migration that was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Authored {
    /// The file's name.
    pub name: String,
    /// What it does; empty where the author is to say it.
    pub steps: Vec<Step>,
    /// Whether this database is there already, so that it is not applied here.
    pub is_applied: bool,
}

/// Writes an empty migration for people to fill; returns the file's name.
///
/// # Errors
/// `Invalid`: `typed` is no name; `Internal`: the folder cannot be written.
pub fn create(folder: &Folder, typed: &str, language: Language) -> Result<String> {
    let (extension, template) = match language {
        Language::Sql => ("sql", SQL_TEMPLATE),
        Language::Json => ("json", JSON_TEMPLATE),
    };
    let present = folder.names()?;
    let name = name::next(clock::now(), &name::title(typed)?, extension, present.iter().map(String::as_str));
    folder.write(&name, template)?;
    Ok(name)
}

/// Writes what is not in migrations yet.
///
/// First the files that a crash left unwritten. Then, without `definitions`, what the database has beyond its migrations; it is noted as
/// applied, for this database is there already. With them, what the code wants to be different from the database: still to be applied, and
/// with that allowed, whatever it loses.
///
/// # Errors
/// - `Conflict`: the migrations do not lead to one state, so that nothing can be said about the rest; a [`snapshot`] starts anew;
/// - `Invalid`: `typed` is no name, or a definition is refused;
/// - `Internal`: database or folder cannot be used.
pub async fn difference(
    app: &App,
    folder: &Folder,
    typed: Option<&str>,
    definitions: &[Definition],
) -> Result<Vec<Authored>> {
    let title = typed.map(name::title).transpose()?;
    let mut written = Vec::new();
    for name in record::write_missing(app, folder).await? {
        written.push(Authored { name, steps: Vec::new(), is_applied: true });
    }
    let steps = if definitions.is_empty() { ahead(app).await? } else { reconcile::steps(app, definitions).await? };
    if steps.is_empty() {
        return Ok(written);
    }
    let title = title.unwrap_or_else(|| name::of_steps(&steps));
    let text = file::write(&steps)?;
    let name = if definitions.is_empty() {
        noted(app, folder, title, text).await?
    } else {
        let present = folder.names()?;
        let name = name::next(clock::now(), &title, "json", present.iter().map(String::as_str));
        folder.write(&name, &text)?;
        name
    };
    written.push(Authored { name, steps, is_applied: definitions.is_empty() });
    Ok(written)
}

/// Writes all collections as they are into one migration, and notes it as applied here. Elsewhere it creates what is missing and makes the
/// rest like this, but deletes nothing; files before it are no longer needed.
///
/// # Errors
/// - `Conflict`: there are migrations that are still to be applied;
/// - `Invalid`: `typed` is no name; `Internal`: database or folder cannot be used.
pub async fn snapshot(app: &App, folder: &Folder, typed: Option<&str>) -> Result<Authored> {
    let title = typed.map_or_else(|| Ok("snapshot".to_owned()), name::title)?;
    let files = status::files(app, folder).await?;
    if let Some(pending) = files.iter().find(|one| one.state == FileState::Pending) {
        let name = &pending.name;
        return Err(Error::new(
            Kind::Conflict,
            format!("The migration {name} is still to be applied; a snapshot would leave it out"),
        ));
    }
    record::write_missing(app, folder).await?;
    let steps = vec![replay::snapshot(&app.schema())];
    let name = noted(app, folder, title, file::write(&steps)?).await?;
    Ok(Authored { name, steps, is_applied: true })
}

/// Takes the files as they are now for what was applied, where they were changed afterwards; of SQL also the way back. Returns the names of
/// those it took over.
///
/// # Errors
/// `NotFound`: a name is not that of an applied migration with a file; `Invalid`: a file cannot be read; `Internal`: the database failed.
pub async fn accept(app: &App, folder: &Folder, names: &[String]) -> Result<Vec<String>> {
    let files = folder.files()?;
    let noted = app.store().db().read(&Default::default(), notes::all).await?;
    let mut taken = Vec::new();
    for name in names {
        let file = files.iter().find(|file| file.name == *name);
        let note = noted.iter().find(|note| note.name == *name);
        let (Some(file), Some(note)) = (file, note) else {
            let words = format!("There is no applied migration {name} with a file in {}", folder.path().display());
            return Err(Error::not_found().message_set(words));
        };
        if file.text == note.text {
            continue;
        }
        let steps = file::read(&file.name, &file.text)?;
        let undo = undo_of_sql(&steps).unwrap_or_else(|| note.undo.clone());
        taken.push(AppliedFile { text: file.text.clone(), undo, written: true, ..note.clone() });
    }
    let names = taken.iter().map(|one| one.name.clone()).collect();
    app.store().db().write(move |conn| taken.iter().try_for_each(|one| notes::save(conn, one))).await?;
    Ok(names)
}

/// Forgets the applied migrations whose files are gone, such as those that a snapshot replaces. The collections stay as they are. Returns
/// their names.
///
/// # Errors
/// `Internal`: database or folder cannot be used.
pub async fn forget(app: &App, folder: &Folder) -> Result<Vec<String>> {
    let files = status::files(app, folder).await?;
    let gone = files.into_iter().filter(|one| one.state == FileState::Missing).map(|one| one.name);
    let names: Vec<String> = gone.collect();
    let forgotten = names.clone();
    app.store()
        .db()
        .write(move |conn| forgotten.iter().try_for_each(|name| notes::delete(conn, name).map(drop)))
        .await?;
    Ok(names)
}

async fn ahead(app: &App) -> Result<Vec<Step>> {
    let look = |conn: &Conn| {
        let actual = make::current(conn)?;
        Ok(replay::ahead(&notes::all(conn)?, &actual, &HashSet::new()))
    };
    match app.store().db().read(&Default::default(), look).await? {
        Ahead::Of(steps) => Ok(steps),
        Ahead::Unknown(reason) => Err(Error::new(
            Kind::Conflict,
            format!("The applied migrations do not lead to one state, so that the difference cannot be told: {reason}"),
        )),
    }
}

/// Notes a text as applied and writes its file.
async fn noted(app: &App, folder: &Folder, title: String, text: String) -> Result<String> {
    let noted_in = folder.clone();
    let note = move |conn: &Conn| record::note_as(conn, &noted_in, &title, text, None);
    let noted = app.store().db().write(note).await?;
    let name = noted.name.clone();
    record::try_write(app, folder, noted).await?;
    Ok(name)
}

/// What undoes a migration that is SQL only, as the file says it now; `None`: it is not.
fn undo_of_sql(steps: &[Step]) -> Option<Option<String>> {
    let sql = |step: &Step| match step {
        Step::Sql(step) => {
            Some(step.undo.clone().map(|undo| Step::Sql(Sql { sql: undo, undo: Some(step.sql.clone()) })))
        }
        _ => None,
    };
    let back: Vec<Option<Step>> = steps.iter().rev().map(sql).collect::<Option<_>>()?;
    let back: Option<Vec<Step>> = back.into_iter().collect();
    Some(back.and_then(|steps| serde_json::to_string(&steps).ok()))
}
