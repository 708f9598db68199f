//! Files in a bucket of an S3-compatible store.

use std::{
    fs::File,
    io::{self, Read as _},
    path::Path,
    sync::{Arc, Once},
    time::Duration,
};

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _};
use object_store::{
    Attribute, Attributes, ClientOptions, GetOptions, GetRange, ObjectStore as _, ObjectStoreExt as _,
    PutMultipartOptions, PutOptions, PutPayload, RetryConfig, WriteMultipart,
    aws::{AmazonS3, AmazonS3Builder},
    path::Path as Key,
    signer::{SignedUrlOptions, Signer as _},
};
use reqwest::Method;

use super::{About, Content, Found, Walk, thumbs_folder};
use crate::{Error, Result, limits};

/// Which bucket, and who we are to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BucketOptions {
    /// URL of the store; `https://` when it names no scheme.
    pub endpoint: String,
    /// Where it is.
    pub region: String,
    /// The bucket's name.
    pub bucket: String,
    /// Public half of the key.
    pub access_key: String,
    /// Secret half of the key.
    pub secret: String,
    /// Whether the bucket is in the path instead of the host.
    pub force_path_style: bool,
}

/// A bucket. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Bucket {
    client: Arc<AmazonS3>,
}

impl Bucket {
    /// The bucket of these options; nothing is asked of it yet.
    ///
    /// # Errors
    /// `Invalid`: the options cannot be those of a bucket; the source says why.
    pub fn new(options: &BucketOptions) -> Result<Self> {
        use_ring();
        let wrong =
            |reason: String| Error::invalid("The settings of the S3 storage are not complete.").caused_by(reason);
        let whole = if options.endpoint.contains("://") {
            options.endpoint.clone()
        } else {
            format!("https://{}", options.endpoint)
        };
        let mut endpoint = url::Url::parse(&whole).map_err(|error| wrong(error.to_string()))?;
        if !options.force_path_style {
            let host = endpoint.host_str().ok_or_else(|| wrong("the endpoint has no host".to_owned()))?;
            let host = format!("{}.{host}", options.bucket);
            endpoint.set_host(Some(&host)).map_err(|error| wrong(error.to_string()))?;
        }
        let retry = RetryConfig {
            max_retries: limits::S3_RETRIES_MAX,
            retry_timeout: limits::S3_RETRY_DEADLINE,
            ..RetryConfig::default()
        };
        // No deadline for a whole request: a large file may take its time. A store that falls silent is given up on.
        let client = ClientOptions::new()
            .with_connect_timeout(limits::S3_CONNECT_DEADLINE)
            .with_read_timeout(limits::S3_SILENCE_DEADLINE)
            .with_timeout_disabled()
            .with_allow_http(endpoint.scheme() == "http");
        let client = AmazonS3Builder::new()
            .with_endpoint(endpoint.as_str().trim_end_matches('/'))
            .with_region(&options.region)
            .with_bucket_name(&options.bucket)
            .with_access_key_id(&options.access_key)
            .with_secret_access_key(&options.secret)
            .with_virtual_hosted_style_request(!options.force_path_style)
            .with_client_options(client)
            .with_retry(retry)
            .build()
            .map_err(|error| wrong(error.to_string()))?;
        Ok(Self { client: Arc::new(client) })
    }

