//! Realtime over server-sent events: connecting, subscribing, being told.

use std::time::Duration;

use bakend::service::realtime::OAUTH2;
use serde_json::{Value as Json, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{
    client::{Server, get, patch, post, status},
    world::{Guest, Superuser},
};

/// Longest time a frame may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// An open stream of events.
pub struct Stream {
    tcp: TcpStream,
    text: String,
    /// What the greeting said.
    pub client: String,
    /// What an EventSource would send as Last-Event-ID: the id of the last frame that had one.
    pub last_id: String,
}

/// One frame.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frame {
    pub id: String,
    pub event: String,
    pub data: Json,
}

impl Stream {
    /// Opens a stream and waits for its greeting.
    pub async fn open(server: &Server, last_event_id: Option<&str>) -> Self {
        let mut tcp = TcpStream::connect(&server.address).await.expect("the server listens");
        let last = last_event_id.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        let head = format!("GET /api/realtime HTTP/1.1\r\nHost: {}\r\n{last}\r\n", server.address);
        tcp.write_all(head.as_bytes()).await.expect("sent");
        let mut stream = Self { tcp, text: String::new(), client: String::new(), last_id: String::new() };
        while !stream.text.contains("\r\n\r\n") {
            stream.more().await.expect("a head");
        }
        let head = stream.text.split("\r\n\r\n").next().unwrap_or_default().to_ascii_lowercase();
        for wanted in ["200 ok", "content-type: text/event-stream", "cache-control: no-store", "x-accel-buffering: no"]
        {
            assert!(head.contains(wanted), "{wanted} in {head}");
        }
        let greeting = stream.frame().await;
        assert_eq!(greeting.event, "PB_CONNECT");
        stream.client = greeting.data["clientId"].as_str().expect("an id").to_owned();
        assert_eq!(greeting.id, stream.client);
        stream
    }

    async fn more(&mut self) -> Option<()> {
        let mut bytes = [0; 8192];
        let read = tokio::time::timeout(PATIENCE, self.tcp.read(&mut bytes)).await.expect("something in time");
        let read = read.expect("it reads");
        self.text.push_str(&String::from_utf8_lossy(&bytes[..read]));
        (read > 0).then_some(())
    }

    /// The next event; frames without one are passed over.
    pub async fn frame(&mut self) -> Frame {
        self.frame_or_end().await.expect("the stream goes on")
    }

    /// The next event; `None`: the stream ended.
    pub async fn frame_or_end(&mut self) -> Option<Frame> {
        loop {
            let frame = self.any_frame().await?;
            if !frame.event.is_empty() {
                return Some(frame);
            }
        }
    }

    /// The next frame, an event or not; `None`: the stream ended.
    pub async fn any_frame(&mut self) -> Option<Frame> {
        loop {
            if let Some(end) = self.text.find("\n\n") {
                let block: String = self.text.drain(..end + 2).collect();
                let mut frame = Frame::default();
                for line in block.lines() {
                    match line.split_once(':') {
                        Some(("id", id)) => frame.id = id.to_owned(),
                        Some(("event", event)) => frame.event = event.to_owned(),
                        Some(("data", data)) => frame.data = serde_json::from_str(data).expect("json"),
                        _ => {}
                    }
                }
                if !frame.id.is_empty() {
                    self.last_id.clone_from(&frame.id);
                }
                return Some(frame);
            }
            self.more().await?;
        }
    }

    /// The request that subscribes to these topics, in place of all others.
    pub fn to(&self, topics: &[&str]) -> super::client::Ask {
        post("/api/realtime", json!({ "clientId": self.client, "subscriptions": topics }))
    }
}

