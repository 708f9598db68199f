//! Signing in.

pub(super) mod mails;
pub(super) mod oauth2;
pub(super) mod otp;
pub(super) mod passkeys;
pub(super) mod totp;

use std::sync::Arc;

use axum::{body::Body, response::Response};

use super::{
    body::{self, Sent},
    extract::{Asked, PathOf},
    response,
};
use crate::{
    Error, Kind, Result,
    query::grant::Area,
    schema::Collection,
    service::{
        auth::{
            finish::Answer,
            methods,
            sessions::Owner,
            sign_in::{self, Credentials},
        },
        records::Call,
    },
};

pub(super) async fn methods(asked: Asked, PathOf(name): PathOf<String>) -> Result<Response> {
    let collection = find(&asked, &name)?;
    asked.answer(methods::methods(&asked, &collection).await?)
}

pub(super) async fn with_password(asked: Asked, PathOf(name): PathOf<String>, body: Body) -> Result<Response> {
    let collection = find_for_sign_in(&asked, &name)?;
    let sent = body::texts(&asked, body).await?;
    let credentials = Credentials {
        identity: sent.text("identity")?,
        password: sent.text("password")?,
        identity_field: sent.text("identityField")?,
    };
    let mfa_id = mfa_id(&asked, &sent)?;
    let call = call(&asked, sent);
    let expand = asked.params();
    let answer = sign_in::with_password(&call, &collection, &credentials, &mfa_id, expand.get("expand")).await?;
    signed_in(&asked, answer)
}

pub(super) async fn refresh(asked: Asked, PathOf(name): PathOf<String>) -> Result<Response> {
    let collection = asked.collection(&name, MISSING)?;
    let signed_in = asked.needs_record_of(&collection)?;
    let sent = asked.token().unwrap_or_default();
    asked.answer(
        sign_in::refresh(&asked.call().from_client(asked.client()), signed_in, sent, asked.params().get("expand"))
            .await?,
    )
}

pub(super) async fn impersonate(
    asked: Asked,
    PathOf((name, id)): PathOf<(String, String)>,
    body: Body,
) -> Result<Response> {
    asked.needs_superuser_for(Area::Sessions)?;
    let collection = find(&asked, &name)?;
    let sent = body::texts(&asked, body).await?;
    let seconds = sent.integer("duration")?;
    let expand = asked.params();
    let call = asked.call().from_client(asked.client());
    asked.answer(sign_in::impersonate(&call, &collection, &id, seconds, expand.get("expand")).await?)
}

/// The answer to a sign-in.
fn signed_in(asked: &Asked, answer: Answer) -> Result<Response> {
    match answer {
        Answer::SignedIn(bytes) => asked.answer(bytes),
        Answer::SecondFactor(mfa_id) => Ok(response::second_factor(&mfa_id)),
    }
}

/// The first factor that a sign-in goes on from, of query or body; `""`: there was none yet.
fn mfa_id(asked: &Asked, sent: &Sent) -> Result<String> {
    match asked.params().get("mfaId") {
        "" => sent.text("mfaId").map_err(|error| error.message_set("Failed to read MFA Id.")),
        named => Ok(named.to_owned()),
    }
}

/// The call of a request whose body rules may ask about.
fn call(asked: &Asked, sent: Sent) -> Call {
    let mut info = asked.info();
    info.body = sent.data;
    Call::new(asked, Arc::new(info)).from_client(asked.client())
}

/// Whose account is meant: the caller's, or for superusers that of `record`.
fn whose(asked: &Asked, collection: &Collection) -> Result<Owner> {
    let record = match asked.params().get("record") {
        "" => asked.needs_record_of(collection)?.record.id().to_owned(),
        record => {
            asked.needs_superuser_for(Area::Account)?;
            record.to_owned()
        }
    };
    Ok(Owner { collection: collection.id.clone(), record: Some(record) })
}

const MISSING: &str = "Missing or invalid collection context.";

/// The auth collection that somebody signs in to. Superusers come from where the settings say, and who comes from elsewhere tries no proof:
/// neither learns whether it is right nor uses it up.
fn find_for_sign_in(asked: &Asked, name: &str) -> Result<Arc<Collection>> {
    let collection = find(asked, name)?;
    if collection.is_superusers() && !asked.settings().superusers_may_come_from(asked.address()) {
        return Err(Error::forbidden(""));
    }
    Ok(collection)
}

/// The auth collection of a path.
fn find(asked: &Asked, name: &str) -> Result<Arc<Collection>> {
    let collection = asked.collection(name, MISSING)?;
    if collection.is_auth() {
        return Ok(collection);
    }
    Err(Error::new(Kind::NotFound, "Missing or invalid auth collection context."))
}
