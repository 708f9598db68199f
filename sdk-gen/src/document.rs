//! As much of an OpenAPI document as clients are made from.

use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value as Json;

/// A document.
#[derive(Debug, Deserialize)]
pub(crate) struct Document {
    /// Asked for, so that other JSON is not taken for a document.
    #[serde(rename = "openapi")]
    _version: String,
    #[serde(default)]
    paths: IndexMap<String, IndexMap<String, Json>>,
    #[serde(default)]
    pub components: Components,
}

#[derive(Debug, Default, Deserialize)]
pub(crate) struct Components {
    #[serde(default)]
    pub schemas: IndexMap<String, Schema>,
}

/// A schema of JSON.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Schema {
    #[serde(rename = "$ref")]
    pub reference: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<Json>,
    pub format: Option<String>,
    #[serde(rename = "enum")]
    pub values: Option<Vec<Json>>,
    pub items: Option<Box<Schema>>,
    pub properties: IndexMap<String, Schema>,
    pub required: Vec<String>,
    #[serde(rename = "oneOf")]
    pub one_of: Vec<Schema>,
    #[serde(rename = "anyOf")]
    pub any_of: Vec<Schema>,
    #[serde(rename = "x-bakend-collection")]
    pub collection: Option<About>,
    #[serde(rename = "x-bakend-field")]
    pub field: Option<Field>,
}

/// What a record's schema says about its collection.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct About {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: Kind,
    #[serde(default)]
    pub mfa: bool,
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Base,
    Auth,
    View,
}

/// What a property says about its field.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Field {
    #[serde(rename = "type")]
    pub kind: String,
}

/// What an operation says about itself.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Operation {
    #[serde(default)]
    pub collection: String,
    pub action: String,
}

impl Document {
    /// The operations that say what they are.
    pub fn operations(&self) -> impl Iterator<Item = Operation> {
        self.paths
            .values()
            .flat_map(|methods| methods.values())
            .filter_map(|operation| Operation::deserialize(operation.get("x-bakend-operation")?).ok())
    }

    /// The schema that a reference names.
    pub fn find(&self, reference: &str) -> Option<&Schema> {
        self.components.schemas.get(reference.strip_prefix("#/components/schemas/")?)
    }
}

impl Schema {
    /// The field type, where it is a property of a record or an input.
    pub fn field_type(&self) -> &str {
        self.field.as_ref().map_or("", |field| &field.kind)
    }

    /// The JSON type.
    pub fn json_type(&self) -> &str {
        self.kind.as_ref().and_then(Json::as_str).unwrap_or_default()
    }
}
