//! Moving all files to the other storage, while the server goes on.
//!
//! Each file is copied, read back and compared before its row says that it lies elsewhere; what it leaves behind is removed after that. So
//! the move can be stopped at any point, and goes on where it was when it is started again.

use futures_util::TryStreamExt as _;
use serde_json::{Map, json};
use sha2::{Digest as _, Sha256};

use super::{serve::disposition, settle, sweep};
use crate::{
    Error, FieldError, Result, limits,
    service::{App, settings},
    store::{
        files::{About, Bucket, Storage, bucket},
        system::files::{self, FileKey, Owner, Place, State, StoredFile},
    },
};

/// How far a move is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// Files that lie in the new place.
    pub files: u64,
    /// Their length together, in bytes.
    pub bytes: u64,
    /// Files there were to move.
    pub total: u64,
}

/// Files in a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Total {
    /// How many.
    pub files: u64,
    /// Their length together, in bytes.
    pub bytes: u64,
}

/// What lies in a place.
///
/// # Errors
/// Those of the database.
pub async fn total(app: &App, place: Place) -> Result<Total> {
    let found = app.store().db().read(&Default::default(), move |conn| files::total(conn, place)).await?;
    Ok(Total { files: found.0, bytes: found.1 })
}

/// Moves every file to `to`, and makes it the place of new files. Files that cannot be moved stay where they are, and are served from there.
///
/// # Errors
/// - `Invalid`: the settings name no bucket, or it does not answer.
/// - `Internal`: a file cannot be read, written, or is not the same in its new place; those before it are moved.
pub async fn move_all(app: &App, to: Place, mut progress: impl FnMut(Moved)) -> Result<Moved> {
    let from = match to {
        Place::Local => Place::S3,
        Place::S3 => Place::Local,
    };
    let mut moved = Moved { total: total(app, from).await?.files, ..Moved::default() };
    if to == Place::S3 || moved.total > 0 {
        test_bucket(&app.settings().s3).await?;
    }
    // Twice: what came before the settings were switched, and what came while the first round lasted.
    for round in 0..2 {
        if round == 1 {
            let patch = Map::from_iter([("s3".to_owned(), json!({"enabled": to == Place::S3}))]);
            settings::update(app, patch).await?;
        }
        move_known(app, from, to, &mut moved, &mut progress).await?;
    }
    settle::all(app).await?;
    Ok(moved)
}

async fn move_known(
    app: &App,
    from: Place,
    to: Place,
    moved: &mut Moved,
    progress: &mut impl FnMut(Moved),
) -> Result<()> {
    let mut after: Option<FileKey> = None;
    loop {
        let start = after.clone();
        let page = app
            .store()
            .db()
            .read(&Default::default(), move |conn| {
                files::page(conn, Owner::All, Some(from), start.as_ref(), limits::FILE_SWEEP_BATCH)
            })
            .await?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.key.clone());
        for file in page.into_iter().filter(|file| file.state == State::Stored) {
            let bytes = move_one(app, &file, to).await?;
            moved.files += u64::from(bytes.is_some());
            moved.bytes += bytes.unwrap_or(0);
            progress(*moved);
        }
    }
}

/// Moves a file; `None` when it was removed meanwhile. Returns its length.
async fn move_one(app: &App, file: &StoredFile, to: Place) -> Result<Option<u64>> {
    let path = file.key.path();
    let named = |error: Error| {
        let message = format!("The file {path} could not be moved: {}", error.message());
        error.message_set(message)
    };
    let Some(found) = app.storage(file.place)?.find(&path).await.map_err(named)? else { return Ok(None) };
    let wanted = copy(app, file, to, found.size).await.map_err(named)?;
    let target = app.storage(to)?;
    let size = target.find(&path).await.map_err(named)?.map(|copied| copied.size);
    if size != Some(found.size) || sum(&target, &path, found.size).await.map_err(named)? != wanted {
        return Err(named(Error::internal("what was read back is not what was written")));
    }
    let key = file.key.clone();
    let is_moved = app.store().db().write(move |conn| files::moved(conn, &key, to)).await?;
    if !is_moved {
        // It was given up meanwhile; its row knows of the old place only.
        target.remove(&path).await?;
    }
    Ok(is_moved.then_some(found.size))
}

