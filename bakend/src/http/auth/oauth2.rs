//! Signing in through other services, and the page that their people come back to.

use axum::{
    body::Body,
    http::{HeaderValue, Method, StatusCode, header},
    response::Response,
};
use serde_json::{Map, Value as Json};

use super::{call, find_for_sign_in, mfa_id, signed_in};
use crate::{
    Error, Result,
    http::{
        body::{self, Sent, UNREADABLE, Values},
        extract::{Asked, PathOf},
    },
    limits,
    service::auth::oauth2::{
        self, Code,
        apple_secret::{self, AppleKey},
        redirect::{self, Returned},
    },
};

pub(in crate::http) async fn sign_in(asked: Asked, PathOf(name): PathOf<String>, body: Body) -> Result<Response> {
    let collection = find_for_sign_in(&asked, &name)?;
    let sent = body::read(&asked, body, limits::BODY_MAX_BYTES, Values::Inferred, UNREADABLE).await?;
    let redirect_url = match sent.text("redirectURL")? {
        url if url.is_empty() => sent.text("redirectUrl")?,
        url => url,
    };
    let code = Code {
        provider: sent.text("provider")?,
        code: sent.text("code")?,
        verifier: sent.text("codeVerifier")?,
        redirect_url,
        create_data: create_data(&sent)?,
    };
    let mfa_id = mfa_id(&asked, &sent)?;
    if asked.signed_in.as_ref().is_some_and(|caller| caller.record.collection.id == collection.id) {
        // Who asks gets another way to sign in.
        asked.needs_owner_of(&collection)?;
    }
    let call = call(&asked, sent);
    let expand = asked.params();
    signed_in(&asked, oauth2::with_oauth2(&call, &collection, &code, &mfa_id, expand.get("expand")).await?)
}

fn create_data(sent: &Sent) -> Result<Map<String, Json>> {
    match sent.get("createData") {
        None | Some(Json::Null) => Ok(Map::new()),
        Some(Json::Object(data)) => Ok(data.clone()),
        Some(_) => Err(Error::invalid(UNREADABLE)),
    }
}

pub(in crate::http) async fn catalogue(asked: Asked) -> Result<Response> {
    asked.needs_superuser()?;
    asked.answer(oauth2::catalogue()?)
}

pub(in crate::http) async fn apple_secret(asked: Asked, body: Body) -> Result<Response> {
    asked.needs_superuser()?;
    let sent = body::read(&asked, body, limits::BODY_MAX_BYTES, Values::Inferred, UNREADABLE).await?;
    let key = AppleKey {
        client_id: sent.text("clientId")?,
        team_id: sent.text("teamId")?,
        key_id: sent.text("keyId")?,
        private_key: sent.text("privateKey")?,
        seconds: sent.integer("duration")?,
    };
    asked.answer(apple_secret::generate(&key)?)
}

/// Where providers send people back to: as a link, or (Apple) as a form.
pub(in crate::http) async fn redirect(asked: Asked, body: Body) -> Result<Response> {
    let returned = match asked.method {
        Method::POST => {
            let sent = body::texts(&asked, body).await?;
            let text = |name: &str| sent.text(name);
            Returned { state: text("state")?, code: text("code")?, error: text("error")?, user: text("user")? }
        }
        _ => {
            let params = asked.params();
            let text = |name: &str| params.get(name).to_owned();
            Returned { state: text("state"), code: text("code"), error: text("error"), user: String::new() }
        }
    };
    let has_code = redirect::deliver(&asked, &returned, asked.address())?;
    let (status, page) = match (&asked.method, has_code) {
        // What came as a form goes on as a plain visit.
        (&Method::POST, true) => (StatusCode::SEE_OTHER, SUCCESS),
        (&Method::POST, false) => (StatusCode::SEE_OTHER, FAILURE),
        (_, true) => (StatusCode::TEMPORARY_REDIRECT, SUCCESS),
        (_, false) => (StatusCode::TEMPORARY_REDIRECT, FAILURE),
    };
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static(page));
    Ok(response)
}

/// Pages that close themselves.
const SUCCESS: &str = "../_/#/auth/oauth2-redirect-success";
const FAILURE: &str = "../_/#/auth/oauth2-redirect-failure";
