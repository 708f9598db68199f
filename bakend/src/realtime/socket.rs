//! The words of a WebSocket: JSON texts, one message each.
//!
//! | a client sends | it means |
//! | --- | --- |
//! | `{"type":"auth","token":…}` | who it is; the connection stays that account's |
//! | `{"type":"subscribe","topics":[…],"since":N}` | more topics; with `since` (first subscription only) from behind entry N of the changelog |
//! | `{"type":"unsubscribe","topics":[…]}` | fewer |
//! | `{"type":"publish","channel":…,"data":…}` | a message to all who listen there |
//! | `{"type":"track","channel":…,"state":…}`, `{"type":"untrack","channel":…}` | it shows there, or no longer |
//! | `{"type":"flow","window":N}` | at most N events on the way that it has not acknowledged; 0: any number |
//! | `{"type":"ack","count":N}` | it has worked off N more events |
//!
//! A message with an `id` is answered by `{"type":"ok","id":…}` or `{"type":"error","id":…,"code":…,"message":…,"data":{…}}`. The server sends
//! `hello`, `event` (with `seq` when it is of the changelog, and `more` when another event of the same entry follows), `resync`, `position` and
//! `signedOut` (the token is no longer good: from here on it is a guest's connection, and what the account showed on channels is gone).

use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use serde_json::{Map, Value as Json, json};
use tokio::{sync::Notify, time::Instant};

use crate::{
    Error, Kind, Result,
    limits::{REALTIME_CHUNK_BYTES, SOCKET_MESSAGES_MAX_PER_SECOND, SOCKET_WINDOW_MAX_EVENTS},
    service::{
        App, RequestInfo,
        auth::{cache::SignedIn, who},
        realtime::{CHANNEL_PREFIX, Connection, Letter, Topic, Wire},
    },
};

/// One WebSocket: what its two directions share.
pub struct Session {
    app: App,
    connection: Connection,
    info: Arc<RequestInfo>,
    flow: Flow,
}

/// How many events may be on the way.
#[derive(Default)]
struct Flow {
    /// 0: any number.
    window: AtomicU64,
    sent: AtomicU64,
    acknowledged: AtomicU64,
    moved: Notify,
}

/// How many messages came in this second.
pub struct Pace {
    since: Instant,
    count: u32,
}

impl Default for Pace {
    fn default() -> Self {
        Self { since: Instant::now(), count: 0 }
    }
}

impl Pace {
    fn is_kept(&mut self) -> bool {
        if self.since.elapsed().as_secs() >= 1 {
            *self = Self::default();
        }
        self.count += 1;
        self.count <= SOCKET_MESSAGES_MAX_PER_SECOND
    }
}

impl Session {
    /// Lets a client in; `signed_in`: who the request that opened the connection came from.
    ///
    /// # Errors
    /// `RateLimited`: too many clients. That of a connect hook.
    pub async fn open(
        app: &App,
        address: IpAddr,
        signed_in: Option<(&str, &SignedIn)>,
        info: Arc<RequestInfo>,
    ) -> Result<Self> {
        let connection = app.realtime().connect(Wire::Socket, address, None).await?;
        connection.bind(app, signed_in).await?;
        Ok(Self { app: app.clone(), connection, info, flow: Flow::default() })
    }

    /// The first message.
    pub fn greeting(&self) -> Bytes {
        json!({ "type": "hello", "clientId": &**self.connection.id(), "key": &**self.connection.key() })
            .to_string()
            .into()
    }

    /// The next messages to send; nothing: the connection ends.
    pub async fn next(&self) -> Vec<Bytes> {
        let taken = loop {
            tokio::select! {
                taken = self.connection.mailbox.take(self.flow.bytes()) => break taken,
                () = self.flow.moved.notified() => {}
            }
        };
        let mut messages = Vec::with_capacity(taken.len());
        for taken in taken {
            if matches!(*taken.letter, Letter::Event(_)) {
                self.flow.sent.fetch_add(1, Ordering::AcqRel);
            }
            messages.push(taken.letter.socket(taken.last));
        }
        messages
    }

