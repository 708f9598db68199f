//! Id tokens: who signed them, for whom, until when, and for which request.

use jsonwebtoken::{Algorithm, DecodingKey, Validation, dangerous, decode, decode_header, jwk::Jwk};
use serde_json::{Map, Value as Json};

use super::{Kept, provider::IdProof, published};
use crate::{Error, Result, clock};

/// Longest id token, in bytes.
const TOKEN_MAX_BYTES: usize = 64 << 10;
/// How far clocks may be apart, in seconds.
const CLOCK_SKEW_SECONDS: u64 = 60;
/// Longest time since a token was made for it to be taken, in seconds, where no signature is looked at.
const AGE_MAX_SECONDS: i64 = 10 * 60;
/// Signatures that only the holder of a private key can make: with a shared secret, or none, anybody who knows the public key could.
const ALGORITHMS: [Algorithm; 9] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
    Algorithm::ES256,
    Algorithm::ES384,
    Algorithm::EdDSA,
];

/// What a token must be besides proven.
pub(super) struct Wanted<'a> {
    /// Our client id.
    pub audience: &'a str,
    /// What the request was bound to; `""`: nothing.
    pub nonce: &'a str,
}

/// The claims of an id token that proves what it has to.
///
/// # Errors
/// `Invalid`: it does not; the reason is the source.
pub(super) async fn claims(kept: &Kept, token: &str, proof: Option<&IdProof>, wanted: &Wanted<'_>) -> Result<Json> {
    if token.len() > TOKEN_MAX_BYTES {
        return Err(refused("the id token is too long"));
    }
    let claims = match proof.filter(|proof| !proof.keys_url.is_empty()) {
        Some(proof) => signed(kept, token, &proof.keys_url, wanted).await?,
        None => unsigned(token, wanted)?,
    };
    if let Some(proof) = proof.filter(|proof| !proof.issuers.is_empty()) {
        let issuer = claims.get("iss").and_then(Json::as_str).unwrap_or_default();
        if !proof.issuers.iter().any(|known| known == issuer) {
            return Err(refused(format!("the id token is of another issuer: {issuer}")));
        }
    }
    bound(&claims, wanted)?;
    Ok(Json::Object(claims))
}

async fn signed(kept: &Kept, token: &str, keys_url: &str, wanted: &Wanted<'_>) -> Result<Map<String, Json>> {
    // A token without signature does not even have a header that can be read.
    let header = decode_header(token).map_err(refused)?;
    if !ALGORITHMS.contains(&header.alg) {
        return Err(refused(format!("id tokens are not signed with {:?}", header.alg)));
    }
    let mut rules = Validation::new(header.alg);
    rules.set_audience(&[wanted.audience]);
    rules.set_required_spec_claims(&["exp", "aud"]);
    rules.validate_nbf = true;
    rules.leeway = CLOCK_SKEW_SECONDS;
    let mut reason = refused("no key fits");
    for again in [false, true] {
        let set = published::keys(kept, keys_url, again).await?;
        let fitting: Vec<&Jwk> = set.keys.iter().filter(|key| fits(key, header.kid.as_deref(), header.alg)).collect();
        for key in &fitting {
            let outcome = DecodingKey::from_jwk(key).and_then(|key| decode::<Map<String, Json>>(token, &key, &rules));
            match outcome {
                Ok(token) => return Ok(token.claims),
                Err(error) => reason = refused(error),
            }
        }
        if !fitting.is_empty() {
            break;
        }
    }
    Err(reason)
}

/// Whether a key may have signed: it has the token's name, and is not meant for something else.
fn fits(key: &Jwk, kid: Option<&str>, algorithm: Algorithm) -> bool {
    use jsonwebtoken::jwk::PublicKeyUse;
    let common = &key.common;
    let named = kid.is_none() || common.key_id.as_deref() == kid;
    let signs = common.public_key_use.as_ref().is_none_or(|use_| *use_ == PublicKeyUse::Signature);
    let same = common.key_algorithm.is_none_or(|own| own.to_string() == format!("{algorithm:?}"));
    named && signs && same
}

/// A token that came straight from the provider; that it did is all that speaks for it.
fn unsigned(token: &str, wanted: &Wanted<'_>) -> Result<Map<String, Json>> {
    // What says that it is not signed at all is nothing a provider sends.
    decode_header(token).map_err(refused)?;
    let claims: Map<String, Json> = dangerous::insecure_decode_claims(token).map_err(refused)?;
    let audience = match claims.get("aud") {
        Some(Json::String(one)) => one == wanted.audience,
        Some(Json::Array(list)) => list.iter().any(|one| one == wanted.audience),
        _ => false,
    };
    let second = |name: &str| claims.get(name).and_then(Json::as_i64);
    let (now, skew) = (clock::now_unix_seconds(), CLOCK_SKEW_SECONDS.cast_signed());
    let alive = second("exp").is_none_or(|exp| exp.saturating_add(skew) > now);
    let made = second("iat").is_some_and(|iat| iat <= now + skew && iat >= now - AGE_MAX_SECONDS);
    if audience && alive && made { Ok(claims) } else { Err(refused("the id token is not for us, or not of now")) }
}

/// A token of another request is refused; one that names none can only come with a verifier's code, which is bound already.
fn bound(claims: &Map<String, Json>, wanted: &Wanted<'_>) -> Result<()> {
    let nonce = claims.get("nonce").and_then(Json::as_str).unwrap_or_default();
    if !wanted.nonce.is_empty() && !nonce.is_empty() && nonce != wanted.nonce {
        return Err(refused("the id token belongs to another request"));
    }
    // With one audience it is us; of several, the token must say that it was made for us.
    let shared = claims.get("aud").and_then(Json::as_array).is_some_and(|list| list.len() > 1);
    if shared && claims.get("azp").and_then(Json::as_str) != Some(wanted.audience) {
        return Err(refused("the id token was made for another client"));
    }
    Ok(())
}

fn refused(why: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::invalid("").caused_by(why)
}
