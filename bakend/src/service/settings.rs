//! Settings: what superusers change while the server runs.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use super::App;
use crate::{
    Error, FieldErrors, Result,
    store::{Store, system::params},
};

mod check;
mod net;
mod realtime;

pub use realtime::{ChannelRule, RealtimeSettings};

/// Their name among the parameters.
const NAME: &str = "settings";

/// Everything that superusers can set, as the API shows it; secrets are taken but never shown.
///
/// ```
/// # async fn demo(app: &bakend::App) -> bakend::Result<()> {
/// use bakend::serde_json::json;
/// app.change_settings(json!({"meta": {"appName": "Shop"}, "batch": {"enabled": true}})).await?;
/// assert_eq!(app.settings().meta.app_name, "Shop");
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Settings {
    /// Addresses and subnets from which superusers may come; empty: any.
    #[serde(rename = "superuserIPs")]
    pub superuser_ips: Vec<String>,
    /// How mails leave.
    pub smtp: Smtp,
    /// When and where backups are made.
    pub backups: Backups,
    /// Where files go.
    pub s3: S3,
    /// What the app is called.
    pub meta: Meta,
    /// How often clients may ask.
    pub rate_limits: RateLimits,
    /// How the clients' addresses are known behind a proxy.
    pub trusted_proxy: TrustedProxy,
    /// Several writes in one request.
    pub batch: Batch,
    /// What is logged.
    pub logs: Logs,
    /// How long changes are kept for clients that were away, and who may use which channel.
    pub realtime: RealtimeSettings,
}

/// How mails leave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Smtp {
    /// Whether mails leave by SMTP.
    pub enabled: bool,
    /// TCP port.
    pub port: i64,
    /// Name or address.
    pub host: String,
    /// Empty: no sign-in.
    pub username: String,
    /// Never shown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub password: String,
    /// `""`, `PLAIN` or `LOGIN`.
    pub auth_method: String,
    /// Whether TLS comes first; otherwise STARTTLS when offered.
    pub tls: bool,
    /// How we call ourselves.
    pub local_name: String,
}

impl Default for Smtp {
    fn default() -> Self {
        Self {
            enabled: false,
            port: 587,
            host: "smtp.example.com".to_owned(),
            username: String::new(),
            password: String::new(),
            auth_method: String::new(),
            tls: false,
            local_name: String::new(),
        }
    }
}

/// An S3-compatible store.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct S3 {
    /// Whether it is used.
    pub enabled: bool,
    /// Its name there.
    pub bucket: String,
    /// Where it is.
    pub region: String,
    /// URL.
    pub endpoint: String,
    /// Public half of the key.
    pub access_key: String,
    /// Never shown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub secret: String,
    /// Whether the bucket is in the path instead of the host.
    pub force_path_style: bool,
    /// Whether downloads are sent to the store by a link that is good for a while, instead of through this server. (PocketBase has no such
    /// setting, so it is shown only when it is on.)
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub redirect_downloads: bool,
}

/// When and where backups are made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Backups {
    /// Cron expression (UTC); empty: never.
    pub cron: String,
    /// Automatic backups that are kept.
    pub cron_max_keep: i64,
    /// Where they go when not into the data folder.
    pub s3: S3,
}

impl Default for Backups {
    fn default() -> Self {
        Self { cron: String::new(), cron_max_keep: 3, s3: S3::default() }
    }
}

/// What the app is called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Meta {
    /// `#rrggbb`, of the admin panel.
    pub accent_color: String,
    /// In mails and titles.
    pub app_name: String,
    /// In mails.
    #[serde(rename = "appURL")]
    pub app_url: String,
    /// Of mails.
    pub sender_name: String,
    /// Of mails.
    pub sender_address: String,
    /// Whether the admin panel keeps collections from being changed.
    pub hide_controls: bool,
}

impl Default for Meta {
    fn default() -> Self {
        Self {
            accent_color: "#1055c9".to_owned(),
            app_name: "Acme".to_owned(),
            app_url: "http://localhost:8090".to_owned(),
            sender_name: "Support".to_owned(),
            sender_address: "support@example.com".to_owned(),
            hide_controls: false,
        }
    }
}

/// How often clients may ask.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RateLimits {
    /// In order of precedence.
    pub rules: Vec<RateLimitRule>,
    /// Addresses and subnets without limits.
    #[serde(rename = "excludedIPs")]
    pub excluded_ips: Vec<String>,
    /// Whether they are in force.
    pub enabled: bool,
}

