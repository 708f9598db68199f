//! Passkeys: signing in with them, registering them, looking after them.

use axum::{body::Body, response::Response};

use super::{call, find, find_for_sign_in, mfa_id, signed_in, whose};
use crate::{
    Result,
    http::{
        body,
        extract::{Asked, PathOf},
        response,
    },
    service::auth::passkeys,
};

pub(in crate::http) async fn begin_sign_in(asked: Asked, PathOf(name): PathOf<String>) -> Result<Response> {
    let collection = find_for_sign_in(&asked, &name)?;
    asked.answer(passkeys::begin_sign_in(&asked, &collection)?)
}

pub(in crate::http) async fn sign_in(asked: Asked, PathOf(name): PathOf<String>, body: Body) -> Result<Response> {
    let collection = find_for_sign_in(&asked, &name)?;
    let sent = body::texts(&asked, body).await?;
    let (id, credential) = (sent.text("id")?, sent.get("credential").cloned().unwrap_or_default());
    let mfa_id = mfa_id(&asked, &sent)?;
    let call = call(&asked, sent);
    let expand = asked.params();
    let answer = passkeys::with_passkey(&call, &collection, &id, &credential, &mfa_id, expand.get("expand")).await?;
    signed_in(&asked, answer)
}

pub(in crate::http) async fn begin(asked: Asked, PathOf(name): PathOf<String>) -> Result<Response> {
    let collection = find(&asked, &name)?;
    let record = &asked.needs_owner_of(&collection)?.record;
    asked.answer(passkeys::begin(&asked, record).await?)
}

pub(in crate::http) async fn finish(asked: Asked, PathOf(name): PathOf<String>, body: Body) -> Result<Response> {
    let collection = find(&asked, &name)?;
    let record = &asked.needs_owner_of(&collection)?.record;
    let sent = body::texts(&asked, body).await?;
    let (id, credential) = (sent.text("id")?, sent.get("credential").cloned().unwrap_or_default());
    asked.answer(passkeys::finish(&asked, record, &id, &credential, &sent.text("name")?).await?)
}

pub(in crate::http) async fn list(asked: Asked, PathOf(name): PathOf<String>) -> Result<Response> {
    let collection = find(&asked, &name)?;
    asked.answer_page(passkeys::list(&asked, whose(&asked, &collection)?).await?)
}

pub(in crate::http) async fn rename(
    asked: Asked,
    PathOf((name, id)): PathOf<(String, String)>,
    body: Body,
) -> Result<Response> {
    let collection = find(&asked, &name)?;
    let owner = whose(&asked, &collection)?;
    let sent = body::texts(&asked, body).await?;
    passkeys::rename(&asked, owner, &id, &sent.text("name")?).await?;
    Ok(response::no_content())
}

pub(in crate::http) async fn remove(asked: Asked, PathOf((name, id)): PathOf<(String, String)>) -> Result<Response> {
    let collection = find(&asked, &name)?;
    passkeys::remove(&asked, whose(&asked, &collection)?, &id).await?;
    Ok(response::no_content())
}
