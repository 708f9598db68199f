//! Bringing files to where their rows say they belong: into their place, or out of the world.

use super::serve::disposition;
use crate::{
    Error, Kind, Result, limits,
    service::App,
    store::{
        Conn,
        files::About,
        system::files::{self, FileKey, Owner, Place, State, StoredFile},
    },
};

/// Whose files are brought to where they belong.
#[derive(Clone, Debug)]
pub(crate) enum Whose {
    /// Everybody's.
    All,
    /// Those of a collection, by its id.
    Collection(String),
    /// Those of a record, by the ids of collection and record.
    Record(String, String),
}

impl Whose {
    fn owner(&self) -> Owner<'_> {
        match self {
            Self::All => Owner::All,
            Self::Collection(collection) => Owner::Collection(collection),
            Self::Record(collection, record) => Owner::Record(collection, record),
        }
    }
}

/// Brings one batch of files to where they belong; what is left over is the sweep's, which is woken. What fails is logged and tried again
/// by the sweep: the rows stay. Waits for it only a while: the record is committed, and its files can be read from where they are.
pub(crate) async fn settle(app: &App, whose: Whose) {
    let own = app.clone();
    // A task of its own: it must not end with the request.
    let work = tokio::spawn(async move {
        match batch(&own, whose, None).await {
            Ok(true) => own.file_room().wake(),
            Ok(false) => {}
            // What is left is done by the next start.
            Err(_) if own.is_closed() => {}
            Err(error) => tracing::error!(?error, "files could not be brought to their place; this is tried again"),
        }
    });
    if let Ok(Err(error)) = tokio::time::timeout(limits::FILE_SETTLE_PATIENCE, work).await {
        tracing::error!(%error, "bringing files to their place panicked");
    }
}

/// One batch, of all places or one; returns whether there may be more to do right now.
///
/// # Errors
/// Those of the database.
pub(super) async fn batch(app: &App, whose: Whose, place: Option<Place>) -> Result<bool> {
    let limit = limits::FILE_SWEEP_BATCH;
    let read = move |conn: &Conn| files::unsettled(conn, whose.owner(), place, limit);
    let rows = app.store().db().read(&Default::default(), read).await?;
    let is_full = rows.len() as u64 == limit;
    let (mut turns, mut settled, mut bucket_is_away) = (Vec::new(), Settled::default(), false);
    for row in rows {
        if bucket_is_away && row.place == Place::S3 {
            continue;
        }
        // Whoever has the turn does it, and wakes the sweep if it changed meanwhile.
        let Some(turn) = app.file_room().turn(&row.key) else { continue };
        let outcome = match row.state {
            State::Gone => remove(app, &row).await.map(|()| settled.removed.push(row.key.clone())),
            State::Moved => clear(app, &row).await.map(|()| settled.cleared.push(row.key.clone())),
            State::Staged | State::Stored => arrive(app, &row).await.map(|()| settled.arrived.push(row.clone())),
        };
        turns.push(turn);
        if let Err(error) = outcome {
            bucket_is_away |= row.place == Place::S3;
            let (file, state) = (row.key.path(), row.state);
            tracing::error!(?error, file, ?state, "a file could not be brought to its place; this is tried again");
        }
    }
    let done = settled.count();
    let changed = note(app, settled).await?;
    drop(turns);
    Ok(changed || is_full && done > 0)
}

/// Everything that can be brought to where it belongs right now; what is stuck in one place does not keep the other waiting.
///
/// # Errors
/// Those of the database.
pub(super) async fn all(app: &App) -> Result<()> {
    for place in [Place::Local, Place::S3] {
        while batch(app, Whose::All, Some(place)).await? {}
    }
    Ok(())
}

/// What is done and not noted yet.
#[derive(Default)]
struct Settled {
    arrived: Vec<StoredFile>,
    cleared: Vec<FileKey>,
    removed: Vec<FileKey>,
}

impl Settled {
    fn count(&self) -> usize {
        self.arrived.len() + self.cleared.len() + self.removed.len()
    }
}

/// Notes what was done; returns whether a file was given up while it was on its way.
async fn note(app: &App, settled: Settled) -> Result<bool> {
    if settled.count() == 0 {
        return Ok(false);
    }
    let staged: Vec<String> = settled.arrived.iter().map(|row| row.staged.clone()).collect();
    let changed = app
        .store()
        .db()
        .write(move |conn| {
            let mut changed = false;
            for row in &settled.arrived {
                changed |= !files::arrived(conn, &row.key, row.place)?;
            }
            settled.cleared.iter().try_for_each(|key| files::cleared(conn, key))?;
            files::forget(conn, &settled.removed)?;
            Ok(changed)
        })
        .await?;
    for name in staged {
        // Of what was copied the original is left; nobody looks for it there any more.
        app.file_room().staging.remove(&name).await?;
    }
    Ok(changed)
}

async fn arrive(app: &App, row: &StoredFile) -> Result<()> {
    let (room, storage) = (app.file_room(), app.storage(row.place)?);
    let about = About { kind: row.kind.clone(), disposition: disposition(&row.key.name, &row.kind, false) };
    let outcome = storage.adopt(&row.key.path(), &room.staging.path(&row.staged), &about).await;
    match outcome {
        Err(error) if error.kind() == Kind::NotFound => found_elsewhere(app, row, error).await,
        outcome => outcome,
    }
}

/// Nothing is staged: somebody else has brought the file to its place, or it was given up meanwhile.
async fn found_elsewhere(app: &App, row: &StoredFile, error: Error) -> Result<()> {
    if app.storage(row.place)?.find(&row.key.path()).await?.is_some() {
        return Ok(());
    }
    let key = row.key.clone();
    let now = app.store().db().read(&Default::default(), move |conn| files::find(conn, &key)).await?;
    if now.is_some_and(|now| now.state == State::Staged) { Err(error) } else { Ok(()) }
}

/// Removes the copy that a move left behind.
async fn clear(app: &App, row: &StoredFile) -> Result<()> {
    match row.left_in() {
        Some(place) if place != row.place => app.storage(place)?.remove(&row.key.path()).await,
        _ => Ok(()),
    }
}

async fn remove(app: &App, row: &StoredFile) -> Result<()> {
    if row.left_in().is_some() {
        clear(app, row).await?;
    } else if !row.staged.is_empty() {
        app.file_room().staging.remove(&row.staged).await?;
    }
    app.storage(row.place)?.remove(&row.key.path()).await
}
