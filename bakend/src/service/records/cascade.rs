//! What else goes, or changes, when a record is deleted.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, VecDeque, btree_map::Entry},
    sync::Arc,
};

use super::{body::Draft, stored, validate};
use crate::{
    Error, Result, clock,
    query::{ListSpec, Planner, RequestInfo},
    schema::{Collection, Field, FieldKind, Record, Schema, Value, system::OWNED_BY_ACCOUNTS},
    store::{self, Conn, changelog, records::Change},
};

/// Rows of one owner; the values come with the request, so that the plan stays the same.
const OWNED_RULE: &str = "collectionRef = @request.query.collection && recordRef = @request.query.record";

/// Records to delete, and records that lose a reference.
pub(super) struct Plan {
    /// In the order in which they go: what depends on a record before it. In a circle one goes before what depends on it; the database
    /// takes that along, and it is found gone when its turn comes.
    pub deletes: Vec<Record>,
    /// As they were, and as they become.
    pub updates: Vec<(Record, Record)>,
}

/// A record's collection and id.
pub(super) type Key = (String, String);

/// What tells a record from all others.
pub(super) fn key(record: &Record) -> Key {
    (record.collection.id.clone(), record.id().to_owned())
}

/// Who depends on a record.
struct Dependent {
    /// Its place in the queue.
    at: usize,
    /// Whether the database refuses to delete the record while it is there.
    insists: bool,
}

/// Finds everything that depends on `root`.
///
/// Source: PocketBase web API, cascade on deleting a referenced record: the reference is removed; a relation left empty deletes its record
/// when it cascades, refuses the whole deletion when it is required, and is stored empty otherwise.
///
/// # Errors
/// `Invalid`: a required relation would be left empty.
pub(super) fn plan(conn: &Conn, planner: &Planner, schema: &Schema, root: Record) -> Result<Plan> {
    // Each with its place in the queue, and who depends on the record of a place.
    let mut gone: BTreeMap<Key, usize> = BTreeMap::from([(key(&root), 0)]);
    let mut dependents: Vec<Vec<Dependent>> = Vec::new();
    let mut changed: BTreeMap<Key, (Record, Record)> = BTreeMap::new();
    let mut deletes = Vec::new();
    let mut queue = VecDeque::from([root]);
    while let Some(record) = queue.pop_front() {
        let mut own = Vec::new();
        for (source, at, field) in schema.references(&record.collection.id) {
            let insists = field.required && !cascades(field);
            for found in pointing_at(conn, planner, schema, source, at, record.id())? {
                let found_key = key(&found);
                if let Some(at) = gone.get(&found_key) {
                    own.push(Dependent { at: *at, insists });
                    continue;
                }
                let entry = changed.remove(&found_key).unwrap_or_else(|| (found.clone(), found));
                let (before, mut after) = entry;
                let left = without(&after.values[at], record.id());
                if left.as_list().is_empty() && cascades(field) {
                    own.push(Dependent { at: gone.len(), insists });
                    gone.insert(found_key, gone.len());
                    queue.push_back(before);
                    continue;
                }
                if left.as_list().is_empty() && field.required {
                    let reason = format!("{}.{} of {} needs it", source.name, field.name, before.id());
                    return Err(Error::invalid("").caused_by(reason));
                }
                after.values[at] = left;
                changed.insert(found_key, (before, after));
            }
        }
        for owned in owned(conn, planner, schema, &record)? {
            let (key, next) = (key(&owned), gone.len());
            if let Entry::Vacant(place) = gone.entry(key) {
                place.insert(next);
                own.push(Dependent { at: next, insists: false });
                queue.push_back(owned);
            }
        }
        deletes.push(record);
        dependents.push(own);
    }
    let now = clock::now_text();
    let updates = changed.into_values().map(|(before, after)| {
        let mut draft = Draft::of(after);
        draft.stamp(false, &now);
        (before, draft.record)
    });
    Ok(Plan { deletes: ordered(deletes, &dependents), updates: updates.collect() })
}

/// Puts each record behind its dependents, the last found first. Where they are a circle, the one goes next that fewest insist on.
fn ordered(records: Vec<Record>, dependents: &[Vec<Dependent>]) -> Vec<Record> {
    // Of each record who depends on it and has not gone: how many insist, how many do not.
    let mut waits: Vec<(usize, usize)> = vec![(0, 0); records.len()];
    let mut depends_on: Vec<Vec<(usize, bool)>> = vec![Vec::new(); records.len()];
    for (at, own) in dependents.iter().enumerate() {
        for dependent in own.iter().filter(|dependent| dependent.at != at) {
            *counted(&mut waits[at], dependent.insists) += 1;
            depends_on[dependent.at].push((at, dependent.insists));
        }
    }
    let mut rest: BTreeSet<_> = waits.iter().enumerate().map(|(at, wait)| (*wait, Reverse(at))).collect();
    let mut records: Vec<_> = records.into_iter().map(Some).collect();
    let mut ordered = Vec::with_capacity(records.len());
    while let Some((_, Reverse(at))) = rest.pop_first() {
        ordered.extend(records[at].take());
        for (other, insists) in std::mem::take(&mut depends_on[at]) {
            let is_there = rest.remove(&(waits[other], Reverse(other)));
            *counted(&mut waits[other], insists) -= 1;
            if is_there {
                rest.insert((waits[other], Reverse(other)));
            }
        }
    }
    ordered
}

