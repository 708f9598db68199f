//! A new record.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::{
    Call, access,
    body::{Draft, Upload},
    validate::{self, Questions},
    view,
    write::{self, Action, Outcome, Work},
};
use crate::{
    Error, Result, clock,
    query::{RequestInfo, Statement, Verdict, grant::Right},
    schema::{Collection, Record, Scalar, Value},
    service::{
        auth::{self, hooks::AuthAction},
        events, files,
    },
    store,
};

const FAILED: &str = "Failed to create record.";

/// Creates a record and answers it as the caller may see it.
///
/// # Errors
/// - `Forbidden`: the create rule is locked.
/// - `Invalid`: the collection is a view, the rule is not satisfied (no field errors), or values are refused (with field errors).
pub async fn create(
    call: &Call,
    collection: &Arc<Collection>,
    body: Map<String, Json>,
    uploads: Vec<Upload>,
    expand: &str,
) -> Result<Vec<u8>> {
    let (call, record) = created(call, collection, body, uploads).await?;
    view::answer(&call, record, expand).await
}

/// Creates a record, for the program rather than for a client; the call that is returned knows what was sent.
///
/// # Errors
/// As of [`create`].
pub(super) async fn created(
    call: &Call,
    collection: &Arc<Collection>,
    mut body: Map<String, Json>,
    mut uploads: Vec<Upload>,
) -> Result<(Call, Record)> {
    access::writable(collection)?;
    let rule = access::required(&call.info, collection, Right::Create)?;
    let resumed = files::uploads::take(call, collection, &mut body).await;
    uploads.extend(resumed.map_err(|error| write::worded(error, FAILED))?);
    let superuser = call.info.is_superuser();
    let mut draft = Draft::of(Record::new(Arc::clone(collection)));
    let seen = draft.apply(&body, uploads, superuser)?;
    let call = call.with_info(RequestInfo { body: seen, ..(*call.info).clone() });
    let guard = match rule {
        Some(rule) => guard(&call, &draft, rule)?,
        None => None,
    };
    let tags = events::tags(collection);
    let hurried = !collection.is_auth() && draft.files.is_empty() && !call.app.hooks().create.before.listens(&tags);
    if let Some(guard) = guard.clone().filter(|_| !hurried) {
        denied_unless(&call, guard).await?;
    }
    let record = insert(&call, draft, Some(&body), guard).await?;
    Ok((call, record))
}

/// Creates a record as the program itself: hooks and checks apply, rules do not. Password fields hold plain text.
///
/// # Errors
/// `Invalid`: values are refused (with field errors).
pub async fn save_new(call: &Call, record: Record) -> Result<Record> {
    let mut draft = Draft::of(record);
    draft.passwords = super::password_positions(&draft.record.collection);
    insert(call, draft, None, None).await
}

async fn insert(
    call: &Call,
    mut draft: Draft,
    form: Option<&Map<String, Json>>,
    guard: Option<Statement>,
) -> Result<Record> {
    let collection = Arc::clone(&draft.record.collection);
    let tags = events::tags(&collection);
    if collection.is_superusers() {
        draft.record.set("verified", Value::Bool(true));
    }
    draft.generate();
    draft.stamp(true, &clock::now_text());
    let phases = &call.app.hooks().create;
    if phases.before.listens(&tags) {
        let mut event = write::event(call, &collection, draft.record.clone(), None);
        events::agree(&phases.before, &mut event).await?;
        draft.heard(event.into_parts().record, None)?;
    }
    if auth::hooks::is_registration(&collection, &call.info) {
        let heard = auth::hooks::before(call, AuthAction::Register, draft.record.clone(), None).await?.0;
        draft.heard(heard, None)?;
    }
    if let (Some(form), true) = (form, collection.is_auth()) {
        auth::form::check_create(call, &collection, form).await.map_err(|error| write::worded(error, FAILED))?;
    }
    let schema = call.app.schema();
    let questions = Questions::about(call.app.planner(), &schema, &draft.record, None)?;
    let mut errors = validate::fields(&draft, None);
    if form.is_some() {
        errors.check("email", auth::installer::check_address(None, &draft.record));
    }
    if !errors.is_empty() {
        if let Some(guard) = guard {
            denied_unless(call, guard).await?;
        }
        return Err(validate::refused(call, FAILED, errors, questions).await?);
    }
    auth::password::hash_draft(call, &mut draft).await?;
    let id = draft.record.id().to_owned();
    let (held, notes) = files::hold(&call.app, &collection, &id, std::mem::take(&mut draft.files))
        .map_err(|error| write::worded(error, FAILED))?;
    let mut event = write::event(call, &collection, draft.record, None);
    let app = call.app.clone();
    let work: Work = Box::new(move |conn, record| {
        if let Some(guard) = guard
            && conn.rows(&guard, |_| Ok(()))? == 0
        {
            return Err(Error::invalid(FAILED));
        }
        let errors = questions.ask(conn)?;
        if !errors.is_empty() {
            return Err(Error::invalid(FAILED).fields(errors));
        }
        notes.write(conn)?;
        store::records::insert(conn, &record.collection, &record.values)?;
        if record.is_superuser() && !auth::installer::is_installer(&record) {
            auth::installer::remove(conn, &app, &record.collection)?;
        }
        Ok(record)
    });
    if let Err(error) = write::within(call, Action::Create, &mut event, FAILED, work).await {
        held.release();
        return Err(error);
    }
    let record = event.record.clone();
    write::finish(call, Outcome { action: Action::Create, event, held }).await;
    Ok(record)
}

/// The statement that proves the rule; `None` when it holds whatever the database says.
fn guard(call: &Call, draft: &Draft, rule: &str) -> Result<Option<Statement>> {
    let schema = call.app.schema();
    let row = proof_row(draft);
    let verdict = call.app.planner().allows_new(&schema, &draft.record.collection, &call.info, &row, rule);
    match verdict.map_err(|error| Error::invalid(FAILED).caused_by(error))? {
        Verdict::Allowed => Ok(None),
        Verdict::Denied => Err(Error::invalid(FAILED)),
        Verdict::Ask(statement) => Ok(Some(statement)),
    }
}

/// The row that a create rule is asked about.
pub(crate) fn proof_row(draft: &Draft) -> Vec<Scalar> {
    let collection = &draft.record.collection;
    let mut row: Vec<_> =
        collection.fields.iter().zip(&draft.record.values).map(|(field, value)| field.bind(value)).collect();
    if collection.is_auth()
        && let Some(at) = collection.position("verified")
    {
        row[at] = collection.fields[at].bind(&Value::Bool(false));
    }
    row
}

async fn denied_unless(call: &Call, guard: Statement) -> Result<()> {
    if write::holds(call, guard).await? { Ok(()) } else { Err(Error::invalid(FAILED)) }
}
