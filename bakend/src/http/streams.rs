//! Connections that open with a request for a stream of events, without what a connection for many requests keeps.
//!
//! hyper holds 16 KiB of buffers for each connection, which is all that an idle stream would need them for. So a connection whose first
//! request asks for a stream is answered here: the same door, the same answer, written straight to the socket and ended by its end.
//! Anything unusual about the request, or a stream on a connection that served others before, is left to hyper.

use std::net::IpAddr;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, Version, header},
};
use futures_util::StreamExt as _;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::{
    door::Door,
    prompt::{self, Prompt, Streams},
};
use crate::limits;

/// The path of streams.
const PATH: &str = "/api/realtime";
/// Longest head that is looked at, in bytes; requests with longer ones are hyper's.
const HEAD_MAX_BYTES: usize = 2048;
/// Most headers that are looked at.
const HEADERS_MAX: usize = 48;

/// A request for a stream, if that is what a connection opens with; nothing is taken from it otherwise.
pub(super) async fn asked(stream: &mut TcpStream) -> Option<Request<Body>> {
    let mut bytes = vec![0; HEAD_MAX_BYTES];
    let length = timeout(limits::HEAD_DEADLINE, stream.peek(&mut bytes)).await.ok()?.ok()?;
    let (request, head) = parse(&bytes[..length])?;
    stream.read_exact(&mut bytes[..head]).await.ok()?;
    Some(request)
}

/// The request, and the length of its head.
fn parse(bytes: &[u8]) -> Option<(Request<Body>, usize)> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut parsed = httparse::Request::new(&mut headers);
    let Ok(httparse::Status::Complete(length)) = parsed.parse(bytes) else { return None };
    let path = parsed.path?;
    let is_stream = path.split('?').next() == Some(PATH);
    if parsed.method != Some("GET") || parsed.version != Some(1) || !is_stream || length != bytes.len() {
        return None;
    }
    let mut map = HeaderMap::with_capacity(parsed.headers.len());
    for found in parsed.headers.iter() {
        let name = HeaderName::from_bytes(found.name.as_bytes()).ok()?;
        map.append(name, HeaderValue::from_bytes(found.value).ok()?);
    }
    let unusual = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::EXPECT, header::UPGRADE];
    if !map.contains_key(header::HOST) || unusual.iter().any(|name| map.contains_key(name)) {
        return None;
    }
    let mut request = Request::new(Body::empty());
    *request.method_mut() = Method::GET;
    *request.uri_mut() = path.parse::<Uri>().ok()?;
    *request.version_mut() = Version::HTTP_11;
    *request.headers_mut() = map;
    Some((request, length))
}

/// Whether an answer is a stream of events, or what begins a WebSocket.
pub(super) fn is_one(response: &Response<Body>) -> bool {
    if response.status() == StatusCode::SWITCHING_PROTOCOLS {
        return true;
    }
    let kind = response.headers().get(header::CONTENT_TYPE);
    kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"))
}

/// Answers it, until the stream or the connection ends.
pub(super) async fn answer(door: Door, mut stream: TcpStream, request: Request<Body>, address: IpAddr) {
    let response = door.answer(request, address).await;
    drop(door);
    let head = head(&response);
    if stream.write_all(&head).await.is_err() {
        return;
    }
    drop(head);
    let mut frames = response.into_body().into_data_stream();
    let (mut read, write) = stream.split();
    let streams = Streams::default();
    streams.set(true);
    let mut write = Prompt::new(write, streams, |half| prompt::keep_little(half.as_ref()));
    // What comes after the request is nothing we know; that nothing comes any more ends the stream.
    let mut scrap = [0; 64];
    let hung_up = async { while read.read(&mut scrap).await.is_ok_and(|length| length > 0) {} };
    let told = async {
        while let Some(Ok(frame)) = frames.next().await {
            if write.write_all(&frame).await.is_err() {
                return;
            }
        }
        // Who hangs up in this moment does not want to know.
        let _ = write.shutdown().await;
    };
    tokio::select! {
        () = hung_up => {}
        () = told => {}
    }
}

/// Status line and headers; the body ends with the connection.
fn head(response: &Response<Body>) -> Vec<u8> {
    let status = response.status();
    let mut out = Vec::with_capacity(512);
    let reason = status.canonical_reason().unwrap_or_default();
    out.extend_from_slice(format!("HTTP/1.1 {} {reason}\r\n", status.as_u16()).as_bytes());
    for (name, value) in response.headers() {
        if status == StatusCode::OK || name != header::CONTENT_LENGTH {
            out.extend_from_slice(name.as_str().as_bytes());
            out.extend_from_slice(b": ");
            out.extend_from_slice(value.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
    }
    let now = jiff::Timestamp::now().strftime("%a, %d %b %Y %H:%M:%S GMT");
    out.extend_from_slice(format!("connection: close\r\ndate: {now}\r\n\r\n").as_bytes());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_requests_for_a_stream_are_taken() {
        let host = "Host: a\r\n";
        for (text, taken) in [
            (format!("GET /api/realtime HTTP/1.1\r\n{host}\r\n"), true),
            (format!("GET /api/realtime?since=5 HTTP/1.1\r\n{host}Last-Event-ID: 5\r\n\r\n"), true),
            ("GET /api/realtime HTTP/1.1\r\n\r\n".to_owned(), false),
            (format!("GET /api/realtime HTTP/1.0\r\n{host}\r\n"), false),
            (format!("GET /api/realtime/ws HTTP/1.1\r\n{host}\r\n"), false),
            (format!("GET /api/realtimes HTTP/1.1\r\n{host}\r\n"), false),
            (format!("HEAD /api/realtime HTTP/1.1\r\n{host}\r\n"), false),
            (format!("GET /api/realtime HTTP/1.1\r\n{host}Content-Length: 1\r\n\r\nx"), false),
            (format!("GET /api/realtime HTTP/1.1\r\n{host}Upgrade: x\r\n\r\n"), false),
            (format!("GET /api/realtime HTTP/1.1\r\n{host}\r\nGET / HTTP/1.1\r\n"), false),
            (format!("GET /api/realtime HTTP/1.1\r\n{host}"), false),
            ("\u{1}".to_owned(), false),
        ] {
            assert_eq!(parse(text.as_bytes()).is_some(), taken, "{text:?}");
        }
        let (request, length) = parse(b"GET /api/realtime?a=b HTTP/1.1\r\nHost: a\r\nX-A: 1\r\n\r\n").expect("taken");
        assert_eq!((request.uri().query(), request.headers()["x-a"].as_bytes(), length), (Some("a=b"), &b"1"[..], 51));
    }
}
