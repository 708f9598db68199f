//! Records as they are told to clients that did not ask for them one by one.

use std::sync::Arc;

use super::{Call, expand, render, stored};
use crate::{
    Result,
    query::Verdict,
    schema::{Collection, Record},
};

/// Those of some records, named by their ids, that a rule and a client's filter allow; in any order.
///
/// A rule or filter that cannot be evaluated, or asks what this caller may not, denies.
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
    match call.app.planner().among(&schema, collection, &call.info, ids, rule, filter) {
        Ok(statement) => stored::find_all(&call.db, statement, collection).await,
        Err(error) => Ok(denied(collection, &error)),
    }
}

/// Whether a rule and a client's filter allow a record that is not stored any more. What they ask of other records is asked of those that are.
///
/// # Errors
/// Those of the database.
pub(crate) async fn allowed_absent(call: &Call, record: &Record, rule: Option<&str>, filter: &str) -> Result<bool> {
    let (schema, collection) = (call.app.schema(), &record.collection);
    let fields = collection.fields.iter().zip(&record.values);
    let row: Vec<_> = fields.map(|(field, value)| field.bind(value)).collect();
    match call.app.planner().allows_absent(&schema, collection, &call.info, &row, rule, filter) {
        Ok(Verdict::Allowed) => Ok(true),
        Ok(Verdict::Denied) => Ok(false),
        Ok(Verdict::Ask(statement)) => {
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
