use std::{net::Ipv4Addr, time::Duration};

use super::*;
use crate::{
    hooks::Bind,
    limits::{REALTIME_QUEUE_MAX_EVENTS, SOCKET_REPLIES_MAX},
    service::{
        AppOptions,
        auth::{superusers, token, token::TokenKind},
        settings::{self, ChannelRule},
    },
};

/// Longest wait for something that must come.
const PATIENCE: Duration = Duration::from_secs(20);

struct House {
    _dir: tempfile::TempDir,
    app: App,
}

impl House {
    async fn new() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let app = App::open(AppOptions::new(dir.path())).await.expect("opens");
        Self { _dir: dir, app }
    }

    /// `lobby` for everybody, `club` for nobody but superusers.
    async fn has_channels(&self) {
        let mut settings = self.app.settings().as_ref().clone();
        let channel = |pattern: &str, rule: Option<&str>| ChannelRule {
            pattern: pattern.to_owned(),
            listen_rule: rule.map(str::to_owned),
            publish_rule: rule.map(str::to_owned),
            presence: true,
        };
        settings.realtime.channels = vec![channel("lobby", Some("")), channel("club", None)];
        settings::save(&self.app, settings).await.expect("they are kept");
    }

    async fn session(&self) -> Session {
        let here = IpAddr::from(Ipv4Addr::LOCALHOST);
        Session::open(&self.app, here, None, Arc::default()).await.expect("it is let in")
    }

    /// Sends a message to all who listen to `t`.
    async fn send(&self, data: u32) {
        self.app.realtime().send("t", &json!(data)).await.expect("sent");
    }
}

impl Session {
    async fn says(&self, message: Json) {
        self.hear(&message.to_string(), &mut Pace::default()).await;
    }

    /// The next messages; none: the connection ends.
    async fn told(&self) -> Vec<Json> {
        let messages = tokio::time::timeout(PATIENCE, self.next()).await.expect("something in time");
        messages.iter().map(|message| serde_json::from_slice(message).expect("json")).collect()
    }
}

impl Session {
    /// The answer to the message with this id.
    async fn answer(&self, id: u32) -> Json {
        loop {
            if let Some(answer) = self.told().await.into_iter().find(|message| message["id"] == id) {
                return answer;
            }
        }
    }

    /// What is told of presence next.
    async fn presence(&self) -> Json {
        loop {
            let told = self.told().await;
            if let Some(told) = told.into_iter().find(|message| message["data"]["action"] == "presence") {
                return told["data"].clone();
            }
        }
    }
}

fn kinds(messages: &[Json]) -> Vec<&str> {
    messages.iter().filter_map(|message| message["type"].as_str()).collect()
}

#[tokio::test]
async fn answers_come_in_order_and_pass_a_full_window() {
    let house = House::new().await;
    let session = house.session().await;
    session.says(json!({ "type": "subscribe", "topics": ["t"], "id": 1 })).await;
    house.send(1).await;
    session.says(json!({ "type": "flow", "window": 1, "id": 2 })).await;
    assert_eq!(kinds(&session.told().await), ["position", "ok"], "with a window, one by one");
    assert_eq!(kinds(&session.told().await), ["event", "ok"]);
    house.send(2).await;
    session.says(json!({ "type": "unsubscribe", "topics": [], "id": 3 })).await;
    assert_eq!(session.told().await[0]["id"], 3, "whoever works off an event may ask something first");
    session.says(json!({ "type": "ack", "count": 1 })).await;
    assert_eq!(session.told().await[0]["data"], 2);
    // The server stops while the window is full: the connection ends in good order.
    house.send(3).await;
    session.connection.mailbox.close();
    assert_eq!(session.told().await, [Json::Null; 0]);
}

#[tokio::test]
async fn who_is_behind_is_answered_all_the_same() {
    let house = House::new().await;
    let session = house.session().await;
    session.says(json!({ "type": "subscribe", "topics": ["t"] })).await;
    for at in 0..=REALTIME_QUEUE_MAX_EVENTS {
        session.connection.mailbox.send(Letter::Position(at as i64), 0);
    }
    session.says(json!({ "type": "unsubscribe", "topics": [], "id": "a" })).await;
    let told = session.told().await;
    assert_eq!((kinds(&told), &told[1]["id"]), (vec!["resync", "ok"], &json!("a")));
}

