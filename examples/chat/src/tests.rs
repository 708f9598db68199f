//! Who sees and writes what.

use std::time::Duration;

use bakend::{
    App, Bakend, Caller, Id, Kind,
    axum::{
        Router,
        body::{Body, BodyDataStream, to_bytes},
        http::{Method, Request},
    },
    serde_json::{Value, from_slice, from_str, json},
};
use futures_util::StreamExt as _;
use tower::ServiceExt as _;

use crate::{
    app,
    models::{Message, Room, User},
};

/// A chat with three people, and a room of Ana's with Bob in it.
struct Chat {
    _folder: tempfile::TempDir,
    backend: Bakend,
    ana: Caller,
    bob: Caller,
    eve: Caller,
    room: Room,
}

impl Chat {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let backend = app().dir(folder.path()).build().await.expect("it opens");
        let [ana, bob, eve] = [
            person(backend.app(), "ana").await,
            person(backend.app(), "bob").await,
            person(backend.app(), "eve").await,
        ];
        let draft = Room::new("Kitchen", id(&ana)).members([id(&bob)]);
        let room = backend.app().records_of::<Room>().as_user(&ana).create(draft).await.expect("a room");
        Self { _folder: folder, backend, ana, bob, eve, room }
    }

    fn app(&self) -> &App {
        self.backend.app()
    }

    async fn say(&self, who: &Caller, text: &str) -> bakend::Result<Message> {
        let draft = Message::new(&self.room, id(who), text);
        self.app().records_of::<Message>().as_user(who).create(draft).await
    }

    async fn seen_by(&self, who: &Caller) -> (u64, u64) {
        let rooms = self.app().records_of::<Room>().as_user(who).count().await.expect("counts");
        let messages = self.app().records_of::<Message>().as_user(who).count().await.expect("counts");
        (rooms, messages)
    }
}

fn id(who: &Caller) -> Id<User> {
    Id::new(who.record().expect("somebody").id())
}

async fn person(app: &App, name: &str) -> Caller {
    let draft = User::new(format!("{name}@example.com"), "correct horse", name);
    let user = app.records_of::<User>().as_guest().create(draft).await.expect("everybody may join");
    let record = app.records("users").as_system().one(user.id.as_str()).await.expect("it is there");
    Caller::user(record.record.clone())
}

#[tokio::test]
async fn who_is_in_a_room_sees_and_writes_its_messages_and_nobody_else_does() {
    let chat = Chat::open().await;
    chat.say(&chat.ana, "Tea?").await.expect("the owner may");
    chat.say(&chat.bob, "  Please.  ").await.expect("a member may");
    chat.say(&chat.eve, "Me too!").await.expect_err("a stranger may not");
    for (who, expected) in [(&chat.ana, (1, 2)), (&chat.bob, (1, 2)), (&chat.eve, (0, 0)), (&Caller::guest(), (0, 0))] {
        assert_eq!(chat.seen_by(who).await, expected);
    }
    let messages = chat.app().records_of::<Message>().as_user(&chat.ana).sort(Message::created.asc()).list().await;
    let texts: Vec<String> = messages.expect("a page").items.into_iter().map(|message| message.text).collect();
    assert!(texts.contains(&"Please.".to_owned()), "{texts:?}");
    chat.backend.close().await;
}

#[tokio::test]
async fn leaving_a_room_ends_it_all() {
    let chat = Chat::open().await;
    let message = chat.say(&chat.bob, "Hello").await.expect("a member may");
    let out = Room::update().members(Vec::<Id<User>>::new());
    let by_bob = chat.app().records_of::<Room>().as_user(&chat.bob).update(&chat.room.id, out.clone()).await;
    assert_eq!(by_bob.expect_err("the owner decides").kind(), Kind::NotFound);
    chat.app().records_of::<Room>().as_user(&chat.ana).update(&chat.room.id, out).await.expect("the owner may");
    assert_eq!(chat.seen_by(&chat.bob).await, (0, 0));
    chat.say(&chat.bob, "Still here?").await.expect_err("not any more");
    let gone = chat.app().records_of::<Message>().as_user(&chat.bob).one(&message.id).await;
    assert_eq!(gone.expect_err("hidden").kind(), Kind::NotFound);
    chat.backend.close().await;
}