#[tokio::test]
async fn a_subscription_is_refused_in_the_words_of_the_protocol() {
    let server = Server::start().await;
    let stream = Stream::open(&server, None).await;
    let other = Stream::open(&server, None).await;
    let ask = |body: Json| post("/api/realtime", body);
    let many = json!({ "clientId": stream.client, "subscriptions": vec!["a"; 1001] });
    let long = json!({ "clientId": stream.client, "subscriptions": ["x".repeat(2501)] });
    let ana = server.person("ana").await;
    let bob = server.person("bob").await;
    let failed = "Something went wrong while processing your request.";
    server
        .check([
            (
                Guest,
                ask(json!({})),
                status(400).has("/data/clientId/code", "validation_required").has("/message", failed),
            ),
            (Guest, ask(json!({ "clientId": "x" })), status(404).has("/message", "Missing or invalid client id.")),
            (Guest, ask(json!({ "clientId": 5 })), status(400).has("/message", failed)),
            (
                Guest,
                ask(json!({ "clientId": "x".repeat(256) })),
                status(400).has("/data/clientId/code", "validation_length_out_of_range"),
            ),
            (Guest, ask(many), status(400).has("/data/subscriptions/code", "validation_length_too_long")),
            (Guest, ask(long), status(400).has("/data/subscriptions/0/code", "validation_length_too_long")),
            (Guest, stream.to(&["a\nevent: b"]), status(400)),
            (Guest, stream.to(&["posts/*", "nope/*", ""]), status(204)),
            (ana.asks(), stream.to(&["posts/*"]), status(204)),
            (ana.asks(), stream.to(&[]), status(204)),
            (bob.asks(), stream.to(&[]), status(403).says("request authorization don't match")),
            (Guest, stream.to(&[]), status(403)),
            (Superuser, other.to(&["a"]), status(204)),
        ])
        .await;
    drop(stream);
    drop(other);
}

#[tokio::test]
async fn a_message_reaches_one_client_once_if_it_asked_for_it() {
    let server = Server::start().await;
    let mut stream = Stream::open(&server, None).await;
    let realtime = server.app.realtime();
    let message = json!({ "state": "s", "code": "c" });
    assert!(!realtime.send_to(&stream.client, OAUTH2, &message).expect("sends"), "it did not ask");
    assert!(!realtime.send_to("nobody", OAUTH2, &message).expect("sends"));
    server.check([(Guest, stream.to(&[OAUTH2, "news"]), status(204))]).await;
    assert!(realtime.send_to(&stream.client, OAUTH2, &message).expect("sends"));
    assert!(!realtime.send_to(&stream.client, OAUTH2, &message).expect("sends"), "one message ends it");
    assert!(realtime.send_to(&stream.client, "news", &json!(1)).expect("sends"));
    let frame = stream.frame().await;
    assert_eq!(frame, Frame { event: OAUTH2.to_owned(), data: message, ..Frame::default() });
    assert_eq!(stream.frame().await.event, "news");
}

#[tokio::test]
async fn who_hangs_up_is_forgotten_and_a_stopping_server_ends_its_streams() {
    let server = Server::start().await;
    let gone = Stream::open(&server, None).await;
    let mut stays = Stream::open(&server, None).await;
    assert_eq!(server.app.realtime().clients(), 2);
    drop(gone);
    while server.app.realtime().clients() > 1 {
        tokio::task::yield_now().await;
    }
    let head = server.send(&super::client::Ask::new("HEAD", "/api/realtime")).await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(server.send(&get("/api/health")).await.status, 200);
    server.stop();
    assert_eq!(stays.frame_or_end().await, None);
    server.close().await;
}

/// Notes that everybody may list and only owners may view.
async fn notes(server: &Server) {
    let users = server.made(get("/api/collections/users")).await["id"].clone();
    let fields = json!([
        { "name": "title", "type": "text" },
        { "name": "secret", "type": "text", "hidden": true },
        { "name": "owner", "type": "relation", "collectionId": users, "maxSelect": 1 },
        { "name": "readers", "type": "relation", "collectionId": users, "maxSelect": 9 },
    ]);
    let rules = [Some(""), Some("owner = @request.auth.id"), Some(""), Some(""), Some("")];
    server.collection("notes", rules, fields).await;
}