#[tokio::test]
async fn who_asks_without_reading_the_answers_is_sent_away() {
    let house = House::new().await;
    let session = house.session().await;
    for id in 0..SOCKET_REPLIES_MAX {
        session.says(json!({ "type": "unsubscribe", "topics": [], "id": id })).await;
        assert!(!session.connection.mailbox.is_closed(), "answer {id} of {SOCKET_REPLIES_MAX}");
    }
    session.says(json!({ "type": "unsubscribe", "topics": [], "id": "one more" })).await;
    assert!(session.connection.mailbox.is_closed());
    let told = session.told().await;
    assert_eq!(told.last().map(|last| &last["id"]), Some(&json!(SOCKET_REPLIES_MAX - 1)), "what waits is still sent");
}

#[tokio::test]
async fn every_message_counts_for_the_pace_whatever_it_says() {
    let house = House::new().await;
    let session = house.session().await;
    for text in ["no json", "[]", r#"{"type":"ack","count":0}"#] {
        let mut pace = Pace::default();
        for _ in 0..SOCKET_MESSAGES_MAX_PER_SECOND {
            session.hear(text, &mut pace).await;
        }
        let codes = |told: Vec<Json>| told.iter().filter(|message| message["code"] == "rate_limited").count();
        if !session.connection.mailbox.is_empty() {
            assert_eq!(codes(session.told().await), 0, "{text}");
        }
        session.hear(text, &mut pace).await;
        assert_eq!(codes(session.told().await), 1, "{text}");
    }
}

#[tokio::test]
async fn acknowledgements_of_what_was_sent_are_never_too_many() {
    let house = House::new().await;
    let session = house.session().await;
    let mut pace = Pace::default();
    for message in [json!({ "type": "subscribe", "topics": ["t"] }), json!({ "type": "flow", "window": 1 })] {
        session.hear(&message.to_string(), &mut pace).await;
    }
    let ack = json!({ "type": "ack", "count": 1 }).to_string();
    assert_eq!(kinds(&session.told().await), ["position"]);
    for data in 0..SOCKET_MESSAGES_MAX_PER_SECOND + 10 {
        house.send(data).await;
        assert_eq!(session.told().await[0]["data"], data);
        session.hear(&ack, &mut pace).await;
    }
    // Nothing is on the way: these make no room, and count.
    for _ in 0..SOCKET_MESSAGES_MAX_PER_SECOND {
        session.hear(&ack, &mut pace).await;
    }
    for data in [1, 2] {
        house.send(data).await;
    }
    session.says(json!({ "type": "unsubscribe", "topics": [], "id": 1 })).await;
    let told = [session.told().await, session.told().await].concat();
    let events: Vec<_> = told.iter().filter(|message| message["type"] == "event").collect();
    assert_eq!((events.len(), &events[0]["data"], told.iter().any(|message| message["id"] == 1)), (1, &json!(1), true));
}

#[tokio::test]
async fn who_came_while_a_subscription_was_made_is_shown_to_it() {
    let house = House::new().await;
    house.has_channels().await;
    let (early, late) = (house.session().await, house.session().await);
    let client = Arc::clone(&early.connection);
    house.app.hooks().realtime_subscribe.add(Bind::all(), move |event, next| {
        let (realtime, client) = (event.app.realtime(), Arc::clone(&client));
        Box::pin(async move {
            realtime.track(&client, "lobby", json!("early")).await?;
            next.run(event).await
        })
    });
    late.says(json!({ "type": "subscribe", "topics": ["@channel/lobby"], "id": 1 })).await;
    let told = late.told().await;
    let answer = told.iter().find(|message| message["type"] == "ok").expect("an answer");
    assert_eq!(answer["present"]["lobby"][0]["state"], "early");
}

