//! `files`: where files lie, and moving them elsewhere.

use std::path::Path;

use clap::{Subcommand, ValueEnum};
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use super::{
    Program,
    failure::{Failure, Outcome},
    words::{self, COMMAND},
};
use crate::{
    Kind,
    service::{
        App, AppOptions,
        files::{
            Place,
            transfer::{self, Moved},
        },
    },
};

/// What to do with files.
#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Move all files to the data folder or to the S3 bucket of the settings; the server may go on meanwhile
    Move {
        /// Where to
        #[arg(long, value_name = "WHERE")]
        to: Target,
    },
    /// Show how many files lie where
    Status,
    /// Remove files that no record names, and list those that a record names and that are missing
    Check,
}

/// Where files can lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Target {
    /// In the data folder
    Local,
    /// In the bucket of the settings
    S3,
}

/// Does it.
pub(super) async fn run(program: Program, base: AppOptions, action: Action) -> Outcome {
    let dir = base.dir.clone();
    let app = program.open(base).await?;
    let outcome = match action {
        Action::Move { to } => move_all(&app, &dir, to).await,
        Action::Status => status(&app).await,
        Action::Check => check(&app).await,
    };
    app.close().await;
    outcome
}

async fn move_all(app: &App, dir: &Path, to: Target) -> Outcome {
    let place = match to {
        Target::Local => Place::Local,
        Target::S3 => Place::S3,
    };
    let line = ProgressBar::new(0);
    if let Ok(style) = ProgressStyle::with_template("{wide_bar:.green/dim} {human_pos} of {human_len} files  {msg}") {
        line.set_style(style);
    }
    let moved = transfer::move_all(app, place, |moved| {
        line.set_length(moved.total.max(moved.files));
        line.set_position(moved.files);
        line.set_message(HumanBytes(moved.bytes).to_string());
    })
    .await;
    line.finish_and_clear();
    let Moved { files, bytes, .. } = moved.map_err(|error| match error.kind() {
        Kind::Invalid => Failure::from(error)
            .next("Set the S3 storage in the settings (enabled or not), or see that it can be reached"),
        _ => {
            let command = words::command(&format!("files move --to {}", place.text()), dir);
            Failure::from(error).next(format!("Start it again, it goes on where it was: {command}"))
        }
    })?;
    let bytes = HumanBytes(bytes);
    let place = place.text();
    words::out(format_args!(
        "Moved {files} files ({bytes}), each read back and compared. New files go to {COMMAND}{place}{COMMAND:#}.\n"
    ));
    Ok(())
}

async fn status(app: &App) -> Outcome {
    for place in [Place::Local, Place::S3] {
        let found = transfer::total(app, place).await?;
        words::out(format_args!("{:<6} {:>10} files  {}\n", place.text(), found.files, HumanBytes(found.bytes)));
    }
    Ok(())
}

async fn check(app: &App) -> Outcome {
    let checked = transfer::check(app).await?;
    words::out(format_args!("Looked at {} files; removed {} that no record named.\n", checked.files, checked.removed));
    if checked.missing.is_empty() {
        return Ok(());
    }
    for key in &checked.missing {
        words::out(format_args!("missing  {}\n", key.path()));
    }
    Err(Failure::new(format!("{} files are missing, or not as long as they were.", checked.missing.len()))
        .next("Bring them back from a backup, or take their names out of the records"))
}
