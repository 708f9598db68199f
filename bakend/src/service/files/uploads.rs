//! Resumable uploads: a file that comes in several requests, until a record takes it.
//!
//! An upload belongs to whoever began it and is meant for one field. Once complete, it is named in a record's body where a file would be:
//! `"docs": "upload:ID"`. It is used up in the transaction of that record, and given up when nobody goes on with it.

mod taking;

use std::sync::Arc;

use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use jiff::Timestamp;

pub(crate) use self::taking::take;
use super::{check, room::Turn};
use crate::{
    Error, FieldError, Kind, Result, clock,
    ids::{self, ID_ALPHABET},
    limits,
    schema::{FieldKind, Record},
    service::App,
    store::{
        Conn,
        system::{
            files::{self, FileKey},
            uploads::{self, PartialUpload},
        },
    },
};

/// Begins the name of an upload's file in the staging folder.
const STAGED: &str = "resumable-";
/// Characters of an upload's id.
const ID_CHARS: usize = 40;

/// What somebody wants to upload.
#[derive(Clone, Debug, Default)]
pub struct NewUpload {
    /// Id or name of the collection.
    pub collection: String,
    /// Name of the field.
    pub field: String,
    /// The name of the file.
    pub name: String,
    /// What the client said about it, to be said again when it asks.
    pub metadata: String,
    /// Length of the whole, in bytes.
    pub length: u64,
}

/// An upload, and how far it is.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Its id.
    pub id: String,
    /// Bytes that are here.
    pub offset: u64,
    /// Length of the whole, in bytes.
    pub length: u64,
    /// What the client said about it.
    pub metadata: String,
    /// When it is given up, unless it goes on.
    pub expires: Timestamp,
}

/// A sum that the bytes of a request must have.
pub trait Sum: Send {
    /// Adds bytes.
    fn add(&mut self, bytes: &[u8]);
    /// Whether it is right.
    fn is_right(self: Box<Self>) -> bool;
}

/// Begins an upload.
///
/// # Errors
/// - `Invalid`: there is no such collection or field, or it holds no files.
/// - `RateLimited`: somebody has too many unfinished uploads, or too large ones.
/// - `Forbidden`: only superusers write records of this collection.
/// - `TooLarge`: the field takes no file of that length.
pub async fn begin(app: &App, owner: &Record, wanted: NewUpload) -> Result<Standing> {
    let schema = app.schema();
    let collection =
        schema.find(&wanted.collection).ok_or_else(|| unfit("collection", "There is no such collection."))?;
    let field = collection.fields.iter().find(|field| field.name == wanted.field);
    let max = match field.map(|field| &field.kind) {
        Some(FieldKind::File(options)) if !collection.is_view() => check::max_bytes(options.max_size),
        _ => return Err(unfit("field", "There is no such field for files.")),
    };
    let is_closed = collection.rules.create.is_none() && collection.rules.update.is_none();
    if is_closed && !owner.is_superuser() {
        return Err(Error::forbidden(""));
    }
    if wanted.length > max {
        let message = format!("The maximum allowed file size is {max} bytes.");
        return Err(Error::new(Kind::TooLarge, message));
    }
    let now = clock::now();
    let upload = PartialUpload {
        id: ids::random_text(ID_CHARS, ID_ALPHABET),
        owner: owner_of(owner),
        target: (collection.id.clone(), field.map(|field| field.id.clone()).unwrap_or_default()),
        name: wanted.name,
        length: wanted.length,
        metadata: wanted.metadata,
        created: clock::text(now),
        expires: clock::text(later(now)),
    };
    let row = upload.clone();
    let store = move |conn: &Conn| {
        has_room(&uploads::of(conn, &row.owner)?, row.length)?;
        uploads::add(conn, &row)
    };
    app.store().db().write(store).await?;
    standing(upload, 0)
}

