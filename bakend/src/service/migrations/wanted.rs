//! Collections as code describes them beside those of the database. Pure.

use std::sync::Arc;

use super::plan::keeps_values;
use crate::{
    Error, Result,
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
    let stored = typed::stored(definitions, schema)?;
    let pairs = stored.into_iter().zip(made).map(|(old, mut new)| {
        let old = old.cloned();
        if let Some(old) = old.as_deref().filter(|old| !old.is_view()) {
            tell_apart(old, &mut new);
        }
        Pair { old, new }
    });
    Ok(pairs.collect())
}

/// Whether the views of the code give what their types read. What a query gives is known only once it runs, so this comes last.
///
/// # Errors
/// `Invalid`: a view gives no column of a field's name, or one that holds another kind of value; the message lists the fields and the
/// columns.
pub(super) fn check_views(schema: &Schema, definitions: &[Definition]) -> Result<()> {
    for definition in definitions {
        let Some(view) = schema.find(&definition.name).filter(|found| found.is_view()) else { continue };
        let faults: Vec<String> = definition.fields.iter().filter_map(|own| fault(view, &own.field)).collect();
        if !faults.is_empty() {
            let columns = view.fields.iter().map(|column| format!("{} ({})", column.name, column.kind.name()));
            let (faults, columns) = (faults.join("\n  "), columns.collect::<Vec<_>>().join(", "));
            let message = format!("The view {:?} does not give what its type reads:\n  {faults}", view.name);
            return Err(Error::invalid(format!("{message}\nIts query gives {columns}.")));
        }
    }
    Ok(())
}

/// Why a field of a type cannot be read from a view.
fn fault(view: &Collection, field: &Field) -> Option<String> {
    let (name, wanted) = (&field.name, field.kind.name());
    match view.field(name) {
        None => Some(format!("{name} ({wanted}): there is no such column")),
        Some(column) if !is_readable(&column.kind, &field.kind) => {
            Some(format!("{name} ({wanted}): the column holds another kind of value, {}", column.kind.name()))
        }
        Some(_) => None,
    }
}

/// Whether some value of a column can be read as a field of this kind, as [`FieldValue`](typed::FieldValue) reads it.
fn is_readable(column: &FieldKind, field: &FieldKind) -> bool {
    use FieldKind::{Bool, GeoPoint, Json, Number};
    match column {
        // Nobody knows its type.
        Json(_) => true,
        Number(_) | Bool => matches!(field, Number(_) | Bool),
        GeoPoint => matches!(field, GeoPoint),
        _ => !matches!(field, Number(_) | Bool | Json(_)),
    }
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
