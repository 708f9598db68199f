//! Codes of authenticator apps: signing in with them, setting them up, taking them away.

use axum::{body::Body, response::Response};

use super::{call, find, find_for_sign_in, mfa_id, signed_in, whose};
use crate::{
    Result,
    http::{
        body::{self, Sent},
        extract::{Asked, PathOf},
        response,
    },
    service::auth::totp::{self, Proof},
};

pub(in crate::http) async fn sign_in(asked: Asked, PathOf(name): PathOf<String>, body: Body) -> Result<Response> {
    let collection = find_for_sign_in(&asked, &name)?;
    let sent = body::texts(&asked, body).await?;
    let code = sent.text("code")?;
    let mfa_id = mfa_id(&asked, &sent)?;
    let call = call(&asked, sent);
    let expand = asked.params();
    signed_in(&asked, totp::with_totp(&call, &collection, &code, &mfa_id, expand.get("expand")).await?)
}

pub(in crate::http) async fn state(asked: Asked, PathOf(name): PathOf<String>) -> Result<Response> {
    let collection = find(&asked, &name)?;
    let owner = whose(&asked, &collection)?;
    asked.answer(totp::state(&asked, owner).await?)
}

pub(in crate::http) async fn enrol(asked: Asked, PathOf(name): PathOf<String>) -> Result<Response> {
    let collection = find(&asked, &name)?;
    let record = &asked.needs_owner_of(&collection)?.record;
    asked.answer(totp::enrol(&asked, record).await?)
}

pub(in crate::http) async fn confirm(asked: Asked, PathOf(name): PathOf<String>, body: Body) -> Result<Response> {
    let collection = find(&asked, &name)?;
    let record = &asked.needs_owner_of(&collection)?.record;
    let sent = body::texts(&asked, body).await?;
    asked.answer(totp::confirm(&asked, record, &sent.text("code")?).await?)
}

pub(in crate::http) async fn recovery_codes(
    asked: Asked,
    PathOf(name): PathOf<String>,
    body: Body,
) -> Result<Response> {
    let collection = find(&asked, &name)?;
    let record = &asked.needs_owner_of(&collection)?.record;
    let proof = proof(&body::texts(&asked, body).await?)?;
    asked.answer(totp::new_recovery_codes(&asked, record, &proof).await?)
}

/// Takes away mine, with a proof; for superusers that of `record`, without.
pub(in crate::http) async fn remove(asked: Asked, PathOf(name): PathOf<String>, body: Body) -> Result<Response> {
    let collection = find(&asked, &name)?;
    let owner = whose(&asked, &collection)?;
    if asked.params().get("record").is_empty() {
        let record = &asked.needs_owner_of(&collection)?.record;
        let proof = proof(&body::texts(&asked, body).await?)?;
        totp::remove(&asked, record, &proof).await?;
    } else {
        totp::remove_as_superuser(&asked, owner).await?;
    }
    Ok(response::no_content())
}

fn proof(sent: &Sent) -> Result<Proof> {
    Ok(Proof { password: sent.text("password")?, code: sent.text("code")? })
}
