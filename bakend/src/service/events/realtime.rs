//! The events of realtime: a client connects, subscribes, is told something.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use serde_json::Value as Json;

use super::Event;
use crate::{
    Error, Result,
    query::RequestInfo,
    service::{App, realtime::Client},
};

/// A client connects to realtime.
pub type ConnectEvent = Event<ConnectParts>;
/// A client subscribes to topics.
pub type SubscribeEvent = Event<SubscribeParts>;
/// An event is about to be sent to one client.
pub type MessageEvent = Event<MessageParts>;

/// The parts of a [`ConnectEvent`].
pub struct ConnectParts {
    /// The app.
    pub app: App,
    /// Who.
    pub client: Arc<Client>,
    /// How long a server-sent stream may stay without an event.
    pub idle: Duration,
    /// How long a server-sent stream may last.
    pub life: Duration,
}

/// The parts of a [`SubscribeEvent`].
pub struct SubscribeParts {
    /// The app.
    pub app: App,
    /// Who.
    pub client: Arc<Client>,
    /// To what; hooks may change it.
    pub topics: Vec<String>,
    /// What was sent.
    pub request: Arc<RequestInfo>,
}

/// The parts of a [`MessageEvent`].
pub struct MessageParts {
    /// The app.
    pub app: App,
    /// To whom.
    pub client: Arc<Client>,
    /// The subscription it answers.
    pub topic: Arc<str>,
    /// JSON; hooks may change it.
    pub data: Bytes,
}

impl MessageParts {
    /// What is sent: of records their `record` and the `action`.
    ///
    /// # Errors
    /// `Internal`: another hook put something in its place that is not JSON.
    pub fn json(&self) -> Result<Json> {
        serde_json::from_slice(&self.data).map_err(Error::internal)
    }

    /// Sends something else instead.
    pub fn set_json(&mut self, data: &Json) {
        self.data = data.to_string().into();
    }
}
