//! The tail of the changelog: reads what was committed, in order, and sees that everybody is told.

use std::{sync::Arc, time::Duration};

use tokio::sync::Notify;

use super::{
    access, deliver, ground,
    letter::{Letter, Resync},
    plan::{Plan, Who},
};
use crate::{
    Result,
    limits::REALTIME_ROUND_MAX_CHANGES,
    service::{
        App,
        app::WeakApp,
        changes::{self, Waiter},
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
        // The app is held for a round only: it may end while this waits.
        let outcome = {
            let Some(app) = app.upgrade() else { return };
            let outcome = round(&app).await;
            if outcome.is_err() && app.is_closed() {
                return;
            }
            outcome
        };
        match outcome {
            // Others on this thread have waited long enough.
            Ok(true) => tokio::task::yield_now().await,
            Ok(false) => tokio::select! {
                open = waiter.wait() => if !open { return },
                () = woken.notified() => {}
            },
            Err(error) => {
                tracing::error!(?error, "the changelog could not be read; it is tried again");
                tokio::time::sleep(PAUSE).await;
            }
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
    ground::take_in(app).await?;
    access::review(app, &changes).await?;
    let plan = {
        let mut state = app.hub().state();
        if state.claimed != Some(claimed) {
            // The last one left meanwhile, and who came then begins elsewhere.
            return Ok(true);
        }
        state.claimed = Some(last);
        Plan::of(app, &state.registry, &changes, Who::Live)
    };
    deliver::written(app, &changes, plan).await.post(app).await;
    let state = app.hub().state();
    if state.claimed == Some(last) {
        app.hub().set_told(last);
    }
    Ok(true)
}

/// Has everybody fetch their data anew: the changelog does not lead on from where they are.
async fn resync_all(app: &App) -> Result<()> {
    let last = changes::last(app).await?;
    let mut state = app.hub().state();
    state.claimed = Some(last);
    app.hub().set_told(last);
    state.registry.go_on_behind(last);
    for client in state.registry.clients() {
        client.mailbox.send(Letter::Resync(Resync::Pruned, last), last);
    }
    Ok(())
}
