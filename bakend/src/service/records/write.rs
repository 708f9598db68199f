//! The write itself: hooks around a transaction, files around both.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Call, validate};
use futures_util::future::BoxFuture;

use crate::{
    Error, Result,
    query::Statement,
    schema::{Collection, Record},
    service::{
        App,
        auth::hooks::{self, AuthAction, is_registration},
        changes,
        events::{self, Phases, RecordEvent},
        files::{self, Held, Whose},
    },
    store::{Conn, Db, Tx},
};

/// Work that waits for the commit of an outer transaction: after hooks, files to remove.
#[derive(Clone, Default)]
pub struct Deferred(Arc<Mutex<Vec<Waiting>>>);

/// What waits.
enum Waiting {
    /// A record that was written.
    Record(Box<Outcome>),
    /// SQL of the program's own, with the last entry of the changelog before it.
    Sql(App, i64),
}

impl Deferred {
    fn push(&self, outcome: Outcome) {
        self.lock().push(Waiting::Record(Box::new(outcome)));
    }

    /// Notes that SQL of the program's own ran: it may have changed accounts. `seq`: the last entry of the changelog before it.
    pub fn note_sql(&self, app: &App, seq: i64) {
        let mut waiting = self.lock();
        if !waiting.iter().any(|one| matches!(one, Waiting::Sql(..))) {
            waiting.push(Waiting::Sql(app.clone(), seq));
        }
    }

    /// Takes over the work of a part of the transaction that has succeeded.
    fn absorb(&self, part: Self) {
        let waiting = part.take();
        self.lock().extend(waiting);
    }

    fn take(&self) -> Vec<Waiting> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Waiting>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends the transaction that this belongs to as its work turned out: commits and does all of it, or undoes everything.
    ///
    /// # Errors
    /// The outcome's, or that of the commit.
    pub async fn ended<T>(self, tx: Tx, outcome: Result<T>) -> Result<T> {
        self.ended_within(None, tx, outcome, |error| error).await
    }

    /// The same where a transaction around it may have work that waits: then all of it waits there. `worded` words what the commit refuses.
    pub(super) async fn ended_within<T>(
        self,
        outer: Option<&Self>,
        tx: Tx,
        outcome: Result<T>,
        worded: impl FnOnce(Error) -> Error,
    ) -> Result<T> {
        let outcome = match outcome {
            Ok(value) => tx.commit().await.map(|()| value).map_err(worded),
            Err(error) => {
                tx.rollback().await;
                Err(error)
            }
        };
        match (&outcome, outer) {
            (Ok(_), Some(outer)) => outer.absorb(self),
            (Ok(_), None) => self.committed().await,
            (Err(_), _) => self.rolled_back().await,
        }
        outcome
    }

    /// Does all of it, in order: the transaction is committed.
    pub async fn committed(self) {
        for waiting in self.take() {
            match waiting {
                Waiting::Record(outcome) => outcome.committed().await,
                Waiting::Sql(app, seq) => changes::forget_since(&app, seq).await,
            }
        }
    }

    /// Removes the files that were stored for it: the transaction was rolled back.
    pub async fn rolled_back(self) {
        for waiting in self.take() {
            if let Waiting::Record(outcome) = waiting {
                outcome.rolled_back();
            }
        }
    }
}

/// What happened to one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Create,
    Update,
    Delete,
}

impl Action {
    pub fn phases(self, app: &App) -> &Phases {
        match self {
            Self::Create => &app.hooks().create,
            Self::Update => &app.hooks().update,
            Self::Delete => &app.hooks().delete,
        }
    }
}

/// A write that has been made and waits for its commit, or has it.
pub(super) struct Outcome {
    pub action: Action,
    pub event: RecordEvent,
    /// Its new files.
    pub held: Held,
}

impl Outcome {
    async fn committed(mut self) {
        let (app, collection) = (self.event.app.clone(), Arc::clone(&self.event.collection));
        let id = self.event.record.id().to_owned();
        app.record_changed(&collection, &id);
        if self.action == Action::Create && collection.is_superusers() {
            // The account of the installer link may have gone with it.
            app.forget_sign_ins();
        }
        if self.moves_files() {
            files::settle(&app, Whose::Record(collection.id.clone(), id)).await;
        }
        if self.action == Action::Create
            && let Some(request) = self.event.request.as_ref().filter(|request| is_registration(&collection, request))
        {
            let call = Call::new(&app, Arc::clone(request));
            hooks::after(&call, AuthAction::Register, &self.event.record).await;
        }
        let chain = &self.action.phases(&app).after;
        if chain.listens(&events::tags(&collection)) {
            self.event.db = app.store().db();
            self.event.deferred = None;
            events::tell(chain, &mut self.event).await;
        }
    }

