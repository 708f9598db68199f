//! Signing in with a password, staying signed in, and signing in as somebody else.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::{
    cache::SignedIn,
    finish::{Answer, Method, Proof, allowed, answer, finish, options},
    hooks::{self, AuthAction},
    password, sessions,
    token::{self, TokenKind},
};
use crate::{
    Error, FieldError, FieldErrors, Result, limits,
    query::{Context, RequestInfo},
    schema::{Collection, Record, Value, auth_options::AuthOptions},
    service::{
        App,
        rates::Known,
        records::{self, Call},
    },
    store::{self, records::Change},
};

const REFUSED: &str = "An error occurred while validating the submitted data.";

/// What is sent to sign in.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// The value of one of the collection's identity fields.
    pub identity: String,
    /// Plain.
    pub password: String,
    /// The only identity field to look in; `""`: all of them, in order.
    pub identity_field: String,
}

/// Signs in with a password; `mfa_id` names the first factor when this is the second.
///
/// # Errors
/// - `Invalid` with field errors: something is missing or too long; without: identity or password is wrong.
/// - `Forbidden`: password sign-in is off, or the auth rule refuses the record.
/// - `RateLimited`: too many sign-ins at once, or too many wrong passwords for this account.
pub async fn with_password(
    call: &Call,
    collection: &Arc<Collection>,
    credentials: &Credentials,
    mfa_id: &str,
    expand: &str,
) -> Result<Answer> {
    let auth = options(collection)?;
    if !auth.password_auth.enabled {
        let message = "The collection is not configured to allow password authentication.";
        return Err(Error::forbidden(message));
    }
    check(credentials, auth)?;
    let address = call.client.as_ref().map(|client| client.address);
    let found = find(call, collection, auth, credentials).await?;
    let known = if found.is_some() { Known::Account } else { Known::Nobody };
    let guess = call.app.guesses().take(known, &collection.id, &credentials.identity, address)?;
    let hash = found.as_ref().map(|record| record.text("password").to_owned()).unwrap_or_default();
    let fits = match password::verify(&credentials.password, &hash).await {
        Ok(fits) => fits,
        Err(error) => {
            guess.take_back();
            return Err(error);
        }
    };
    let Some(record) = found.filter(|_| fits) else { return Err(Error::invalid("Failed to authenticate.")) };
    guess.take_back();
    let call = in_context(call, Context::Password);
    let record = match password::is_outdated(&hash) {
        true => rehashed(&call, record, &credentials.password).await?,
        false => record,
    };
    finish(&call, Proof::of(record, Method::Password), mfa_id, expand).await
}

/// A fresh token for who is signed in; a token that is not refreshable comes back as it is.
///
/// # Errors
/// `Forbidden`: the auth rule refuses the record by now, or an API key asks.
pub async fn refresh(call: &Call, signed_in: &SignedIn, sent: &str, expand: &str) -> Result<Vec<u8>> {
    if signed_in.by.as_ref().is_some_and(|by| by.is_key()) {
        return Err(Error::forbidden("An API key is not exchanged for a token: send the key itself."));
    }
    let record = (*signed_in.record).clone();
    allowed(call, &record).await?;
    hooks::agree(call, AuthAction::Refresh, &record).await?;
    let token = match signed_in.refreshable {
        true => sessions::go_on(call, signed_in).await?,
        false => sent.to_owned(),
    };
    let answer = answer(call, record, token, None, expand).await?;
    hooks::after(call, AuthAction::Refresh, &signed_in.record).await;
    Ok(answer)
}

/// A token to act as a record, for superusers; `seconds` 0: as long as the collection says.
///
/// # Errors
/// - `NotFound`: there is no such record.
/// - `Invalid`: `seconds` is negative.
pub async fn impersonate(
    call: &Call,
    collection: &Arc<Collection>,
    id: &str,
    seconds: i64,
    expand: &str,
) -> Result<Vec<u8>> {
    let schema = call.app.schema();
    let record = records::find(&call.db, call.app.planner(), &schema, collection, id).await?;
    let record = record.ok_or_else(Error::not_found)?;
    if seconds < 0 {
        let error = FieldError::new("validation_min_greater_equal_than_required", "Must be no less than 0.");
        return Err(Error::invalid(REFUSED).field("duration", error.with("threshold", 0)));
    }
    let life = (seconds > 0).then_some(seconds);
    let token = sessions::begin(call, &record, sessions::IMPERSONATE, false, life).await?;
    answer(call, record, token, None, expand).await
}

