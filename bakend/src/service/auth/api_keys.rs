//! API keys: how machines sign in.
//!
//! A key is 256 random bits, so its hash need not be slow: nobody can try them all, and each request must be quick. What is stored
//! is SHA-256, which nobody can turn back into a key.

mod wish;

use std::sync::Arc;

use serde_json::{Value as Json, json};

use self::wish::{apply, beyond, end_of_key, grant, is_key, own_grant};
use super::{
    cache::SignedIn,
    credential::{Credential, CredentialKind},
    digest::digest,
    finish,
};
use crate::{
    Error, Result, clock, ids, limits,
    query::Pace,
    schema::{Collection, Record, Value, collection::SUPERUSERS_ID},
    service::{
        App,
        page::Page,
        records::{self, Call},
    },
    store::{
        Conn,
        system::{
            Owner,
            api_keys::{self, Model},
        },
    },
};

/// How every key begins, so that people and scanners know one when they see it.
pub const PREFIX: &str = "bak_";
/// Random characters of a key: 62^43 is more than 2^256.
const SECRET_CHARS: usize = 43;
/// Characters of a key that stay known, to recognise it by.
const SHOWN_CHARS: usize = 12;

/// Longest time that an auth rule's word about a key's account counts, in seconds: the rule may read other tables and the time, whose changes
/// nobody tells of here.
const VERDICT_SECONDS: i64 = 10;

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
    /// What it may do; see [`Grant`](crate::query::Grant).
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
    check_lasting(maker)?;
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
        hash: digest(&text),
        collection,
        record,
        maker_collection: maker.record.collection.id.clone(),
        maker: maker.record.id().to_owned(),
        created: now.clone(),
        // What a key makes ends with it, unless something else is said.
        expires: if is_key(maker) && maker.exp != i64::MAX {
            clock::text_of_unix_seconds(maker.exp)
        } else {
            String::new()
        },
        ..Model::default()
    };
    apply(app, maker, &mut key, wish)?;
    let stored = key.clone();
    let insert = move |conn: &Conn<'_>| {
        let owner = Owner::account(&stored.collection, &stored.record);
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

/// # Errors
/// `Forbidden`: the caller acts for somebody else for a time, which what is left behind would outlast.
fn check_lasting(caller: &SignedIn) -> Result<()> {
    if caller.refreshable || is_key(caller) {
        return Ok(());
    }
    Err(Error::forbidden("Who acts as somebody else for a time makes and changes no keys in their name."))
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
    check_lasting(caller)?;
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
    let hash = digest(text);
    let Some(key) = by_hash(app, &hash).await? else { return Ok(None) };
    let moment = app.auth_cache().moment(&key.collection, &owner_id(&key));
    // Only now is known whose change would end it: what happened in between is seen by looking again.
    let Some(key) = by_hash(app, &hash).await? else { return Ok(None) };
    let exp = end_of_key(&key);
    if exp <= clock::now_unix_seconds() {
        return Ok(None);
    }
    let Some(record) = acts_as(app, &key).await? else { return Ok(None) };
    let grant = Arc::new(grant(&key.scopes)?);
    let by = Credential::new(CredentialKind::Key, key.id, Some(grant), &key.last_used);
    let signed_in = SignedIn { record: Arc::new(record), exp, refreshable: false, by: Some(Arc::new(by)) };
    app.auth_cache().insert(text, signed_in.clone(), moment, clock::now_unix_seconds() + VERDICT_SECONDS);
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

/// Whose changes end what is remembered of a key: its account, or itself.
fn owner_id(key: &Model) -> String {
    if key.collection.is_empty() { key.id.clone() } else { key.record.clone() }
}

fn forget(app: &App, key: &Model) {
    app.auth_cache().invalidate(&key.collection, &owner_id(key));
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
