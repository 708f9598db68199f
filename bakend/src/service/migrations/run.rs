//! Applying migrations and undoing them: one transaction each.

use std::{collections::HashSet, sync::Arc};

use super::{
    diff::diff,
    file,
    folder::{Folder, MigrationFile},
    make,
    plan::{Unlisted, phases, plan},
    step::{Sql, Step},
};
use crate::{
    Error, Kind, Result, clock,
    limits::MIGRATION_DEADLINE,
    schema::{Collection, Schema},
    service::{App, collections, files},
    store::{
        Conn,
        system::{AppliedFile, migration_files as notes},
    },
};

/// Applies the migrations of a folder that this database does not have behind it, in the order of their names, at most `most`. Each is one
/// transaction: the first that fails leaves those before it applied, and itself and those after it not. `each` hears the name of each that
/// is done.
///
/// # Errors
/// - `Conflict`: the collections here are not what a migration starts from; the message names the file and lists where;
/// - `Invalid`: a file cannot be read, or what it makes is refused; the message says which and why;
/// - `Internal`: the database or the folder cannot be used.
pub async fn up(app: &App, folder: &Folder, most: usize, each: impl FnMut(&str)) -> Result<()> {
    up_around(app, folder, most, HashSet::new(), each).await
}

/// As [`up`]; the collections whose ids are in `finished` are in the last form of the code already, and older steps of code leave them alone.
pub(super) async fn up_around(
    app: &App,
    folder: &Folder,
    most: usize,
    finished: HashSet<String>,
    mut each: impl FnMut(&str),
) -> Result<()> {
    let finished = Arc::new(finished);
    let files = folder.files()?;
    let noted: HashSet<String> = noted(app).await?.into_iter().map(|one| one.name).collect();
    for file in files.into_iter().filter(|file| !noted.contains(&file.name)).take(most) {
        let name = file.name.clone();
        let finished = Arc::clone(&finished);
        let done = change(app, move |conn, app| apply(conn, app, &file, &finished))
            .await
            .map_err(|error| at(&name, &error))?;
        if done {
            each(&name);
        }
    }
    Ok(())
}

/// Undoes the last migrations that were applied here, at most `most`, the last one first; also those whose files are gone. `each` hears the
/// name of each that is undone.
///
/// # Errors
/// - `Conflict`: a migration has no way back, or the collections here are no longer what it made of them;
/// - `Invalid`, `Internal`: as of [`up`].
pub async fn down(app: &App, most: usize, mut each: impl FnMut(&str)) -> Result<()> {
    let noted = noted(app).await?;
    for one in noted.into_iter().rev().take(most) {
        let name = one.name.clone();
        let done = change(app, move |conn, app| revert(conn, app, &one)).await.map_err(|error| at(&name, &error))?;
        if done {
            each(&name);
        }
    }
    Ok(())
}

async fn noted(app: &App) -> Result<Vec<AppliedFile>> {
    app.store().db().read(&Default::default(), notes::all).await
}

/// What a migration made of the collections; `None`: another process was faster.
type Made = Option<Arc<Schema>>;

/// Runs a change of the collections in a transaction of its own and puts the new snapshot in place; returns whether it was done.
async fn change(app: &App, work: impl FnOnce(&Conn, &App) -> Result<Made> + Send + 'static) -> Result<bool> {
    let _lock = app.schema_lock().await;
    let writer_app = app.clone();
    let tx = app.store().db().begin_within(MIGRATION_DEADLINE).await?;
    let made = tx.db().write(move |conn| work(conn, &writer_app)).await;
    let made = match made {
        Ok(made) => made,
        Err(error) => {
            tx.rollback().await;
            return Err(error);
        }
    };
    tx.commit().await?;
    let Some(after) = made else { return Ok(false) };
    let before = app.schema();
    app.set_schema(Schema::new(before.version + 1, after.collections().to_vec()));
    follow(app, &before, &after).await;
    Ok(true)
}

