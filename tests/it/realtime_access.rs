//! Who hears what of whom: sessions, keys, and streams whose owner lost access.

use std::sync::{Arc, Mutex};

use bakend::{
    Bakend,
    limits::{REALTIME_CASCADE_MAX_CHANGES, REALTIME_ROUND_MAX_CHANGES},
    query::Context,
    service::realtime::{ME, SYSTEM_ALL},
};
use serde_json::{Value as Json, json};

use super::{
    client::{PASSWORD, Server, delete, get, patch, post, status},
    realtime::{Stream, subscribed},
    world::{Guest, Person, Superuser, Who},
};

/// `open` for everybody, `inner` for everybody who signed in.
async fn server() -> Server {
    let server = Server::start().await;
    let fields = || json!([{ "name": "title", "type": "text" }, { "name": "rank", "type": "number", "hidden": true }]);
    server.collection("open", [Some(""); 5], fields()).await;
    server.collection("inner", [Some("@request.auth.id != ''"); 5], fields()).await;
    server
}

/// Another sign-in of the same person.
async fn again(server: &Server, name: &str) -> Who {
    Who::Token(server.token("users", &format!("{name}@example.com"), PASSWORD).await)
}

/// The id of the session of whoever asks.
async fn session_of(server: &Server, who: &Who) -> String {
    let listed = server.ask(who, get("/api/sessions")).await.json();
    let items = listed["items"].as_array().expect("items");
    let current = items.iter().find(|item| item["current"] == true).expect("one is current");
    current["id"].as_str().expect("an id").to_owned()
}

impl Stream {
    /// The data of the next event on a topic whose record belongs to an account.
    async fn of(&mut self, topic: &str, record: &str) -> Json {
        loop {
            let frame = self.frame().await;
            if frame.event == topic && frame.data["record"]["recordId"] == record {
                return frame.data;
            }
        }
    }

    /// That the next event says that the account is signed out.
    async fn is_signed_out(&mut self) {
        let frame = self.frame().await;
        assert_eq!((frame.event.as_str(), &frame.data["action"]), (ME, &json!("signedOut")), "{frame:?}");
    }

    /// That of what happens now only what is for everybody is heard.
    async fn is_a_guests(&mut self, server: &Server) {
        server.record("inner", json!({ "title": "not for guests" })).await;
        server.record("open", json!({ "title": "for everybody" })).await;
        let frame = self.frame().await;
        assert_eq!((frame.event.as_str(), &frame.data["record"]["title"]), ("open/*", &json!("for everybody")));
    }
}

#[tokio::test]
async fn an_account_hears_of_its_own_sessions_and_superusers_of_everybodys() {
    let server = server().await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let mut anas = subscribed(&server, &ana.asks(), &[ME]).await;
    let mut bobs = subscribed(&server, &bob.asks(), &[ME, "@system/sessions", SYSTEM_ALL]).await;
    let mut one = subscribed(&server, &Superuser, &["@system/sessions"]).await;
    let mut all = subscribed(&server, &Superuser, &[SYSTEM_ALL]).await;
    let phone = again(&server, "ana").await;
    let id = session_of(&server, &phone).await;
    for (stream, topic) in [(&mut anas, ME), (&mut one, "@system/sessions"), (&mut all, SYSTEM_ALL)] {
        let told = stream.of(topic, &ana.id).await;
        assert_eq!((&told["kind"], &told["action"]), (&json!("sessions"), &json!("create")), "{told}");
        assert_eq!((&told["record"]["id"], &told["record"]["method"]), (&json!(id), &json!("password")), "{told}");
        assert_eq!(told["record"]["collectionName"], "users", "{told}");
    }
    let seen = server.ask(&ana.asks(), delete(&format!("/api/sessions/{id}"))).await;
    assert_eq!(seen.status, 204);
    for (stream, topic) in [(&mut anas, ME), (&mut one, "@system/sessions"), (&mut all, SYSTEM_ALL)] {
        let told = stream.of(topic, &ana.id).await;
        assert_eq!((&told["action"], &told["record"]["id"]), (&json!("delete"), &json!(id)), "{told}");
    }
    // What is seen of a session now and then is no news.
    let moved = "UPDATE _sessions SET last_used = '2030-01-01 00:00:00.000Z'";
    server.app.transaction(async |tx| tx.execute(moved, [""; 0]).await).await.expect("it is written");
    server.made(patch(&format!("/api/collections/users/records/{}", bob.id), json!({ "name": "Bob" }))).await;
    let frame = bobs.frame().await;
    assert_eq!(frame.data["record"]["name"], "Bob", "the first that Bob hears of is his own: {frame:?}");
}

