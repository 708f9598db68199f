//! Which record somebody at a provider is: found, linked or made, in one transaction.

use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::{Code, avatar, profile::Profile};
use crate::{
    Error, FieldError, FieldErrors, Kind, Result,
    query::{ListSpec, RequestInfo},
    schema::{Collection, FieldKind, Record, Value, auth_options::OAuth2Mapping, index},
    service::{
        auth::{finish::options, owned, password},
        records::{self, Call, Deferred, Upload},
    },
};

/// Rows that link a person at a provider to a record.
const LINKS: &str = "_externalAuths";
/// The link of a person; values come with the request, so that the plan stays the same.
const OF_PERSON: &str = "collectionRef = @request.query.collection && provider = @request.query.provider && providerId = @request.query.person";
/// Links of one record that are looked at: more than there are providers.
const LINKS_MAX: u64 = 1000;
/// How often somebody who was not there may turn out to be there by now: two first sign-ins at once.
const TRIES: usize = 3;

/// The record of a person.
pub(super) struct Linked {
    pub record: Record,
    /// Whether it was made just now.
    pub is_new: bool,
}

/// The record that a person signs in as; `call` tells who asks.
///
/// # Errors
/// - `Forbidden`: the record would be new, and the create rule is locked or the collection is that of superusers.
/// - `Invalid`: the new record is refused.
pub(super) async fn record(
    call: &Call,
    collection: &Arc<Collection>,
    profile: &Profile,
    code: &Code,
) -> Result<Linked> {
    let mut tries = 1;
    loop {
        // Pictures come over the network, which no transaction waits for.
        let picture = match find(call, collection, profile, &code.provider).await? {
            Some(_) => None,
            None => avatar::fetch(call, collection, profile, &code.create_data).await,
        };
        match linked(call, collection, profile, code, picture).await {
            Err(error) if tries < TRIES && is_taken(&error) => tries += 1,
            outcome => return outcome,
        }
    }
}

/// Whether somebody was there first: with the link, or with the address of the record that it would be for.
fn is_taken(error: &Error) -> bool {
    let FieldErrors::Tree(tree) = error.field_errors() else { return false };
    tree.values().any(|field| matches!(field, FieldErrors::Leaf(leaf) if leaf.code == FieldError::not_unique().code))
}

/// A record, and how it turned out to be the person's.
struct Found {
    record: Record,
    way: Way,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// The person is linked to it.
    Link,
    /// It asks for the link itself.
    Caller,
    /// It has the person's address, as the collection compares addresses.
    Address,
}

async fn find(call: &Call, collection: &Arc<Collection>, profile: &Profile, provider: &str) -> Result<Option<Found>> {
    let schema = call.app.schema();
    let query = [("collection", collection.id.as_str()), ("provider", provider), ("person", profile.id.as_str())];
    for link in links(call, OF_PERSON, &query).await? {
        let id = link.text("recordRef").to_owned();
        if let Some(record) = records::find(&call.db, call.app.planner(), &schema, collection, &id).await? {
            return Ok(Some(Found { record, way: Way::Link }));
        }
        // A link to nobody keeps the person from signing in for ever.
        gone_is_fine(records::remove(call, link).await)?;
    }
    if let Some(caller) = call.info.auth.as_ref().filter(|caller| caller.collection.id == collection.id) {
        let record = records::find(&call.db, call.app.planner(), &schema, collection, caller.id()).await?;
        return Ok(record.map(|record| Found { record, way: Way::Caller }));
    }
    if profile.email.is_empty() {
        return Ok(None);
    }
    let found = records::find_by(&call.db, call.app.planner(), &schema, collection, "email", &profile.email).await?;
    Ok(found.map(|record| Found { record, way: Way::Address }))
}

async fn links(call: &Call, rule: &str, query: &[(&str, &str)]) -> Result<Vec<Record>> {
    let schema = call.app.schema();
    let collection = schema.find(LINKS).ok_or_else(|| Error::internal("the collection of links is missing"))?;
    let query = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let values = RequestInfo { query, ..RequestInfo::default() };
    let spec = ListSpec { rule: Some(rule), limit: u64::from(u32::MAX), ..ListSpec::default() };
    let statement = call.app.planner().list(&schema, collection, &values, &spec)?;
    records::find_all(&call.db, statement, collection).await
}

async fn linked(
    call: &Call,
    collection: &Arc<Collection>,
    profile: &Profile,
    code: &Code,
    picture: Option<Upload>,
) -> Result<Linked> {
    let tx = call.db.begin_held().await?;
    let deferred = Deferred::default();
    let inner = Call { db: tx.db(), deferred: Some(deferred.clone()), ..call.clone() };
    // Only now does nobody else write: what was there before may be gone or different.
    let work = async {
        match find(&inner, collection, profile, &code.provider).await? {
            Some(found) => admit(&inner, profile, &code.provider, found).await,
            None => welcome(&inner, collection, profile, code, picture).await,
        }
    };
    let outcome = tx.hold(work).await;
    deferred.ended(tx, outcome).await
}

