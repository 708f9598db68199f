//! Files in a local folder.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
};

use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use tokio::sync::Semaphore;

use super::{Content, Found, Walk, blocking, is_plain, thumbs_folder, walk};
use crate::{Error, Result, limits};

/// A folder of files; made when the first one comes.
#[derive(Clone, Debug)]
pub struct Folder {
    root: PathBuf,
    /// Whether a file is on the disk before it counts as stored.
    synchronous: bool,
}

impl Folder {
    /// The folder `root`.
    pub fn new(root: PathBuf, synchronous: bool) -> Self {
        Self { root, synchronous }
    }

    /// The path in the file system; `None` for what leads elsewhere.
    fn place(&self, path: &str) -> Option<PathBuf> {
        path.split('/').all(is_plain).then(|| self.root.join(path))
    }

    fn known(&self, path: &str) -> Result<PathBuf> {
        self.place(path).ok_or_else(Error::not_found)
    }

    /// A rename; where the folder is another file system, a copy that appears at once.
    pub(super) async fn adopt(&self, path: &str, staged: &Path) -> Result<()> {
        let (place, staged, synchronous) = (self.known(path)?, staged.to_owned(), self.synchronous);
        blocking(move || match in_folder(&place, || fs::rename(&staged, &place)) {
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => copy(&staged, &place, synchronous),
            // Somebody brought it here before us.
            Err(error) if error.kind() == io::ErrorKind::NotFound && place.is_file() => Ok(()),
            Ok(()) if synchronous => sync_folder(&place),
            outcome => outcome,
        })
        .await
    }

    pub(super) async fn open(&self, path: &str, start: u64, length: u64) -> Result<Content> {
        read(self.known(path)?, start, length).await
    }

