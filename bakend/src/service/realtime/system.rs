//! What superusers hear of the system: collections and settings that changed.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::{
    deliver::{Round, data},
    outbox::Outbox,
    plan::{COLLECTIONS, Part},
    registry::Member,
};
use crate::{
    Result,
    query::Pace,
    service::{
        App,
        changes::{Action, Change},
        collections::{shown, stored},
    },
};

/// Tells superusers of items of bakend's own tables.
pub(super) async fn tell(round: &mut Round<'_>, part: &Part, outbox: &mut Outbox) {
    let members = match superusers(round, &part.target.members).await {
        Ok(members) => Arc::new(members),
        Err(error) => return round.failed(&part.target, &part.target.members, &part.items, &error, outbox),
    };
    if members.is_empty() {
        return;
    }
    for item in &part.items {
        let change = round.change(*item);
        match row(round.app, change).await {
            Ok(Some(row)) => {
                let data = data(&row, change.action.as_str());
                round.send(&part.target, *item, data, &members, outbox);
            }
            Ok(None) => {}
            Err(error) => round.failed(&part.target, &members, &[*item], &error, outbox),
        }
    }
}

/// Those of some subscribers who are superusers now.
pub(super) async fn superusers(round: &mut Round<'_>, members: &[Member]) -> Result<Vec<Member>> {
    let mut found = Vec::new();
    for member in members {
        if round.identities.of(&member.client).await?.is_some_and(|account| account.is_superuser()) {
            found.push(member.clone());
        }
    }
    Ok(found)
}

/// What changed, as JSON; `None`: it is gone, which is told by itself.
async fn row(app: &App, change: &Change) -> Result<Option<Vec<u8>>> {
    if change.action == Action::Delete {
        let objects: Vec<Map<String, Json>> =
            change.old.as_deref().and_then(|old| serde_json::from_str(old).ok()).unwrap_or_default();
        let row: Map<String, Json> = objects.into_iter().flatten().collect();
        return Ok(Some(Json::Object(row).to_string().into_bytes()));
    }
    if change.collection != COLLECTIONS {
        return app.settings().to_json().map(Some);
    }
    let collections = app.store().db().read(&Pace::default(), stored::all).await?;
    Ok(collections.iter().find(|collection| collection.id == change.record).map(shown::bytes))
}
