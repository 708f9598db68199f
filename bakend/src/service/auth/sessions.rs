//! Sessions: one for each sign-in, to be listed and ended.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::{
    cache::SignedIn,
    token::{self, TokenKind},
};
use crate::{
    Error, Result, clock, ids, limits,
    query::Pace,
    schema::{Collection, Record, Value},
    service::{App, changes, page::Page, records::Call},
    store::{
        self,
        records::Change,
        system::sessions::{self, Model},
    },
};

pub use crate::store::system::Owner;

/// How the session of a superuser who acts as somebody else is named.
pub const IMPERSONATE: &str = "impersonate";
/// How a session is named that begins with a token of before there were sessions.
const IMPORTED: &str = "imported";

/// Begins a session of a record that has proved who it is; returns its token. One write.
///
/// `life` is in seconds; `None`: as the collection says.
///
/// # Errors
/// Those of the database; `Internal` when the record cannot sign.
pub(super) async fn begin(
    call: &Call,
    record: &Record,
    method: &str,
    refreshable: bool,
    life: Option<i64>,
) -> Result<String> {
    let exp = token::end(record, TokenKind::Auth, life)?;
    let now = clock::now_text();
    let client = call.client.as_deref();
    let session = Model {
        id: ids::record_id(),
        collection: record.collection.id.clone(),
        record: record.id().to_owned(),
        method: method.to_owned(),
        ip: client.map(|client| client.address.to_string()).unwrap_or_default(),
        user_agent: client.map(|client| client.user_agent.clone()).unwrap_or_default(),
        refreshable,
        created: now.clone(),
        last_used: now,
        expires: clock::text_of_unix_seconds(exp),
    };
    let token = token::issue_in_session(record, TokenKind::Auth, refreshable, exp, Some(&session.id))?;
    call.db.write(move |conn| sessions::insert(conn, session)).await?;
    Ok(token)
}

/// A fresh token of the same session, which lasts as long as that. A token without a session gets one.
///
/// # Errors
/// `Unauthenticated`: the session has just been ended. Otherwise those of the database.
pub(super) async fn go_on(call: &Call, signed_in: &SignedIn) -> Result<String> {
    let record = &signed_in.record;
    let Some(id) = signed_in.by.as_ref().and_then(|by| by.session()).map(str::to_owned) else {
        return begin(call, record, IMPORTED, true, None).await;
    };
    let exp = token::end(record, TokenKind::Auth, None)?;
    let token = token::issue_in_session(record, TokenKind::Auth, true, exp, Some(&id))?;
    if exp.saturating_sub(signed_in.exp) >= limits::SESSION_EXTEND_STEP_SECONDS {
        let (now, expires) = (clock::now_text(), clock::text_of_unix_seconds(exp));
        if !call.db.write(move |conn| sessions::extend(conn, &id, &now, &expires)).await? {
            return Err(Error::unauthenticated("The session has ended."));
        }
    }
    Ok(token)
}

/// A page of sessions as JSON, the newest sign-in first; `current` marks the one that asks. `None`: everybody's.
///
/// # Errors
/// Those of the database.
pub async fn list(app: &App, signed_in: &SignedIn, owner: Option<Owner>, page: &Page) -> Result<Vec<u8>> {
    let (limit, offset) = (page.limit(), page.offset());
    let read = move |conn: &store::Conn<'_>| sessions::list(conn, owner.as_ref(), limit, offset);
    let (found, total) = app.store().db().read(&Pace::default(), read).await?;
    let own = signed_in.by.as_ref().and_then(|by| by.session());
    let marked = |session: &Model| {
        let mut shown = shown(app, session);
        shown["current"] = (own == Some(session.id.as_str())).into();
        shown
    };
    let items = found.iter().map(marked).collect();
    Ok(page.to_json(items, total))
}

