//! Hooks of realtime: who connects, what is subscribed to, what is told; as functions of the builder and as links of a chain.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use bakend::{
    Bakend, ConnectEvent, Error, MessageEvent, Result, SubscribeEvent, hook, hooks::Bind, query::Context,
    service::realtime::Told,
};
use serde_json::json;

use super::{
    client::{Server, get, parsed, status},
    realtime::{Stream, subscribed},
    world::{Guest, Superuser},
};

#[hook(on_realtime_connect)]
async fn brief(e: &mut ConnectEvent) -> Result<()> {
    e.life = Duration::from_millis(200);
    Ok(())
}

#[hook(on_realtime_subscribe)]
async fn no_secrets(e: &mut SubscribeEvent) -> Result<()> {
    if e.topics.iter().any(|topic| topic.starts_with("secrets")) {
        return Err(Error::forbidden("Not for you"));
    }
    e.topics.push("news/*".to_owned());
    Ok(())
}

#[hook(on_realtime_message, priority = 5)]
async fn stamped(e: &mut MessageEvent) -> Result<()> {
    let mut data = e.json()?;
    if data["record"]["title"] == "hushed" {
        e.stop();
        return Ok(());
    }
    data["for"] = (if e.client.record().is_some() { "somebody" } else { "anybody" }).into();
    e.set_json(&data);
    Ok(())
}

async fn news(server: &Server) {
    server.collection("news", [Some(""); 5], json!([{ "name": "title", "type": "text" }])).await;
}

#[tokio::test]
async fn functions_say_who_subscribes_to_what_and_what_each_is_told() {
    let server = Server::start_built(Bakend::builder().hook(no_secrets).hook(stamped)).await;
    news(&server).await;
    let mut guest = subscribed(&server, &Guest, &["other"]).await;
    let mut root = subscribed(&server, &Superuser, &["news/*"]).await;
    let refused = guest.to(&["secrets/*"]);
    server.check([(Guest, refused, status(403).says("Not for you"))]).await;
    for title in ["hushed", "loud"] {
        server.record("news", json!({ "title": title })).await;
    }
    for (stream, told) in [(&mut guest, "anybody"), (&mut root, "somebody")] {
        let frame = stream.frame().await;
        assert_eq!((frame.event.as_str(), &frame.data["record"]["title"]), ("news/*", &json!("loud")), "{frame:?}");
        assert_eq!(frame.data["for"], told);
        assert!(!frame.id.is_empty(), "it keeps its number");
    }
    server.close().await;
}

#[tokio::test]
async fn a_connection_lasts_as_long_as_a_hook_says() {
    let server = Server::start_built(Bakend::builder().hook(brief)).await;
    let mut stream = Stream::open(&server, None).await;
    assert_eq!(stream.frame_or_end().await, None);
    server.close().await;
}

#[tokio::test]
async fn who_is_not_let_in_is_answered_with_the_reason() {
    let backend = Bakend::builder().on_realtime_connect(async |e| match e.client.address().is_loopback() {
        true => Err(Error::forbidden("Not from here")),
        false => Ok(()),
    });
    let server = Server::start_built(backend).await;
    server.check([(Guest, get("/api/realtime"), status(403).says("Not from here"))]).await;
    let upgrade = "GET /api/realtime/ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\
        Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    let answer = parsed(&server.raw(upgrade.as_bytes()).await);
    assert_eq!((answer.status, answer.json()["message"].clone()), (403, json!("Not from here.")));
    assert_eq!(server.app.realtime().clients(), 0);
    server.close().await;
}

#[tokio::test]
async fn links_of_the_chains_do_the_same_and_hear_channels_and_the_program_too() {
    let server = Server::start().await;
    news(&server).await;
    let hooks = server.app.hooks();
    hooks.realtime_connect.add(Bind::all(), |event, next| {
        Box::pin(async move {
            if event.client.address().is_ipv6() { Err(Error::forbidden("")) } else { next.run(event).await }
        })
    });
    hooks.realtime_subscribe.add(Bind::all(), |event, next| {
        Box::pin(async move {
            event.topics.retain(|topic| topic != "dropped");
            next.run(event).await
        })
    });
    // Tags of messages are their topics.
    hooks.realtime_message.add(Bind::on("@channel/lobby"), |event, next| {
        Box::pin(async move {
            let mut data = event.json()?;
            data["data"] = json!(format!("{} {}", data["data"].as_str().unwrap_or_default(), event.topic));
            event.set_json(&data);
            next.run(event).await
        })
    });
    let topics = ["dropped", "@channel/lobby", "news/*"];
    let mut program = server.app.realtime().subscribe(&topics, None).await.expect("it may");
    assert_eq!(server.app.realtime().send("dropped", &json!(1)).await.expect("sent"), 0);
    assert_eq!(server.app.realtime().publish("lobby", &json!("hello")).await.expect("published"), 1);
    let Some(Told::Event { data, seq: None, .. }) = program.next().await else { panic!("a message") };
    assert_eq!(data["data"], "hello @channel/lobby");
    server.record("news", json!({ "title": "as it is" })).await;
    let Some(Told::Event { data, seq: Some(_), .. }) = program.next().await else { panic!("a change") };
    assert_eq!(data["record"]["title"], "as it is");
}

#[tokio::test]
async fn a_change_is_looked_at_once_for_all_to_whom_it_looks_the_same() {
    const STREAMS_EACH: usize = 10;
    let looked: Arc<Mutex<Vec<String>>> = Arc::default();
    let note = Arc::clone(&looked);
    let backend = Bakend::builder().on_enrich_of("news", async move |e| {
        if e.request.context == Context::Realtime {
            let account = e.request.auth.as_ref().map_or("nobody", |account| account.id());
            note.lock().expect("nobody panics while holding it").push(account.to_owned());
        }
        Ok(())
    });
    let server = Server::start_built(backend).await;
    news(&server).await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let mut streams = Vec::new();
    for who in [Guest, ana.asks(), bob.asks()] {
        for _ in 0..STREAMS_EACH {
            streams.push(subscribed(&server, &who, &["news/*"]).await);
        }
    }
    server.record("news", json!({ "title": "once" })).await;
    for stream in &mut streams {
        assert_eq!(stream.told(1, "title").await, [("news/*".to_owned(), "create".to_owned(), "once".to_owned())]);
    }
    let mut looked = looked.lock().expect("nobody panics while holding it").clone();
    looked.sort();
    let mut each = [ana.id.clone(), bob.id.clone(), "nobody".to_owned()];
    each.sort();
    assert_eq!(looked, each);
    server.close().await;
}
