//! Silent realtime connections are sent something before anything on the way takes them for dead.

use bakend::limits::REALTIME_PING;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::Instant,
};

use super::{
    client::{Server, post, status},
    world::Guest,
};

/// Headers that ask for a WebSocket.
pub const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                       Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n";
/// Frames of a WebSocket. Source: RFC 6455, section 5.2.
const PING: &[u8] = &[0x89, 0];
/// The answer to one, masked with zeros.
const PONG: &[u8] = &[0x8A, 0x80, 0, 0, 0, 0];

/// A connection that is read as it comes.
pub struct Wire {
    pub tcp: TcpStream,
    bytes: Vec<u8>,
}

impl Wire {
    pub fn new(tcp: TcpStream) -> Self {
        Self { tcp, bytes: Vec::new() }
    }

    async fn open(server: &Server, path: &str, headers: &str) -> Self {
        let mut wire = Self::new(TcpStream::connect(&server.address).await.expect("the server listens"));
        wire.ask(server, path, headers).await;
        wire
    }

    pub async fn ask(&mut self, server: &Server, path: &str, headers: &str) {
        self.send(format!("GET {path} HTTP/1.1\r\nHost: {}\r\n{headers}\r\n", server.address).as_bytes()).await;
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.tcp.write_all(bytes).await.expect("sent");
    }

    /// Waits for the greeting of a stream; the id of its client.
    pub async fn client(&mut self) -> String {
        let greeting = self.until(b"}\n\n").await;
        let id = greeting.split("\"clientId\":\"").nth(1).and_then(|rest| rest.split('"').next());
        id.expect("an id").to_owned()
    }

    /// Reads until `wanted` has come; returns what came with it.
    pub async fn until(&mut self, wanted: &[u8]) -> String {
        while !self.bytes.windows(wanted.len()).any(|window| window == wanted) {
            let length = self.tcp.read_buf(&mut self.bytes).await.expect("it reads");
            assert!(length > 0, "it ended before {:?}", String::from_utf8_lossy(wanted));
        }
        String::from_utf8_lossy(&std::mem::take(&mut self.bytes)).into_owned()
    }
}

/// Waits for two pings, each after a leap of the clock; each must come when it is due.
async fn two_pings(wire: &mut Wire, opened: Instant, ping: &[u8], answer: &[u8]) {
    for count in 1..=2 {
        tokio::time::pause();
        tokio::time::advance(REALTIME_PING).await;
        // A clock that stays paused runs ahead of what is on its way.
        tokio::time::resume();
        wire.until(ping).await;
        let silence = opened.elapsed();
        assert!(silence >= REALTIME_PING * count && silence < REALTIME_PING * (count + 1), "{count}: {silence:?}");
        wire.send(answer).await;
    }
}

#[tokio::test]
async fn a_silent_stream_is_sent_a_comment_and_once_it_is_subscribed_its_position() {
    let server = Server::start().await;
    let opened = Instant::now();
    let mut silent = Wire::open(&server, "/api/realtime", "").await;
    silent.until(b"}\n\n").await;
    two_pings(&mut silent, opened, b":\n\n", b"").await;
    drop(silent);

    let mut told = Wire::open(&server, "/api/realtime", "").await;
    let client = told.client().await;
    let topics = post("/api/realtime", serde_json::json!({ "clientId": client, "subscriptions": ["users/*"] }));
    let subscribed = Instant::now();
    server.check([(Guest, topics, status(204))]).await;
    told.until(b"id:").await;
    two_pings(&mut told, subscribed, b"id:", b"").await;
}

#[tokio::test]
async fn a_silent_socket_is_pinged_and_stays_as_long_as_it_answers() {
    let server = Server::start().await;
    let opened = Instant::now();
    let mut socket = Wire::open(&server, "/api/realtime/ws", UPGRADE).await;
    socket.until(b"\"type\":\"hello\"}").await;
    two_pings(&mut socket, opened, PING, PONG).await;
}
