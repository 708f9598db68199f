//! What rules can ask about a request: query and headers are only taken apart when some rule mentions them.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::schema::{Collection, Schema};

const QUERY: u64 = 1;
const HEADERS: u64 = 2;
const BITS: u32 = 2;
const UNKNOWN: u64 = u64::MAX;

/// What the rules of a schema need, remembered by the schema's version.
pub(super) struct Needs(AtomicU64);

/// What to take from a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Need {
    pub query: bool,
    pub headers: bool,
}

impl Default for Needs {
    fn default() -> Self {
        Self(AtomicU64::new(UNKNOWN))
    }
}

impl Needs {
    /// What the rules of this schema need.
    pub fn of(&self, schema: &Schema) -> Need {
        let known = self.0.load(Ordering::Relaxed);
        let bits = if known != UNKNOWN && known >> BITS == schema.version {
            known
        } else {
            let bits = schema.collections().iter().fold(0, |bits, collection| bits | needed_by(collection));
            self.0.store(schema.version << BITS | bits, Ordering::Relaxed);
            bits
        };
        Need { query: bits & QUERY != 0, headers: bits & HEADERS != 0 }
    }
}

fn needed_by(collection: &Collection) -> u64 {
    let rules = &collection.rules;
    let auth = collection.auth.as_deref();
    let own = [&rules.list, &rules.view, &rules.create, &rules.update, &rules.delete];
    let texts = own.into_iter().filter_map(|rule| rule.as_deref()).chain(auth.into_iter().flat_map(|auth| {
        [auth.auth_rule.as_deref(), auth.manage_rule.as_deref(), Some(auth.mfa.rule.as_str())].into_iter().flatten()
    }));
    texts.fold(0, |bits, text| {
        bits | mentions(text, "@request.query", QUERY) | mentions(text, "@request.headers", HEADERS)
    })
}

fn mentions(text: &str, what: &str, bit: u64) -> u64 {
    if text.contains(what) { bit } else { 0 }
}
