//! A change of a stored record.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value as Json};

use super::{
    Call, access,
    body::{Draft, Upload},
    render, stored,
    validate::{self, Questions},
    view,
    write::{self, Action, Outcome, Work},
};
use crate::{
    Error, Result, clock, ids,
    query::{RequestInfo, Statement, grant::Right},
    schema::{Collection, FieldKind, Record, Schema, Value},
    service::{
        auth, events,
        files::{self, Notes},
    },
    store::{self, Conn, records::Change},
};

const FAILED: &str = "Failed to update record.";

/// Changes a record and answers it as the caller may see it. Keys that were not sent stay.
///
/// # Errors
/// - `Forbidden`: the update rule is locked.
/// - `NotFound`: there is no such record, or the rule (on the record as it was, `@request.body` being the new data) hides it.
/// - `Invalid`: values are refused (with field errors).
pub async fn update(
    call: &Call,
    collection: &Arc<Collection>,
    id: &str,
    body: Map<String, Json>,
    uploads: Vec<Upload>,
    expand: &str,
) -> Result<Vec<u8>> {
    let (call, record) = updated(call, collection, id, body, uploads).await?;
    view::answer(&call, record, expand).await
}

/// Changes a record, for the program rather than for a client; the call that is returned knows what was sent.
///
/// # Errors
/// As of [`update`].
pub(super) async fn updated(
    call: &Call,
    collection: &Arc<Collection>,
    id: &str,
    mut body: Map<String, Json>,
    mut uploads: Vec<Upload>,
) -> Result<(Call, Record)> {
    access::writable(collection)?;
    let rule = access::required(&call.info, collection, Right::Update)?;
    let resumed = files::uploads::take(call, collection, &mut body).await;
    uploads.extend(resumed.map_err(|error| write::worded(error, FAILED))?);
    let schema = call.app.schema();
    let planner = call.app.planner();
    let before = super::find(&call.db, planner, &schema, collection, id).await?.ok_or_else(Error::not_found)?;
    let mut draft = Draft::of(before.clone());
    let seen = draft.apply(&body, uploads, call.info.is_superuser())?;
    access::may_change_account(&call.info, &before, &draft.record, !draft.passwords.is_empty())?;
    let call = call.with_info(RequestInfo { body: seen, ..(*call.info).clone() });
    let guard = rule
        .map(|rule| planner.view(&schema, collection, &call.info, id, Some(rule)))
        .transpose()
        .map_err(|error| Error::not_found().caused_by(error))?;
    let tags = events::tags(collection);
    let hurried = !collection.is_auth() && draft.files.is_empty() && !call.app.hooks().update.before.listens(&tags);
    if let Some(guard) = guard.clone().filter(|_| !hurried) {
        hidden_unless(&call, guard).await?;
    }
    let record = store_change(&call, draft, before, Some(&body), guard).await?;
    Ok((call, record))
}

/// Changes a record that was `read`, as the program itself: hooks and checks apply, rules do not. What `change` leaves alone stays as it is
/// stored by then, whoever wrote it meanwhile. A password field is set to plain text.
///
/// # Errors
/// - `NotFound`: it is not stored (any more).
/// - `Invalid`: values are refused (with field errors).
pub async fn save(call: &Call, read: Record, change: impl FnOnce(&mut Record)) -> Result<Record> {
    save_if(call, read, change, false, None).await
}

/// The same for an account whose address its owner has just proved. If nobody had before, every way in that somebody left there ends in the
/// same write: tokens, sessions, own keys, passkeys, authenticator app, links to other services.
///
/// # Errors
/// As of [`save`].
pub(crate) async fn save_for_owner(call: &Call, read: Record, change: impl FnOnce(&mut Record)) -> Result<Record> {
    save_if(call, read, change, true, None).await
}

