//! A request of a test, and what its answer must be.

use std::{future::IntoFuture, pin::Pin};

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::TestApp;
use crate::http::direct::{Answered, Direct};

/// A request on its way; await it for the [`Answer`].
#[must_use = "nothing is sent before it is awaited"]
pub struct Ask<'a> {
    pub(super) app: &'a TestApp,
    pub(super) direct: Direct,
}

impl<'a> Ask<'a> {
    /// As somebody: with the token of a [`Person`](super::Person).
    pub fn as_user(self, person: &super::Person) -> Self {
        self.token(&person.token)
    }

    /// With this token.
    pub fn token(self, token: &str) -> Self {
        self.header("Authorization", token)
    }

    /// With a header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.direct.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// With JSON as its body.
    pub fn json(self, body: Json) -> Self {
        self.body("application/json", body.to_string())
    }

    /// With these bytes as its body.
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.direct.body = body.into();
        self.header("Content-Type", content_type)
    }
}

impl<'a> IntoFuture for Ask<'a> {
    type Output = Answer;
    type IntoFuture = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let name = format!("{} {}", self.direct.method, self.direct.path);
            Answer { answered: self.app.answered(self.direct).await, name }
        })
    }
}

/// What came back. Each of its functions that returns it again panics with the whole answer when something else came.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() {
/// # let app = bakend::test::TestApp::start(bakend::Bakend::builder()).await;
/// let answer = app.get("/api/health").await.status(200).has("/code", 200).lacks("/token");
/// let code = answer.header("content-type", "application/json").json()["code"].clone();
/// assert_eq!(code, 200);
/// # app.close().await; }
/// ```
#[derive(Debug)]
pub struct Answer {
    answered: Answered,
    name: String,
}

impl Answer {
    /// It has this status.
    ///
    /// # Panics
    /// When it has another.
    #[track_caller]
    pub fn status(self, status: u16) -> Self {
        self.holds(self.answered.status == status, || format!("status {} instead of {status}", self.answered.status))
    }

    /// Its JSON has this value at this pointer: `/items/0/title`.
    ///
    /// # Panics
    /// When it has another value there, or none.
    #[track_caller]
    pub fn has(self, pointer: &str, value: impl Into<Json>) -> Self {
        let (json, value) = (self.json(), value.into());
        let found = json.pointer(pointer);
        self.holds(found == Some(&value), || format!("{pointer} is {found:?} instead of {value}"))
    }

    /// Its JSON has nothing at this pointer.
    ///
    /// # Panics
    /// When there is something.
    #[track_caller]
    pub fn lacks(self, pointer: &str) -> Self {
        let json = self.json();
        let found = json.pointer(pointer);
        self.holds(found.is_none(), || format!("{pointer} is {found:?}"))
    }

    /// Its body contains this text.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        self.holds(self.text().contains(text), || format!("does not say {text:?}"))
    }

    /// It has this header with this value.
    ///
    /// # Panics
    /// When it has not.
    #[track_caller]
    pub fn header(self, name: &str, value: &str) -> Self {
        let own = self.answered.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, own)| own);
        self.holds(own.is_some_and(|own| own == value), || format!("{name} is {own:?} instead of {value:?}"))
    }

    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.answered.body).unwrap_or_default()
    }

    /// The body as a type.
    ///
    /// # Panics
    /// When it does not fit.
    #[track_caller]
    pub fn read<T: DeserializeOwned>(&self) -> T {
        match serde_json::from_slice(&self.answered.body) {
            Ok(value) => value,
            Err(error) => panic!("{}: {error}\n    {} {}", self.name, self.answered.status, self.text()),
        }
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.answered.body).into_owned()
    }

    #[track_caller]
    fn holds(&self, holds: bool, miss: impl FnOnce() -> String) -> Self {
        assert!(holds, "{}: {}\n    {} {}", self.name, miss(), self.answered.status, self.text());
        Self { answered: self.answered.clone(), name: self.name.clone() }
    }
}