#[tokio::test]
async fn a_stream_whose_owner_lost_access_is_a_guests_at_once() {
    let server = server().await;
    let person = |name: &'static str| server.person(name);
    let (ana, bob, cleo, dan) = (person("ana").await, person("bob").await, person("cleo").await, person("dan").await);
    let topics = [ME, "inner/*", "open/*"];
    let open = async |who: &Person| subscribed(&server, &who.asks(), &topics).await;
    let mut streams = [open(&ana).await, open(&bob).await, open(&cleo).await, open(&dan).await];
    server.record("inner", json!({ "title": "still" })).await;
    for stream in &mut streams {
        assert_eq!(stream.frame().await.data["record"]["title"], "still");
    }

    let own = session_of(&server, &ana.asks()).await;
    server.made(delete(&format!("/api/sessions/{own}"))).await;
    let by_hand = async |sql: &str, id: &str| {
        server.app.transaction(async |tx| tx.execute(sql, [id]).await).await.expect("it is written")
    };
    by_hand("DELETE FROM _sessions WHERE record = ?", &bob.id).await;
    by_hand("UPDATE users SET tokenKey = 'another token key that is long enough' WHERE id = ?", &cleo.id).await;
    server.made(delete(&format!("/api/collections/users/records/{}", dan.id))).await;
    for (stream, person) in streams.iter_mut().zip([&ana, &bob, &cleo, &dan]) {
        // Somebody's account is told of its own change before, where it has changed.
        let frame = stream.frame().await;
        if frame.data["action"] != "signedOut" {
            assert_eq!(frame.data["kind"], Json::Null, "{frame:?}");
            stream.is_signed_out().await;
        }
        let refresh = post("/api/collections/users/auth-refresh", json!({}));
        assert_eq!(server.ask(&person.asks(), refresh).await.status, 401);
    }
    for stream in &mut streams {
        stream.is_a_guests(&server).await;
    }
}

#[tokio::test]
async fn raw_sql_ends_a_session_also_when_nobody_listens() {
    let server = server().await;
    let ana = server.person("ana").await;
    let refresh = || post("/api/collections/users/auth-refresh", json!({}));
    assert_eq!(server.ask(&ana.asks(), refresh()).await.status, 200);
    let ended = server
        .app
        .transaction(async |tx| tx.execute("DELETE FROM _sessions WHERE record = ?", [ana.id.as_str()]).await);
    assert_eq!(ended.await.expect("it is written"), 1);
    assert_eq!(server.ask(&ana.asks(), refresh()).await.status, 401);
}

