//! A client: one open connection, whoever is at its other end.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{mailbox::Mailbox, registry::Account};
use crate::{
    Error, Result, ids,
    schema::Record,
    service::{
        App,
        auth::{cache::SignedIn, who},
    },
};

/// Length of a client's id, in characters. Source: PocketBase web API, realtime.
const ID_CHARS: usize = 40;
/// What a client hears that signs in as somebody else. Source: PocketBase web API, realtime.
const OTHER_ACCOUNT: &str = "The current and the previous request authorization don't match.";

/// How a client is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// Server-sent events: subscriptions come as requests of their own.
    Sse,
    /// A WebSocket.
    Socket,
    /// The program itself: it may see everything.
    Program,
}

/// One open connection.
pub struct Client {
    id: Arc<str>,
    key: Arc<str>,
    wire: Wire,
    address: IpAddr,
    /// What waits to be sent.
    pub(crate) mailbox: Mailbox,
    bound: Mutex<Bound>,
}

/// Who is at the other end.
#[derive(Default)]
struct Bound {
    token: Option<Arc<str>>,
    /// As of the last look at the token.
    record: Option<Arc<Record>>,
    /// Whether the token is an API key.
    is_key: bool,
}

impl Client {
    pub(crate) fn new(wire: Wire, address: IpAddr) -> Self {
        let id = ids::random_text(ID_CHARS, ids::SECRET_ALPHABET).into();
        let key = ids::record_id().into();
        Self { id, key, wire, address, mailbox: Mailbox::default(), bound: Mutex::default() }
    }

    /// Names the connection. Who knows it can change its subscriptions: it is for its own client only.
    pub fn id(&self) -> &Arc<str> {
        &self.id
    }

    /// Names the connection to others, who can do nothing with it.
    pub fn key(&self) -> &Arc<str> {
        &self.key
    }

    /// How it is connected.
    pub fn wire(&self) -> Wire {
        self.wire
    }

    /// Where it comes from.
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// Whose connection it is, as of the last look; `None`: a guest's.
    pub fn record(&self) -> Option<Arc<Record>> {
        self.bound().record.clone()
    }

    /// The same as its name in the registry.
    pub(super) fn account(&self) -> Option<Account> {
        self.bound().record.as_deref().map(named)
    }

    /// Whose connection it is now: tokens end, sessions are revoked, accounts change. Whoever's token is no longer good is a guest.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn identity(&self, app: &App) -> Result<Option<SignedIn>> {
        let Some(token) = self.bound().token.clone() else { return Ok(None) };
        let may_come =
            |found: &SignedIn| !found.record.is_superuser() || app.settings().superusers_may_come_from(self.address);
        let found = who::signed_in(app, &token).await?.filter(may_come);
        let is_same = |bound: &Bound| bound.token.as_ref() == Some(&token);
        let is_known = |found: &SignedIn| {
            let bound = self.bound();
            is_same(&bound) && bound.record.as_ref().is_some_and(|known| Arc::ptr_eq(known, &found.record))
        };
        if !found.as_ref().is_some_and(is_known) {
            self.note(app, found.as_ref().map(|found| (&*token, found)), is_same);
        }
        Ok(found)
    }

    /// Whether somebody is bound to it, whose token may have ended since.
    pub(crate) fn is_bound(&self) -> bool {
        self.bound().token.is_some()
    }

    /// Whether an API key is bound to it, which may do less than a guest: each event needs a look at it.
    pub(crate) fn holds_key(&self) -> bool {
        self.bound().is_key
    }

    /// Binds it to whoever asks: a guest's connection becomes anybody's, an account's stays that account's.
    ///
    /// # Errors
    /// `Forbidden`: it belongs to another account, or to one and a guest asks.
    pub(crate) async fn bind(&self, app: &App, asks: Option<(&str, &SignedIn)>) -> Result<()> {
        if let Some(own) = self.identity(app).await? {
            let same = asks.is_some_and(|(_, other)| is_same(&own.record, &other.record));
            if !same {
                return Err(Error::forbidden(OTHER_ACCOUNT));
            }
        }
        self.note(app, asks, |_| true);
        Ok(())
    }

    /// Notes whose it is, unless that changed meanwhile.
    fn note(&self, app: &App, found: Option<(&str, &SignedIn)>, is_still: impl Fn(&Bound) -> bool) {
        // Held all along, so that the registry never says anything else than the client.
        let mut state = app.hub().state();
        let mut bound = self.bound();
        if !is_still(&bound) {
            return;
        }
        bound.token = found.map(|(token, _)| token.into());
        bound.record = found.map(|(_, signed_in)| Arc::clone(&signed_in.record));
        bound.is_key = found.is_some_and(|(_, signed_in)| signed_in.by.as_ref().is_some_and(|by| by.is_key()));
        state.registry.bind(&self.id, bound.record.as_deref().map(named));
    }

    fn bound(&self) -> MutexGuard<'_, Bound> {
        self.bound.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The name of an account in the registry.
pub(super) fn named(record: &Record) -> Account {
    (record.collection.id.clone(), record.id().to_owned())
}

fn is_same(one: &Record, other: &Record) -> bool {
    one.id() == other.id() && one.collection.id == other.collection.id
}