    /// Where the client is, if it is up to date and nothing waits for it.
    pub fn position(&self) -> Option<Bytes> {
        self.connection.position().map(|seq| Letter::Position(seq).socket(true))
    }

    /// Sees that the client shows nowhere where it may not listen any more, and nowhere as somebody who it is no longer.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn review(&self) -> Result<()> {
        self.app.realtime().review_presence(&self.connection).await
    }

    /// Does what a message asks for, and answers it when it has an id.
    pub async fn hear(&self, text: &str, pace: &mut Pace) {
        let message: Option<Map<String, Json>> = serde_json::from_str(text).ok();
        // Acknowledgements are as many as the events they are for: refusing one would hold back all that follow.
        let in_time = message.as_ref().is_some_and(|message| self.is_awaited(message)) || pace.is_kept();
        let id = message.as_ref().and_then(|message| message.get("id")).cloned();
        let outcome = match message {
            _ if !in_time => {
                let max = SOCKET_MESSAGES_MAX_PER_SECOND;
                Err(Error::new(Kind::RateLimited, format!("More than {max} messages in a second.")))
            }
            None => Err(Error::invalid("A message must be a JSON object.")),
            Some(message) => self.obey(message).await,
        };
        let answer = match outcome {
            Ok(mut answer) if id.is_some() => {
                answer.insert("type".to_owned(), "ok".into());
                answer.insert("id".to_owned(), id.unwrap_or_default());
                answer
            }
            Ok(_) => return,
            Err(error) => refusal(&error, id),
        };
        self.connection.mailbox.reply(Json::Object(answer).to_string().into());
    }

    /// Whether a message acknowledges events that are on the way, and no others.
    fn is_awaited(&self, message: &Map<String, Json>) -> bool {
        let count = (message.get("type").and_then(Json::as_str) == Some("ack")).then(|| number(message, "count"));
        matches!(count, Some(Ok(count)) if count > 0 && count <= self.flow.on_the_way())
    }

    async fn obey(&self, mut message: Map<String, Json>) -> Result<Map<String, Json>> {
        let kind = text(&message, "type")?;
        let realtime = self.app.realtime();
        let client = &*self.connection;
        let mut answer = Map::new();
        match kind.as_str() {
            "auth" => self.sign_in(&text(&message, "token")?).await?,
            "subscribe" => {
                let topics = texts(&message, "topics")?;
                let since = message.get("since").filter(|since| !since.is_null());
                let fault = || Error::invalid("`since` must be a whole number from 0 on.");
                let since =
                    since.map(|since| since.as_i64().filter(|since| *since >= 0).ok_or_else(fault)).transpose()?;
                let topics = realtime.add_topics(client, topics, since, Arc::clone(&self.info)).await?;
                // Only now: who came before is shown here, who comes later is told.
                answer.extend(present(&realtime, &topics));
            }
            "unsubscribe" => realtime.remove_topics(client, &texts(&message, "topics")?),
            "publish" => {
                let channel = text(&message, "channel")?;
                let data = message.remove("data").unwrap_or_default();
                let heard = realtime.publish_as(client, &channel, data).await?;
                answer.insert("heard".to_owned(), heard.into());
            }
            "track" => {
                let channel = text(&message, "channel")?;
                let state = message.remove("state").unwrap_or_default();
                realtime.track(client, &channel, state).await?;
            }
            "untrack" => realtime.untrack(client, &text(&message, "channel")?).await?,
            "flow" => self.flow.open(number(&message, "window")?)?,
            "ack" => self.flow.acknowledge(number(&message, "count")?),
            other => return Err(Error::invalid(format!("The message type {other:?} is not known."))),
        }
        Ok(answer)
    }

    async fn sign_in(&self, token: &str) -> Result<()> {
        let found = who::signed_in(&self.app, token).await?;
        let found = found.ok_or_else(|| Error::unauthenticated("The token is not valid."))?;
        if found.record.is_superuser() && !self.app.settings().superusers_may_come_from(self.connection.address()) {
            return Err(Error::forbidden(""));
        }
        self.connection.bind(&self.app, Some((token, &found))).await?;
        // Its token had ended unnoticed, and somebody else signs in.
        self.review().await
    }
}

