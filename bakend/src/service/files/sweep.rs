//! The sweep: at the start, when it is woken, and every now and then, everything goes to where its row says it belongs.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use super::settle;
use crate::{
    Result, clock, limits,
    service::App,
    store::{
        files::StagingFolder,
        records::named,
        system::{files, uploads},
    },
};

/// Clears the staging folder of what no row names, and sweeps from now on as long as the app is there.
///
/// # Errors
/// `Internal`: the data folder cannot be read or written.
pub(crate) async fn start(app: &App) -> Result<()> {
    // Nobody else is uploading: what no row names was left by a crash.
    clear(app, Duration::ZERO).await?;
    let app = app.downgrade();
    tokio::spawn(async move {
        let mut audited: Option<Instant> = None;
        loop {
            let Some(app) = app.upgrade() else { return };
            let mut outcome = sweep(&app).await;
            if outcome.is_ok() && audited.is_none_or(|moment| moment.elapsed() >= limits::FILE_AUDIT_EVERY) {
                outcome = audit(&app).await.map(drop);
                audited = Some(Instant::now());
            }
            if let Err(error) = outcome {
                if app.is_closed() {
                    return;
                }
                tracing::error!(?error, "sweeping the files failed; this is tried again");
            }
            let room = app.file_room_shared();
            drop(app);
            // Woken, or after a while; an app that is gone meanwhile ends it.
            let _ = tokio::time::timeout(limits::FILE_SWEEP_EVERY, room.wake.notified()).await;
        }
    });
    Ok(())
}

/// Removes files that no record names although nobody told us: rows were changed or deleted by hand. Returns their number.
///
/// # Errors
/// Those of the database.
pub(crate) async fn audit(app: &App) -> Result<u64> {
    let schema = app.schema();
    let mut retired = 0;
    for collection in schema.collections().iter().filter(|collection| !collection.is_view()) {
        for field in named::file_fields(collection) {
            let (of, by) = (Arc::clone(collection), field.clone());
            // Asked first where it keeps nobody waiting; almost always that is all.
            let asked = (Arc::clone(&of), by.clone());
            let found = app
                .store()
                .db()
                .read(&Default::default(), move |conn| named::has_unnamed(conn, &asked.0, &asked.1))
                .await?;
            if found {
                retired += app.store().db().write(move |conn| named::retire_unnamed(conn, &of, &by)).await?;
            }
        }
    }
    if retired > 0 {
        tracing::warn!(retired, "files that no record names any more are removed; their records were changed by hand");
        settle::all(app).await?;
    }
    Ok(retired)
}

/// Everything that is not where it belongs, as far as that works now.
///
/// # Errors
/// Those of the database.
pub(crate) async fn sweep(app: &App) -> Result<()> {
    settle::all(app).await?;
    let now = clock::now_text();
    let expired = app.store().db().read(&Default::default(), move |conn| uploads::any_expired(conn, &now)).await?;
    if expired {
        let now = clock::now_text();
        let expired = app.store().db().write(move |conn| uploads::expire(conn, &now)).await?;
        for id in expired {
            app.file_room().staging.remove(&super::uploads::staged_name(&id)).await?;
        }
    }
    clear(app, limits::STAGED_MAX_IDLE).await
}

/// Removes staged files that nobody has written to for `idle` and that no row names.
async fn clear(app: &App, idle: Duration) -> Result<()> {
    let staging: &StagingFolder = &app.file_room().staging;
    let found: Arc<[String]> = staging.idle(idle).await?.into();
    if found.is_empty() {
        return Ok(());
    }
    let names = Arc::clone(&found);
    let known = app
        .store()
        .db()
        .read(&Default::default(), move |conn| {
            let mut known = files::staged_among(conn, &names)?;
            let ids: Vec<String> = names.iter().filter_map(|name| super::uploads::id_of(name)).collect();
            known.extend(uploads::among(conn, &ids)?.iter().map(|id| super::uploads::staged_name(id)));
            Ok(known)
        })
        .await?;
    for name in found.iter().filter(|name| !known.contains(name)) {
        staging.remove(name).await?;
    }
    Ok(())
}
