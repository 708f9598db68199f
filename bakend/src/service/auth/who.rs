//! From a token or an API key to the record that it stands for.

use std::sync::Arc;

use super::{
    api_keys,
    cache::SignedIn,
    credential::{Credential, CredentialKind},
    token::{self, Claims, TokenKind},
};
use crate::{
    Result,
    query::Pace,
    schema::{Record, collection::SUPERUSERS_ID},
    service::{App, records},
    store::system::sessions,
};

/// Who signed in with this token or key; `None`: nobody, whatever is wrong with it.
///
/// What was proved once is remembered until its record or session changes, so that most requests cost no query. Whoever holds a
/// connection open asks again with the same text to learn that a session was revoked.
///
/// # Errors
/// Only those of the database.
pub async fn signed_in(app: &App, token: &str) -> Result<Option<SignedIn>> {
    let found = match app.auth_cache().get(token) {
        Some(known) => Some(known),
        None if token.starts_with(api_keys::PREFIX) => api_keys::prove(app, token).await?,
        None => prove_anew(app, token).await?,
    };
    if let Some(credential) = found.as_ref().and_then(|found| found.by.as_deref()) {
        app.uses().note(credential);
    }
    Ok(found)
}

async fn prove_anew(app: &App, token: &str) -> Result<Option<SignedIn>> {
    let Some(claims) = token::read_unproven(token).filter(|claims| claims.kind == TokenKind::Auth) else {
        return Ok(None);
    };
    let moment = app.auth_cache().moment(&claims.collection_id, &claims.id);
    let Some((record, claims)) = prove(app, token, &claims).await? else { return Ok(None) };
    let by = match &claims.session_id {
        None => None,
        Some(id) => match open_session(app, id, &record).await? {
            None => return Ok(None),
            Some(session) => {
                let credential = Credential::new(CredentialKind::Session, session.id, None, &session.last_used);
                Some(Arc::new(credential))
            }
        },
    };
    let refreshable = claims.refreshable.unwrap_or(false);
    let signed_in = SignedIn { record: Arc::new(record), exp: claims.exp, refreshable, by };
    app.auth_cache().insert(token, signed_in.clone(), moment, claims.exp);
    Ok(Some(signed_in))
}

/// The record that signed a token for this use; `None`: none, whatever is wrong with it, or its session is over.
///
/// # Errors
/// Only those of the database.
pub async fn holder(app: &App, token: &str, kind: TokenKind) -> Result<Option<Record>> {
    let Some(claims) = token::read_unproven(token).filter(|claims| claims.kind == kind) else { return Ok(None) };
    let Some((record, claims)) = prove(app, token, &claims).await? else { return Ok(None) };
    match &claims.session_id {
        Some(id) if open_session(app, id, &record).await?.is_none() => Ok(None),
        _ => Ok(Some(record)),
    }
}

/// Whether a token says that it is a superuser's, proven or not: enough to refuse it.
pub fn claims_superuser(token: &str) -> bool {
    token::read_unproven(token).is_some_and(|claims| claims.collection_id == SUPERUSERS_ID)
}

/// The session that a proven token names, if it is not over.
async fn open_session(app: &App, id: &str, record: &Record) -> Result<Option<sessions::Model>> {
    let id = id.to_owned();
    let found = app.store().db().read(&Pace::default(), move |conn| sessions::find(conn, &id)).await?;
    Ok(found.filter(|session| session.record == record.id() && session.collection == record.collection.id))
}

async fn prove(app: &App, token: &str, claims: &Claims) -> Result<Option<(Record, Claims)>> {
    let schema = app.schema();
    let Some(collection) = schema.by_id(&claims.collection_id).filter(|collection| collection.is_auth()) else {
        return Ok(None);
    };
    let Some(record) = records::find(&app.store().db(), app.planner(), &schema, collection, &claims.id).await? else {
        return Ok(None);
    };
    Ok(token::prove(token, &record, claims.kind).map(|claims| (record, claims)))
}
