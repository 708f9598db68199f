//! The test kit: an app in a folder of its own, people and records in it, requests without a socket, kept mails, a clock and ids that
//! stand still, and which hooks ran.
//!
//! ```
//! use bakend::{Bakend, schema::Value, serde_json::json, test::TestApp};
//!
//! fn app() -> bakend::Builder {
//!     Bakend::builder().before_create_of("posts", async |e| {
//!         let title = e.record.text("title").trim().to_owned();
//!         e.record.set("title", Value::Text(title));
//!         Ok(())
//!     })
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() {
//! let app = TestApp::start(app()).await;
//! let rules = json!({"listRule": "", "createRule": "@request.auth.id != ''"});
//! app.collection("posts", json!([{"name": "title", "type": "text"}]), rules).await;
//! let ana = app.user("ana@example.com").await;
//! app.post("/api/collections/posts/records", json!({"title": " Hi "})).await.status(400);
//! app.post("/api/collections/posts/records", json!({"title": " Hi "})).as_user(&ana).await.status(200).has("/title", "Hi");
//! app.hooks_ran(["before_create posts"]);
//! app.close().await;
//! # }
//! ```

mod ask;
mod controlled;

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Map, Value as Json, json};

pub use self::ask::{Answer, Ask};
use self::controlled::Controls;
use crate::{
    Result,
    app::Builder,
    http::{
        direct::{self, Answered, Direct},
        door::Door,
    },
    ids::Seeded,
    schema::Record,
    service::{
        App,
        auth::{superusers, token},
        collections,
    },
};
pub use crate::{
    clock::Clock,
    service::mail::{MailMessage, Outbox},
};

/// The password of everybody that the test kit makes.
pub const PASSWORD: &str = "correct-horse-9";
/// Where Linux has a folder in memory.
const MEMORY: &str = "/dev/shm";
/// The seed of ids, unless a test says another.
const SEED: u64 = 1;

/// An app for one test, in a temporary folder or in memory; the folder goes with the value. Its functions panic when they fail, with the reason.
///
/// Requests and what goes through [`run`](Self::run) follow the [clock](Self::clock) and draw ids from a seed; work that goes on by
/// itself (mails on their way) goes by the machine's time.
///
/// ```
/// use bakend::{Bakend, serde_json::json, test::TestApp};
///
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// let app = TestApp::start(Bakend::builder()).await;
/// let ana = app.user("ana@example.com").await;
/// let path = format!("/api/collections/users/records/{}", ana.record.id());
/// app.get(&path).await.status(404);
/// app.patch(&path, json!({"name": "Ana"})).as_user(&ana).await.status(200).has("/name", "Ana");
/// let own = app.app().records("users").as_user(&ana).count();
/// assert_eq!(app.run(own).await.expect("it counts"), 1);
/// app.close().await;
/// # }
/// ```
pub struct TestApp {
    app: App,
    door: Door,
    outbox: Outbox,
    controls: Controls,
    diary: Arc<Mutex<Vec<String>>>,
    _folder: tempfile::TempDir,
}

/// An account that the test kit made, and a token of it.
#[derive(Clone, Debug)]
pub struct Person {
    /// The account.
    pub record: Arc<Record>,
    /// Signs requests in.
    pub token: String,
}

impl From<&Person> for crate::Caller {
    fn from(person: &Person) -> Self {
        Self::user(Arc::clone(&person.record))
    }
}

impl TestApp {
    /// Opens what a program builds, with the migrations of [`migrations_dir`](Builder::migrations_dir).
    ///
    /// # Panics
    /// When it does not open; the message says why.
    pub async fn start(builder: Builder) -> Self {
        Self::start_seeded(builder, SEED).await
    }

    /// The same with its data in memory, where the system has a folder there (`/dev/shm`); else in a temporary folder. It is quicker where
    /// disks are slow; what all tests keep at once must fit into that memory.
    ///
    /// # Panics
    /// When it does not open; the message says why.
    pub async fn start_in_memory(builder: Builder) -> Self {
        // SQLite's own databases in memory are for one connection, or lock whole tables: that would be another engine than the real one.
        let folder = tempfile::tempdir_in(MEMORY).or_else(|_| tempfile::tempdir());
        Self::start_at(folder, builder, SEED).await
    }

    /// The same with ids of another seed.
    ///
    /// # Panics
    /// When it does not open; the message says why.
    pub async fn start_seeded(builder: Builder, seed: u64) -> Self {
        Self::start_at(tempfile::tempdir(), builder, seed).await
    }

    async fn start_at(folder: std::io::Result<tempfile::TempDir>, builder: Builder, seed: u64) -> Self {
        let folder = folder.unwrap_or_else(|error| panic!("no temporary folder could be made: {error}"));
        let controls = Controls { clock: Clock::default(), ids: Seeded::new(seed) };
        let (outbox, diary) = (Outbox::default(), Arc::new(Mutex::new(Vec::new())));
        let notes = Arc::clone(&diary);
        let note =
            Arc::new(move |name: &str| notes.lock().unwrap_or_else(PoisonError::into_inner).push(name.to_owned()));
        let opened = controls.over(builder.dir(folder.path()).outbox(outbox.clone()).diary(note).build()).await;
        let backend = good("the app opens", opened);
        Self { app: backend.app().clone(), door: backend.into_door(), outbox, controls, diary, _folder: folder }
    }

