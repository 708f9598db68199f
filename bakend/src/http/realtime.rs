//! Realtime over HTTP: a stream of events, and what it is to carry.

use std::convert::Infallible;

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, header},
    response::Response,
};
use futures_util::StreamExt as _;
use serde_json::Value as Json;

use super::{
    body::{self, Sent, Values},
    extract::Asked,
    response,
};
use crate::{Error, Result, limits, realtime::sse, service::realtime::subscribe::Subscriber};

const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// Tells proxies to pass on what comes as it comes.
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
const LAST_EVENT_ID: &str = "last-event-id";

pub(super) async fn connect(asked: Asked) -> Result<Response> {
    let header = asked.headers.get(LAST_EVENT_ID).and_then(|id| id.to_str().ok());
    let params = asked.params();
    let since = header.or_else(|| Some(params.get("since")).filter(|since| !since.is_empty()));
    let frames = sse::open(&asked, asked.address(), since).await?;
    let mut response = Response::new(Body::from_stream(frames.map(Ok::<_, Infallible>)));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, EVENT_STREAM);
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    headers.insert(UNBUFFERED.0, UNBUFFERED.1);
    Ok(response)
}

pub(super) async fn subscribe(asked: Asked, body: Body) -> Result<Response> {
    let sent = body::read(&asked, body, limits::BODY_MAX_BYTES, Values::Texts, "").await?;
    let client_id = sent.text("clientId").map_err(|error| Error::invalid("").caused_by(error))?;
    let topics = topics(&sent)?;
    let signed_in = asked.token().zip(asked.signed_in.as_ref());
    let asks = Subscriber { address: asked.address(), signed_in, info: asked.info().into() };
    asked.realtime().replace_topics(&client_id, topics, asks).await?;
    Ok(response::no_content())
}

fn topics(sent: &Sent) -> Result<Vec<String>> {
    let text = |topic: &Json| topic.as_str().map(str::to_owned).ok_or_else(|| Error::invalid(""));
    match sent.get("subscriptions") {
        None | Some(Json::Null) => Ok(Vec::new()),
        Some(Json::Array(list)) => list.iter().map(text).collect(),
        Some(one) if !sent.typed => Ok(vec![text(one)?]),
        Some(_) => Err(Error::invalid("")),
    }
}
