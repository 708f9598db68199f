//! Records of a collection.

use std::sync::Arc;

use axum::{body::Body, response::Response};

use super::{
    body::{self, Sent, Values},
    extract::{Asked, PathOf},
    response,
};
use crate::{
    Error, FieldError, Kind, Result, limits,
    schema::{Collection, FieldKind},
    service::{files, records},
};

/// How an answer without records begins.
const EMPTY_PAGE: &[u8] = b"{\"items\":[]";

pub(super) async fn list(asked: Asked, PathOf(name): PathOf<String>) -> Result<Response> {
    let collection = find(&asked, &name)?;
    let params = asked.params();
    let query = params.list_query()?;
    let outcome = records::list(&asked.call(), &collection, &query, params.get("expand")).await;
    let page = outcome.map_err(|error| muted(&asked, error))?;
    let rule = collection.rules.list.as_deref().unwrap_or_default();
    if !rule.is_empty() && !query.filter.is_empty() && !asked.is_superuser() && page.starts_with(EMPTY_PAGE) {
        asked.guessing().missed(asked.address(), &collection.id).await;
    }
    asked.answer_page(page)
}

pub(super) async fn view(asked: Asked, PathOf((name, id)): PathOf<(String, String)>) -> Result<Response> {
    let collection = find(&asked, &name)?;
    let call = asked.call();
    let record = match asked.uri.query() {
        None => records::view(&call, &collection, &id, "").await?,
        Some(_) => records::view(&call, &collection, &id, asked.params().get("expand")).await?,
    };
    asked.answer(record)
}

pub(super) async fn create(asked: Asked, PathOf(name): PathOf<String>, body: Body) -> Result<Response> {
    let collection = asked.collection(&name, "Missing or invalid collection context.")?;
    let Sent { data, uploads, .. } = read(&asked, &collection, body).await?;
    let record = records::create(&asked.call(), &collection, data, uploads, asked.params().get("expand")).await?;
    asked.answer(record)
}

pub(super) async fn update(asked: Asked, PathOf((name, id)): PathOf<(String, String)>, body: Body) -> Result<Response> {
    let collection = asked.collection(&name, "Missing or invalid collection context.")?;
    let Sent { data, uploads, .. } = read(&asked, &collection, body).await?;
    let record = records::update(&asked.call(), &collection, &id, data, uploads, asked.params().get("expand")).await?;
    asked.answer(record)
}

pub(super) async fn delete(asked: Asked, PathOf((name, id)): PathOf<(String, String)>) -> Result<Response> {
    let collection = find(&asked, &name)?;
    records::delete(&asked.call(), &collection, &id).await?;
    Ok(response::no_content())
}

fn find(asked: &Asked, name: &str) -> Result<Arc<Collection>> {
    asked.collection(name, "Missing collection context.")
}

/// Why a filter or sort failed is for superusers, under `data.filter`: the reason could tell what a hidden field holds.
fn muted(asked: &Asked, error: Error) -> Error {
    match error.kind() {
        Kind::Invalid if asked.is_superuser() => {
            let reason = FieldError::new("invalid_filter", error.message());
            Error::invalid("").field("filter", reason).caused_by(error)
        }
        Kind::Invalid => Error::invalid("").caused_by(error),
        _ => error,
    }
}

async fn read(asked: &Asked, collection: &Collection, body: Body) -> Result<Sent> {
    let room = |key: &str| file_max(collection, key);
    body::read_with_files(asked, body, body_max(collection), Values::Inferred, "", &room).await
}

/// The most bytes of a file under a body key; 0 when there is no such field.
fn file_max(collection: &Collection, key: &str) -> u64 {
    let name = key.strip_suffix('+').or_else(|| key.strip_prefix('+')).unwrap_or(key);
    let field = collection.fields.iter().find(|field| field.name == key || field.name == name);
    match field.map(|field| &field.kind) {
        Some(FieldKind::File(options)) => files::max_bytes(options.max_size),
        _ => 0,
    }
}

/// The largest body of a record, in bytes: what its large fields may hold, and the rest.
fn body_max(collection: &Collection) -> usize {
    let or = |size: i64, default: u64| u64::try_from(size).ok().filter(|size| *size > 0).unwrap_or(default);
    let large = collection.fields.iter().map(|field| match &field.kind {
        FieldKind::File(options) => {
            let count = u64::try_from(options.max_select).unwrap_or(0).max(1);
            files::max_bytes(options.max_size).saturating_mul(count)
        }
        FieldKind::Json(options) => or(options.max_size, limits::JSON_MAX_BYTES),
        FieldKind::Editor(options) => or(options.max_size, limits::CONTENT_MAX_BYTES),
        _ => 0,
    });
    let sum = large.fold(limits::BODY_MAX_BYTES as u64, u64::saturating_add);
    usize::try_from(sum).unwrap_or(usize::MAX)
}
