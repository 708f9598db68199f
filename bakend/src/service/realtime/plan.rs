//! Which subscriptions an entry of the changelog may concern; whether their owners may hear of it is asked later.

use std::{collections::HashMap, sync::Arc};

use super::{
    ground::Moment,
    registry::{Registry, Target},
    topic::{ME, SYSTEM_ALL, SYSTEM_PREFIX},
};
use crate::{
    schema::{Collection, Schema, system::OWNED_BY_ACCOUNTS},
    service::{
        App,
        auth::credential::SESSIONS,
        changes::{Action, Change},
    },
};

/// The table of the collections, as the log names it.
pub(super) const COLLECTIONS: &str = "_collections";
/// The table of named values, as the log names it.
pub(super) const PARAMS: &str = "_params";

/// What superusers hear of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SystemKind {
    /// Collections.
    Collections,
    /// The settings.
    Settings,
    /// Sign-ins, and their ends.
    Sessions,
}

impl SystemKind {
    /// What a change is of, if superusers hear of it.
    fn of(change: &Change) -> Option<Self> {
        match change.collection.as_str() {
            COLLECTIONS => Some(Self::Collections),
            PARAMS if change.record == "settings" => Some(Self::Settings),
            SESSIONS => Some(Self::Sessions),
            _ => None,
        }
    }

    /// The end of its topic.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Collections => "collections",
            Self::Settings => "settings",
            Self::Sessions => "sessions",
        }
    }
}

/// Whose subscriptions.
#[derive(Clone, Copy)]
pub(super) enum Who<'a> {
    /// Everybody's who is up to date.
    Live,
    /// One client's, which catches up.
    One(&'a str),
}

/// An entry to tell of; or several of one record, which are told as one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Item {
    /// The position of its entry among the changes.
    pub at: usize,
    /// The number of its last entry.
    pub seq: i64,
}

/// A subscription's topic, its subscribers, and the items that may concern them.
pub(super) struct Part {
    /// What kind of topic it is.
    pub kind: Kind,
    /// The topic and its subscribers.
    pub target: Target,
    /// Positions in [`Plan::items`], in order.
    pub items: Vec<usize>,
    /// How often it was looked at in vain: who may hear of it changed meanwhile.
    pub tries: u32,
}

/// What a topic is about.
#[derive(Clone)]
pub(super) enum Kind {
    /// Records of a collection, under its list rule.
    List(Arc<Collection>),
    /// One record, under the view rule.
    View(Arc<Collection>),
    /// The signed-in account: itself.
    Account(Arc<Collection>),
    /// The signed-in account: what belongs to it.
    Owned(Arc<Collection>),
    /// The signed-in account: its sessions.
    Sessions,
    /// What superusers hear of the system.
    System(SystemKind),
}

impl Kind {
    /// The same of collections as they are now; `None`: its collection is gone.
    pub fn renewed(&self, schema: &Schema) -> Option<Self> {
        let now = |collection: &Collection| schema.by_id(&collection.id).cloned();
        Some(match self {
            Self::List(collection) => Self::List(now(collection)?),
            Self::View(collection) => Self::View(now(collection)?),
            Self::Account(collection) => Self::Account(now(collection)?),
            Self::Owned(collection) => Self::Owned(now(collection)?),
            Self::Sessions => Self::Sessions,
            Self::System(kind) => Self::System(*kind),
        })
    }
}

/// Whom to ask about what.
pub(super) struct Plan {
    /// What is told, in order.
    pub items: Vec<Item>,
    /// To whom it may be.
    pub parts: Vec<Part>,
    /// What it was made by was up to date at this moment.
    pub moment: Moment,
}

impl Plan {
    /// Looks up who subscribed to these entries.
    pub fn of(app: &App, registry: &Registry, changes: &[Change], who: Who<'_>) -> Self {
        let items = items(changes);
        // Before the schema is read, so that a change in between counts.
        let moment = app.hub().ground().now();
        let schema = app.schema();
        let mut finder = Finder { registry, who, parts: Vec::new(), known: HashMap::new() };
        for (position, item) in items.iter().enumerate() {
            let change = &changes[item.at];
            match schema.by_id(&change.collection) {
                Some(collection) => finder.record(position, collection, &change.record),
                None => finder.system(position, change),
            }
        }
        Self { items, parts: finder.parts, moment }
    }
}

