//! `sdk`: writes a typed client for the collections.

mod files;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use self::files::Written;
use super::{
    Program,
    failure::{Failure, Outcome, system},
    openapi,
    password::VARIABLE,
    words::{self, COMMAND, DIM, HINT},
};
use crate::service::{
    AppOptions,
    openapi::{Login, of_server},
};

/// The variable that holds a token.
const TOKEN: &str = "BAK_TOKEN";
/// The variable that holds a superuser's address.
const EMAIL: &str = "BAK_ADMIN_EMAIL";

/// In which language.
#[derive(Clone, Debug, Subcommand)]
pub(super) enum Language {
    /// TypeScript, with nothing to install
    Ts(Options),
}

/// From what, and where to.
#[derive(Args, Clone, Debug)]
pub(super) struct Options {
    /// Folder to write into, as src/bakend; it is made if it is not there
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Take the collections of a server instead of the data folder; as a superuser: BAK_TOKEN, or BAK_ADMIN_EMAIL and BAK_ADMIN_PASSWORD
    #[arg(long, value_name = "URL", conflicts_with = "from")]
    url: Option<String>,
    /// Take them from a document that `openapi` printed
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Overwrite files that were not made by this command
    #[arg(long)]
    force: bool,
}

/// Writes it.
pub(super) async fn run(program: Program, base: AppOptions, language: Language) -> Outcome {
    let Language::Ts(options) = language;
    let document = match (&options.url, &options.from) {
        (Some(url), _) => of_server(url, login()?).await.map_err(|error| {
            let step = format!("Set {TOKEN}, or {EMAIL} and {VARIABLE}, and check the address");
            Failure::from(error).next(step)
        })?,
        (None, Some(file)) => read(file)?,
        (None, None) => openapi::of_folder(program, base).await?,
    };
    let sources = bakend_sdk_gen::typescript(&document).map_err(|fault| {
        Failure::new(fault.to_string())
            .next("Give a document that the command openapi printed, or none to use the data folder")
    })?;
    let written = files::write(&options.out, &sources, options.force)?;
    tell(&options.out, written);
    Ok(())
}

fn read(file: &Path) -> Outcome<String> {
    std::fs::read_to_string(file).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => Failure::new(format!("There is no file {}.", file.display())),
        _ => system(error),
    })
}

/// As whom to ask a server: never on the command line, where others of the machine could read it.
fn login() -> Outcome<Login> {
    let given = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    match (given(TOKEN), given(EMAIL), given(VARIABLE)) {
        (Some(token), ..) => Ok(Login::Token(token)),
        (None, Some(email), Some(password)) => Ok(Login::Password { email, password }),
        _ => Err(Failure::new("It takes a superuser to read the schema of a server.")
            .next(format!("Set {TOKEN}, or {EMAIL} and {VARIABLE}"))),
    }
}

fn tell(out: &Path, written: Written) {
    let (place, count) = (out.display(), written.files);
    let changed = match written.changed {
        0 => "nothing changed".to_owned(),
        1 => "1 changed".to_owned(),
        more => format!("{more} changed"),
    };
    words::out(format_args!("Wrote the client into {HINT}{place}{HINT:#}: {count} files, {changed}.\n\n"));
    let name = out.file_name().map_or_else(|| "bakend".into(), |name| name.to_string_lossy());
    words::out(format_args!(
        "Use it:\n  \
         {COMMAND}import {{ createClient }} from './{name}/index.js';{COMMAND:#}\n  \
         {COMMAND}const db = createClient('http://127.0.0.1:8090');{COMMAND:#}\n\n\
         Each collection is a property of db, with list, view, all, create, update, delete and subscribe.\n\
         {DIM}Run this again when collections change; commit what it writes, or do not.{DIM:#}\n"
    ));
}
