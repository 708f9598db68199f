//! The tail of the changelog: reads what was committed, in order, and sees that everybody is told.

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;

use super::{
    deliver,
    letter::{Letter, Resync},
    plan::{Plan, Who},
};
use crate::{
    Result,
    limits::REALTIME_ROUND_MAX_CHANGES,
    service::{
        App,
        app::WeakApp,
        changes::{self, Change, Waiter},
    },
};

/// How long to wait after the database failed.
const PAUSE: Duration = Duration::from_millis(200);

/// Starts the tail of an app, once; it ends with the app.
pub(super) fn start(app: &App) {
    if app.hub().is_first_start() {
        let (weak, waiter, woken) = (app.downgrade(), Waiter::of(app), app.hub().woken());
        tokio::spawn(run(weak, waiter, woken));
    }
}

async fn run(app: WeakApp, mut waiter: Waiter, woken: Arc<Notify>) {
    loop {
        {
            let Some(app) = app.upgrade() else { return };
            match round(&app).await {
                Ok(true) => {
                    // Others on this thread have waited long enough.
                    tokio::task::yield_now().await;
                    continue;
                }
                Ok(false) => {}
                Err(_) if app.is_closed() => return,
                Err(error) => {
                    tracing::error!(?error, "the changelog could not be read; it is tried again");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
        tokio::select! {
            open = waiter.wait() => if !open { return },
            () = woken.notified() => {}
        }
    }
}

/// Tells of what was committed since the last round; returns whether there was anything.
async fn round(app: &App) -> Result<bool> {
    let Some(claimed) = app.hub().state().claimed_by_anybody() else { return Ok(false) };
    let changes = changes::after(app, claimed, REALTIME_ROUND_MAX_CHANGES).await?;
    let Some(last) = changes.last().map(|last| last.seq) else {
        if changes::last(app).await? < claimed {
            tracing::warn!("the changelog was emptied by hand; all clients fetch their data anew");
            resync_all(app).await?;
        }
        return Ok(false);
    };
    if changes[0].seq != claimed + 1 {
        resync_all(app).await?;
        return Ok(true);
    }
    freshen(app, &changes).await?;
    let plan = {
        let mut state = app.hub().state();
        state.claimed = Some(last);
        Plan::of(app, &state.registry, &changes, Who::Live)
    };
    deliver::deliver(app, &changes, plan).await;
    app.hub().set_told(last);
    Ok(true)
}

/// Sees that what is known of rules, settings and accounts is not older than the changes that are about to be judged by it.
pub(super) async fn freshen(app: &App, changes: &[Change]) -> Result<()> {
    if changes.iter().any(|change| change.collection.starts_with("_collections") || change.collection == "_params") {
        app.reload().await?;
    }
    let schema = app.schema();
    for change in changes {
        if let Some(collection) = schema.by_id(&change.collection) {
            app.record_changed(collection, &change.record);
        }
    }
    Ok(())
}

/// Has everybody fetch their data anew: the changelog does not lead on from where they are.
async fn resync_all(app: &App) -> Result<()> {
    let last = changes::last(app).await?;
    let mut state = app.hub().state();
    state.claimed = Some(last);
    app.hub().set_told(last);
    for client in state.registry.clients() {
        client.mailbox.send(Letter::Resync(Resync::Pruned, last), last);
    }
    Ok(())
}
