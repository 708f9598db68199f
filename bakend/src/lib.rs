//! A backend in one file, and the library to build your own.
//!
//! Data walks one way through the floors of this crate: [`http`] and [`cli`] are doors, [`service`] does the work (an
//! [`App`](service::App) is everything that is open), [`query`] turns rules and filters into SQL, [`store`] runs it, [`schema`] knows
//! what data looks like, [`hooks`] lets others have their say.
//!
//! ```
//! use bakend::{Result, service::{App, AppOptions, records::{self, Call, ListQuery}}};
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

pub mod cli;
pub mod clock;
pub mod error;
pub mod hooks;
pub mod http;
pub mod ids;
pub mod limits;
pub mod query;
pub mod schema;
pub mod service;
pub mod store;

pub use error::{Error, FieldError, FieldErrors, Kind, Result};
