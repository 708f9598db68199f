//! What else goes, or changes, when a record is deleted.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use super::{body::Draft, stored, validate};
use crate::{
    Error, Result, clock,
    query::{ListSpec, Planner, RequestInfo},
    schema::{Collection, Field, FieldKind, Record, Schema, Value, system::OWNED_BY_ACCOUNTS},
    store::{self, Conn, records::Change},
};

/// Rows of one owner; the values come with the request, so that the plan stays the same.
const OWNED_RULE: &str = "collectionRef = @request.query.collection && recordRef = @request.query.record";

/// Records to delete, and records that lose a reference.
pub(super) struct Plan {
    /// The deleted record first, then what depends on it.
    pub deletes: Vec<Record>,
    /// As they were, and as they become.
    pub updates: Vec<(Record, Record)>,
}

type Key = (String, String);

fn key(record: &Record) -> Key {
    (record.collection.id.clone(), record.id().to_owned())
}

/// Finds everything that depends on `root`.
///
/// Source: PocketBase web API, cascade on deleting a referenced record: the reference is removed; a relation left empty deletes its record
/// when it cascades, refuses the whole deletion when it is required, and is stored empty otherwise.
///
/// # Errors
/// `Invalid`: a required relation would be left empty.
pub(super) fn plan(conn: &Conn, planner: &Planner, schema: &Schema, root: Record) -> Result<Plan> {
    let mut gone: BTreeSet<Key> = BTreeSet::from([key(&root)]);
    let mut changed: BTreeMap<Key, (Record, Record)> = BTreeMap::new();
    let mut deletes = Vec::new();
    let mut queue = VecDeque::from([root]);
    while let Some(record) = queue.pop_front() {
        for (source, at, field) in schema.references(&record.collection.id) {
            for found in pointing_at(conn, planner, schema, source, at, record.id())? {
                let found_key = key(&found);
                if gone.contains(&found_key) {
                    continue;
                }
                let entry = changed.remove(&found_key).unwrap_or_else(|| (found.clone(), found));
                let (before, mut after) = entry;
                let left = without(&after.values[at], record.id());
                if left.as_list().is_empty() && cascades(field) {
                    gone.insert(found_key);
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
            if gone.insert(key(&owned)) {
                queue.push_back(owned);
            }
        }
        deletes.push(record);
    }
    let now = clock::now_text();
    let updates = changed.into_values().map(|(before, after)| {
        let mut draft = Draft::of(after);
        draft.stamp(false, &now);
        (before, draft.record)
    });
    Ok(Plan { deletes, updates: updates.collect() })
}

/// Writes the plan: references first, then records, the last found first.
///
/// # Errors
/// Those of the database; `NotFound` when the record itself is gone already.
pub(super) fn apply(conn: &Conn, plan: &Plan) -> Result<()> {
    for (before, after) in &plan.updates {
        let changes: Vec<_> =
            validate::changed(before, after).into_iter().map(|at| (at, Change::Set(&after.values[at]))).collect();
        store::records::update(conn, &after.collection, after.id(), &changes)?;
    }
    for (at, record) in plan.deletes.iter().enumerate().rev() {
        let deleted = store::records::delete(conn, &record.collection, record.id())?;
        if record.collection.is_auth() {
            store::system::forget_account(conn, &record.collection.id, record.id())?;
        }
        if at == 0 && deleted == 0 {
            return Err(Error::not_found());
        }
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
