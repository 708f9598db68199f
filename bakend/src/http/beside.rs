//! What handlers of a program's own routes may take: the app, who asks, a superuser.

use std::{ops::Deref, sync::Arc};

use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts},
    http::request::Parts,
};

use super::extract::Asked;
use crate::{
    Error, Result,
    schema::Record,
    service::{App, Caller},
};

/// Who is signed in: a record of any auth collection. Guests get 401; take `Option<Auth>` where they may come too.
///
/// ```
/// use bakend::{Auth, axum::{Router, routing::get}};
///
/// async fn whoami(auth: Auth) -> String {
///     auth.text("email").to_owned()
/// }
/// let routes: Router = Router::new().route("/whoami", get(whoami));
/// # let _ = routes;
/// ```
#[derive(Clone, Debug)]
pub struct Auth {
    record: Arc<Record>,
    caller: Caller,
}

/// A superuser who is signed in: guests get 401, everybody else 403.
#[derive(Clone, Debug)]
pub struct Superuser(Auth);

impl Auth {
    fn of(asked: &Asked) -> Result<Self> {
        let record = Arc::clone(&asked.needs_anybody()?.record);
        Ok(Self { record, caller: caller(asked) })
    }

    /// The record.
    pub fn record(&self) -> &Arc<Record> {
        &self.record
    }
}

impl Deref for Auth {
    type Target = Record;

    fn deref(&self) -> &Record {
        &self.record
    }
}

impl Deref for Superuser {
    type Target = Auth;

    fn deref(&self) -> &Auth {
        &self.0
    }
}

impl From<&Auth> for Caller {
    fn from(auth: &Auth) -> Self {
        auth.caller.clone()
    }
}

impl From<&Superuser> for Caller {
    fn from(superuser: &Superuser) -> Self {
        superuser.caller.clone()
    }
}

fn caller(asked: &Asked) -> Caller {
    Caller::of(Arc::new(asked.info()))
}

impl<S: Send + Sync> FromRequestParts<S> for Auth {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Self::of(&Asked::beside(parts).await?)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Auth {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>> {
        let asked = Asked::beside(parts).await?;
        if asked.signed_in.is_some() { Self::of(&asked).map(Some) } else { Ok(None) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Superuser {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let asked = Asked::beside(parts).await?;
        asked.needs_superuser()?;
        Auth::of(&asked).map(Self)
    }
}

/// Whoever asks, guests too, with what rules may ask about the request.
impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Ok(caller(&Asked::beside(parts).await?))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for App {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        Ok(Asked::beside(parts).await?.app().clone())
    }
}
