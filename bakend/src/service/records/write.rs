//! The write itself: hooks around a transaction, files around both.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use super::{Call, validate};
use crate::{
    Error, Result,
    query::Statement,
    schema::{Collection, Record},
    service::{
        App,
        auth::hooks::{self, AuthAction, is_registration},
        events::{self, Phases, RecordEvent},
        files::{self, Held, Whose},
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

    /// Takes over the work of a part of the transaction that has succeeded.
    fn absorb(&self, part: Self) {
        let outcomes = std::mem::take(&mut *part.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner));
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend(outcomes);
    }

    /// The transaction that this belongs to has ended well: does all of it, or leaves it to the transaction around.
    pub(super) async fn passed(self, call: &Call) {
        match &call.deferred {
            Some(outer) => outer.absorb(self),
            None => self.committed().await,
        }
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
            outcome.rolled_back();
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

/// Runs `work` in a transaction with the `within` hooks of `action` around it. What the work refuses is worded as `failed`; what a hook
/// says is the answer.
pub(super) async fn within(
    call: &Call,
    action: Action,
    event: &mut RecordEvent,
    failed: &'static str,
    work: Work,
) -> Result<()> {
    let chain = &action.phases(&call.app).within;
    let collection = Arc::clone(&event.collection);
    if !chain.listens(&events::tags(&collection)) {
        let written = write(&call.db, event.record.clone(), work).await;
        event.record = written.map_err(|error| worded(error, failed))?;
        return Ok(());
    }
    let tx = call.db.begin().await?;
    let nested = Deferred::default();
    event.db = tx.db();
    event.deferred = Some(nested.clone());
    let written = Arc::new(AtomicBool::new(false));
    let reached = Arc::clone(&written);
    let tags = events::tags(&collection);
    let run = chain.run(event, &tags, move |event| {
        Box::pin(async move {
            let written = write(&event.db, event.record.clone(), work).await;
            event.record = written.map_err(|error| worded(error, failed))?;
            reached.store(true, Ordering::Relaxed);
            Ok(())
        })
    });
    let outcome = tx.hold(run).await;
    event.db = call.db.clone();
    event.deferred = call.deferred.clone();
    // A hook that did not call `next` left the write out: to answer as if it had happened would be a lie.
    let outcome = outcome.and_then(|()| if written.load(Ordering::Relaxed) { Ok(()) } else { Err(events::stopped()) });
    let outcome = match outcome {
        Ok(()) => tx.commit().await.map_err(|error| worded(error, failed)),
        Err(error) => {
            tx.rollback().await;
            Err(error)
        }
    };
    match outcome {
        Ok(()) => nested.passed(call).await,
        Err(_) => nested.rolled_back().await,
    }
    outcome
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
