//! The command line door: each command is one service call, with words for people around it.

mod admin;
mod banner;
mod database;
mod failure;
mod files;
mod import;
mod init;
mod listen;
mod log;
mod migrate;
mod openapi;
mod options;
mod password;
mod rekey;
mod sdk;
mod shutdown;
mod start;
mod words;

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    pin::Pin,
    process::{ExitCode, Termination},
};

use clap::{ArgMatches, FromArgMatches as _, error::ErrorKind, parser::ValueSource};

use failure::Outcome;
pub(crate) use options::DIR_DEFAULT;
use options::{Cli, Command, NAME_DEFAULT, Place};

use crate::{
    Result as Answer,
    http::Router,
    service::{
        App, AppOptions,
        migrations::{Folder, Losses, OrmMigrations},
        typed::Definition,
    },
};

/// Flags of `start` that may stand without a command, because `start` is the command when there is none.
const START_FLAGS: [&str; 6] = ["http", "origins", "durability", "public", "apply_migrations", "write_migrations"];

/// A program whose command line this is: what it says where no flag does, and how it opens.
pub struct Program {
    /// What `--version` says; bakend's own where nothing is said.
    pub version: Option<String>,
    /// Its data folder.
    pub dir: Option<PathBuf>,
    /// Its folder of migrations.
    pub migrations_dir: Option<PathBuf>,
    /// Whose pages may read answers.
    pub origins: Option<Vec<String>>,
    /// Whether commits wait for the disk.
    pub synchronous_full: bool,
    /// Whether the admin panel is left out.
    pub without_panel: bool,
    /// What its code says about collections.
    pub definitions: Vec<Definition>,
    /// The migrators of its own tables.
    pub migrators: Vec<OrmMigrations>,
    /// Opens its data.
    pub open: Open,
}

/// Opens the data of a program, with everything that is built into it, and its routes; collections may lose something on the way to
/// what its code says, or not.
pub type Open =
    Box<dyn FnOnce(AppOptions, Losses) -> Pin<Box<dyn Future<Output = Answer<(App, Router)>> + Send>> + Send>;

impl Program {
    /// Opens the data, to do something with it other than to serve it.
    async fn open(self, options: AppOptions) -> Answer<App> {
        Ok((self.open)(options, Losses::Refused).await?.0)
    }

    /// What can be typed, with this program's own defaults; `name` is what it is called.
    fn command(&self, name: &str) -> clap::Command {
        let mut command = options::command(name);
        if let Some(version) = &self.version {
            command = command.version(version.clone());
        }
        for (flag, dir) in [("dir", &self.dir), ("migrations", &self.migrations_dir)] {
            let Some(dir) = dir.clone() else { continue };
            command = command.mut_arg(flag, |arg| arg.default_value(dir.into_os_string()));
        }
        let origins = self.origins.as_ref().map(|origins| origins.join(","));
        let durability = self.synchronous_full.then(|| "full".to_owned());
        let panel = self.without_panel.then(|| "off".to_owned());
        for (flag, value) in [("origins", origins), ("durability", durability), ("admin_panel", panel)] {
            let Some(value) = value else { continue };
            let start = value.clone();
            command = command.mut_arg(flag, |arg| arg.default_value(value));
            command = command.mut_subcommand("start", |command| command.mut_arg(flag, |arg| arg.default_value(start)));
        }
        command
    }
}

/// Runs a future on a runtime of its own until it is through: what `#[bakend::main]` does with `main`.
///
/// Returns what the future says; 1 when the runtime cannot be started, which is told on stderr.
pub fn block_on<T: Termination>(future: impl Future<Output = T>) -> ExitCode {
    match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime.block_on(future).report(),
        Err(error) => {
            failure::system(error).tell();
            ExitCode::FAILURE
        }
    }
}

/// Runs a program with the arguments of the process.
///
/// Returns success; 1 after an error that was told on stderr; 2 when the arguments were not understood.
pub async fn run(program: Program) -> ExitCode {
    let cli = match parse(program.command(&called(std::env::args_os().next())), std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way too; a closed pipe is no reason to fail over.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(1));
        }
    };
    match obey(program, cli).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            failure.tell();
            ExitCode::FAILURE
        }
    }
}

/// What a program is called: the name of its file, as it was started.
fn called(started_as: Option<OsString>) -> String {
    let name = started_as.as_deref().and_then(|path| Path::new(path).file_name()).map(|name| name.to_string_lossy());
    let name = name.as_deref().map(|name| name.strip_suffix(std::env::consts::EXE_SUFFIX).unwrap_or(name));
    name.filter(|name| !name.is_empty()).unwrap_or(NAME_DEFAULT).to_owned()
}

/// The arguments, understood; help and version are errors of their own kinds.
fn parse(
    mut command: clap::Command,
    args: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<Cli, clap::Error> {
    let matches = command.try_get_matches_from_mut(args)?;
    if let Some(message) = misplaced(&matches) {
        return Err(command.error(ErrorKind::ArgumentConflict, message));
    }
    Cli::from_arg_matches(&matches)
}

/// What is wrong with a flag of `start` that stands before another command.
fn misplaced(matches: &ArgMatches) -> Option<String> {
    let (command, _) = matches.subcommand()?;
    let typed = |flag: &&&str| matches.value_source(flag) == Some(ValueSource::CommandLine);
    let flag = START_FLAGS.iter().find(typed)?;
    let advice = if command == "start" { "write it after `start`" } else { "it belongs to `start`" };
    let flag = flag.replace('_', "-");
    Some(format!("--{flag} cannot stand before `{command}`: {advice}"))
}

async fn obey(program: Program, cli: Cli) -> Outcome {
    log::install()?;
    let Place { dir, database: _, migrations, encryption_key } = cli.place;
    let base = AppOptions { encryption_key, ..AppOptions::new(&dir) };
    let folder = Folder::new(migrations);
    match cli.command {
        None => start::run(program, base, &folder, cli.start).await,
        Some(Command::Start(options)) => start::run(program, base, &folder, options).await,
        Some(Command::Init(options)) => init::run(program, base, options).await,
        Some(Command::Admin(action)) => admin::run(program, base, action).await,
        Some(Command::Migrate(options)) => migrate::run(program, base, &folder, options).await,
        Some(Command::Rekey(options)) => rekey::run(base, options).await,
        Some(Command::Files(action)) => files::run(program, base, action).await,
        Some(Command::Openapi) => openapi::run(program, base).await,
        Some(Command::Sdk(language)) => sdk::run(program, base, language).await,
        Some(Command::Import(source)) => import::run(&dir, source).await,
    }
}

#[cfg(test)]
mod tests;
