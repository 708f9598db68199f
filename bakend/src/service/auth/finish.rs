//! The end of every sign-in: the auth rule, the second factor, the token, the answer.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::{
    hooks::{self, AuthAction},
    mfa, origins, sessions,
};
use crate::{
    Error, Result,
    query::RequestInfo,
    schema::{Collection, Record, auth_options::AuthOptions},
    service::records::{self, Call, Client},
};

/// How somebody proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A password.
    Password,
    /// A one-time password that came by mail.
    Otp,
    /// Another service vouches for them.
    OAuth2,
    /// A passkey.
    Passkey,
    /// A code of an authenticator app.
    Totp,
}

impl Method {
    /// As the wire spells it: in `_mfas`, and wherever a method is named.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Otp => "otp",
            Self::OAuth2 => "oauth2",
            Self::Passkey => "passkey",
            Self::Totp => "totp",
        }
    }
}

/// Somebody has proved to be this record.
pub struct Proof {
    /// Who.
    pub record: Record,
    /// How.
    pub method: Method,
    /// Goes into the answer as `meta`.
    pub meta: Option<Json>,
}

impl Proof {
    /// Without anything to tell beside.
    pub fn of(record: Record, method: Method) -> Self {
        Self { record, method, meta: None }
    }
}

/// What a sign-in comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// `{"meta":…,"record":…,"token":…}`.
    SignedIn(Vec<u8>),
    /// Another method is asked for; it has to name this id.
    SecondFactor(String),
}

/// Lets a record in that has proved who it is. Every way to sign in ends here. `mfa_id` names the first factor when this is the second,
/// `""` when it is the first.
///
/// # Errors
/// - `Forbidden`: the auth rule refuses the record, or it is a superuser from an address that superusers may not come from.
/// - `Invalid`: a second factor is asked for and `mfa_id` is not an open first factor of this record by another method.
/// - What a `before` hook refuses with.
pub async fn finish(call: &Call, proof: Proof, mfa_id: &str, expand: &str) -> Result<Answer> {
    let record = proof.record;
    comes_from_allowed_address(call, &record)?;
    allowed(call, &record).await?;
    if let Some(mfa_id) = mfa::open_first_factor(call, &record, proof.method, mfa_id).await? {
        return Ok(Answer::SecondFactor(mfa_id));
    }
    let (_, meta) = hooks::before(call, AuthAction::SignIn(proof.method), record.clone(), proof.meta).await?;
    let token = sessions::begin(call, &record, proof.method.as_str(), true, None).await?;
    origins::note(call, &record).await;
    let answer = answer(call, record.clone(), token, meta, expand).await?;
    hooks::after(call, AuthAction::SignIn(proof.method), &record).await;
    Ok(Answer::SignedIn(answer))
}

/// The answer with a record and its token.
pub(super) async fn answer(
    call: &Call,
    record: Record,
    token: String,
    meta: Option<Json>,
    expand: &str,
) -> Result<Vec<u8>> {
    // The record sees itself, also where it is not public.
    let info = RequestInfo { auth: Some(Arc::new(record.clone())), ..(*call.info).clone() };
    let own = Call { info: Arc::new(info), ..call.clone() };
    let record = records::render(&own, record, expand, true).await?;
    let mut answer = Map::from_iter([("record".to_owned(), record), ("token".to_owned(), token.into())]);
    if let Some(meta) = meta {
        answer.insert("meta".to_owned(), meta);
    }
    Ok(Json::Object(answer).to_string().into_bytes())
}

pub(super) fn options(collection: &Collection) -> Result<&AuthOptions> {
    collection.auth.as_deref().ok_or_else(|| Error::internal("not an auth collection"))
}

/// Superusers come from where the settings say, whichever way they sign in.
fn comes_from_allowed_address(call: &Call, record: &Record) -> Result<()> {
    let settings = call.app.settings();
    let refused = |client: &Client| !settings.superusers_may_come_from(client.address);
    if record.is_superuser() && call.client.as_deref().is_some_and(refused) {
        return Err(Error::forbidden(""));
    }
    Ok(())
}

/// Whether the auth rule lets a record in.
pub(super) async fn allowed(call: &Call, record: &Record) -> Result<()> {
    let refused = || Error::forbidden("The request doesn't satisfy the collection requirements to authenticate.");
    if call.info.is_superuser() {
        return Ok(());
    }
    match options(&record.collection)?.auth_rule.as_deref() {
        Some("") => Ok(()),
        Some(rule) if satisfies(call, record, rule).await.map_err(|error| refused().caused_by(error))? => Ok(()),
        _ => Err(refused()),
    }
}

/// Whether a record satisfies a rule of its collection's options.
pub(super) async fn satisfies(call: &Call, record: &Record, rule: &str) -> Result<bool> {
    let schema = call.app.schema();
    let statement = call.app.planner().view(&schema, &record.collection, &call.info, record.id(), Some(rule))?;
    let pace = statement.pace.clone();
    Ok(call.db.read(&pace, move |conn| conn.rows(&statement, |_| Ok(()))).await? > 0)
}