/// The same as [`save`], or with `for_owner` as [`save_for_owner`], provided that the stored record still has the token key that was read,
/// so that what was signed with it is used once.
///
/// # Errors
/// - `NotFound`: it is not stored (any more), or has another token key by now.
/// - `Invalid`: values are refused (with field errors).
pub(crate) async fn save_with_its_key(
    call: &Call,
    read: Record,
    change: impl FnOnce(&mut Record),
    for_owner: bool,
) -> Result<Record> {
    let query = BTreeMap::from([("key".to_owned(), read.text("tokenKey").to_owned())]);
    let asker = RequestInfo { query, ..RequestInfo::default() };
    let rule = Some("tokenKey = @request.query.key");
    let guard = call.app.planner().view(&call.app.schema(), &read.collection, &asker, read.id(), rule)?;
    save_if(call, read, change, for_owner, Some(guard)).await
}

async fn save_if(
    call: &Call,
    read: Record,
    change: impl FnOnce(&mut Record),
    for_owner: bool,
    guard: Option<Statement>,
) -> Result<Record> {
    let collection = Arc::clone(&read.collection);
    let found = super::find(&call.db, call.app.planner(), &call.app.schema(), &collection, read.id()).await?;
    let now = found.ok_or_else(Error::not_found)?;
    let mut draft = Draft { for_owner, ..Draft::of(read.clone()) };
    change(&mut draft.record);
    draft.passwords = super::password_positions(&collection);
    draft.passwords.retain(|at| draft.record.values[*at] != read.values[*at]);
    draft.record = merged(&draft, &read, &now);
    store_change(call, draft, now, None, guard).await
}

/// Changes a stored record as the program itself, by a body as a request has it: hooks and checks apply, rules do not.
///
/// # Errors
/// - `NotFound`: it is not stored (any more).
/// - `Invalid`: values are refused (with field errors).
pub(crate) async fn save_body(
    call: &Call,
    collection: &Arc<Collection>,
    id: &str,
    body: &Map<String, Json>,
    uploads: Vec<Upload>,
) -> Result<Record> {
    let found = super::find(&call.db, call.app.planner(), &call.app.schema(), collection, id).await?;
    let before = found.ok_or_else(Error::not_found)?;
    let mut draft = Draft::of(before.clone());
    draft.apply(body, uploads, true)?;
    store_change(call, draft, before, None, None).await
}

async fn store_change(
    call: &Call,
    mut draft: Draft,
    before: Record,
    form: Option<&Map<String, Json>>,
    guard: Option<Statement>,
) -> Result<Record> {
    let collection = Arc::clone(&before.collection);
    draft.stamp(false, &clock::now_text());
    let phases = &call.app.hooks().update;
    if phases.before.listens(&events::tags(&collection)) {
        let mut event = write::event(call, &collection, draft.record.clone(), Some(before.clone()));
        events::agree(&phases.before, &mut event).await?;
        draft.heard(event.into_parts().record, Some(&before))?;
    }
    if collection.is_auth() {
        if let Some(form) = form {
            let manages = render::manages(call, &before).await?;
            auth::form::check_update(call, &collection, &before, form, manages)
                .await
                .map_err(|error| write::worded(error, FAILED))?;
        }
        renew_token_key(&mut draft, &before);
        if collection.is_superusers() {
            draft.record.set("verified", Value::Bool(true));
        }
    }
    let mut errors = validate::fields(&draft, Some(&before));
    errors.check("email", auth::installer::check_address(Some(&before), &draft.record));
    let questions = Questions::about(call.app.planner(), &call.app.schema(), &draft.record, Some(&before))?;
    if !errors.is_empty() {
        if let Some(guard) = guard {
            hidden_unless(call, guard).await?;
        }
        return Err(validate::refused(call, FAILED, errors, questions).await?);
    }
    auth::password::hash_draft(call, &mut draft).await?;
    let (held, notes) = files::hold(&call.app, &collection, before.id(), std::mem::take(&mut draft.files))
        .map_err(|error| write::worded(error, FAILED))?;
    let mut event = write::event(call, &collection, draft.record.clone(), Some(before.clone()));
    let writing = Writing { draft, before, guard, questions, notes };
    let outcome = match work(call, writing) {
        Ok(work) => write::within(call, Action::Update, &mut event, FAILED, work).await,
        Err(error) => Err(error),
    };
    if let Err(error) = outcome {
        held.release();
        return Err(error);
    }
    let record = event.record.clone();
    write::finish(call, Outcome { action: Action::Update, event, held }).await;
    Ok(record)
}

