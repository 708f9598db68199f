//! The document that describes the API: for superusers, as it tells the schema.

use axum::response::Response;

use super::{extract::Asked, response};
use crate::{Result, service::openapi};

pub(super) async fn document(asked: Asked) -> Result<Response> {
    asked.needs_superuser()?;
    Ok(response::json(openapi::json(&asked)?))
}