/// Somebody whose record is there. An address that nobody has proved may belong to a stranger who registered it first and waits: their
/// password, their links and every other way in end before the owner comes in.
async fn admit(call: &Call, profile: &Profile, provider: &str, found: Found) -> Result<Linked> {
    let Found { mut record, way } = found;
    let email = record.text("email").to_owned();
    let is_caller = call
        .info
        .auth
        .as_ref()
        .is_some_and(|caller| caller.id() == record.id() && caller.collection.id == record.collection.id);
    let is_verified = record.flag("verified");
    // Who is signed in keeps what they set up, and so does who never claimed an address.
    let may_be_stranger = !is_verified && !is_caller && !email.is_empty();
    let takes_address = email.is_empty() && !profile.email.is_empty();
    let is_proved = !is_verified && (email.is_empty() || email == profile.email || way == Way::Address);
    if is_proved {
        for link in owned::newest(call, LINKS, &record, LINKS_MAX).await? {
            gone_is_fine(records::remove(call, link).await)?;
        }
    }
    if may_be_stranger || takes_address || is_proved {
        let change = |record: &mut Record| {
            if may_be_stranger {
                record.set("password", Value::Text(password::random()));
            }
            if takes_address {
                record.set("email", Value::Text(profile.email.clone()));
            }
            if is_proved {
                record.set("verified", Value::Bool(true));
                // Every token of before ends.
                record.set("tokenKey", Value::Text(String::new()));
            }
        };
        let saved = match may_be_stranger {
            true => records::save_for_owner(call, record, change).await,
            false => records::save(call, record, change).await,
        };
        record = saved.map_err(failed)?;
    }
    if is_proved || way != Way::Link {
        save_link(call, &record, provider, &profile.id).await?;
    }
    Ok(Linked { record, is_new: false })
}

/// Somebody new.
async fn welcome(
    call: &Call,
    collection: &Arc<Collection>,
    profile: &Profile,
    code: &Code,
    picture: Option<Upload>,
) -> Result<Linked> {
    if collection.is_superusers() {
        return Err(Error::forbidden("Superusers cannot be created by OAuth2."));
    }
    let body = form(call, collection, profile, &code.create_data).await?;
    let uploads = picture.into_iter().collect();
    let mut record = records::create_record(call, collection, body, uploads).await?;
    // Where there is no address at all, there is none to be proved.
    if record.text("email") == profile.email && !record.flag("verified") {
        let change = |record: &mut Record| {
            record.set("verified", Value::Bool(true));
        };
        record = records::save(call, record, change).await?;
    }
    save_link(call, &record, &code.provider, &profile.id).await?;
    Ok(Linked { record, is_new: true })
}

/// What the new record is made of: what the client sent, and what the provider tells for what it did not.
async fn form(
    call: &Call,
    collection: &Arc<Collection>,
    profile: &Profile,
    sent: &Map<String, Json>,
) -> Result<Map<String, Json>> {
    let mut body = sent.clone();
    let is_blank = |value: Option<&Json>| value.is_none_or(|value| value.is_null() || value == "");
    if is_blank(body.get("email")) {
        body.insert("email".to_owned(), profile.email.clone().into());
    }
    if is_blank(body.get("password")) {
        let unknown = password::random();
        body.insert("password".to_owned(), unknown.clone().into());
        body.insert("passwordConfirm".to_owned(), unknown.into());
    }
    let OAuth2Mapping { id, name, username, avatar_url } = &options(collection)?.oauth2.mapped_fields;
    let plain = [(id, &profile.id), (name, &profile.name), (avatar_url, &profile.avatar_url)];
    for (field, value) in plain {
        let is_file = collection.field(field).is_some_and(|field| matches!(field.kind, FieldKind::File(_)));
        if !field.is_empty() && !is_file && !body.contains_key(field) {
            body.insert(field.clone(), value.clone().into());
        }
    }
    if !username.is_empty() && !body.contains_key(username) && is_free(call, collection, username, profile).await? {
        body.insert(username.clone(), profile.username.clone().into());
    }
    Ok(body)
}

/// Whether the field takes the user name, and nobody has it.
async fn is_free(call: &Call, collection: &Arc<Collection>, field: &str, profile: &Profile) -> Result<bool> {
    let Some(known) = collection.field(field) else { return Ok(false) };
    let value = known.decode(&Json::from(profile.username.clone()));
    if profile.username.is_empty() || known.check(&value).is_err() {
        return Ok(false);
    }
    if !index::is_unique_alone(&collection.indexes, field) {
        return Ok(true);
    }
    let (planner, schema) = (call.app.planner(), call.app.schema());
    Ok(records::find_by(&call.db, planner, &schema, collection, field, &profile.username).await?.is_none())
}

async fn save_link(call: &Call, record: &Record, provider: &str, person: &str) -> Result<()> {
    let mut link = owned::new(&call.app, LINKS, record)?;
    link.set("provider", Value::Text(provider.to_owned()));
    link.set("providerId", Value::Text(person.to_owned()));
    records::save_new(call, link).await.map(drop).map_err(failed)
}

/// What is refused here, nobody has sent.
fn failed(error: Error) -> Error {
    match error.kind() {
        Kind::Invalid => error.message_set("Failed to authenticate."),
        _ => error,
    }
}

fn gone_is_fine(outcome: Result<()>) -> Result<()> {
    outcome.or_else(|error| if error.kind() == Kind::NotFound { Ok(()) } else { Err(error) })
}
