//! Everything that lies in a storage, whoever put it there.

use std::{fs, io, path::Path};

use futures_util::{StreamExt as _, stream, stream::BoxStream};
use tokio::sync::mpsc;

use super::{Found, failed};
use crate::{Result, limits};

/// Files as they are come upon.
pub type Walk = BoxStream<'static, Result<Found>>;

/// All files below a folder that is at `path` in its storage.
pub(super) fn folder(root: &Path, path: &str) -> Walk {
    let (send, receive) = mpsc::channel(limits::FILE_WALK_AHEAD);
    let (root, path) = (root.to_owned(), path.to_owned());
    tokio::task::spawn_blocking(move || {
        if let Err(error) = below(&root, &path, &send) {
            // Who asked may be gone; then nobody minds.
            let _ = send.blocking_send(Err(failed(error)));
        }
    });
    stream::unfold(receive, |mut receive| async move { receive.recv().await.map(|found| (found, receive)) }).boxed()
}

fn below(folder: &Path, path: &str, send: &mpsc::Sender<Result<Found>>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        // Removed meanwhile, or never there: nothing was stored yet.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let own = if path.is_empty() { name } else { format!("{path}/{name}") };
        let about = match entry.metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            about => about?,
        };
        if about.is_dir() {
            below(&entry.path(), &own, send)?;
            continue;
        }
        let found = Found { path: own, size: about.len(), modified: about.modified()? };
        if send.blocking_send(Ok(found)).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// Space on the disk of a folder: free and whole, in bytes; `None` where the system does not tell.
pub fn space(folder: &Path) -> Option<(u64, u64)> {
    let told = fs4::statvfs(folder).ok()?;
    Some((told.available_space(), told.total_space()))
}
