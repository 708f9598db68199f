//! Which file may be sent to whom.

use std::sync::Arc;

use jiff::Timestamp;

use super::content;
use crate::{
    Error, Kind, Result, limits,
    query::{Context, RequestInfo, grant::Right},
    schema::{Collection, FieldKind, Record, field::file::FileOptions},
    service::{
        App,
        auth::{TokenKind, who},
        records,
    },
    store::{
        files::{About, Content, Storage},
        system::files::{self, FileKey, Place, State, StoredFile},
    },
};

/// Kinds that browsers show without running anything.
const INLINE: &[&str] = &[
    "image/png",
    "image/jpg",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/x-icon",
    "image/vnd.microsoft.icon",
    "image/bmp",
    "video/webm",
    "video/mp4",
    "video/3gpp",
    "video/quicktime",
    "video/x-ms-wmv",
    "audio/basic",
    "audio/aiff",
    "audio/mpeg",
    "audio/midi",
    "audio/mp3",
    "audio/wave",
    "audio/wav",
    "audio/x-wav",
    "audio/x-mpeg",
    "audio/x-m4a",
    "audio/aac",
    "application/pdf",
    "application/x-pdf",
];

/// What is asked for beside the name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// A smaller form of an image; empty: the file itself.
    pub thumb: &'a str,
    /// A file token, for protected files.
    pub token: &'a str,
    /// Whether the answer is to be saved, not shown.
    pub download: bool,
}

/// A file that may be sent.
pub struct Served {
    app: App,
    source: Source,
    /// Its name for the receiver.
    pub name: String,
    /// By content, or by the extension where browsers insist.
    pub content_type: String,
    /// How it is to be shown: `Content-Disposition`.
    pub disposition: String,
    /// In bytes.
    pub size: u64,
    /// When it was stored.
    pub modified: Timestamp,
    /// Whether it takes a token: only who asked may keep it, and asks again each time.
    pub is_protected: bool,
    /// Names this content for good, as an `ETag` without its quotes.
    pub tag: String,
}

/// Where the bytes are.
enum Source {
    File(StoredFile),
    /// A smaller form: a storage, and the path in it.
    Thumb(Place, String),
}

/// The file of a record, if the caller may have it: a protected one takes a file token whose holder satisfies the view rule.
///
/// # Errors
/// `NotFound` for whatever is missing or hidden.
pub async fn serve(
    app: &App,
    mut info: RequestInfo,
    collection: &Arc<Collection>,
    id: &str,
    name: &str,
    wanted: Wanted<'_>,
) -> Result<Served> {
    let schema = app.schema();
    let record =
        records::find(&app.store().db(), app.planner(), &schema, collection, id).await?.ok_or_else(Error::not_found)?;
    let options = options_of(&record, name)?.clone();
    if options.protected {
        info.context = Context::ProtectedFile;
        // A key that is for this collection needs no token beside it; other callers show one, as links cannot carry headers.
        if !info.grant.as_ref().is_some_and(|grant| grant.allows(&collection.id, Right::View)) {
            info.auth = who::holder(app, wanted.token, TokenKind::File).await?.map(Arc::new);
        }
        may_view(app, &info, collection, id).await?;
    }
    let file = locate(app, collection, id, name).await?;
    served(app, file, &options, wanted).await
}

/// The field that holds this name.
pub(super) fn options_of<'a>(record: &'a Record, name: &str) -> Result<&'a FileOptions> {
    let mut fields = record.collection.fields.iter().zip(&record.values);
    let found = fields.find_map(|(field, value)| match &field.kind {
        FieldKind::File(options) if value.as_list().iter().any(|own| own == name) => Some(options),
        _ => None,
    });
    found.ok_or_else(Error::not_found)
}

async fn may_view(app: &App, info: &RequestInfo, collection: &Arc<Collection>, id: &str) -> Result<()> {
    if info.is_superuser() {
        return Ok(());
    }
    let rule = collection.rules.view.as_deref().ok_or_else(Error::not_found)?;
    if rule.is_empty() {
        return Ok(());
    }
    let statement = app.planner().view(&app.schema(), collection, info, id, Some(rule));
    let statement = statement.map_err(|error| Error::not_found().caused_by(error))?;
    let pace = statement.pace.clone();
    let rows = app.store().db().read(&pace, move |conn| conn.rows(&statement, |_| Ok(()))).await?;
    if rows == 0 { Err(Error::not_found()) } else { Ok(()) }
}

/// What is known of a file that a record names.
pub(super) async fn locate(app: &App, collection: &Arc<Collection>, id: &str, name: &str) -> Result<StoredFile> {
    let key = FileKey::new(&collection.id, id, name);
    let (of, is_view) = (key.clone(), collection.is_view());
    let read = move |conn: &crate::store::Conn| {
        if !is_view {
            return files::find(conn, &of);
        }
        // A view shows names of files that belong to the records they came from. They are unique but for those put there by hand, of which
        // the record with the same id is meant.
        let mut found = files::named(conn, &of.name)?;
        found.sort_by_key(|file| file.key.record == of.record);
        Ok(found.pop())
    };
    let found = app.store().db().read(&Default::default(), read).await?;
    match found {
        Some(file) if file.kind.is_empty() => describe(app, file).await,
        Some(file) => Ok(file),
        // It was put there by hand.
        None if !is_view => describe(app, StoredFile { key, ..StoredFile::default() }).await,
        None => Err(Error::not_found()),
    }
}

