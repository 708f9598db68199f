//! Who brought a code: the provider is asked, and its answer read.

use serde_json::Value as Json;

use super::{
    Kept,
    exchange::{Brought, Grant},
    id_token::{self, Wanted},
    odd::{APPLE_ISSUER, MICROSOFT_KEYS},
    pkce,
    profile::{self, Profile, is_true, text},
    provider::{IdProof, Provider},
    table::Way,
};
use crate::{Error, Result, store::outbound::Asked};

/// A person at a provider, and what the provider gave us.
pub(super) struct Account {
    /// Who.
    pub profile: Profile,
    /// Everything that the provider tells.
    pub raw: Json,
    /// Its tokens.
    pub grant: Grant,
}

/// Asks the provider who it is.
///
/// # Errors
/// `Invalid`: it does not tell, or what it tells is not proven; the reason is the source.
pub(super) async fn ask(kept: &Kept, provider: &Provider<'_>, brought: &Brought<'_>, grant: Grant) -> Result<Account> {
    let (raw, email) = match provider.row.way {
        Way::Get | Way::GetWith(_) | Way::GraphQl(_) => (user(kept, provider, &grant).await?, None),
        Way::Addresses(list) => {
            let user = user(kept, provider, &grant).await?;
            let own = if list.own { text(&user, provider.row.paths.email) } else { String::new() };
            let email = if is_address(&own) { own } else { listed(kept, provider, &grant, &user, list).await };
            (user, Some(email))
        }
        Way::Microsoft => (user(kept, provider, &grant).await?, microsoft(kept, provider, &grant).await?),
        Way::Oidc => (oidc(kept, provider, brought, &grant).await?, None),
        Way::Apple => (apple(kept, provider, brought, &grant).await?, None),
    };
    let mut profile = profile::read(provider.row, &raw, &grant.answer)?;
    if let Some(email) = email {
        profile.email = email;
    }
    Ok(Account { profile, raw, grant })
}

fn is_address(text: &str) -> bool {
    text.is_ascii() && text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
}

/// The answer of the user endpoint.
async fn user(kept: &Kept, provider: &Provider<'_>, grant: &Grant) -> Result<Json> {
    let mut headers = Vec::new();
    let mut body = None;
    match provider.row.way {
        Way::GetWith(more) => {
            headers.extend(more.iter().map(|(name, value)| (*name, value.replace("{id}", &provider.set.client_id))));
        }
        Way::GraphQl(query) => body = Some(("application/json", serde_json::json!({ "query": query }).to_string())),
        _ => {}
    }
    let json = told(kept, &provider.user_url, headers, body, grant).await?;
    if json.is_object() { Ok(json) } else { Err(refused("the user endpoint's answer is no object")) }
}

async fn told(
    kept: &Kept,
    url: &str,
    mut headers: Vec<(&str, String)>,
    body: Option<(&'static str, String)>,
    grant: &Grant,
) -> Result<Json> {
    headers.push(("authorization", format!("Bearer {}", grant.access_token)));
    let told = kept.outbound.ask(Asked { url, headers, body }).await?;
    if !told.is_success() {
        return Err(refused(format!("{url} answers {}", told.status)));
    }
    serde_json::from_slice(&told.body).map_err(refused)
}

/// The trusted address out of a list; `""`: there is none, or the list is not shown to us.
async fn listed(
    kept: &Kept,
    provider: &Provider<'_>,
    grant: &Grant,
    user: &Json,
    list: super::odd::Addresses,
) -> String {
    // Who is refused anyway need not be asked about.
    if profile::read(provider.row, user, &grant.answer).is_err() {
        return String::new();
    }
    match told(kept, &list.url(&provider.user_url), Vec::new(), None, grant).await {
        Ok(answer) => list.trusted(&answer).unwrap_or_default(),
        Err(error) => {
            tracing::debug!(?error, provider = provider.row.name, "the addresses of an account are not shown");
            String::new()
        }
    }
}

async fn oidc(kept: &Kept, provider: &Provider<'_>, brought: &Brought<'_>, grant: &Grant) -> Result<Json> {
    let required = provider.user_url.is_empty() || provider.proof.as_ref().is_some_and(|proof| proof.required);
    let nonce = pkce::nonce(brought.verifier);
    let wanted = Wanted { audience: &provider.set.client_id, nonce: &nonce };
    let proven = match required {
        true => Some(id_token::claims(kept, &grant.id_token, provider.proof.as_ref(), &wanted).await?),
        false => None,
    };
    if provider.user_url.is_empty() {
        return proven.ok_or_else(|| refused("there is neither a user endpoint nor an id token"));
    }
    let user = user(kept, provider, grant).await?;
    // An answer about somebody else would let the one sign in as the other.
    if proven.is_some_and(|claims| text(&claims, "/sub") != text(&user, "/sub")) {
        return Err(refused("the user endpoint and the id token speak of different people"));
    }
    Ok(user)
}

/// The address of the id token, if the collection says which of its claims to trust; `None`: it does not.
async fn microsoft(kept: &Kept, provider: &Provider<'_>, grant: &Grant) -> Result<Option<String>> {
    let trusted = provider.extra("idTokenEmailClaim");
    if trusted.is_empty() {
        return Ok(None);
    }
    let named = provider.extra("jwksURL");
    let keys_url = if named.is_empty() { MICROSOFT_KEYS.to_owned() } else { named };
    let proof = IdProof { keys_url, issuers: Vec::new(), required: true };
    let wanted = Wanted { audience: &provider.set.client_id, nonce: "" };
    let claims = id_token::claims(kept, &grant.id_token, Some(&proof), &wanted).await?;
    let listed = |name: &str| text(&claims, &format!("/{name}/0"));
    let owned = || if is_true(&claims, "/xms_edov") { text(&claims, "/email") } else { String::new() };
    let first = |options: [String; 3]| options.into_iter().find(|email| !email.is_empty()).unwrap_or_default();
    Ok(Some(match trusted.as_str() {
        "email" => text(&claims, "/email"),
        "email_and_xms_edov" => owned(),
        "verified_primary_email" => listed("verified_primary_email"),
        "any_verified" => first([listed("verified_primary_email"), listed("verified_secondary_email"), owned()]),
        _ => String::new(),
    }))
}

async fn apple(kept: &Kept, provider: &Provider<'_>, brought: &Brought<'_>, grant: &Grant) -> Result<Json> {
    let proof = IdProof { keys_url: provider.user_url.clone(), issuers: vec![APPLE_ISSUER.to_owned()], required: true };
    let wanted = Wanted { audience: &provider.set.client_id, nonce: "" };
    let mut claims = id_token::claims(kept, &grant.id_token, Some(&proof), &wanted).await?;
    // Apple tells the name once, to the browser; it came by our redirect page.
    let name = kept.names.remove(brought.code).map(|(_, (told, name))| (told.elapsed(), name));
    if let (Some((age, name)), Some(claims)) = (name, claims.as_object_mut())
        && age < super::redirect::NAME_LIFE
    {
        claims.insert("name".to_owned(), name.into());
    }
    Ok(claims)
}

fn refused(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::invalid("").caused_by(why)
}