    pub(super) async fn find(&self, path: &str) -> Result<Option<Found>> {
        let (Some(place), path) = (self.place(path), path.to_owned()) else { return Ok(None) };
        blocking(move || match fs::symlink_metadata(&place) {
            Ok(about) if about.is_file() => Ok(Some(Found { path, size: about.len(), modified: about.modified()? })),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    pub(super) fn walk(&self, path: &str) -> Walk {
        match path {
            "" => walk::folder(&self.root, ""),
            path => self.place(path).map_or_else(|| stream::empty().boxed(), |place| walk::folder(&place, path)),
        }
    }

    pub(super) async fn remove(&self, path: &str) -> Result<()> {
        let Some(place) = self.place(path) else { return Ok(()) };
        let thumbs = self.root.join(thumbs_folder(path));
        blocking(move || {
            unless_missing(fs::remove_file(&place))?;
            unless_missing(fs::remove_file(part_of(&place)))?;
            // Folders of PocketBase keep attributes beside a file.
            let mut attributes = place.clone().into_os_string();
            attributes.push(".attrs");
            unless_missing(fs::remove_file(attributes))?;
            unless_missing(fs::remove_dir_all(thumbs))?;
            // The folders of the record and of the collection go with their last file.
            for folder in place.ancestors().skip(1).take(2) {
                if fs::remove_dir(folder).is_err() {
                    break;
                }
            }
            Ok(())
        })
        .await
    }
}

/// Does something in the folder of a path, which is made when it is missing; again if somebody removed it meanwhile.
fn in_folder<T>(place: &Path, mut work: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    let folder = place.parent().unwrap_or(Path::new("."));
    for _ in 0..limits::FILE_FOLDER_TRIES {
        match work() {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !folder.is_dir() => fs::create_dir_all(folder)?,
            outcome => return outcome,
        }
    }
    work()
}

/// The copy has a name of its own until it is whole. What a crash leaves under it is written over by the next attempt, and goes with the file.
fn copy(staged: &Path, place: &Path, synchronous: bool) -> io::Result<()> {
    let part = part_of(place);
    let copied = in_folder(place, || File::create(&part)).and_then(|mut file| {
        io::copy(&mut File::open(staged)?, &mut file)?;
        if synchronous {
            file.sync_all()?;
        }
        fs::rename(&part, place)
    });
    if let Err(error) = copied {
        unless_missing(fs::remove_file(part))?;
        return Err(error);
    }
    if synchronous {
        sync_folder(place)?;
    }
    fs::remove_file(staged)
}

/// Where a file is while it is copied.
fn part_of(place: &Path) -> PathBuf {
    let mut name = OsString::from(".part-");
    name.push(place.file_name().unwrap_or_default());
    place.with_file_name(name)
}

/// Sees that the name of a file is on the disk.
fn sync_folder(place: &Path) -> io::Result<()> {
    place.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

fn unless_missing(outcome: io::Result<()>) -> io::Result<()> {
    match outcome {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

/// Bounds the threads that wait for the disk on behalf of downloads: each costs memory, and the disk has one head.
static READERS: Semaphore = Semaphore::const_new(limits::FILE_READS_MAX_PARALLEL);

/// The bytes of a file from `start` on, read as they are asked for.
pub(super) async fn read(place: PathBuf, start: u64, length: u64) -> Result<Content> {
    let place_to_read = READERS.acquire().await.map_err(Error::internal)?;
    // What is small comes with the opening, in one trip to the thread that may wait.
    let (file, first, left) = blocking(move || {
        let mut file = File::open(place)?;
        if !file.metadata()?.is_file() {
            return Err(io::ErrorKind::NotFound.into());
        }
        file.seek(SeekFrom::Start(start))?;
        let (first, left) = chunk(&mut file, length)?;
        Ok((file, first, left))
    })
    .await?;
    drop(place_to_read);
    let rest = stream::try_unfold((file, left), |(mut file, left)| async move {
        if left == 0 {
            return io::Result::Ok(None);
        }
        let _place_to_read = READERS.acquire().await.map_err(io::Error::other)?;
        let read = move || chunk(&mut file, left).map(|(bytes, left)| Some((bytes, (file, left))));
        tokio::task::spawn_blocking(read).await.map_err(io::Error::other)?
    });
    let first = stream::iter((!first.is_empty()).then_some(Ok(first)));
    Ok(first.chain(rest).boxed())
}

/// The next bytes, and how many are left after them.
fn chunk(file: &mut File, left: u64) -> io::Result<(Bytes, u64)> {
    let size = usize::try_from(left).unwrap_or(usize::MAX).min(limits::FILE_CHUNK_BYTES);
    let mut bytes = Vec::with_capacity(size);
    file.take(size as u64).read_to_end(&mut bytes)?;
    if bytes.len() < size {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file is shorter than it was"));
    }
    Ok((Bytes::from(bytes), left - size as u64))
}

#[cfg(test)]
mod tests {
    use futures_util::TryStreamExt as _;

    use super::{super::failed, *};
    use crate::Kind;

    async fn content(folder: &Folder, path: &str, start: u64, length: u64) -> Result<Vec<u8>> {
        let chunks = folder.open(path, start, length).await?;
        chunks.map_ok(|chunk| chunk.to_vec()).try_concat().await.map_err(failed)
    }

    #[tokio::test]
    async fn a_file_comes_whole_and_goes_with_all_that_belongs_to_it() {
        let root = tempfile::tempdir().expect("folder");
        let folder = Folder::new(root.path().join("storage"), true);
        let staged = root.path().join("staged");
        let long = vec![7; limits::FILE_CHUNK_BYTES * 2 + 5];
        fs::write(&staged, &long).expect("writes");
        folder.adopt("c/r/a.bin", &staged).await.expect("adopts");
        folder.adopt("c/r/a.bin", &staged).await.expect("once more");
        assert!(!staged.exists());
        assert_eq!(content(&folder, "c/r/a.bin", 0, long.len() as u64).await.expect("reads"), long);
        assert_eq!(content(&folder, "c/r/a.bin", long.len() as u64 - 1, 1).await.expect("reads"), [7]);
        content(&folder, "c/r/a.bin", 0, long.len() as u64 + 1).await.expect_err("it is not that long");
        fs::write(&staged, "small").expect("writes");
        folder.adopt("c/r/thumbs_a.bin/1x1_a.bin", &staged).await.expect("adopts");
        for beside in ["a.bin.attrs", ".part-a.bin"] {
            fs::write(root.path().join("storage/c/r").join(beside), "{}").expect("writes");
        }
        folder.remove("c/r/a.bin").await.expect("removes");
        folder.remove("c/r/a.bin").await.expect("it need not be there");
        assert_eq!(fs::read_dir(root.path().join("storage")).expect("a folder").count(), 0);
        assert_eq!(folder.find("c/r/a.bin").await.expect("looks"), None);
        assert_eq!(folder.adopt("c/r/a.bin", &staged).await.expect_err("nothing is there").kind(), Kind::NotFound);
    }

    #[test]
    fn a_copy_that_a_crash_broke_off_is_made_anew_or_goes_with_its_file() {
        let root = tempfile::tempdir().expect("folder");
        let (staged, place) = (root.path().join("staged"), root.path().join("storage/c/r/a.bin"));
        let parts = || fs::read_dir(place.parent().expect("a folder")).expect("a folder").count();
        fs::write(&staged, "whole").expect("writes");
        fs::create_dir_all(place.parent().expect("a folder")).expect("a folder");
        fs::write(part_of(&place), "a longer part of something").expect("writes");
        copy(&staged, &place, true).expect("copies");
        assert_eq!((fs::read_to_string(&place).expect("reads").as_str(), parts()), ("whole", 1));
        copy(&staged, &place, true).expect_err("nothing is staged any more");
        assert_eq!(parts(), 1);
    }

    #[tokio::test]
    async fn no_path_leads_out_of_the_folder() {
        let root = tempfile::tempdir().expect("folder");
        fs::write(root.path().join("secret"), "secret").expect("writes");
        let folder = Folder::new(root.path().join("storage"), false);
        fs::create_dir_all(root.path().join("storage")).expect("folder");
        for path in ["../secret", "a/../../secret", "/etc/passwd", "a//b", "..", "", "a\\..\\secret", "a\0"] {
            assert!(folder.find(path).await.expect("looks").is_none(), "{path:?}");
            assert_eq!(content(&folder, path, 0, 1).await.expect_err(path).kind(), Kind::NotFound);
            folder.remove(path).await.expect("removes nothing");
        }
        assert!(root.path().join("secret").exists());
    }
}
