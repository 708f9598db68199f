//! What a rule can ask about the request.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value as Json};

use super::Grant;
use crate::schema::Record;

/// From where a rule is evaluated: `@request.context`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Context {
    /// The records API.
    #[default]
    Default,
    /// Inside a batch.
    Batch,
    /// Expanding a relation.
    Expand,
    /// Delivering a realtime event.
    Realtime,
    /// Serving a protected file.
    ProtectedFile,
    /// Signing in with a password.
    Password,
    /// Signing in with OAuth2.
    OAuth2,
    /// Signing in with a one-time password.
    Otp,
}

const CONTEXTS: [Context; 8] = [
    Context::Default,
    Context::Batch,
    Context::Expand,
    Context::Realtime,
    Context::ProtectedFile,
    Context::Password,
    Context::OAuth2,
    Context::Otp,
];

impl Context {
    /// The context of a name, as rules spell it.
    pub fn named(name: &str) -> Option<Self> {
        CONTEXTS.into_iter().find(|context| context.as_str() == name)
    }

    /// As rules spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Batch => "batch",
            Self::Expand => "expand",
            Self::Realtime => "realtime",
            Self::ProtectedFile => "protectedFile",
            Self::Password => "password",
            Self::OAuth2 => "oauth2",
            Self::Otp => "otp",
        }
    }
}

/// Who asks, and what was sent.
#[derive(Clone, Debug, Default)]
pub struct RequestInfo {
    /// From where.
    pub context: Context,
    /// `GET`, …
    pub method: String,
    /// First value of each query parameter.
    pub query: BTreeMap<String, String>,
    /// Lower-case names with `_` for `-`, and their values.
    pub headers: BTreeMap<String, String>,
    /// The submitted data, as rules see it: modifiers resolved, values in the wire form of their fields, hidden fields gone unless a
    /// superuser sent them. Modifier keys (`x+`) are kept as sent, for `:isset`.
    pub body: Map<String, Json>,
    /// The caller's record.
    pub auth: Option<Arc<Record>>,
    /// Whether the program itself asks: it may do what superusers may.
    pub trusted: bool,
    /// What the caller may do of what its record may; `None`: everything. Rules cannot ask for it: it is looked at before them.
    pub grant: Option<Arc<Grant>>,
}

impl RequestInfo {
    /// Whether a superuser asks, or the program itself: no rule applies.
    pub fn is_superuser(&self) -> bool {
        self.trusted || self.auth.as_ref().is_some_and(|record| record.is_superuser())
    }
}
