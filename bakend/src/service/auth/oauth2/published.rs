//! What issuers publish about themselves: their metadata and keys, read once and kept for a while.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use jsonwebtoken::jwk::JwkSet;
use serde::Deserialize;
use serde_json::Value as Json;

use super::Kept;
use crate::{
    Error, Result,
    store::outbound::{Asked, Outbound},
};

/// How long what was read is used.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// How long a failure is remembered, and how long keys are used before an unknown one makes them be read again: who asks us a lot must not
/// make us ask others as much.
const RETRY_AFTER: Duration = Duration::from_secs(10);
/// Documents that are kept; each belongs to a provider that a superuser has set.
const DOCUMENTS_MAX: usize = 200;

type Slot = Arc<tokio::sync::Mutex<Option<Document>>>;

struct Document {
    read: Instant,
    /// `Err`: why it could not be read.
    json: Result<Arc<Json>, String>,
}

/// Documents by URL.
#[derive(Default)]
pub(super) struct Documents(Mutex<HashMap<String, Slot>>);

/// What an issuer says about itself.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Metadata {
    pub issuer: String,
    pub authorization_endpoint: String,
    pub token_endpoint: String,
    #[serde(default)]
    pub userinfo_endpoint: String,
    pub jwks_uri: String,
}

/// The metadata of an issuer.
///
/// # Errors
/// `Invalid`: the issuer does not answer, or with something else than its own metadata.
pub(super) async fn metadata(kept: &Kept, issuer: &str) -> Result<Metadata> {
    let url = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let json = kept.documents.get(&kept.outbound, &url, FRESH).await?;
    let metadata: Metadata = Metadata::deserialize(&*json).map_err(|error| Error::invalid("").caused_by(error))?;
    // Who answers for another issuer could have its people sign in as that one's.
    if metadata.issuer.trim_end_matches('/') != issuer.trim_end_matches('/') {
        return Err(Error::invalid("").caused_by(format!("{url} speaks for {}", metadata.issuer)));
    }
    Ok(metadata)
}

/// Keys; `again`: one was looked for that is not among those that are kept.
///
/// # Errors
/// `Invalid`: they cannot be read.
pub(super) async fn keys(kept: &Kept, url: &str, again: bool) -> Result<JwkSet> {
    let fresh = if again { RETRY_AFTER } else { FRESH };
    let json = kept.documents.get(&kept.outbound, url, fresh).await?;
    let list = json.get("keys").and_then(Json::as_array).map(Vec::as_slice).unwrap_or_default();
    // A key of a kind that we do not know is no reason to know none.
    let keys = list.iter().filter_map(|key| serde_json::from_value(key.clone()).ok()).collect();
    Ok(JwkSet { keys })
}

impl Documents {
    async fn get(&self, outbound: &Outbound, url: &str, fresh: Duration) -> Result<Arc<Json>> {
        let slot = self.slot(url);
        // Whoever comes while it is being read waits for that.
        let mut slot = slot.lock().await;
        if let Some(document) = &*slot {
            let lasts = if document.json.is_ok() { fresh } else { RETRY_AFTER };
            if document.read.elapsed() < lasts {
                return document.json.clone().map_err(|reason| Error::invalid("").caused_by(reason));
            }
        }
        let json = read(outbound, url).await.map(Arc::new);
        let noted = json.as_ref().map(Arc::clone).map_err(|error| format!("{url}: {error:?}"));
        *slot = Some(Document { read: Instant::now(), json: noted });
        json
    }

    fn slot(&self, url: &str) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= DOCUMENTS_MAX && !slots.contains_key(url) {
            slots.clear();
        }
        Arc::clone(slots.entry(url.to_owned()).or_default())
    }
}

async fn read(outbound: &Outbound, url: &str) -> Result<Json> {
    let told = outbound.ask(Asked { url, headers: Vec::new(), body: None }).await?;
    if !told.is_success() {
        return Err(Error::invalid("").caused_by(format!("status {}", told.status)));
    }
    serde_json::from_slice(&told.body).map_err(|error| Error::invalid("").caused_by(error))
}