#[tokio::test]
async fn a_key_hears_what_its_scopes_let_it_read_and_nothing_else() {
    let server = server().await;
    let ana = server.person("ana").await;
    let key = async |who: &Who, scopes: Json| {
        let made = server.ask(who, post("/api/api-keys", json!({ "name": "k", "scopes": scopes }))).await.json();
        let text = made["key"].as_str().expect("a key").to_owned();
        (Who::Token(format!("Bearer {text}")), made["id"].as_str().expect("an id").to_owned())
    };
    let id = "inner0000000001";
    let one = format!("inner/{id}");
    let topics = ["inner/*", "open/*", &one, ME, SYSTEM_ALL];
    let (lists, lists_id) = key(&ana.asks(), json!(["inner:list"])).await;
    let (views, _) = key(&ana.asks(), json!(["inner:view"])).await;
    let (nothing, nothing_id) = key(&ana.asks(), json!(["open:create"])).await;
    let (all, _) = key(&ana.asks(), json!(["*"])).await;
    let (watches, _) = key(&Superuser, json!(["inner:list", "sessions"])).await;
    let mut lists = subscribed(&server, &lists, &topics).await;
    let mut views = subscribed(&server, &views, &topics).await;
    let mut nothing = subscribed(&server, &nothing, &topics).await;
    let mut all = subscribed(&server, &all, &topics).await;
    let mut watches = subscribed(&server, &watches, &topics).await;
    let mut whole = subscribed(&server, &Superuser, &topics[..1]).await;

    server.record("open", json!({ "title": "open" })).await;
    server.record("inner", json!({ "id": id, "title": "inner", "rank": 7 })).await;
    let told = |topic: &str, action: &str, title: &str| vec![(topic.to_owned(), action.to_owned(), title.to_owned())];
    assert_eq!(lists.told(1, "title").await, told("inner/*", "create", "inner"));
    assert_eq!(views.told(1, "title").await, told(&one, "create", "inner"));
    let mut heard = all.told(3, "title").await;
    heard.sort();
    let expected =
        [told("inner/*", "create", "inner"), told(&one, "create", "inner"), told("open/*", "create", "open")];
    assert_eq!(heard, expected.concat());
    let seen = whole.frame().await;
    let mut heard = watches.frame().await;
    while heard.event == SYSTEM_ALL {
        assert_eq!(heard.data["kind"], "sessions", "settings and collections are not its: {heard:?}");
        heard = watches.frame().await;
    }
    assert_eq!((&heard.data, &heard.data["record"]["rank"]), (&seen.data, &json!(7)), "what its superuser sees");
    server.made(delete(&format!("/api/collections/inner/records/{id}"))).await;
    assert_eq!(lists.told(1, "title").await, told("inner/*", "delete", "inner"));
    assert_eq!(views.told(1, "title").await, told(&one, "delete", "inner"));

    // A key that ended is nobody's: from now on what is for everybody is heard, also what the key kept out.
    for (stream, id) in [(&mut lists, lists_id), (&mut nothing, nothing_id)] {
        server.made(delete(&format!("/api/api-keys/{id}"))).await;
        stream.is_signed_out().await;
        stream.is_a_guests(&server).await;
    }
}

#[tokio::test]
async fn a_filter_of_a_key_looks_into_nothing_that_the_key_is_not_for() {
    let server = server().await;
    let fields = json!([
        { "name": "title", "type": "text" },
        { "name": "about", "type": "relation", "collectionId": server.made(get("/api/collections/inner")).await["id"], "maxSelect": 1 },
    ]);
    server.collection("talks", [Some(""); 5], fields).await;
    let ana = server.person("ana").await;
    let made = server.ask(&ana.asks(), post("/api/api-keys", json!({ "name": "k", "scopes": ["talks:list"] }))).await;
    let key = Who::Token(format!("Bearer {}", made.json()["key"].as_str().expect("a key")));
    let about = server.record("inner", json!({ "title": "secret" })).await;
    let options = |filter: &str| {
        let options = json!({ "query": { "filter": filter } }).to_string();
        format!(
            "talks/*?options={}",
            options.replace('%', "%25").replace('"', "%22").replace('+', "%2B").replace(' ', "%20")
        )
    };
    let (probing, plain) = (options("about.title = 'secret'"), options("title = 'hello'"));
    let mut stream = subscribed(&server, &key, &[&probing, &plain]).await;
    let mut guest = subscribed(&server, &Guest, &[&plain]).await;
    server.record("talks", json!({ "title": "hello", "about": about })).await;
    assert_eq!(guest.frame().await.event, plain);
    assert_eq!(stream.frame().await.event, plain, "the filter that looks into `inner` finds nothing");
    server.check([(key, stream.to(&[]), status(204))]).await;
}

