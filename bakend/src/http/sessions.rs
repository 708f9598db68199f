//! Sessions: mine, and for superusers anybody's.

use std::sync::Arc;

use axum::response::Response;

use super::{
    extract::{Asked, PathOf},
    response,
};
use crate::{
    Error, Kind, Result,
    query::grant::Area,
    schema::Collection,
    service::{
        auth::{
            cache::SignedIn,
            sessions::{self, Owner},
        },
        page::Page,
    },
};

pub(super) async fn list(asked: Asked) -> Result<Response> {
    let signed_in = asked.needs_area(Area::Sessions)?;
    let page = Page::of(&asked.params().list_query()?);
    let owner = whose(&asked, signed_in, Area::Sessions)?;
    asked.answer_page(sessions::list(&asked, signed_in, owner, &page).await?)
}

pub(super) async fn end(asked: Asked, PathOf(id): PathOf<String>) -> Result<Response> {
    let signed_in = asked.needs_area(Area::Sessions)?;
    sessions::end(&asked, signed_in, &id).await?;
    Ok(response::no_content())
}

/// Ends all of mine (`?others=true`: but this one), or for superusers all of `?collection=…&record=…`.
pub(super) async fn end_all(asked: Asked) -> Result<Response> {
    let signed_in = asked.needs_area(Area::Sessions)?;
    let whose = whose(&asked, signed_in, Area::Sessions)?;
    let Some(Owner { collection, record: Some(record) }) = whose else {
        return Err(Error::invalid("Name the account whose sessions to end: `collection` and `record`."));
    };
    let is_own = record == signed_in.record.id() && collection == signed_in.record.collection.id;
    let except = if is_own && asked.params().flag("others")? {
        let current = signed_in.by.as_ref().and_then(|by| by.session());
        Some(current.ok_or_else(|| Error::invalid("This token belongs to no session that could stay."))?)
    } else {
        None
    };
    let ended = sessions::end_all(&asked, &accounts(&asked, &collection)?, &record, except).await?;
    asked.answer(format!("{{\"ended\":{ended}}}").into_bytes())
}

/// Whose things are asked for: the caller's, or for superusers those of `collection` and `record`, or with `all` everybody's (`None`).
///
/// # Errors
/// `Forbidden`: somebody else asks for what is not theirs. `NotFound`: there is no such collection of accounts.
pub(super) fn whose(asked: &Asked, signed_in: &SignedIn, area: Area) -> Result<Option<Owner>> {
    let params = asked.params();
    let (collection, record) = (params.get("collection"), params.get("record"));
    if params.flag("all")? {
        asked.needs_superuser_for(area)?;
        return Ok(None);
    }
    if collection.is_empty() && record.is_empty() {
        let own = &signed_in.record;
        return Ok(Some(Owner::account(&own.collection.id, own.id())));
    }
    asked.needs_superuser_for(area)?;
    let record = (!record.is_empty()).then(|| record.to_owned());
    Ok(Some(Owner { collection: accounts(asked, collection)?.id.clone(), record }))
}

/// The collection of accounts with this name or id.
///
/// # Errors
/// `NotFound`: there is none.
pub(super) fn accounts(asked: &Asked, name: &str) -> Result<Arc<Collection>> {
    const MISSING: &str = "Missing or invalid auth collection context.";
    let collection = asked.collection(name, MISSING)?;
    if collection.is_auth() { Ok(collection) } else { Err(Error::new(Kind::NotFound, MISSING)) }
}
