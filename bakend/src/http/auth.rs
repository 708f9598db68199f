//! Signing in.

use std::sync::Arc;

use axum::{body::Body, response::Response};

use super::{
    body::{self, UNREADABLE, Values},
    extract::{Asked, PathOf},
};
use crate::{
    Error, Kind, Result, limits,
    schema::Collection,
    service::{
        auth::{
            finish::Answer,
            methods,
            sign_in::{self, Credentials},
        },
        records::Call,
    },
};

pub(super) async fn methods(asked: Asked, PathOf(name): PathOf<String>) -> Result<Response> {
    let collection = find(&asked, &name)?;
    asked.answer(methods::methods(&collection)?)
}

pub(super) async fn with_password(asked: Asked, PathOf(name): PathOf<String>, body: Body) -> Result<Response> {
    let collection = find(&asked, &name)?;
    if collection.is_superusers() && !asked.settings().superusers_may_come_from(asked.address()) {
        return Err(Error::forbidden(""));
    }
    let sent = body::read(&asked, body, limits::BODY_MAX_BYTES, Values::Texts, UNREADABLE).await?;
    let credentials = Credentials {
        identity: sent.text("identity")?,
        password: sent.text("password")?,
        identity_field: sent.text("identityField")?,
    };
    let mut info = asked.info();
    info.body = sent.data;
    let call = Call::new(&asked, Arc::new(info));
    signed_in(&asked, sign_in::with_password(&call, &collection, &credentials, asked.params().get("expand")).await?)
}

pub(super) async fn refresh(asked: Asked, PathOf(name): PathOf<String>) -> Result<Response> {
    let collection = asked.collection(&name, MISSING)?;
    let signed_in = asked.needs_record_of(&collection)?;
    let sent = asked.token().unwrap_or_default();
    asked.answer(sign_in::refresh(&asked.call(), signed_in, sent, asked.params().get("expand")).await?)
}

pub(super) async fn impersonate(
    asked: Asked,
    PathOf((name, id)): PathOf<(String, String)>,
    body: Body,
) -> Result<Response> {
    asked.needs_superuser()?;
    let collection = find(&asked, &name)?;
    let sent = body::read(&asked, body, limits::BODY_MAX_BYTES, Values::Texts, UNREADABLE).await?;
    let seconds = sent.integer("duration")?;
    let expand = asked.params();
    asked.answer(sign_in::impersonate(&asked.call(), &collection, &id, seconds, expand.get("expand")).await?)
}

fn signed_in(asked: &Asked, answer: Answer) -> Result<Response> {
    match answer {
        Answer::SignedIn(bytes) => asked.answer(bytes),
    }
}

const MISSING: &str = "Missing or invalid collection context.";

fn find(asked: &Asked, name: &str) -> Result<Arc<Collection>> {
    let collection = asked.collection(name, MISSING)?;
    if collection.is_auth() {
        return Ok(collection);
    }
    Err(Error::new(Kind::NotFound, "Missing or invalid auth collection context."))
}