    /// Copies a local file up, part by part.
    pub(super) async fn upload(&self, path: &str, local: &Path, about: &About) -> Result<()> {
        let key = key(path)?;
        let local = local.to_owned();
        let (file, size) = super::blocking(move || {
            let file = File::open(local)?;
            let size = file.metadata()?.len();
            Ok((file, size))
        })
        .await?;
        if size <= limits::S3_PART_BYTES {
            let (_, content) = read_part(file, limits::S3_PART_BYTES).await?;
            return self.put(path, content, about).await;
        }
        let options = PutMultipartOptions { attributes: attributes(about), ..PutMultipartOptions::default() };
        let part = part_bytes(size);
        let upload = self.client.put_multipart_opts(&key, options).await.map_err(failed)?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, usize::try_from(part).unwrap_or(usize::MAX));
        let sent = send_parts(&mut upload, file, part).await;
        match sent {
            Ok(()) => upload.finish().await.map(drop).map_err(failed),
            Err(error) => {
                if let Err(error) = upload.abort().await {
                    tracing::warn!(%error, path, "an upload that failed could not be taken back");
                }
                Err(error)
            }
        }
    }

    async fn put(&self, path: &str, content: Bytes, about: &About) -> Result<()> {
        let options = PutOptions { attributes: attributes(about), ..PutOptions::default() };
        self.client.put_opts(&key(path)?, PutPayload::from(content), options).await.map(drop).map_err(failed)
    }

    pub(super) async fn open(&self, path: &str, start: u64, length: u64) -> Result<Content> {
        if length == 0 {
            // A range of nothing cannot be asked for, but the file must be there.
            self.find(path).await?.ok_or_else(Error::not_found)?;
            return Ok(futures_util::stream::empty().boxed());
        }
        let range = GetRange::Bounded(start..start + length);
        let options = GetOptions { range: Some(range), ..GetOptions::default() };
        let found = self.client.get_opts(&key(path)?, options).await.map_err(failed)?;
        Ok(found.into_stream().map_err(io::Error::other).boxed())
    }

    pub(super) async fn find(&self, path: &str) -> Result<Option<Found>> {
        match self.client.head(&key(path)?).await {
            Ok(about) => {
                Ok(Some(Found { path: path.to_owned(), size: about.size, modified: about.last_modified.into() }))
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    pub(super) fn walk(&self, path: &str) -> Walk {
        let prefix = match path {
            "" => None,
            path => match key(path) {
                Ok(prefix) => Some(prefix),
                Err(_) => return futures_util::stream::empty().boxed(),
            },
        };
        let found = |about: object_store::ObjectMeta| Found {
            path: about.location.to_string(),
            size: about.size,
            modified: about.last_modified.into(),
        };
        self.client.list(prefix.as_ref()).map_ok(found).map_err(failed).boxed()
    }

    pub(super) async fn remove(&self, path: &str) -> Result<()> {
        let prefix = key(&thumbs_folder(path))?;
        let thumbs: Vec<Key> =
            self.client.list(Some(&prefix)).map_ok(|about| about.location).try_collect().await.map_err(failed)?;
        for key in thumbs.into_iter().chain([key(path)?]) {
            match self.client.delete(&key).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Ok(())
    }

    /// A URL under which anybody can read a file for a while; the store answers with this type and disposition.
    ///
    /// # Errors
    /// `Internal`: it cannot be signed.
    pub async fn link(&self, path: &str, life: Duration, about: &About) -> Result<String> {
        let said = [
            ("response-content-type", about.kind.as_str()),
            ("response-content-disposition", about.disposition.as_str()),
        ];
        let options = SignedUrlOptions::new().with_query(said.map(|(name, value)| (name.to_owned(), value.to_owned())));
        let url = self.client.signed_url_opts(Method::GET, &key(path)?, life, &options).await;
        Ok(url.map_err(failed)?.into())
    }

    /// Writes a file, reads it back and removes it.
    ///
    /// # Errors
    /// `Internal`: the store refuses one of these; [`reason`] has its words.
    pub async fn test(&self) -> Result<()> {
        let path = format!("bak_test_{}/probe.txt", crate::ids::record_id());
        let content = Bytes::from_static(b"bak");
        self.put(&path, content.clone(), &About::default()).await?;
        let found: Vec<Bytes> =
            self.open(&path, 0, content.len() as u64).await?.try_collect().await.map_err(Error::internal)?;
        if found.concat() != content {
            return Err(Error::internal("what was read is not what was written"));
        }
        self.remove(&path).await
    }
}

/// The words of the store in an error, for superusers.
pub fn reason(error: &Error) -> String {
    let mut reason = std::error::Error::source(error);
    let mut words = error.message().to_owned();
    while let Some(inner) = reason {
        words = inner.to_string();
        reason = inner.source();
    }
    words
}

/// TLS by ring, for all of the process: the other choice needs cmake to build.
fn use_ring() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that the program that embeds us has chosen already.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

fn key(path: &str) -> Result<Key> {
    // `parse` takes the name as it is, so that the key is the one PocketBase would use.
    Key::parse(path).map_err(|error| Error::not_found().caused_by(error))
}

fn attributes(about: &About) -> Attributes {
    let mut attributes = Attributes::new();
    for (attribute, value) in
        [(Attribute::ContentType, &about.kind), (Attribute::ContentDisposition, &about.disposition)]
    {
        if !value.is_empty() {
            attributes.insert(attribute, value.clone().into());
        }
    }
    attributes
}

/// Parts as small as they may be, and not more than there may be.
fn part_bytes(size: u64) -> u64 {
    limits::S3_PART_BYTES.max(size.div_ceil(limits::S3_PARTS_MAX))
}

async fn send_parts(upload: &mut WriteMultipart, mut file: File, part: u64) -> Result<()> {
    loop {
        upload.wait_for_capacity(limits::S3_PARTS_PARALLEL).await.map_err(failed)?;
        let content;
        (file, content) = read_part(file, part).await?;
        if content.is_empty() {
            return Ok(());
        }
        upload.put(content);
    }
}

async fn read_part(mut file: File, most: u64) -> Result<(File, Bytes)> {
    super::blocking(move || {
        let mut content = Vec::new();
        (&mut file).take(most).read_to_end(&mut content)?;
        Ok((file, content.into()))
    })
    .await
}

fn failed(error: object_store::Error) -> Error {
    match error {
        object_store::Error::NotFound { .. } => Error::not_found().caused_by(error),
        error => Error::internal(error).message_set("The file storage (S3) does not answer as it should."),
    }
}