/// A short-lived token for protected files: `{"token":…}`. It ends with the session, if not before.
///
/// # Errors
/// `Internal` when the record cannot sign.
pub fn file_token(signed_in: &SignedIn) -> Result<Vec<u8>> {
    let record = &signed_in.record;
    let session = signed_in.by.as_ref().and_then(|by| by.session());
    let exp = token::end(record, TokenKind::File, None)?;
    let token = token::issue_in_session(record, TokenKind::File, false, exp, session)?;
    Ok(Json::Object(Map::from_iter([("token".to_owned(), token.into())])).to_string().into_bytes())
}

fn check(credentials: &Credentials, auth: &AuthOptions) -> Result<()> {
    let mut errors = FieldErrors::new();
    for (name, value) in [("identity", &credentials.identity), ("password", &credentials.password)] {
        let max = limits::CREDENTIAL_MAX_CHARS;
        if value.is_empty() {
            errors.add(name, FieldError::required());
        } else if value.chars().count() > max {
            let message = format!("The length must be between 1 and {max}.");
            let error = FieldError::new("validation_length_out_of_range", message);
            errors.add(name, error.with("max", max).with("min", 1));
        }
    }
    let field = &credentials.identity_field;
    if !field.is_empty() && !auth.password_auth.identity_fields.contains(field) {
        errors.add("identityField", FieldError::new("validation_in_invalid", "Must be a valid value."));
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::invalid(REFUSED).fields(errors)) }
}

async fn find(
    call: &Call,
    collection: &Arc<Collection>,
    auth: &AuthOptions,
    credentials: &Credentials,
) -> Result<Option<Record>> {
    let mut fields: Vec<&str> = auth.password_auth.identity_fields.iter().map(String::as_str).collect();
    if !credentials.identity_field.is_empty() {
        fields.retain(|field| *field == credentials.identity_field);
    } else if looks_like_email(&credentials.identity) {
        fields.sort_by_key(|field| *field != "email");
    }
    let schema = call.app.schema();
    for field in fields.into_iter().filter(|field| collection.position(field).is_some()) {
        let identity = &credentials.identity;
        let found = records::find_by(&call.db, call.app.planner(), &schema, collection, field, identity).await?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn looks_like_email(text: &str) -> bool {
    text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
}

/// The call with rules that see by which method somebody signs in.
pub(super) fn in_context(call: &Call, context: Context) -> Call {
    Call { info: Arc::new(RequestInfo { context, ..(*call.info).clone() }), ..call.clone() }
}

/// Gives a record a hash of today's kind; its tokens stay valid.
async fn rehashed(call: &Call, record: Record, plain: &str) -> Result<Record> {
    let hash = password::hash(plain).await?;
    let old = record.text("password").to_owned();
    let mut renewed = record.clone();
    renewed.set("password", Value::Text(hash));
    let at = record.collection.position("password").ok_or_else(|| Error::internal("no password field"))?;
    let (collection, id, value) = (Arc::clone(&record.collection), record.id().to_owned(), renewed.values[at].clone());
    let (app, reader) = (call.app.clone(), RequestInfo::default());
    let written = call.db.write(move |conn| {
        // Whoever changed the password meanwhile wins.
        let statement = app.planner().view(&app.schema(), &collection, &reader, &id, None)?;
        let mut unchanged = false;
        conn.rows(&statement, |row| {
            unchanged = collection.fields[at].read(row.get(at)?).as_text() == Some(&old);
            Ok(())
        })?;
        if unchanged {
            store::records::update(conn, &collection, &id, &[(at, Change::Set(&value))])?;
        }
        Ok(())
    });
    match written.await {
        Ok(()) => {
            forget(&call.app, &renewed);
            Ok(renewed)
        }
        // The sign-in is good without it; the next one tries again.
        Err(error) => {
            tracing::warn!(?error, "an outdated password hash could not be replaced");
            Ok(record)
        }
    }
}

fn forget(app: &App, record: &Record) {
    app.record_changed(&record.collection, record.id());
}
