//! Who may have lost access by some changes: their open connections are looked at again.

use std::{collections::BTreeSet, sync::Arc};

use super::{audience::Identities, client::Client, registry::Account};
use crate::{
    Result,
    schema::{Schema, collection::SUPERUSERS_ID},
    service::{
        App,
        auth::credential,
        changes::{Action, Change},
    },
};

/// Looks again at the connections of the accounts that these changes are about: whose token is no longer good is a guest from now on, hears
/// so, and shows on no channel any more.
///
/// # Errors
/// Those of the database.
pub(super) async fn review(app: &App, changes: &[Change]) -> Result<()> {
    let clients = bound(app, changes);
    let mut identities = Identities::new(app);
    for client in clients {
        identities.of(&client).await?;
    }
    Ok(())
}

/// The connections of accounts that some changes are about.
fn bound(app: &App, changes: &[Change]) -> Vec<Arc<Client>> {
    let schema = app.schema();
    let accounts: BTreeSet<Account> = changes.iter().filter_map(|change| account(&schema, change)).collect();
    if accounts.is_empty() {
        return Vec::new();
    }
    let state = app.hub().state();
    accounts.iter().flat_map(|account| state.registry.bound_to(account)).collect()
}

/// The account that a change may keep from what it could do before.
pub(super) fn account(schema: &Schema, change: &Change) -> Option<Account> {
    if change.action == Action::Create {
        return None;
    }
    match schema.by_id(&change.collection) {
        Some(collection) => collection.is_auth().then(|| (collection.id.clone(), change.record.clone())),
        None => credential::owner(change).map(|owner| match owner.collection.is_empty() {
            true => (SUPERUSERS_ID.to_owned(), owner.record),
            false => (owner.collection, owner.record),
        }),
    }
}
