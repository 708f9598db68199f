//! Collections as the database keeps them, and back.

use serde_json::{Map, Value as Json};

use crate::{
    Error, Result,
    schema::{Collection, Rule},
    store::{
        Conn,
        system::collections::{self as rows, StoredCollection},
    },
};

/// Keys of a collection that are columns of their own, lists apart.
const COLUMNS: [&str; 11] = [
    "id",
    "name",
    "type",
    "system",
    "listRule",
    "viewRule",
    "createRule",
    "updateRule",
    "deleteRule",
    "created",
    "updated",
];

/// All collections, in the order they were created.
///
/// # Errors
/// `Internal`: the database failed, or a stored collection is damaged.
pub(crate) fn all(conn: &Conn) -> Result<Vec<Collection>> {
    rows::load(conn)?.into_iter().map(|row| read(row).map_err(Error::internal)).collect()
}

/// Adds a collection, or replaces the one with its id.
///
/// # Errors
/// `Invalid`: another collection has its name.
pub(crate) fn save(conn: &Conn, collection: &Collection) -> Result<()> {
    rows::save(conn, &row(collection))
}

/// A collection from its row; also from PocketBase's.
///
/// # Errors
/// `Invalid`: the row's JSON is not that of a collection.
pub(crate) fn read(row: StoredCollection) -> Result<Collection> {
    let damaged = |what: &str, error: serde_json::Error| {
        Error::invalid(format!("The {what} of the stored collection {:?} are damaged", row.name)).caused_by(error)
    };
    let mut json: Map<String, Json> = match row.options.as_str() {
        "" | "null" => Map::new(),
        options => serde_json::from_str(options).map_err(|error| damaged("options", error))?,
    };
    let fields: Json = serde_json::from_str(&row.fields).map_err(|error| damaged("fields", error))?;
    let indexes: Json = match row.indexes.as_str() {
        "" | "null" => Json::Array(Vec::new()),
        indexes => serde_json::from_str(indexes).map_err(|error| damaged("indexes", error))?,
    };
    let rule = |rule: Rule| rule.map_or(Json::Null, Json::String);
    let parts = [
        ("id", row.id.into()),
        ("name", row.name.into()),
        ("type", row.kind.into()),
        ("system", row.system.into()),
        ("fields", fields),
        ("indexes", indexes),
        ("listRule", rule(row.list_rule)),
        ("viewRule", rule(row.view_rule)),
        ("createRule", rule(row.create_rule)),
        ("updateRule", rule(row.update_rule)),
        ("deleteRule", rule(row.delete_rule)),
        ("created", row.created.into()),
        ("updated", row.updated.into()),
    ];
    json.extend(parts.map(|(key, value)| (key.to_owned(), value)));
    Collection::from_json(&json)
}

fn row(collection: &Collection) -> StoredCollection {
    let mut parts = collection.to_stored_json();
    let mut list = |key: &str| parts.remove(key).unwrap_or_else(|| Json::Array(Vec::new())).to_string();
    let (fields, indexes) = (list("fields"), list("indexes"));
    // What has a column of its own; the rest is special to the type.
    for key in COLUMNS {
        parts.remove(key);
    }
    StoredCollection {
        id: collection.id.clone(),
        name: collection.name.clone(),
        kind: collection.kind.as_str().to_owned(),
        system: collection.system,
        fields,
        indexes,
        list_rule: collection.rules.list.clone(),
        view_rule: collection.rules.view.clone(),
        create_rule: collection.rules.create.clone(),
        update_rule: collection.rules.update.clone(),
        delete_rule: collection.rules.delete.clone(),
        created: collection.created.clone(),
        updated: collection.updated.clone(),
        options: Json::Object(parts).to_string(),
    }
}