    fn moves_files(&self) -> bool {
        match &self.event.original {
            Some(before) => validate::changes_files(before, &self.event.record),
            None => validate::names_files(&self.event.record),
        }
    }

    fn rolled_back(self) {
        self.held.release();
    }
}

/// What runs on the writer for one record; gets the record, returns it as written.
pub(super) type Work = Box<dyn FnOnce(&Conn, Record) -> Result<Record> + Send>;

/// Work of several steps that are hooked themselves; gets the call inside the transaction, and the record, which it returns as written.
pub(super) type Steps = Box<dyn FnOnce(Call, Record) -> BoxFuture<'static, Result<Record>> + Send>;

/// Runs `work` in a transaction with the `within` hooks of `action` around it. What the work refuses is worded as `failed`; what a hook
/// says is the answer. A hook that changes the record here has changed it after every check: it is refused.
pub(super) async fn within(
    call: &Call,
    action: Action,
    event: &mut RecordEvent,
    failed: &'static str,
    work: Work,
) -> Result<()> {
    if !hears(call, action, &event.collection) {
        let written = write(&call.db, event.record.clone(), work).await;
        event.record = written.map_err(|error| worded(error, failed))?;
        return Ok(());
    }
    let steps: Steps = Box::new(move |call, record| {
        Box::pin(async move { write(&call.db, record, work).await.map_err(|error| worded(error, failed)) })
    });
    around(call, action, event, failed, steps).await
}

/// Whether a `within` hook listens.
pub(super) fn hears(call: &Call, action: Action, collection: &Collection) -> bool {
    action.phases(&call.app).within.listens(&events::tags(collection))
}

/// The same as [`within`] for work of several steps, which words its own errors.
pub(super) async fn around(
    call: &Call,
    action: Action,
    event: &mut RecordEvent,
    failed: &'static str,
    steps: Steps,
) -> Result<()> {
    let chain = &action.phases(&call.app).within;
    let collection = Arc::clone(&event.collection);
    let tx = call.db.begin_held().await?;
    let nested = Deferred::default();
    let inner = Call { db: tx.db(), deferred: Some(nested.clone()), ..call.clone() };
    event.db = inner.db.clone();
    event.deferred = inner.deferred.clone();
    let tags = events::tags(&collection);
    let checked = event.record.clone();
    let run = chain.run_agreed(event, &tags, move |event| {
        Box::pin(async move {
            if event.record.values != checked.values {
                return Err(changed_late(&checked));
            }
            event.record = steps(inner, checked).await?;
            Ok(())
        })
    });
    let outcome = tx.hold(run).await;
    event.db = call.db.clone();
    event.deferred = call.deferred.clone();
    // A hook that did not call `next`, or forgot an error behind it, left the write out: to answer as if it had happened would be a lie.
    let outcome = outcome.and_then(|agreed| if agreed { Ok(()) } else { Err(events::stopped()) });
    nested.ended_within(call.deferred.as_ref(), tx, outcome, |error| worded(error, failed)).await
}

fn changed_late(record: &Record) -> Error {
    let name = &record.collection.name;
    Error::internal(format!("a within hook of {name:?} changed the record, which is checked by now: use a before hook"))
}

async fn write(db: &Db, record: Record, work: Work) -> Result<Record> {
    db.write(move |conn| work(conn, record)).await
}

/// Ends a write: now, or with the outer transaction.
pub(super) async fn finish(call: &Call, outcome: Outcome) {
    match &call.deferred {
        Some(deferred) => deferred.push(outcome),
        None => outcome.committed().await,
    }
}

/// The event of a record.
pub(super) fn event(
    call: &Call,
    collection: &Arc<Collection>,
    record: Record,
    original: Option<Record>,
) -> RecordEvent {
    let mut event = RecordEvent::of_record(call, collection, record);
    event.original = original;
    event
}

/// Whether the statement that proves a rule returns a row.
pub(super) async fn holds(call: &Call, guard: Statement) -> Result<bool> {
    let pace = guard.pace.clone();
    Ok(call.db.read(&pace, move |conn| conn.rows(&guard, |_| Ok(()))).await? > 0)
}

/// Words an error as the failure of a whole operation; what has a message of its own keeps it.
pub(super) fn worded(error: Error, message: &str) -> Error {
    if error.kind() == crate::Kind::Invalid { error.message_set(message) } else { error }
}
