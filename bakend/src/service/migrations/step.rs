//! One step of a migration: a collection created, changed or deleted, some SQL, or everything as it was at one moment.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer, ser::SerializeMap as _};
use serde_json::{Map, Value as Json};

use crate::{
    Error, Result,
    schema::{Collection, collection::PROPERTIES},
};

/// What a collection has in each environment for itself: no file holds it.
const OWN: [&str; 2] = ["created", "updated"];

/// One step of a migration. In files it is an object, told apart by its first key: `create`, `update`, `delete`, `sql`, `snapshot`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Step {
    /// A collection comes.
    Create(Create),
    /// A collection changes.
    Update(Update),
    /// A collection goes, with its records.
    Delete(Delete),
    /// Anything else that the database does.
    Sql(Sql),
    /// Collections as they were at one moment, whatever led there.
    Snapshot(Snapshot),
}

/// A collection that comes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Create {
    /// The whole of it.
    pub create: CollectionJson,
    /// Whether the step is left out where there is such a collection, in whatever form, instead of being a conflict.
    #[serde(default, rename = "ifMissing", skip_serializing_if = "is_false")]
    pub if_missing: bool,
}

/// A collection that goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Delete {
    /// As it was.
    pub delete: CollectionJson,
}

/// What changes of a collection. Every part names what it was, so that a change can be told from a conflict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Update {
    /// Its name before the change; for readers.
    pub update: String,
    /// Its id.
    pub id: String,
    /// Whether the step is left out where there is no such collection, instead of being a conflict.
    #[serde(default, skip_serializing_if = "is_false")]
    pub if_exists: bool,
    /// Properties by their path (`listRule`, `authToken.duration`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, FromTo>,
    /// Fields that come, change or go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldStep>,
    /// Ids of the fields that stay, when their order changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_order: Option<FieldOrder>,
    /// Indexes that come or go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<IndexStep>,
}

/// A value before and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FromTo {
    /// Before; `null` also when there was none.
    pub from: Json,
    /// After.
    pub to: Json,
}

/// Ids of fields in their order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldOrder {
    /// Before.
    pub from: Vec<String>,
    /// After.
    pub to: Vec<String>,
}

/// What becomes of one field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged, try_from = "Json")]
pub enum FieldStep {
    /// It comes.
    Add {
        /// The whole of it.
        add: Map<String, Json>,
        /// Its place in the list after the change, counted from 0.
        at: usize,
    },
    /// It goes, with its values.
    Remove {
        /// As it was.
        remove: Map<String, Json>,
        /// Its place in the list before the change, counted from 0.
        at: usize,
    },
    /// It changes.
    Change {
        /// Its name before the change; for readers.
        change: String,
        /// Its id.
        id: String,
        /// Its properties.
        set: BTreeMap<String, FromTo>,
    },
}

/// What becomes of one index; the whole `CREATE INDEX` statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum IndexStep {
    /// It comes.
    Add(String),
    /// It goes.
    Remove(String),
}

/// SQL and its way back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sql {
    /// One or more statements.
    pub sql: String,
    /// What undoes them; without it there is no way back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undo: Option<String>,
}

/// Collections as they were at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    /// All but what bakend itself needs and nobody changed.
    pub snapshot: Vec<CollectionJson>,
}

/// A collection as files hold it: its wire form, so without secrets, and without the moments of its creation and last change.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct CollectionJson(pub Map<String, Json>);

impl CollectionJson {
    /// A collection's.
    pub fn of(collection: &Collection) -> Self {
        let mut json = match collection.to_json() {
            Json::Object(json) => json,
            // A collection is always an object.
            _ => Map::new(),
        };
        OWN.iter().for_each(|key| drop(json.remove(*key)));
        Self(json)
    }

    /// The id; `""` when it has none yet.
    pub fn id(&self) -> &str {
        self.text("id")
    }

    /// The name.
    pub fn name(&self) -> &str {
        self.text("name")
    }

    fn text(&self, key: &str) -> &str {
        self.0.get(key).and_then(Json::as_str).unwrap_or_default()
    }
}

impl Serialize for CollectionJson {
    /// In the order that people know from exports: what it is called before what it consists of.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const FIRST: [&str; 3] = ["id", "name", "type"];
        let known = || FIRST.iter().chain(PROPERTIES.iter().filter(|key| !FIRST.contains(key))).copied();
        let others = self.0.keys().map(String::as_str).filter(|key| !PROPERTIES.contains(key));
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for key in known().chain(others) {
            if let Some(value) = self.0.get(key) {
                map.serialize_entry(key, value)?;
            }
        }
        map.end()
    }
}

/// The keys of a [`FieldStep`]; told apart by hand, because a mistake should be told at its key.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FieldKeys {
    add: Option<Map<String, Json>>,
    remove: Option<Map<String, Json>>,
    change: Option<String>,
    at: Option<usize>,
    id: Option<String>,
    set: Option<BTreeMap<String, FromTo>>,
}

impl TryFrom<Json> for FieldStep {
    type Error = String;

    fn try_from(json: Json) -> Result<Self, String> {
        let keys: FieldKeys = serde_json::from_value(json).map_err(|error| format!("in a field: {error}"))?;
        match keys {
            FieldKeys { add: Some(add), at: Some(at), remove: None, change: None, id: None, set: None } => {
                Ok(Self::Add { add, at })
            }
            FieldKeys { remove: Some(remove), at: Some(at), add: None, change: None, id: None, set: None } => {
                Ok(Self::Remove { remove, at })
            }
            FieldKeys { change: Some(change), id: Some(id), set: Some(set), add: None, remove: None, at: None } => {
                Ok(Self::Change { change, id, set })
            }
            _ => Err("a field is neither `add` with `at`, nor `remove` with `at`, nor `change` with `id` and `set`"
                .to_owned()),
        }
    }
}

impl Step {
    /// A step from its JSON.
    ///
    /// # Errors
    /// `Invalid`: it is no step; the message says what is wrong with it.
    pub fn from_json(json: Json) -> Result<Self> {
        let keys = ["create", "update", "delete", "sql", "snapshot"];
        let kind = keys.iter().find(|key| json.get(**key).is_some());
        let read = match kind {
            Some(&"create") => serde_json::from_value(json).map(Self::Create),
            Some(&"update") => serde_json::from_value(json).map(Self::Update),
            Some(&"delete") => serde_json::from_value(json).map(Self::Delete),
            Some(&"sql") => serde_json::from_value(json).map(Self::Sql),
            Some(_) => serde_json::from_value(json).map(Self::Snapshot),
            None => return Err(Error::invalid(format!("it has none of the keys {}", keys.join(", ")))),
        };
        read.map_err(|error| Error::invalid(error.to_string()))
    }

    /// Whether it is about collections, not SQL.
    pub fn is_of_collections(&self) -> bool {
        !matches!(self, Self::Sql(_))
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over references")]
fn is_false(flag: &bool) -> bool {
    !flag
}
