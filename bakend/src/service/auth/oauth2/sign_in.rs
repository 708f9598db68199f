//! A code in, somebody signed in out.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value as Json, json};

use super::{
    Kept,
    account::{self, Account},
    exchange::{self, Brought},
    link::{self, Linked},
    provider::Provider,
};
use crate::{
    Error, FieldError, FieldErrors, Result,
    query::{Context, RequestInfo},
    schema::{Collection, auth_options::OAuth2Provider},
    service::{
        auth::finish::{Answer, Method, Proof, finish, options},
        records::Call,
    },
};

/// Longest time that the provider's answers may take together. Source: PocketBase web API.
const PROVIDER_DEADLINE: Duration = Duration::from_secs(30);
/// Longest provider name, in characters. Source: PocketBase web API.
const NAME_MAX_CHARS: usize = 100;
/// Longest code, verifier or redirect URL, in bytes; providers' codes have some hundred.
const TEXT_MAX_BYTES: usize = 16 << 10;
const REFUSED: &str = "An error occurred while loading the submitted data.";

/// What a client brings back from a provider.
#[derive(Clone, Debug, Default)]
pub struct Code {
    /// Which provider.
    pub provider: String,
    /// Good once.
    pub code: String,
    /// What the code is bound to; `""`: nothing.
    pub verifier: String,
    /// Where the provider sent the code.
    pub redirect_url: String,
    /// Fields of the record, should it be new.
    pub create_data: Map<String, Json>,
}

/// Signs in with a provider's code: as the record that is linked to the person at the provider, as who asks (which links them), as the record
/// with the address that the provider vouches for, or as a new record.
///
/// # Errors
/// - `Forbidden`: the collection does not allow it, or the auth rule refuses the record.
/// - `Invalid` with field errors: the provider is not one of the collection's, something is missing, or the new record is refused; without:
///   the provider refuses the code, or does not tell who it is.
pub async fn with_oauth2(
    call: &Call,
    collection: &Arc<Collection>,
    code: &Code,
    mfa_id: &str,
    expand: &str,
) -> Result<Answer> {
    let oauth2 = &options(collection)?.oauth2;
    if !oauth2.enabled {
        return Err(Error::forbidden("The collection is not configured to allow OAuth2 authentication."));
    }
    let set = check(code, oauth2.providers.iter().find(|set| set.name == code.provider))?;
    let kept = call.app.oauth2();
    let asked = tokio::time::timeout(PROVIDER_DEADLINE, ask(kept, set, code)).await;
    let account = asked.map_err(|_| no_user("the provider takes too long"))??;
    if account.profile.id.is_empty() {
        // All who have no id would be the same person.
        let errors = FieldErrors::one("providerId", FieldError::required());
        return Err(Error::invalid("Failed to authenticate.").fields(errors));
    }
    let info = RequestInfo { context: Context::OAuth2, ..(*call.info).clone() };
    let call = Call { info: Arc::new(info), ..call.clone() };
    let Linked { record, is_new } = link::record(&call, collection, &account.profile, code).await?;
    let proof = Proof { record, method: Method::OAuth2, meta: Some(meta(account, is_new)) };
    finish(&call, proof, mfa_id, expand).await
}

fn check<'a>(code: &Code, set: Option<&'a OAuth2Provider>) -> Result<&'a OAuth2Provider> {
    let mut errors = FieldErrors::new();
    let name = &code.provider;
    if name.is_empty() {
        errors.add("provider", FieldError::required());
    } else if name.chars().count() > NAME_MAX_CHARS {
        let message = format!("The length must be no more than {NAME_MAX_CHARS}.");
        let error = FieldError::new("validation_length_too_long", message);
        errors.add("provider", error.with("max", NAME_MAX_CHARS).with("min", 0));
    } else if set.is_none() {
        let message = format!("Provider with name {name} is missing or is not enabled.");
        let error = FieldError::new("validation_invalid_provider", message);
        errors.add("provider", error.with("name", name.as_str()));
    }
    if code.code.is_empty() {
        errors.add("code", FieldError::required());
    }
    let texts = [("code", &code.code), ("codeVerifier", &code.verifier), ("redirectURL", &code.redirect_url)];
    for (property, _) in texts.into_iter().filter(|(_, text)| text.len() > TEXT_MAX_BYTES) {
        let message = format!("The length must be no more than {TEXT_MAX_BYTES}.");
        let error = FieldError::new("validation_length_too_long", message);
        errors.add(property, error.with("max", TEXT_MAX_BYTES).with("min", 0));
    }
    match set {
        Some(set) if errors.is_empty() => Ok(set),
        _ => Err(Error::invalid(REFUSED).fields(errors)),
    }
}

async fn ask(kept: &Kept, set: &OAuth2Provider, code: &Code) -> Result<Account> {
    let no_token = |error: Error| Error::invalid("Failed to fetch OAuth2 token.").caused_by(error);
    let provider = Provider::find(kept, set).await.map_err(no_token)?;
    let brought = Brought { code: &code.code, verifier: &code.verifier, redirect_url: &code.redirect_url };
    let grant = exchange::exchange(kept, &provider, &brought).await.map_err(no_token)?;
    account::ask(kept, &provider, &brought, grant).await.map_err(no_user)
}

fn no_user(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::invalid("Failed to fetch OAuth2 user.").caused_by(why)
}

/// What the client hears of the person at the provider.
fn meta(account: Account, is_new: bool) -> Json {
    let Account { profile, raw, grant } = account;
    json!({
        "id": profile.id,
        "name": profile.name,
        "username": profile.username,
        "email": profile.email,
        "avatarURL": profile.avatar_url,
        "avatarUrl": profile.avatar_url,
        "accessToken": grant.access_token,
        "refreshToken": grant.refresh_token,
        "expiry": grant.expiry,
        "rawUser": raw,
        "isNew": is_new,
    })
}