#[tokio::test]
async fn the_end_of_a_record_is_told_to_who_could_see_it_because_of_what_went_with_it() {
    let server = Server::start().await;
    let (ana, bob, eve) = (server.person("ana").await, server.person("bob").await, server.person("eve").await);
    let text = || json!([{ "name": "title", "type": "text" }]);
    let rooms = server.collection("rooms", [Some(""); 5], text()).await;
    let users = server.ask(&Superuser, get("/api/collections/users")).await.json()["id"].clone();
    let mem = json!([
        { "name": "room", "type": "relation", "collectionId": rooms["id"], "maxSelect": 1, "cascadeDelete": true },
        { "name": "user", "type": "relation", "collectionId": users, "maxSelect": 1 },
        { "name": "also", "type": "relation", "collectionId": users, "maxSelect": 9 },
    ]);
    // Seen by who shares its room: also the last one sees itself go.
    let shared = Some("room.mem_via_room.user ?= @request.auth.id");
    server.collection("mem", [shared, Some(""), Some(""), Some(""), Some("")], mem).await;
    server.collection("marks", [Some(""); 5], text()).await;
    let members = "mem_via_room.user ?= @request.auth.id || mem_via_room.also.id ?= @request.auth.id";
    let outsiders = "mem_via_room.user != @request.auth.id";
    let view = "@collection.mem.room ?= id && @collection.mem.user ?= @request.auth.id";
    let (all, one, mem) = ("rooms/*", "rooms/ID", "mem/*");
    for (list, by_sql, expected) in [
        (members, false, [vec![mem, mem, all, one], vec![all], vec![mem]]),
        (members, true, [vec![mem, mem, all, one], vec![all], vec![mem]]),
        (outsiders, false, [vec![mem, mem, one], vec![all], vec![mem, all]]),
    ] {
        let rules = json!({ "listRule": list, "viewRule": view });
        let changed = patch("/api/collections/rooms", rules);
        server.check([(Superuser, changed, status(200))]).await;
        let room = server.record("rooms", json!({ "title": "r" })).await;
        server.record("mem", json!({ "room": room, "user": ana.id, "also": [bob.id] })).await;
        let left = server.record("mem", json!({ "room": room, "user": eve.id })).await;
        let topics = ["rooms/*".to_owned(), format!("rooms/{room}"), "mem/*".to_owned(), "marks/*".to_owned()];
        let topics: Vec<_> = topics.iter().map(String::as_str).collect();
        let mut streams = Vec::new();
        for person in [&ana, &bob, &eve] {
            streams.push(subscribed(&server, &person.asks(), &topics).await);
        }
        // Right before the room goes, eve is no longer in it.
        server.check([(Superuser, delete(&format!("/api/collections/mem/records/{left}")), status(204))]).await;
        if by_sql {
            let sql = format!("DELETE FROM rooms WHERE id = '{room}'");
            let statement = bakend::query::Statement::new(sql, Vec::new());
            let deleted = server.app.store().db().write(move |conn| conn.execute(&statement)).await;
            assert_eq!(deleted.expect("deleted"), 1);
        } else {
            server.check([(Superuser, delete(&format!("/api/collections/rooms/records/{room}")), status(204))]).await;
        }
        server.record("marks", json!({})).await;
        for (stream, expected) in streams.iter_mut().zip(expected) {
            let mut heard = Vec::new();
            loop {
                let frame = stream.frame().await;
                if frame.event == "marks/*" {
                    break;
                }
                assert_eq!(frame.data["action"], "delete", "{frame:?}");
                heard.push(frame.event.replace(&room, "ID"));
            }
            heard.sort();
            assert_eq!(heard, expected, "list rule {list}, by SQL: {by_sql}");
        }
    }
    server.close().await;
}

/// Topics of a collection that are looked at one by one.
fn filtered(collection: &str) -> Vec<String> {
    let topic = |at| format!("{collection}/*?options=%7B%22query%22:%7B%22filter%22:%22title!='{at}'%22%7D%7D");
    (0..4).map(topic).collect()
}

