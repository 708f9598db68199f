//! Files of records for the program itself: no rules are asked, hooks and checks apply.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use serde_json::{Map, Value as Json};

use super::{Incoming, check, serve};
use crate::{
    Error, FieldError, Result,
    schema::{FieldKind, Record, Value},
    service::{
        App,
        records::{self, Call},
        typed::{self, File},
    },
    store::{files::Content, system::files::StoredFile},
};

/// Files of records.
///
/// ```
/// # async fn demo(app: &bakend::service::App, record: bakend::schema::Record) -> bakend::Result<()> {
/// let files = app.files();
/// let record = files.put(&record, "docs", "hello.txt", "hello").await?;
/// let name = record.get("docs").map(|names| names.as_list()[0].clone()).unwrap_or_default();
/// assert_eq!(files.open(&record, &name).await?.bytes().await?, "hello");
/// println!("{}", files.url(&record, &name));
/// files.delete(&record, "docs", &name).await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Files {
    app: App,
}

/// A file that is being read.
pub struct OpenFile {
    /// What is known of it.
    pub file: StoredFile,
    content: Content,
}

impl App {
    /// Files of records, for the program itself.
    pub fn files(&self) -> Files {
        Files { app: self.clone() }
    }
}

impl Files {
    /// Stores a file that is at hand under a field of a stored record: added where the field holds several, else in place of the one it
    /// has. Returns the record as it is now.
    ///
    /// # Errors
    /// - `NotFound`: the record is not stored (any more).
    /// - `Invalid`: there is no such field for files, or its options refuse the file.
    /// - `Internal`: the disk or the database failed.
    pub async fn put(&self, record: &Record, field: &str, name: &str, content: impl Into<Bytes>) -> Result<Record> {
        let chunk: std::io::Result<Bytes> = Ok(content.into());
        self.put_stream(record, field, name, futures_util::stream::iter([chunk])).await
    }

    /// Like [`put`](Self::put) for a content that comes piece by piece; it is never whole in memory.
    ///
    /// # Errors
    /// As of [`put`](Self::put); `Internal` also when the content breaks off.
    pub async fn put_stream<E: std::error::Error + Send + Sync + 'static>(
        &self,
        record: &Record,
        field: &str,
        name: &str,
        content: impl Stream<Item = Result<Bytes, E>> + Send,
    ) -> Result<Record> {
        let known = record.collection.fields.iter().find(|own| own.name == field);
        let Some((known, FieldKind::File(options))) = known.map(|known| (known, &known.kind)) else {
            return Err(no_such_field(field));
        };
        let key = if known.is_multiple() { format!("{field}+") } else { field.to_owned() };
        let mut incoming = Incoming::begin(&self.app, key, name.to_owned(), check::max_bytes(options.max_size));
        let mut content = std::pin::pin!(content);
        while let Some(chunk) = content.next().await {
            incoming.write(&chunk.map_err(Error::internal)?).await?;
        }
        let uploads = vec![incoming.finish().await?];
        records::save_body(&Call::system(&self.app), &record.collection, record.id(), &Map::new(), uploads).await
    }

    /// Opens a file that a record names.
    ///
    /// # Errors
    /// `NotFound`: the record names no such file. `Internal`: the disk or the store refuses.
    pub async fn open(&self, record: &Record, name: &str) -> Result<OpenFile> {
        let file = self.find(record, name).await?;
        let content = serve::open(&self.app, &file, 0, file.size).await?;
        Ok(OpenFile { file, content })
    }

    /// Opens a file of a typed record: `app.files().open_of(&post, cover).await?.bytes().await?`.
    ///
    /// # Errors
    /// As of [`open`](Self::open); `NotFound` also when there is no such collection.
    pub async fn open_of<C: typed::Collection>(&self, record: &C, file: &File) -> Result<OpenFile> {
        let schema = self.app.schema();
        let collection = schema.find(C::NAME).ok_or_else(Error::not_found)?;
        let mut stored = Record::new(Arc::clone(collection));
        record.write_to(&mut stored);
        stored.set("id", Value::Text(record.id().as_str().to_owned()));
        self.open(&stored, file.name()).await
    }

    /// What is known of a file that a record names: size, content type, the name it came with.
    ///
    /// # Errors
    /// `NotFound`: the record names no such file.
    pub async fn find(&self, record: &Record, name: &str) -> Result<StoredFile> {
        serve::options_of(record, name)?;
        serve::locate(&self.app, &record.collection, record.id(), name).await
    }

    /// Takes a file from a record; it is removed once that is committed. Returns the record as it is now.
    ///
    /// # Errors
    /// - `NotFound`: the record is not stored (any more).
    /// - `Invalid`: there is no such field for files, or it may not be without one.
    pub async fn delete(&self, record: &Record, field: &str, name: &str) -> Result<Record> {
        let is_file = |own: &crate::schema::Field| own.name == field && matches!(own.kind, FieldKind::File(_));
        if !record.collection.fields.iter().any(is_file) {
            return Err(no_such_field(field));
        }
        let body = Map::from_iter([(format!("{field}-"), Json::from(name))]);
        records::save_body(&Call::system(&self.app), &record.collection, record.id(), &body, Vec::new()).await
    }

    /// The address of a file below the app's own, as the settings name it. A protected file needs `?token=` behind it.
    pub fn url(&self, record: &Record, name: &str) -> String {
        self.address(&record.collection.name, record.id(), name)
    }

    /// As [`url`](Self::url), of a file of a typed record.
    pub fn url_of<C: typed::Collection>(&self, record: &C, file: &File) -> String {
        self.address(C::NAME, record.id().as_str(), file.name())
    }

    fn address(&self, collection: &str, id: &str, name: &str) -> String {
        let mut base = self.app.settings().meta.app_url.trim_end_matches('/').to_owned();
        for part in ["api", "files", collection, id, name] {
            base.push('/');
            base.extend(url::form_urlencoded::byte_serialize(part.as_bytes()).map(|part| part.replace('+', "%20")));
        }
        base
    }
}

impl OpenFile {
    /// Its bytes as they come.
    pub fn stream(self) -> Content {
        self.content
    }

    /// All of it.
    ///
    /// # Errors
    /// `Internal`: it cannot be read to its end.
    pub async fn bytes(mut self) -> Result<Bytes> {
        let mut whole = Vec::new();
        while let Some(chunk) = self.content.next().await {
            whole.extend_from_slice(&chunk.map_err(Error::internal)?);
        }
        Ok(whole.into())
    }
}

fn no_such_field(name: &str) -> Error {
    let error = FieldError::new("validation_invalid_value", "There is no such field for files.");
    Error::invalid("").field(name, error)
}
