//! Whether the server is there.

use axum::response::Response;
use serde_json::json;

use super::extract::Asked;
use crate::Result;

/// Headers by which proxies tell the client's address.
const PROXY_HEADERS: [&str; 6] =
    ["X-Forwarded-For", "X-Real-IP", "CF-Connecting-IP", "Fly-Client-IP", "True-Client-IP", "Forwarded"];

pub(super) async fn health(asked: Asked) -> Result<Response> {
    const GUEST: &[u8] = br#"{"message":"API is healthy.","code":200,"data":{}}"#;
    if !asked.is_superuser() {
        return asked.answer(GUEST.to_vec());
    }
    let trusted = !asked.settings().trusted_proxy.headers.is_empty();
    let seen = PROXY_HEADERS.iter().find(|name| !trusted && asked.headers.contains_key(**name));
    // Backups come with a later version; until then none can be made.
    let data = json!({
        "canBackup": false,
        "realIP": asked.address().to_string(),
        "possibleProxyHeader": seen.copied().unwrap_or_default(),
    });
    let answer = json!({ "message": "API is healthy.", "code": 200, "data": data });
    asked.answer(answer.to_string().into_bytes())
}