#[tokio::test]
async fn what_is_written_after_access_ended_is_told_to_nobody_who_lost_it() {
    // Between the look at the rules and the end of a look at records.
    let meanwhile: Arc<Mutex<Option<String>>> = Arc::default();
    let then = Arc::clone(&meanwhile);
    let backend = Bakend::builder().on_enrich_of("vault", async move |e| {
        let told = e.request.context == Context::Realtime;
        let sql = if told { then.lock().expect("nobody panics while holding it").take() } else { None };
        match sql {
            Some(sql) => e.app.store().db().write(move |conn| conn.run_script(&sql)).await,
            None => Ok(()),
        }
    });
    let server = Server::start_built(backend).await;
    let text = || json!([{ "name": "title", "type": "text" }]);
    server.collection("vault", [Some(""); 5], text()).await;
    server.collection("open", [Some(""); 5], text()).await;
    let mut topics = filtered("vault");
    topics.push("open/*".to_owned());
    let topics: Vec<_> = topics.iter().map(String::as_str).collect();
    let set = async |rule: Option<&str>| {
        server.made(patch("/api/collections/vault", json!({ "listRule": rule, "viewRule": rule }))).await;
    };
    for away in [false, true] {
        for (at, rule) in ["", "@request.auth.id != ''"].into_iter().enumerate() {
            set(Some(rule)).await;
            let who = match rule {
                "" => Guest,
                _ => server.person(&format!("ana{away}")).await.asks(),
            };
            let ended = match rule {
                "" => "UPDATE _collections SET list_rule = NULL WHERE name = 'vault'",
                _ => "DELETE FROM users",
            };
            let secret = format!("{ended}; UPDATE vault SET title = 'SECRET {away} {at}'");
            let mut stream = subscribed(&server, &who, &topics).await;
            if away {
                stream.any_frame().await.expect("where it is");
                let place = stream.last_id.clone();
                drop(stream);
                stream = Stream::open(&server, Some(&place)).await;
            }
            let write = async || {
                *meanwhile.lock().expect("nobody panics while holding it") = Some(secret);
                server.record("vault", json!({ "title": "harmless" })).await;
            };
            if away {
                write().await;
                assert_eq!(server.ask(&who, stream.to(&topics)).await.status, 204);
            } else {
                write().await;
            }
            while meanwhile.lock().expect("nobody panics while holding it").is_some() {
                tokio::task::yield_now().await;
            }
            server.record("open", json!({ "title": "end" })).await;
            let told = stream.told(1, "title").await;
            assert_eq!(told, [("open/*".to_owned(), "create".to_owned(), "end".to_owned())], "{rule:?}, away: {away}");
        }
    }
    server.close().await;
}

#[tokio::test]
async fn whose_account_changes_all_the_time_fetches_anew_and_others_hear_all() {
    let backend = Bakend::builder().on_enrich_of("inner", async |e| match e.request.auth.as_ref() {
        Some(account) if e.request.context == Context::Realtime && account.text("name") != "calm" => {
            let sql = format!("UPDATE users SET name = hex(randomblob(8)) WHERE id = '{}'", account.id());
            e.app.store().db().write(move |conn| conn.run_script(&sql)).await
        }
        _ => Ok(()),
    });
    let server = Server::start_built(backend).await;
    let fields = json!([{ "name": "title", "type": "text" }]);
    server.collection("inner", [Some("@request.auth.id != ''"); 5], fields).await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let calm = patch(&format!("/api/collections/users/records/{}", bob.id), json!({ "name": "calm" }));
    server.made(calm).await;
    let mut anas = subscribed(&server, &ana.asks(), &["inner/*"]).await;
    let mut bobs = subscribed(&server, &bob.asks(), &["inner/*"]).await;
    server.record("inner", json!({ "title": "told" })).await;
    assert_eq!(bobs.frame().await.data["record"]["title"], "told");
    let frame = anas.frame().await;
    assert_eq!((frame.event.as_str(), &frame.data["reason"]), ("resync", &json!("failed")), "{frame:?}");
    server.close().await;
}

