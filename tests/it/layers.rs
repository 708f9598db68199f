//! The stairs of `bakend/src` go one way: who imports whom, held against the table of the house.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Imported by everybody, importing nothing: the floor everything stands on.
const GROUND: [&str; 4] = ["error", "limits", "clock", "ids"];

/// A room (a folder or file of `bakend/src`) and the rooms it may import beside itself and [`GROUND`].
/// Changing this table is a design change.
const ROOMS: [(&str, &[&str]); 16] = [
    ("error", &[]),
    ("limits", &[]),
    ("clock", &[]),
    ("ids", &[]),
    ("schema", &[]),
    ("query", &["schema"]),
    ("hooks", &[]),
    ("store", &["schema", "query"]),
    ("service", &["schema", "query", "store", "hooks"]),
    // The words of realtime; it knows no HTTP, so the HTTP door lends it its streams and sockets.
    ("realtime", &["schema", "query", "service"]),
    ("http", &["schema", "query", "service", "realtime"]),
    // Doors do not know each other, but something must open the HTTP door when `bak start` is typed.
    ("cli", &["schema", "service", "http"]),
    ("app", &["schema", "query", "hooks", "store", "service", "realtime", "http", "cli"]),
    ("test", &["schema", "service", "http", "app"]),
    ("bin", &[]),
    ("lib", &["schema", "query", "hooks", "store", "service", "realtime", "http", "cli", "app", "test"]),
];

/// Crates that only one room knows: database and storage below, the wire and the terminal above.
const CRATES: [(&str, &str); 28] = [
    ("rusqlite", "store"),
    ("sea_orm", "store"),
    ("sea_orm_migration", "store"),
    ("object_store", "store"),
    ("image", "service"),
    ("lettre", "store"),
    ("reqwest", "store"),
    ("webauthn_rs", "service"),
    ("totp_rs", "service"),
    ("qrcode", "service"),
    ("axum", "http"),
    ("httparse", "http"),
    ("socket2", "http"),
    ("hyper", "http"),
    ("hyper_util", "http"),
    ("tower", "http"),
    ("tower_http", "http"),
    ("multer", "http"),
    ("rust_embed", "http"),
    ("brotli", "http"),
    ("flate2", "http"),
    ("fs4", "store"),
    ("utoipa", "service"),
    ("bakend_sdk_gen", "cli"),
    ("clap", "cli"),
    ("indicatif", "cli"),
    ("rpassword", "cli"),
    ("anstream", "cli"),
];

/// Rooms that are pure: value in, value out.
const PURE: [&str; 2] = ["schema", "query"];

#[test]
fn imports_go_down_the_stairs_only() {
    let broken: Vec<String> = sources().iter().flat_map(|source| source.broken_imports()).collect();
    assert!(broken.is_empty(), "imports against the table in ARCHITECTURE.md:\n{}", broken.join("\n"));
}

#[test]
fn each_foreign_engine_is_known_to_one_room() {
    let broken: Vec<String> = sources().iter().flat_map(|source| source.strangers()).collect();
    assert!(broken.is_empty(), "crates outside their room:\n{}", broken.join("\n"));
}

#[test]
fn pure_rooms_wait_for_nothing() {
    let broken: Vec<String> = sources().iter().flat_map(|source| source.waits()).collect();
    assert!(broken.is_empty(), "`.await` in a pure room:\n{}", broken.join("\n"));
}

#[test]
fn every_room_is_in_the_table() {
    let unknown: Vec<String> = sources()
        .into_iter()
        .filter(|source| !ROOMS.iter().any(|(room, _)| *room == source.room()))
        .map(|source| source.shown)
        .collect();
    assert!(unknown.is_empty(), "rooms without a floor: {unknown:?}");
}

/// The checks themselves: each kind of violation is seen, and named by file and line.
#[test]
fn a_violation_is_named_by_file_and_line() {
    for (file, text, expected) in [
        ("schema/a.rs", "//! A.\nuse crate::store::Db;\n", vec!["schema/a.rs:2: schema imports store"]),
        (
            "query/a.rs",
            "use crate::{\n    Error,\n    schema::{self, Field},\n    service::App,\n};\n",
            vec!["query/a.rs:4: query imports service"],
        ),
        ("hooks/mod.rs", "fn f() -> crate::store::Db {}", vec!["hooks/mod.rs:1: hooks imports store"]),
        ("http/a/b.rs", "use super::super::super::store::Db;", vec!["http/a/b.rs:1: http imports store"]),
        ("http/mod.rs", "use super::cli;", vec!["http/mod.rs:1: http imports cli"]),
        ("error.rs", "use crate::limits;", vec!["error.rs:1: error imports limits"]),
        ("service/a.rs", "use super::{App, super::http};", vec!["service/a.rs:1: service imports http"]),
        ("schema/a.rs", "// use crate::store;\n/// [`crate::http`]\nconst A: &str = \"crate::http::x\";", vec![]),
        ("schema/a.rs", "#[cfg(test)]\nmod tests { use crate::store; fn f() { \"}\" } }\n", vec![]),
        (
            "service/a.rs",
            "use crate::{Error, limits, store::Db};\nuse super::App;\npub(in crate::service) fn f() {}",
            vec![],
        ),
        ("cli/start.rs", "use crate::{http::serve, service::App};", vec![]),
    ] {
        assert_eq!(Source::new(Path::new(file), text).broken_imports(), expected, "{text}");
    }
    assert_eq!(
        Source::new(Path::new("http/a.rs"), "use rusqlite::Row;").strangers(),
        ["http/a.rs:1: http uses rusqlite, which only store may know"]
    );
    assert_eq!(Source::new(Path::new("query/a.rs"), "fn f() {}\nx.await").waits(), ["query/a.rs:2"]);
}