/// What the writer needs to write a change.
struct Writing {
    draft: Draft,
    before: Record,
    guard: Option<Statement>,
    questions: Questions,
    notes: Notes,
}

/// What the writer does: the rule once more on the row as it is now, then the changed columns.
fn work(call: &Call, writing: Writing) -> Result<Work> {
    let Writing { mut draft, before, guard, questions, notes } = writing;
    let current =
        call.app.planner().view(&call.app.schema(), &before.collection, &RequestInfo::default(), before.id(), None)?;
    let schema = call.app.schema();
    Ok(Box::new(move |conn, record| {
        draft.record = record;
        if let Some(guard) = guard
            && conn.rows(&guard, |_| Ok(()))? == 0
        {
            return Err(Error::not_found());
        }
        let mut base = before;
        let moves_files = validate::changes_files(&base, &draft.record);
        if moves_files || !draft.relative.is_empty() {
            let now = stored::read_all(conn, &current, &base.collection)?.pop().ok_or_else(Error::not_found)?;
            draft.rebase(&base, &now);
            // Somebody may have taken a file away since the field was checked: it must not be named again.
            let errors = validate::fields(&draft, Some(&now));
            if !errors.is_empty() {
                return Err(Error::invalid(FAILED).fields(errors));
            }
            draft.record = merged(&draft, &base, &now);
            base = now;
        }
        let errors = questions.ask(conn)?;
        if !errors.is_empty() {
            return Err(Error::invalid(FAILED).fields(errors));
        }
        let changes: Vec<_> = validate::changed(&base, &draft.record)
            .into_iter()
            .map(|at| (at, Change::Set(&draft.record.values[at])))
            .collect();
        notes.write(conn)?;
        if store::records::update(conn, &base.collection, base.id(), &changes)? == 0 {
            return Err(Error::not_found());
        }
        if base.collection.is_auth() && base.text("tokenKey") != draft.record.text("tokenKey") {
            store::system::end_sign_ins(conn, &base.collection.id, base.id())?;
        }
        if base.collection.is_auth() {
            forget_factors(conn, &schema, &base, &draft.record)?;
        }
        if comes_to_owner(&draft, &base) {
            end_ways_in(conn, &schema, &base)?;
        }
        Ok(draft.record)
    }))
}

/// What `before` hooks have made of a record that another's end changes from `before` to `after`: each value that they changed besides,
/// checked as at any update.
///
/// # Errors
/// - `Invalid`: values are refused; the source says which.
/// - `Internal`: a hook points it at what goes, or has put a record of another collection in its place.
pub(super) async fn heard_by_the_way(
    call: &Call,
    before: &Record,
    after: &Record,
    heard: Record,
) -> Result<Vec<(usize, Value)>> {
    let mut draft = Draft::of(after.clone());
    draft.heard(heard, Some(before))?;
    if draft.record.values == after.values {
        return Ok(Vec::new());
    }
    for (at, field) in before.collection.fields.iter().enumerate() {
        let (was, stays) = (before.values[at].as_list(), after.values[at].as_list());
        let goes = |id: &String| was.contains(id) && !stays.contains(id);
        if matches!(field.kind, FieldKind::Relation(_)) && draft.record.values[at].as_list().iter().any(goes) {
            let place = format!("{}.{}", before.collection.name, field.name);
            return Err(Error::internal(format!(
                "a before hook pointed {place} back at a record that is being deleted"
            )));
        }
    }
    if before.collection.is_auth() {
        renew_token_key(&mut draft, before);
    }
    let mut errors = validate::fields(&draft, Some(before));
    errors.check("email", auth::installer::check_address(Some(before), &draft.record));
    if !errors.is_empty() {
        let (name, id) = (&before.collection.name, before.id());
        return Err(Error::invalid("").caused_by(format!("a before hook made of {name} {id}: {}", errors.to_json())));
    }
    auth::password::hash_draft(call, &mut draft).await?;
    let values = draft.record.values.into_iter().enumerate();
    Ok(values.filter(|(at, value)| after.values[*at] != *value).collect())
}