impl Flow {
    fn open(&self, window: u64) -> Result<()> {
        if window > SOCKET_WINDOW_MAX_EVENTS {
            return Err(Error::invalid(format!("`window` must be a number up to {SOCKET_WINDOW_MAX_EVENTS}.")));
        }
        self.acknowledged.store(self.sent.load(Ordering::Acquire), Ordering::Release);
        self.window.store(window, Ordering::Release);
        self.moved.notify_one();
        Ok(())
    }

    fn acknowledge(&self, count: u64) {
        let sent = self.sent.load(Ordering::Acquire);
        // What opening the window counted already may come once more: it makes no room beyond the window.
        self.acknowledged.update(Ordering::AcqRel, Ordering::Acquire, |before| before.saturating_add(count).min(sent));
        self.moved.notify_one();
    }

    /// How many bytes of letters to take at once: with a window, one letter; when it is full, none, so that only answers pass. Who works off an
    /// event may have to ask something first.
    fn bytes(&self) -> usize {
        let window = self.window.load(Ordering::Acquire);
        match window {
            0 => REALTIME_CHUNK_BYTES,
            _ if self.on_the_way() >= window => 0,
            _ => 1,
        }
    }

    /// How many events were sent and not acknowledged.
    fn on_the_way(&self) -> u64 {
        // In this order: of the events that were sent by now, no fewer than this were acknowledged.
        let acknowledged = self.acknowledged.load(Ordering::Acquire);
        self.sent.load(Ordering::Acquire).saturating_sub(acknowledged)
    }
}

/// Who shows on the channels that somebody subscribed to, by their names, for the answer.
fn present(realtime: &crate::service::realtime::Realtime, topics: &[String]) -> Map<String, Json> {
    let heads = topics.iter().map(|topic| Topic::parse(topic).head);
    let shown =
        |head: Arc<str>| head.strip_prefix(CHANNEL_PREFIX).map(|name| (name.to_owned(), realtime.present(name).into()));
    let present: Map<String, Json> = heads.filter_map(shown).collect();
    if present.is_empty() { present } else { Map::from_iter([("present".to_owned(), Json::Object(present))]) }
}

fn refusal(error: &Error, id: Option<Json>) -> Map<String, Json> {
    let mut answer = Map::from_iter([
        ("type".to_owned(), "error".into()),
        ("code".to_owned(), code(error.kind()).into()),
        ("message".to_owned(), error.message().into()),
        ("data".to_owned(), error.field_errors().to_json()),
    ]);
    if let Some(id) = id {
        answer.insert("id".to_owned(), id);
    }
    if error.kind() == Kind::Internal {
        tracing::error!(?error, "a message of a WebSocket failed");
    }
    answer
}

fn code(kind: Kind) -> &'static str {
    match kind {
        Kind::Invalid => "invalid",
        Kind::Unauthenticated => "unauthenticated",
        Kind::Forbidden => "forbidden",
        Kind::NotFound => "not_found",
        Kind::Conflict => "conflict",
        Kind::TooLarge => "too_large",
        Kind::RateLimited => "rate_limited",
        Kind::Internal => "internal",
    }
}

fn text(message: &Map<String, Json>, name: &str) -> Result<String> {
    let text = message.get(name).and_then(Json::as_str);
    text.map(str::to_owned).ok_or_else(|| Error::invalid(format!("`{name}` must be a text.")))
}

fn texts(message: &Map<String, Json>, name: &str) -> Result<Vec<String>> {
    let fault = || Error::invalid(format!("`{name}` must be a list of texts."));
    let list = message.get(name).and_then(Json::as_array).ok_or_else(fault)?;
    list.iter().map(|text| text.as_str().map(str::to_owned).ok_or_else(fault)).collect()
}

fn number(message: &Map<String, Json>, name: &str) -> Result<u64> {
    let number = message.get(name).and_then(Json::as_u64);
    number.ok_or_else(|| Error::invalid(format!("`{name}` must be a whole number from 0 on.")))
}

#[cfg(test)]
mod tests;