    /// The app, for what no request does.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// Runs something under the clock and ids of this app: `app.run(app.app().records("posts").as_system().count()).await`.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.controls.over(work).await
    }

    /// The clock: it stands at the moment of the start until it is moved.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # let app = bakend::test::TestApp::start(bakend::Bakend::builder()).await;
    /// let ana = app.user("ana@example.com").await;
    /// let refresh = || app.ask("POST", "/api/collections/users/auth-refresh").as_user(&ana);
    /// refresh().await.status(200);
    /// app.clock().advance(std::time::Duration::from_secs(365 * 24 * 60 * 60));
    /// refresh().await.status(401);
    /// # app.close().await; }
    /// ```
    pub fn clock(&self) -> &Clock {
        &self.controls.clock
    }

    /// The mails that would have been sent.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # use bakend::serde_json::json;
    /// # let app = bakend::test::TestApp::start(bakend::Bakend::builder()).await;
    /// app.account("users", json!({"email": "ana@example.com", "verified": false})).await;
    /// app.post("/api/collections/users/request-verification", json!({"email": "ana@example.com"})).await.status(204);
    /// assert_eq!(app.mails().wait_for(1).await[0].to[0].address, "ana@example.com");
    /// # app.close().await; }
    /// ```
    pub fn mails(&self) -> &Outbox {
        &self.outbox
    }

    /// The hooks of the program that ran since the last look: these names in this order, and no others. A hook is called as it was
    /// [named](crate::Hook::named), else by its event and collections: `before_create posts`.
    ///
    /// # Panics
    /// When others ran, or in another order.
    #[track_caller]
    pub fn hooks_ran<'a>(&self, expected: impl IntoIterator<Item = &'a str>) {
        let ran = std::mem::take(&mut *self.diary.lock().unwrap_or_else(PoisonError::into_inner));
        let expected: Vec<&str> = expected.into_iter().collect();
        assert_eq!(ran, expected, "the hooks that ran, and those that were expected");
    }

    /// A collection of records with these fields; `rules` and other properties as the API takes them.
    ///
    /// # Panics
    /// When it is refused; the message says why.
    pub async fn collection(&self, name: &str, fields: Json, rules: Json) {
        let mut body = Map::from_iter([("name".to_owned(), json!(name)), ("type".to_owned(), json!("base"))]);
        body.insert("fields".to_owned(), fields);
        body.extend(rules.as_object().cloned().unwrap_or_default());
        good(name, self.run(collections::create(&self.app, body)).await);
    }

    /// A record, made by the program itself; returns it.
    ///
    /// # Panics
    /// When it is refused; the message says why.
    pub async fn record(&self, collection: &str, data: Json) -> Record {
        good(collection, self.run(self.app.records(collection).as_system().create(data)).await).record
    }

    /// A verified account of the collection `users` with this address and [`PASSWORD`], signed in.
    ///
    /// # Panics
    /// When it is refused; the message says why.
    pub async fn user(&self, email: &str) -> Person {
        self.account("users", json!({ "email": email })).await
    }

    /// An account of any auth collection with [`PASSWORD`], signed in; verified unless `data` says otherwise.
    ///
    /// # Panics
    /// When it is refused; the message says why.
    pub async fn account(&self, collection: &str, data: Json) -> Person {
        let mut body = Map::from_iter([("verified".to_owned(), json!(true))]);
        for name in ["password", "passwordConfirm"] {
            body.insert(name.to_owned(), json!(PASSWORD));
        }
        body.extend(data.as_object().cloned().unwrap_or_default());
        let made = self.record(collection, Json::Object(body)).await;
        self.person(made).await
    }

    /// An account that is there already, signed in.
    ///
    /// # Panics
    /// When there is no such record, or it is no account; the message says why.
    pub async fn sign_in(&self, collection: &str, id: &str) -> Person {
        let found = self.run(self.app.records(collection).as_system().one(id)).await;
        self.person(good(collection, found).record).await
    }

    /// A superuser with [`PASSWORD`], signed in.
    ///
    /// # Panics
    /// When it cannot be made; the message says why.
    pub async fn superuser(&self) -> Person {
        let made = self.run(superusers::upsert(&self.app, "root@example.com", PASSWORD)).await;
        self.person(good("the superuser", made)).await
    }

    /// A record as somebody who signed in.
    async fn person(&self, record: Record) -> Person {
        let sign = async { token::issue(&record, token::TokenKind::Auth, true, None) };
        let token = good("the token", self.run(sign).await);
        Person { record: Arc::new(record), token }
    }

    /// A request of any method.
    pub fn ask(&self, method: &str, path: &str) -> Ask<'_> {
        Ask { app: self, direct: Direct { method: method.to_owned(), path: path.to_owned(), ..Direct::default() } }
    }

    /// `GET`.
    pub fn get(&self, path: &str) -> Ask<'_> {
        self.ask("GET", path)
    }

    /// `POST` with JSON.
    pub fn post(&self, path: &str, body: Json) -> Ask<'_> {
        self.ask("POST", path).json(body)
    }

    /// `PATCH` with JSON.
    pub fn patch(&self, path: &str, body: Json) -> Ask<'_> {
        self.ask("PATCH", path).json(body)
    }

    /// `DELETE`.
    pub fn delete(&self, path: &str) -> Ask<'_> {
        self.ask("DELETE", path)
    }

    /// Lets the `on_stop` hooks have their say and closes the database.
    pub async fn close(self) {
        self.app.close().await;
    }

    async fn answered(&self, direct: Direct) -> Answered {
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        good("the request", self.run(direct::ask(&self.door, direct, here)).await)
    }
}

#[track_caller]
fn good<T>(what: &str, outcome: Result<T>) -> T {
    outcome.unwrap_or_else(|error| panic!("{what}: {error:?}"))
}
