//! `migrate status`: a line for each migration, and what the database has beyond them.

use std::fmt::Write as _;

use super::{
    super::{
        failure::Outcome,
        words::{self, COMMAND, DIM, ERROR, HINT},
    },
    Place, shown,
};
use crate::service::migrations::{self, Ahead, FileState, FileStatus, Found, Status, SystemStep as Step};

/// Shows where the database is; changes nothing.
pub(super) fn run(place: &Place<'_>) -> Outcome {
    let status = migrations::status(place.dir, place.folder, &place.definitions)?;
    let mut text = steps(&status.system);
    text += &files(&status.files);
    for migrator in &place.migrators {
        text += &steps(&migrator.steps(place.dir)?);
    }
    text += &advice(place, &status);
    text += &code(place, &status);
    words::out(format_args!("{text}"));
    Ok(())
}

fn steps(steps: &[Step]) -> String {
    let line = |step: &Step| match &step.applied {
        Some(moment) => format!("done     {}  {DIM}{moment}{DIM:#}\n", step.name),
        None => format!("{HINT}missing{HINT:#}  {}\n", step.name),
    };
    steps.iter().map(line).collect()
}

fn files(files: &[FileStatus]) -> String {
    let line = |file: &FileStatus| {
        let moment = file.applied.as_ref().map(|moment| format!("  {DIM}{moment}{DIM:#}")).unwrap_or_default();
        let (style, word, remark) = match file.state {
            FileState::Applied => (DIM, "applied", ""),
            FileState::Pending => (HINT, "pending", ""),
            FileState::Changed => (ERROR, "changed", "  the file is not what was applied"),
            FileState::Missing => (ERROR, "gone   ", "  it was applied, and its file is not there"),
            FileState::Unwritten => (ERROR, "unsaved", "  it was made here, and its file was not written"),
        };
        format!("{style}{word}{style:#}  {}{moment}{remark}\n", file.name)
    };
    files.iter().map(line).collect()
}

/// What to do about what is not as it should be.
fn advice(place: &Place<'_>, status: &Status) -> String {
    let mut text = String::new();
    let has = |state: FileState| status.files.iter().any(|file| file.state == state);
    let mut say = |when: bool, what: &str, command: &str| {
        if when {
            let command = words::command(command, place.dir);
            let _ = write!(text, "\n{what}\n  {COMMAND}{command}{COMMAND:#}\n");
        }
    };
    say(has(FileState::Pending), "To apply what is pending:", "migrate up");
    say(
        has(FileState::Changed),
        "Restore the changed files, or take them for what was applied:",
        "migrate accept FILE",
    );
    say(
        has(FileState::Missing),
        "Restore the files that are gone, undo the migrations (migrate down), or forget them:",
        "migrate forget",
    );
    say(has(FileState::Unwritten), "To write what was not written:", "migrate diff");
    match &status.ahead {
        Ahead::Of(steps) if steps.is_empty() || has(FileState::Pending) => {}
        Ahead::Of(steps) => {
            let _ = write!(text, "\nIn the database, and in no migration:\n{}", shown::steps(steps));
            let command = words::command(
                if place.definitions.is_empty() { "migrate diff" } else { "migrate snapshot" },
                place.dir,
            );
            let _ = write!(text, "To write it down:\n  {COMMAND}{command}{COMMAND:#}\n");
        }
        Ahead::Unknown(reason) => {
            let command = words::command("migrate snapshot", place.dir);
            let _ = write!(
                text,
                "\nThe applied migrations do not lead to what is in the database: {reason}\n\
                 To start anew from what is there:\n  {COMMAND}{command}{COMMAND:#}\n"
            );
        }
    }
    text
}

/// In what the code differs from the database.
fn code(place: &Place<'_>, status: &Status) -> String {
    match &status.code {
        Ok(found) if found.is_empty() => String::new(),
        Ok(found) => {
            let (what, command) = match found.iter().any(Found::is_destructive) {
                true => (
                    "It takes something from records, so the next start refuses. To write a migration that does it:",
                    "migrate diff",
                ),
                false => ("The next start brings that about, or:", "migrate up"),
            };
            let (lines, command) = (shown::differences(found), words::command(command, place.dir));
            format!("\nIn the code, and not in the database:\n{lines}{what}\n  {COMMAND}{command}{COMMAND:#}\n")
        }
        Err(reason) => format!("\nWhat the code wants to be different cannot be told yet: {reason}\n"),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        schema::FieldKind,
        service::{
            migrations::{
                Folder,
                compare::{Difference, Loss},
                describe::{Line, Sign},
            },
            typed::FieldDefinition,
        },
    };

    fn plain(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn steps_are_shown_as_done_or_missing() {
        let step =
            |name: &str, applied: Option<&str>| Step { name: name.to_owned(), applied: applied.map(str::to_owned) };
        let text = steps(&[step("one", Some("2026-01-01")), step("two", None)]);
        assert_eq!(plain(&text), "done     one  2026-01-01\nmissing  two\n");
    }

    #[test]
    fn what_the_code_wants_is_shown_with_what_it_costs() {
        let (dir, folder) = (Path::new("bak_data"), Folder::new("migrations"));
        let place = Place { dir, folder: &folder, definitions: Vec::new(), migrators: Vec::new() };
        let shown = |code| {
            let status = Status { system: Vec::new(), files: Vec::new(), ahead: Ahead::Of(Vec::new()), code };
            plain(&super::code(&place, &status))
        };
        let field = FieldDefinition::new("body", FieldKind::Bool).field;
        let found = |records: u64| {
            let line = Line { sign: Sign::Remove, text: "posts.body (editor)".to_owned() };
            Found { difference: Difference { line, loss: Some(Loss::Values(field.clone())) }, records }
        };
        assert_eq!(shown(Ok(Vec::new())), "");
        let text = shown(Ok(vec![found(2)]));
        assert!(text.contains("  - posts.body (editor)  2 records would lose a value\n"), "{text}");
        assert!(text.contains("the next start refuses") && text.ends_with("migrate diff\n"), "{text}");
        let text = shown(Ok(vec![found(0)]));
        assert!(text.contains("  - posts.body (editor)\nThe next start") && text.ends_with("migrate up\n"), "{text}");
        assert!(shown(Err("no users".to_owned())).contains("cannot be told yet: no users"));
    }

    #[test]
    fn files_are_shown_with_what_is_wrong_with_them() {
        let file = |name: &str, state, applied: Option<&str>| FileStatus {
            name: name.to_owned(),
            state,
            applied: applied.map(str::to_owned),
        };
        let text = files(&[
            file("1.json", FileState::Applied, Some("2026")),
            file("2.json", FileState::Changed, Some("2026")),
            file("3.sql", FileState::Missing, Some("2026")),
            file("4.sql", FileState::Pending, None),
        ]);
        assert_eq!(
            plain(&text),
            "applied  1.json  2026\nchanged  2.json  2026  the file is not what was applied\n\
             gone     3.sql  2026  it was applied, and its file is not there\npending  4.sql\n"
        );
    }
}
