//! What can be typed: commands, flags and their environment variables.

use std::path::PathBuf;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

use super::{admin, database::Database, files, import, init, listen::Address, migrate, rekey, sdk};
use crate::service::SecretKey;

/// Where data is kept unless told otherwise.
pub(crate) const DIR_DEFAULT: &str = "bak_data";

/// Where migrations are kept unless told otherwise.
pub(super) const MIGRATIONS_DEFAULT: &str = "migrations";

const ABOUT: &str = "A backend in one file: collections, rules, auth and files over the wire protocol of PocketBase.";

/// What the program is called where nobody says how it was started.
pub(super) const NAME_DEFAULT: &str = "bak";

/// What can be typed, for a program of this name.
pub(super) fn command(name: &str) -> clap::Command {
    let (create, width) = (format!("{name} admin create you@example.com"), name.len() + 34);
    let after = format!(
        "Without a command, `{name}` starts the server.\n\n\
         First steps:\n  \
         {create:width$}make a superuser\n  \
         {name:width$}serve on http://127.0.0.1:8090\n\
         Every flag has a BAK_* variable; BAK_LOG chooses what is logged (warn, info, bakend=debug)."
    );
    Cli::command().name(name.to_owned()).bin_name(name).after_help(after)
}

/// All that was typed.
#[derive(Debug, Parser)]
#[command(name = NAME_DEFAULT, version, about = ABOUT)]
pub(super) struct Cli {
    #[command(flatten)]
    pub(super) place: Place,
    #[command(flatten)]
    pub(super) start: StartOptions,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

/// Which data; the same for every command.
#[derive(Args, Debug)]
pub(super) struct Place {
    /// Folder for the database and the files
    #[arg(long, global = true, value_name = "DIR", env = "BAK_DIR", default_value = DIR_DEFAULT, hide_env_values = true)]
    pub(super) dir: PathBuf,
    /// Database; `sqlite:` is the one in the data folder
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "BAK_DATABASE",
        default_value = "sqlite:",
        hide_env_values = true
    )]
    pub(super) database: Database,
    /// Folder of migrations: applied at start, written when collections are changed
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "BAK_MIGRATIONS",
        default_value = MIGRATIONS_DEFAULT,
        hide_env_values = true
    )]
    pub(super) migrations: PathBuf,
    /// Key of 32 characters to store secrets encrypted: of settings, tokens and providers
    #[arg(long, global = true, value_name = "KEY", env = "BAK_ENCRYPTION_KEY", hide_env_values = true)]
    pub(super) encryption_key: Option<SecretKey>,
}

/// How to serve.
#[derive(Args, Debug)]
pub(super) struct StartOptions {
    /// Address to listen on; port 0 lets the system choose
    #[arg(long, value_name = "ADDR", env = "BAK_HTTP", default_value = "127.0.0.1:8090", hide_env_values = true)]
    pub(super) http: Address,
    /// Origins whose pages may read answers (CORS), by commas; `*` and `?` are wildcards
    #[arg(
        long,
        value_name = "LIST",
        env = "BAK_ORIGINS",
        default_value = "*",
        value_delimiter = ',',
        hide_env_values = true
    )]
    pub(super) origins: Vec<String>,
    /// Root certificates (PEM file) to trust for mail servers, beside those that browsers know
    #[arg(long, value_name = "FILE", env = "BAK_SMTP_ROOTS", hide_env_values = true)]
    pub(super) smtp_roots: Option<PathBuf>,
    /// What survives a power cut: all but the last moments (normal), or every answered write (full, slower)
    #[arg(long, value_name = "HOW", env = "BAK_DURABILITY", default_value = "normal", hide_env_values = true)]
    pub(super) durability: Durability,
    /// Folder with pages to serve at `/`; without it, `public` beside the data folder, if there is one
    #[arg(long, value_name = "DIR", env = "BAK_PUBLIC", hide_env_values = true)]
    pub(super) public: Option<PathBuf>,
    /// Whether to serve the admin panel, at `/_/`
    #[arg(long, value_name = "WHETHER", env = "BAK_ADMIN_PANEL", default_value = "on", hide_env_values = true)]
    pub(super) admin_panel: Switch,
    /// Whether to apply the migrations that are still to come before serving
    #[arg(long, value_name = "WHETHER", env = "BAK_APPLY_MIGRATIONS", default_value = "on", hide_env_values = true)]
    pub(super) apply_migrations: Switch,
    /// Whether to write changes of collections made through the API as migrations
    #[arg(long, value_name = "WHETHER", env = "BAK_WRITE_MIGRATIONS", default_value = "auto", hide_env_values = true)]
    pub(super) write_migrations: Writing,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Switch {
    /// Yes.
    On,
    /// No.
    Off,
}

/// When changes are written as migrations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Writing {
    /// Where the folder exists: then it is a project under development.
    Auto,
    /// Always; the folder is made.
    On,
    /// Never: in production.
    Off,
}

/// When a commit counts as done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Durability {
    /// Once the operating system has it: survives a crash of the program.
    Normal,
    /// Once the disk has it: survives a power cut.
    Full,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Serve; also what happens without a command
    Start(StartOptions),
    /// Make the data folder, and a superuser if asked; or the beginnings of a Rust program
    Init(init::Options),
    /// Manage superusers
    #[command(subcommand, visible_alias = "superuser")]
    Admin(admin::Action),
    /// Apply, undo, list and write migrations of the collections
    Migrate(migrate::Options),
    /// Manage where files lie
    #[command(subcommand)]
    Files(files::Action),
    /// Write a typed client for the collections
    #[command(subcommand)]
    Sdk(sdk::Language),
    /// Print the OpenAPI document of the collections
    Openapi,
    /// Encrypt the stored secrets with another key, or not at all
    Rekey(rekey::Options),
    /// Take over the data of another backend
    #[command(subcommand)]
    Import(import::Source),
}
