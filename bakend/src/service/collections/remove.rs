//! The end of a collection.

use std::sync::Arc;

use super::change::{Change, Failure};
use crate::{
    Error, Result,
    schema::{Collection, Schema},
    service::{App, files},
};

const FAILED: &str = "Failed to delete collection.";

/// Deletes a collection with its table, records and files.
///
/// # Errors
/// - `NotFound`: there is none with this id or name.
/// - `Invalid`: bakend itself needs it, or relations or views of other collections do.
pub async fn delete(app: &App, id_or_name: &str) -> Result<()> {
    let _lock = app.schema_lock().await;
    let before = app.schema();
    let collection = Arc::clone(before.find(id_or_name).ok_or_else(Error::not_found)?);
    let users = references(&before, &collection);
    if !users.is_empty() {
        let names = users.join(", ");
        return Err(Error::invalid(format!(
            "Failed to delete collection probably due to existing reference in {names}."
        )));
    }
    if collection.system {
        return Err(Error::invalid(FAILED));
    }
    let change = Change { before, saved: Vec::new(), removed: vec![Arc::clone(&collection)], by_hand: true };
    change.make(app, |_, _| Ok(())).await.map_err(refused)?;
    files::settle(app, files::Whose::Collection(collection.id.clone())).await;
    Ok(())
}

fn refused(failure: Failure) -> Error {
    if failure.is_of_server() { failure.error } else { Error::invalid(FAILED).caused_by(failure.error) }
}

/// Names of the other collections with relations to this one, views among them.
pub(super) fn references(schema: &Schema, collection: &Collection) -> Vec<String> {
    let points = |other: &&Arc<Collection>| {
        other.id != collection.id
            && other.fields.iter().any(|field| match &field.kind {
                crate::schema::FieldKind::Relation(options) => options.collection_id == collection.id,
                _ => false,
            })
    };
    schema.collections().iter().filter(points).map(|other| other.name.clone()).collect()
}
