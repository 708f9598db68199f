//! `migrate`: applies, undoes, lists and writes migrations.

mod run;
mod shown;
mod status;

use std::path::Path;

use clap::{Args, Subcommand};

use super::{Program, failure::Outcome};
use crate::service::{
    App, AppOptions,
    migrations::{Folder, Language, OrmMigrations},
    typed::Definition,
};

/// What `migrate` takes.
#[derive(Args, Debug)]
pub(super) struct Options {
    #[command(subcommand)]
    action: Option<Action>,
}

/// What to do; `up` when nothing is said.
#[derive(Clone, Debug, PartialEq, Eq, Subcommand)]
pub(super) enum Action {
    /// Apply what is still to come (also done by every start)
    Up {
        /// Migration files to apply at most; all when left out
        #[arg(value_name = "N")]
        most: Option<usize>,
    },
    /// Undo what was applied last; the next start applies it again unless its file goes
    Down {
        /// Migrations to undo
        #[arg(value_name = "N", default_value_t = 1)]
        most: usize,
    },
    /// Show what was applied, what is to come, and what is in the database only; changes nothing
    Status,
    /// Write an empty migration to be filled by hand
    Create {
        /// What it does, in a few words
        name: String,
        /// In JSON, for collections, instead of SQL
        #[arg(long)]
        json: bool,
    },
    /// Write what is in no migration yet: in the database, or in the code
    Diff {
        /// What it does, in a few words; made of what it does when left out
        name: Option<String>,
    },
    /// Write all collections as they are into one migration
    #[command(visible_alias = "collections")]
    Snapshot {
        /// What it is, in a few words
        name: Option<String>,
    },
    /// Take changed files of applied migrations for what was applied
    Accept {
        /// The names of the files
        #[arg(required = true)]
        names: Vec<String>,
    },
    /// Forget applied migrations whose files are gone; the collections stay
    Forget,
    /// Bring the collections to what the code says
    Apply {
        /// Also where that takes something from records
        #[arg(long)]
        allow_destructive: bool,
    },
}

/// What every action works on.
struct Place<'a> {
    dir: &'a Path,
    folder: &'a Folder,
    definitions: Vec<Definition>,
    migrators: Vec<OrmMigrations>,
}

/// Does what was asked.
pub(super) async fn run(program: Program, base: AppOptions, folder: &Folder, options: Options) -> Outcome {
    let dir = &base.dir.clone();
    let Program { definitions, migrators, .. } = program;
    let place = Place { dir, folder, definitions, migrators };
    match options.action.unwrap_or(Action::Up { most: None }) {
        Action::Status => status::run(&place),
        Action::Create { name, json } => run::create(&place, &name, if json { Language::Json } else { Language::Sql }),
        action => {
            let system = crate::service::migrations::system_steps(dir)?;
            // Without what is built into the program: it might stop at what these commands are to mend.
            let app = App::open(base).await?;
            let outcome = change(&app, &place, action, &system).await;
            app.close().await;
            outcome
        }
    }
}

async fn change(
    app: &App,
    place: &Place<'_>,
    action: Action,
    system: &[crate::service::migrations::SystemStep],
) -> Outcome {
    match action {
        Action::Up { most } => run::up(app, place, most, system).await,
        Action::Down { most } => run::down(app, place, most).await,
        Action::Diff { name } => run::diff(app, place, name.as_deref()).await,
        Action::Snapshot { name } => run::snapshot(app, place, name.as_deref()).await,
        Action::Accept { names } => run::accept(app, place, &names).await,
        Action::Forget => run::forget(app, place).await,
        Action::Apply { allow_destructive } => run::apply(app, place, allow_destructive).await,
        // Need no open app.
        Action::Status | Action::Create { .. } => Ok(()),
    }
}
