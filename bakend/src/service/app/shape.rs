//! What a collection's records are taken for: its Rust type, or what the database says.

use serde_json::{Map, Value as Json};

use crate::{
    Error, Result,
    schema::Record,
    service::{
        events::Dynamic,
        typed::{Body, Collection, Input, Loaded},
    },
};

/// What records are read as and written from. Every [`Collection`] is one, and [`Dynamic`].
pub trait Shape: Send + Sync + 'static {
    /// What a record is read as.
    type Item: Send;
    /// What creates one.
    type Create: Send;
    /// What changes one.
    type Update: Send;

    /// From a stored record, with what its relations were expanded to.
    ///
    /// # Errors
    /// `Internal`: the record does not fit the type.
    fn read(loaded: Loaded) -> Result<Self::Item>;

    /// What a create sends.
    ///
    /// # Errors
    /// `Invalid`: it is not an object.
    fn created(input: Self::Create) -> Result<Body>;

    /// What an update sends.
    ///
    /// # Errors
    /// `Invalid`: it is not an object.
    fn updated(input: Self::Update) -> Result<Body>;
}

impl<C: Collection> Shape for C {
    type Item = C;
    type Create = C::Create;
    type Update = C::Update;

    fn read(loaded: Loaded) -> Result<C> {
        C::from_loaded(&loaded)
    }

    fn created(input: C::Create) -> Result<Body> {
        Ok(input.into_body())
    }

    fn updated(input: C::Update) -> Result<Body> {
        Ok(input.into_body())
    }
}

impl Shape for Dynamic {
    type Item = Loaded;
    type Create = Data;
    type Update = Data;

    fn read(loaded: Loaded) -> Result<Loaded> {
        Ok(loaded)
    }

    fn created(input: Data) -> Result<Body> {
        input.into_body()
    }

    fn updated(input: Data) -> Result<Body> {
        input.into_body()
    }
}

/// What a create or update by name sends: a JSON object (`json!({…})`), or a [`Body`] with files.
#[derive(Debug)]
pub struct Data(Result<Body>);

impl Data {
    fn into_body(self) -> Result<Body> {
        self.0
    }
}

impl From<Json> for Data {
    fn from(json: Json) -> Self {
        match json {
            Json::Object(map) => map.into(),
            other => Self(Err(Error::invalid(format!("A record is written from a JSON object, not from {other}.")))),
        }
    }
}

impl From<Map<String, Json>> for Data {
    fn from(map: Map<String, Json>) -> Self {
        let mut body = Body::default();
        map.into_iter().for_each(|(key, value)| body.set(&key, value));
        Self(Ok(body))
    }
}

impl From<Body> for Data {
    fn from(body: Body) -> Self {
        Self(Ok(body))
    }
}

impl std::ops::Deref for Loaded {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.record
    }
}

impl Loaded {
    /// What a relation was expanded to: nothing, one record or several.
    pub fn expanded(&self, name: &str) -> &[std::sync::Arc<Loaded>] {
        self.expand.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}