/// Finds out size and kind of a file of which only the name is known, and remembers them.
async fn describe(app: &App, file: StoredFile) -> Result<StoredFile> {
    let (storage, path) = (app.storage(file.place)?, file.key.path());
    let found = storage.find(&path).await?.ok_or_else(Error::not_found)?;
    let head = super::head(storage.open(&path, 0, found.size.min(limits::FILE_HEAD_BYTES as u64)).await?).await?;
    let (kind, size) = (content::kind(&head), found.size);
    let created = Timestamp::try_from(found.modified).map_err(Error::internal)?;
    let (key, noted) = (file.key.clone(), kind.clone());
    app.store().db().write(move |conn| files::describe(conn, &key, size, &noted)).await?;
    Ok(StoredFile { size, kind, created: crate::clock::text(created), ..file })
}

async fn served(app: &App, file: StoredFile, options: &FileOptions, wanted: Wanted<'_>) -> Result<Served> {
    let (name, created) = (file.key.name.clone(), file.created.clone());
    let of = |source, name, kind, size| {
        let served = Served::new(app, source, name, kind, size, &created, wanted.download);
        Ok(Served { is_protected: options.protected, ..served })
    };
    if !wanted.thumb.is_empty()
        && let Some(thumb) = super::thumbs::get(app, &file, &options.thumbs, wanted.thumb).await?
    {
        let name = format!("{}_{name}", wanted.thumb);
        let kind = content_type(&name, &thumb.kind);
        let source = Source::Thumb(file.place, thumb.path);
        return of(source, name, kind, thumb.size);
    }
    let (kind, size) = (content_type(&name, &file.kind), file.size);
    of(Source::File(file), name, kind, size)
}

impl Served {
    fn new(app: &App, source: Source, name: String, kind: String, size: u64, created: &str, download: bool) -> Self {
        let path = match &source {
            Source::File(file) => file.key.path(),
            Source::Thumb(_, path) => path.clone(),
        };
        // A name stands for one content for ever: path and size tell contents apart.
        let tag = format!("{:08x}-{size:x}", crc32fast::hash(path.as_bytes()));
        let disposition = disposition(&name, &kind, download);
        let modified = created.parse().unwrap_or(Timestamp::UNIX_EPOCH);
        Self {
            app: app.clone(),
            source,
            name,
            content_type: kind,
            disposition,
            size,
            modified,
            is_protected: false,
            tag,
        }
    }

    /// Its bytes from `start` on, `length` of them.
    ///
    /// # Errors
    /// `NotFound`: it was removed meanwhile. `Internal`: the disk or the store refuses.
    pub async fn open(&self, start: u64, length: u64) -> Result<Content> {
        match &self.source {
            Source::Thumb(place, path) => {
                let opened = self.app.storage(*place)?.open(path, start, length).await;
                // Next time it is made again.
                opened.inspect_err(|_| self.app.file_room().thumbs.forget(*place, path))
            }
            Source::File(file) => open(&self.app, file, start, length).await,
        }
    }

    /// Where the receiver can fetch it from the store itself, when the settings want that.
    ///
    /// # Errors
    /// `Internal`: the link cannot be signed.
    pub async fn link(&self) -> Result<Option<String>> {
        let path = match &self.source {
            Source::Thumb(Place::S3, path) => path.clone(),
            Source::File(file) if file.place == Place::S3 && file.state != State::Staged => file.key.path(),
            _ => return Ok(None),
        };
        if !self.app.settings().s3.redirect_downloads {
            return Ok(None);
        }
        let Storage::Bucket(bucket) = self.app.storage(Place::S3)? else { return Ok(None) };
        let about = About { kind: self.content_type.clone(), disposition: self.disposition.clone() };
        bucket.link(&path, limits::FILE_LINK_LIFE, &about).await.map(Some)
    }
}

/// The bytes of a file from `start` on, wherever it is on its way.
pub(super) async fn open(app: &App, file: &StoredFile, start: u64, length: u64) -> Result<Content> {
    let path = file.key.path();
    let opened = match file.state {
        State::Staged => app.file_room().staging.open(&file.staged, start, length).await,
        _ => app.storage(file.place)?.open(&path, start, length).await,
    };
    let moved = match opened {
        Err(error) if error.kind() == Kind::NotFound => error,
        opened => return opened,
    };
    // It is in its place, or in another one, by now.
    let key = file.key.clone();
    match app.store().db().read(&Default::default(), move |conn| files::find(conn, &key)).await? {
        Some(now) if now.state != State::Gone => app.storage(now.place)?.open(&path, start, length).await,
        _ => Err(moved),
    }
}

/// `Content-Disposition` of a file: inline only what runs nothing.
pub(super) fn disposition(name: &str, kind: &str, download: bool) -> String {
    let bare = kind.split(';').next().unwrap_or_default();
    let place = if !download && INLINE.contains(&bare) { "inline" } else { "attachment" };
    let name: String = name.chars().filter(|c| !c.is_control() && !matches!(c, '"' | '\\')).collect();
    format!("{place}; filename=\"{name}\"")
}

fn content_type(name: &str, kind: &str) -> String {
    by_extension(name).unwrap_or(kind).to_owned()
}

/// Kinds whose content looks like something more general.
fn by_extension(name: &str) -> Option<&'static str> {
    let extension = name.rsplit_once('.')?.1.to_ascii_lowercase();
    Some(match extension.as_str() {
        "svg" => "image/svg+xml",
        "css" => "text/css",
        "js" | "mjs" => "text/javascript",
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "docx" => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "pptx" => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        _ => return None,
    })
}
