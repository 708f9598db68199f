//! In which order records are inserted, so that what a relation points at is there before it.

use std::{collections::HashSet, sync::Arc};

use crate::schema::{Collection, Field, FieldKind};

/// The collections, each after those that its relations point at, as far as circles allow.
pub(super) fn by_dependency(collections: &[Arc<Collection>]) -> Vec<Arc<Collection>> {
    let mut ordered: Vec<Arc<Collection>> = Vec::with_capacity(collections.len());
    let mut placed: HashSet<String> = HashSet::new();
    let mut rest: Vec<_> = collections.to_vec();
    while !rest.is_empty() {
        let waits_for = |one: &Arc<Collection>| {
            one.fields.iter().filter_map(target).filter(|id| *id != one.id && !placed.contains(*id)).count()
        };
        // In a circle, the one that misses least comes first.
        let next = rest.iter().enumerate().min_by_key(|(at, one)| (waits_for(one), *at)).map_or(0, |(at, _)| at);
        let next = rest.remove(next);
        placed.insert(next.id.clone());
        ordered.push(next);
    }
    ordered
}

/// Positions of the relations whose targets are not there yet when the collection's records are inserted; `before` are the
/// collections that are complete by then.
pub(super) fn late_relations(collection: &Collection, before: &HashSet<String>) -> Vec<usize> {
    let is_late = |field: &Field| target(field).is_some_and(|id| !before.contains(id));
    collection.fields.iter().enumerate().filter(|(_, field)| is_late(field)).map(|(at, _)| at).collect()
}

/// The id of the collection that a relation points at.
pub(super) fn target(field: &Field) -> Option<&str> {
    match &field.kind {
        FieldKind::Relation(options) => Some(&options.collection_id),
        _ => None,
    }
}
