//! Realtime over a WebSocket.

use axum::{
    extract::{
        FromRequestParts as _, Request, State,
        ws::{Message, WebSocket, WebSocketUpgrade},
    },
    response::Response,
};
use bytes::Bytes;
use futures_util::{SinkExt as _, StreamExt as _, stream::SplitSink, stream::SplitStream};
use tokio::time::{Instant, sleep_until, timeout};

use super::extract::{Asked, Shared};
use crate::{
    Error, Result,
    limits::{REALTIME_PING, SOCKET_MESSAGE_MAX_BYTES, SOCKET_SILENCE_MAX},
    realtime::socket::{Pace, Session},
};

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
    tokio::select! {
        () = listen(stream, &session) => {}
        () = speak(sink, &session) => {}
    }
}

async fn listen(mut stream: SplitStream<WebSocket>, session: &Session) {
    let mut pace = Pace::default();
    while let Ok(Some(Ok(message))) = timeout(SOCKET_SILENCE_MAX, stream.next()).await {
        match message {
            Message::Text(text) => session.hear(&text, &mut pace).await,
            Message::Binary(bytes) => session.hear(&String::from_utf8_lossy(&bytes), &mut pace).await,
            Message::Ping(_) | Message::Pong(_) => {}
            Message::Close(_) => return,
        }
    }
}

async fn speak(mut sink: SplitSink<WebSocket, Message>, session: &Session) {
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
                let sent = send(&mut sink, session.position()).await;
                if sent.is_err() || sink.send(Message::Ping(Bytes::new())).await.is_err() {
                    return;
                }
            }
        }
    }
}

async fn send(
    sink: &mut SplitSink<WebSocket, Message>,
    messages: impl IntoIterator<Item = Bytes>,
) -> std::result::Result<(), axum::Error> {
    for message in messages {
        let text = message.try_into().map_err(axum::Error::new)?;
        sink.feed(Message::Text(text)).await?;
    }
    sink.flush().await
}
