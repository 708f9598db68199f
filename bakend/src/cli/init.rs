//! `init`: makes the data folder and, if asked, the first superuser.

use std::path::Path;

use clap::Args;

use super::{
    Program, admin,
    failure::Outcome,
    password,
    words::{self, COMMAND},
};
use crate::service::{
    App, AppOptions,
    auth::superusers,
    migrations::{self, Folder},
};

/// What `init` takes.
#[derive(Args, Debug)]
pub(super) struct Options {
    /// Also make a superuser with this address; the password is BAK_ADMIN_PASSWORD, else it is asked for
    #[arg(long, value_name = "EMAIL")]
    admin: Option<String>,
}

/// Makes what is missing; what is there stays as it is.
pub(super) async fn run(program: Program, dir: &Path, folder: &Folder, options: Options) -> Outcome {
    // Before anything is written: a password that is not given should leave no folder behind.
    let account = match options.admin {
        Some(email) => Some((password::obtain(None, &email)?, email)),
        None => None,
    };
    let was_there = migrations::system_steps(dir)?.iter().any(|step| step.applied.is_some());
    let app = program.open(AppOptions::new(dir)).await?;
    let outcome = fill(&app, dir, account, was_there).await;
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

fn next(words: &str, dir: &Path, purpose: &str) {
    let command = words::command(words, dir);
    words::out(format_args!("  {COMMAND}{command}{COMMAND:#}   # {purpose}\n"));
}
