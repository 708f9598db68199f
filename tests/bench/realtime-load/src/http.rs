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

/// An open stream of events. Chunk sizes stand between its frames and are looked over: no frame of ours looks like one.
pub struct Stream {
    tcp: TcpStream,
    text: Vec<u8>,
    /// Names it.
    pub client: String,
}

/// What is needed of an event.
pub struct Event {
    pub id: i64,
    pub data: Value,
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
            while let Some(end) = self.text.windows(2).position(|window| window == b"\n\n") {
                let block: Vec<u8> = self.text.drain(..end + 2).collect();
                let block = String::from_utf8_lossy(&block);
                let line = |name: &str| block.lines().find_map(|line| line.strip_prefix(name));
                if let (Some(id), Some(data)) = (line("id:"), line("data:")) {
                    let id = id.parse().unwrap_or(-1);
                    events.push(Event { id, data: serde_json::from_str(data).unwrap_or_default() });
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
