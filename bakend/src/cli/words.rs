//! How the program speaks: colours where a terminal shows them, plain text elsewhere.

use std::{fmt, io::Write as _, path::Path};

use anstyle::{AnsiColor, Style};

use super::options::DIR_DEFAULT;

/// The name of the program.
pub(super) const BRAND: Style = AnsiColor::Magenta.on_default().bold();
/// What to click or copy.
pub(super) const ADDRESS: Style = AnsiColor::Cyan.on_default().bold();
/// What to type.
pub(super) const COMMAND: Style = AnsiColor::Green.on_default();
/// What is needed once.
pub(super) const HINT: Style = AnsiColor::Yellow.on_default();
/// What went wrong.
pub(super) const ERROR: Style = AnsiColor::Red.on_default().bold();
/// What need not be read.
pub(super) const DIM: Style = Style::new().dimmed();

/// Writes to stdout. A reader that has gone away is no error: the work is done all the same.
pub(super) fn out(text: fmt::Arguments<'_>) {
    let mut stdout = anstream::stdout();
    let _ = stdout.write_fmt(text);
    let _ = stdout.flush();
}

/// Writes to stderr.
pub(super) fn err(text: fmt::Arguments<'_>) {
    let _ = anstream::stderr().write_fmt(text);
}

/// A command of this program that can be copied into a shell: as it was called, for the same data folder.
pub(super) fn command(words: &str, dir: &Path) -> String {
    let program = std::env::args().next().unwrap_or_else(|| "bak".to_owned());
    command_of(&program, words, dir)
}

fn command_of(program: &str, words: &str, dir: &Path) -> String {
    let mut line = quoted(program);
    if !words.is_empty() {
        line = format!("{line} {words}");
    }
    if dir != Path::new(DIR_DEFAULT) {
        line = format!("{line} --dir {}", quoted(&dir.to_string_lossy()));
    }
    line
}

/// A word as a POSIX shell reads it back.
pub(super) fn quoted(word: &str) -> String {
    let is_plain = |char: char| char.is_alphanumeric() || "/._-+=:,@%\\".contains(char);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_can_be_copied_into_a_shell() {
        for (dir, expected) in [
            ("bak_data", "./bak admin list"),
            ("/srv/data", "./bak admin list --dir /srv/data"),
            ("my data", "./bak admin list --dir 'my data'"),
            ("it's", r"./bak admin list --dir 'it'\''s'"),
        ] {
            assert_eq!(command_of("./bak", "admin list", Path::new(dir)), expected);
        }
        assert_eq!(command_of("bak", "", Path::new("bak_data")), "bak");
    }
}
