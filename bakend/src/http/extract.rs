//! Who asks, and what they sent beside the body.

use std::{
    collections::BTreeMap,
    net::{IpAddr, SocketAddr},
    ops::Deref,
    sync::Arc,
};

use axum::{
    extract::{FromRequestParts, Path, rejection::PathRejection},
    http::{HeaderMap, Method, Uri, header, request::Parts},
    response::Response,
};
use serde::de::DeserializeOwned;

use super::{fields, guessing::Guessing, needs::Needs, params::Params, rates, response};
use crate::{
    Error, Kind, Result,
    query::{Grant, grant::Area},
    schema::Collection,
    service::{
        App, RequestInfo,
        auth::{cache::SignedIn, who},
        records::{self, Call, Client},
    },
};

/// What all handlers share.
#[derive(Clone)]
pub struct Shared {
    app: App,
    caches: Arc<Caches>,
}

#[derive(Default)]
struct Caches {
    needs: Needs,
    guessing: Guessing,
}

impl Shared {
    /// For one app.
    pub fn new(app: &App) -> Self {
        Self { app: app.clone(), caches: Arc::default() }
    }
}

/// Where a connection comes from.
#[derive(Clone, Copy, Debug)]
pub struct Remote(pub IpAddr);

/// Everything about a request but its body.
pub struct Asked {
    shared: Shared,
    /// How.
    pub method: Method,
    /// Path and query.
    pub uri: Uri,
    /// As sent.
    pub headers: HeaderMap,
    /// Who; `None`: a guest, or somebody with a bad token.
    pub signed_in: Option<SignedIn>,
    remote: IpAddr,
}

impl Deref for Asked {
    type Target = App;

    fn deref(&self) -> &App {
        &self.shared.app
    }
}

impl FromRequestParts<Shared> for Asked {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self> {
        let headers = std::mem::take(&mut parts.headers);
        Self::of(parts, headers, shared).await
    }
}

impl Asked {
    /// A request with these headers, after a look at its token.
    async fn of(parts: &Parts, headers: HeaderMap, shared: &Shared) -> Result<Self> {
        let remote = parts.extensions.get::<Remote>().map_or(IpAddr::from([0, 0, 0, 0]), |remote| remote.0);
        let mut asked = Self {
            shared: shared.clone(),
            method: parts.method.clone(),
            uri: parts.uri.clone(),
            headers,
            signed_in: None,
            remote,
        };
        if !matches!(asked.method, Method::GET | Method::HEAD) && asked.uri.query().is_some() {
            fields::check(asked.params().get("fields"))?;
        }
        if let Some(token) = asked.token() {
            asked.signed_in = who::signed_in(&shared.app, token).await?;
            asked.check_address()?;
        }
        rates::check(&asked, parts.extensions.get())?;
        Ok(asked)
    }

    /// A request to a route of the program's own; its headers stay for other extractors.
    pub(super) async fn beside(parts: &Parts) -> Result<Self> {
        let shared = parts.extensions.get::<Shared>().ok_or_else(|| {
            Error::internal("this route was not added with Bakend::builder().routes(…), so there is no app to ask")
        })?;
        Self::of(parts, parts.headers.clone(), shared).await
    }

    /// The app that answers.
    pub(super) fn app(&self) -> &App {
        &self.shared.app
    }