/// A stream of somebody, subscribed to these topics.
pub async fn subscribed(server: &Server, who: &super::world::Who, topics: &[&str]) -> Stream {
    let stream = Stream::open(server, None).await;
    let answer = server.ask(who, stream.to(topics)).await;
    assert_eq!(answer.status, 204, "{answer:?}");
    stream
}

impl Stream {
    /// The next events: their topics, actions and one property of their records.
    pub async fn told(&mut self, count: usize, property: &str) -> Vec<(String, String, String)> {
        let mut told = Vec::new();
        while told.len() < count {
            let Frame { event, data, .. } = self.frame().await;
            let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            told.push((event, text(&data["action"]), text(&data["record"][property])));
        }
        told
    }
}

fn owned(told: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
    let text = |text: &str| text.to_owned();
    told.iter().map(|(topic, action, value)| (text(topic), text(action), text(value))).collect()
}

#[tokio::test]
async fn each_subscriber_hears_of_what_its_rules_allow_as_it_may_see_it() {
    let server = Server::start().await;
    notes(&server).await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let id = "note00000000001";
    let one = format!("notes/{id}");
    let mut guest = subscribed(&server, &Guest, &["notes/*", &one]).await;
    let mut owner = subscribed(&server, &ana.asks(), &[&one, "notes"]).await;
    let other = subscribed(&server, &bob.asks(), &[&one]).await;
    assert!(!other.client.is_empty());
    let mut root = subscribed(&server, &Superuser, &["notes/*"]).await;
    let path = format!("/api/collections/notes/records/{id}");
    // The view rule keeps a guest out. Of what is gone before it is told only the end is: each is waited for.
    server.record("notes", json!({ "id": id, "title": "a", "secret": "s", "owner": ana.id })).await;
    assert_eq!(guest.told(1, "title").await, owned(&[("notes/*", "create", "a")]));
    server.made(super::client::patch(&path, json!({ "title": "b" }))).await;
    assert_eq!(guest.told(1, "title").await, owned(&[("notes/*", "update", "b")]));
    server.made(super::client::delete(&path)).await;
    assert_eq!(guest.told(1, "title").await, owned(&[("notes/*", "delete", "b")]));
    server.record("notes", json!({ "title": "end", "owner": bob.id })).await;
    assert_eq!(guest.told(1, "title").await, owned(&[("notes/*", "create", "end")]));
    assert_eq!(root.told(1, "secret").await, owned(&[("notes/*", "create", "s")]));
    let mut of_owner = owner.told(7, "secret").await;
    assert!(of_owner.iter().all(|(_, _, secret)| secret == "null"), "hidden fields stay hidden: {of_owner:?}");
    of_owner.retain(|(topic, ..)| *topic == one);
    let actions: Vec<_> = of_owner.iter().map(|(_, action, _)| action.as_str()).collect();
    assert_eq!(actions, ["create", "update", "delete"]);
}

#[tokio::test]
async fn a_stream_that_breaks_before_it_is_subscribed_keeps_its_place() {
    let server = Server::start().await;
    server.collection("news", [Some(""); 5], json!([{ "name": "title", "type": "text" }])).await;
    let mut stream = subscribed(&server, &Guest, &["news/*"]).await;
    server.record("news", json!({ "title": "heard" })).await;
    assert_eq!(stream.frame().await.data["record"]["title"], "heard");
    let place = stream.last_id.clone();
    drop(stream);
    server.record("news", json!({ "title": "missed" })).await;
    let mut brief = Stream::open(&server, Some(&place)).await;
    brief.any_frame().await.expect("its place");
    assert_eq!(brief.last_id, place, "an EventSource says this when it connects again");
    let last_id = brief.last_id.clone();
    drop(brief);
    let mut again = Stream::open(&server, Some(&last_id)).await;
    server.check([(Guest, again.to(&["news/*"]), status(204))]).await;
    assert_eq!(again.frame().await.data["record"]["title"], "missed");
    drop(again);
    server.close().await;
}

