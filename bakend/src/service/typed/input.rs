//! What a typed create or update sends: the body and the files that the record service takes.

use serde_json::{Map, Value as Json, json};

use super::{FieldValue, NewFile, Password};
use crate::{
    Result,
    schema::{Value, wire},
    service::{App, records::Upload},
};

/// What creates or changes a record of `C`.
pub trait Input<C>: Send {
    /// As the record service takes it.
    fn into_body(self) -> Body;
}

/// The input of a collection that cannot be written: there is none.
#[derive(Debug)]
pub enum ReadOnly {}

impl<C> Input<C> for ReadOnly {
    fn into_body(self) -> Body {
        match self {}
    }
}

/// A request body of a program's own: keys with JSON values, and files.
#[derive(Clone, Debug, Default)]
pub struct Body {
    json: Map<String, Json>,
    files: Vec<(String, NewFile)>,
}

impl Body {
    /// The keys and values, without files.
    pub fn json(&self) -> &Map<String, Json> {
        &self.json
    }

    /// Sets a key: a field, or a field with a modifier (`views+`).
    pub fn set(&mut self, key: &str, value: impl Into<Json>) {
        self.json.insert(key.to_owned(), value.into());
    }

    /// Sets a key to the value of a field.
    pub fn put(&mut self, key: &str, value: &impl FieldValue) {
        self.set(key, to_json(value.to_value()));
    }

    /// Adds files under a key: `docs` in place of what is there, `docs+` after it.
    pub fn attach(&mut self, key: &str, files: impl Into<NewFiles>) {
        self.files.extend(files.into().0.into_iter().map(|file| (key.to_owned(), file)));
    }

    /// Sets the password of an account, and the confirmation that goes with it.
    pub fn password(&mut self, plain: &Password) {
        self.set("password", plain.text());
        self.set("passwordConfirm", plain.text());
    }

    /// Whether there are files in it.
    pub fn has_files(&self) -> bool {
        !self.files.is_empty()
    }

    /// As the record service takes it. Blocks while files are copied.
    ///
    /// # Errors
    /// `Invalid`: a file on this machine cannot be read. `Internal`: the data folder cannot be written.
    pub fn into_parts(self, app: &App) -> Result<(Map<String, Json>, Vec<Upload>)> {
        let uploads = self.files.into_iter().map(|(key, file)| file.upload(app, key)).collect::<Result<_>>()?;
        Ok((self.json, uploads))
    }
}

/// One new file or several.
#[derive(Clone, Debug, Default)]
pub struct NewFiles(Vec<NewFile>);

impl From<NewFile> for NewFiles {
    fn from(file: NewFile) -> Self {
        Self(vec![file])
    }
}

impl From<Vec<NewFile>> for NewFiles {
    fn from(files: Vec<NewFile>) -> Self {
        Self(files)
    }
}

impl<const N: usize> From<[NewFile; N]> for NewFiles {
    fn from(files: [NewFile; N]) -> Self {
        Self(files.into())
    }
}

fn to_json(value: Value) -> Json {
    match value {
        Value::Bool(flag) => Json::from(flag),
        Value::Number(number) => wire::number_json(number),
        Value::Text(text) => Json::from(text),
        Value::List(list) => Json::from(list),
        Value::Json(json) => json,
        Value::Point { lon, lat } => json!({ "lon": lon, "lat": lat }),
    }
}
