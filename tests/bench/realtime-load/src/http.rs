//! The least that is needed of HTTP: requests on one connection, and streams of events.

use std::io;

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// One connection for one request after the other.
pub struct Http {
    tcp: TcpStream,
    address: String,
    buffer: Vec<u8>,
}

impl Http {
    pub async fn connect(address: &str) -> io::Result<Self> {
        let tcp = TcpStream::connect(address).await?;
        tcp.set_nodelay(true)?;
        Ok(Self { tcp, address: address.to_owned(), buffer: Vec::new() })
    }

    /// Sends JSON and waits for the answer's; null when it has no body.
    pub async fn ask(&mut self, method: &str, path: &str, body: &Value, token: &str) -> io::Result<Value> {
        let body = body.to_string();
        let auth = if token.is_empty() { String::new() } else { format!("Authorization: {token}\r\n") };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\n{auth}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.tcp.write_all(request.as_bytes()).await?;
        let (head, start) = self.head().await?;
        let length = head
            .lines()
            .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
        let length: usize = length.unwrap_or(0);
        while self.buffer.len() < start + length {
            self.more().await?;
        }
        let answer = serde_json::from_slice(&self.buffer[start..start + length]).unwrap_or_default();
        self.buffer.drain(..start + length);
        Ok(answer)
    }

    /// The head of an answer, and where its body starts.
    async fn head(&mut self) -> io::Result<(String, usize)> {
        loop {
            if let Some(end) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                return Ok((String::from_utf8_lossy(&self.buffer[..end]).into_owned(), end + 4));
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> io::Result<()> {
        let mut chunk = [0; 16 << 10];
        match self.tcp.read(&mut chunk).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                self.buffer.extend_from_slice(&chunk[..read]);
                Ok(())
            }
        }
    }
}

/// An open stream of events.
pub struct Stream {
    tcp: TcpStream,
    /// What came, up to the last whole frame that was read.
    text: Vec<u8>,
    /// Names it.
    pub client: String,
}

/// What is needed of an event. Reading it all as JSON would measure this program, which shares the machine with the server.
pub struct Event {
    pub id: i64,
    data: String,
}

impl Event {
    /// The number that a property has, also when it is written as a text; `None`: it has none.
    pub fn number(&self, property: &str) -> Option<i64> {
        let (_, rest) = self.data.split_once(&format!("\"{property}\":"))?;
        let rest = rest.strip_prefix('"').unwrap_or(rest);
        let digits = rest.find(|found: char| !found.is_ascii_digit()).unwrap_or(rest.len());
        rest[..digits].parse().ok()
    }
}

impl Stream {
    /// Opens a stream and waits for its greeting.
    pub async fn open(address: &str) -> io::Result<Self> {
        let mut tcp = TcpStream::connect(address).await?;
        tcp.write_all(format!("GET /api/realtime HTTP/1.1\r\nHost: {address}\r\n\r\n").as_bytes()).await?;
        let mut stream = Self { tcp, text: Vec::new(), client: String::new() };
        loop {
            let text = String::from_utf8_lossy(&stream.text);
            if let Some((_, rest)) = text.split_once("\"clientId\":\"")
                && let Some((client, _)) = rest.split_once("\"}\n\n")
            {
                stream.client = client.to_owned();
                stream.text = Vec::new();
                return Ok(stream);
            }
            stream.more().await?;
        }
    }

    /// Subscribes it to one topic.
    pub async fn subscribe(&self, http: &mut Http, topic: &str) -> io::Result<()> {
        let body = serde_json::json!({ "clientId": self.client, "subscriptions": [topic] });
        match http.ask("POST", "/api/realtime", &body, "").await? {
            Value::Null => Ok(()),
            refused => Err(io::Error::other(refused.to_string())),
        }
    }

    /// The events of what comes next.
    pub async fn next(&mut self) -> io::Result<Vec<Event>> {
        loop {
            let mut events = Vec::new();
            let whole = self.text.windows(2).rposition(|window| window == b"\n\n").map_or(0, |end| end + 2);
            let frames = String::from_utf8_lossy(&self.text[..whole]).into_owned();
            self.text.drain(..whole);
            for frame in frames.split("\n\n") {
                let line = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name));
                if let (Some(id), Some(data)) = (line("id:"), line("data:")) {
                    events.push(Event { id: id.parse().unwrap_or(-1), data: data.to_owned() });
                }
            }
            if !events.is_empty() {
                return Ok(events);
            }
            self.more().await?;
        }
    }

    async fn more(&mut self) -> io::Result<()> {
        let mut chunk = [0; 16 << 10];
        match self.tcp.read(&mut chunk).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                self.text.extend_from_slice(&chunk[..read]);
                Ok(())
            }
        }
    }
}
