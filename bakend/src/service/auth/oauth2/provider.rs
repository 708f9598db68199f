//! A provider as a collection has it: the table's row with the collection's own settings over it.

use serde_json::Value as Json;

use super::{
    Kept, published,
    table::{self, Row, Way},
};
use crate::{Error, Result, schema::auth_options::OAuth2Provider};

/// A provider that can be asked.
pub(super) struct Provider<'a> {
    /// What it is by itself.
    pub row: &'static Row,
    /// What the collection says.
    pub set: &'a OAuth2Provider,
    /// Where people agree.
    pub auth_url: String,
    /// Where codes become tokens.
    pub token_url: String,
    /// Where tokens tell who it is; `""`: the id token does.
    pub user_url: String,
    /// What id tokens are held against; `None`: they come straight from the provider over TLS, and that has to do.
    pub proof: Option<IdProof>,
}

/// What an id token has to prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct IdProof {
    /// Where the keys are; `""`: signatures are not looked at.
    pub keys_url: String,
    /// Who may have signed; empty: anybody with such a key.
    pub issuers: Vec<String>,
    /// Whether there must be an id token at all.
    pub required: bool,
}

impl<'a> Provider<'a> {
    /// Looks up what the settings leave open, at the issuer where one is named.
    ///
    /// # Errors
    /// `Invalid`: there is no such provider, or the issuer does not answer as one should.
    pub async fn find(kept: &Kept, set: &'a OAuth2Provider) -> Result<Self> {
        let row = table::find(&set.name).ok_or_else(|| Error::invalid("").caused_by("no such provider"))?;
        let or = |own: &str, default: &str| if own.is_empty() { default.to_owned() } else { own.to_owned() };
        let mut provider = Self {
            row,
            set,
            auth_url: or(&set.auth_url, row.urls[0]),
            token_url: or(&set.token_url, row.urls[1]),
            user_url: or(&set.user_info_url, row.urls[2]),
            proof: None,
        };
        if matches!(row.way, Way::Oidc) {
            provider.proof = provider.named_proof();
            let issuer = provider.extra("issuer");
            if !issuer.is_empty() {
                provider.discover(kept, &issuer).await?;
            }
        }
        Ok(provider)
    }

    /// The issuer's own word on where everything is; what the collection says stands.
    async fn discover(&mut self, kept: &Kept, issuer: &str) -> Result<()> {
        let told = published::metadata(kept, issuer).await?;
        let fill = |place: &mut String, told: &str| {
            if place.is_empty() {
                *place = told.to_owned();
            }
        };
        fill(&mut self.auth_url, &told.authorization_endpoint);
        fill(&mut self.token_url, &told.token_endpoint);
        fill(&mut self.user_url, &told.userinfo_endpoint);
        let named = self.proof.take();
        let keys_url = named.map(|named| named.keys_url).filter(|url| !url.is_empty()).unwrap_or(told.jwks_uri);
        self.proof = Some(IdProof { keys_url, issuers: vec![told.issuer], required: true });
        Ok(())
    }

    fn named_proof(&self) -> Option<IdProof> {
        let issuers = self.set.extra.get("issuers").and_then(Json::as_array).into_iter().flatten();
        let issuers: Vec<String> = issuers.filter_map(Json::as_str).map(str::to_owned).collect();
        let keys_url = self.extra("jwksURL");
        let is_named = !keys_url.is_empty() || !issuers.is_empty();
        is_named.then_some(IdProof { keys_url, issuers, required: false })
    }

    /// A text of the provider's own settings.
    pub fn extra(&self, name: &str) -> String {
        self.set.extra.get(name).and_then(Json::as_str).unwrap_or_default().to_owned()
    }

    /// Whether codes are bound to a verifier.
    pub fn pkce(&self) -> bool {
        self.set.pkce.unwrap_or(self.row.pkce)
    }

    /// How people know it.
    pub fn display_name(&self) -> &str {
        if self.set.display_name.is_empty() { self.row.display_name } else { &self.set.display_name }
    }

    /// What is asked for, parted by spaces.
    pub fn scopes(&self) -> String {
        // The address of an id token is only there when there is an id token.
        match self.row.way {
            Way::Microsoft if !self.extra("idTokenEmailClaim").is_empty() => format!("{} openid", self.row.scopes),
            _ => self.row.scopes.to_owned(),
        }
    }
}
