//! The changelog, as everybody above the database reads it: what changed, in the order of commits, whoever changed it.

mod follow;
mod forget;
mod prune;

pub(crate) use follow::Waiter;
pub use follow::{Followed, Follower};
pub(crate) use forget::{forget, forget_since};
pub(crate) use prune::keep_bounded;

use super::App;
pub use crate::store::changelog::{Action, Change};
use crate::{Result, query::Pace, store::changelog};

/// Entries behind a number, at most `limit`, in order; nothing: none yet.
///
/// # Errors
/// Those of the database.
pub async fn after(app: &App, seq: i64, limit: u32) -> Result<Vec<Change>> {
    app.store().db().read(&Pace::default(), move |conn| changelog::after(conn, seq, limit)).await
}

/// Until where that goes on which was deleted up to the entry `seq`, at most `limit` entries behind it.
///
/// # Errors
/// Those of the database.
pub(crate) async fn goes_on_until(app: &App, seq: i64, limit: u32) -> Result<i64> {
    app.store().db().read(&Pace::default(), move |conn| changelog::goes_on_until(conn, seq, limit)).await
}

/// The number of the last entry; 0: nothing changed yet.
///
/// # Errors
/// Those of the database.
pub async fn last(app: &App) -> Result<i64> {
    app.store().db().read(&Pace::default(), changelog::last).await
}

/// The number of the last entry, and the entries behind `seq` that are about some tables (ids of collections, names of system tables), in
/// order; `None` in their place: not all of them are kept, or they are more than `max`.
///
/// # Errors
/// Those of the database.
pub(crate) async fn about(app: &App, seq: i64, tables: Vec<String>, max: usize) -> Result<(i64, Option<Vec<Change>>)> {
    app.store().db().read(&Pace::default(), move |conn| changelog::about(conn, seq, &tables, max)).await
}

/// Sees that every change of every collection is logged from now on: a folder may come from before there was a log.
///
/// # Errors
/// Those of the database.
pub(super) async fn ensure(app: &App) -> Result<()> {
    let schema = app.schema();
    let known = schema.collections().to_vec();
    let there = app.store().db().read(&Pace::default(), move |conn| changelog::has_triggers(conn, &known)).await?;
    if there {
        return Ok(());
    }
    let known = schema.collections().to_vec();
    app.store().db().write(move |conn| changelog::ensure_triggers(conn, &known)).await
}