#[tokio::test]
async fn who_is_present_is_shown_for_what_the_hooks_agreed_to_with_or_without_options() {
    let house = House::new().await;
    house.has_channels().await;
    let (here, member) = (house.session().await, house.session().await);
    house.app.realtime().track(&here.connection, "lobby", json!("here")).await.expect("it may");
    let root = superusers::create(&house.app, "root@example.com", "1234567890").await.expect("a superuser");
    let token = token::issue(&root, TokenKind::Auth, true, None).expect("a token");
    member.says(json!({ "type": "auth", "token": token })).await;
    house.app.realtime().track(&member.connection, "club", json!("member")).await.expect("it may");
    house.app.hooks().realtime_subscribe.add(Bind::all(), |event, next| {
        Box::pin(async move {
            event.topics.retain(|topic| topic != "@channel/club");
            next.run(event).await
        })
    });
    let guest = house.session().await;
    let topics = ["@channel/lobby?options=%7B%7D", "@channel/club"];
    guest.says(json!({ "type": "subscribe", "topics": topics, "id": 1 })).await;
    let present = &guest.answer(1).await["present"];
    assert_eq!(present["lobby"][0]["state"], "here", "{present}");
    assert_eq!(present.as_object().map(Map::len), Some(1), "the club is not the guest's: {present}");
}

#[tokio::test]
async fn what_an_account_shows_goes_with_its_access_and_what_a_guest_shows_stays() {
    let house = House::new().await;
    house.has_channels().await;
    let root = superusers::create(&house.app, "root@example.com", "1234567890").await.expect("a superuser");
    let token = token::issue(&root, TokenKind::Auth, true, None).expect("a token");
    let (watches, account, guest) = (house.session().await, house.session().await, house.session().await);
    watches.says(json!({ "type": "subscribe", "topics": ["@channel/lobby"] })).await;
    account.says(json!({ "type": "auth", "token": token })).await;
    for (session, user) in [(&guest, Json::Null), (&account, root.id().into())] {
        session.says(json!({ "type": "track", "channel": "lobby", "state": 1 })).await;
        session.review().await.expect("it is reviewed");
        assert_eq!(watches.presence().await["joined"][0]["user"]["id"], user);
    }
    let revoked = "UPDATE _superusers SET tokenKey = 'another token key that is long enough'";
    house.app.store().db().write(move |conn| conn.run_script(revoked)).await.expect("it is written");
    assert_eq!(watches.presence().await["left"][0]["user"]["id"], root.id());
    let present = house.app.realtime().present("lobby");
    assert_eq!((present.len(), &present[0]["user"]), (1, &Json::Null));
}

#[tokio::test]
async fn who_leaves_while_it_changes_what_it_shows_is_told_to_have_left() {
    let house = House::new().await;
    house.has_channels().await;
    let (listens, shows) = (house.session().await, house.session().await);
    listens.says(json!({ "type": "subscribe", "topics": ["@channel/lobby"] })).await;
    shows.says(json!({ "type": "track", "channel": "lobby", "state": 1 })).await;
    assert_eq!(listens.presence().await["joined"][0]["state"], 1);
    shows.connection.mailbox.close();
    for state in [2, 3] {
        shows.says(json!({ "type": "track", "channel": "lobby", "state": state })).await;
        assert!(house.app.realtime().present("lobby").is_empty());
    }
    let told = listens.presence().await;
    assert_eq!((&told["joined"], &told["left"][0]["key"]), (&json!([]), &json!(**shows.connection.key())));
    assert!(listens.connection.mailbox.is_empty(), "once");
}

#[tokio::test]
async fn what_a_refused_subscription_says_of_the_past_is_forgotten() {
    let house = House::new().await;
    house.has_channels().await;
    let session = house.session().await;
    session.says(json!({ "type": "subscribe", "topics": ["@channel/club"], "since": 0, "id": 1 })).await;
    assert_eq!(session.answer(1).await["code"], "forbidden");
    session.says(json!({ "type": "subscribe", "topics": ["t"], "id": 2 })).await;
    assert_eq!(kinds(&session.told().await), ["position", "ok"], "it begins now");
    session.says(json!({ "type": "subscribe", "topics": ["u"], "since": 0, "id": 3 })).await;
    assert_eq!(session.answer(3).await["code"], "invalid");
}
