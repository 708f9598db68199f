//! Writes the files of a client: all of them, or none where one is somebody else's.

use std::{fs, io, path::Path};

use bakend_sdk_gen::{MARK, Source};

use crate::cli::failure::{Failure, Outcome, system};

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Written {
    /// All files.
    pub files: usize,
    /// Those that were not there, or held something else.
    pub changed: usize,
}

/// Writes the files into a folder. What is as it should be is left alone, so that tools that watch it stay calm.
///
/// # Errors
/// A file is there that was not made by us, and `force` was not said; or the system refuses.
pub(super) fn write(folder: &Path, sources: &[Source], force: bool) -> Outcome<Written> {
    let mut stale = Vec::new();
    for source in sources {
        let path = folder.join(&source.path);
        match fs::read(&path) {
            Ok(found) if found == source.text.as_bytes() => {}
            Ok(found) if !force && !found.starts_with(MARK.as_bytes()) => {
                let message = format!("{} was not made by this command; nothing was written.", path.display());
                return Err(Failure::new(message).next("Choose another folder, --out DIR, or overwrite it, --force"));
            }
            Ok(_) => stale.push((path, source)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => stale.push((path, source)),
            Err(error) => return Err(unusable(&path, error)),
        }
    }
    for (path, source) in &stale {
        let parent = path.parent().unwrap_or(folder);
        fs::create_dir_all(parent).map_err(|error| unusable(parent, error))?;
        fs::write(path, &source.text).map_err(|error| unusable(path, error))?;
    }
    Ok(Written { files: sources.len(), changed: stale.len() })
}

fn unusable(path: &Path, error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory | io::ErrorKind::AlreadyExists => {
            Failure::new(format!("{} is in the way: {error}.", path.display())).next("Choose another folder, --out DIR")
        }
        _ => system(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources(text: &str) -> Vec<Source> {
        let made = |path: &str| Source { path: path.to_owned(), text: format!("{MARK} {text}\n") };
        vec![made("index.ts"), made("runtime/a.ts")]
    }

    #[test]
    fn own_files_are_renewed_and_those_of_others_stay() {
        let root = tempfile::tempdir().expect("a folder");
        let folder = root.path().join("src/bakend");
        let read = |name: &str| fs::read_to_string(folder.join(name)).expect("reads");
        assert_eq!(write(&folder, &sources("one"), false).expect("writes"), Written { files: 2, changed: 2 });
        assert_eq!(write(&folder, &sources("one"), false).expect("writes"), Written { files: 2, changed: 0 });
        fs::write(folder.join("mine.ts"), "mine").expect("writes");
        assert_eq!(write(&folder, &sources("two"), false).expect("writes"), Written { files: 2, changed: 2 });
        assert_eq!(read("mine.ts"), "mine");

        fs::write(folder.join("runtime/a.ts"), "somebody's").expect("writes");
        let refused = write(&folder, &sources("three"), false).expect_err("is refused").to_string();
        assert!(refused.contains("runtime/a.ts was not made by this command"), "{refused}");
        assert!(read("index.ts").contains("two"), "nothing was written");
        assert_eq!(read("runtime/a.ts"), "somebody's");
        write(&folder, &sources("three"), true).expect("is forced");
        assert!(read("runtime/a.ts").contains("three"));
    }

    #[test]
    fn what_is_in_the_way_is_named() {
        let root = tempfile::tempdir().expect("a folder");
        fs::write(root.path().join("file"), "").expect("writes");
        let refused = write(&root.path().join("file"), &sources("x"), true).expect_err("is refused").to_string();
        assert!(refused.contains("file/index.ts is in the way"), "{refused}");
    }
}