/// The work of such an update.
///
/// # Errors
/// Those of the planner.
pub(super) fn by_the_way(call: &Call, before: Record, after: Record) -> Result<Work> {
    let questions = Questions::about(call.app.planner(), &call.app.schema(), &after, Some(&before))?;
    work(call, Writing { draft: Draft::of(after), before, guard: None, questions, notes: Notes::default() })
}

/// The record to store when the row moved meanwhile: the draft's own changes over what is there now.
fn merged(draft: &Draft, before: &Record, now: &Record) -> Record {
    let mut record = draft.record.clone();
    for at in 0..record.values.len() {
        let touched = record.values[at] != before.values[at] || draft.relative.iter().any(|change| change.field == at);
        if !touched {
            record.values[at] = now.values[at].clone();
        }
    }
    record
}

/// All tokens of an account die when its password or email changes, or it counts as verified no more. Source: PocketBase web API, tokens.
fn renew_token_key(draft: &mut Draft, before: &Record) {
    if comes_to_owner(draft, before) {
        draft.record.set("tokenKey", Value::Text(String::new()));
    }
    let sent_key = validate::any_changed(before, &draft.record, &["tokenKey"]);
    let credentials = !draft.passwords.is_empty() || validate::any_changed(before, &draft.record, &["email"]);
    // A token that verified the address must not do so once more after that was taken back.
    let doubted = before.flag("verified") && !draft.record.flag("verified");
    if draft.record.text("tokenKey").is_empty() || (credentials || doubted) && !sent_key {
        let key = ids::random_text(ids::TOKEN_KEY_LENGTH, ids::SECRET_ALPHABET);
        draft.record.set("tokenKey", Value::Text(key));
    }
}

/// What was proved or remembered with an account's old credentials ends with them. Source: PocketBase web API, tokens.
fn forget_factors(conn: &Conn<'_>, schema: &Schema, before: &Record, after: &Record) -> Result<()> {
    let changed = |field: &str| before.text(field) != after.text(field);
    let owner = [("collectionRef", before.collection.id.as_str()), ("recordRef", before.id())];
    for (name, ends) in
        [("_otps", changed("tokenKey")), ("_mfas", changed("password")), ("_authOrigins", changed("password"))]
    {
        if ends && let Some(collection) = schema.find(name) {
            store::records::delete_where(conn, collection, &owner)?;
        }
    }
    Ok(())
}

/// Whether an account's address is proved for the first time, by somebody who may not be who made the account.
fn comes_to_owner(draft: &Draft, before: &Record) -> bool {
    draft.for_owner && !before.flag("verified") && draft.record.flag("verified")
}

/// Whoever made an account with an address that is not theirs may have waited for its owner with more than a password. Sessions and own keys
/// end with the token key; keys that superusers made stay.
fn end_ways_in(conn: &Conn<'_>, schema: &Schema, account: &Record) -> Result<()> {
    let (collection, id) = (account.collection.id.as_str(), account.id());
    if let Some(links) = schema.find("_externalAuths") {
        store::records::delete_where(conn, links, &[("collectionRef", collection), ("recordRef", id)])?;
    }
    store::system::end_factors(conn, collection, id)
}

async fn hidden_unless(call: &Call, guard: Statement) -> Result<()> {
    if write::holds(call, guard).await? { Ok(()) } else { Err(Error::not_found()) }
}
