//! API keys: how machines sign in.
//!
//! A key is 256 random bits, so its hash need not be slow: nobody can try them all, and each request must be quick. What is stored
//! is SHA-256, which nobody can turn back into a key.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use sha2::{Digest as _, Sha256};

use super::{
    cache::SignedIn,
    credential::{Credential, CredentialKind},
    finish,
};
use crate::{
    Error, FieldError, FieldErrors, Result, clock, ids, limits,
    query::{Grant, Pace},
    schema::{Collection, Record, Value, collection::SUPERUSERS_ID},
    service::{
        App,
        page::Page,
        records::{self, Call},
    },
    store::{
        Conn,
        system::{
            api_keys::{self, Model},
            sessions::Owner,
        },
    },
};

/// How every key begins, so that people and scanners know one when they see it.
pub const PREFIX: &str = "bak_";
/// Random characters of a key: 62^43 is more than 2^256.
const SECRET_CHARS: usize = 43;
/// Characters of a key that stay known, to recognise it by.
const SHOWN_CHARS: usize = 12;

const REFUSED: &str = "An error occurred while validating the submitted data.";

/// For whom a key acts.
#[derive(Clone, Debug)]
pub enum For {
    /// An account.
    Account(Record),
    /// Nobody but itself: a superuser within its scopes, whoever comes and goes.
    Service,
}

/// What can be said of a key; `None`: as it is.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// What people call it.
    pub name: Option<String>,
    /// What it may do; see [`Grant`].
    pub scopes: Option<Vec<String>>,
    /// When it ends, as the wire writes time; `""`: never.
    pub expires: Option<String>,
}

/// Makes a key; the answer holds the key itself, which nobody can see again.
///
/// # Errors
/// - `Invalid` with field errors: name, scopes or end are refused, or the account has too many keys.
/// - `Forbidden`: the caller acts for somebody else only for a time, or is a key that may do less than the new one.
pub async fn create(app: &App, maker: &SignedIn, whose: For, wish: Wish) -> Result<Vec<u8>> {
    if !maker.refreshable && !is_key(maker) {
        return Err(Error::forbidden("Who acts as somebody else for a time makes no keys in their name."));
    }
    let now = clock::now_text();
    let wish =
        Wish { name: Some(wish.name.unwrap_or_default()), scopes: Some(wish.scopes.unwrap_or_default()), ..wish };
    let (collection, record) = match &whose {
        For::Account(record) => (record.collection.id.clone(), record.id().to_owned()),
        For::Service => Default::default(),
    };
    let text = format!("{PREFIX}{}", ids::random_text(SECRET_CHARS, ids::SECRET_ALPHABET));
    let mut key = Model {
        id: ids::record_id(),
        prefix: text[..SHOWN_CHARS].to_owned(),
        hash: hash(&text),
        collection,
        record,
        maker_collection: maker.record.collection.id.clone(),
        maker: maker.record.id().to_owned(),
        created: now.clone(),
        ..Model::default()
    };
    apply(app, maker, &mut key, wish)?;
    let stored = key.clone();
    let insert = move |conn: &Conn<'_>| {
        let owner = Owner { collection: stored.collection.clone(), record: Some(stored.record.clone()) };
        let has_room = api_keys::count_of(conn, &owner)? < limits::API_KEYS_PER_ACCOUNT_MAX;
        if has_room { api_keys::insert(conn, stored).map(|()| true) } else { Ok(false) }
    };
    if !app.store().db().write(insert).await? {
        let message = format!("There are {} keys already; end one first.", limits::API_KEYS_PER_ACCOUNT_MAX);
        return Err(Error::invalid(message));
    }
    let mut answer = shown(app, &key);
    answer["key"] = text.into();
    Ok(answer.to_string().into_bytes())
}

/// A page of keys as JSON, the newest first. `None`: everybody's.
///
/// # Errors
/// Those of the database.
pub async fn list(app: &App, owner: Option<Owner>, page: &Page) -> Result<Vec<u8>> {
    let (limit, offset) = (page.limit(), page.offset());
    let read = move |conn: &Conn<'_>| api_keys::list(conn, owner.as_ref(), limit, offset);
    let (found, total) = app.store().db().read(&Pace::default(), read).await?;
    Ok(page.to_json(found.iter().map(|key| shown(app, key)).collect(), total))
}

/// One key as JSON.
///
/// # Errors
/// `NotFound`: there is none with this id, or it is somebody else's and no superuser asks.
pub async fn view(app: &App, caller: &SignedIn, id: &str) -> Result<Vec<u8>> {
    Ok(shown(app, &find(app, caller, id).await?).to_string().into_bytes())
}

