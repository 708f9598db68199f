//! Mails about an account: asking for them, and what their links confirm.

use axum::{body::Body, response::Response};

use super::{MISSING, call, find};
use crate::{
    Result,
    http::{
        body,
        extract::{Asked, PathOf},
        response,
    },
    service::auth::{
        email_change,
        password_reset::{self, NewPassword},
        verification,
    },
};

pub(in crate::http) async fn request_verification(
    asked: Asked,
    PathOf(name): PathOf<String>,
    body: Body,
) -> Result<Response> {
    let collection = find(&asked, &name)?;
    verification::not_superusers(&collection)?;
    let sent = body::texts(&asked, body).await?;
    let email = sent.text("email")?;
    verification::request(&call(&asked, sent), &collection, &email).await?;
    Ok(response::no_content())
}

pub(in crate::http) async fn confirm_verification(
    asked: Asked,
    PathOf(name): PathOf<String>,
    body: Body,
) -> Result<Response> {
    let collection = find(&asked, &name)?;
    verification::not_superusers(&collection)?;
    let sent = body::texts(&asked, body).await?;
    let token = sent.text("token")?;
    verification::confirm(&call(&asked, sent), &collection, &token).await?;
    Ok(response::no_content())
}

pub(in crate::http) async fn request_password_reset(
    asked: Asked,
    PathOf(name): PathOf<String>,
    body: Body,
) -> Result<Response> {
    let collection = find(&asked, &name)?;
    password_reset::check_enabled(&collection)?;
    let sent = body::texts(&asked, body).await?;
    let email = sent.text("email")?;
    password_reset::request(&call(&asked, sent), &collection, &email).await?;
    Ok(response::no_content())
}

pub(in crate::http) async fn confirm_password_reset(
    asked: Asked,
    PathOf(name): PathOf<String>,
    body: Body,
) -> Result<Response> {
    let collection = find(&asked, &name)?;
    let sent = body::texts(&asked, body).await?;
    let form = NewPassword {
        token: sent.text("token")?,
        password: sent.text("password")?,
        confirm: sent.text("passwordConfirm")?,
    };
    password_reset::confirm(&call(&asked, sent), &collection, &form).await?;
    Ok(response::no_content())
}

pub(in crate::http) async fn request_email_change(
    asked: Asked,
    PathOf(name): PathOf<String>,
    body: Body,
) -> Result<Response> {
    let collection = asked.collection(&name, MISSING)?;
    let signed_in = asked.needs_record_of(&collection)?;
    email_change::not_superusers(&collection)?;
    let sent = body::texts(&asked, body).await?;
    let new_email = sent.text("newEmail")?;
    email_change::request(&call(&asked, sent), &signed_in.record, &new_email).await?;
    Ok(response::no_content())
}

pub(in crate::http) async fn confirm_email_change(
    asked: Asked,
    PathOf(name): PathOf<String>,
    body: Body,
) -> Result<Response> {
    let collection = find(&asked, &name)?;
    email_change::not_superusers(&collection)?;
    let sent = body::texts(&asked, body).await?;
    let (token, password) = (sent.text("token")?, sent.text("password")?);
    email_change::confirm(&call(&asked, sent), &collection, &token, &password).await?;
    Ok(response::no_content())
}
