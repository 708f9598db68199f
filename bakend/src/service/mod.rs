//! What bakend does: records, collections, auth, files, settings; `App` is born here.

pub mod app;
pub mod auth;
pub mod batch;
mod caller;
pub mod changes;
pub mod collections;
pub mod events;
pub(crate) mod fields;
pub mod files;
pub mod import;
pub mod jobs;
pub mod mail;
pub mod migrations;
pub mod openapi;
pub mod page;
pub mod rates;
pub mod realtime;
pub mod records;
pub mod settings;
pub mod trial;
pub mod typed;
pub mod views;

pub use crate::store::SecretKey;
pub(crate) use app::WeakApp;
pub use app::{App, AppOptions};
pub use caller::Caller;

// Doors say who asks in the words of rules, but do not otherwise know that floor.
pub use crate::query::RequestInfo;
