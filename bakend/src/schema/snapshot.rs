//! All collections at one moment, found by id, name or the relations that point at them.

use std::{collections::HashMap, sync::Arc};

use super::{Collection, Field, FieldKind};

/// All collections at one moment. A change makes a new snapshot with a higher version.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    /// Grows with every change.
    pub version: u64,
    collections: Vec<Arc<Collection>>,
    by_id: HashMap<String, usize>,
    by_name: HashMap<String, usize>,
}

impl Schema {
    /// A snapshot of these collections.
    pub fn new(version: u64, collections: Vec<Arc<Collection>>) -> Self {
        let by_id = collections.iter().enumerate().map(|(at, item)| (item.id.clone(), at)).collect();
        let by_name = collections.iter().enumerate().map(|(at, item)| (item.name.to_lowercase(), at)).collect();
        Self { version, collections, by_id, by_name }
    }

    /// All, in the order they were created.
    pub fn collections(&self) -> &[Arc<Collection>] {
        &self.collections
    }

    /// By exact id.
    pub fn by_id(&self, id: &str) -> Option<&Arc<Collection>> {
        self.by_id.get(id).map(|at| &self.collections[*at])
    }

    /// By id, or by name without regard to case.
    pub fn find(&self, id_or_name: &str) -> Option<&Arc<Collection>> {
        self.by_id(id_or_name).or_else(|| {
            let at = match self.by_name.get(id_or_name) {
                Some(at) => Some(at),
                None => self.by_name.get(&id_or_name.to_lowercase()),
            };
            at.map(|at| &self.collections[*at])
        })
    }

    /// The relation fields of stored collections (no views) that point at the collection with this id.
    pub fn references<'a>(&'a self, id: &'a str) -> impl Iterator<Item = (&'a Arc<Collection>, usize, &'a Field)> {
        self.collections.iter().filter(|item| !item.is_view()).flat_map(move |item| {
            item.fields.iter().enumerate().filter_map(move |(at, field)| match &field.kind {
                FieldKind::Relation(options) if options.collection_id == id => Some((item, at, field)),
                _ => None,
            })
        })
    }

    /// The same with one collection added or, by id, replaced; the version grows.
    pub fn with(&self, collection: Arc<Collection>) -> Self {
        let mut collections = self.collections.clone();
        match self.by_id.get(&collection.id) {
            Some(at) => collections[*at] = collection,
            None => collections.push(collection),
        }
        Self::new(self.version + 1, collections)
    }

    /// The same without one collection; the version grows.
    pub fn without(&self, id: &str) -> Self {
        let collections = self.collections.iter().filter(|item| item.id != id).cloned().collect();
        Self::new(self.version + 1, collections)
    }
}
