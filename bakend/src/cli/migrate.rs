//! `migrate`: the steps of the system tables, done and to do.

use std::path::Path;

use clap::{Args, Subcommand};

use super::{
    failure::Outcome,
    words::{self, DIM, HINT},
};
use crate::service::{
    App, AppOptions,
    migrations::{self, Step},
};

/// What `migrate` takes.
#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(subcommand)]
    action: Option<Action>,
}

/// What to do; `up` when nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Subcommand)]
pub(super) enum Action {
    /// Do the steps that are missing (also done by every start)
    Up,
    /// Show the steps, done and missing; changes nothing
    Status,
}

/// Does or shows the steps.
pub(super) async fn run(dir: &Path, options: Options) -> Outcome {
    let before = migrations::status(dir)?;
    if options.action == Some(Action::Status) {
        words::out(format_args!("{}", shown(&before)));
        return Ok(());
    }
    App::open(AppOptions::new(dir)).await?.close().await;
    words::out(format_args!("{}", applied(&before)));
    Ok(())
}

fn shown(steps: &[Step]) -> String {
    let line = |step: &Step| match &step.applied {
        Some(moment) => format!("done     {}  {DIM}{moment}{DIM:#}\n", step.name),
        None => format!("{HINT}missing{HINT:#}  {}\n", step.name),
    };
    steps.iter().map(line).collect()
}

fn applied(before: &[Step]) -> String {
    let missing: Vec<_> = before.iter().filter(|step| step.applied.is_none()).collect();
    if missing.is_empty() {
        return "The system tables are up to date.\n".to_owned();
    }
    missing.iter().map(|step| format!("applied  {}\n", step.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_shown_as_done_or_missing() {
        let step =
            |name: &str, applied: Option<&str>| Step { name: name.to_owned(), applied: applied.map(str::to_owned) };
        let steps = [step("one", Some("2026-01-01")), step("two", None)];
        let text = anstream::adapter::strip_str(&shown(&steps)).to_string();
        assert_eq!(text, "done     one  2026-01-01\nmissing  two\n");
        assert_eq!(applied(&steps), "applied  two\n");
        assert_eq!(applied(&steps[..1]), "The system tables are up to date.\n");
    }
}
