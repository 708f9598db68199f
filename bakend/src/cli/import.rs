//! `import`: takes over another backend's data, with its progress and a report.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use super::{
    failure::{Failure, Outcome},
    words::{self, COMMAND},
};
use crate::{
    Kind,
    service::import::{self, Progress},
};

/// From what.
#[derive(Debug, Subcommand)]
pub(super) enum Source {
    /// A data folder of PocketBase 0.23 or newer; the target (--dir) must be empty or missing
    Pocketbase {
        /// The folder, usually pb_data; it is only read
        #[arg(value_name = "SRC")]
        source: PathBuf,
    },
}

/// Imports into `dir`.
pub(super) async fn run(dir: &Path, source: Source) -> Outcome {
    let Source::Pocketbase { source } = source;
    let mut bar = Bar::default();
    let outcome = import::pocketbase(&source, dir, |progress| bar.show(progress)).await;
    bar.clear();
    let report = outcome.map_err(|error| match error.kind() {
        Kind::Conflict => Failure::new(format!("The folder {} is not empty; nothing was imported.", dir.display()))
            .next("Choose a folder that does not exist yet, --dir NEW, or move this one away"),
        _ => Failure::from(error),
    })?;
    let command = words::command("start", dir);
    words::out(format_args!(
        "Imported {} into {}.\n\n{report}\nNext:\n  {COMMAND}{command}{COMMAND:#}\n",
        source.display(),
        dir.display()
    ));
    Ok(())
}

/// One line on a terminal that shows what is being copied; silent elsewhere (indicatif draws to terminals only).
#[derive(Default)]
struct Bar {
    line: Option<ProgressBar>,
}

impl Bar {
    fn show(&mut self, progress: Progress) {
        match progress {
            Progress::Records { collection, done, total } => {
                let line = self.line("{msg:24!} {wide_bar:.green/dim} {human_pos} of {human_len} records");
                line.set_length(total);
                line.set_message(collection);
                line.set_position(done);
            }
            Progress::Files { collection, files, bytes } => {
                let line = self.line("{msg}");
                line.set_message(format!("{collection}: {files} files, {}", HumanBytes(bytes)));
                line.tick();
            }
        }
    }

    fn line(&mut self, template: &str) -> &ProgressBar {
        let line = self.line.get_or_insert_with(|| ProgressBar::new(0));
        if let Ok(style) = ProgressStyle::with_template(template) {
            line.set_style(style);
        }
        line
    }

    fn clear(&mut self) {
        if let Some(line) = self.line.take() {
            line.finish_and_clear();
        }
    }
}