/// Whether somebody with these unfinished uploads may begin one more. One alone may be as long as its field allows.
fn has_room(held: &[PartialUpload], length: u64) -> Result<()> {
    const WAY_OUT: &str = "Finish or delete some of them first; they expire after a day without progress.";
    let refused = |message: String| Err(Error::new(Kind::RateLimited, format!("{message} {WAY_OUT}")));
    if held.len() >= limits::UPLOADS_MAX_PER_OWNER {
        return refused(format!("At most {} unfinished uploads are allowed.", limits::UPLOADS_MAX_PER_OWNER));
    }
    let bytes = held.iter().fold(length, |sum, upload| sum.saturating_add(upload.length));
    if !held.is_empty() && bytes > limits::UPLOADS_MAX_BYTES_PER_OWNER {
        return refused(format!(
            "Unfinished uploads may have {} bytes together; with this one they would have {bytes}.",
            limits::UPLOADS_MAX_BYTES_PER_OWNER
        ));
    }
    Ok(())
}

/// How far an upload is.
///
/// # Errors
/// `NotFound`: the caller has no such upload.
pub async fn find(app: &App, owner: &Record, id: &str) -> Result<Standing> {
    let upload = owned(app, owner, id).await?;
    let offset = app.file_room().staging.size(&staged_name(id)).await?.min(upload.length);
    standing(upload, offset)
}

/// Adds bytes to an upload; what came before a broken connection stays. Returns how far it is.
///
/// # Errors
/// - `NotFound`: the caller has no such upload, or gave it up meanwhile.
/// - `Conflict`: `offset` is not how far it is, or another request goes on with it.
/// - `TooLarge`: there are more bytes than the whole has.
/// - `Invalid`: the body broke off, or has not the sum it should have; then nothing of it stays.
/// - `Internal`: the disk is full or cannot be written; then nothing of the body stays.
pub async fn append<E: std::error::Error + Send + Sync + 'static>(
    app: &App,
    owner: &Record,
    id: &str,
    offset: u64,
    body: impl Stream<Item = Result<Bytes, E>> + Send,
    sum: Option<Box<dyn Sum>>,
) -> Result<Standing> {
    let upload = owned(app, owner, id).await?;
    let _turn = turn(app, id).ok_or_else(|| Error::new(Kind::Conflict, "Another request goes on with this upload."))?;
    let name = staged_name(id);
    let size = app.file_room().staging.size(&name).await?.min(upload.length);
    if size != offset {
        return Err(Error::new(Kind::Conflict, format!("The upload is at byte {size}, not {offset}.")));
    }
    let outcome = receive(app, &name, size, upload.length, body, sum).await;
    if outcome.as_ref().is_err_and(|error| error.kind() == Kind::Internal) {
        // A full disk gets its room back: without it not even giving the upload up could be noted.
        app.file_room().staging.append(&name, size, Vec::new()).await?;
    }
    let (id, expires) = (upload.id.clone(), clock::text(later(clock::now())));
    let moved = expires.clone();
    if !app.store().db().write(move |conn| uploads::prolong(conn, &id, &moved)).await? {
        discard(app, name).await?;
        return Err(Error::not_found());
    }
    standing(PartialUpload { expires, ..upload }, outcome?)
}

