//! Smaller forms of images: made when first asked for, once however many ask, kept beside the file.

mod picture;
mod size;

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use quick_cache::sync::Cache;
use tokio::sync::{Mutex as Turn, Semaphore};

use self::size::Size;
use super::serve::disposition;
use crate::{
    Error, Result, limits,
    service::App,
    store::{
        files::{About, thumbs_folder},
        system::files::{self, Place, State, StoredFile},
    },
};

/// The size that the admin panel shows; every image has it.
const PANEL_SIZE: &str = "100x100";
/// Kinds that smaller forms are made of.
const KINDS: [&str; 5] = ["image/png", "image/jpg", "image/jpeg", "image/gif", "image/webp"];

/// A smaller form that is there.
#[derive(Clone, Debug)]
pub(super) struct Thumb {
    /// Where it lies, in the storage of its file.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// Content type.
    pub kind: String,
}

/// Who is at work on which form, and what is known of those that are there.
pub(crate) struct Thumbs {
    /// Known forms by place and path; `None`: there can be none.
    known: Cache<(Place, String), Option<Thumb>>,
    /// Forms that are being made.
    making: Mutex<Vec<(String, Arc<Turn<()>>)>>,
    workers: Semaphore,
}

impl Default for Thumbs {
    fn default() -> Self {
        Self {
            known: Cache::new(limits::THUMBS_KNOWN_MAX),
            making: Mutex::default(),
            workers: Semaphore::new(limits::THUMBS_MAX_PARALLEL),
        }
    }
}

impl Thumbs {
    /// Forgets a form that is not where it was.
    pub fn forget(&self, place: Place, path: &str) {
        self.known.remove(&(place, path.to_owned()));
    }

    /// The turn at making a form: whoever comes second waits for the first, and finds the form made.
    fn turn(&self, path: &str) -> Arc<Turn<()>> {
        let mut making = self.making.lock().unwrap_or_else(PoisonError::into_inner);
        // Nobody but this list has those that are done.
        making.retain(|(_, turn)| Arc::strong_count(turn) > 1);
        if let Some((_, turn)) = making.iter().find(|(other, _)| other == path) {
            return Arc::clone(turn);
        }
        let turn = Arc::new(Turn::new(()));
        making.push((path.to_owned(), Arc::clone(&turn)));
        turn
    }
}

/// A smaller form of a file, if its field declares that size and its content can be made smaller; otherwise the file itself is meant.
///
/// # Errors
/// `RateLimited`: too many wait for images already. `Internal`: the database, the disk or the store failed.
pub(super) async fn get(app: &App, file: &StoredFile, declared: &[String], wanted: &str) -> Result<Option<Thumb>> {
    let is_declared = wanted == PANEL_SIZE || declared.iter().any(|size| size == wanted);
    if !is_declared || !KINDS.contains(&file.kind.as_str()) {
        return Ok(None);
    }
    let Some(size) = Size::parse(wanted) else { return Ok(None) };
    let thumbs = &app.file_room().thumbs;
    let path = format!("{}/{wanted}_{}", thumbs_folder(&file.key.path()), file.key.name);
    let known_as = (file.place, path.clone());
    if let Some(known) = thumbs.known.get(&known_as) {
        return Ok(known);
    }
    let turn = thumbs.turn(&path);
    let _turn = turn.lock().await;
    if let Some(known) = thumbs.known.get(&known_as) {
        return Ok(known);
    }
    let found = match app.storage(file.place)?.find(&path).await? {
        Some(found) => {
            Some(Thumb { kind: picture::kind_of_thumb(&file.kind).to_owned(), size: found.size, path: path.clone() })
        }
        None => make(app, file, &path, size).await?,
    };
    thumbs.known.insert(known_as, found.clone());
    Ok(found)
}

/// Makes a form and stores it; `None` when the content is no image that may be decoded.
async fn make(app: &App, file: &StoredFile, path: &str, size: Size) -> Result<Option<Thumb>> {
    if file.size > limits::THUMB_SOURCE_MAX_BYTES {
        return Ok(None);
    }
    let workers = &app.file_room().thumbs.workers;
    let waited = tokio::time::timeout(limits::THUMB_WAIT_DEADLINE, workers.acquire()).await;
    let _worker = waited
        .map_err(|_| Error::new(crate::Kind::RateLimited, "Too many images are being made smaller. Try again later."))?
        .map_err(Error::internal)?;
    let content = content(app, file).await?;
    let kind = file.kind.clone();
    let made = tokio::task::spawn_blocking(move || picture::smaller(&content, &kind, size)).await;
    let made = match made.map_err(Error::internal)? {
        Ok(made) => Bytes::from(made),
        Err(reason) => {
            tracing::debug!(file = file.key.path(), reason, "no smaller form can be made; the file itself is sent");
            return Ok(None);
        }
    };
    let kind = picture::kind_of_thumb(&file.kind).to_owned();
    let thumb = Thumb { path: path.to_owned(), size: made.len() as u64, kind };
    store(app, file, &thumb, made).await?;
    Ok(Some(thumb))
}

/// Stores a form while nobody removes its file.
async fn store(app: &App, file: &StoredFile, thumb: &Thumb, made: Bytes) -> Result<()> {
    let _turn = loop {
        match app.file_room().turn(&file.key) {
            Some(turn) => break turn,
            // Somebody brings the file to its place, or removes it: that is done in a moment.
            None => tokio::time::sleep(limits::FILE_TURN_PAUSE).await,
        }
    };
    let key = file.key.clone();
    let row = app.store().db().read(&Default::default(), move |conn| files::find(conn, &key)).await?;
    if row.is_none_or(|row| row.state == State::Gone) {
        return Err(Error::not_found());
    }
    let name = thumb.path.rsplit('/').next().unwrap_or_default();
    let about = About { kind: thumb.kind.clone(), disposition: disposition(name, &thumb.kind, false) };
    app.storage(file.place)?.put(&thumb.path, made, &about).await
}

async fn content(app: &App, file: &StoredFile) -> Result<Vec<u8>> {
    let chunks = super::serve::open(app, file, 0, file.size).await?;
    let mut whole = Vec::with_capacity(usize::try_from(file.size).unwrap_or(0));
    let mut chunks = chunks.map_err(Error::internal);
    while let Some(chunk) = chunks.try_next().await? {
        whole.extend_from_slice(&chunk);
    }
    Ok(whole)
}
