//! A new passkey of who is signed in.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value as Json, json};
use webauthn_rs::prelude::{CredentialID, Passkey, RegisterPublicKeyCredential};

use super::{ceremonies::Registration, enabled, handle, manage, named, owner, party::party};
use crate::{
    Error, FieldError, Kind, Result, clock, ids,
    query::Pace,
    schema::Record,
    service::App,
    store::system::passkeys::{self, Model},
};

/// Passkeys of one account.
const PER_ACCOUNT_MAX: usize = 20;

/// Begins to register a passkey: `{"id":…,"publicKey":…}`. The latter is what a browser's `navigator.credentials.create` takes.
///
/// # Errors
/// `Forbidden`: passkeys are off. `Invalid`: the account has as many as it may, or the server has no domain for passkeys.
pub async fn begin(app: &App, record: &Record) -> Result<Vec<u8>> {
    let party = party(app, enabled(&record.collection)?)?;
    let theirs = owner(record);
    let known = app.store().db().read(&Pace::default(), move |conn| passkeys::list(conn, &theirs)).await?;
    if known.len() >= PER_ACCOUNT_MAX {
        return Err(Error::invalid(format!("An account has {PER_ACCOUNT_MAX} passkeys at most: remove one first.")));
    }
    let exclude: Vec<CredentialID> =
        known.iter().filter_map(|passkey| URL_SAFE_NO_PAD.decode(&passkey.credential).ok()).collect();
    let name = manage::shown_name(record);
    let started = party.start_passkey_registration(handle(record), &name, &name, Some(exclude));
    let (challenge, state) = started.map_err(Error::internal)?;
    let mut options = serde_json::to_value(challenge.public_key).map_err(Error::internal)?;
    // Who signs in says no name, so the authenticator has to know it.
    options["authenticatorSelection"]["residentKey"] = "required".into();
    options["authenticatorSelection"]["requireResidentKey"] = true.into();
    let registration = Registration { collection: record.collection.id.clone(), record: record.id().to_owned(), state };
    let id = app.passkeys().open_registration(registration);
    Ok(json!({ "id": id, "publicKey": options }).to_string().into_bytes())
}

/// Registers what a browser's `navigator.credentials.create` made; answers the passkey as JSON.
///
/// # Errors
/// `Forbidden`: passkeys are off. `Invalid`: the challenge is not open, was somebody else's, or is not what was answered.
pub async fn finish(app: &App, record: &Record, id: &str, credential: &Json, name: &str) -> Result<Vec<u8>> {
    let party = party(app, enabled(&record.collection)?)?;
    let name = named(name)?;
    // Used up whatever comes of it.
    let open = app.passkeys().take_registration(id);
    let is_theirs = |open: &Registration| open.collection == record.collection.id && open.record == record.id();
    let open = open.filter(is_theirs).ok_or_else(|| refused("validation_invalid_challenge", "id"))?;
    let answer: RegisterPublicKeyCredential = serde_json::from_value(credential.clone())
        .map_err(|error| refused("validation_invalid_credential", "credential").caused_by(error))?;
    let passkey: Passkey = party
        .finish_passkey_registration(&answer, &open.state)
        .map_err(|error| refused("validation_invalid_credential", "credential").caused_by(error))?;
    let row = Model {
        id: ids::record_id(),
        credential: URL_SAFE_NO_PAD.encode(passkey.cred_id()),
        collection: open.collection,
        record: open.record,
        name,
        key: serde_json::to_string(&passkey).map_err(Error::internal)?,
        created: clock::now_text(),
        last_used: String::new(),
    };
    let (stored, theirs) = (row.clone(), owner(record));
    let db = app.store().db();
    let write = db.write(move |conn| {
        // Counted again where nothing comes in between.
        if passkeys::list(conn, &theirs)?.len() >= PER_ACCOUNT_MAX {
            return Err(Error::invalid(format!("An account has {PER_ACCOUNT_MAX} passkeys at most.")));
        }
        passkeys::insert(conn, stored)
    });
    write.await.map_err(|error| match (error.kind(), error.field_errors().is_empty()) {
        (Kind::Invalid, false) => refused("validation_not_unique", "credential").caused_by(error),
        _ => error,
    })?;
    Ok(manage::shown(&row).to_string().into_bytes())
}

fn refused(code: &'static str, field: &str) -> Error {
    let message = match code {
        "validation_invalid_challenge" => "The challenge is used up, too old, or not for this account.",
        "validation_not_unique" => "The passkey is registered already.",
        _ => "The passkey does not prove what it has to.",
    };
    Error::invalid("Failed to register the passkey.").field(field, FieldError::new(code, message))
}
