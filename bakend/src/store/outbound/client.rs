//! The client: one pool of connections, TLS in Rust, roots of the system and Mozilla's.

use std::{sync::Arc, sync::OnceLock, time::Duration};

use reqwest::{Client, ClientBuilder, Method, Response, header, redirect::Policy};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

use super::download::PublicNames;
use crate::{Error, Result};

/// Longest time one request may take, its body included.
const REQUEST_DEADLINE: Duration = Duration::from_secs(10);
/// Longest time to connect.
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);
/// Largest answer that is read into memory, in bytes.
const ANSWER_MAX_BYTES: usize = 1 << 20;
/// How we call ourselves: some services refuse who does not.
const USER_AGENT: &str = concat!("bakend/", env!("CARGO_PKG_VERSION"));

/// Sends requests. The clients are made when they are first needed: reading the system's certificates takes milliseconds.
#[derive(Default)]
pub(crate) struct Outbound {
    anywhere: OnceLock<Client>,
    public: OnceLock<Client>,
}

/// A request of ours.
pub(crate) struct Asked<'a> {
    /// Where.
    pub url: &'a str,
    /// Beside the usual ones.
    pub headers: Vec<(&'a str, String)>,
    /// Content type and bytes; with them it is a POST.
    pub body: Option<(&'static str, String)>,
}

/// What came back.
pub(crate) struct Told {
    /// 200, …
    pub status: u16,
    /// As sent.
    pub content_type: String,
    /// At most [`ANSWER_MAX_BYTES`], or what was said.
    pub body: Vec<u8>,
}

impl Told {
    /// Whether the status says that all is well.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl Outbound {
    /// Sends a request and reads the answer.
    ///
    /// # Errors
    /// `Invalid`: the other side cannot be reached, is too slow or sends too much; the reason is the source.
    pub async fn ask(&self, asked: Asked<'_>) -> Result<Told> {
        self.ask_up_to(ANSWER_MAX_BYTES, asked).await
    }

    /// The same for an answer of at most so many bytes.
    ///
    /// # Errors
    /// As of [`ask`](Self::ask).
    pub async fn ask_up_to(&self, bytes_max: usize, asked: Asked<'_>) -> Result<Told> {
        let failed = |error: reqwest::Error| Error::invalid("").caused_by(error.without_url());
        let method = if asked.body.is_some() { Method::POST } else { Method::GET };
        let mut request = self.anywhere()?.request(method, asked.url).header(header::ACCEPT, "application/json");
        for (name, value) in &asked.headers {
            request = request.header(*name, value);
        }
        if let Some((content_type, body)) = asked.body {
            request = request.header(header::CONTENT_TYPE, content_type).body(body);
        }
        let response = request.send().await.map_err(failed)?;
        let status = response.status().as_u16();
        let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let content_type = kind.unwrap_or_default().to_owned();
        Ok(Told { status, content_type, body: read(response, bytes_max).await? })
    }

    fn anywhere(&self) -> Result<&Client> {
        kept(&self.anywhere, builder)
    }

    /// A client that finds public addresses only, and goes there by no proxy.
    pub(super) fn public(&self) -> Result<&Client> {
        kept(&self.public, || Ok(builder()?.dns_resolver(Arc::new(PublicNames)).no_proxy()))
    }

    /// The client for a reach.
    pub(super) fn reaching(&self, reach: super::Reach) -> Result<&Client> {
        match reach {
            super::Reach::Public => self.public(),
            #[cfg(test)]
            super::Reach::Anywhere => self.anywhere(),
        }
    }
}

async fn read(mut response: Response, bytes_max: usize) -> Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() <= bytes_max => body.extend_from_slice(&chunk),
            Ok(Some(_)) => return Err(Error::invalid("").caused_by("the answer is too large")),
            Ok(None) => return Ok(body),
            Err(error) => return Err(Error::invalid("").caused_by(error.without_url())),
        }
    }
}

fn kept(place: &OnceLock<Client>, build: impl FnOnce() -> Result<ClientBuilder>) -> Result<&Client> {
    if let Some(client) = place.get() {
        return Ok(client);
    }
    let client = build()?.build().map_err(Error::internal)?;
    Ok(place.get_or_init(|| client))
}

fn builder() -> Result<ClientBuilder> {
    Ok(Client::builder()
        .tls_backend_preconfigured(tls()?)
        // A redirect would carry codes and tokens to who knows where.
        .redirect(Policy::none())
        .connect_timeout(CONNECT_DEADLINE)
        .timeout(REQUEST_DEADLINE)
        .user_agent(USER_AGENT))
}

/// Mozilla's roots, so that it works where the system has none; the system's, so that a company's own authority is known too.
fn tls() -> Result<ClientConfig> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::debug!(%error, "a certificate of the system cannot be read");
    }
    roots.add_parsable_certificates(found.certs);
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(Error::internal)?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}
