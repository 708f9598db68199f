//! What a rule is tried on: a stored record, data that is not stored yet, or records of a list.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::{Action, Trial};
use crate::{
    Error, FieldError, Result,
    query::RequestInfo,
    schema::{Record, Scalar},
    service::{
        App,
        records::{self, Draft, proof_row},
    },
};

/// What a rule is asked about.
pub(super) enum Subject {
    /// The stored record with this id.
    Stored(String),
    /// A row that is not stored.
    New(Vec<Scalar>),
    /// No record in particular.
    None,
}

/// Why there is nothing to ask a rule about.
pub(super) enum Unasked {
    /// There is no record with this id.
    NoRecord,
    /// What was sent is refused before any rule is asked.
    Refused(Error),
}

/// The subject of a trial, and the request as rules see it: with the data as it would become.
///
/// # Errors
/// `Invalid`: the action needs a record, and none was named.
pub(super) async fn subject(app: &App, trial: &Trial) -> Result<(RequestInfo, Result<Subject, Unasked>)> {
    let info = trial.info.clone();
    let is_write = matches!(trial.action, Action::Create | Action::Update | Action::Delete);
    if is_write && trial.collection.is_view() {
        return Ok((info, Err(Unasked::Refused(Error::invalid("Unsupported collection type.")))));
    }
    if trial.action == Action::Create {
        return Ok(with_body(info, trial, Record::new(Arc::clone(&trial.collection))));
    }
    if trial.record.is_empty() {
        if trial.action.needs_record() {
            let error = Error::invalid("An error occurred while validating the submitted data.");
            return Err(error.field("record", FieldError::required()));
        }
        return Ok((info, Ok(Subject::None)));
    }
    let (db, schema) = (app.store().db(), app.schema());
    let Some(record) = records::find(&db, app.planner(), &schema, &trial.collection, &trial.record).await? else {
        return Ok((info, Err(Unasked::NoRecord)));
    };
    if trial.action == Action::Update {
        let (info, changed) = with_body(info, trial, record);
        return Ok((info, changed.map(|_| Subject::Stored(trial.record.clone()))));
    }
    Ok((info, Ok(Subject::Stored(trial.record.clone()))))
}

/// Applies the body as a write does.
fn with_body(info: RequestInfo, trial: &Trial, record: Record) -> (RequestInfo, Result<Subject, Unasked>) {
    let mut draft = Draft::of(record);
    match draft.apply(&trial.body, Vec::new(), info.is_superuser()) {
        Ok(body) => (seen(info, body), Ok(Subject::New(proof_row(&draft)))),
        Err(error) => (info, Err(Unasked::Refused(error))),
    }
}

fn seen(info: RequestInfo, body: Map<String, Json>) -> RequestInfo {
    RequestInfo { body, ..info }
}