impl Stream {
    /// A stream of a guest that goes on behind an entry.
    async fn resumed(server: &Server, last_id: &str, topic: &str) -> Self {
        let stream = Self::open(server, Some(last_id)).await;
        server.check([(Guest, stream.to(&[topic]), status(204))]).await;
        stream
    }
}

#[tokio::test]
async fn a_deleted_record_is_judged_by_the_fields_that_it_had_whatever_they_are_called_now() {
    let server = Server::start().await;
    let fields = json!([
        { "name": "title", "type": "text" },
        { "name": "priv", "type": "bool" },
        { "name": "secret", "type": "text", "hidden": true },
    ]);
    let docs = server.collection("docs", [Some("priv = false"); 5], fields).await;
    let mut before = subscribed(&server, &Guest, &["docs/*"]).await;
    server.record("docs", json!({ "title": "start" })).await;
    before.frame().await;
    for (title, private) in [("private", true), ("public", false)] {
        let doc = json!({ "title": title, "priv": private, "secret": "HIDDEN" });
        let id = server.record("docs", doc).await;
        server.made(delete(&format!("/api/collections/docs/records/{id}"))).await;
    }
    let mut fields = docs["fields"].as_array().expect("fields").clone();
    for field in &mut fields {
        match field["name"].as_str() {
            Some("priv") => field["name"] = json!("isPrivate"),
            Some("secret") => field["name"] = json!("internal"),
            _ => {}
        }
    }
    fields.push(json!({ "name": "secret", "type": "text" }));
    let rule = "isPrivate = false";
    let change = json!({ "fields": fields, "listRule": rule, "viewRule": rule, "createRule": "", "updateRule": "", "deleteRule": "" });
    server.made(patch("/api/collections/docs", change)).await;
    let mut stream = Stream::resumed(&server, &before.last_id, "docs/*").await;
    let frame = stream.frame().await;
    assert_eq!(
        (&frame.data["action"], &frame.data["record"]["title"]),
        (&json!("delete"), &json!("public")),
        "{frame:?}"
    );
    assert_eq!(
        (&frame.data["record"]["secret"], &frame.data["record"]["internal"]),
        (&json!(""), &Json::Null),
        "{frame:?}"
    );
    server.close().await;
}

#[tokio::test]
async fn what_a_record_of_other_fields_or_of_a_former_collection_was_is_told_to_nobody() {
    let server = Server::start().await;
    let hidden =
        |hidden: bool| json!([{ "name": "title", "type": "text" }, { "name": "k", "type": "text", "hidden": hidden }]);
    for (name, rules) in [("dropped", [None; 5]), ("emptied", [Some(""); 5])] {
        let made = server.collection(name, rules, hidden(true)).await;
        let id = server.record(name, json!({ "title": "old", "k": "SECRET" })).await;
        let position = server.column("SELECT CAST(max(seq) AS TEXT) FROM _changes").await;
        server.made(delete(&format!("/api/collections/{name}/records/{id}"))).await;
        if name == "dropped" {
            server.made(delete("/api/collections/dropped")).await;
            let again = server.collection(name, [Some(""); 5], hidden(false)).await;
            assert_eq!(again["id"], made["id"], "the id is made of the name");
        } else {
            let mut fields = made["fields"].as_array().expect("fields").clone();
            let gone = fields.pop().expect("the hidden one");
            server.made(patch("/api/collections/emptied", json!({ "fields": fields }))).await;
            fields.push(json!({ "id": gone["id"], "name": "k", "type": "text" }));
            server.made(patch("/api/collections/emptied", json!({ "fields": fields }))).await;
        }
        let topic = format!("{name}/*");
        let mut stream = Stream::resumed(&server, &position[0], &topic).await;
        let frame = stream.frame().await;
        assert_eq!((frame.event.as_str(), &frame.data["reason"]), ("resync", &json!("failed")), "{frame:?}");
        server.record(name, json!({ "title": "new" })).await;
        assert_eq!(stream.frame().await.data["record"]["title"], "new");
    }
    server.close().await;
}

