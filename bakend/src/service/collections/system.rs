//! The collections that are always there, and reading all of them from the database.

use std::sync::Arc;

use super::{
    change::{Change, Saved},
    stored,
};
use crate::{
    Error, Result,
    query::Pace,
    schema::{Schema, system},
    service::App,
    store::Store,
};

/// All collections of a database.
///
/// # Errors
/// `Internal`: the database cannot be read, or a stored collection is damaged.
pub async fn load(store: &Store) -> Result<Schema> {
    let collections = store.db().read(&Pace::default(), stored::all).await?;
    Ok(Schema::new(1, collections.into_iter().map(Arc::new).collect()))
}

/// Creates the system collections that are missing and, in an empty database, `users`.
///
/// # Errors
/// `Internal`: the database refuses.
pub async fn ensure_system(app: &App) -> Result<()> {
    let _lock = app.schema_lock().await;
    let before = app.schema();
    let is_new = before.collections().is_empty();
    let missing = system::collections().into_iter().filter(|one| match before.find(&one.name) {
        Some(_) => false,
        None => one.system || is_new,
    });
    let saved: Vec<_> = missing.map(|new| Saved { old: None, new: Arc::new(new) }).collect();
    if saved.is_empty() {
        return Ok(());
    }
    let change = Change { before, saved, removed: Vec::new(), by_hand: false };
    change
        .make(app, |_, _| Ok(()))
        .await
        .map_err(|failure| Error::internal(failure.error).message_set("The system collections cannot be created."))?;
    Ok(())
}
