//! A client that was away reads the changelog for itself, until it has reached the tail; from there on it is told with all others.

use std::sync::Arc;

use super::{
    Realtime,
    client::Client,
    deliver, ground,
    letter::{Letter, Resync},
    plan::{Plan, Who},
};
use crate::{
    Error, Result,
    limits::REALTIME_ROUND_MAX_CHANGES,
    service::{App, changes},
};

impl Realtime {
    /// Lets a client catch up from behind the entry `since`; the registry knows that it does.
    pub(super) fn catch_up(&self, client: &Arc<Client>, since: i64) {
        let (app, client) = (self.app.clone(), Arc::clone(client));
        tokio::spawn(async move {
            if let Err(error) = read_on(&app, &client, since).await {
                tracing::error!(?error, "a client could not catch up");
                give_up(&app, &client, Resync::Failed);
            }
        });
    }
}

async fn read_on(app: &App, client: &Arc<Client>, since: i64) -> Result<()> {
    let mut position = since;
    // As many entries as found room the last time, and how much room the next one takes.
    let (mut step, mut wanted) = (REALTIME_ROUND_MAX_CHANGES, 0);
    loop {
        // The client sets the pace: what it does not read is not read for it.
        if !client.mailbox.has_room(wanted).await {
            return Ok(());
        }
        // Held for one step only: whoever waits for a slow reader must not keep others from catching up.
        let place = app.hub().catch_ups.acquire().await.map_err(Error::internal)?;
        let Some(claimed) = has_arrived(app, client, position) else { return Ok(()) };
        let mut found = changes::after(app, position, step).await?;
        found.retain(|change| change.seq <= claimed);
        let (Some(first), Some(last)) = (found.first(), found.last()) else {
            give_up(app, client, Resync::Pruned);
            return Ok(());
        };
        if first.seq != position + 1 {
            give_up(app, client, Resync::Pruned);
            return Ok(());
        }
        ground::take_in(app).await?;
        let plan = Plan::of(app, &app.hub().state().registry, &found, Who::One(client.id()));
        match deliver::written(app, &found, plan).await.post_to(app, client).await {
            Ok(()) => {
                (step, wanted) = (REALTIME_ROUND_MAX_CHANGES.min(2 * step), 0);
                position = last.seq;
            }
            Err(full) => {
                (step, wanted) = (u32::try_from(full.at).unwrap_or(step).max(1), full.bytes);
                position = found[full.at].seq - 1;
            }
        }
        drop(place);
        tokio::task::yield_now().await;
    }
}

/// Hands a client over to the tail when it has reached it; otherwise returns where the tail is.
fn has_arrived(app: &App, client: &Client, position: i64) -> Option<i64> {
    let mut state = app.hub().state();
    match state.claimed {
        Some(claimed) if claimed > position => Some(claimed),
        claimed => {
            // It is behind where the tail is only when numbers began anew.
            let position = claimed.map_or(position, |claimed| claimed.min(position));
            // While the tail is kept from going on: what it tells next comes behind this.
            client.mailbox.send(Letter::Position(position), position);
            state.registry.set_catching_up(client.id(), false);
            None
        }
    }
}

/// Hands a client over to the tail although it missed something, and tells it so.
fn give_up(app: &App, client: &Client, why: Resync) {
    let mut state = app.hub().state();
    let claimed = state.claimed.unwrap_or_else(|| app.hub().told());
    client.mailbox.send(Letter::Resync(why, claimed), claimed);
    state.registry.set_catching_up(client.id(), false);
}
