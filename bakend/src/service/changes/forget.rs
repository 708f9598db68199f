//! Forgetting what is remembered of accounts, sessions and keys that changed, whoever changed them.

use super::Change;
use crate::service::{App, auth::credential};

/// Most entries that are looked at one by one.
const LOOKED_AT_MAX: u32 = 1000;

/// Forgets what is remembered of the accounts, sessions and keys that these changes are about.
pub(crate) fn forget(app: &App, changes: &[Change]) {
    let schema = app.schema();
    for change in changes {
        match schema.by_id(&change.collection) {
            Some(collection) => app.record_changed(collection, &change.record),
            None => credential::forget(app, change),
        }
    }
}

/// The same for all that was committed behind an entry. What cannot be found out is all forgotten.
pub(crate) async fn forget_since(app: &App, seq: i64) {
    match super::after(app, seq, LOOKED_AT_MAX).await {
        Ok(changes) if changes.len() < LOOKED_AT_MAX as usize => forget(app, &changes),
        _ => app.auth_cache().clear(),
    }
}