/// Changes name, scopes or end of a key; counts from the next request on.
///
/// # Errors
/// As [`view`], and as [`create`].
pub async fn update(app: &App, caller: &SignedIn, id: &str, wish: Wish) -> Result<Vec<u8>> {
    let mut key = find(app, caller, id).await?;
    if let Some(own) = own_grant(caller)
        && !own.covers(&grant(&key.scopes)?)
    {
        return Err(beyond());
    }
    apply(app, caller, &mut key, wish)?;
    let stored = key.clone();
    let changed = app.store().db().write(move |conn| api_keys::update(conn, &stored)).await?;
    forget(app, &key);
    if changed { Ok(shown(app, &key).to_string().into_bytes()) } else { Err(Error::not_found()) }
}

/// Ends a key: it is refused from now on.
///
/// # Errors
/// As [`view`].
pub async fn end(app: &App, caller: &SignedIn, id: &str) -> Result<()> {
    let key = find(app, caller, id).await?;
    let id = key.id.clone();
    let ended = app.store().db().write(move |conn| api_keys::delete(conn, &id)).await?;
    forget(app, &key);
    if ended { Ok(()) } else { Err(Error::not_found()) }
}

/// Who a key stands for; `None`: it is none, has ended, or its account may not sign in.
///
/// # Errors
/// Only those of the database.
pub(super) async fn prove(app: &App, text: &str) -> Result<Option<SignedIn>> {
    if text.len() != PREFIX.len() + SECRET_CHARS {
        return Ok(None);
    }
    let hash = hash(text);
    let Some(key) = by_hash(app, &hash).await? else { return Ok(None) };
    let moment = app.auth_cache().moment(&key.collection, &owner_id(&key));
    // Only now is known whose change would end it: what happened in between is seen by looking again.
    let Some(key) = by_hash(app, &hash).await? else { return Ok(None) };
    let exp = if key.expires.is_empty() { i64::MAX } else { clock::unix_seconds(&key.expires).unwrap_or_default() };
    if exp <= clock::now_unix_seconds() {
        return Ok(None);
    }
    let Some(record) = acts_as(app, &key).await? else { return Ok(None) };
    let grant = Arc::new(grant(&key.scopes)?);
    let by = Credential::new(CredentialKind::Key, key.id, Some(grant), &key.last_used);
    let signed_in = SignedIn { record: Arc::new(record), exp, refreshable: false, by: Some(Arc::new(by)) };
    app.auth_cache().insert(text, signed_in.clone(), moment);
    Ok(Some(signed_in))
}

async fn by_hash(app: &App, hash: &str) -> Result<Option<Model>> {
    let hash = hash.to_owned();
    app.store().db().read(&Pace::default(), move |conn| api_keys::find_by_hash(conn, &hash)).await
}

/// The account of a key, if its collection's auth rule would let it in now; of a service key, a superuser with the id of the key.
async fn acts_as(app: &App, key: &Model) -> Result<Option<Record>> {
    let schema = app.schema();
    if key.collection.is_empty() {
        let superusers = schema.by_id(SUPERUSERS_ID).ok_or_else(|| Error::internal("superusers are missing"))?;
        let mut record = Record::new(Arc::clone(superusers));
        record.set("id", Value::Text(key.id.clone()));
        record.set("verified", Value::Bool(true));
        return Ok(Some(record));
    }
    let Some(collection) = schema.by_id(&key.collection).filter(|collection| collection.is_auth()) else {
        return Ok(None);
    };
    let Some(record) = records::find(&app.store().db(), app.planner(), &schema, collection, &key.record).await? else {
        return Ok(None);
    };
    match finish::allowed(&Call::system(app), &record).await {
        Ok(()) => Ok(Some(record)),
        Err(error) if error.kind() == crate::Kind::Forbidden => Ok(None),
        Err(error) => Err(error),
    }
}

async fn find(app: &App, caller: &SignedIn, id: &str) -> Result<Model> {
    let id = id.to_owned();
    let found = app.store().db().read(&Pace::default(), move |conn| api_keys::find(conn, &id)).await?;
    let own = &caller.record;
    let is_own = |key: &Model| key.record == own.id() && key.collection == own.collection.id;
    found.filter(|key| own.is_superuser() || is_own(key)).ok_or_else(Error::not_found)
}

/// Checks a wish and puts it into a key.
fn apply(app: &App, caller: &SignedIn, key: &mut Model, wish: Wish) -> Result<()> {
    let mut errors = FieldErrors::new();
    if let Some(name) = wish.name {
        errors.check("name", check_name(&name));
        key.name = name;
    }
    if let Some(scopes) = wish.scopes {
        match understood(app, &scopes) {
            Ok(grant) if own_grant(caller).is_some_and(|own| !own.covers(&grant)) => return Err(beyond()),
            // Stored by the ids of collections: a new name changes nothing, and no other collection can take an old one's place.
            Ok(grant) => key.scopes = Json::from(grant.scopes(str::to_owned)).to_string(),
            Err(wrong) => errors.add("scopes", wrong),
        }
    }
    if let Some(expires) = wish.expires {
        match end_of(&expires) {
            Ok(end) => key.expires = end,
            Err(error) => errors.add("expires", error),
        }
    }
    key.updated = clock::now_text();
    if errors.is_empty() { Ok(()) } else { Err(Error::invalid(REFUSED).fields(errors)) }
}

