//! An app on a free port, and the smallest client that can talk to it.

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use bakend::{
    Builder,
    http::{ServeOptions, serve},
    service::{App, AppOptions, auth::superusers, mail::MailOptions},
};
use serde_json::Value as Json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::JoinHandle,
};

/// Email of the superuser of every server.
pub const ROOT: &str = "root@example.com";
/// Password of the superuser of every server.
pub const PASSWORD: &str = "1234567890";
/// Longest time an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// A served app in a folder of its own; it ends with the value.
pub struct Server {
    /// The app, for what no route does.
    pub app: App,
    /// Where it listens.
    pub address: String,
    root: OnceLock<String>,
    stop: Mutex<Option<oneshot::Sender<()>>>,
    served: Option<JoinHandle<bakend::Result<()>>>,
    _folder: Arc<tempfile::TempDir>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// 200, …
    pub status: u16,
    /// Names in lower case; several values of one name are joined by `, `.
    pub headers: Vec<(String, String)>,
    /// Everything behind the headers.
    pub body: String,
}

impl Answer {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// All values of a header, joined.
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> =
            self.headers.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }
}

/// A request that can be made ready piece by piece.
#[derive(Clone, Default)]
pub struct Ask {
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// `GET`.
pub fn get(path: &str) -> Ask {
    Ask::new("GET", path)
}

/// `POST` with JSON.
pub fn post(path: &str, body: Json) -> Ask {
    Ask::new("POST", path).json(body)
}

/// `PATCH` with JSON.
pub fn patch(path: &str, body: Json) -> Ask {
    Ask::new("PATCH", path).json(body)
}

/// `DELETE`.
pub fn delete(path: &str) -> Ask {
    Ask::new("DELETE", path)
}

impl Ask {
    /// Any method.
    pub fn new(method: &str, path: &str) -> Self {
        Self { method: method.to_owned(), path: path.to_owned(), ..Self::default() }
    }

    /// With JSON as its body.
    pub fn json(self, body: Json) -> Self {
        self.with("Content-Type", "application/json").raw(body.to_string())
    }

    /// With these bytes as its body.
    pub fn raw(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// With a header.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Method and path, to name it.
    pub fn name(&self) -> String {
        format!("{} {} {}", self.method, self.path, String::from_utf8_lossy(&self.body[..self.body.len().min(80)]))
    }
}

impl Server {
    /// A new server with one superuser.
    pub async fn start() -> Self {
        Self::start_with(ServeOptions::default()).await
    }

    /// A program of one's own, with one superuser.
    pub async fn start_built(backend: Builder) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let backend = backend.dir(folder.path()).build().await.expect("the app opens");
        let app = backend.app().clone();
        superusers::create(&app, ROOT, PASSWORD).await.expect("a superuser");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(backend.serve(listener, async { stopped.await.unwrap_or_default() }));
        Self::of(app, address, stop, served, folder)
    }

    /// The same, served in another way.
    pub async fn start_with(serving: ServeOptions) -> Self {
        Self::start_mailing(serving, MailOptions::default()).await
    }

    /// The same, with mails leaving in another way.
    pub async fn start_mailing(serving: ServeOptions, mail: MailOptions) -> Self {
        let server = Self::start_with_mail(serving, mail).await;
        superusers::create(&server.app, ROOT, PASSWORD).await.expect("a superuser");
        server
    }

    /// A new server without a superuser.
    pub async fn start_bare() -> Self {
        Self::start_with_mail(ServeOptions::default(), MailOptions::default()).await
    }

    async fn start_with_mail(serving: ServeOptions, mail: MailOptions) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let options = AppOptions { exclusive: true, mail, ..AppOptions::new(folder.path()) };
        let app = App::open(options).await.expect("the app opens");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = serve(app.clone(), listener, serving, async { stopped.await.unwrap_or_default() });
        let served = tokio::spawn(served);
        Self::of(app, address, stop, served, folder)
    }

    fn of(
        app: App,
        address: String,
        stop: oneshot::Sender<()>,
        served: JoinHandle<bakend::Result<()>>,
        folder: tempfile::TempDir,
    ) -> Self {
        Self {
            app,
            address,
            root: OnceLock::new(),
            stop: Mutex::new(Some(stop)),
            served: Some(served),
            _folder: Arc::new(folder),
        }
    }

    /// The first column of what a query returns, as texts.
    pub async fn column(&self, sql: &str) -> Vec<String> {
        column(&self.app, sql).await
    }

    /// Takes no new connections.
    pub fn stop(&self) {
        self.stop.lock().expect("no test panics while it holds this").take();
    }

    /// Stops as the program does: requests in flight finish, then the database closes.
    pub async fn close(mut self) {
        self.stop();
        if let Some(served) = self.served.take() {
            served.await.expect("serving does not panic").expect("serving ends well");
        }
        self.app.close().await;
    }

    /// The same, for who looks into the folder afterwards.
    pub async fn close_and_keep(self) -> Arc<tempfile::TempDir> {
        let folder = Arc::clone(&self._folder);
        self.close().await;
        folder
    }