impl Default for RateLimits {
    fn default() -> Self {
        let rule = |label: &str, duration, max_requests| RateLimitRule {
            label: label.to_owned(),
            audience: String::new(),
            duration,
            max_requests,
        };
        let rules =
            vec![rule("*:auth", 3, 2), rule("*:create", 5, 20), rule("/api/batch", 1, 3), rule("/api/", 10, 300)];
        Self { rules, excluded_ips: Vec::new(), enabled: false }
    }
}

impl RateLimits {
    /// Whether an address is without limits.
    pub fn excludes(&self, address: IpAddr) -> bool {
        self.excluded_ips.iter().any(|net| net::contains(net, address))
    }
}

/// How often one kind of request may come from one address.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RateLimitRule {
    /// `METHOD /path`, `/path`, `/prefix/`, `collection:tag` or `*:tag`.
    pub label: String,
    /// `""`, `@guest` or `@auth`.
    pub audience: String,
    /// In seconds.
    pub duration: i64,
    /// In that time.
    pub max_requests: i64,
}

/// How the clients' addresses are known behind a proxy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TrustedProxy {
    /// Headers that the proxy sets; the first present counts.
    pub headers: Vec<String>,
    /// Whether the left-most address of the list counts.
    #[serde(rename = "useLeftmostIP")]
    pub use_leftmost_ip: bool,
}

/// Several writes in one request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Batch {
    /// Whether they are allowed.
    pub enabled: bool,
    /// In one batch.
    pub max_requests: i64,
    /// Longest time, in seconds.
    pub timeout: i64,
    /// In bytes; 0: [`BATCH_BODY_MAX_BYTES`](crate::limits::BATCH_BODY_MAX_BYTES).
    pub max_body_size: i64,
}

impl Default for Batch {
    fn default() -> Self {
        Self { enabled: false, max_requests: 50, timeout: 3, max_body_size: 0 }
    }
}

/// What is logged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Logs {
    /// Bytes of a log entry's data; 0: 16 KiB.
    pub max_data_size: i64,
    /// Days that entries are kept; 0: requests are not logged.
    pub max_days: i64,
    /// The lowest level kept.
    pub min_level: i64,
    /// Whether addresses are logged.
    #[serde(rename = "logIP")]
    pub log_ip: bool,
    /// Whether the callers' ids are logged.
    pub log_auth_id: bool,
}

impl Default for Logs {
    fn default() -> Self {
        Self { max_data_size: 0, max_days: 5, min_level: 0, log_ip: true, log_auth_id: false }
    }
}

impl Settings {
    /// The wire form: everything but secrets.
    ///
    /// # Errors
    /// `Internal`, never seen: the settings are plain data.
    pub fn to_json(&self) -> Result<Vec<u8>> {
        let mut shown = self.clone();
        for secret in [&mut shown.smtp.password, &mut shown.s3.secret, &mut shown.backups.s3.secret] {
            secret.clear();
        }
        serde_json::to_vec(&shown).map_err(Error::internal)
    }

    /// These settings with a partial object laid over them: objects merge, lists and values are replaced, `null` changes nothing. An empty
    /// or starred (`******`) secret keeps the stored one.
    ///
    /// # Errors
    /// `Invalid`: a value has the wrong type.
    pub fn merged(&self, patch: Map<String, Json>) -> Result<Self> {
        let unreadable = |error: serde_json::Error| {
            Error::invalid("An error occurred while loading the submitted data.").caused_by(error)
        };
        let mut whole = serde_json::to_value(self).map_err(unreadable)?;
        merge(&mut whole, Json::Object(patch));
        let mut next: Self = serde_json::from_value(whole).map_err(unreadable)?;
        next.keep_secrets(self);
        Ok(next)
    }

    fn keep_secrets(&mut self, old: &Self) {
        let pairs = [
            (&mut self.smtp.password, &old.smtp.password),
            (&mut self.s3.secret, &old.s3.secret),
            (&mut self.backups.s3.secret, &old.backups.s3.secret),
        ];
        for (new, old) in pairs {
            // Empty, or what forms show in its place.
            if new.bytes().all(|byte| byte == b'*') {
                new.clone_from(old);
            }
        }
    }

    /// Everything that is wrong with them.
    pub fn check(&self) -> FieldErrors {
        check::settings(self)
    }

    /// Whether superusers may come from this address.
    pub fn superusers_may_come_from(&self, address: IpAddr) -> bool {
        self.superuser_ips.is_empty() || self.superuser_ips.iter().any(|net| net::contains(net, address))
    }
}

