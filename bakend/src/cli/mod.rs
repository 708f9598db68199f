//! The command line door: each command is one service call, with words for people around it.

mod admin;
mod banner;
mod database;
mod failure;
mod import;
mod init;
mod listen;
mod log;
mod migrate;
mod options;
mod password;
mod shutdown;
mod start;
mod words;

use std::{ffi::OsString, process::ExitCode};

use clap::{CommandFactory as _, FromArgMatches as _, error::ErrorKind, parser::ValueSource};

use failure::Outcome;
use options::{Cli, Command, Place};

/// Flags of `start` that may stand without a command, because `start` is the command when there is none.
const START_FLAGS: [&str; 3] = ["http", "origins", "durability"];

/// Runs the program with the arguments of the process.
///
/// Returns success; 1 after an error that was told on stderr; 2 when the arguments were not understood.
pub fn main() -> ExitCode {
    let cli = match parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too; a closed pipe is no reason to fail over.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(1));
        }
    };
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.tell();
            ExitCode::FAILURE
        }
    }
}

/// The arguments, understood; help and version are errors of their own kinds.
fn parse(args: impl IntoIterator<Item = impl Into<OsString> + Clone>) -> Result<Cli, clap::Error> {
    let matches = Cli::command().try_get_matches_from(args)?;
    if let Some((command, _)) = matches.subcommand() {
        let typed = |flag: &&&str| matches.value_source(flag) == Some(ValueSource::CommandLine);
        if let Some(flag) = START_FLAGS.iter().find(typed) {
            let advice = if command == "start" { "write it after `start`" } else { "it belongs to `start`" };
            let message = format!("--{flag} cannot stand before `{command}`: {advice}");
            return Err(Cli::command().error(ErrorKind::ArgumentConflict, message));
        }
    }
    Cli::from_arg_matches(&matches)
}

fn run(cli: Cli) -> Outcome {
    log::install()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(failure::system)?;
    let Place { dir, database: _ } = cli.place;
    runtime.block_on(async move {
        match cli.command {
            None => start::run(&dir, cli.start).await,
            Some(Command::Start(options)) => start::run(&dir, options).await,
            Some(Command::Init(options)) => init::run(&dir, options).await,
            Some(Command::Admin(action)) => admin::run(&dir, action).await,
            Some(Command::Migrate(options)) => migrate::run(&dir, options).await,
            Some(Command::Import(source)) => import::run(&dir, source).await,
        }
    })
}

#[cfg(test)]
mod tests;
