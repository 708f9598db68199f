//! The settings.

use axum::{body::Body, response::Response};

use super::{
    body::{self, UNREADABLE, Values},
    extract::Asked,
};
use crate::{Result, limits, service::settings};

pub(super) async fn view(asked: Asked) -> Result<Response> {
    asked.needs_superuser()?;
    asked.answer(asked.settings().to_json()?)
}

pub(super) async fn update(asked: Asked, body: Body) -> Result<Response> {
    asked.needs_superuser()?;
    let sent = body::read(&asked, body, limits::BODY_MAX_BYTES, Values::Inferred, UNREADABLE).await?;
    asked.answer(settings::update(&asked, sent.data).await?)
}