    /// Sends a request and waits for the answer.
    pub async fn send(&self, ask: &Ask) -> Answer {
        let mut head =
            format!("{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", ask.method, ask.path, self.address);
        for (name, value) in &ask.headers {
            write!(head, "{name}: {value}\r\n").expect("writing to a String cannot fail");
        }
        if !ask.body.is_empty() && !ask.headers.iter().any(|(name, _)| name == "Content-Length") {
            write!(head, "Content-Length: {}\r\n", ask.body.len()).expect("writing to a String cannot fail");
        }
        let bytes = [head.as_bytes(), b"\r\n", &ask.body].concat();
        parsed(&self.raw(&bytes).await)
    }

    /// Sends bytes as they are, and everything that comes back.
    pub async fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        let talk = async {
            let mut stream = TcpStream::connect(&self.address).await.expect("the server listens");
            // A server that refuses early may close before it has read everything.
            let _ = stream.write_all(bytes).await;
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            answer
        };
        tokio::time::timeout(PATIENCE, talk).await.expect("an answer in time")
    }

    /// A token of the superuser.
    pub async fn root(&self) -> String {
        if let Some(token) = self.root.get() {
            return token.clone();
        }
        let token = self.token("_superusers", ROOT, PASSWORD).await;
        self.root.get_or_init(|| token).clone()
    }

    /// A token of a record.
    pub async fn token(&self, collection: &str, identity: &str, password: &str) -> String {
        let path = format!("/api/collections/{collection}/auth-with-password");
        let answer = self.send(&post(&path, serde_json::json!({ "identity": identity, "password": password }))).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["token"].as_str().expect("a token").to_owned()
    }

    /// Sends as the superuser; the answer must be a success.
    pub async fn made(&self, ask: Ask) -> Json {
        let answer = self.send(&ask.clone().with("Authorization", &self.root().await)).await;
        assert!(answer.status < 300, "{}: {answer:?}", ask.name());
        answer.json()
    }
}

/// What came back, taken apart; status 0 when it is no answer.
pub fn parsed(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
    let headers = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    Answer { status, headers, body: body.to_owned() }
}

/// What an answer must be.
#[derive(Default)]
pub struct Expected {
    status: u16,
    text: Vec<String>,
    values: Vec<(String, Json)>,
    absent: Vec<String>,
    headers: Vec<(String, Option<String>)>,
}

/// An answer with this status.
pub fn status(status: u16) -> Expected {
    Expected { status, ..Expected::default() }
}

impl Expected {
    /// The body contains this.
    pub fn says(mut self, text: &str) -> Self {
        self.text.push(text.to_owned());
        self
    }

    /// The JSON body has this value at this pointer.
    pub fn has(mut self, pointer: &str, value: impl Into<Json>) -> Self {
        self.values.push((pointer.to_owned(), value.into()));
        self
    }

    /// A header has this value.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), Some(value.to_owned())));
        self
    }

    /// A header is absent.
    pub fn without(mut self, name: &str) -> Self {
        self.headers.push((name.to_owned(), None));
        self
    }

    /// The JSON body has nothing at this pointer.
    pub fn lacks(mut self, pointer: &str) -> Self {
        self.absent.push(pointer.to_owned());
        self
    }

    /// What is not as expected, if anything.
    pub fn misses(&self, answer: &Answer) -> Option<String> {
        if answer.status != self.status {
            return Some(format!("status {} instead of {}", answer.status, self.status));
        }
        if let Some(text) = self.text.iter().find(|text| !answer.body.contains(*text)) {
            return Some(format!("does not say {text:?}"));
        }
        let json = answer.json();
        if let Some((pointer, value)) = self.values.iter().find(|(pointer, value)| json.pointer(pointer) != Some(value))
        {
            return Some(format!("{pointer} is {:?} instead of {value}", json.pointer(pointer)));
        }
        if let Some(pointer) = self.absent.iter().find(|pointer| json.pointer(pointer).is_some()) {
            return Some(format!("{pointer} is {:?}", json.pointer(pointer)));
        }
        let wrong = self.headers.iter().find(|(name, value)| answer.header(name) != *value);
        wrong.map(|(name, value)| format!("{name} is {:?} instead of {value:?}", answer.header(name)))
    }
}

/// Sends every request; names all that were not answered as expected.
pub async fn check(server: &Server, rows: impl IntoIterator<Item = (Ask, Expected)>) {
    let mut wrong = Vec::new();
    for (ask, expected) in rows {
        let answer = server.send(&ask).await;
        if let Some(miss) = expected.misses(&answer) {
            wrong.push(format!("{}: {miss}\n    {} {}", ask.name(), answer.status, answer.body));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// The first column of what a query returns, as texts.
pub async fn column(app: &App, sql: &str) -> Vec<String> {
    let statement = bakend::query::Statement::new(sql.to_owned(), Vec::new());
    let (db, pace) = (app.store().db(), bakend::query::Pace::default());
    let rows = db.read(&pace, move |conn| {
        let mut found = Vec::new();
        conn.rows(&statement, |row| {
            found.push(row.text(0)?.to_owned());
            Ok(())
        })?;
        Ok(found)
    });
    rows.await.expect("reads")
}
