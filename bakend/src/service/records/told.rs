//! Records as they are told to clients that did not ask for them one by one.

use std::sync::Arc;

use super::{Call, access, expand, render, stored};
use crate::{
    Error, Result,
    query::{Statement, Verdict},
    schema::{Collection, Record},
    store::{
        Conn,
        changelog::{self, Change},
    },
};

/// Those of some records, named by their ids, that a rule and a client's filter allow; in any order.
///
/// A rule or filter that cannot be evaluated, or asks what this caller or its key may not, denies.
///
/// # Errors
/// Those of the database.
pub(crate) async fn allowed(
    call: &Call,
    collection: &Arc<Collection>,
    ids: &[&str],
    rule: Option<&str>,
    filter: &str,
) -> Result<Vec<Record>> {
    let schema = call.app.schema();
    if let Err(error) = access::may_ask(call, collection, filter, "") {
        return Ok(denied(collection, &error));
    }
    match call.app.planner().among(&schema, collection, &call.info, ids, rule, filter) {
        Ok(statement) => {
            let (pace, collection) = (statement.pace.clone(), Arc::clone(collection));
            call.db.read(&pace, move |conn| readable(conn, &statement, &collection)).await
        }
        Err(error) => Ok(denied(collection, &error)),
    }
}

/// The records of a statement, without those that another program made unreadable: one of them must not hush the others.
fn readable(conn: &Conn<'_>, statement: &Statement, collection: &Arc<Collection>) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    conn.rows(statement, |row| {
        match stored::read_row(row, 0, collection) {
            Ok(record) => records.push(record),
            Err(error) => {
                tracing::warn!(collection = collection.name, ?error, "a record cannot be read and is not told")
            }
        }
        Ok(())
    })?;
    Ok(records)
}

/// Whether a rule and a client's filter allow a record that is not stored any more. What they ask of other records is asked of those that are,
/// and of those of the deleted ones in `gone`.
///
/// # Errors
/// - `Internal`: they ask of a deleted record of which it is not known any more what it was.
/// - Those of the database.
pub(crate) async fn allowed_absent(
    call: &Call,
    record: &Record,
    rule: Option<&str>,
    filter: &str,
    gone: &[&Change],
) -> Result<bool> {
    let (schema, collection) = (call.app.schema(), &record.collection);
    let fields = collection.fields.iter().zip(&record.values);
    let row: Vec<_> = fields.map(|(field, value)| field.bind(value)).collect();
    if let Err(error) = access::may_ask(call, collection, filter, "") {
        return Ok(denied(collection, &error));
    }
    match call.app.planner().allows_absent(&schema, collection, &call.info, &row, rule, filter) {
        Ok(Verdict::Allowed) => Ok(true),
        Ok(Verdict::Denied) => Ok(false),
        Ok(Verdict::Ask(statement)) => {
            let statement = changelog::as_if_there(statement, &schema, gone);
            let statement =
                statement.ok_or_else(|| Error::internal("what went with a record cannot be read any more"))?;
            let pace = statement.pace.clone();
            Ok(call.db.read(&pace, move |conn| conn.rows(&statement, |_| Ok(()))).await? > 0)
        }
        Err(error) => Ok(denied(collection, &error)),
    }
}

/// Nothing: what cannot be evaluated denies, and the log says why.
fn denied<T: Default>(collection: &Collection, error: &crate::Error) -> T {
    tracing::debug!(collection = collection.name, %error, "a rule or filter cannot be evaluated and denies");
    T::default()
}

/// The records as the caller may see them, each as JSON of its own, in the same order.
///
/// # Errors
/// Those of hooks and of the database.
pub(crate) async fn each(call: &Call, records: Vec<Record>, expand: &str, own: bool) -> Result<Vec<Vec<u8>>> {
    let mut shown = expand::expand(call, records, expand).await?;
    if own {
        shown.iter_mut().for_each(|shown| shown.hide.retain(|name| name != "email"));
    }
    let mut all = Vec::with_capacity(shown.len());
    for one in &shown {
        let mut out = Vec::with_capacity(512);
        render::write_all(call, std::slice::from_ref(one), &mut out)?;
        all.push(out);
    }
    Ok(all)
}
