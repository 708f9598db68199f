//! Signing in through other services: OAuth2 and OpenID Connect.
//!
//! `list` says where to go, `redirect` takes what comes back to the page that waits for it, `sign_in` turns a code into a record:
//! `exchange` makes tokens of it, `account` asks who it is, `link` finds or makes the record. `table` has every provider.

mod account;
pub mod apple_secret;
mod avatar;
mod exchange;
mod id_token;
mod link;
mod list;
mod logos;
mod odd;
mod pkce;
mod profile;
mod provider;
mod published;
pub mod redirect;
mod sign_in;
mod table;

use std::time::Instant;

use quick_cache::sync::Cache;

pub use self::{
    list::{Shown, catalogue, providers},
    sign_in::{Code, with_oauth2},
};
use crate::store::outbound::Outbound;

/// Names that wait for their code at once.
const NAMES_MAX: usize = 1000;
/// Token endpoints whose manners are remembered.
const MANNERS_MAX: usize = 200;

/// What is kept between requests.
pub(crate) struct Kept {
    outbound: Outbound,
    documents: published::Documents,
    /// Names that Apple told, by code.
    names: Cache<String, (Instant, String)>,
    /// Token endpoints that want the client's secret in the body.
    wants_secret_in_body: Cache<String, ()>,
}

impl Default for Kept {
    fn default() -> Self {
        Self {
            outbound: Outbound::default(),
            documents: published::Documents::default(),
            names: Cache::new(NAMES_MAX),
            wants_secret_in_body: Cache::new(MANNERS_MAX),
        }
    }
}
