//! Collections as code describes them beside those of the database. Pure.

use std::sync::Arc;

use super::plan::keeps_values;
use crate::{
    Result,
    ids::checksum_id,
    schema::{Collection, Field, FieldKind, Schema},
    service::typed::{self, Definition},
};

/// A collection as it is, if it is, and as code wants it.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) old: Option<Arc<Collection>>,
    pub(super) new: Collection,
}

/// Every collection of the code beside the stored one. A field that goes on from a stored one has its id; one of a type that cannot hold the
/// stored values, or that points elsewhere, is another field.
///
/// # Errors
/// As of [`typed::collections`].
pub(super) fn pair(schema: &Schema, definitions: &[Definition]) -> Result<Vec<Pair>> {
    let made = typed::collections(definitions, schema)?;
    let pairs = definitions.iter().zip(made).map(|(definition, mut new)| {
        let old = definition.stored(schema).cloned();
        if let Some(old) = old.as_deref().filter(|old| !old.is_view()) {
            tell_apart(old, &mut new);
        }
        Pair { old, new }
    });
    Ok(pairs.collect())
}

/// Gives fields an id of their own that only share a name with a stored field.
fn tell_apart(old: &Collection, new: &mut Collection) {
    for field in &mut new.fields {
        if old.fields.iter().any(|before| before.id == field.id && !goes_on(before, field)) {
            field.id = free_id(old, field);
        }
    }
}

/// Whether a field is the other one with changed options, keeping what it holds.
fn goes_on(before: &Field, after: &Field) -> bool {
    match (&before.kind, &after.kind) {
        (FieldKind::Relation(before), FieldKind::Relation(after)) => before.collection_id == after.collection_id,
        (old, new) => old.name() == new.name() || keeps_values(before, after),
    }
}

/// An id that no stored field has.
fn free_id(old: &Collection, field: &Field) -> String {
    let id = checksum_id(field.kind.name(), &field.name);
    let taken = |id: &String| old.fields.iter().any(|before| before.id == *id);
    let numbered = (2..).map(|number: u32| format!("{id}{number}"));
    std::iter::once(id.clone()).chain(numbered).find(|id| !taken(id)).unwrap_or(id)
}