fn counted((insist, rest): &mut (usize, usize), insists: bool) -> &mut usize {
    if insists { insist } else { rest }
}

/// Writes the plan: references first, then records.
///
/// # Errors
/// Those of the database.
pub(super) fn apply(conn: &Conn, plan: &Plan) -> Result<()> {
    plan.updates.iter().try_for_each(|(before, after)| update(conn, before, after))?;
    let last = changelog::last(conn)?;
    plan.deletes.iter().try_for_each(|record| delete(conn, record))?;
    if plan.deletes.len() > 1 {
        // So that who could see the first because of the others hears of its end.
        changelog::went_together(conn, last)?;
    }
    Ok(())
}

/// Writes what one record loses.
///
/// # Errors
/// Those of the database.
pub(super) fn update(conn: &Conn, before: &Record, after: &Record) -> Result<()> {
    let changed = validate::changed(before, after).into_iter();
    let changes: Vec<_> = changed.map(|at| (at, Change::Set(&after.values[at]))).collect();
    store::records::update(conn, &after.collection, after.id(), &changes).map(drop)
}

/// The same over whatever was written to it since that was planned; returns it as it is then.
///
/// # Errors
/// Those of the database.
pub(super) fn update_now(
    conn: &Conn,
    planner: &Planner,
    schema: &Schema,
    before: &Record,
    after: &Record,
) -> Result<Record> {
    let current = planner.view(schema, &before.collection, &RequestInfo::default(), before.id(), None)?;
    let Some(now) = stored::read_all(conn, &current, &before.collection)?.pop() else { return Ok(after.clone()) };
    let mut record = now.clone();
    for at in validate::changed(before, after) {
        if !matches!(before.collection.fields[at].kind, FieldKind::Relation(_)) {
            record.values[at] = after.values[at].clone();
            continue;
        }
        let (had, left) = (before.values[at].as_list(), after.values[at].as_list());
        for id in had.iter().filter(|id| !left.contains(id)) {
            record.values[at] = without(&record.values[at], id);
        }
    }
    update(conn, &now, &record)?;
    Ok(record)
}

/// Deletes one record, unless another took it along.
///
/// # Errors
/// Those of the database.
pub(super) fn delete(conn: &Conn, record: &Record) -> Result<()> {
    store::records::delete(conn, &record.collection, record.id())?;
    if record.collection.is_auth() {
        store::system::forget_account(conn, &record.collection.id, record.id())?;
    }
    Ok(())
}

fn cascades(field: &Field) -> bool {
    matches!(&field.kind, FieldKind::Relation(options) if options.cascade_delete)
}

fn without(value: &Value, id: &str) -> Value {
    match value {
        Value::List(list) => Value::List(list.iter().filter(|other| *other != id).cloned().collect()),
        Value::Text(text) if text == id => Value::Text(String::new()),
        other => other.clone(),
    }
}

fn pointing_at(
    conn: &Conn,
    planner: &Planner,
    schema: &Schema,
    source: &Arc<Collection>,
    field: usize,
    id: &str,
) -> Result<Vec<Record>> {
    let statement = planner.pointing_at(schema, source, &RequestInfo::default(), field, &[id], None)?;
    Ok(stored::read_pointing(conn, &statement, source)?.into_iter().map(|(_, record)| record).collect())
}

fn owned(conn: &Conn, planner: &Planner, schema: &Schema, record: &Record) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    if !record.collection.is_auth() {
        return Ok(records);
    }
    let query = [("collection", record.collection.id.as_str()), ("record", record.id())];
    let query = query.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let owner = RequestInfo { query, ..RequestInfo::default() };
    for name in OWNED_BY_ACCOUNTS {
        let Some(collection) = schema.find(name) else { continue };
        let spec = ListSpec { rule: Some(OWNED_RULE), limit: u64::from(u32::MAX), ..ListSpec::default() };
        let statement = planner.list(schema, collection, &owner, &spec)?;
        records.extend(stored::read_all(conn, &statement, collection)?);
    }
    Ok(records)
}
