//! What is done about sessions and keys now and then: last uses are written, what has ended is forgotten.

use std::time::Duration;

use tokio::time::Instant;

use super::expiry;
use crate::{
    Result, clock, limits,
    service::{App, WeakApp},
    store::{
        Conn,
        system::{api_keys, sessions},
    },
};

/// Runs as long as the app is open.
pub(crate) async fn run(app: WeakApp) {
    let mut swept: Option<Instant> = None;
    loop {
        tokio::time::sleep(limits::LAST_USE_WRITE_EVERY).await;
        let Some(app) = app.upgrade() else { return };
        let is_due = swept.is_none_or(|swept| swept.elapsed() >= limits::ENDED_SESSIONS_SWEEP_EVERY);
        if let Err(error) = app.uses().write(&app.store().db()).await {
            tracing::debug!(?error, "the last uses of sessions and keys could not be noted");
        }
        if is_due {
            if let Err(error) = expiry::sweep(&app).await {
                tracing::debug!(?error, "expired first factors and one-time passwords could not be forgotten");
            }
            match sweep(&app).await {
                Ok(()) => swept = Some(Instant::now()),
                Err(error) => tracing::debug!(?error, "ended sessions could not be forgotten"),
            }
        }
    }
}

/// Forgets sessions and keys that have ended.
///
/// # Errors
/// Those of the database.
pub async fn sweep(app: &App) -> Result<()> {
    // A token may end up to a step later than its session's row says.
    let slack = Duration::from_secs(limits::SESSION_EXTEND_STEP_SECONDS.unsigned_abs());
    let before = clock::text(clock::now() - slack);
    let forget =
        move |conn: &Conn<'_>| Ok(sessions::delete_ended(conn, &before)? + api_keys::delete_ended(conn, &before)?);
    match app.store().db().write(forget).await? {
        0 => {}
        count => tracing::debug!(count, "forgot sessions and keys that had ended"),
    }
    Ok(())
}
