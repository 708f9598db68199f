//! The providers of a collection, with all that a client needs to send somebody there; and the providers there are.

use serde::Serialize;
use url::form_urlencoded;

use super::{
    logos, pkce,
    provider::Provider,
    table::{self, Row, Way},
};
use crate::{Error, Result, schema::auth_options::OAuth2Options, service::App};

/// A provider, and the beginning of a way through it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    /// To be sent with the code.
    pub name: String,
    /// For the button.
    pub display_name: String,
    /// An SVG picture; `""`: none.
    pub logo: &'static str,
    /// Comes back with the code.
    pub state: String,
    /// Where to send somebody; the redirect URL is to be appended.
    #[serde(rename = "authURL")]
    pub auth_url: String,
    /// The same under its old name.
    #[serde(rename = "authUrl")]
    pub old_auth_url: String,
    /// To be kept, and sent with the code; `""`: the provider knows no PKCE.
    pub code_verifier: String,
    /// Its hash, which is in the URL.
    pub code_challenge: String,
    /// `S256`, or `""`.
    pub code_challenge_method: &'static str,
}

/// The providers of a collection that can be asked at this moment. One whose issuer does not answer is left out, and the log says why.
pub async fn providers(app: &App, options: &OAuth2Options) -> Vec<Shown> {
    let mut shown = Vec::with_capacity(options.providers.len());
    for set in options.providers.iter().filter(|_| options.enabled) {
        match Provider::find(app.oauth2(), set).await {
            Ok(provider) => shown.push(begin(&provider)),
            Err(error) => tracing::warn!(?error, provider = set.name, "an OAuth2 provider is left out"),
        }
    }
    shown
}

/// Every provider that a collection may name, as JSON: `[{"name","displayName","logo"}]`.
///
/// # Errors
/// None in practice.
pub fn catalogue() -> Result<Vec<u8>> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Entry {
        name: &'static str,
        display_name: &'static str,
        logo: &'static str,
    }
    let entry = |row: &Row| Entry { name: row.name, display_name: row.display_name, logo: logos::of(row.name) };
    serde_json::to_vec(&table::ROWS.iter().map(entry).collect::<Vec<_>>()).map_err(Error::internal)
}

fn begin(provider: &Provider<'_>) -> Shown {
    let state = pkce::state();
    let verifier = if provider.pkce() { pkce::verifier() } else { String::new() };
    let challenge = if verifier.is_empty() { String::new() } else { pkce::challenge(&verifier) };
    let auth_url = auth_url(provider, &state, &verifier, &challenge);
    Shown {
        name: provider.set.name.clone(),
        display_name: provider.display_name().to_owned(),
        logo: logos::of(provider.row.name),
        state,
        old_auth_url: auth_url.clone(),
        auth_url,
        code_verifier: verifier,
        code_challenge_method: if challenge.is_empty() { "" } else { "S256" },
        code_challenge: challenge,
    }
}

/// Ends with an open `redirect_uri=`: clients append theirs.
fn auth_url(provider: &Provider<'_>, state: &str, verifier: &str, challenge: &str) -> String {
    let mut pairs = vec![("client_id", provider.set.client_id.clone())];
    if !challenge.is_empty() {
        pairs.push(("code_challenge", challenge.to_owned()));
        pairs.push(("code_challenge_method", "S256".to_owned()));
        if provider.proof.as_ref().is_some_and(|proof| proof.required) {
            pairs.push(("nonce", pkce::nonce(verifier)));
        }
    }
    if matches!(provider.row.way, Way::Apple) {
        pairs.push(("response_mode", "form_post".to_owned()));
    }
    pairs.push(("response_type", "code".to_owned()));
    let scopes = provider.scopes();
    if !scopes.is_empty() {
        pairs.push(("scope", scopes));
    }
    pairs.push(("state", state.to_owned()));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let glue = if provider.auth_url.contains('?') { '&' } else { '?' };
    format!("{}{glue}{query}&redirect_uri=", provider.auth_url)
}
