//! Secrets at rest: texts that are stored encrypted while a key is given.
//!
//! AES-256-GCM with a random nonce for each text, bound to where the text is stored, so that none can be put in another's place.

use std::{fmt, str::FromStr};

use aes_gcm::{
    Aes256Gcm, KeyInit as _, Nonce,
    aead::{Aead as _, Payload},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use sea_orm::{ConnectionTrait as _, DatabaseConnection};

use super::{
    Conn, Db,
    system::{params, totp},
};
use crate::{Error, Result, query::Pace};

/// Length of a key, in bytes.
const KEY_BYTES: usize = 32;
/// Length of a nonce, in bytes. Source: AES-GCM.
const NONCE_BYTES: usize = 12;
/// How an encrypted text begins.
const MARK: &str = "bak:sealed:1:";
/// The parameter that tells whether, and with which key, texts are encrypted.
pub(super) const CHECK: &str = "encryption";
/// What that parameter holds, encrypted.
const CHECK_TEXT: &str = "bakend";

const NEEDS_KEY: &str =
    "The secrets in this data folder are encrypted. Give the key: --encryption-key KEY, or BAK_ENCRYPTION_KEY";
const WRONG_KEY: &str =
    "The secrets in this data folder are encrypted with another key. Give that one, and change it with `bak rekey`";

/// The key that secrets are encrypted with: 32 bytes of text.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey([u8; KEY_BYTES]);

impl FromStr for SecretKey {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bytes = text.as_bytes().try_into();
        bytes.map(Self).map_err(|_| format!("a key has {KEY_BYTES} bytes, this one has {}", text.len()))
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// Encrypts and decrypts with a key; without one texts stay as they are.
pub struct Vault(Option<Box<Aes256Gcm>>);

impl Vault {
    /// With this key, if there is one.
    pub fn new(key: Option<&SecretKey>) -> Self {
        Self(key.map(|key| Box::new(Aes256Gcm::new(&key.0.into()))))
    }

    fn has_key(&self) -> bool {
        self.0.is_some()
    }

    /// The form in which a text is stored at a place.
    ///
    /// # Errors
    /// `Invalid`: there is no key, and the text looks like an encrypted one. `Internal`: it is too long to be encrypted.
    pub(super) fn seal(&self, place: &str, text: &str) -> Result<String> {
        let Some(cipher) = &self.0 else {
            let is_mistakable = text.starts_with(MARK);
            return if is_mistakable { Err(Error::invalid(NEEDS_KEY)) } else { Ok(text.to_owned()) };
        };
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let payload = Payload { msg: text.as_bytes(), aad: place.as_bytes() };
        let sealed = cipher.encrypt(&Nonce::from(nonce), payload);
        let sealed = sealed.map_err(|_| Error::internal("a text could not be encrypted"))?;
        Ok(format!("{MARK}{}", BASE64_STANDARD.encode([&nonce[..], &sealed].concat())))
    }

    /// The text that is stored at a place.
    ///
    /// # Errors
    /// `Invalid`: it is encrypted, and there is no key. `Internal`: it was encrypted with another key or for another place, or is damaged.
    pub(super) fn open(&self, place: &str, stored: &str) -> Result<String> {
        let Some(sealed) = stored.strip_prefix(MARK) else { return Ok(stored.to_owned()) };
        let Some(cipher) = &self.0 else { return Err(Error::invalid(NEEDS_KEY)) };
        let damaged = || Error::internal(format!("what is stored at {place} cannot be decrypted"));
        let bytes = BASE64_STANDARD.decode(sealed).map_err(|error| damaged().caused_by(error))?;
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>().ok_or_else(damaged)?;
        let payload = Payload { msg: sealed, aad: place.as_bytes() };
        let text = cipher.decrypt(&Nonce::from(*nonce), payload).map_err(|_| damaged())?;
        String::from_utf8(text).map_err(|error| damaged().caused_by(error))
    }
}

/// Makes sure that this is the database's key; one that never had a key gets it now, with everything that is stored already. Returns whether
/// it did.
///
/// # Errors
/// `Invalid`: the key is missing or another one.
pub(super) async fn unlock(db: &Db, key: Option<&SecretKey>) -> Result<bool> {
    let check = db.read(&Pace::default(), |conn| params::load_plain(conn, CHECK)).await?;
    let vault = Vault::new(key);
    match check {
        None if !vault.has_key() => Ok(false),
        None => db.write(move |conn| reseal(conn, &Vault::new(None), &vault)).await.map(|()| true),
        Some(_) if !vault.has_key() => Err(Error::invalid(NEEDS_KEY)),
        Some(check) => match vault.open(CHECK, &check) {
            Ok(text) if text == CHECK_TEXT => Ok(false),
            _ => Err(Error::invalid(WRONG_KEY)),
        },
    }
}

/// Rewrites the database, so that no page keeps what was there before; the log is emptied into it.
///
/// # Errors
/// Those of the database.
pub(super) async fn forget_traces(orm: &DatabaseConnection) -> Result<()> {
    for statement in ["VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"] {
        orm.execute_unprepared(statement).await.map_err(Error::internal)?;
    }
    Ok(())
}

/// Gives the database another key, or none. Whoever has it open goes on with the old one: it must be nobody.
///
/// # Errors
/// Those of the database; nothing has changed then.
pub(super) async fn change_key(db: &Db, old: Option<SecretKey>, new: Option<SecretKey>) -> Result<()> {
    db.write(move |conn| reseal(conn, &Vault::new(old.as_ref()), &Vault::new(new.as_ref()))).await
}

fn reseal(conn: &Conn<'_>, old: &Vault, new: &Vault) -> Result<()> {
    let (old, new_conn) = (Conn { raw: conn.raw, vault: old }, Conn { raw: conn.raw, vault: new });
    for collection in super::system::collections::load(&old)? {
        super::system::collections::save(&new_conn, &collection)?;
    }
    for name in params::names(&old)?.iter().filter(|name| *name != CHECK) {
        if let Some(value) = params::load(&old, name)? {
            params::save(&new_conn, name, &value)?;
        }
    }
    totp::reseal(&old, &new_conn)?;
    if new.has_key() {
        params::save_plain(&new_conn, CHECK, &new.seal(CHECK, CHECK_TEXT)?)
    } else {
        params::delete(&new_conn, CHECK).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Store, StoreOptions};

    fn key(letter: char) -> SecretKey {
        letter.to_string().repeat(KEY_BYTES).parse().expect("a key")
    }

    #[test]
    fn a_text_opens_with_its_key_at_its_place_only() {
        let vault = Vault::new(Some(&key('a')));
        let sealed = vault.seal("here", "s3cret").expect("seals");
        assert!(sealed.starts_with(MARK) && !sealed.contains("s3cret"));
        assert_ne!(sealed, vault.seal("here", "s3cret").expect("seals"), "another nonce each time");
        assert_eq!(vault.open("here", &sealed).expect("opens"), "s3cret");
        assert_eq!(vault.open("here", "plain").expect("opens"), "plain", "from before there was a key");
        assert!(vault.open("there", &sealed).is_err(), "another place");
        assert!(Vault::new(Some(&key('b'))).open("here", &sealed).is_err(), "another key");
        assert!(Vault::new(None).open("here", &sealed).is_err() && Vault::new(None).seal("here", &sealed).is_err());
        for cut in [MARK.len(), MARK.len() + 8, sealed.len() - 4] {
            assert!(vault.open("here", &sealed[..cut]).is_err(), "cut at {cut}");
        }
        assert!("short".parse::<SecretKey>().is_err());
        assert!(!format!("{:?}", key('k')).contains('k'.to_string().repeat(4).as_str()));
    }

    #[tokio::test]
    async fn a_database_keeps_to_its_key_until_that_is_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = |key: Option<SecretKey>| {
            Store::open(StoreOptions { encryption_key: key, ..StoreOptions::new(folder.path()) })
        };
        let settings = |store: &Store| {
            let db = store.db();
            async move { db.read(&Pace::default(), |conn| params::load(conn, "settings")).await }
        };
        let plain = open(None).await.expect("opens");
        plain.db().write(|conn| params::save(conn, "settings", "s3cret")).await.expect("saves");
        plain.close().await;

        let first = open(Some(key('a'))).await.expect("encrypts");
        assert_eq!(settings(&first).await.expect("reads").as_deref(), Some("s3cret"));
        let raw = first.db().read(&Pace::default(), |conn| params::load_plain(conn, "settings")).await;
        assert!(raw.expect("reads").expect("is there").starts_with(MARK));
        first.close().await;

        for (given, message) in [(None, "Give the key"), (Some(key('b')), "with another key")] {
            let error = open(given).await.err().expect("refused");
            assert!(error.message().contains(message), "{error}");
        }
        let rotated = open(Some(key('a'))).await.expect("opens");
        rotated.change_key(Some(key('b'))).await.expect("changes");
        rotated.close().await;
        assert!(open(Some(key('a'))).await.is_err(), "the old one");
        let second = open(Some(key('b'))).await.expect("opens");
        assert_eq!(settings(&second).await.expect("reads").as_deref(), Some("s3cret"));
        second.change_key(None).await.expect("removes");
        second.close().await;
        let again = open(None).await.expect("needs none");
        assert_eq!(settings(&again).await.expect("reads").as_deref(), Some("s3cret"));
    }
}
