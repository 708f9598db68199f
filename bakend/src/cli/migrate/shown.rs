//! Changes as a terminal shows them: `+` comes, `~` changes, `-` goes.

use anstyle::{AnsiColor, Style};

use super::super::words::DIM;
use crate::service::migrations::{
    Found,
    describe::{Line, Sign, describe},
    step::Step,
};

const COMES: Style = AnsiColor::Green.on_default();
const CHANGES: Style = AnsiColor::Yellow.on_default();
const GOES: Style = AnsiColor::Red.on_default();
/// What takes something from records.
const LOSES: Style = AnsiColor::Red.on_default().bold();

/// What steps do.
pub(super) fn steps(steps: &[Step]) -> String {
    describe(steps).iter().map(|one| format!("  {}\n", line(one))).collect()
}

/// What code and database differ in, and what each difference would cost.
pub(super) fn differences(found: &[Found]) -> String {
    let shown = |one: &Found| {
        let change = line(&one.difference.line);
        match one.is_destructive() {
            true => format!("  {change}  {LOSES}{}{LOSES:#}\n", one.words()),
            false => format!("  {change}\n"),
        }
    };
    found.iter().map(shown).collect()
}

fn line(line: &Line) -> String {
    let (style, sign) = match line.sign {
        Sign::Add => (COMES, '+'),
        Sign::Change => (CHANGES, '~'),
        Sign::Remove => (GOES, '-'),
    };
    match line.text.split_once(": ") {
        Some((what, how)) => format!("{style}{sign} {what}{style:#}{DIM}:{DIM:#} {how}"),
        None => format!("{style}{sign} {}{style:#}", line.text),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_is_one_line_with_its_sign() {
        let json = json!({ "update": "posts", "id": "p", "set": { "listRule": { "from": null, "to": "a = 1" } }, "fields": [
            { "add": { "name": "title", "type": "text" }, "at": 1 },
            { "remove": { "name": "body", "type": "editor" }, "at": 2 },
            { "change": "n", "id": "x", "set": { "max": { "from": 1, "to": 2 } } },
        ], "indexes": [{ "add": "CREATE INDEX a\n ON posts (n)" }] });
        let text = steps(&[Step::from_json(json).expect("a step")]);
        assert_eq!(
            anstream::adapter::strip_str(&text).to_string(),
            "  ~ posts.listRule: null → \"a = 1\"\n  + posts.title (text)\n  - posts.body (editor)\n  ~ posts.n.max: 1 → 2\n  \
             + posts: CREATE INDEX a ON posts (n)\n"
        );
    }
}
