//! What bakend does: records, collections, auth, files, settings; `App` is born here.

pub mod app;
pub mod auth;
pub mod batch;
mod caller;
pub mod collections;
pub mod events;
pub mod files;
pub mod import;
pub mod migrations;
pub mod records;
pub mod settings;
pub mod typed;
pub mod views;

pub use app::{App, AppOptions};
pub use caller::Caller;

// Doors say who asks in the words of rules, but do not otherwise know that floor.
pub use crate::query::RequestInfo;
