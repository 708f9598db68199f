//! The picture of somebody new.

use std::time::Duration;

use serde_json::{Map, Value as Json};
use url::Url;

use super::profile::Profile;
use crate::{
    Result,
    schema::{Collection, FieldKind},
    service::{
        auth::finish::options,
        files,
        records::{Call, Upload},
    },
    store::outbound::Reach,
};

/// Longest time that a picture may take. Source: PocketBase web API.
const DEADLINE: Duration = Duration::from_secs(10);
/// Largest picture, in bytes. Source: PocketBase web API.
const MAX_BYTES: u64 = 32 << 20;

/// The picture, for the file field that wants it; `None`: there is no such field or picture, or it cannot be had, which the log tells. Nobody
/// is kept out for want of a picture.
pub(super) async fn fetch(
    call: &Call,
    collection: &Collection,
    profile: &Profile,
    sent: &Map<String, Json>,
) -> Option<Upload> {
    let name = &options(collection).ok()?.oauth2.mapped_fields.avatar_url;
    let field = collection.field(name)?;
    let FieldKind::File(options) = &field.kind else { return None };
    if profile.avatar_url.is_empty() || sent.contains_key(name) {
        return None;
    }
    let max = u64::try_from(options.max_size).ok().filter(|max| *max > 0).map_or(MAX_BYTES, |max| max.min(MAX_BYTES));
    let outcome = tokio::time::timeout(DEADLINE, download(call, name, &profile.avatar_url, max)).await;
    match outcome {
        Ok(Ok(picture)) if files::suits(field, &picture) => return Some(picture),
        Ok(Ok(_)) => tracing::info!("an avatar is not what its field takes"),
        Ok(Err(error)) => tracing::info!(?error, "an avatar cannot be downloaded"),
        Err(_) => tracing::info!("an avatar takes too long"),
    }
    None
}

async fn download(call: &Call, field: &str, url: &str, max_bytes: u64) -> Result<Upload> {
    let (mut file, staged) = files::temporary(&call.app)?;
    let size = call.app.oauth2().outbound.download(url, Reach::Public, max_bytes, &mut file).await?;
    files::written(field.to_owned(), file_name(url), staged, size)
}

/// The last part of the path.
fn file_name(url: &str) -> String {
    let parsed = Url::parse(url).ok();
    let last = parsed.as_ref().and_then(|url| url.path_segments()?.next_back()).unwrap_or_default();
    if last.is_empty() { "avatar".to_owned() } else { last.to_owned() }
}
