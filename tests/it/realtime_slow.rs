//! Readers that take what comes slowly, and steadily: they keep their places.

use bakend::limits::REALTIME_SEND_DEADLINE;
use serde_json::json;
use tokio::{io::AsyncReadExt as _, net::TcpSocket};

use super::{
    client::{Server, post, status},
    realtime_pings::{UPGRADE, Wire},
    world::Guest,
};

/// What a reader takes while half of the time passes in which it has to take something.
const STEP_BYTES: usize = 128 << 10;
/// What the reader's own side keeps for it.
const RECEIVE_BUFFER_BYTES: u32 = 32 << 10;
/// An event: as large as may wait, or nearly so.
const EVENT_BYTES: usize = 3_900_000;
/// Of two, the system would take a part by itself.
const EVENTS: usize = 2;

/// How a reader connects, and what it asks before.
const DOORS: [(&str, &str, &str); 3] =
    [("", "/api/realtime", ""), ("/api/health", "/api/realtime", ""), ("", "/api/realtime/ws", UPGRADE)];

async fn open(server: &Server, (before, path, headers): (&str, &str, &str)) -> Wire {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(RECEIVE_BUFFER_BYTES).expect("it is kept small");
    let tcp = socket.connect(server.address.parse().expect("an address")).await.expect("the server listens");
    let mut wire = Wire::new(tcp);
    if !before.is_empty() {
        wire.ask(server, before, "").await;
        wire.until(b"}").await;
    }
    wire.ask(server, path, headers).await;
    if path.ends_with("ws") {
        wire.until(b"\"type\":\"hello\"}").await;
        let text = br#"{"type":"subscribe","topics":["a/*"]}"#;
        wire.send(&[&[0x81, 0x80 | text.len() as u8, 0, 0, 0, 0], &text[..]].concat()).await;
        wire.until(b"\"type\":\"position\"}").await;
    } else {
        let client = wire.client().await;
        let topics = post("/api/realtime", json!({ "clientId": client, "subscriptions": ["a/*"] }));
        server.check([(Guest, topics, status(204))]).await;
        wire.until(b"id:").await;
    }
    wire
}

#[tokio::test]
async fn who_takes_large_events_steadily_gets_all_of_them_whatever_time_it_takes() {
    let server = Server::start().await;
    let fields = json!([{ "name": "text", "type": "text", "max": EVENT_BYTES }]);
    server.collection("a", [Some(""); 5], fields).await;
    for door in DOORS {
        let mut wire = open(&server, door).await;
        for _ in 0..EVENTS {
            server.record("a", json!({ "text": "x".repeat(EVENT_BYTES) })).await;
        }
        let mut taken = 0;
        while taken < EVENTS * EVENT_BYTES {
            let mut bytes = vec![0; STEP_BYTES.min(EVENTS * EVENT_BYTES - taken)];
            wire.tcp.read_exact(&mut bytes).await.unwrap_or_else(|error| panic!("{door:?}, {taken} bytes: {error}"));
            taken += bytes.len();
            // The server has come to wait before time passes, and goes on before more does.
            wire.tcp.readable().await.expect("it goes on");
            tokio::time::pause();
            tokio::time::advance(REALTIME_SEND_DEADLINE / 2).await;
            tokio::time::resume();
        }
    }
    server.close().await;
}
