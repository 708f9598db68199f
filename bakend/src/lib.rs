//! A backend in one file, and the library to build your own.
//!
//! Data walks one way through the floors of this crate: [`http`] and [`cli`] are doors, [`service`] does the work (an
//! [`App`](service::App) is everything that is open), [`query`] turns rules and filters into SQL, [`store`] runs it, [`schema`] knows
//! what data looks like, [`hooks`] lets others have their say.
//!
//! ```
//! use bakend::{Result, App, AppOptions, service::records::{self, Call, ListQuery}};
//!
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
//! # let folder = tempfile::tempdir().map_err(bakend::Error::internal)?;
//! # let dir = folder.path();
//! let app = App::open(AppOptions::new(dir)).await?;
//! let schema = app.schema();
//! let users = schema.find("users").ok_or_else(bakend::Error::not_found)?;
//! // As a guest: nobody shows.
//! let page = records::list(&Call::system(&app), users, &ListQuery::default(), "").await?;
//! assert!(page.starts_with(br#"{"items":[]"#));
//! app.close().await;
//! # Ok(()) }
//! ```

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
    events::{All, AppEvent, Dynamic, EnrichEvent, Hook, IntoHook, ListEvent, RecordEvent, ServeEvent},
};
pub use store::entity;
/// The libraries whose types are part of this API, in the versions that fit.
pub use {jiff, serde_json};

// The derives that go with the traits of the same names.
pub use bakend_macros::{Collection, SelectValue, hook, job, main};
pub use service::jobs::{IntoJob, Job};