/// What belongs to collections outside the database: names in settings, files.
async fn follow(app: &App, before: &Schema, after: &Schema) {
    collections::relabel_limits(app, before).await;
    for old in before.collections().iter().filter(|old| after.by_id(&old.id).is_none()) {
        files::settle(app, files::Whose::Collection(old.id.clone())).await;
    }
    // A field that is gone may have had files.
    app.sweep_files_soon();
}

fn apply(conn: &Conn, app: &App, file: &MigrationFile, finished: &HashSet<String>) -> Result<Made> {
    if notes::all(conn)?.iter().any(|one| one.name == file.name) {
        return Ok(None);
    }
    let steps = file::read(&file.name, &file.text)?;
    let (after, undo) = run(conn, app, &steps, finished)?;
    let undo = undo.map(|steps| serde_json::to_string(&steps)).transpose().map_err(Error::internal)?;
    let (name, text) = (file.name.clone(), file.text.clone());
    notes::save(conn, &AppliedFile { name, text, undo, written: true, applied: clock::now_text() })?;
    Ok(Some(after))
}

fn revert(conn: &Conn, app: &App, noted: &AppliedFile) -> Result<Made> {
    let Some(current) = notes::all(conn)?.into_iter().find(|one| one.name == noted.name) else { return Ok(None) };
    let undo = current.undo.ok_or_else(|| {
        let advice = "write one below `-- down` (or as `undo` of the step), and take it over with `migrate accept`";
        Error::new(Kind::Conflict, format!("its SQL has no way back: {advice}"))
    })?;
    let json: Vec<serde_json::Value> = serde_json::from_str(&undo).map_err(Error::internal)?;
    let steps = json.into_iter().map(Step::from_json).collect::<Result<Vec<_>>>()?;
    let (after, _) = run(conn, app, &steps, &HashSet::new())?;
    notes::delete(conn, &current.name)?;
    Ok(Some(after))
}

/// Does steps; returns the collections after them, and the steps that undo them if there are such.
fn run(conn: &Conn, app: &App, steps: &[Step], finished: &HashSet<String>) -> Result<(Arc<Schema>, Option<Vec<Step>>)> {
    let mut now = make::current(conn)?;
    let mut undo = Some(Vec::new());
    for phase in phases(steps) {
        let back = match phase {
            [Step::Sql(step)] => {
                run_sql(conn, &now, &step.sql)?;
                step.undo.clone().map(|undo| vec![Step::Sql(Sql { sql: undo, undo: Some(step.sql.clone()) })])
            }
            steps => {
                let after = Arc::new(make::make(conn, app, &plan(&now, steps, Unlisted::Kept, finished)?)?);
                let back = diff(&after, &now);
                now = after;
                Some(back)
            }
        };
        // The last done is the first undone.
        undo = undo.zip(back).map(|(undo, mut back)| {
            back.extend(undo);
            back
        });
    }
    Ok((now, undo))
}

fn run_sql(conn: &Conn, schema: &Schema, sql: &str) -> Result<()> {
    let tables = |one: &Arc<Collection>| {
        let joined = one.joined_fields().map(|(_, field)| one.join_table(field).to_lowercase()).collect::<Vec<_>>();
        std::iter::once(one.name.to_lowercase()).chain(joined)
    };
    let kept = schema.collections().iter().flat_map(tables).collect();
    conn.run_guarded(sql, kept).map_err(|error| match crate::store::reason(&error) {
        Some(reason) if error.kind() == Kind::Internal => {
            Error::invalid(format!("its SQL failed: {reason}")).caused_by(error)
        }
        _ => error,
    })
}

/// The same error, with the file it is about.
fn at(name: &str, error: &Error) -> Error {
    let told = Error::new(error.kind(), format!("The migration {name} was not done: {}", error.message()));
    match std::error::Error::source(error) {
        Some(source) => told.caused_by(source.to_string()),
        None => told,
    }
}