/// What to tell of some entries: a record's joins that change right behind it are part of the same event, for what is told is the record as
/// it is by then.
fn items(changes: &[Change]) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::with_capacity(changes.len());
    for (at, change) in changes.iter().enumerate() {
        let joined = change.action == Action::Link
            && at > 0
            && changes[at - 1].action != Action::Delete
            && changes[at - 1].collection == change.collection
            && changes[at - 1].record == change.record;
        match items.last_mut().filter(|_| joined) {
            Some(item) => item.seq = change.seq,
            None => items.push(Item { at, seq: change.seq }),
        }
    }
    items
}

struct Finder<'a> {
    registry: &'a Registry,
    who: Who<'a>,
    parts: Vec<Part>,
    /// Heads that were looked up, and where their parts are.
    known: HashMap<String, Vec<usize>>,
}

impl Finder<'_> {
    fn record(&mut self, item: usize, collection: &Arc<Collection>, id: &str) {
        let names = [Some(&collection.name), Some(&collection.id).filter(|id| **id != collection.name)];
        for name in names.into_iter().flatten() {
            self.add(item, name.clone(), || Kind::List(Arc::clone(collection)));
            self.add(item, format!("{name}/*"), || Kind::List(Arc::clone(collection)));
            self.add(item, format!("{name}/{id}"), || Kind::View(Arc::clone(collection)));
        }
        if collection.is_auth() {
            self.add_as(item, format!("{ME} {}", collection.id), ME, || Kind::Account(Arc::clone(collection)));
        } else if OWNED_BY_ACCOUNTS.contains(&collection.name.as_str()) {
            self.add_as(item, format!("{ME} {}", collection.id), ME, || Kind::Owned(Arc::clone(collection)));
        }
    }

    fn system(&mut self, item: usize, change: &Change) {
        let Some(kind) = SystemKind::of(change) else { return };
        if kind == SystemKind::Sessions {
            self.add_as(item, format!("{ME} {SESSIONS}"), ME, || Kind::Sessions);
        }
        self.add(item, format!("{SYSTEM_PREFIX}{}", kind.as_str()), || Kind::System(kind));
        self.add_as(item, format!("{SYSTEM_PREFIX}* {}", kind.as_str()), SYSTEM_ALL, || Kind::System(kind));
    }

    fn add(&mut self, item: usize, head: String, kind: impl Fn() -> Kind) {
        let looked_up = head.clone();
        self.add_as(item, head, &looked_up, kind);
    }

    /// Adds an item to the subscriptions of a head, which are kept under `key`.
    fn add_as(&mut self, item: usize, key: String, head: &str, kind: impl Fn() -> Kind) {
        if !self.registry.hears(head) {
            return;
        }
        if !self.known.contains_key(&key) {
            let targets = match self.who {
                Who::Live => self.registry.targets(head),
                Who::One(id) => self.registry.targets_of(head, id),
            };
            let first = self.parts.len();
            self.parts.extend(targets.into_iter().map(|target| Part {
                kind: kind(),
                target,
                items: Vec::new(),
                tries: 0,
            }));
            self.known.insert(key.clone(), (first..self.parts.len()).collect());
        }
        for part in &self.known[&key] {
            self.parts[*part].items.push(item);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_that_change_right_behind_their_record_are_told_with_it() {
        let change = |seq, record: &str, action| Change {
            seq,
            collection: "c".to_owned(),
            record: record.to_owned(),
            action,
            old: None,
            at: 0,
        };
        use Action::{Create, Delete, Link, Update};
        let changes = [
            change(1, "a", Link),
            change(2, "a", Link),
            change(3, "a", Create),
            change(4, "a", Link),
            change(5, "a", Link),
            change(6, "b", Link),
            change(7, "a", Update),
            change(8, "a", Update),
            change(9, "a", Delete),
            change(10, "a", Link),
        ];
        let found: Vec<_> = items(&changes).iter().map(|item| (item.at, item.seq)).collect();
        assert_eq!(found, [(0, 2), (2, 5), (5, 6), (6, 7), (7, 8), (8, 9), (9, 10)]);
    }
}
