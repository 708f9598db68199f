//! Collections: for superusers only.

use std::sync::Arc;

use axum::{body::Body, response::Response};

use super::{
    body::{self, Sent, UNREADABLE, Values},
    extract::{Asked, PathOf},
    response,
};
use crate::{
    Result, limits,
    service::{
        collections::{self, by_key},
        views,
    },
};

/// What a collection that cannot be read answers.
const MALFORMED: &str = "Failed to load the submitted data due to invalid formatting.";

pub(super) async fn list(asked: Asked) -> Result<Response> {
    asked.needs_superuser()?;
    let query = asked.params().list_query()?;
    asked.answer_page(collections::list(&asked, &query).await?)
}

pub(super) async fn view(asked: Asked, PathOf(name): PathOf<String>) -> Result<Response> {
    asked.needs_superuser()?;
    asked.answer(collections::view(&asked, &name)?)
}

pub(super) async fn create(asked: Asked, body: Body) -> Result<Response> {
    asked.needs_superuser()?;
    let sent = read(&asked, body, MALFORMED).await?;
    asked.grant().map_or(Ok(()), |key| by_key::may_save(&asked, key, None, &sent.data))?;
    asked.answer(collections::create(&asked, sent.data).await?)
}

pub(super) async fn update(asked: Asked, PathOf(name): PathOf<String>, body: Body) -> Result<Response> {
    asked.needs_superuser()?;
    let sent = read(&asked, body, MALFORMED).await?;
    asked.grant().map_or(Ok(()), |key| by_key::may_save(&asked, key, Some(&name), &sent.data))?;
    asked.answer(collections::update(&asked, &name, sent.data).await?)
}

pub(super) async fn delete(asked: Asked, PathOf(name): PathOf<String>) -> Result<Response> {
    asked.needs_superuser()?;
    asked.grant().map_or(Ok(()), |key| by_key::may_empty(&asked, key, &name))?;
    collections::delete(&asked, &name).await?;
    Ok(response::no_content())
}

pub(super) async fn truncate(asked: Asked, PathOf(name): PathOf<String>) -> Result<Response> {
    asked.needs_superuser()?;
    asked.grant().map_or(Ok(()), |key| by_key::may_empty(&asked, key, &name))?;
    collections::truncate(&asked, Arc::new(asked.info()), &name).await?;
    Ok(response::no_content())
}

pub(super) async fn import(asked: Asked, body: Body) -> Result<Response> {
    asked.needs_superuser()?;
    let sent = read(&asked, body, UNREADABLE).await?;
    asked.grant().map_or(Ok(()), |key| by_key::may_import(&asked, key, &sent.data))?;
    collections::import(&asked, &sent.data).await?;
    Ok(response::no_content())
}

pub(super) async fn scaffolds(asked: Asked) -> Result<Response> {
    asked.needs_superuser()?;
    asked.answer(collections::scaffolds())
}

pub(super) async fn dry_run_view(asked: Asked, body: Body) -> Result<Response> {
    asked.needs_superuser()?;
    let sent = read(&asked, body, UNREADABLE).await?;
    asked.answer(views::dry_run(&asked, &sent.text("query")?).await?)
}

async fn read(asked: &Asked, body: Body, fault: &str) -> Result<Sent> {
    body::read(asked, body, limits::BODY_MAX_BYTES, Values::Inferred, fault).await
}
