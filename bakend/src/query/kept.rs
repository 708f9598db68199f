//! What the planner keeps: templates by their texts, plans by their shape.

use std::{
    hash::Hash,
    sync::{Arc, atomic::AtomicU64},
};

use quick_cache::{Equivalent, Weighter, sync::Cache};

use super::plan::{Plan, Purpose, Template};
use crate::limits::{PLANS_MAX, TEMPLATES_MAX_TEXT_BYTES};

/// What the planner keeps; bounded.
pub struct Kept {
    /// Resolved texts; weighed by the length of their texts.
    pub templates: Cache<TemplateKey, Arc<Template>, TextWeight>,
    /// SQL by the shape of what the request holds.
    pub plans: Cache<PlanKey, Arc<Plan>>,
    /// Tells templates apart.
    pub next_id: AtomicU64,
}

impl Default for Kept {
    fn default() -> Self {
        const TEXT_BYTES: usize = 256;
        let items = TEMPLATES_MAX_TEXT_BYTES / TEXT_BYTES;
        let templates = Cache::with_weighter(items, TEMPLATES_MAX_TEXT_BYTES as u64, TextWeight);
        Self { templates, plans: Cache::new(PLANS_MAX), next_id: AtomicU64::new(0) }
    }
}

/// Collections count by their address, which their template keeps from being used again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TemplateKey {
    version: u64,
    collection: usize,
    auth: usize,
    purpose: Purpose,
    rule: String,
    filter: String,
    sort: String,
}

/// The same, borrowed: hashes as [`TemplateKey`] does.
#[derive(Hash)]
pub struct TemplateKeyRef<'a> {
    pub version: u64,
    pub collection: usize,
    pub auth: usize,
    pub purpose: Purpose,
    pub rule: &'a str,
    pub filter: &'a str,
    pub sort: &'a str,
}

/// A template and what was decided for the values of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PlanKey {
    pub template: u64,
    pub shape: Box<[u8]>,
}

/// The same, borrowed: hashes as [`PlanKey`] does.
#[derive(Hash)]
pub struct PlanKeyRef<'a> {
    pub template: u64,
    pub shape: &'a [u8],
}

/// A template weighs as much as its texts.
#[derive(Clone)]
pub struct TextWeight;

impl Weighter<TemplateKey, Arc<Template>> for TextWeight {
    fn weight(&self, key: &TemplateKey, _: &Arc<Template>) -> u64 {
        const KEY_BYTES: usize = 128;
        (KEY_BYTES + key.rule.len() + key.filter.len() + key.sort.len()) as u64
    }
}

impl Equivalent<TemplateKey> for TemplateKeyRef<'_> {
    fn equivalent(&self, key: &TemplateKey) -> bool {
        self.version == key.version
            && self.collection == key.collection
            && self.auth == key.auth
            && self.purpose == key.purpose
            && self.rule == key.rule
            && self.filter == key.filter
            && self.sort == key.sort
    }
}

impl Equivalent<PlanKey> for PlanKeyRef<'_> {
    fn equivalent(&self, key: &PlanKey) -> bool {
        self.template == key.template && *self.shape == *key.shape
    }
}

impl TemplateKeyRef<'_> {
    /// The same, owned.
    pub fn to_key(&self) -> TemplateKey {
        TemplateKey {
            version: self.version,
            collection: self.collection,
            auth: self.auth,
            purpose: self.purpose,
            rule: self.rule.to_owned(),
            filter: self.filter.to_owned(),
            sort: self.sort.to_owned(),
        }
    }
}
