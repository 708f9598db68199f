//! The write itself: hooks around a transaction, files around both.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use super::Call;
use crate::{
    Error, Result,
    query::Statement,
    schema::{Collection, Record},
    service::{
        App,
        events::{self, Phases, RecordEvent},
        files,
    },
    store::{Conn, Db},
};

/// Work that waits for the commit of an outer transaction: after hooks, files to remove.
#[derive(Clone, Default)]
pub struct Deferred(Arc<Mutex<Vec<Outcome>>>);

impl Deferred {
    fn push(&self, outcome: Outcome) {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(outcome);
    }

    /// Does all of it, in order: the transaction is committed.
    pub async fn committed(self) {
        let outcomes = std::mem::take(&mut *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        for outcome in outcomes {
            outcome.committed().await;
        }
    }

    /// Removes the files that were stored for it: the transaction was rolled back.
    pub async fn rolled_back(self) {
        let outcomes = std::mem::take(&mut *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        for outcome in outcomes {
            outcome.rolled_back().await;
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
    /// Files stored for it, to be kept or removed.
    pub placed: Option<files::Placed>,
    /// Names of files it no longer uses; all of them when the record is gone.
    pub unused: Vec<String>,
}

impl Outcome {
    async fn committed(mut self) {
        let (app, collection) = (self.event.app.clone(), Arc::clone(&self.event.collection));
        app.record_changed(&collection, self.event.record.id());
        if let Some(placed) = self.placed.take() {
            placed.keep();
        }
        if self.action == Action::Delete {
            files::remove_record(&app, &collection, self.event.record.id()).await;
        } else if !self.unused.is_empty() {
            files::remove(&app, &collection, self.event.record.id(), &self.unused).await;
        }
        let chain = &self.action.phases(&app).after;
        if chain.listens(&events::tags(&collection)) {
            self.event.db = app.db();
            events::tell(chain, &mut self.event).await;
        }
    }

    async fn rolled_back(mut self) {
        drop(self.placed.take());
    }
}

/// What runs on the writer for one record; gets the record, returns it as written.
pub(super) type Work = Box<dyn FnOnce(&Conn, Record) -> Result<Record> + Send>;

/// Runs `work` in a transaction with the `within` hooks of `action` around it.
pub(super) async fn within(call: &Call, action: Action, event: &mut RecordEvent, work: Work) -> Result<()> {
    let chain = &action.phases(&call.app).within;
    let collection = Arc::clone(&event.collection);
    if !chain.listens(&events::tags(&collection)) {
        event.record = write(&call.db, event.record.clone(), work).await?;
        return Ok(());
    }
    let tx = call.db.begin().await?;
    event.db = tx.db();
    let written = Arc::new(AtomicBool::new(false));
    let reached = Arc::clone(&written);
    let outcome = chain
        .run(event, &events::tags(&collection), move |event| {
            Box::pin(async move {
                event.record = write(&event.db, event.record.clone(), work).await?;
                reached.store(true, Ordering::Relaxed);
                Ok(())
            })
        })
        .await;
    event.db = call.db.clone();
    // A hook that did not call `next` left the write out: to answer as if it had happened would be a lie.
    let outcome = outcome.and_then(|()| if written.load(Ordering::Relaxed) { Ok(()) } else { Err(events::stopped()) });
    match outcome {
        Ok(()) => tx.commit().await,
        Err(error) => {
            tx.rollback().await;
            Err(error)
        }
    }
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
    RecordEvent {
        app: call.app.clone(),
        db: call.db.clone(),
        request: Some(Arc::clone(&call.info)),
        collection: Arc::clone(collection),
        record,
        original,
    }
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
