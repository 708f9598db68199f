//! Smaller forms of images: made when first asked for, once however many ask, kept beside the file.

mod cut;
mod picture;
mod resample;
mod size;

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use quick_cache::sync::Cache;
use tokio::sync::{Mutex as Turn, Semaphore};

use self::{
    picture::{Picture, Unable},
    size::Size,
};
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

/// What is known of a smaller form.
#[derive(Clone, Debug)]
enum Form {
    /// It is there.
    Made(Thumb),
    /// There is none: the content is not that of an image.
    Unfit,
    /// Making it would take more than is allowed; the reason says what that is.
    TooLarge(Arc<str>),
}

impl Form {
    fn answer(self) -> Result<Option<Thumb>> {
        match self {
            Self::Made(thumb) => Ok(Some(thumb)),
            Self::Unfit => Ok(None),
            Self::TooLarge(reason) => Err(Error::invalid(&*reason)),
        }
    }
}

/// Who is at work on which form, and what is known of those that are there.
pub(crate) struct Thumbs {
    /// Known forms by place and path.
    known: Cache<(Place, String), Form>,
    /// Forms that are being made.
    making: Mutex<Vec<(String, Arc<Turn<()>>)>>,
    workers: Semaphore,
    /// What they may take together, in MiB.
    memory: Semaphore,
}

impl Default for Thumbs {
    fn default() -> Self {
        Self {
            known: Cache::new(limits::THUMBS_KNOWN_MAX),
            making: Mutex::default(),
            workers: Semaphore::new(limits::THUMBS_MAX_PARALLEL),
            memory: Semaphore::new(mebibytes(limits::THUMBS_MAX_ALLOC_BYTES) as usize),
        }
    }
}

impl Thumbs {
    /// Forgets a form that is not where it was.
    pub fn forget(&self, place: Place, path: &str) {
        self.known.remove(&(place, path.to_owned()));
    }