fn merge(whole: &mut Json, patch: Json) {
    match (whole, patch) {
        (Json::Object(whole), Json::Object(patch)) => {
            for (key, value) in patch {
                match known(whole, &key) {
                    Some(name) => merge(&mut whole[&name], value),
                    None => {
                        whole.insert(key, value);
                    }
                }
            }
        }
        (_, Json::Null) => {}
        (whole, patch) => *whole = patch,
    }
}

/// Property names match without regard to case.
fn known(whole: &Map<String, Json>, key: &str) -> Option<String> {
    if whole.contains_key(key) {
        return Some(key.to_owned());
    }
    whole.keys().find(|name| name.eq_ignore_ascii_case(key)).cloned()
}

/// The stored settings, or the defaults.
///
/// # Errors
/// Those of the database; `Internal`: the stored text is not what we store.
pub async fn load(store: &Store) -> Result<Settings> {
    let stored = store.db().read(&Default::default(), |conn| params::load(conn, NAME)).await?;
    match stored {
        Some(text) => serde_json::from_str(&text).map_err(Error::internal),
        None => Ok(Settings::default()),
    }
}

/// Stores the settings that a program begins with, unless some are stored already.
///
/// # Errors
/// - `Invalid` (with field errors): a value is refused.
/// - Those of the database.
pub async fn begin_with(app: &App, change: impl FnOnce(&mut Settings)) -> Result<()> {
    let _turn = app.schema_lock().await;
    if app.store().db().read(&Default::default(), |conn| params::load(conn, NAME)).await?.is_some() {
        return Ok(());
    }
    let mut settings = Settings::default();
    change(&mut settings);
    let errors = settings.check();
    if !errors.is_empty() {
        return Err(Error::invalid("The settings that the program begins with are refused.").fields(errors));
    }
    save(app, settings).await
}

/// Stores settings from elsewhere over the defaults.
///
/// # Errors
/// `Invalid`: a value has another type than it must. Otherwise those of the database.
pub(crate) async fn import(store: &Store, sent: Map<String, Json>) -> Result<Settings> {
    let settings = Settings::default().merged(sent)?;
    let text = serde_json::to_string(&settings).map_err(Error::internal)?;
    store.db().write(move |conn| params::save(conn, NAME, &text)).await?;
    Ok(settings)
}

/// Changes some of the settings; answers all of them as JSON.
///
/// # Errors
/// `Invalid`: a value has the wrong type, or (with field errors) is refused.
pub async fn update(app: &App, patch: Map<String, Json>) -> Result<Vec<u8>> {
    // One change at a time: two that overlap must not undo each other.
    let _turn = app.schema_lock().await;
    let next = app.settings().merged(patch)?;
    let mut errors = next.check();
    errors.add("realtime", realtime::rules(app, &next.realtime));
    if !errors.is_empty() {
        return Err(Error::invalid("An error occurred while saving the new settings.").fields(errors));
    }
    save(app, next.clone()).await?;
    next.to_json()
}

/// Stores settings without checking them: those of an import.
///
/// # Errors
/// Those of the database.
pub async fn save(app: &App, settings: Settings) -> Result<()> {
    let text = serde_json::to_string(&settings).map_err(Error::internal)?;
    app.store().db().write(move |conn| params::save(conn, NAME, &text)).await?;
    app.set_settings(settings);
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn patch(value: Json) -> Map<String, Json> {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn a_patch_merges_deeply_and_keeps_secrets() {
        let stored = Settings::default()
            .merged(patch(json!({"smtp": {"password": "s3cret"}, "superuserIPs": ["10.0.0.1"]})))
            .expect("merges");
        let next = stored
            .merged(patch(
                json!({"smtp": {"password": "", "host": "mail"}, "META": {"appName": "x"}, "superuserIPs": []}),
            ))
            .expect("merges");
        assert_eq!((next.smtp.password.as_str(), next.smtp.host.as_str()), ("s3cret", "mail"));
        assert_eq!((next.meta.app_name.as_str(), next.meta.sender_name.as_str()), ("x", "Support"));
        assert!(next.superuser_ips.is_empty());
        assert!(!String::from_utf8(next.to_json().expect("shows")).expect("utf-8").contains("s3cret"));
        assert!(Settings::default().merged(patch(json!({"batch": {"maxRequests": "x"}}))).is_err());
    }

    #[test]
    fn superusers_come_from_listed_addresses_only() {
        let mut settings = Settings::default();
        let (near, far) = ("10.1.2.3".parse().expect("address"), "192.0.2.1".parse().expect("address"));
        assert!(settings.superusers_may_come_from(far));
        settings.superuser_ips = vec!["10.1.0.0/16".to_owned()];
        assert!(settings.superusers_may_come_from(near));
        assert!(!settings.superusers_may_come_from(far));
    }
}