/// Ends one session; its tokens are refused from now on. `current` is the one that asks.
///
/// # Errors
/// `NotFound`: there is none with this id, or it is somebody else's and no superuser asks.
pub async fn end(app: &App, signed_in: &SignedIn, id: &str) -> Result<()> {
    let own = signed_in.by.as_ref().and_then(|by| by.session());
    let id = if id == "current" { own.ok_or_else(Error::not_found)? } else { id }.to_owned();
    let find = id.clone();
    let session = app.store().db().read(&Pace::default(), move |conn| sessions::find(conn, &find)).await?;
    let session = session.filter(|session| signed_in.record.is_superuser() || is_of(session, &signed_in.record));
    let session = session.ok_or_else(Error::not_found)?;
    let ended = app.store().db().write(move |conn| sessions::delete(conn, &id)).await?;
    app.auth_cache().invalidate(&session.collection, &session.record);
    if ended { Ok(()) } else { Err(Error::not_found()) }
}

/// Ends all sessions of an account; returns how many. With `except` that one stays; without, all tokens of the account end, also those that
/// name no session.
///
/// # Errors
/// `NotFound`: there is no such account.
pub async fn end_all(app: &App, collection: &Arc<Collection>, id: &str, except: Option<&str>) -> Result<u64> {
    let owner = Owner::account(&collection.id, id);
    let except = except.map(str::to_owned);
    let (table, key_field) = (Arc::clone(collection), collection.position("tokenKey"));
    let ended = app
        .store()
        .db()
        .write(move |conn| {
            let id = owner.record.as_deref().unwrap_or_default();
            if let (None, Some(at)) = (&except, key_field) {
                let key = Value::Text(ids::random_text(ids::TOKEN_KEY_LENGTH, ids::SECRET_ALPHABET));
                if store::records::update(conn, &table, id, &[(at, Change::Set(&key))])? == 0 {
                    return Err(Error::not_found());
                }
            }
            sessions::delete_of(conn, &owner, except.as_deref())
        })
        .await?;
    app.record_changed(collection, id);
    Ok(ended)
}

/// A session that began, was extended or ended, as clients are told of it: whose it is (ids of collection and account), and JSON. `None`: it
/// ended since, which is told by itself.
///
/// # Errors
/// Those of the database.
pub(crate) async fn told(app: &App, change: &changes::Change) -> Result<Option<((String, String), Vec<u8>)>> {
    let (session, all) = if change.action == changes::Action::Delete {
        let row = change.old_row();
        let text = |name: &str| row.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
        let (collection, record, method) = (text("collection"), text("record"), text("method"));
        let id = change.record.clone();
        (Model { id, collection, record, method, created: text("created"), ..Model::default() }, false)
    } else {
        let id = change.record.clone();
        let found = app.store().db().read(&Pace::default(), move |conn| sessions::find(conn, &id)).await?;
        let Some(session) = found else { return Ok(None) };
        (session, true)
    };
    let mut shown = shown(app, &session);
    if let (false, Some(shown)) = (all, shown.as_object_mut()) {
        // Of an ended session no more is kept.
        shown.retain(|name, _| !matches!(name.as_str(), "ip" | "userAgent" | "refreshable" | "lastUsed" | "expires"));
    }
    Ok(Some(((session.collection, session.record), shown.to_string().into_bytes())))
}

fn is_of(session: &Model, record: &Record) -> bool {
    session.record == record.id() && session.collection == record.collection.id
}

fn shown(app: &App, session: &Model) -> Json {
    let schema = app.schema();
    json!({
        "id": session.id,
        "collectionId": session.collection,
        "collectionName": schema.by_id(&session.collection).map_or("", |collection| collection.name.as_str()),
        "recordId": session.record,
        "method": session.method,
        "ip": session.ip,
        "userAgent": session.user_agent,
        "refreshable": session.refreshable,
        "created": session.created,
        "lastUsed": session.last_used,
        "expires": session.expires,
    })
}