    /// A form, looked for or made by the first who asks; all others get what that found. A failure is nobody's but the first one's.
    async fn once(&self, place: Place, path: &str, make: impl AsyncFnOnce() -> Result<Form>) -> Result<Form> {
        let key = (place, path.to_owned());
        if let Some(known) = self.known.get(&key) {
            return Ok(known);
        }
        let turn = self.turn(path);
        let _turn = turn.lock().await;
        if let Some(known) = self.known.get(&key) {
            return Ok(known);
        }
        let made = make().await?;
        self.known.insert(key, made.clone());
        Ok(made)
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
/// - `Invalid`: the image has more pixels, or takes more memory, than is decoded; the message says how many are.
/// - `RateLimited`: too many wait for images already. `Internal`: the database, the disk or the store failed.
pub(super) async fn get(app: &App, file: &StoredFile, declared: &[String], wanted: &str) -> Result<Option<Thumb>> {
    let is_declared = wanted == PANEL_SIZE || declared.iter().any(|size| size == wanted);
    if !is_declared || !KINDS.contains(&file.kind.as_str()) {
        return Ok(None);
    }
    let Some(size) = Size::parse(wanted) else { return Ok(None) };
    let path = format!("{}/{wanted}_{}", thumbs_folder(&file.key.path()), file.key.name);
    let find_or_make = async || match app.storage(file.place)?.find(&path).await? {
        Some(found) => Ok(Form::Made(Thumb {
            kind: picture::kind_of_thumb(&file.kind).to_owned(),
            size: found.size,
            path: path.clone(),
        })),
        None => make(app, file, &path, size).await,
    };
    app.file_room().thumbs.once(file.place, &path, find_or_make).await?.answer()
}

/// Rounded up.
fn mebibytes(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(1 << 20)).unwrap_or(u32::MAX)
}

/// Makes a form and stores it, if it may be made.
async fn make(app: &App, file: &StoredFile, path: &str, size: Size) -> Result<Form> {
    if file.size > limits::THUMB_SOURCE_MAX_BYTES {
        return Ok(Form::Unfit);
    }
    let thumbs = &app.file_room().thumbs;
    let waited = tokio::time::timeout(limits::THUMB_WAIT_DEADLINE, thumbs.workers.acquire()).await;
    let _worker = waited
        .map_err(|_| Error::new(crate::Kind::RateLimited, "Too many images are being made smaller. Try again later."))?
        .map_err(Error::internal)?;
    let made = match encoded(thumbs, content(app, file).await?, &file.kind, size).await? {
        Ok(made) => made,
        Err(Unable::Unfit(reason)) => {
            tracing::debug!(file = file.key.path(), reason, "no smaller form can be made; the file itself is sent");
            return Ok(Form::Unfit);
        }
        Err(Unable::TooLarge(reason)) => return Ok(Form::TooLarge(reason.into())),
    };
    let kind = picture::kind_of_thumb(&file.kind).to_owned();
    let thumb = Thumb { path: path.to_owned(), size: made.len() as u64, kind };
    store(app, file, &thumb, made).await?;
    Ok(Form::Made(thumb))
}

/// The form's bytes, made when there is memory for it.
async fn encoded(thumbs: &Thumbs, content: Bytes, kind: &str, size: Size) -> Result<Result<Bytes, Unable>> {
    let (of, kind) = (content.clone(), kind.to_owned());
    let cost = blocking(move || Picture::open(&of, size).map(|picture| picture.cost)).await?;
    let cost = match cost {
        Ok(cost) => cost,
        Err(unable) => return Ok(Err(unable)),
    };
    let _memory = thumbs.memory.acquire_many(mebibytes(cost)).await.map_err(Error::internal)?;
    let made = blocking(move || Picture::open(&content, size)?.smaller(&kind)).await?;
    Ok(made.map(Bytes::from))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::internal)
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
    // What is left behind where a file was would never be removed.
    if row.is_none_or(|row| matches!(row.state, State::Gone | State::Moved) || row.place != file.place) {
        return Err(Error::not_found());
    }
    let name = thumb.path.rsplit('/').next().unwrap_or_default();
    let about = About { kind: thumb.kind.clone(), disposition: disposition(name, &thumb.kind, false) };
    // Through the staging folder, as everything: what a crash leaves of it there is cleared away.
    let mut staging = app.file_room().staging.begin(u64::MAX);
    staging.write(&made).await?;
    let (staged, ..) = staging.finish().await?;
    app.storage(file.place)?.adopt(&thumb.path, staged.path(), &about).await
}

async fn content(app: &App, file: &StoredFile) -> Result<Bytes> {
    let chunks = super::serve::open(app, file, 0, file.size).await?;
    let mut whole = Vec::with_capacity(usize::try_from(file.size).unwrap_or(0));
    let mut chunks = chunks.map_err(Error::internal);
    while let Some(chunk) = chunks.try_next().await? {
        whole.extend_from_slice(&chunk);
    }
    Ok(whole.into())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn forty_who_ask_first_get_one_making() {
        let (thumbs, makings) = (Thumbs::default(), AtomicUsize::new(0));
        let make = async || {
            makings.fetch_add(1, Ordering::Relaxed);
            // Everybody else comes meanwhile.
            tokio::task::yield_now().await;
            Ok(Form::Unfit)
        };
        let asks = (0..40).map(|_| thumbs.once(Place::Local, "a", &make));
        let found = futures_util::future::join_all(asks).await;
        assert!(found.iter().all(|form| matches!(form, Ok(Form::Unfit))));
        assert_eq!(makings.load(Ordering::Relaxed), 1);
        thumbs.once(Place::Local, "b", async || Err(Error::not_found())).await.expect_err("it fails");
        thumbs.once(Place::Local, "b", &make).await.expect("the next one tries again");
        assert_eq!(makings.load(Ordering::Relaxed), 2);
    }
}
