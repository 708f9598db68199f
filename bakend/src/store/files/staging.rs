//! The staging folder: where bytes land before any record names them.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use tokio::task::JoinHandle;

use super::{Content, Staged, blocking, failed, folder};
use crate::{
    Error, Result,
    ids::{self, ID_ALPHABET},
    limits,
};

/// Random characters in the name of a staged file.
const NAME_CHARS: usize = 24;

/// The folder.
#[derive(Clone, Debug)]
pub struct StagingFolder {
    root: PathBuf,
    /// Whether a file is on the disk before it counts as staged.
    synchronous: bool,
}

impl StagingFolder {
    /// The folder `root`; made when the first file comes.
    pub fn new(root: PathBuf, synchronous: bool) -> Self {
        Self { root, synchronous }
    }

    /// The path of a staged file by its name.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// A new file of which at most `limit` bytes are kept; what comes after them is counted and thrown away.
    pub fn begin(&self, limit: u64) -> Staging {
        let name = format!("upload-{}", ids::random_text(NAME_CHARS, ID_ALPHABET));
        Staging {
            staged: Staged::new(self.path(&name), name, false),
            synchronous: self.synchronous,
            limit,
            size: 0,
            head: Vec::new(),
            waiting: Vec::new(),
            writing: None,
        }
    }

    /// A new file, to be written by whoever has its content at hand.
    ///
    /// # Errors
    /// `Internal`: the disk refuses.
    pub fn create(&self) -> Result<(File, Staged)> {
        let name = format!("upload-{}", ids::random_text(NAME_CHARS, ID_ALPHABET));
        let staged = Staged::new(self.path(&name), name, false);
        Ok((create(staged.path()).map_err(failed)?, staged))
    }

    /// A file that lies here already and belongs to somebody else until a record has it.
    pub fn lent(&self, name: &str) -> Staged {
        Staged::new(self.path(name), name.to_owned(), true)
    }

    /// Adds bytes at the end of a file that had `size`; what a broken attempt left behind them is cut off first.
    ///
    /// # Errors
    /// `Internal`: the disk refuses.
    pub async fn append(&self, name: &str, size: u64, chunks: Vec<Bytes>) -> Result<()> {
        let path = self.path(name);
        let root = self.root.clone();
        blocking(move || {
            let open = || OpenOptions::new().create(true).truncate(false).write(true).open(&path);
            let mut file = open().or_else(|error| with_folder(&root, error, open))?;
            if file.metadata()?.len() != size {
                file.set_len(size)?;
            }
            io::Seek::seek(&mut file, io::SeekFrom::Start(size))?;
            chunks.iter().try_for_each(|chunk| file.write_all(chunk))
        })
        .await
    }

    /// The bytes of a staged file.
    ///
    /// # Errors
    /// `NotFound`: it is not here (any more). `Internal`: the disk refuses.
    pub async fn open(&self, name: &str, start: u64, length: u64) -> Result<Content> {
        folder::read(self.path(name), start, length).await
    }

    /// The size of a staged file in bytes; 0 when there is none.
    ///
    /// # Errors
    /// `Internal`: the disk refuses.
    pub async fn size(&self, name: &str) -> Result<u64> {
        let path = self.path(name);
        blocking(move || match fs::metadata(path) {
            Ok(about) => Ok(about.len()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(error),
        })
        .await
    }

    /// Removes a staged file, if it is there.
    ///
    /// # Errors
    /// `Internal`: the disk refuses.
    pub async fn remove(&self, name: &str) -> Result<()> {
        let path = self.path(name);
        blocking(move || match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
        .await
    }

    /// Names of the files that nobody has written to for `idle`.
    ///
    /// # Errors
    /// `Internal`: the folder cannot be read.
    pub async fn idle(&self, idle: Duration) -> Result<Vec<String>> {
        let root = self.root.clone();
        blocking(move || {
            let entries = match fs::read_dir(&root) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
                entries => entries?,
            };
            let now = SystemTime::now();
            let mut names = Vec::new();
            for entry in entries {
                let entry = entry?;
                // Gone meanwhile is as good as busy.
                let Ok(modified) = entry.metadata().and_then(|about| about.modified()) else { continue };
                if idle.is_zero() || now.duration_since(modified).is_ok_and(|age| age >= idle) {
                    names.extend(entry.file_name().into_string());
                }
            }
            Ok(names)
        })
        .await
    }
}

/// A file after a write, and the room of what was written.
type Written = (File, Vec<u8>);

/// A file that is being written to the staging folder.
pub struct Staging {
    staged: Staged,
    synchronous: bool,
    limit: u64,
    size: u64,
    head: Vec<u8>,
    /// A copy, not the chunks themselves: each would keep the buffer alive that it was cut from, which is much larger.
    waiting: Vec<u8>,
    /// The write that is under way, at most one; it gives back the room of what it wrote.
    writing: Option<JoinHandle<io::Result<Written>>>,
}

impl Staging {
    /// Takes the next bytes. They are written in the background, so that the next ones can come in meanwhile.
    ///
    /// # Errors
    /// `Internal`: the disk refuses.
    pub async fn write(&mut self, chunk: &[u8]) -> Result<()> {
        self.size += chunk.len() as u64;
        if self.size > self.limit {
            // It will be refused for its size, which needs a number, not the bytes.
            self.waiting.clear();
            return Ok(());
        }
        let missing = limits::FILE_HEAD_BYTES - self.head.len();
        self.head.extend_from_slice(&chunk[..chunk.len().min(missing)]);
        self.waiting.extend_from_slice(chunk);
        if self.waiting.len() >= limits::FILE_WRITE_BYTES { self.send().await } else { Ok(()) }
    }

