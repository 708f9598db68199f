//! One-time passwords by mail.

use axum::{body::Body, response::Response};

use super::{call, find_for_sign_in, mfa_id, signed_in};
use crate::{
    Result,
    http::{
        body,
        extract::{Asked, PathOf},
    },
    service::auth::otp,
};

pub(in crate::http) async fn request(asked: Asked, PathOf(name): PathOf<String>, body: Body) -> Result<Response> {
    let collection = find_for_sign_in(&asked, &name)?;
    otp::check_enabled(&collection)?;
    let sent = body::texts(&asked, body).await?;
    let email = sent.text("email")?;
    asked.answer(otp::request(&call(&asked, sent), &collection, &email).await?)
}

pub(in crate::http) async fn sign_in(asked: Asked, PathOf(name): PathOf<String>, body: Body) -> Result<Response> {
    let collection = find_for_sign_in(&asked, &name)?;
    otp::check_enabled(&collection)?;
    let sent = body::texts(&asked, body).await?;
    let (otp_id, password) = (sent.text("otpId")?, sent.text("password")?);
    let mfa_id = mfa_id(&asked, &sent)?;
    let call = call(&asked, sent);
    let expand = asked.params();
    let answer = otp::sign_in(&call, &collection, &otp_id, &password, &mfa_id, expand.get("expand")).await?;
    signed_in(&asked, answer)
}
