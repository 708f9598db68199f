//! What is sent to clients: made once, shared by all who get it.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use serde_json::json;

/// What a letter takes in memory beside its texts, in bytes.
const OWN_BYTES: usize = 160;

/// Why a client has to fetch its data anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resync {
    /// What it missed is no longer kept.
    Pruned,
    /// It read more slowly than events came, and what waited for it was thrown away.
    Behind,
    /// What it may see could not be found out.
    Failed,
}

impl Resync {
    /// As the wire spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pruned => "pruned",
            Self::Behind => "behind",
            Self::Failed => "failed",
        }
    }
}

/// Something to tell a client.
#[derive(Debug)]
pub enum Letter {
    /// An event of a topic.
    Event(Event),
    /// What was told before no longer holds.
    Resync(Resync, i64),
    /// Everything up to this entry of the changelog has been told.
    Position(i64),
    /// The answer to a message of the client, in the words of its connection.
    Reply(Bytes),
}

/// An event of a topic. Its wire forms are made when the first client needs them.
#[derive(Debug)]
pub struct Event {
    /// The entry of the changelog it tells of; `None`: none.
    pub seq: Option<i64>,
    /// The subscription it answers, as the client sent it.
    pub topic: Arc<str>,
    /// JSON.
    pub data: Bytes,
    sse: OnceLock<Bytes>,
    socket: OnceLock<Bytes>,
}

impl Event {
    /// An event that nobody has been told yet.
    pub fn new(seq: Option<i64>, topic: Arc<str>, data: impl Into<Bytes>) -> Self {
        Self { seq, topic, data: data.into(), sse: OnceLock::new(), socket: OnceLock::new() }
    }
}

impl Letter {
    /// Its size in a mailbox, in bytes.
    pub fn size(&self) -> usize {
        match self {
            Self::Event(event) => OWN_BYTES + event.topic.len() + event.data.len(),
            Self::Resync(..) | Self::Position(_) => OWN_BYTES,
            Self::Reply(text) => OWN_BYTES + text.len(),
        }
    }

    /// The entry of the changelog it tells of.
    pub fn seq(&self) -> Option<i64> {
        match self {
            Self::Event(event) => event.seq,
            _ => None,
        }
    }

    /// As a server-sent event. `last`: no other letter of the same entry follows, so that the client may go on behind it.
    pub fn sse(&self, last: bool) -> Bytes {
        match self {
            Self::Event(event) if last => event.sse.get_or_init(|| sse(event, event.seq)).clone(),
            Self::Event(event) => sse(event, None),
            Self::Resync(why, seq) => {
                format!("id:{seq}\nevent:resync\ndata:{}\n\n", json!({ "reason": why.as_str(), "seq": seq })).into()
            }
            Self::Position(seq) => format!("id:{seq}\n\n").into(),
            Self::Reply(_) => Bytes::new(),
        }
    }

    /// As a message of a WebSocket; `last` as in [`sse`](Self::sse).
    pub fn socket(&self, last: bool) -> Bytes {
        match self {
            Self::Event(event) if last => event.socket.get_or_init(|| socket(event, true)).clone(),
            Self::Event(event) => socket(event, false),
            Self::Resync(why, seq) => {
                json!({ "type": "resync", "reason": why.as_str(), "seq": seq }).to_string().into()
            }
            Self::Position(seq) => json!({ "type": "position", "seq": seq }).to_string().into(),
            Self::Reply(text) => text.clone(),
        }
    }
}

fn sse(event: &Event, id: Option<i64>) -> Bytes {
    let mut out = Vec::with_capacity(event.data.len() + event.topic.len() + 48);
    if let Some(id) = id {
        out.extend_from_slice(format!("id:{id}\n").as_bytes());
    }
    for part in [b"event:", event.topic.as_bytes(), b"\ndata:", &event.data, b"\n\n"] {
        out.extend_from_slice(part);
    }
    out.into()
}

fn socket(event: &Event, last: bool) -> Bytes {
    let mut out = Vec::with_capacity(event.data.len() + event.topic.len() + 64);
    out.extend_from_slice(b"{\"type\":\"event\",");
    if let Some(seq) = event.seq {
        out.extend_from_slice(format!("\"seq\":{seq},").as_bytes());
    }
    if !last {
        out.extend_from_slice(b"\"more\":true,");
    }
    let topic = serde_json::Value::from(&*event.topic).to_string();
    for part in [b"\"topic\":", topic.as_bytes(), b",\"data\":", &event.data, b"}"] {
        out.extend_from_slice(part);
    }
    out.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_has_its_entry_as_id_unless_more_of_it_follows() {
        let letter = Letter::Event(Event::new(Some(7), "posts/*".into(), "{\"a\":1}"));
        assert_eq!(letter.sse(true), "id:7\nevent:posts/*\ndata:{\"a\":1}\n\n");
        assert_eq!(letter.sse(false), "event:posts/*\ndata:{\"a\":1}\n\n");
        assert_eq!(letter.socket(true), r#"{"type":"event","seq":7,"topic":"posts/*","data":{"a":1}}"#);
        assert_eq!(letter.socket(false), r#"{"type":"event","seq":7,"more":true,"topic":"posts/*","data":{"a":1}}"#);
        let message = Letter::Event(Event::new(None, "a\"b".into(), "1"));
        assert_eq!(message.sse(true), "event:a\"b\ndata:1\n\n");
        assert_eq!(message.socket(true), r#"{"type":"event","topic":"a\"b","data":1}"#);
        assert_eq!(
            Letter::Resync(Resync::Behind, 9).sse(true),
            "id:9\nevent:resync\ndata:{\"reason\":\"behind\",\"seq\":9}\n\n"
        );
    }
}
