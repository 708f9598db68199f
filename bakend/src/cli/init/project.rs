//! The beginnings of a Rust program: a folder that builds, passes its tests and is small enough to be read at once.

use std::{io::ErrorKind, path::Path};

use super::super::failure::{Failure, Outcome, system};

/// Longest name of a program, in characters. Source: the bound of the package registry.
const NAME_MAX_CHARS: usize = 64;
/// Names that cargo or the compiler take for something else.
const TAKEN: [&str; 12] =
    ["alloc", "bakend", "build", "core", "crate", "deps", "examples", "proc_macro", "self", "std", "super", "test"];
/// The files: where they go, and what is in them. `{{name}}` and `{{bakend}}` are filled in.
const FILES: [(&str, &str); 8] = [
    ("Cargo.toml", include_str!("rust/Cargo.toml.txt")),
    (".cargo/config.toml", include_str!("rust/config.toml.txt")),
    (".gitignore", include_str!("rust/gitignore.txt")),
    ("README.md", include_str!("rust/README.md.txt")),
    ("src/main.rs", include_str!("rust/main.rs.txt")),
    ("src/notes.rs", include_str!("rust/notes.rs.txt")),
    ("src/tests.rs", include_str!("rust/tests.rs.txt")),
    // A folder of migrations is where changes made in the admin API are written.
    ("migrations/.gitkeep", ""),
];

/// Makes the folder of a program; `bakend` is where the library is taken from when not from the registry. Returns the program's name.
pub(super) fn make(folder: &Path, bakend: Option<&Path>) -> Outcome<String> {
    let name = name(folder)?;
    let source = match bakend {
        None => format!("{:?}", env!("CARGO_PKG_VERSION")),
        Some(path) => {
            let path = path.canonicalize().map_err(|error| {
                Failure::new(format!("There is no bakend to build against at {}: {error}.", path.display()))
            })?;
            format!("{{ path = {:?} }}", path.display().to_string())
        }
    };
    refuse_filled(folder)?;
    for (file, text) in FILES {
        let path = folder.join(file);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(system)?;
        }
        let text = text.replace("{{name}}", &name).replace("{{bakend}}", &source);
        std::fs::write(&path, text).map_err(system)?;
    }
    Ok(name)
}

/// The last part of the path, when a crate can be called that.
fn name(folder: &Path) -> Outcome<String> {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let is_letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || "-_".contains(letter);
    let is_fine = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.len() <= NAME_MAX_CHARS
        && name.chars().all(is_letter)
        && !is_taken(&name.replace('-', "_"));
    if is_fine {
        return Ok(name.to_owned());
    }
    Err(Failure::new(format!("A program cannot be called {name:?}."))
        .next("Choose a name of small letters, digits, - and _ that no keyword or standard crate has, such as my-app"))
}

fn is_taken(name: &str) -> bool {
    const KEYWORDS: [&str; 45] = [
        "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn", "else", "enum",
        "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match", "mod",
        "move", "mut", "override", "priv", "pub", "ref", "return", "static", "struct", "trait", "true", "try", "type",
        "typeof", "unsafe", "use", "where", "while",
    ];
    TAKEN.contains(&name) || KEYWORDS.contains(&name)
}

/// What is there stays as it is.
fn refuse_filled(folder: &Path) -> Outcome {
    let is_filled = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => false,
        Err(error) => return Err(system(error)),
        Ok(mut entries) => entries.next().is_some(),
    };
    if is_filled {
        return Err(Failure::new(format!("The folder {} is not empty; nothing was written.", folder.display()))
            .next("Choose a folder that does not exist yet"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_made_once_and_has_no_gaps() {
        let dir = tempfile::tempdir().expect("a folder");
        let folder = dir.path().join("my-app");
        assert_eq!(make(&folder, None).expect("made"), "my-app");
        for (file, _) in FILES {
            let text = std::fs::read_to_string(folder.join(file)).expect(file);
            assert!(!text.contains("{{"), "{file}: {text}");
        }
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
        assert!(manifest.contains(&format!("bakend = \"{}\"", env!("CARGO_PKG_VERSION"))), "{manifest}");
        let again = make(&folder, None).expect_err("what is there stays").to_string();
        assert!(again.contains("is not empty"), "{again}");
    }

    #[test]
    fn a_name_that_no_crate_can_have_is_refused_and_leaves_nothing() {
        let dir = tempfile::tempdir().expect("a folder");
        for name in ["My-App", "1st", "a b", "fn", "test", "bakend", "self", "ü", &"a".repeat(65)] {
            let told = make(&dir.path().join(name), None).expect_err(name).to_string();
            assert!(told.contains("cannot be called"), "{told}");
        }
        make(&dir.path().join("ok"), Some(Path::new("/nowhere at all"))).expect_err("no such source");
        assert_eq!(std::fs::read_dir(dir.path()).expect("reads").count(), 0);
    }
}
