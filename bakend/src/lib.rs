//! A backend in one file, and the library to build your own.
//!
//! The program `bak` is this library with nothing built in: collections, rules, accounts and files over the wire protocol of PocketBase.
//! A program of your own has the same command line and the same API, and what you build in: collections as structs, hooks as functions,
//! routes of your own.
//!
//! # A program
//!
//! ```no_run
//! use bakend::{Bakend, Collection, DateTime, Id, RecordEvent, Result, hook};
//!
//! /// A note. Everybody reads, whoever is signed in writes.
//! #[derive(Clone, Debug, Collection)]
//! #[collection(name = "notes", rules(list = "", view = "", create = "@request.auth.id != ''"))]
//! pub struct Note {
//!     pub id: Id<Note>,
//!     #[field(max = 200)]
//!     pub title: String,
//!     pub done: bool,
//!     #[field(on_create)]
//!     pub created: DateTime,
//! }
//!
//! #[hook(before_create, collection = Note)]
//! async fn tidy(event: &mut RecordEvent<Note>) -> Result<()> {
//!     event.change(|note| note.title = note.title.trim().to_owned())
//! }
//!
//! #[bakend::main]
//! async fn main() -> std::process::ExitCode {
//!     Bakend::builder().collection::<Note>().hook(tidy).run().await
//! }
//! ```
//!
//! `bak init --rust my-app` writes one that builds, with a test. The folder `examples/` of the repository has larger ones.
//!
//! # The ways in
//!
//! | you want | look at |
//! | --- | --- |
//! | to say what the backend consists of | [`Bakend::builder`] and the functions of [`Builder`] |
//! | collections, filters, inputs as Rust types | the derive and the trait [`Collection`], [`typed`] |
//! | something to happen when records change, accounts sign in, the program starts | [`Hook`], the attribute [`hook`], the events [`RecordEvent`], [`QueryEvent`], [`LookupEvent`], [`ListEvent`], [`EnrichEvent`] |
//! | records in code, for somebody with rules or for the program | [`App::records_of`], [`App::records`], [`Caller`] |
//! | stored files, mails of your own | [`App::files`], [`App::mail`] |
//! | several things together or not at all | [`App::transaction`] |
//! | SQL and SeaORM over the same tables | [`App::db`], the entity beside each collection, [`sea_orm`] |
//! | routes of your own | [`Builder::routes`], the extractors [`App`], [`Auth`], [`Superuser`], [`Caller`] |
//! | to change collections without losing anything | [`service::migrations`] |
//! | to know why something was refused | [`Error`], [`Kind`] |
//!
//! # Records
//!
//! Every call says for whom it is made: [`as_user`](service::app::Records::as_user) and [`as_guest`](service::app::Records::as_guest) ask the
//! rules, [`as_system`](service::app::Records::as_system) does not. Fields are checked by the compiler.
//!
//! ```
//! # use bakend::{Bakend, Collection, Id, Result};
//! #[derive(Clone, Debug, Collection)]
//! #[collection(name = "notes", rules(list = "done = false"))]
//! struct Note {
//!     id: Id<Note>,
//!     title: String,
//!     done: bool,
//! }
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
//! # let folder = tempfile::tempdir().map_err(bakend::Error::internal)?;
//! let backend = Bakend::builder().dir(folder.path()).collection::<Note>().build().await?;
//! let app = backend.app();
//! let milk = app.records_of::<Note>().as_system().create(Note::new("Buy milk")).await?;
//! app.records_of::<Note>().as_system().create(Note::new("Sleep").done(true)).await?;
//!
//! let seen = app.records_of::<Note>().as_guest().sort(Note::title.asc()).list().await?;
//! assert_eq!(seen.items.len(), 1, "the rule hides what is done");
//! let found = app.records_of::<Note>().as_system().filter(Note::title.contains("milk")).first().await?;
//! assert_eq!(found.map(|note| note.id), Some(milk.id));
//! # backend.close().await;
//! # Ok(()) }
//! ```
//!
//! # Collections change
//!
//! A changed struct is compared with the database at the next start. What only adds is done; what would take something from a record stops the
//! start with the exact differences, and the commands that go on from there (`migrate diff`, `migrate apply --allow-destructive`). Changes
//! made in the admin API are written to `migrations/` where that folder exists, and applied by every other environment when it starts.
//! [`service::migrations`] tells all of it.
//!
//! # The floors
//!
//! Data walks one way: [`http`] and [`cli`] are doors, [`service`] does the work (an [`App`] is everything that is open), [`query`] turns rules
//! and filters into SQL, [`store`] runs it, [`schema`] knows what data looks like, [`hooks`] lets others have their say. What most programs
//! need is at the root of the crate.

mod app;
pub mod cli;
pub mod clock;
pub mod error;
pub mod hooks;
pub mod http;
pub mod ids;
pub mod limits;
pub mod query;
pub mod realtime;
pub mod schema;
pub mod service;
pub mod store;
pub mod test;

pub use app::{Bakend, Builder};
/// The web framework whose routers and layers [`Builder::routes`] and [`Builder::layer`] take, in the version that fits.
pub use axum;
pub use cli::block_on;
pub use error::{Error, FieldError, FieldErrors, Kind, Result};
pub use http::{Auth, Superuser};
/// The database library behind [`App::db`], in the version that fits it.
pub use sea_orm;
/// The migrator that [`Builder::migrations`] takes, in the version that fits.
pub use sea_orm_migration;
pub use service::typed::{
    self, Collection, DateTime, Editor, Email, File, GeoPoint, Id, Json, NewFile, Password, Relation, Select,
    SelectValue, Url,
};
pub use service::{
    App, AppOptions, Caller,
    app::{Page, Records, RecordsAs, Tx, Wire},
    events::{
        All, AppEvent, AuthAction, AuthEvent, ConnectEvent, Dynamic, EnrichEvent, Hook, IntoHook, ListEvent,
        LookupEvent, MailEvent, MailKind, MessageEvent, QueryEvent, RecordEvent, ServeEvent, SubscribeEvent,
    },
    files::{Files, OpenFile},
    jobs::{Backoff, IntoJob, Job, JobOptions},
    mail::{Mail, MailMessage, Mailbox},
};
pub use store::{OrmTx, entity};
/// The libraries whose types are part of this API, in the versions that fit.
pub use {jiff, serde_json};

// The derives that go with the traits of the same names.
pub use bakend_macros::{Collection, SelectValue, hook, job, main};
