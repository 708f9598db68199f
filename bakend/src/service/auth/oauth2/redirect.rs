//! The way back from a provider to the page that waits for it on its realtime connection.

use std::{
    net::IpAddr,
    time::{Duration, Instant},
};

use serde_json::{Value as Json, json};

use crate::{
    Result,
    service::{App, realtime::OAUTH2},
};

/// How long a name waits for its code. Source: PocketBase web API.
pub(super) const NAME_LIFE: Duration = Duration::from_secs(60);
/// Longest text of what a provider sends back, in bytes.
const TEXT_MAX_BYTES: usize = 16 << 10;

/// What a provider sends back with the browser.
#[derive(Clone, Debug, Default)]
pub struct Returned {
    /// Names the client that waits.
    pub state: String,
    /// Good once.
    pub code: String,
    /// Why there is none.
    pub error: String,
    /// Apple: who it is, as JSON; only the first time.
    pub user: String,
}

impl Returned {
    fn is_reasonable(&self) -> bool {
        [&self.state, &self.code, &self.error, &self.user].into_iter().all(|text| text.len() <= TEXT_MAX_BYTES)
    }
}

/// Tells the client that waits what came back; returns whether it now has a code.
///
/// The client is the one whose id is the state, connected from the address that the browser has: a link that somebody else made leads nowhere.
///
/// # Errors
/// `Internal`, never seen: what came back can be written as JSON.
pub fn deliver(app: &App, returned: &Returned, address: IpAddr) -> Result<bool> {
    keep_name(app, returned);
    let realtime = app.realtime();
    let Some(client) = realtime.client(&returned.state).filter(|_| returned.is_reasonable()) else { return Ok(false) };
    if client.address() != address {
        tracing::debug!("what a provider sent back came from another address than the client that waits");
        return Ok(false);
    }
    let mut message = json!({ "state": returned.state, "code": returned.code });
    if !returned.error.is_empty() {
        message["error"] = returned.error.clone().into();
    }
    let heard = realtime.send_to(&returned.state, OAUTH2, &message)?;
    Ok(heard && returned.error.is_empty() && !returned.code.is_empty())
}

/// Keeps the name that Apple tells until its code is exchanged.
fn keep_name(app: &App, returned: &Returned) {
    if !returned.is_reasonable() || returned.code.is_empty() {
        return;
    }
    let user: Json = serde_json::from_str(&returned.user).unwrap_or_default();
    let part = |name: &str| user.pointer(&format!("/name/{name}")).and_then(Json::as_str).unwrap_or_default().trim();
    let name = format!("{} {}", part("firstName"), part("lastName")).trim().to_owned();
    if !name.is_empty() {
        app.oauth2().names.insert(returned.code.clone(), (Instant::now(), name));
    }
}
