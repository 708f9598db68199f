//! Passkeys: registering them, signing in with them without a name, and looking after them.
//!
//! A `party` is what a browser knows us as. A ceremony (registering, signing in) takes two requests: the first leaves a challenge in
//! `Ceremonies`, which the second uses up. Rows of `_passkeys` keep what authenticators gave us.

mod ceremonies;
mod manage;
mod party;
mod register;
mod sign_in;

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

pub(crate) use self::ceremonies::Ceremonies;
pub(super) use self::manage::shown_name;
pub use self::{
    manage::{list, remove, rename},
    register::{begin, finish},
    sign_in::{begin_sign_in, with_passkey},
};
use super::finish::options;
use crate::{
    Error, FieldError, Result,
    schema::{Collection, Record, auth_options::PasskeyOptions},
    store::system::Owner,
};

/// Longest name of a passkey, in characters.
const NAME_MAX_CHARS: usize = 100;

fn enabled(collection: &Collection) -> Result<&PasskeyOptions> {
    let passkey = &options(collection)?.passkey;
    if passkey.enabled {
        return Ok(passkey);
    }
    Err(Error::forbidden("The collection is not configured to allow passkey authentication."))
}

/// What an authenticator keeps of an account: it tells nothing, and is the same whenever it is asked for.
fn handle(record: &Record) -> Uuid {
    let digest = Sha256::digest(format!("passkeys of {}/{}", record.collection.id, record.id()));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    Uuid::from_bytes(bytes)
}

fn owner(record: &Record) -> Owner {
    Owner::account(&record.collection.id, record.id())
}

/// A name as it is stored.
fn named(name: &str) -> Result<String> {
    let name = name.trim();
    if name.chars().count() > NAME_MAX_CHARS {
        let message = format!("The length must be no more than {NAME_MAX_CHARS}.");
        let error = FieldError::new("validation_length_too_long", message);
        return Err(Error::invalid(super::requests::REFUSED).field("name", error.with("max", NAME_MAX_CHARS)));
    }
    Ok(if name.is_empty() { "Passkey".to_owned() } else { name.to_owned() })
}
