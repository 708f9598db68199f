//! Proven sign-in tokens, so that a request need not read and prove again.

use std::{
    hash::{BuildHasher, RandomState},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use quick_cache::sync::Cache;

use super::credential::Credential;
use crate::{clock, limits, schema::Record};

/// Records share counters: a change of one costs its neighbours one more read, nothing else.
const STRIPES: usize = 1024;

/// Proven tokens and their records, bounded in number.
///
/// Every entry remembers how often its record had changed when reading it began; an entry of before a change is never used,
/// also when it was put in after the change.
pub struct AuthCache {
    tokens: Cache<Box<str>, Entry>,
    epoch: AtomicU64,
    stripes: Box<[AtomicU64]>,
    hasher: RandomState,
}

/// The moment at which reading a record began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    epoch: u64,
    stripe: usize,
    changes: u64,
}

/// A signed-in record and what its token allows.
#[derive(Clone)]
pub struct SignedIn {
    /// As it was when it was read.
    pub record: Arc<Record>,
    /// When the token ends, in seconds since 1970.
    pub exp: i64,
    /// Whether it can be exchanged for a fresh one.
    pub refreshable: bool,
    /// The session or key; `None`: a token that names no session, as PocketBase issued them.
    pub by: Option<Arc<Credential>>,
}

#[derive(Clone)]
struct Entry {
    signed_in: SignedIn,
    moment: Moment,
    until: i64,
}

impl Default for AuthCache {
    fn default() -> Self {
        Self {
            tokens: Cache::new(limits::AUTH_CACHE_MAX_TOKENS),
            epoch: AtomicU64::new(0),
            stripes: (0..STRIPES).map(|_| AtomicU64::new(0)).collect(),
            hasher: RandomState::new(),
        }
    }
}

impl AuthCache {
    /// Forgets an auth record: call it after the commit that changed or deleted it.
    pub fn invalidate(&self, collection_id: &str, record_id: &str) {
        self.stripes[self.stripe(collection_id, record_id)].fetch_add(1, Ordering::AcqRel);
    }

    /// Forgets everything: a collection changed, or another process changed the database.
    pub fn clear(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.tokens.clear();
    }

    /// To be taken before the record is read.
    pub fn moment(&self, collection_id: &str, record_id: &str) -> Moment {
        let stripe = self.stripe(collection_id, record_id);
        Moment {
            epoch: self.epoch.load(Ordering::Acquire),
            stripe,
            changes: self.stripes[stripe].load(Ordering::Acquire),
        }
    }

    /// Who signed in with this token, if that is known and still so.
    pub fn get(&self, token: &str) -> Option<SignedIn> {
        let entry = self.tokens.get(token)?;
        let fresh = entry.moment.epoch == self.epoch.load(Ordering::Acquire)
            && entry.moment.changes == self.stripes[entry.moment.stripe].load(Ordering::Acquire)
            && entry.until > clock::now_unix_seconds();
        if fresh {
            return Some(entry.signed_in);
        }
        self.tokens.remove(token);
        None
    }

    /// Remembers a proven token; `moment` is from before its record was read. `until` is when it has to be proved again, in seconds since
    /// 1970.
    pub fn insert(&self, token: &str, signed_in: SignedIn, moment: Moment, until: i64) {
        self.tokens.insert(token.into(), Entry { until: until.min(signed_in.exp), signed_in, moment });
    }

    fn stripe(&self, collection_id: &str, record_id: &str) -> usize {
        let hash = self.hasher.hash_one((collection_id, record_id));
        usize::try_from(hash % STRIPES as u64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{Collection, CollectionKind};

    fn somebody(exp: i64) -> SignedIn {
        let collection = Arc::new(Collection::new("people", CollectionKind::Auth));
        SignedIn { record: Arc::new(Record::new(collection)), exp, refreshable: true, by: None }
    }

    #[test]
    fn a_record_read_before_its_change_is_never_used() {
        let (cache, later) = (AuthCache::default(), clock::now_unix_seconds() + 60);
        let moment = cache.moment("people", "ana");
        cache.insert("fresh", somebody(later), moment, later);
        assert!(cache.get("fresh").is_some());
        cache.invalidate("people", "ana");
        assert!(cache.get("fresh").is_none(), "the record changed");
        cache.insert("late", somebody(later), moment, later);
        assert!(cache.get("late").is_none(), "it was read before the change");
        cache.insert("again", somebody(later), cache.moment("people", "ana"), later);
        assert!(cache.get("again").is_some());
        cache.clear();
        assert!(cache.get("again").is_none(), "everything changed");
        cache.insert("ended", somebody(later - 60), cache.moment("people", "ana"), later);
        assert!(cache.get("ended").is_none(), "the token ended");
        cache.insert("old", somebody(later), cache.moment("people", "ana"), later - 60);
        assert!(cache.get("old").is_none(), "to be proved again");
    }
}
