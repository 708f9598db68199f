//! The collections of the code against those of the database, at start: what only adds is done, what would lose something stops.

use std::{collections::HashSet, sync::Arc};

use super::{
    compare::{self, Difference, Loss},
    describe::Sign,
    diff, make,
    step::Step,
    wanted::{self, Pair},
};
use crate::{
    Error, Kind, Result, clock,
    limits::MIGRATION_DEADLINE,
    schema::{Collection, Schema},
    service::{
        App,
        collections::{
            change::{Change, Saved},
            relabel_limits,
        },
        typed::Definition,
    },
    store::{self, Conn, system::params},
};

/// The name under which the ids of collections are noted that code made before its migrations were done.
const CREATED: &str = "createdByCode";
/// How to apply what would lose something.
const HOW: &str = "Run this program with `migrate apply --allow-destructive` to make these changes, or with `migrate diff` to write them as a \
                   migration that can be reviewed first.";

/// Whether differences may be applied that lose something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Losses {
    /// They stop everything.
    Refused,
    /// They are made too.
    Allowed,
}

/// A difference, and how many records it takes something from.
#[derive(Clone, Debug, PartialEq)]
pub struct Found {
    /// What differs.
    pub difference: Difference,
    /// Records that would lose something; 0: it is safe.
    pub records: u64,
}

impl Found {
    /// Whether it would lose something.
    pub fn is_destructive(&self) -> bool {
        self.records > 0
    }

    /// What would be lost, in words; empty when nothing is.
    pub fn words(&self) -> String {
        match &self.difference.loss {
            Some(loss) if self.is_destructive() => loss.words(self.records),
            _ => String::new(),
        }
    }
}

/// Brings the database to what code says about its collections. Collections that code does not name stay untouched.
///
/// Differences that take nothing away from any record are applied: new collections, new fields, new options that all values fit, rules.
/// Those that do (a removed field with values, a type that cannot hold them, options that they break, a unique index that goes) stop it:
/// nothing is changed. Returns what was applied.
///
/// # Errors
/// - `Conflict`: something would be lost, and `losses` are refused; the message lists what, and the commands that apply it;
/// - `Invalid`: a description is refused, as if it had been sent to the API, or a view does not give what its type reads; the message says
///   which and why.
///
/// # Example
/// ```
/// use bakend::{App, Collection, service::migrations::{Losses, reconcile}};
///
/// # async fn demo<Post: Collection>(app: &App) -> bakend::Result<()> {
/// let applied = reconcile(app, &[Post::definition()], Losses::Refused).await?;
/// assert!(app.schema().find(Post::NAME).is_some());
/// # Ok(()) }
/// ```
pub async fn reconcile(app: &App, definitions: &[Definition], losses: Losses) -> Result<Vec<Found>> {
    if definitions.is_empty() {
        return Ok(Vec::new());
    }
    let _lock = app.schema_lock().await;
    let (writer_app, wanted) = (app.clone(), definitions.to_vec());
    let tx = app.store().db().begin_within(MIGRATION_DEADLINE).await?;
    let made = tx.db().write(move |conn| apply(conn, &writer_app, &wanted, losses)).await;
    match made {
        Ok((schema, found)) if found.is_empty() => {
            drop(schema);
            tx.rollback().await;
            Ok(found)
        }
        Ok((schema, found)) => {
            tx.commit().await?;
            let before = app.schema();
            app.set_schema(Schema::new(before.version + 1, schema.collections().to_vec()));
            relabel_limits(app, &before).await;
            // A field that is gone may have had files.
            app.sweep_files_soon();
            Ok(found)
        }
        Err(error) => {
            tx.rollback().await;
            Err(error)
        }
    }
}

/// What [`reconcile`] would find; nothing is changed.
///
/// # Errors
/// `Invalid`: a description cannot be read.
pub async fn differences(app: &App, definitions: &[Definition]) -> Result<Vec<Found>> {
    let wanted = definitions.to_vec();
    app.store().db().read(&Default::default(), move |conn| found(conn, &wanted)).await
}

/// The same on a connection that is at hand.
pub(super) fn found(conn: &Conn, definitions: &[Definition]) -> Result<Vec<Found>> {
    let before = make::current(conn)?;
    count(conn, &wanted::pair(&before, definitions)?)
}

/// The steps of a migration that does what [`reconcile`] would do. Where code created a collection just before, in its last form, they
/// leave it alone.
///
/// # Errors
/// `Invalid`: a description cannot be read.
pub async fn steps(app: &App, definitions: &[Definition]) -> Result<Vec<Step>> {
    let wanted = definitions.to_vec();
    let look = move |conn: &Conn| {
        let before = make::current(conn)?;
        let change = change(&before, wanted::pair(&before, &wanted)?);
        Ok(diff::diff(&before, &change.target()))
    };
    let mut steps = app.store().db().read(&Default::default(), look).await?;
    for step in &mut steps {
        match step {
            Step::Create(step) => step.if_missing = true,
            Step::Update(step) => step.if_exists = true,
            _ => {}
        }
    }
    Ok(steps)
}

