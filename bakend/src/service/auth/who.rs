//! From a token to the record that signed it.

use std::sync::Arc;

use super::{
    cache::SignedIn,
    token::{self, Claims, TokenKind},
};
use crate::{
    Result,
    schema::Record,
    service::{App, records},
};

/// Who signed in with this token; `None`: nobody, whatever is wrong with it.
///
/// # Errors
/// Only those of the database.
pub async fn signed_in(app: &App, token: &str) -> Result<Option<SignedIn>> {
    if let Some(known) = app.auth_cache().get(token) {
        return Ok(Some(known));
    }
    let Some(claims) = token::read_unproven(token).filter(|claims| claims.kind == TokenKind::Auth) else {
        return Ok(None);
    };
    let moment = app.auth_cache().moment(&claims.collection_id, &claims.id);
    let Some((record, claims)) = prove(app, token, &claims).await? else { return Ok(None) };
    let refreshable = claims.refreshable.unwrap_or(false);
    let signed_in = SignedIn { record: Arc::new(record), exp: claims.exp, refreshable };
    app.auth_cache().insert(token, signed_in.clone(), moment);
    Ok(Some(signed_in))
}

/// The record that signed a token for this use; `None`: none, whatever is wrong with it.
///
/// # Errors
/// Only those of the database.
pub async fn holder(app: &App, token: &str, kind: TokenKind) -> Result<Option<Record>> {
    let Some(claims) = token::read_unproven(token).filter(|claims| claims.kind == kind) else { return Ok(None) };
    Ok(prove(app, token, &claims).await?.map(|(record, _)| record))
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
