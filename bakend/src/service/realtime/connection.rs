//! A connection: from the moment a client is known until it is gone.

use std::{net::IpAddr, ops::Deref, sync::Arc, time::Duration};

use super::{
    Realtime,
    client::{Client, Wire},
};
use crate::{
    Error, Kind, Result,
    limits::{REALTIME_CLIENTS_MAX, REALTIME_IDLE, REALTIME_LIFE},
    service::events::{self, ConnectEvent, ConnectParts},
};

/// A client that is connected; it is forgotten when this is dropped.
pub struct Connection {
    realtime: Realtime,
    client: Arc<Client>,
    /// How long it may stay silent before a server-sent stream ends.
    pub idle: Duration,
    /// How long a server-sent stream may last.
    pub life: Duration,
}

impl Deref for Connection {
    type Target = Arc<Client>;

    fn deref(&self) -> &Arc<Client> {
        &self.client
    }
}

impl Connection {
    /// What it belongs to.
    pub fn realtime(&self) -> &Realtime {
        &self.realtime
    }

    /// The entry of the changelog up to which it has been told everything; `None` while nothing is being told to it, something waits for it,
    /// or it has been told of later ones.
    pub fn position(&self) -> Option<i64> {
        let told = {
            let state = self.realtime.hub().state();
            let id = self.client.id();
            let listens = !state.registry.topics(id).is_empty() && !state.registry.is_catching_up(id);
            listens.then(|| self.realtime.hub().told())
        };
        // In this order: what came up to this position is in the mailbox already, and must be told first.
        told.filter(|told| self.mailbox.is_empty() && self.mailbox.newest() <= *told)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.client.mailbox.close();
        self.realtime.forget_presence(&self.client);
        self.realtime.hub().state().registry.remove(self.client.id());
    }
}

impl Realtime {
    /// Lets a client in. `since`: the entry of the changelog it heard of last; its first subscriptions go on behind it.
    ///
    /// # Errors
    /// - `RateLimited`: too many clients, of this address or altogether.
    /// - `Internal`: the server is about to end.
    /// - That of a hook.
    pub async fn connect(&self, wire: Wire, address: IpAddr, since: Option<i64>) -> Result<Connection> {
        if self.hub().is_closed() {
            return Err(Error::new(Kind::Internal, "The server is stopping."));
        }
        let client = Arc::new(Client::new(wire, address));
        let (idle, life) = self.welcome(&client).await?;
        let per_address = self.app.settings().realtime.clients_per_address();
        self.hub().state().registry.add(&client, since, per_address, REALTIME_CLIENTS_MAX)?;
        let connection = Connection { realtime: self.clone(), client, idle, life };
        if self.hub().is_closed() {
            // It ended between the question and the entry.
            connection.mailbox.close();
        }
        Ok(connection)
    }

    /// Lets the connect hooks have their say.
    async fn welcome(&self, client: &Arc<Client>) -> Result<(Duration, Duration)> {
        let chain = &self.app.hooks().realtime_connect;
        let mut event = ConnectEvent::new(ConnectParts {
            app: self.app.clone(),
            client: Arc::clone(client),
            idle: REALTIME_IDLE,
            life: REALTIME_LIFE,
        });
        if chain.is_used() && !chain.all_agree(&mut event, &[]).await? {
            return Err(events::stopped());
        }
        Ok((event.idle, event.life))
    }
}