/// A source file without comments, texts and tests; positions are those of the file.
struct Source {
    shown: String,
    /// Its module path: `["store", "sqlite", "writer"]`.
    modules: Vec<String>,
    code: String,
}

impl Source {
    fn new(file: &Path, text: &str) -> Self {
        let mut modules: Vec<String> =
            file.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
        if modules.len() > 1 && modules.last().is_some_and(|last| last == "mod") {
            modules.pop();
        }
        let code = without_tests(&without_comments(text));
        Self { shown: file.to_string_lossy().into_owned(), modules, code }
    }

    fn room(&self) -> &str {
        &self.modules[0]
    }

    fn line(&self, at: usize) -> usize {
        1 + self.code[..at].matches('\n').count()
    }

    fn broken_imports(&self) -> Vec<String> {
        let allowed = ROOMS.iter().find(|(room, _)| *room == self.room()).map_or(&[][..], |(_, allowed)| allowed);
        let is_ground = GROUND.contains(&self.room());
        let is_fine = |target: &str| {
            target == self.room() || allowed.contains(&target) || (!is_ground && GROUND.contains(&target))
        };
        self.imports()
            .into_iter()
            .filter(|(_, target)| !is_fine(target))
            .map(|(at, target)| format!("{}:{}: {} imports {target}", self.shown, self.line(at), self.room()))
            .collect()
    }

    /// Rooms named by paths from the root, written as `crate::…` or with enough `super::`.
    fn imports(&self) -> Vec<(usize, String)> {
        let depth = if self.room() == "lib" { 0 } else { self.modules.len() };
        let mut found = Vec::new();
        for at in words(&self.code, "crate") {
            named_after(&self.code, at + "crate".len(), &mut found);
        }
        // Of a chain of `super`s the last one decides: it stands before a name or a group.
        for at in words(&self.code, "super") {
            let supers = 1 + chain_before(&self.code, at);
            if supers >= depth {
                named_after(&self.code, at + "super".len(), &mut found);
            }
        }
        // What the root itself offers under a type's name comes from `error`.
        let is_type = |name: &str| name.starts_with(|first: char| first.is_ascii_uppercase());
        found.into_iter().map(|(at, name)| (at, if is_type(&name) { "error".to_owned() } else { name })).collect()
    }

    fn strangers(&self) -> Vec<String> {
        let mut broken = Vec::new();
        for (name, home) in CRATES.iter().filter(|(_, home)| *home != self.room()) {
            for at in words(&self.code, name).filter(|at| self.code[at + name.len()..].starts_with("::")) {
                let (shown, line, room) = (&self.shown, self.line(at), self.room());
                broken.push(format!("{shown}:{line}: {room} uses {name}, which only {home} may know"));
            }
        }
        broken
    }

    fn waits(&self) -> Vec<String> {
        if !PURE.contains(&self.room()) {
            return Vec::new();
        }
        let is_await = |at: &usize| self.code[..*at].ends_with('.');
        words(&self.code, "await").filter(is_await).map(|at| format!("{}:{}", self.shown, self.line(at))).collect()
    }
}

/// Where a word stands alone.
fn words<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_part = |char: char| char.is_alphanumeric() || char == '_';
    code.match_indices(word)
        .map(|(at, _)| at)
        .filter(move |at| !code[..*at].ends_with(is_part) && !code[at + word.len()..].starts_with(is_part))
}

/// How many `super`s lead to the one at `at`: `super::super::` and, in groups, `super::{super::…}`.
fn chain_before(code: &str, at: usize) -> usize {
    let before = code[..at].trim_end();
    if let Some(rest) = before.strip_suffix("super::") {
        return 1 + chain_before(code, rest.len());
    }
    // In a group: what stands before its opening brace leads here too.
    let Some(open) = group_start(before) else { return 0 };
    match before[..open].strip_suffix("super::") {
        Some(rest) => 1 + chain_before(code, rest.len()),
        None => 0,
    }
}

/// The `{` of the use group that the end of `before` is in, if it is in one.
fn group_start(before: &str) -> Option<usize> {
    let mut depth = 0;
    for (at, char) in before.char_indices().rev() {
        match char {
            '}' => depth += 1,
            '{' if depth == 0 => return before[..at].ends_with("::").then_some(at),
            '{' => depth -= 1,
            ';' => return None,
            _ => {}
        }
    }
    None
}

