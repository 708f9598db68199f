//! Keeping the changelog within its bounds of age and size.

use std::time::Duration;

use crate::{
    Result, clock,
    query::Pace,
    service::{App, app::WeakApp},
    store::changelog,
};

/// How often the bounds are looked after.
const INTERVAL: Duration = Duration::from_secs(60);
/// Entries that are removed in one write: others wait no longer for the writer than for a large one of their own.
const REMOVED_AT_ONCE: i64 = 2000;
/// Part of the size that is made free at once: to find out what goes, the whole log is read through.
const FREED_PART: i64 = 16;

/// What is known of the size, so that only what is new has to be measured.
struct Size {
    /// What the entries up to `until` take at most.
    bytes: i64,
    until: i64,
}

/// Looks after the bounds until the app is gone.
pub(crate) async fn keep_bounded(app: WeakApp) {
    let mut size = None;
    loop {
        tokio::time::sleep(INTERVAL).await;
        let Some(app) = app.upgrade() else { return };
        if let Err(error) = prune(&app, &mut size).await {
            if app.is_closed() {
                return;
            }
            tracing::warn!(?error, "the changelog could not be pruned");
        }
    }
}

/// Removes what is older, or more, than the settings say.
async fn prune(app: &App, size: &mut Option<Size>) -> Result<()> {
    let settings = app.settings();
    let (hours, bytes_max) = (settings.realtime.changes_max_hours, settings.realtime.changes_max_bytes);
    let mut until = 0;
    if hours > 0 {
        let moment = clock::now_unix_seconds().saturating_sub(hours.saturating_mul(3600));
        until = read(app, move |conn| changelog::first_since(conn, moment)).await?.unwrap_or(i64::MAX);
    }
    if bytes_max > 0 {
        let last = super::last(app).await?;
        // What another program emptied begins anew.
        let known = size.take().filter(|known| known.until <= last).unwrap_or(Size { bytes: 0, until: 0 });
        let new = read(app, move |conn| changelog::bytes_after(conn, known.until)).await?;
        let bytes = known.bytes.saturating_add(new);
        if bytes > bytes_max {
            let kept = bytes_max - bytes_max / FREED_PART;
            until = until.max(read(app, move |conn| changelog::first_within(conn, kept)).await?.unwrap_or(0));
        } else {
            *size = Some(Size { bytes, until: last });
        }
    }
    let remove = move |conn: &crate::store::Conn<'_>| changelog::remove_before(conn, until, REMOVED_AT_ONCE);
    while until > 0 && app.store().db().write(remove).await? > 0 {
        tokio::task::yield_now().await;
    }
    Ok(())
}

/// A read that may take its time.
async fn read<T: Send + 'static>(
    app: &App,
    f: impl Fn(&crate::store::Conn<'_>) -> Result<T> + Send + Sync + 'static,
) -> Result<T> {
    let pace = Pace::default();
    pace.mark_slow();
    app.store().db().read(&pace, f).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::AppOptions;

    #[tokio::test]
    async fn what_is_too_old_or_too_much_goes() {
        let folder = tempfile::tempdir().expect("a folder");
        let app = App::open(AppOptions::new(folder.path())).await.expect("opens");
        let fill = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5000)
             INSERT INTO _params SELECT 'p' || n, '{}', '', '' FROM c";
        app.store().db().write(move |conn| conn.run_script(fill)).await.expect("fills");
        let first = || async {
            let bounds = app.store().db().read(&Pace::default(), changelog::bounds).await.expect("reads");
            bounds.expect("there are entries").0
        };
        let (start, mut size) = (first().await, None);
        prune(&app, &mut size).await.expect("prunes");
        assert_eq!(first().await, start, "nothing is too old or too much");
        let mut settings = app.settings().as_ref().clone();
        settings.realtime.changes_max_bytes = 2000;
        app.set_settings(settings.clone());
        prune(&app, &mut size).await.expect("prunes");
        let (kept, last) = (first().await, super::super::last(&app).await.expect("reads"));
        assert!(last - kept > 10 && last - kept < 200, "{kept} to {last}");
        prune(&app, &mut size).await.expect("prunes");
        assert_eq!(first().await, kept, "it is within its bound");
        settings.realtime.changes_max_bytes = 0;
        app.set_settings(settings.clone());
        let age = "UPDATE _changes SET at = at - 100 * 3600 WHERE seq < (SELECT max(seq) - 3 FROM _changes)";
        app.store().db().write(move |conn| conn.run_script(age)).await.expect("ages");
        prune(&app, &mut None).await.expect("prunes");
        assert_eq!(first().await, last - 3);
        settings.realtime.changes_max_bytes = 2000;
        app.set_settings(settings);
        // Few entries, but large ones; and of characters of several bytes.
        let large = "INSERT INTO _changes (collection, record, action, at, old)
             VALUES ('c', 'r', 3, unixepoch(), replace(hex(zeroblob(400)), '0', 'ä'))";
        for _ in 0..2 {
            app.store().db().write(move |conn| conn.run_script(large)).await.expect("writes");
            prune(&app, &mut size).await.expect("prunes");
        }
        let last = super::super::last(&app).await.expect("reads");
        assert_eq!(first().await, last, "two of them would be too much");
        app.close().await;
    }
}
