//! Realtime over a WebSocket.

use std::sync::atomic::{AtomicU32, Ordering};

use axum::{
    extract::{
        FromRequestParts as _, Request, State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    response::Response,
};
use bytes::Bytes;
use futures_util::{
    SinkExt as _, StreamExt as _,
    stream::{self, SplitSink, SplitStream},
};
use tokio::time::{Instant, sleep_until};

use super::extract::{Asked, Shared};
use crate::{
    Error, Result,
    limits::{REALTIME_PING, SOCKET_MESSAGE_MAX_BYTES, SOCKET_SILENCE_MAX_PINGS},
    realtime::socket::{Pace, Session},
};

type Sink = SplitSink<WebSocket, Message>;

/// Takes a request over as a WebSocket.
pub(super) async fn connect(State(shared): State<Shared>, request: Request) -> Result<Response> {
    let (mut parts, _) = request.into_parts();
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &shared).await;
    let upgrade = upgrade.map_err(|refused| Error::invalid(refused.body_text()))?;
    let asked = Asked::from_request_parts(&mut parts, &shared).await?;
    let signed_in = asked.token().zip(asked.signed_in.as_ref());
    let session = Session::open(&asked, asked.address(), signed_in, asked.info().into()).await?;
    let upgrade = upgrade.max_message_size(SOCKET_MESSAGE_MAX_BYTES).max_frame_size(SOCKET_MESSAGE_MAX_BYTES);
    Ok(upgrade.on_upgrade(|socket| talk(socket, session)))
}

/// Both directions until one ends: a client that does not read must not keep from being heard.
async fn talk(socket: WebSocket, session: Session) {
    let (sink, stream) = socket.split();
    let unanswered = AtomicU32::new(0);
    tokio::select! {
        () = listen(stream, &session, &unanswered) => {}
        () = speak(sink, &session, &unanswered) => {}
    }
}

async fn listen(mut stream: SplitStream<WebSocket>, session: &Session, unanswered: &AtomicU32) {
    let mut pace = Pace::default();
    while let Some(Ok(message)) = stream.next().await {
        unanswered.store(0, Ordering::Relaxed);
        match message {
            Message::Text(text) => session.hear(&text, &mut pace).await,
            Message::Binary(bytes) => session.hear(&String::from_utf8_lossy(&bytes), &mut pace).await,
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Close(_) => return,
        }
    }
}

/// `unanswered`: pings since the client was heard last. Time alone would not do: a ping that waits behind a large event is no fault of theirs.
async fn speak(mut sink: Sink, session: &Session, unanswered: &AtomicU32) {
    if send(&mut sink, [session.greeting()]).await.is_err() {
        return;
    }
    let mut ping = Instant::now() + REALTIME_PING;
    loop {
        tokio::select! {
            messages = session.next() => {
                if messages.is_empty() {
                    // The server stops: the client hears that it may connect again.
                    let _ = sink.send(Message::Close(None)).await;
                    return;
                }
                if send(&mut sink, messages).await.is_err() {
                    return;
                }
            }
            () = sleep_until(ping) => {
                ping = Instant::now() + REALTIME_PING;
                if let Err(error) = session.review().await {
                    tracing::warn!(?error, "a presence could not be reviewed");
                }
                if unanswered.fetch_add(1, Ordering::Relaxed) >= SOCKET_SILENCE_MAX_PINGS
                    || send(&mut sink, session.position()).await.is_err()
                    || sink.send(Message::Ping(Bytes::new())).await.is_err()
                {
                    return;
                }
            }
        }
    }
}

/// A client that takes nothing of it loses its connection, which is seen to where the bytes go out.
async fn send(sink: &mut Sink, texts: impl IntoIterator<Item = Bytes>) -> std::result::Result<(), axum::Error> {
    let texts = texts.into_iter().map(|text| text.try_into().map(Message::Text).map_err(axum::Error::new));
    sink.send_all(&mut stream::iter(texts)).await
}