#[tokio::test]
async fn messages_are_changed_by_their_authors_and_marked() {
    let chat = Chat::open().await;
    let message = chat.say(&chat.bob, "Helo").await.expect("a member may");
    assert!(!message.edited);
    let messages = |who: &Caller| chat.app().records_of::<Message>().as_user(who);
    let change = || Message::update().text("Hello");
    let by_ana = messages(&chat.ana).update(&message.id, change()).await;
    assert_eq!(by_ana.expect_err("not hers").kind(), Kind::NotFound);
    let changed = messages(&chat.bob).update(&message.id, change()).await.expect("his own");
    assert!(changed.edited);
    let moved = messages(&chat.bob).update(&message.id, Message::update().author(id(&chat.ana))).await;
    assert_eq!(moved.expect_err("nobody gives words to others").kind(), Kind::NotFound);
    messages(&chat.ana).delete(&message.id).await.expect("the owner of the room tidies up");
    chat.backend.close().await;
}

#[tokio::test]
async fn blanks_are_no_message_and_nobody_speaks_for_others() {
    let chat = Chat::open().await;
    let blank = chat.say(&chat.ana, " \n ").await.expect_err("refused");
    assert_eq!(blank.message(), "A message needs some text.");
    let forged = Message::new(&chat.room, id(&chat.ana), "I owe Bob money");
    chat.app().records_of::<Message>().as_user(&chat.bob).create(forged).await.expect_err("refused");
    assert_eq!(chat.app().records_of::<Message>().as_system().count().await.expect("counts"), 0);
    chat.backend.close().await;
}

/// What somebody's open stream of events says.
struct Ears {
    stream: BodyDataStream,
    heard: String,
}

async fn ask(router: &Router, method: Method, path: &str, token: &str, body: Value) -> Body {
    let request = Request::builder().method(method).uri(path).header("authorization", token);
    let request = request.header("content-type", "application/json").body(Body::from(body.to_string()));
    let answer = router.clone().oneshot(request.expect("a request")).await.expect("it answers");
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.into_body()
}

impl Ears {
    async fn open(router: &Router, name: &str) -> Self {
        let account = json!({ "identity": format!("{name}@example.com"), "password": "correct horse" });
        let signed = ask(router, Method::POST, "/api/collections/users/auth-with-password", "", account).await;
        let signed: Value = from_slice(&to_bytes(signed, 1 << 20).await.expect("a body")).expect("JSON");
        let token = signed["token"].as_str().expect("a token");
        let stream = ask(router, Method::GET, "/api/realtime", token, json!({})).await.into_data_stream();
        let mut ears = Self { stream, heard: String::new() };
        let connected = ears.next().await;
        let wanted = json!({ "clientId": connected["clientId"], "subscriptions": ["messages/*"] });
        let _answer = ask(router, Method::POST, "/api/realtime", token, wanted).await;
        ears
    }

    /// The data of the next event.
    async fn next(&mut self) -> Value {
        loop {
            if let Some((frame, rest)) = self.heard.split_once("\n\n") {
                let data =
                    frame.lines().find_map(|line| line.strip_prefix("data:")).map(|data| from_str(data).expect("JSON"));
                self.heard = rest.to_owned();
                if let Some(data) = data {
                    return data;
                }
                continue;
            }
            let chunk =
                tokio::time::timeout(Duration::from_secs(20), self.stream.next()).await.expect("an event comes");
            let chunk = chunk.expect("the stream goes on").expect("it is whole");
            self.heard += std::str::from_utf8(&chunk).expect("text");
        }
    }
}

#[tokio::test]
async fn messages_are_heard_by_those_who_may_see_them_as_they_come() {
    let chat = Chat::open().await;
    let app = chat.app().clone();
    let room = chat.room.clone();
    let (ana, eve) = (chat.ana.clone(), chat.eve.clone());
    let router = chat.backend.into_router();
    let (mut bobs, mut eves) = (Ears::open(&router, "bob").await, Ears::open(&router, "eve").await);
    let say = async |room: &Room, who: &Caller, text: &str| {
        let draft = Message::new(room, id(who), text);
        app.records_of::<Message>().as_user(who).create(draft).await.expect("said")
    };
    say(&room, &ana, "Tea?").await;
    let own = app.records_of::<Room>().as_user(&eve).create(Room::new("Attic", id(&eve))).await.expect("a room");
    say(&own, &eve, "Alone").await;
    say(&room, &ana, "Now!").await;
    let heard = bobs.next().await;
    assert_eq!((heard["action"].as_str(), heard["record"]["text"].as_str()), (Some("create"), Some("Tea?")));
    assert_eq!(bobs.next().await["record"]["text"], "Now!", "what Eve says is not for Bob");
    assert_eq!(eves.next().await["record"]["text"], "Alone", "what Ana says is not for Eve");
    let page = ask(&router, Method::GET, "/", "", json!({})).await;
    let page = to_bytes(page, 1 << 20).await.expect("a body");
    assert!(page.starts_with(b"<!doctype html>"));
    app.close().await;
}