async fn receive<E: std::error::Error + Send + Sync + 'static>(
    app: &App,
    name: &str,
    start: u64,
    length: u64,
    body: impl Stream<Item = Result<Bytes, E>> + Send,
    mut sum: Option<Box<dyn Sum>>,
) -> Result<u64> {
    let staging = &app.file_room().staging;
    let (mut size, mut chunks, mut waiting) = (start, Vec::new(), 0);
    let mut body = std::pin::pin!(body);
    let outcome = loop {
        match tokio::time::timeout(limits::UPLOAD_MAX_SILENCE, body.next()).await {
            Err(silence) => break Err(Error::invalid("No more bytes came: resume the upload.").caused_by(silence)),
            Ok(None) => break Ok(()),
            Ok(Some(Err(error))) => {
                break Err(Error::invalid("The request ended before its body was complete.").caused_by(error));
            }
            Ok(Some(Ok(chunk))) => {
                if chunk.len() as u64 > length - size - waiting {
                    break Err(Error::new(Kind::TooLarge, "There are more bytes than the upload was announced with."));
                }
                if let Some(sum) = &mut sum {
                    sum.add(&chunk);
                }
                waiting += chunk.len() as u64;
                chunks.push(chunk);
            }
        }
        if waiting >= limits::FILE_WRITE_BYTES as u64 {
            staging.append(name, size, std::mem::take(&mut chunks)).await?;
            size += std::mem::take(&mut waiting);
        }
    };
    let is_broken = outcome.is_err() && sum.is_some();
    let is_wrong = outcome.is_ok() && sum.is_some_and(|sum| !sum.is_right());
    if is_broken || is_wrong {
        staging.append(name, start, Vec::new()).await?;
        outcome?;
        return Err(Error::invalid(WRONG_SUM));
    }
    staging.append(name, size, chunks).await?;
    outcome.map(|()| size + waiting)
}

/// The message of a body whose sum is wrong; the door has a status for it.
pub const WRONG_SUM: &str = "The checksum does not match.";

/// Gives an upload up. A request that goes on with it meanwhile finds that out at its end, and leaves nothing.
///
/// # Errors
/// `NotFound`: the caller has no such upload.
pub async fn remove(app: &App, owner: &Record, id: &str) -> Result<()> {
    let upload = owned(app, owner, id).await?;
    let name = staged_name(&upload.id);
    if app.store().db().write(move |conn| uploads::delete(conn, &upload.id)).await? {
        app.file_room().staging.remove(&name).await?;
    }
    Ok(())
}

/// Removes the file of an upload that was given up while bytes came; not one that a record took.
async fn discard(app: &App, name: String) -> Result<()> {
    let names = [name.clone()];
    let taken = app.store().db().read(&Default::default(), move |conn| files::staged_among(conn, &names)).await?;
    if taken.is_empty() { app.file_room().staging.remove(&name).await } else { Ok(()) }
}

/// The turn at adding to an upload; `None` while a request does.
fn turn<'a>(app: &'a App, id: &str) -> Option<Turn<'a>> {
    app.file_room().turn(&FileKey::new(STAGED, "", id))
}

async fn owned(app: &App, owner: &Record, id: &str) -> Result<PartialUpload> {
    let id: Arc<str> = id.into();
    let found = app.store().db().read(&Default::default(), move |conn| uploads::find(conn, &id)).await?;
    let now = clock::now_text();
    found.filter(|upload| upload.owner == owner_of(owner) && upload.expires > now).ok_or_else(Error::not_found)
}

fn owner_of(record: &Record) -> (String, String) {
    (record.collection.id.clone(), record.id().to_owned())
}

fn later(now: Timestamp) -> Timestamp {
    now.checked_add(jiff::SignedDuration::try_from(limits::UPLOAD_MAX_IDLE).unwrap_or_default()).unwrap_or(now)
}

fn standing(upload: PartialUpload, offset: u64) -> Result<Standing> {
    let expires = upload.expires.parse().map_err(Error::internal)?;
    Ok(Standing { id: upload.id, offset, length: upload.length, metadata: upload.metadata, expires })
}

fn unfit(name: &str, message: &str) -> Error {
    Error::invalid("The upload is for nothing that takes it.")
        .field(name, FieldError::new("validation_invalid_value", message))
}

/// The name of an upload's file in the staging folder.
pub(super) fn staged_name(id: &str) -> String {
    format!("{STAGED}{id}")
}

/// The upload whose file has this name.
pub(super) fn id_of(name: &str) -> Option<String> {
    name.strip_prefix(STAGED).map(str::to_owned)
}