#[tokio::test]
async fn a_row_that_cannot_be_read_does_not_hush_the_others() {
    let server = Server::start().await;
    server.collection("news", [Some(""); 5], json!([{ "name": "title", "type": "text" }])).await;
    let mut stream = subscribed(&server, &Guest, &["news/*"]).await;
    let rows = "INSERT INTO news (id, title) VALUES ('aaaaaaaaaaaaaaa', x'ff00'), ('bbbbbbbbbbbbbbb', 'fine')";
    server.app.store().db().write(move |conn| conn.run_script(rows)).await.expect("writes");
    let frame = stream.frame().await;
    assert_eq!((frame.event.as_str(), &frame.data["record"]["title"]), ("news/*", &json!("fine")), "{frame:?}");
    server.close().await;
}

#[tokio::test]
async fn a_row_with_a_number_that_json_has_no_word_for_is_told_of_when_it_goes() {
    let server = Server::start().await;
    server
        .collection("news", [Some(""); 5], json!([{ "name": "n", "type": "number" }, { "name": "t", "type": "text" }]))
        .await;
    let by_hand = async |sql: &'static str| server.app.store().db().write(move |conn| conn.run_script(sql)).await;
    let rows = "INSERT INTO news (id, n, t) VALUES ('aaaaaaaaaaaaaaa', 9e999, 'a'), ('bbbbbbbbbbbbbbb', -9e999, 'b'),
        ('ccccccccccccccc', 1, CAST(x'22ff22' AS TEXT))";
    by_hand(rows).await.expect("writes");
    let mut stream = subscribed(&server, &Guest, &["news/*"]).await;
    by_hand("DELETE FROM news WHERE id < 'c'").await.expect("deletes");
    assert_eq!(stream.told(2, "t").await, owned(&[("news/*", "delete", "a"), ("news/*", "delete", "b")]));
    // What cannot be read at all is not silent either.
    by_hand("DELETE FROM news").await.expect("deletes");
    let frame = stream.frame().await;
    assert_eq!((frame.event.as_str(), &frame.data["reason"]), ("resync", &json!("failed")), "{frame:?}");
    server.close().await;
}

#[tokio::test]
async fn who_was_away_longer_than_changes_are_kept_is_told_to_fetch_its_data_anew() {
    let server = Server::start().await;
    server.collection("news", [Some(""); 5], json!([{ "name": "title", "type": "text" }])).await;
    server.record("news", json!({ "title": "forgotten" })).await;
    let prune = "DELETE FROM _changes WHERE seq < (SELECT max(seq) FROM _changes)";
    server.app.store().db().write(move |conn| conn.run_script(prune)).await.expect("writes");
    let mut stream = Stream::open(&server, Some("1")).await;
    server.check([(Guest, stream.to(&["news/*"]), status(204))]).await;
    let frame = stream.frame().await;
    assert_eq!((frame.event.as_str(), &frame.data["reason"]), ("resync", &json!("pruned")), "{frame:?}");
    assert_eq!(frame.id, frame.data["seq"].to_string(), "it goes on from there");
    server.record("news", json!({ "title": "new" })).await;
    assert_eq!(stream.frame().await.data["record"]["title"], "new");
    server.close().await;
}

#[tokio::test]
async fn who_listens_when_the_log_is_emptied_by_hand_hears_what_comes_then() {
    let server = Server::start().await;
    server.collection("news", [Some(""); 5], json!([{ "name": "title", "type": "text" }])).await;
    let mut stream = subscribed(&server, &Guest, &["news/*"]).await;
    server.app.store().db().write(move |conn| conn.run_script("DELETE FROM _changes")).await.expect("writes");
    let frame = stream.frame().await;
    assert_eq!((frame.event.as_str(), &frame.data["reason"]), ("resync", &json!("pruned")), "{frame:?}");
    server.record("news", json!({ "title": "new" })).await;
    assert_eq!(stream.frame().await.data["record"]["title"], "new");
    server.close().await;
}