    /// The token that was sent, raw or after `Bearer`.
    pub fn token(&self) -> Option<&str> {
        const SCHEME: &str = "bearer ";
        let value = self.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let has_scheme = value.get(..SCHEME.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEME));
        let token = if has_scheme { &value[SCHEME.len()..] } else { value };
        (!token.is_empty()).then_some(token)
    }

    /// Whether a superuser asks.
    pub fn is_superuser(&self) -> bool {
        self.signed_in.as_ref().is_some_and(|signed_in| signed_in.record.is_superuser())
    }

    /// The query parameters.
    pub(super) fn params(&self) -> Params<'_> {
        Params::parse(self.uri.query())
    }

    /// The collection of a path.
    ///
    /// # Errors
    /// `NotFound`, with this message.
    pub fn collection(&self, name: &str, message: &str) -> Result<Arc<Collection>> {
        self.schema().find(name).cloned().ok_or_else(|| Error::new(Kind::NotFound, message))
    }

    /// The call that a service makes for this request.
    pub fn call(&self) -> Call {
        Call::new(&self.shared.app, Arc::new(self.info()))
    }

    /// From where it comes, for what is noted of sign-ins.
    pub fn client(&self) -> Client {
        let agent = self.headers.get(header::USER_AGENT).map(|agent| String::from_utf8_lossy(agent.as_bytes()));
        Client::new(self.address(), &agent.unwrap_or_default())
    }

    /// What rules can ask about this request.
    pub fn info(&self) -> RequestInfo {
        let need = self.shared.caches.needs.of(&self.schema());
        // The filter of a superuser may ask what it likes, and so may hooks.
        let all = self.is_superuser() && self.uri.query().is_some() || self.hooks().are_used();
        RequestInfo {
            method: self.method.as_str().to_owned(),
            query: if need.query || all { self.params().to_map() } else { BTreeMap::new() },
            headers: if need.headers || all { self.header_map() } else { BTreeMap::new() },
            auth: self.signed_in.as_ref().map(|signed_in| Arc::clone(&signed_in.record)),
            grant: self.signed_in.as_ref().and_then(|signed_in| signed_in.by.as_ref()?.grant.clone()),
            ..RequestInfo::default()
        }
    }

    /// Headers as rules see them: `X-Token` is `x_token`.
    pub fn header_map(&self) -> BTreeMap<String, String> {
        let mut map = BTreeMap::new();
        for (name, value) in &self.headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            map.entry(name.as_str().replace('-', "_")).or_insert_with(|| value.into_owned());
        }
        map
    }

    /// The answer: these bytes of JSON, or what `fields` picks of them.
    ///
    /// # Errors
    /// `Invalid`: `fields` has an unknown modifier.
    pub fn answer(&self, bytes: Vec<u8>) -> Result<Response> {
        self.picked(bytes, fields::Shape::Whole)
    }

    /// The same for a page: `fields` picks of each item.
    ///
    /// # Errors
    /// `Invalid`: `fields` has an unknown modifier.
    pub fn answer_page(&self, bytes: Vec<u8>) -> Result<Response> {
        self.picked(bytes, fields::Shape::Page)
    }

    fn picked(&self, bytes: Vec<u8>, shape: fields::Shape) -> Result<Response> {
        let Some(query) = self.uri.query().filter(|query| query.contains("fields")) else {
            return Ok(response::json(bytes));
        };
        Ok(response::json(fields::pick(bytes, Params::parse(Some(query)).get("fields"), shape)?))
    }

    /// # Errors
    /// `Unauthenticated` for guests, `Forbidden` for all but superusers and for API keys that are not for everything.
    pub fn needs_superuser(&self) -> Result<()> {
        self.someone()?;
        self.superuser()?;
        self.needs_anybody().map(drop)
    }

    /// # Errors
    /// `Unauthenticated` for guests, `Forbidden` for all but superusers and for API keys that are not for this area.
    pub fn needs_superuser_for(&self, area: Area) -> Result<()> {
        self.someone()?;
        self.superuser()?;
        self.needs_area(area).map(drop)
    }

    fn superuser(&self) -> Result<()> {
        if self.is_superuser() {
            return Ok(());
        }
        Err(Error::forbidden("The authorized record is not allowed to perform this action."))
    }

    /// # Errors
    /// `Unauthenticated` for guests, `Forbidden` for API keys that are not for everything.
    pub fn needs_anybody(&self) -> Result<&SignedIn> {
        let signed_in = self.someone()?;
        match self.grant() {
            Some(grant) if !grant.is_everything() => Err(Error::forbidden("The API key needs the scope \"*\".")),
            _ => Ok(signed_in),
        }
    }

    /// # Errors
    /// `Unauthenticated` for guests, `Forbidden` for API keys that are not for this area.
    pub fn needs_area(&self, area: Area) -> Result<&SignedIn> {
        let signed_in = self.someone()?;
        if let Some(grant) = self.grant() {
            records::needs_area(grant, area)?;
        }
        Ok(signed_in)
    }

    /// Whether there is an account behind the caller: guests and service keys have none.
    pub fn stands_for_account(&self) -> bool {
        self.signed_in.as_ref().is_some_and(|signed_in| {
            let key = signed_in.by.as_ref().filter(|by| by.is_key());
            key.is_none_or(|key| key.id != signed_in.record.id())
        })
    }

    fn someone(&self) -> Result<&SignedIn> {
        let message = "The request requires valid record authorization token.";
        self.signed_in.as_ref().ok_or_else(|| Error::unauthenticated(message))
    }

    /// What the caller's API key may do; `None`: no key asks.
    pub(super) fn grant(&self) -> Option<&Grant> {
        self.signed_in.as_ref()?.by.as_ref()?.grant.as_deref()
    }

    /// What an account does about itself.
    ///
    /// # Errors
    /// `Unauthenticated` for guests, `Forbidden` for records of other collections and for API keys that are not for accounts.
    pub fn needs_record_of(&self, collection: &Collection) -> Result<&SignedIn> {
        let signed_in = self.needs_area(Area::Account)?;
        let own = &signed_in.record.collection;
        if own.id == collection.id {
            return Ok(signed_in);
        }
        Err(Error::forbidden(format!("The request requires auth record from {} collection.", own.name)))
    }

    /// The same for what lets an account in from now on: who acts as somebody else for a time leaves nothing behind that lasts.
    ///
    /// # Errors
    /// As of [`needs_record_of`](Self::needs_record_of), and `Forbidden` for a token to act as somebody else.
    pub fn needs_owner_of(&self, collection: &Collection) -> Result<&SignedIn> {
        let signed_in = self.needs_record_of(collection)?;
        if signed_in.refreshable || self.grant().is_some() {
            return Ok(signed_in);
        }
        Err(Error::forbidden("Who acts as somebody else for a time adds no way to sign in for them."))
    }

    /// Who guesses at hidden values by filtering.
    pub(super) fn guessing(&self) -> &Guessing {
        &self.shared.caches.guessing
    }

    /// The client's address: the connection's, or what a trusted proxy says.
    pub fn address(&self) -> IpAddr {
        let settings = self.settings();
        let proxy = &settings.trusted_proxy;
        let told = proxy.headers.iter().find_map(|name| self.headers.get_all(name.as_str()).iter().next_back());
        let Some(told) = told.and_then(|value| value.to_str().ok()) else { return self.remote };
        let mut listed = told.split(',');
        // Exactly this one: were one that cannot be read passed over, its neighbour might be what the client itself wrote.
        let named = if proxy.use_leftmost_ip { listed.next() } else { listed.next_back() };
        named.and_then(|one| forwarded(one.trim())).map_or(self.remote, |address| address.to_canonical())
    }

    fn check_address(&self) -> Result<()> {
        if self.is_superuser() && !self.settings().superusers_may_come_from(self.address()) {
            return Err(Error::forbidden(""));
        }
        Ok(())
    }
}

/// The address that a proxy names, with or without a port: `203.0.113.5`, `203.0.113.5:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
fn forwarded(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

/// The variable parts of a path. What is not text is nowhere to be found.
pub struct PathOf<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<Shared> for PathOf<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self> {
        let path: Result<Path<T>, PathRejection> = Path::from_request_parts(parts, shared).await;
        path.map(|Path(path)| Self(path)).map_err(|_| Error::not_found())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_names_an_address_with_or_without_a_port() {
        for (text, expected) in [
            ("203.0.113.5", Some("203.0.113.5")),
            ("203.0.113.5:4711", Some("203.0.113.5")),
            ("2001:db8::1", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("[2001:db8::1]:4711", Some("2001:db8::1")),
            ("unknown", None),
            ("_hidden", None),
            ("203.0.113.5:", None),
            ("", None),
        ] {
            assert_eq!(forwarded(text), expected.map(|address| address.parse().expect("an address")), "{text}");
        }
    }
}
