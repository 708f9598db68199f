//! Signing in with a passkey: the authenticator says who it is.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value as Json, json};
use webauthn_rs::prelude::{Passkey, PublicKeyCredential};

use super::{ceremonies::SignIn, enabled, handle, party::party};
use crate::{
    Error, Result, clock,
    query::Pace,
    schema::{Collection, Record},
    service::{
        App,
        auth::finish::{Answer, Method, Proof, finish},
        records::{self, Call},
    },
    store::system::passkeys::{self, Model},
};

/// Begins to sign in: `{"id":…,"publicKey":…}`. The latter is what a browser's `navigator.credentials.get` takes.
///
/// # Errors
/// `Forbidden`: passkeys are off. `Invalid`: the server has no domain for passkeys.
pub fn begin_sign_in(app: &App, collection: &Collection) -> Result<Vec<u8>> {
    let party = party(app, enabled(collection)?)?;
    let (challenge, state) = party.start_discoverable_authentication().map_err(Error::internal)?;
    let id = app.passkeys().open_sign_in(SignIn { collection: collection.id.clone(), state });
    Ok(json!({ "id": id, "publicKey": challenge.public_key }).to_string().into_bytes())
}

/// Signs in with what a browser's `navigator.credentials.get` answered.
///
/// # Errors
/// - `Forbidden`: passkeys are off, or the auth rule refuses the record.
/// - `Invalid`: the challenge is not open, or the passkey is not known, not this collection's, a copy, or proves nothing; which of these is
///   not told. Or as of [`finish`].
pub async fn with_passkey(
    call: &Call,
    collection: &Arc<Collection>,
    id: &str,
    credential: &Json,
    mfa_id: &str,
    expand: &str,
) -> Result<Answer> {
    let party = party(&call.app, enabled(collection)?)?;
    // Used up whatever comes of it.
    let open = call.app.passkeys().take_sign_in(id).filter(|open| open.collection == collection.id);
    let open = open.ok_or_else(|| refused("the challenge is not open"))?;
    let answer: PublicKeyCredential = serde_json::from_value(credential.clone()).map_err(refused)?;
    let (user, name) = party.identify_discoverable_authentication(&answer).map_err(refused)?;
    let (row, record) = find(call, collection, name).await?.ok_or_else(|| refused("the passkey is not known"))?;
    if handle(&record) != user {
        return Err(refused("the passkey is somebody else's"));
    }
    let mut passkey: Passkey = serde_json::from_str(&row.key).map_err(Error::internal)?;
    let proven = party.finish_discoverable_authentication_v2(&answer, open.state, &passkey).map_err(refused)?;
    if !proven.user_verified() {
        return Err(refused("the authenticator has not asked who holds it"));
    }
    passkey.update_credential(&proven);
    let after = serde_json::to_string(&passkey).map_err(Error::internal)?;
    let (id, before, now) = (row.id, row.key, clock::now_text());
    // A counter that two sign-ins at once have moved may be that of a copy.
    if !call.db.write(move |conn| passkeys::note_use(conn, &id, &before, &after, &now)).await? {
        return Err(refused("the passkey was used elsewhere meanwhile"));
    }
    finish(call, Proof::of(record, Method::Passkey), mfa_id, expand).await
}

async fn find(call: &Call, collection: &Arc<Collection>, name: &[u8]) -> Result<Option<(Model, Record)>> {
    let name = URL_SAFE_NO_PAD.encode(name);
    let row = call.db.read(&Pace::default(), move |conn| passkeys::find(conn, &name)).await?;
    let Some(row) = row.filter(|row| row.collection == collection.id) else { return Ok(None) };
    let schema = call.app.schema();
    let record = records::find(&call.db, call.app.planner(), &schema, collection, &row.record).await?;
    Ok(record.map(|record| (row, record)))
}

fn refused(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::invalid("Failed to authenticate.").caused_by(why)
}