#[tokio::test]
async fn who_subscribes_to_nothing_at_first_keeps_its_place() {
    let server = Server::start().await;
    server.collection("news", [Some(""); 5], json!([{ "name": "title", "type": "text" }])).await;
    let mut stream = subscribed(&server, &Guest, &["news/*"]).await;
    stream.any_frame().await.expect("where it is");
    let place = stream.last_id.clone();
    drop(stream);
    server.record("news", json!({ "title": "missed" })).await;
    let mut again = Stream::open(&server, Some(&place)).await;
    for topics in [&[][..], &["news/*"]] {
        server.check([(Guest, again.to(topics), status(204))]).await;
    }
    loop {
        let frame = again.any_frame().await.expect("it goes on");
        if frame.event == "news/*" {
            assert_eq!(frame.data["record"]["title"], "missed");
            break;
        }
        assert_eq!(frame.id, place, "it is nowhere else before it heard what it missed: {frame:?}");
    }
    server.close().await;
}

#[tokio::test]
async fn one_address_has_as_many_streams_as_the_settings_say() {
    let server = Server::start().await;
    let settings = patch("/api/settings", json!({ "realtime": { "maxClientsPerIP": 1 } }));
    server.check([(Superuser, settings, status(200))]).await;
    let stream = Stream::open(&server, None).await;
    server.check([(Guest, get("/api/realtime"), status(429))]).await;
    drop(stream);
    server.close().await;
}

#[tokio::test]
async fn records_are_told_with_what_a_subscription_expands() {
    let server = Server::start().await;
    let authors = server.collection("authors", [Some(""); 5], json!([{ "name": "name", "type": "text" }])).await;
    let author = json!([{ "name": "author", "type": "relation", "collectionId": authors["id"], "maxSelect": 1 }]);
    server.collection("posts", [Some(""); 5], author).await;
    let topic = "posts/*?options=%7B%22query%22%3A%7B%22expand%22%3A%22author%22%7D%7D";
    let mut stream = subscribed(&server, &Guest, &[topic]).await;
    let ana = server.record("authors", json!({ "name": "Ana" })).await;
    server.record("posts", json!({ "author": ana })).await;
    let frame = stream.frame().await;
    assert_eq!(frame.data["record"]["expand"]["author"]["name"], "Ana", "{frame:?}");
    server.close().await;
}

#[tokio::test]
async fn who_reads_misses_nothing_of_more_than_may_wait_for_it() {
    let server = Server::start().await;
    let fields = json!([{ "name": "title", "type": "text" }, { "name": "text", "type": "text", "max": 200_000 }]);
    server.collection("pages", [Some(""); 5], fields).await;
    let position = server.column("SELECT CAST(max(seq) AS TEXT) FROM _changes").await;
    // Fifty of them would be too many at once.
    let sql = "WITH RECURSIVE c(n) AS (SELECT 100 UNION ALL SELECT n + 1 FROM c WHERE n < 199)
               INSERT INTO pages (id, title, text) SELECT 'p' || n, n, hex(zeroblob(50000)) FROM c";
    server.app.store().db().write(move |conn| conn.run_script(sql)).await.expect("they are written");
    let mut stream = Stream::open(&server, Some(&position[0])).await;
    server.check([(Guest, stream.to(&["pages/*"]), status(204))]).await;
    let titles: Vec<_> = stream.told(100, "title").await.into_iter().map(|(_, _, title)| title).collect();
    assert_eq!(titles, (100..200).map(|n| n.to_string()).collect::<Vec<_>>());
    server.close().await;
}
