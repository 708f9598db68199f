//! What is known of rules, settings and accounts: how far it is up to date, and when any of it changed.
//!
//! Records are read as they are when they are told, which may be long after it was found out who may hear of them. So that is looked at again
//! behind each look at records: what was committed before the look counts, and nothing is told on a ground that moved.

use std::collections::HashMap;

use super::{
    access,
    plan::{COLLECTIONS, PARAMS},
    registry::Account,
};
use crate::{
    Result, clock,
    limits::REALTIME_GROUND_MAX_ACCOUNTS,
    schema::{Schema, collection::SUPERUSERS_ID},
    service::{
        App,
        auth::credential::{KEYS, SESSIONS},
        changes::{self, Change},
    },
};

/// When something was known, counted by what changed since the start.
pub(super) type Moment = u64;

/// What was taken in of the changelog.
#[derive(Default)]
pub(super) struct Ground {
    /// Everything up to this entry; `None`: nothing yet.
    upto: Option<i64>,
    now: Moment,
    /// When collections or settings changed, or more than is kept track of.
    all: Moment,
    /// When accounts, their sessions or their keys changed.
    accounts: HashMap<Account, Moment>,
}

/// By what somebody has access.
#[derive(Clone)]
pub(super) struct Standing {
    /// The account; `None`: anybody has it.
    pub account: Option<Account>,
    /// When it ends in any case, in seconds since 1970.
    pub until: i64,
}

impl Standing {
    /// That of a guest.
    pub fn anybodys() -> Self {
        Self { account: None, until: i64::MAX }
    }

    /// That of several superusers.
    pub fn superusers(until: i64) -> Self {
        Self { account: Some(any_superuser()), until }
    }
}

fn any_superuser() -> Account {
    (SUPERUSERS_ID.to_owned(), String::new())
}

impl Ground {
    /// What is found out from now on is not older than this.
    pub fn now(&self) -> Moment {
        self.now
    }

    /// Whether a standing that was found out at a moment may be another one by now.
    pub fn has_moved(&self, since: Moment, standing: &Standing) -> bool {
        let of_account = || standing.account.as_ref().and_then(|account| self.accounts.get(account));
        self.now > since && (self.all > since || of_account().is_some_and(|moment| *moment > since))
            || standing.until <= clock::now_unix_seconds()
    }

    /// Notes what was committed behind `known` and taken in; `None`: what, is not known.
    fn note(&mut self, schema: &Schema, known: Option<i64>, last: i64, changes: Option<&[Change]>) {
        // Another look may have come further; numbers may have begun anew.
        self.upto =
            Some(if changes.is_some() && self.upto != known { self.upto.unwrap_or(last).max(last) } else { last });
        let accounts: Vec<_> =
            changes.unwrap_or_default().iter().filter_map(|one| access::account(schema, one)).collect();
        let is_all = changes.is_none_or(|changes| changes.iter().any(is_of_all));
        if !is_all && accounts.is_empty() {
            return;
        }
        self.now += 1;
        if is_all || self.accounts.len() + accounts.len() > REALTIME_GROUND_MAX_ACCOUNTS {
            self.accounts.clear();
            self.all = self.now;
            return;
        }
        for account in accounts {
            if account.0 == SUPERUSERS_ID {
                self.accounts.insert(any_superuser(), self.now);
            }
            self.accounts.insert(account, self.now);
        }
    }
}

/// Whether a change may be one of everybody's access.
fn is_of_all(change: &Change) -> bool {
    matches!(change.collection.as_str(), COLLECTIONS | PARAMS)
}

/// Sees that what is known of rules, settings and accounts is not older than this call. Mostly that is one look at a number.
///
/// # Errors
/// Those of the database.
pub(super) async fn take_in(app: &App) -> Result<()> {
    let known = app.hub().ground().upto;
    if known == Some(changes::last(app).await?) {
        return Ok(());
    }
    let schema = app.schema();
    let auth = schema.collections().iter().filter(|collection| collection.is_auth());
    let mut tables: Vec<String> = auth.map(|collection| collection.id.clone()).collect();
    tables.extend([COLLECTIONS, PARAMS, SESSIONS, KEYS].map(str::to_owned));
    let (last, found) = match known {
        Some(known) => changes::about(app, known, tables, REALTIME_GROUND_MAX_ACCOUNTS).await?,
        None => (changes::last(app).await?, None),
    };
    if found.as_ref().is_none_or(|changes| changes.iter().any(is_of_all)) {
        app.reload().await?;
    }
    match &found {
        Some(found) => changes::forget(app, found),
        None => app.auth_cache().clear(),
    }
    // Noted when it is forgotten, not before: who reads the moment relies on it.
    app.hub().ground().note(&app.schema(), known, last, found.as_deref());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{schema::system, service::changes::Action};

    fn change(collection: &str, record: &str, old: Option<&str>) -> Change {
        let (collection, record) = (collection.to_owned(), record.to_owned());
        Change { seq: 1, collection, record, action: Action::Update, old: old.map(str::to_owned), at: 0 }
    }

    fn standing(record: &str) -> Standing {
        Standing { account: Some((SUPERUSERS_ID.to_owned(), record.to_owned())), until: i64::MAX }
    }

    #[test]
    fn a_ground_moves_for_those_whom_a_change_concerns() {
        let schema = Schema::new(1, system::collections().into_iter().map(Arc::new).collect());
        let (ana, bob, all, guest) =
            (standing("ana"), standing("bob"), Standing::superusers(i64::MAX), Standing::anybodys());
        let session = r#"[{"collection":"SUPERUSERS","record":"ana"}]"#.replace("SUPERUSERS", SUPERUSERS_ID);
        for (found, moved) in [
            (Some(vec![]), [false; 4]),
            (Some(vec![change("other", "ana", None)]), [false; 4]),
            (Some(vec![change(SUPERUSERS_ID, "ana", None)]), [true, false, true, false]),
            (Some(vec![change(SESSIONS, "s", Some(&session))]), [true, false, true, false]),
            (Some(vec![change(PARAMS, "settings", None)]), [true; 4]),
            (None, [true; 4]),
        ] {
            let mut ground = Ground::default();
            let before = ground.now();
            ground.note(&schema, None, 1, found.as_deref());
            let seen = [&ana, &bob, &all, &guest].map(|standing| ground.has_moved(before, standing));
            assert_eq!(seen, moved, "{found:?}");
            assert!(!ground.has_moved(ground.now(), &ana), "what is found out from then on holds");
        }
        let ended = Standing { until: clock::now_unix_seconds(), ..ana };
        assert!(Ground::default().has_moved(0, &ended), "the token ended");
    }

    #[test]
    fn more_accounts_than_are_kept_track_of_are_everybody() {
        let schema = Schema::new(1, system::collections().into_iter().map(Arc::new).collect());
        let mut ground = Ground::default();
        let changes: Vec<_> =
            (0..REALTIME_GROUND_MAX_ACCOUNTS).map(|at| change(SUPERUSERS_ID, &at.to_string(), None)).collect();
        ground.note(&schema, None, 1, Some(&changes[1..]));
        assert!(!ground.has_moved(0, &standing("ana")));
        ground.note(&schema, Some(1), 2, Some(&changes[..2]));
        assert!(ground.has_moved(0, &standing("ana")) && ground.accounts.is_empty());
        assert_eq!(ground.upto, Some(2));
        ground.note(&schema, Some(1), 1, Some(&[]));
        assert_eq!(ground.upto, Some(2), "another look came further");
        ground.note(&schema, Some(2), 0, None);
        assert_eq!(ground.upto, Some(0), "numbers began anew");
    }
}
