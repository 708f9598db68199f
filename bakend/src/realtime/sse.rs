//! PocketBase's protocol of server-sent events.
//!
//! Source: PocketBase web API, realtime. Beyond it, frames of events carry the number of their entry in the changelog as id, and a stream
//! that opens with such a number goes on behind it.

use std::net::IpAddr;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, stream};
use serde_json::json;
use tokio::time::{Instant, timeout_at};

use crate::{
    Result,
    limits::{REALTIME_CHUNK_BYTES, REALTIME_PING},
    service::{
        App,
        realtime::{Connection, Letter, Taken, Wire},
    },
};

/// What keeps a connection alive that has no position yet: a comment.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");

/// Opens a stream of frames. `last_event_id`: the last id that the client saw, when it was connected before.
///
/// # Errors
/// - `RateLimited`: too many clients.
/// - That of a connect hook.
pub async fn open(
    app: &App,
    address: IpAddr,
    last_event_id: Option<&str>,
) -> Result<impl Stream<Item = Bytes> + use<>> {
    // Anything else is an id of a client that never heard of a change.
    let since = last_event_id.and_then(|id| id.trim().parse().ok()).filter(|seq| *seq >= 0);
    let connection = app.realtime().connect(Wire::Sse, address, since).await?;
    let now = Instant::now();
    let frames = Frames {
        greeting: Some(greeting(connection.id(), since)),
        ends: now + connection.life,
        event: now,
        connection,
    };
    Ok(stream::unfold(frames, |mut frames| async move { frames.next().await.map(|frame| (frame, frames)) }))
}

struct Frames {
    connection: Connection,
    /// Until it is sent.
    greeting: Option<Bytes>,
    ends: Instant,
    /// When the last event was sent.
    event: Instant,
}

impl Frames {
    /// The next bytes; `None`: the stream ends.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(greeting) = self.greeting.take() {
            return Some(greeting);
        }
        let until = Instant::now() + REALTIME_PING;
        let ends = self.ends.min(self.event + self.connection.idle);
        match timeout_at(until.min(ends), self.connection.mailbox.take(REALTIME_CHUNK_BYTES)).await {
            Ok(taken) if taken.is_empty() => None,
            Ok(taken) => {
                self.event = Instant::now();
                Some(joined(&taken))
            }
            Err(_) if Instant::now() >= ends => None,
            Err(_) => Some(self.ping()),
        }
    }

    /// Tells where the client is, so that it goes on from there even when nothing happened for a long time.
    fn ping(&self) -> Bytes {
        self.connection.position().map_or(COMMENT, |seq| Letter::Position(seq).sse(true))
    }
}

/// Names the client. Its id takes the place of the last one that the client saw, so that one is said again: it would be lost if the connection
/// broke before anything is subscribed to.
fn greeting(id: &str, since: Option<i64>) -> Bytes {
    let mut out =
        BytesMut::from(format!("id:{id}\nevent:PB_CONNECT\ndata:{}\n\n", json!({ "clientId": id })).as_bytes());
    if let Some(since) = since {
        out.extend_from_slice(&Letter::Position(since).sse(true));
    }
    out.freeze()
}

fn joined(taken: &[Taken]) -> Bytes {
    if let [Taken { letter, last }] = taken {
        return letter.sse(*last);
    }
    let mut out = BytesMut::new();
    for Taken { letter, last } in taken {
        out.extend_from_slice(&letter.sse(*last));
    }
    out.freeze()
}
