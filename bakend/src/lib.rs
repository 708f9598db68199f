//! A backend in one file, and the library to build your own.

pub mod clock;
pub mod error;
pub mod hooks;
pub mod ids;
pub mod limits;
pub mod query;
pub mod schema;
pub mod service;
pub mod store;

pub use error::{Error, FieldError, FieldErrors, Kind, Result};