#[tokio::test]
async fn what_cascades_is_told_however_many_rounds_it_takes_or_the_listener_fetches_anew() {
    let server = Server::start().await;
    let boards = server.collection("boards", [Some(""); 5], json!([{ "name": "owner", "type": "text" }])).await;
    let board = json!({ "name": "board", "type": "relation", "collectionId": boards["id"], "maxSelect": 1, "cascadeDelete": true });
    server.collection("cards", [Some("board.owner = 'me'"); 5], json!([board])).await;
    let delete_board_with = async |cards: u32| {
        let board = server.record("boards", json!({ "owner": "me" })).await;
        let sql = format!(
            "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < {cards})
             INSERT INTO cards (id, board) SELECT 'c' || n, '{board}' FROM c"
        );
        server.app.store().db().write(move |conn| conn.run_script(&sql)).await.expect("they are written");
        let stream = subscribed(&server, &Guest, &["cards/*"]).await;
        let position: i64 =
            server.column("SELECT CAST(max(seq) AS TEXT) FROM _changes").await[0].parse().expect("a number");
        server.made(delete(&format!("/api/collections/boards/records/{board}"))).await;
        (stream, position)
    };
    let (mut stays, position) = delete_board_with(REALTIME_ROUND_MAX_CHANGES + 100).await;
    // The rounds of who was away end elsewhere.
    let mut resumes = Stream::resumed(&server, &(position - 300).to_string(), "cards/*").await;
    for stream in [&mut stays, &mut resumes] {
        let mut told = stream.told(612, "id").await;
        told.sort();
        told.dedup();
        assert_eq!((told.len(), told[0].1.as_str()), (612, "delete"));
    }
    // Not all of this one is read again.
    let (mut stream, _) = delete_board_with(REALTIME_CASCADE_MAX_CHANGES + REALTIME_ROUND_MAX_CHANGES).await;
    let frame = stream.frame().await;
    assert_eq!((frame.event.as_str(), &frame.data["reason"]), ("resync", &json!("failed")), "{frame:?}");
    server.close().await;
}

#[tokio::test]
async fn a_filter_finds_an_email_of_a_deleted_account_only_where_a_list_would() {
    let server = Server::start().await;
    server.made(patch("/api/collections/users", json!({ "listRule": "", "viewRule": "" }))).await;
    let filters =
        ["email = 'hidden@example.com'", "email:lower ~ 'HIDDEN'", "email != 'x'", "email = 'shown@example.com'"];
    let topics = filters.map(|filter| {
        let options = json!({ "query": { "filter": filter } }).to_string();
        let encoded: String = options.bytes().map(|byte| format!("%{byte:02X}")).collect();
        format!("users/*?options={encoded}")
    });
    let topics: Vec<&str> = topics.iter().map(String::as_str).chain(["users/*"]).collect();
    let mut stream = subscribed(&server, &Guest, &topics).await;
    for (name, visible) in [("hidden", false), ("shown", true)] {
        let email = format!("{name}@example.com");
        let user =
            json!({ "email": email, "emailVisibility": visible, "password": PASSWORD, "passwordConfirm": PASSWORD });
        let id = server.record("users", user).await;
        server.made(delete(&format!("/api/collections/users/records/{id}"))).await;
    }
    server
        .record("users", json!({ "email": "end@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD }))
        .await;
    let mut heard = std::collections::BTreeSet::new();
    loop {
        let frame = stream.frame().await;
        let about = topics.iter().position(|topic| *topic == frame.event).expect("a topic");
        match frame.data["action"].as_str() {
            Some("delete") => drop(heard.insert((about, frame.data["record"]["email"].clone().to_string()))),
            _ if about == 4 && heard.iter().filter(|(topic, _)| *topic == 4).count() == 2 => break,
            _ => {}
        }
    }
    let (shown, null) = ("\"shown@example.com\"".to_owned(), "null".to_owned());
    let expected = [(2, shown.clone()), (3, shown.clone()), (4, shown), (4, null)];
    assert_eq!(heard.into_iter().collect::<Vec<_>>(), expected);
    server.close().await;
}
