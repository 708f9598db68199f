//! Realtime: who is connected, what they subscribed to, and how events get to them.

mod access;
mod audience;
mod catch_up;
mod channel;
mod client;
mod connection;
mod deliver;
mod engine;
mod gone;
mod ground;
mod hub;
mod letter;
mod mailbox;
mod outbox;
mod own;
mod pattern;
mod plan;
mod presence;
mod program;
mod registry;
mod seen;
pub mod subscribe;
mod system;
mod topic;

use std::sync::Arc;

use serde_json::Value as Json;

pub(crate) use channel::channels;
pub use client::{Client, Wire};
pub use connection::Connection;
pub(crate) use hub::Hub;
pub use letter::{Event, Letter, Resync};
pub use mailbox::Taken;
pub use program::{Subscription, Told};
pub use topic::{CHANNEL_PREFIX, ME, OAUTH2, SYSTEM_ALL, SYSTEM_PREFIX, Topic};

use super::App;
use crate::{Error, Result};

/// Realtime, as the program uses it: [`App::realtime`]. Clones are the same.
#[derive(Clone)]
pub struct Realtime {
    app: App,
}

impl Realtime {
    pub(super) fn new(app: &App) -> Self {
        Self { app: app.clone() }
    }

    /// Sends one client a message, if it is connected and subscribed to exactly this topic; returns whether it is. The subscription to
    /// [`OAUTH2`] ends with its message.
    ///
    /// # Errors
    /// `Internal`, never seen: JSON can be written.
    ///
    /// # Example
    /// ```
    /// # async fn demo(app: &bakend::service::App, state: &str) -> bakend::Result<()> {
    /// use bakend::service::realtime::OAUTH2;
    /// let message = serde_json::json!({ "state": state, "code": "abc", "error": "" });
    /// let heard = app.realtime().send_to(state, OAUTH2, &message)?;
    /// # let _ = heard; Ok(()) }
    /// ```
    pub fn send_to(&self, client_id: &str, topic: &str, data: &Json) -> Result<bool> {
        let data = serde_json::to_vec(data).map_err(Error::internal)?;
        let mut state = self.hub().state();
        let Some(client) = state.registry.client(client_id) else { return Ok(false) };
        if !state.registry.is_subscribed(client_id, topic) {
            return Ok(false);
        }
        if topic == OAUTH2 {
            state.registry.part(client_id, &[topic.into()]);
        }
        drop(state);
        client.mailbox.send(Letter::Event(Event::new(None, topic.into(), data)), self.hub().told());
        Ok(true)
    }

    /// Whether a client with this id is connected.
    pub fn is_connected(&self, client_id: &str) -> bool {
        self.client(client_id).is_some()
    }

    /// A connected client.
    pub fn client(&self, client_id: &str) -> Option<Arc<Client>> {
        self.hub().state().registry.client(client_id)
    }

    /// Number of connected clients.
    pub fn clients(&self) -> usize {
        self.hub().state().registry.len()
    }

    /// Ends all connections: what waits is still sent. Nobody can connect afterwards.
    pub fn close(&self) {
        self.hub().close();
    }

    fn hub(&self) -> &Hub {
        self.app.hub()
    }
}
