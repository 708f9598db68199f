//! Filters, rules and sorts: refused or planned, never a panic, and never text of the input in the SQL.
//! Run with `cargo +nightly fuzz run filter`.
#![no_main]

use std::sync::{Arc, LazyLock};

use bakend::{
    query::{ListSpec, Planner, RequestInfo},
    schema::{Collection, CollectionKind, Field, Rules, Schema},
    store::sqlite_dialect,
};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

/// Text that only a bind may carry: the grammar has it in quotes only.
const MARK: &str = "§";

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| Schema::new(1, vec![collection("posts"), collection("users")]));
static PLANNER: LazyLock<Planner> = LazyLock::new(|| Planner::new(sqlite_dialect()));

fn collection(name: &str) -> Arc<Collection> {
    let fields = json!([
        {"name": "id", "type": "text"}, {"name": "title", "type": "text"}, {"name": "views", "type": "number"},
        {"name": "live", "type": "bool"}, {"name": "at", "type": "date"}, {"name": "meta", "type": "json"},
        {"name": "loc", "type": "geoPoint"}, {"name": "kind", "type": "select", "maxSelect": 3, "values": ["a", "b", "c"]},
        {"name": "author", "type": "relation", "collectionId": "users", "maxSelect": 1},
        {"name": "editors", "type": "relation", "collectionId": "users", "maxSelect": 9},
    ]);
    let fields = fields.as_array().map(Vec::as_slice).unwrap_or_default();
    let fields = fields.iter().map(|field| Field::from_json(field).expect("a valid field")).collect();
    Arc::new(Collection {
        id: name.to_owned(),
        name: name.to_owned(),
        kind: CollectionKind::Base,
        system: false,
        rules: Rules { list: Some("views > 1 && editors.title ?= 'x'".to_owned()), ..Rules::default() },
        fields,
        indexes: Vec::new(),
        created: String::new(),
        updated: String::new(),
        auth: None,
        view_query: String::new(),
    })
}

fuzz_target!(|input: &str| {
    let posts = SCHEMA.find("posts").expect("made above");
    let request = RequestInfo::default();
    let (filter, sort) = input.split_once('\n').unwrap_or((input, ""));
    let as_client = ListSpec { filter, sort, limit: 1, ..ListSpec::default() };
    let as_rule = ListSpec { rule: Some(filter), limit: 1, ..ListSpec::default() };
    for spec in [as_client, as_rule] {
        if let Ok(statement) = PLANNER.list(&SCHEMA, posts, &request, &spec) {
            assert!(!statement.sql.contains(MARK), "{}", statement.sql);
            assert_eq!(statement.sql.matches('?').count(), statement.binds.len(), "{}", statement.sql);
        }
    }
});
