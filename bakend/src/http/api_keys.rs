//! API keys: mine, and for superusers anybody's.

use axum::{body::Body, response::Response};
use serde_json::Value as Json;

use super::{
    body::{self, Sent, UNREADABLE, Values},
    extract::{Asked, PathOf},
    response, sessions,
};
use crate::{
    Error, Result, limits,
    query::grant::Area,
    service::{
        auth::{
            api_keys::{self, For, Wish},
            cache::SignedIn,
            sessions::Owner,
        },
        page::Page,
        records,
    },
};

pub(super) async fn list(asked: Asked) -> Result<Response> {
    let signed_in = asked.needs_area(Area::Keys)?;
    let params = asked.params();
    let page = Page::of(&params.list_query()?);
    let owner = if params.flag("service")? {
        asked.needs_superuser_for(Area::Keys)?;
        Some(Owner { collection: String::new(), record: None })
    } else {
        sessions::whose(&asked, signed_in, Area::Keys)?
    };
    asked.answer_page(api_keys::list(&asked, owner, &page).await?)
}

pub(super) async fn create(asked: Asked, body: Body) -> Result<Response> {
    let signed_in = asked.needs_area(Area::Keys)?;
    let sent = body::read(&asked, body, limits::BODY_MAX_BYTES, Values::Inferred, UNREADABLE).await?;
    let whose = acts_for(&asked, signed_in, &sent).await?;
    asked.answer(api_keys::create(&asked, signed_in, whose, wish(&sent)?).await?)
}

pub(super) async fn view(asked: Asked, PathOf(id): PathOf<String>) -> Result<Response> {
    let signed_in = asked.needs_area(Area::Keys)?;
    asked.answer(api_keys::view(&asked, signed_in, &id).await?)
}

pub(super) async fn update(asked: Asked, PathOf(id): PathOf<String>, body: Body) -> Result<Response> {
    let signed_in = asked.needs_area(Area::Keys)?;
    let sent = body::read(&asked, body, limits::BODY_MAX_BYTES, Values::Inferred, UNREADABLE).await?;
    asked.answer(api_keys::update(&asked, signed_in, &id, wish(&sent)?).await?)
}

pub(super) async fn end(asked: Asked, PathOf(id): PathOf<String>) -> Result<Response> {
    let signed_in = asked.needs_area(Area::Keys)?;
    api_keys::end(&asked, signed_in, &id).await?;
    Ok(response::no_content())
}

/// The caller; for superusers `collection` and `record`, or `service`.
async fn acts_for(asked: &Asked, signed_in: &SignedIn, sent: &Sent) -> Result<For> {
    let (collection, record) = (sent.text("collection")?, sent.text("record")?);
    let own = &signed_in.record;
    match sent.get("service") {
        None | Some(Json::Null | Json::Bool(false)) => {}
        Some(Json::Bool(true)) => {
            asked.needs_superuser_for(Area::Keys)?;
            if !collection.is_empty() || !record.is_empty() {
                return Err(Error::invalid("A service key acts for no account: leave out `collection` and `record`."));
            }
            return Ok(For::Service);
        }
        Some(_) => return Err(Error::invalid(UNREADABLE)),
    }
    if collection.is_empty() && record.is_empty() {
        if signed_in.by.as_ref().is_some_and(|by| by.is_key()) && !asked.stands_for_account() {
            return Err(Error::invalid("A service key has no account of its own: name one, or `service`."));
        }
        return Ok(For::Account((**own).clone()));
    }
    asked.needs_superuser_for(Area::Keys)?;
    let collection = sessions::accounts(asked, &collection)?;
    let found = records::find(&asked.store().db(), asked.planner(), &asked.schema(), &collection, &record).await?;
    found.map(For::Account).ok_or_else(Error::not_found)
}

fn wish(sent: &Sent) -> Result<Wish> {
    let text = |name: &str| match sent.get(name) {
        None => Ok(None),
        Some(_) => sent.text(name).map(Some),
    };
    let scopes = match sent.get("scopes") {
        None | Some(Json::Null) => None,
        Some(Json::Array(list)) => {
            let texts = list.iter().map(|scope| scope.as_str().map(str::to_owned));
            Some(texts.collect::<Option<Vec<_>>>().ok_or_else(|| Error::invalid(UNREADABLE))?)
        }
        Some(Json::String(one)) if !sent.typed => Some(vec![one.clone()]),
        Some(_) => return Err(Error::invalid(UNREADABLE)),
    };
    Ok(Wish { name: text("name")?, scopes, expires: text("expires")? })
}
