//! The end of every sign-in: the auth rule, the second factor, the token, the answer.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::token::{self, TokenKind};
use crate::{
    Error, Result,
    query::RequestInfo,
    schema::{Collection, Record, auth_options::AuthOptions},
    service::records::{self, Call},
};

/// How somebody proved who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A password.
    Password,
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
}

/// Lets a record in that has proved who it is. Every way to sign in ends here.
///
/// # Errors
/// - `Forbidden`: the auth rule refuses the record.
/// - `Unauthenticated`: the collection asks for a second factor.
pub async fn finish(call: &Call, proof: Proof, expand: &str) -> Result<Answer> {
    let record = proof.record;
    allowed(call, &record).await?;
    let mfa = &options(&record.collection)?.mfa;
    if mfa.enabled && wants_second_factor(call, &record, &mfa.rule).await? {
        // Letting in with one factor what asks for two would be worse than not letting in at all.
        let message = "The collection requires multi-factor authentication, which this server cannot complete.";
        return Err(Error::unauthenticated(message));
    }
    let token = token::issue(&record, TokenKind::Auth, true, None)?;
    Ok(Answer::SignedIn(answer(call, record, token, proof.meta, expand).await?))
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

async fn wants_second_factor(call: &Call, record: &Record, rule: &str) -> Result<bool> {
    Ok(rule.is_empty() || satisfies(call, record, rule).await?)
}

async fn satisfies(call: &Call, record: &Record, rule: &str) -> Result<bool> {
    let schema = call.app.schema();
    let statement = call.app.planner().view(&schema, &record.collection, &call.info, record.id(), Some(rule))?;
    let pace = statement.pace.clone();
    Ok(call.db.read(&pace, move |conn| conn.rows(&statement, |_| Ok(()))).await? > 0)
}
