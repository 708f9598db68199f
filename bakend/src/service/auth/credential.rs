//! What somebody signed in by, and when that was last used: noted at once, written now and then.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

use serde_json::Value as Json;

use crate::{
    Result, clock, limits,
    query::Grant,
    service::{App, changes::Change},
    store::{
        Db,
        system::{api_keys, sessions},
    },
};

/// The table of sessions, as the changelog names it.
pub(crate) const SESSIONS: &str = "_sessions";
/// The table of API keys, as the changelog names it.
pub(crate) const KEYS: &str = "_api_keys";

/// A session or an API key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CredentialKind {
    /// A row of `_sessions`.
    Session,
    /// A row of `_api_keys`.
    Key,
}

/// What a request was signed in by.
#[derive(Debug)]
pub struct Credential {
    /// A session or a key.
    pub kind: CredentialKind,
    /// Id of its row.
    pub id: String,
    /// What it may do; `None`: all that its account may.
    pub grant: Option<Arc<Grant>>,
    /// The last use that was noted, in seconds since 1970.
    noted: AtomicI64,
}

impl Credential {
    /// Last used at a moment in the wire form, or never.
    pub(super) fn new(kind: CredentialKind, id: String, grant: Option<Arc<Grant>>, last_used: &str) -> Self {
        let noted = clock::unix_seconds(last_used).unwrap_or_default();
        Self { kind, id, grant, noted: AtomicI64::new(noted) }
    }

    /// The id, if it is a session.
    pub fn session(&self) -> Option<&str> {
        (self.kind == CredentialKind::Session).then_some(self.id.as_str())
    }

    /// Whether it is an API key.
    pub fn is_key(&self) -> bool {
        self.kind == CredentialKind::Key
    }
}

/// Whose changes end what is remembered of a session or a key.
pub(crate) struct CredentialOwner {
    /// Id of the account's collection; empty: the key acts for itself.
    pub collection: String,
    /// Id of the account, or of the key itself.
    pub record: String,
}

/// Whose a session or key was that changed or ended; `None`: it began, or the change is of something else.
pub(crate) fn owner(change: &Change) -> Option<CredentialOwner> {
    if change.old.is_none() || !matches!(change.collection.as_str(), SESSIONS | KEYS) {
        return None;
    }
    let row = change.old_row();
    let text = |name: &str| row.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    let (collection, record) = (text("collection"), text("record"));
    let record = if collection.is_empty() { change.record.clone() } else { record };
    Some(CredentialOwner { collection, record })
}

/// Forgets what is remembered of a session or key that changed or ended, whoever did that.
pub(crate) fn forget(app: &App, change: &Change) {
    if let Some(owner) = owner(change) {
        app.auth_cache().invalidate(&owner.collection, &owner.record);
    }
}

/// Uses that wait to be written.
#[derive(Default)]
pub struct Uses(Mutex<HashMap<(CredentialKind, String), i64>>);

impl Uses {
    /// Notes a use, at most one in [`LAST_USE_STEP`](limits::LAST_USE_STEP): a request costs no more than a look at a number.
    pub(super) fn note(&self, credential: &Credential) {
        let step = i64::try_from(limits::LAST_USE_STEP.as_secs()).unwrap_or(i64::MAX);
        let (now, noted) = (clock::now_unix_seconds(), credential.noted.load(Ordering::Relaxed));
        let is_due = now.saturating_sub(noted) >= step;
        if !is_due || credential.noted.compare_exchange(noted, now, Ordering::Relaxed, Ordering::Relaxed).is_err() {
            return;
        }
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < limits::LAST_USE_MAX_WAITING {
            waiting.insert((credential.kind, credential.id.clone()), now);
        }
    }

    /// Writes what waits, in one write. What cannot be written is lost: it is only a last use.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) async fn write(&self, db: &Db) -> Result<()> {
        let waiting = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        if waiting.is_empty() {
            return Ok(());
        }
        db.write(move |conn| {
            for ((kind, id), seconds) in &waiting {
                let moment = clock::text_of_unix_seconds(*seconds);
                match kind {
                    CredentialKind::Session => sessions::note_use(conn, id, &moment)?,
                    CredentialKind::Key => api_keys::note_use(conn, id, &moment)?,
                }
            }
            Ok(())
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_noted_once_in_a_while() {
        let uses = Uses::default();
        let waiting = || uses.0.lock().expect("no panic").len();
        let now = clock::now_text();
        uses.note(&Credential::new(CredentialKind::Session, "fresh".to_owned(), None, &now));
        assert_eq!(waiting(), 0, "it was noted just now");
        let idle = Credential::new(CredentialKind::Key, "idle".to_owned(), None, "");
        uses.note(&idle);
        assert_eq!(waiting(), 1);
        uses.0.lock().expect("no panic").clear();
        uses.note(&idle);
        assert_eq!(waiting(), 0, "not again so soon");
        for n in 0..limits::LAST_USE_MAX_WAITING + 5 {
            uses.note(&Credential::new(CredentialKind::Session, n.to_string(), None, ""));
        }
        assert_eq!(waiting(), limits::LAST_USE_MAX_WAITING, "bounded");
    }
}