    /// Hands what waits to the thread that writes, after the write before it.
    async fn send(&mut self) -> Result<()> {
        let (file, room) = match self.writing.take() {
            Some(writing) => {
                let (file, room) = writing.await.map_err(Error::internal)?.map_err(failed)?;
                (Some(file), room)
            }
            None => (None, Vec::new()),
        };
        // The clone goes with the write: should everybody else have lost interest, the file is removed after it.
        let (mut bytes, staged) = (std::mem::replace(&mut self.waiting, room), self.staged.clone());
        self.writing = Some(tokio::task::spawn_blocking(move || {
            let mut file = file.map_or_else(|| create(staged.path()), Ok)?;
            file.write_all(&bytes)?;
            bytes.clear();
            Ok((file, bytes))
        }));
        Ok(())
    }

    /// The file is complete: what it is, and its first bytes.
    ///
    /// # Errors
    /// `Internal`: the disk refuses.
    pub async fn finish(mut self) -> Result<(Staged, u64, Vec<u8>)> {
        self.send().await?;
        if let Some(writing) = self.writing.take() {
            let (file, _) = writing.await.map_err(Error::internal)?.map_err(failed)?;
            if self.synchronous {
                blocking(move || file.sync_all()).await?;
            }
        }
        Ok((self.staged, self.size, self.head))
    }
}

fn create(path: &Path) -> io::Result<File> {
    let new = || OpenOptions::new().create_new(true).write(true).open(path);
    new().or_else(|error| with_folder(path.parent().unwrap_or(Path::new(".")), error, new))
}

/// Tries again with the folder made, if that is what was missing.
fn with_folder<T>(folder: &Path, error: io::Error, again: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    if error.kind() != io::ErrorKind::NotFound {
        return Err(error);
    }
    fs::create_dir_all(folder)?;
    again()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn staged(folder: &StagingFolder, limit: u64, content: &'static [u8]) -> (Staged, u64, Vec<u8>) {
        let mut staging = folder.begin(limit);
        for byte in content.chunks(3) {
            staging.write(byte).await.expect("writes");
        }
        staging.finish().await.expect("finishes")
    }

    #[tokio::test]
    async fn what_nobody_claimed_goes_with_its_last_value() {
        let root = tempfile::tempdir().expect("folder");
        let folder = StagingFolder::new(root.path().join("new"), true);
        let (file, size, head) = staged(&folder, 100, b"0123456789").await;
        assert_eq!(
            (size, head.as_slice(), fs::read(file.path()).expect("reads").as_slice()),
            (10, &b"0123456789"[..], &b"0123456789"[..])
        );
        let (path, clone) = (file.path().to_owned(), file.clone());
        drop(file);
        assert!(path.exists());
        drop(clone);
        assert!(!path.exists());
        let (file, ..) = staged(&folder, 100, b"x").await;
        let path = file.path().to_owned();
        file.claim();
        drop(file);
        assert!(path.exists());
    }

    #[tokio::test]
    async fn what_is_beyond_the_limit_is_counted_and_not_kept() {
        let root = tempfile::tempdir().expect("folder");
        let folder = StagingFolder::new(root.path().to_owned(), false);
        let (file, size, _) = staged(&folder, 5, b"0123456789").await;
        assert_eq!(size, 10);
        assert!(fs::metadata(file.path()).expect("is there").len() <= 5);
    }

    #[tokio::test]
    async fn bytes_are_added_where_the_last_complete_attempt_ended() {
        let root = tempfile::tempdir().expect("folder");
        let folder = StagingFolder::new(root.path().join("new"), false);
        let add = |size, text: &'static [u8]| {
            let folder = folder.clone();
            async move { folder.append("a", size, vec![Bytes::from_static(text)]).await.expect("appends") }
        };
        add(0, b"0123").await;
        add(2, b"ab").await;
        assert_eq!(fs::read(folder.path("a")).expect("reads"), b"01ab");
        assert_eq!((folder.size("a").await.expect("looks"), folder.size("b").await.expect("looks")), (4, 0));
        assert_eq!(folder.idle(Duration::ZERO).await.expect("lists"), ["a"]);
        assert!(folder.idle(Duration::from_secs(60)).await.expect("lists").is_empty());
        folder.remove("a").await.expect("removes");
        folder.remove("a").await.expect("it need not be there");
    }
}