/// Copies a file; returns the sum of what was read.
async fn copy(app: &App, file: &StoredFile, to: Place, size: u64) -> Result<[u8; 32]> {
    let (source, target, path) = (app.storage(file.place)?, app.storage(to)?, file.key.path());
    let about = About { kind: file.kind.clone(), disposition: disposition(&file.key.name, &file.kind, false) };
    // Through the staging folder, where a part of a file can lie without anybody taking it for the whole.
    let mut staging = app.file_room().staging.begin(u64::MAX);
    let mut chunks = source.open(&path, 0, size).await?;
    let mut digest = Sha256::new();
    while let Some(chunk) = chunks.try_next().await.map_err(Error::internal)? {
        digest.update(&chunk);
        staging.write(&chunk).await?;
    }
    let (staged, ..) = staging.finish().await?;
    target.adopt(&path, staged.path(), &about).await?;
    Ok(digest.finalize().into())
}

async fn sum(storage: &Storage, path: &str, size: u64) -> Result<[u8; 32]> {
    let mut chunks = storage.open(path, 0, size).await?;
    let mut digest = Sha256::new();
    while let Some(chunk) = chunks.try_next().await.map_err(Error::internal)? {
        digest.update(&chunk);
    }
    Ok(digest.finalize().into())
}

/// What a look at every file found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Files looked at.
    pub files: u64,
    /// Files that no record named, removed.
    pub removed: u64,
    /// Files that a record names and that are not where they belong, or not as long as they were.
    pub missing: Vec<FileKey>,
}

/// Removes files that no record names, also from the staging folder once nobody writes to them any more, and looks for every other one.
///
/// # Errors
/// Those of the database; `Internal`: the disk or the store refuses.
pub async fn check(app: &App) -> Result<Checked> {
    let mut checked = Checked { removed: sweep::audit(app).await?, ..Checked::default() };
    sweep::sweep(app).await?;
    let mut after: Option<FileKey> = None;
    loop {
        let start = after.clone();
        let page = app
            .store()
            .db()
            .read(&Default::default(), move |conn| {
                files::page(conn, Owner::All, None, start.as_ref(), limits::FILE_SWEEP_BATCH)
            })
            .await?;
        let Some(last) = page.last() else { return Ok(checked) };
        after = Some(last.key.clone());
        for file in page.into_iter().filter(|file| matches!(file.state, State::Stored | State::Moved)) {
            let found = app.storage(file.place)?.find(&file.key.path()).await?;
            checked.files += 1;
            // Of a file whose kind nobody has asked for yet, the size is not known either.
            if found.is_none_or(|found| !file.kind.is_empty() && found.size != file.size) {
                checked.missing.push(file.key);
            }
        }
    }
}

const TEST_FAILED: &str = "Failed to test the S3 filesystem.";

/// Tries the bucket of the settings: writes, reads and removes a file. `filesystem` is `storage` or `backups`.
///
/// # Errors
/// `Invalid`: there is no such filesystem, it is not enabled, or it does not answer; the message has its words.
///
/// Source: PocketBase web API, settings.
pub async fn test(app: &App, filesystem: &str) -> Result<()> {
    let settings = app.settings();
    let s3 = match filesystem {
        "storage" => &settings.s3,
        "backups" => &settings.backups.s3,
        "" => return Err(Error::invalid(TEST_FAILED).field("filesystem", FieldError::required())),
        _ => {
            let error = FieldError::new("validation_in_invalid", "Must be a valid value.");
            return Err(Error::invalid(TEST_FAILED).field("filesystem", error));
        }
    };
    if !s3.enabled {
        return Err(Error::invalid(format!("{TEST_FAILED} Raw error: \nS3 storage filesystem is not enabled.")));
    }
    test_bucket(s3).await
}

async fn test_bucket(s3: &settings::S3) -> Result<()> {
    let tried = match Bucket::new(&super::room::bucket_options(s3)) {
        Ok(bucket) => bucket.test().await,
        Err(error) => Err(error),
    };
    tried.map_err(|error| {
        let reason = bucket::reason(&error);
        Error::invalid(format!("{TEST_FAILED} Raw error: \n{reason}")).caused_by(error)
    })
}