/// The first names of the path or group of paths that goes on after `at`.
fn named_after(code: &str, at: usize, found: &mut Vec<(usize, String)>) {
    let Some(rest) = code[at..].strip_prefix("::") else { return };
    let start = at + 2;
    if !rest.starts_with('{') {
        push_name(code, start, found);
        return;
    }
    let mut depth = 0;
    for (offset, char) in rest.char_indices() {
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return;
        }
        if depth == 1 && matches!(char, '{' | ',') {
            let next = start + offset + 1;
            push_name(code, next + (code[next..].len() - code[next..].trim_start().len()), found);
        }
    }
}

fn push_name(code: &str, at: usize, found: &mut Vec<(usize, String)>) {
    let name: String = code[at..].chars().take_while(|char| char.is_alphanumeric() || *char == '_').collect();
    if !matches!(name.as_str(), "" | "super" | "self") {
        found.push((at, name));
    }
}

/// The text with comments and the insides of texts blanked out, line by line the same.
fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let blank = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = raw_text(rest, out.chars().next_back()) {
            length
        } else if first == '"' {
            quoted(rest)
        } else if rest.starts_with("'\"'") {
            3
        } else if rest.starts_with(r"'\''") || rest.starts_with("'\\\"'") {
            4
        } else if rest.starts_with("'{'") || rest.starts_with("'}'") {
            3
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        out.extend(rest[..blank].chars().map(|char| if char == '\n' { '\n' } else { ' ' }));
        rest = &rest[blank..];
    }
    out
}

/// The length of the raw text that starts here: `r#"…"#`.
fn raw_text(rest: &str, before: Option<char>) -> Option<usize> {
    if before.is_some_and(|char| char.is_alphanumeric() || char == '_') {
        return None;
    }
    let hashes = rest.strip_prefix('r')?.bytes().take_while(|byte| *byte == b'#').count();
    let body = rest[1 + hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(2 + hashes + body.find(&end)? + end.len())
}

fn quoted(rest: &str) -> usize {
    let mut escaped = false;
    for (at, char) in rest.char_indices().skip(1) {
        match char {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// Code with the modules, functions and imports for tests blanked out.
fn without_tests(code: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let mut out = code.to_owned();
    for (at, _) in code.match_indices(MARK) {
        let rest = &code[at..];
        let end = match rest.find(['{', ';']) {
            Some(stop) if rest[stop..].starts_with(';') => stop + 1,
            // An import in braces ends at its semicolon, a body at its brace.
            Some(open) if rest[MARK.len()..open].trim_start().starts_with("use") => {
                rest.find(';').map_or(rest.len(), |end| end + 1)
            }
            Some(open) => open + body(&rest[open..]),
            None => rest.len(),
        };
        let blank: String = rest[..end].chars().map(|char| if char == '\n' { '\n' } else { ' ' }).collect();
        // Blanks are one byte each: what was longer moves nothing, because nothing before it changes its line.
        out.replace_range(at..at + end, &pad(blank, end));
    }
    out
}

/// As many bytes as what it replaces.
fn pad(mut blank: String, bytes: usize) -> String {
    while blank.len() < bytes {
        blank.push(' ');
    }
    blank
}

fn body(rest: &str) -> usize {
    let mut depth = 0;
    for (at, char) in rest.char_indices() {
        match char {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    rest.len()
}

/// Every file of `bakend/src` that is not for tests only.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../bakend/src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    let texts: Vec<(PathBuf, String)> = files
        .into_iter()
        .map(|file| (file.clone(), fs::read_to_string(&file).expect("a source file is text")))
        .collect();
    let for_tests: Vec<PathBuf> = texts.iter().flat_map(|(file, text)| test_modules(file, text)).collect();
    assert!(texts.len() > 40, "only {} source files below {}", texts.len(), root.display());
    texts
        .iter()
        .filter(|(file, _)| {
            !for_tests.iter().any(|module| file.starts_with(module) || file.with_extension("") == *module)
        })
        .map(|(file, text)| Source::new(file.strip_prefix(&root).expect("it is below the root"), text))
        .collect()
}

fn collect(dir: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(dir).expect("the sources are there").map(|entry| entry.expect("it can be read").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Modules in files of their own that `#[cfg(test)] mod name;` names, as paths without extension.
fn test_modules(file: &Path, text: &str) -> Vec<PathBuf> {
    let is_folder = file.ends_with("mod.rs") || file.ends_with("lib.rs");
    let home = if is_folder { file.parent().expect("it is in a folder").to_owned() } else { file.with_extension("") };
    let mut found = Vec::new();
    for (at, mark) in text.match_indices("#[cfg(test)]") {
        let statement = text[at + mark.len()..].split([';', '{']).next().unwrap_or_default().trim();
        let ends_there = text[at + mark.len()..].trim_start()[statement.len()..].starts_with(';');
        if let (true, Some((_, name))) = (ends_there, statement.rsplit_once("mod ")) {
            found.push(home.join(name.trim()));
        }
    }
    found
}
