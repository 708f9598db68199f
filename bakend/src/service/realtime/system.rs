//! What superusers hear of the system: collections, settings and sessions that changed.
//!
//! An event has the `kind` of what changed, as its topic ends, so that who listens to all can tell one from another.

use std::sync::Arc;

use serde_json::Value as Json;

use super::{
    audience::Identity,
    deliver::Round,
    ground::{self, Standing},
    outbox::Outbox,
    plan::{Part, SystemKind},
    registry::Member,
};
use crate::{
    Result,
    query::{Pace, grant::Area},
    service::{
        App,
        auth::sessions,
        changes::{Action, Change},
        collections::{shown, stored},
    },
};

/// Tells superusers of items of bakend's own tables.
pub(super) async fn tell(round: &mut Round<'_>, part: &Part, kind: SystemKind, outbox: &mut Outbox) {
    let (members, standing) = match superusers(round, &part.target.members, kind).await {
        Ok((members, until)) => (Arc::new(members), Standing::superusers(until)),
        Err(error) => return round.failed(&part.target, &part.target.members, &part.items, &error, outbox),
    };
    if members.is_empty() {
        return;
    }
    let rows = match rows(round, part, kind).await {
        Ok(rows) => rows,
        Err(error) => return round.failed(&part.target, &members, &part.items, &error, outbox),
    };
    if round.has_moved(&standing) {
        return round.again(part, &members, &part.items, outbox);
    }
    for (item, row) in rows {
        round.send(&part.target, item, data(kind, &row, round.change(item).action), &members, outbox);
    }
}

/// What changed, as it is now; what was committed before that is taken in.
async fn rows(round: &Round<'_>, part: &Part, kind: SystemKind) -> Result<Vec<(usize, Vec<u8>)>> {
    let mut rows = Vec::with_capacity(part.items.len());
    for item in &part.items {
        if let Some(row) = row(round.app, kind, round.change(*item)).await? {
            rows.push((*item, row));
        }
    }
    ground::take_in(round.app).await?;
    Ok(rows)
}

/// The data of an event about a row of the system.
pub(super) fn data(kind: SystemKind, row: &[u8], action: Action) -> Vec<u8> {
    let (kind, action) = (kind.as_str().as_bytes(), action.as_str().as_bytes());
    [b"{\"kind\":\"", kind, b"\",\"record\":", row, b",\"action\":\"", action, b"\"}"].concat()
}

/// Those of some subscribers who are superusers now and whose keys, if they come with one, are for this; and until when all of them are, in
/// seconds since 1970.
async fn superusers(round: &mut Round<'_>, members: &[Member], kind: SystemKind) -> Result<(Vec<Member>, i64)> {
    let may = |identity: &Identity| match kind {
        SystemKind::Collections => identity.is_whole(),
        SystemKind::Settings => identity.may_enter(Area::Settings),
        SystemKind::Sessions => identity.may_enter(Area::Sessions),
    };
    let (mut found, mut until) = (Vec::new(), i64::MAX);
    for member in members {
        let who = round.identities.of(&member.client).await?;
        if let Some(who) = who.filter(|who| who.account.is_superuser() && may(who)) {
            until = until.min(who.until);
            found.push(member.clone());
        }
    }
    Ok((found, until))
}

/// What changed, as JSON; `None`: it is gone, which is told by itself.
async fn row(app: &App, kind: SystemKind, change: &Change) -> Result<Option<Vec<u8>>> {
    match kind {
        SystemKind::Sessions => Ok(sessions::told(app, change).await?.map(|(_, session)| session)),
        _ if change.action == Action::Delete => Ok(Some(Json::Object(change.old_row()).to_string().into_bytes())),
        SystemKind::Settings => app.settings().to_json().map(Some),
        SystemKind::Collections => {
            let collections = app.store().db().read(&Pace::default(), stored::all).await?;
            Ok(collections.iter().find(|collection| collection.id == change.record).map(shown::bytes))
        }
    }
}