/// Creates the collections of the code that are not there yet, and changes no other. So migrations may point at them. They are noted until
/// [`forget_created`], so that a start that fails between the two can be tried again.
///
/// # Errors
/// `Invalid`: one is refused, perhaps because it needs what migrations are still to make.
pub(super) async fn create_missing(app: &App, definitions: &[Definition]) -> Result<()> {
    let _lock = app.schema_lock().await;
    let (writer_app, wanted) = (app.clone(), definitions.to_vec());
    let create = move |conn: &Conn| {
        let before = make::current(conn)?;
        let mut pairs = wanted::pair(&before, &wanted)?;
        // A name that another one is still to give up is not free yet.
        pairs.retain(|pair| pair.old.is_none() && before.find(&pair.new.name).is_none());
        if !pairs.is_empty() {
            let mut ids = noted(conn)?;
            ids.extend(pairs.iter().map(|pair| pair.new.id.clone()));
            params::save(conn, CREATED, &serde_json::to_string(&ids).map_err(Error::internal)?)?;
        }
        make::make(conn, &writer_app, &change(&before, pairs))
    };
    let schema = app.store().db().write(create).await?;
    app.set_schema(Schema::new(app.schema().version + 1, schema.collections().to_vec()));
    Ok(())
}

/// The ids of the collections that [`create_missing`] made in the code's last form, now or before a start that failed.
///
/// # Errors
/// `Internal`: the database failed.
pub(super) async fn created(app: &App) -> Result<HashSet<String>> {
    app.store().db().read(&Default::default(), noted).await
}

/// All migrations are done: from here on those collections are like all others.
///
/// # Errors
/// `Internal`: the database failed.
pub(super) async fn forget_created(app: &App) -> Result<()> {
    if created(app).await?.is_empty() {
        return Ok(());
    }
    app.store().db().write(|conn| params::delete(conn, CREATED).map(drop)).await
}

fn noted(conn: &Conn) -> Result<HashSet<String>> {
    let text = params::load(conn, CREATED)?;
    text.map_or_else(|| Ok(HashSet::new()), |text| serde_json::from_str(&text).map_err(Error::internal))
}

fn apply(conn: &Conn, app: &App, wanted: &[Definition], losses: Losses) -> Result<(Schema, Vec<Found>)> {
    let before = make::current(conn)?;
    let pairs = wanted::pair(&before, wanted)?;
    let found = count(conn, &pairs)?;
    if losses == Losses::Refused && found.iter().any(Found::is_destructive) {
        return Err(refused(&found));
    }
    let schema = make::make(conn, app, &change(&before, pairs))?;
    wanted::check_views(&schema, wanted)?;
    Ok((schema, found))
}

fn change(before: &Arc<Schema>, pairs: Vec<Pair>) -> Change {
    let is_changed = |pair: &Pair| pair.old.as_deref().is_none_or(|old| diff::update(old, &pair.new).is_some());
    let saved = pairs.into_iter().filter(is_changed).map(|Pair { old, mut new }| {
        new.updated = clock::now_text();
        new.created = old.as_ref().map_or_else(|| new.updated.clone(), |old| old.created.clone());
        let old = old.map(|old| Arc::new(super::plan::retyped(&old, &new)));
        Saved { old, new: Arc::new(new) }
    });
    let mut saved: Vec<Saved> = saved.collect();
    saved.sort_by_key(|saved| saved.new.is_view());
    Change { before: Arc::clone(before), saved, removed: Vec::new(), by_hand: false }
}

/// Every difference, with the records that it would take something from.
fn count(conn: &Conn, pairs: &[Pair]) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for Pair { old, new } in pairs {
        let differences = old.as_deref().map_or_else(|| compare::new(new), |old| compare::compare(old, new));
        for difference in differences {
            let records = match (&difference.loss, old) {
                (Some(loss), Some(old)) => losing(conn, old, loss)?,
                _ => 0,
            };
            found.push(Found { difference, records });
        }
    }
    Ok(found)
}

/// How many records a loss concerns.
fn losing(conn: &Conn, collection: &Collection, loss: &Loss) -> Result<u64> {
    let mut records = 0;
    match loss {
        Loss::Uniqueness => records = store::records::count(conn, collection)?,
        Loss::Values(field) => {
            let zero = field.zero();
            store::records::values(conn, collection, field, |value| records += u64::from(value != zero))?;
        }
        Loss::Fit { before, after } => store::records::values(conn, collection, before, |value| {
            records += u64::from(before.check(&value).is_ok() && after.check(&value).is_err());
        })?,
    }
    Ok(records)
}

fn refused(found: &[Found]) -> Error {
    let line = |one: &Found| {
        let sign = match one.difference.line.sign {
            Sign::Add => '+',
            Sign::Change => '~',
            Sign::Remove => '-',
        };
        format!("\n  {sign} {}: {}", one.difference.line.text, one.words())
    };
    let lines: String = found.iter().filter(|one| one.is_destructive()).map(line).collect();
    Error::new(
        Kind::Conflict,
        format!(
            "The collections of the code differ from those of the database in a way that loses data; nothing was changed:{lines}\n{HOW}"
        ),
    )
}
