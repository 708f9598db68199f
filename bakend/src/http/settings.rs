//! The settings, and trying them.

use axum::{body::Body, response::Response};

use super::{
    body::{self, UNREADABLE, Values},
    extract::Asked,
    response,
};
use crate::{
    Result, limits,
    query::grant::Area,
    service::{files::transfer, mail, settings},
};

pub(super) async fn view(asked: Asked) -> Result<Response> {
    asked.needs_superuser_for(Area::Settings)?;
    asked.answer(asked.settings().to_json()?)
}

pub(super) async fn update(asked: Asked, body: Body) -> Result<Response> {
    asked.needs_superuser_for(Area::Settings)?;
    let sent = body::read(&asked, body, limits::BODY_MAX_BYTES, Values::Inferred, UNREADABLE).await?;
    asked.answer(settings::update(&asked, sent.data).await?)
}

pub(super) async fn test_s3(asked: Asked, body: Body) -> Result<Response> {
    asked.needs_superuser_for(Area::Settings)?;
    let sent = body::texts(&asked, body).await?;
    transfer::test(&asked, &sent.text("filesystem")?).await?;
    Ok(response::no_content())
}

pub(super) async fn test_email(asked: Asked, body: Body) -> Result<Response> {
    asked.needs_superuser_for(Area::Settings)?;
    let sent = body::texts(&asked, body).await?;
    let (email, template, collection) = (sent.text("email")?, sent.text("template")?, sent.text("collection")?);
    mail::send_test(&asked, &email, &template, &collection).await?;
    Ok(response::no_content())
}
