//! `init`: makes the data folder and, if asked, the first superuser; or the beginnings of a Rust program.

mod project;

use std::path::{Path, PathBuf};

use clap::Args;

use super::{
    Program, admin,
    failure::Outcome,
    password,
    words::{self, COMMAND},
};
use crate::service::{App, AppOptions, auth::superusers, migrations};

/// What `init` takes.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// Also make a superuser with this address; the password is BAK_ADMIN_PASSWORD, else it is asked for
    #[arg(long, value_name = "EMAIL")]
    admin: Option<String>,
    /// Instead, make a Rust program with this name, in a new folder of that name: a backend of your own
    #[arg(long, value_name = "NAME", conflicts_with = "admin")]
    rust: Option<PathBuf>,
    /// Where the program takes bakend from, when not from the package registry: a folder with its sources
    #[arg(long, value_name = "DIR", env = "BAK_INIT_BAKEND", requires = "rust", hide_env_values = true)]
    bakend: Option<PathBuf>,
}

/// Makes what is missing; what is there stays as it is.
pub(super) async fn run(program: Program, base: AppOptions, options: Options) -> Outcome {
    if let Some(folder) = &options.rust {
        return begin(folder, options.bakend.as_deref());
    }
    // Before anything is written: a password that is not given should leave no folder behind.
    let account = match options.admin {
        Some(email) => Some((password::obtain(None, &email)?, email)),
        None => None,
    };
    let dir = base.dir.clone();
    let was_there = migrations::system_steps(&dir)?.iter().any(|step| step.applied.is_some());
    let app = program.open(base).await?;
    let outcome = fill(&app, &dir, account, was_there).await;
    app.close().await;
    outcome
}

async fn fill(app: &App, dir: &Path, account: Option<(String, String)>, was_there: bool) -> Outcome {
    let place = dir.display();
    if was_there {
        words::out(format_args!("{place} is a data folder already; what is in it stays as it is.\n"));
    } else {
        words::out(format_args!("Made the data folder {place}.\n"));
    }
    if let Some((password, email)) = account {
        match superusers::create(app, &email, &password).await {
            Ok(_) => words::out(format_args!("Made the superuser {email}.\n")),
            Err(error) if admin::is_taken(&error) => {
                words::out(format_args!("The superuser {email} is there already; the password stays as it is.\n"));
            }
            Err(error) => return Err(admin::refused(error, dir)),
        }
    }
    words::out(format_args!("\nNext:\n"));
    if !superusers::exist(app).await? {
        next("admin create you@example.com", dir, "make a superuser");
    }
    next("start", dir, "serve");
    Ok(())
}

/// Makes a Rust program.
fn begin(folder: &Path, bakend: Option<&Path>) -> Outcome {
    let name = project::make(folder, bakend)?;
    let place = words::quoted(&folder.to_string_lossy());
    words::out(format_args!("Made the program {name} in {}.\n\nNext:\n", folder.display()));
    for (command, purpose) in [
        (format!("cd {place}"), ""),
        ("cargo test".to_owned(), "  # it builds and passes"),
        ("cargo run -- admin create you@example.com".to_owned(), "  # make a superuser"),
        ("cargo run".to_owned(), "  # serve"),
    ] {
        words::out(format_args!("  {COMMAND}{command}{COMMAND:#}{purpose}\n"));
    }
    Ok(())
}

fn next(words: &str, dir: &Path, purpose: &str) {
    let command = words::command(words, dir);
    words::out(format_args!("  {COMMAND}{command}{COMMAND:#}   # {purpose}\n"));
}
