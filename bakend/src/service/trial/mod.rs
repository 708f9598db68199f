//! Rules tried out: whether one can be evaluated, and what it says about whom and what. Nothing is written, no hook is asked.

mod check;
mod parts;
mod reading;
mod subject;
mod verdict;

use std::sync::Arc;

use serde_json::{Map, Value as Json, json};

pub use self::{
    check::{Draft, check_rule},
    verdict::try_rule,
};
use crate::{
    query::{RequestInfo, Wrong},
    schema::Collection,
};

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Seeing those records that the list rule allows.
    List,
    /// Seeing one.
    View,
    /// Making one.
    Create,
    /// Changing one.
    Update,
    /// Ending one.
    Delete,
    /// Signing in as one.
    Auth,
    /// Changing what one signs in with.
    Manage,
}

/// Actions by their names in the API.
const ACTIONS: [(&str, Action); 7] = [
    ("list", Action::List),
    ("view", Action::View),
    ("create", Action::Create),
    ("update", Action::Update),
    ("delete", Action::Delete),
    ("auth", Action::Auth),
    ("manage", Action::Manage),
];

impl Action {
    /// The action of a name.
    pub fn named(name: &str) -> Option<Self> {
        ACTIONS.iter().find(|(known, _)| *known == name).map(|(_, action)| *action)
    }

    /// The method of the request that does it.
    pub fn method(self) -> &'static str {
        match self {
            Self::List | Self::View => "GET",
            Self::Create | Self::Auth => "POST",
            Self::Update | Self::Manage => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether it is about a record that is stored.
    fn needs_record(self) -> bool {
        !matches!(self, Self::List | Self::Create)
    }

    /// Whether only accounts have it.
    fn is_about_accounts(self) -> bool {
        matches!(self, Self::Auth | Self::Manage)
    }
}

/// Who wants to do what.
#[derive(Clone, Debug)]
pub struct Trial {
    /// With records of which collection.
    pub collection: Arc<Collection>,
    /// What.
    pub action: Action,
    /// With which record; `""`: none. Of a list, whether it is among those listed.
    pub record: String,
    /// What would be sent, as it would be sent.
    pub body: Map<String, Json>,
    /// By whom, and with which request.
    pub info: RequestInfo,
    /// A rule to ask instead of the collection's; `Some(None)`: locked.
    pub rule: Option<Option<String>>,
    /// Of a list.
    pub filter: String,
    /// Of a list.
    pub sort: String,
}

/// Where something stands in a text, as JavaScript counts: in UTF-16 code units.
fn units(text: &str, byte: usize) -> usize {
    text.get(..byte).unwrap_or(text).encode_utf16().count()
}

/// What is wrong with a text, as the API says it.
fn wrong_json(text: &str, wrong: &Wrong) -> Json {
    json!({
        "ok": false,
        "message": crate::Error::invalid(&wrong.reason).message(),
        "start": units(text, wrong.at.start),
        "end": units(text, wrong.at.end),
    })
}
