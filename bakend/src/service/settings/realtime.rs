//! The settings of realtime.

use serde::{Deserialize, Serialize};

use crate::{
    FieldError, FieldErrors,
    limits::{REALTIME_CHANNEL_MAX_CHARS, REALTIME_CHANNEL_RULES_MAX, REALTIME_CLIENTS_PER_ADDRESS_MAX},
    service::{App, realtime},
};

/// How long changes are kept for clients that were away, and who may use which channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct RealtimeSettings {
    /// Hours that the changelog keeps a change; 0: as long as there is room.
    pub changes_max_hours: i64,
    /// Size of the changelog, in bytes (the oldest changes go first); 0: without bound.
    pub changes_max_bytes: i64,
    /// Connections of one address at once; 0: [`REALTIME_CLIENTS_PER_ADDRESS_MAX`].
    #[serde(rename = "maxClientsPerIP")]
    pub max_clients_per_ip: i64,
    /// Who may use which channel; the first whose pattern fits counts. A channel that none fits is closed to all but superusers.
    pub channels: Vec<ChannelRule>,
}

/// Who may use the channels that fit a pattern.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChannelRule {
    /// A channel's name; `*` stands for any text.
    pub pattern: String,
    /// Who may listen, in the language of rules; `None`: superusers only, `""`: everyone.
    pub listen_rule: Option<String>,
    /// Who may publish; `None`: superusers only, `""`: everyone.
    pub publish_rule: Option<String>,
    /// Whether those who listen may show that they are there.
    pub presence: bool,
}

impl Default for RealtimeSettings {
    fn default() -> Self {
        Self { changes_max_hours: 72, changes_max_bytes: 128 << 20, max_clients_per_ip: 0, channels: Vec::new() }
    }
}

impl RealtimeSettings {
    /// Connections of one address at once.
    pub fn clients_per_address(&self) -> usize {
        match usize::try_from(self.max_clients_per_ip) {
            Ok(max) if max > 0 => max,
            _ => REALTIME_CLIENTS_PER_ADDRESS_MAX,
        }
    }
}

pub(super) fn check(settings: &RealtimeSettings) -> FieldErrors {
    let mut errors = FieldErrors::new();
    for (name, number) in [
        ("changesMaxHours", settings.changes_max_hours),
        ("changesMaxBytes", settings.changes_max_bytes),
        ("maxClientsPerIP", settings.max_clients_per_ip),
    ] {
        if number < 0 {
            let message = "Must be no less than 0.";
            let error = FieldError::new("validation_min_greater_equal_than_required", message).with("threshold", 0);
            errors.add(name, error);
        }
    }
    if settings.channels.len() > REALTIME_CHANNEL_RULES_MAX {
        errors.add("channels", too_long(REALTIME_CHANNEL_RULES_MAX));
        return errors;
    }
    let mut channels = FieldErrors::new();
    for (at, channel) in settings.channels.iter().enumerate() {
        let error = match channel.pattern.chars().count() {
            0 => Some(FieldError::required()),
            length if length > REALTIME_CHANNEL_MAX_CHARS => Some(too_long(REALTIME_CHANNEL_MAX_CHARS)),
            _ => None,
        };
        if let Some(error) = error {
            channels.add(at.to_string(), FieldErrors::one("pattern", error));
        }
    }
    errors.add("channels", channels);
    errors
}

/// What is wrong with the rules of channels, as the collections are now.
pub(super) fn rules(app: &App, settings: &RealtimeSettings) -> FieldErrors {
    let schema = app.schema();
    let mut channels = FieldErrors::new();
    for (at, channel) in settings.channels.iter().enumerate() {
        let mut wrong = FieldErrors::new();
        for (name, rule) in [("listenRule", &channel.listen_rule), ("publishRule", &channel.publish_rule)] {
            let rule = rule.as_deref().filter(|rule| !rule.is_empty());
            if let Some(Err(error)) = rule.map(|rule| app.planner().check_rule(&schema, realtime::channels(), rule)) {
                let message = format!("Invalid rule. Raw error: {}", error.message());
                wrong.add(name, FieldError::new("validation_invalid_rule", message));
            }
        }
        channels.add(at.to_string(), wrong);
    }
    if channels.is_empty() { channels } else { FieldErrors::one("channels", channels) }
}

fn too_long(max: usize) -> FieldError {
    let message = format!("The length must be no more than {max}.");
    FieldError::new("validation_length_too_long", message).with("min", 0).with("max", max)
}