fn check_name(name: &str) -> Result<(), FieldError> {
    let max = limits::API_KEY_NAME_MAX_CHARS;
    if name.trim().is_empty() {
        return Err(FieldError::required());
    }
    if name.chars().count() <= max {
        return Ok(());
    }
    let message = format!("The length must be between 1 and {max}.");
    Err(FieldError::new("validation_length_out_of_range", message).with("max", max).with("min", 1))
}

fn understood(app: &App, scopes: &[String]) -> Result<Grant, FieldErrors> {
    if scopes.is_empty() {
        return Err(FieldError::required().into());
    }
    let max = limits::API_KEY_SCOPES_MAX;
    if scopes.len() > max {
        let error = FieldError::new("validation_length_too_long", format!("The length must be no more than {max}."));
        return Err(error.with("max", max).with("min", 1).into());
    }
    let schema = app.schema();
    let id_of = |name: &str| schema.find(name).map(|collection| collection.id.clone());
    Grant::parse(scopes.iter().map(String::as_str), id_of).map_err(|at| {
        let message = "Must be *, COLLECTION:ACTION, account, keys, sessions or settings; \
                       an action is list, view, create, update, delete or *.";
        FieldErrors::one(at.to_string(), FieldError::new("validation_invalid_scope", message))
    })
}

fn end_of(text: &str) -> Result<String, FieldError> {
    if text.is_empty() {
        return Ok(String::new());
    }
    let wrong =
        || FieldError::new("validation_invalid_date", "Must be a date and time, as in 2030-01-01 00:00:00.000Z.");
    let seconds = clock::unix_seconds(text).ok_or_else(wrong)?;
    if seconds <= clock::now_unix_seconds() {
        return Err(FieldError::new("validation_date_in_past", "Must be in the future."));
    }
    Ok(clock::text_of_unix_seconds(seconds))
}

/// What a key that asks may do itself; `None`: no key asks.
fn own_grant(caller: &SignedIn) -> Option<&Grant> {
    caller.by.as_ref()?.grant.as_deref()
}

fn is_key(caller: &SignedIn) -> bool {
    caller.by.as_ref().is_some_and(|by| by.is_key())
}

fn beyond() -> Error {
    Error::forbidden("An API key manages only keys that may do no more than itself.")
}

/// The scopes as they are stored. One that is damaged allows nothing.
fn grant(stored: &str) -> Result<Grant> {
    let scopes: Vec<String> = serde_json::from_str(stored).map_err(Error::internal)?;
    Grant::parse(scopes.iter().map(String::as_str), |id| Some(id.to_owned()))
        .map_err(|at| Error::internal(format!("scope {at} of a stored API key is damaged")))
}

/// Whose changes end what is remembered of a key: its account, or itself.
fn owner_id(key: &Model) -> String {
    if key.collection.is_empty() { key.id.clone() } else { key.record.clone() }
}

fn forget(app: &App, key: &Model) {
    app.auth_cache().invalidate(&key.collection, &owner_id(key));
}

fn hash(text: &str) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().fold(String::with_capacity(64), |mut out, byte| {
        write!(out, "{byte:02x}").expect("writing to a String cannot fail");
        out
    })
}

fn shown(app: &App, key: &Model) -> Json {
    let schema = app.schema();
    let name_of = |id: &str| {
        schema.by_id(id).map_or_else(|| id.to_owned(), |collection: &Arc<Collection>| collection.name.clone())
    };
    let scopes = grant(&key.scopes).map(|grant| grant.scopes(name_of)).unwrap_or_default();
    json!({
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "service": key.collection.is_empty(),
        "collectionId": key.collection,
        "collectionName": schema.by_id(&key.collection).map_or("", |collection| collection.name.as_str()),
        "recordId": key.record,
        "createdBy": {"collectionId": key.maker_collection, "recordId": key.maker},
        "scopes": scopes,
        "created": key.created,
        "updated": key.updated,
        "lastUsed": key.last_used,
        "expires": key.expires,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_that_of_the_whole_key() {
        assert_eq!(hash("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_ne!(hash("bak_a"), hash("bak_b"));
    }

    #[test]
    fn an_end_is_a_moment_to_come() {
        assert_eq!(end_of("").as_deref(), Ok(""));
        assert_eq!(end_of("2999-01-01T00:00:00Z").as_deref(), Ok("2999-01-01 00:00:00.000Z"));
        for (text, code) in
            [("soon", "validation_invalid_date"), ("2001-01-01 00:00:00.000Z", "validation_date_in_past")]
        {
            assert_eq!(end_of(text).map_err(|error| error.code), Err(code), "{text}");
        }
    }

    #[test]
    fn a_damaged_scope_is_an_error_not_a_right() {
        assert!(grant("[\"posts\"]").is_err() && grant("nonsense").is_err());
        assert!(grant("[]").is_ok_and(|grant| grant.is_empty()));
    }
}
