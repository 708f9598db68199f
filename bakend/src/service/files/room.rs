//! What the app keeps open for its files.

use std::{
    collections::HashSet,
    path::Path,
    sync::{Mutex, PoisonError},
};

use tokio::sync::Notify;

use super::{STORAGE, TEMPORARY, thumbs::Thumbs};
use crate::{
    Result,
    service::{App, AppOptions, settings::S3},
    store::{
        files::{Bucket, BucketOptions, Folder, StagingFolder, Storage},
        system::files::{FileKey, Place},
    },
};

/// Storage, staging folder, and who is at work on which file.
pub(crate) struct FileRoom {
    pub(super) staging: StagingFolder,
    folder: Folder,
    bucket: Mutex<Option<(BucketOptions, Bucket)>>,
    turns: Mutex<HashSet<FileKey>>,
    pub(super) thumbs: Thumbs,
    /// Wakes the sweep.
    pub(super) wake: Notify,
}

/// The storage folder of a data folder.
pub(crate) fn local(dir: &Path, synchronous: bool) -> Folder {
    Folder::new(dir.join(STORAGE), synchronous)
}

impl FileRoom {
    /// The room of a data folder.
    pub fn new(options: &AppOptions) -> Self {
        Self {
            staging: StagingFolder::new(options.dir.join(TEMPORARY), options.synchronous_full),
            folder: local(&options.dir, options.synchronous_full),
            bucket: Mutex::default(),
            turns: Mutex::default(),
            thumbs: Thumbs::default(),
            wake: Notify::new(),
        }
    }

    /// Wakes the sweep.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    /// The turn at a file; `None` while somebody else has it.
    pub(super) fn turn(&self, key: &FileKey) -> Option<Turn<'_>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.insert(key.clone()).then(|| Turn { room: self, key: key.clone() })
    }

    fn bucket(&self, options: BucketOptions) -> Result<Bucket> {
        let mut known = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        match &*known {
            Some((of, bucket)) if *of == options => Ok(bucket.clone()),
            _ => {
                let bucket = Bucket::new(&options)?;
                *known = Some((options, bucket.clone()));
                Ok(bucket)
            }
        }
    }
}

/// The only one at work on a file, until it is dropped.
pub(super) struct Turn<'a> {
    room: &'a FileRoom,
    key: FileKey,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.room.turns.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

impl App {
    /// The storage of a place. The bucket is that of the settings, whether it takes new files or not: what lies there is served from there.
    ///
    /// # Errors
    /// `Invalid`: the settings name no bucket.
    pub(crate) fn storage(&self, place: Place) -> Result<Storage> {
        let room = self.file_room();
        match place {
            Place::Local => Ok(Storage::Folder(room.folder.clone())),
            Place::S3 => room.bucket(bucket_options(&self.settings().s3)).map(Storage::Bucket),
        }
    }

    /// Where new files go.
    pub(crate) fn place_of_new_files(&self) -> Place {
        if self.settings().s3.enabled { Place::S3 } else { Place::Local }
    }
}

/// The settings, as the storage wants them.
pub(crate) fn bucket_options(settings: &S3) -> BucketOptions {
    BucketOptions {
        endpoint: settings.endpoint.clone(),
        region: settings.region.clone(),
        bucket: settings.bucket.clone(),
        access_key: settings.access_key.clone(),
        secret: settings.secret.clone(),
        force_path_style: settings.force_path_style,
    }
}
