//! Realtime for the program itself: sending to whoever listens, and listening.

use std::{
    collections::VecDeque,
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use serde_json::Value as Json;

use super::{
    Connection, Realtime, Taken,
    audience::Identities,
    client::Wire,
    letter::{Event, Letter, Resync},
    topic::{SYSTEM_ALL, SYSTEM_PREFIX},
};
use crate::{Error, Result, limits::REALTIME_CHUNK_BYTES, query::RequestInfo};

/// Subscriptions of the program: no rule is asked, hidden fields show.
pub struct Subscription {
    connection: Connection,
    waiting: VecDeque<Taken>,
}

/// What a subscription hears.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// An event.
    Event {
        /// The number of its entry in the changelog; `None`: it has none.
        seq: Option<i64>,
        /// The subscription it answers.
        topic: String,
        /// `record` and `action` for records; what was sent, for anything else.
        data: Json,
    },
    /// Something was missed: what is known must be read anew.
    Resync(Resync),
}

impl Realtime {
    /// Sends data to all who subscribed to a topic of your own; returns to how many. No rule is asked: everybody can subscribe to such a
    /// topic. For messages under rules there are channels: [`publish`](Self::publish).
    ///
    /// # Errors
    /// `Internal`, never seen: JSON can be written.
    pub async fn send(&self, topic: &str, data: &Json) -> Result<usize> {
        let data = serde_json::to_vec(data).map_err(Error::internal)?;
        let targets = self.hub().state().registry.all(topic);
        let mut heard = 0;
        for target in targets {
            let event = Event::new(None, Arc::clone(&target.topic.text), data.clone());
            let letter = Arc::new(Letter::Event(event));
            for member in &target.members {
                heard += usize::from(self.hand_over(&member.client, &letter).await);
            }
        }
        Ok(heard)
    }

    /// Tells superusers of something in the system: those who subscribed to `@system/` and this kind, or to `@system/*`. Returns how many.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn system(&self, kind: &str, data: &Json) -> Result<usize> {
        let data = serde_json::to_vec(data).map_err(Error::internal)?;
        let targets = {
            let state = self.hub().state();
            let mut targets = state.registry.all(&format!("{SYSTEM_PREFIX}{kind}"));
            targets.extend(state.registry.all(SYSTEM_ALL));
            targets
        };
        let mut identities = Identities::new(&self.app);
        let mut heard = 0;
        for target in targets {
            let event = Event::new(None, Arc::clone(&target.topic.text), data.clone());
            let letter = Arc::new(Letter::Event(event));
            for member in &target.members {
                if identities.of(&member.client).await?.is_some_and(|who| who.account.is_superuser() && who.is_whole())
                {
                    heard += usize::from(self.hand_over(&member.client, &letter).await);
                }
            }
        }
        Ok(heard)
    }

    /// Subscribes the program to topics: `posts/*`, `posts/ID`, `@channel/NAME`, `@system/*`, or topics of your own. What is committed from
    /// now on is heard; with `since`, from behind that entry of the changelog on.
    ///
    /// # Errors
    /// `Invalid`: topics are too many or too long. Those of the database.
    ///
    /// # Example
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> bakend::Result<()> {
    /// use bakend::service::{App, AppOptions, realtime::Told};
    /// # let folder = tempfile::tempdir().map_err(bakend::Error::internal)?;
    /// # let dir = folder.path();
    /// let app = App::open(AppOptions::new(dir)).await?;
    /// let mut subscription = app.realtime().subscribe(&["@channel/news"], None).await?;
    /// app.realtime().publish("news", &serde_json::json!("hello")).await?;
    /// let Some(Told::Event { data, .. }) = subscription.next().await else { panic!("an event") };
    /// assert_eq!(data["data"], "hello");
    /// app.close().await;
    /// # Ok(()) }
    /// ```
    pub async fn subscribe(&self, topics: &[&str], since: Option<i64>) -> Result<Subscription> {
        let here = IpAddr::from(Ipv4Addr::LOCALHOST);
        let connection = self.connect(Wire::Program, here, since).await?;
        let topics = topics.iter().map(|topic| (*topic).to_owned()).collect();
        self.add_topics(&connection, topics, None, Arc::new(RequestInfo::default())).await?;
        Ok(Subscription { connection, waiting: VecDeque::new() })
    }
}

impl Subscription {
    /// What happens next; `None`: the server stops.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            while let Some(taken) = self.waiting.pop_front() {
                match &*taken.letter {
                    Letter::Event(event) => {
                        return Some(Told::Event {
                            seq: event.seq,
                            topic: event.topic.to_string(),
                            data: serde_json::from_slice(&event.data).unwrap_or_default(),
                        });
                    }
                    Letter::Resync(why, _) => return Some(Told::Resync(*why)),
                    Letter::Position(_) | Letter::Reply(_) => {}
                }
            }
            self.waiting = self.connection.mailbox.take(REALTIME_CHUNK_BYTES).await.into();
            if self.waiting.is_empty() {
                return None;
            }
        }
    }
}
