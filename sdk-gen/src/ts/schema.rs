//! `schema.ts`: the types of the collections, and the table of their names.

use std::fmt::Write as _;

use super::{
    names,
    types::{self, Way},
};
use crate::{
    collection::Collection,
    document::{Document, Kind, Schema},
};

/// What every record has beside its fields; no filter knows it.
const ABOUT: [&str; 3] = ["collectionId", "collectionName", "expand"];

/// The text of the file.
pub(super) fn write(document: &Document, collections: &[Collection<'_>]) -> String {
    let names = names::types(collections);
    let mut out = String::from(HEAD);
    if document.components.schemas.contains_key("GeoPoint") {
        out.push_str("import type { GeoPoint } from './runtime/schema.js';\n");
    }
    for (collection, name) in collections.iter().zip(&names) {
        interface(&mut out, name, "Record", "A record, as it is answered.", collection.record, Way::Out);
        if let Some(create) = collection.create {
            interface(&mut out, name, "Create", "What makes a record.", create, Way::In);
        }
        if let Some(update) = collection.update {
            interface(&mut out, name, "Update", "What changes a record.", update, Way::In);
        }
    }
    out.push_str("\n/** All collections. */\nexport interface Schema {\n");
    for (collection, name) in collections.iter().zip(&names) {
        entry(&mut out, collection, name);
    }
    out.push_str("}\n\n/** Their names. */\nexport const COLLECTIONS = [\n");
    for collection in collections {
        line(&mut out, format_args!("  {},", names::text(collection.name)));
    }
    out.push_str("] as const;\n");
    out
}

const HEAD: &str =
    "// The collections: their records, what may be sent, where relations lead, which ways to sign in there are.\n";

fn interface(out: &mut String, name: &str, suffix: &str, words: &str, schema: &Schema, way: Way) {
    let properties = types::properties(schema, way, "\n");
    let lines: String = properties.lines().map(|line| format!("  {line}\n")).collect();
    line(out, format_args!("\n/** {words} */\nexport interface {name}{suffix} {{\n{lines}}}"));
}

fn entry(out: &mut String, collection: &Collection<'_>, name: &str) {
    let kind = match collection.kind {
        Kind::Base => "base",
        Kind::Auth => "auth",
        Kind::View => "view",
    };
    let input =
        |suffix: &str, schema: Option<&Schema>| schema.map_or("never".to_owned(), |_| format!("{name}{suffix}"));
    line(out, format_args!("  {}: {{", names::key(collection.name)));
    line(out, format_args!("    kind: '{kind}';"));
    line(out, format_args!("    record: {name}Record;"));
    line(out, format_args!("    create: {};", input("Create", collection.create)));
    line(out, format_args!("    update: {};", input("Update", collection.update)));
    line(out, format_args!("    fields: {{"));
    for (field, schema) in collection.record.properties.iter().filter(|(name, _)| !ABOUT.contains(&name.as_str())) {
        line(out, format_args!("      {}: {};", names::key(field), types::of(schema, Way::In)));
    }
    line(out, format_args!("    }};"));
    line(out, format_args!("    relations: {{"));
    for (relation, to, many) in &collection.relations {
        line(out, format_args!("      {}: {{ to: {}; many: {many} }};", names::key(relation), names::text(to)));
    }
    line(out, format_args!("    }};"));
    let ways: Vec<String> = collection.auth.iter().map(|way| format!("'{way}'")).collect();
    line(out, format_args!("    auth: {};", if ways.is_empty() { "never".to_owned() } else { ways.join(" | ") }));
    line(out, format_args!("    mfa: {};", collection.mfa));
    line(out, format_args!("  }};"));
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to memory cannot fail.
    let _ = writeln!(out, "{text}");
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::collection;

    fn record(name: &str, kind: &str) -> serde_json::Value {
        json!({
            "type": "object",
            "properties": {
                "collectionName": { "type": "string", "enum": [name] },
                "id": { "type": "string", "x-bakend-field": { "type": "text" } },
                "at": { "type": "string", "x-bakend-field": { "type": "date" } },
                "expand": { "type": "object", "properties": {
                    "author": { "$ref": "#/components/schemas/usersRecord" },
                    "users_via_friends": { "type": "array", "items": { "$ref": "#/components/schemas/usersRecord" } },
                    "lost": { "$ref": "#/components/schemas/nowhere" },
                } },
            },
            "required": ["collectionName", "id"],
            "x-bakend-collection": { "name": name, "id": "c", "type": kind, "mfa": kind == "auth" },
        })
    }

    fn made() -> String {
        let operation =
            json!({ "x-bakend-operation": { "collection": "users", "action": "authWithOtp", "access": "public" } });
        let document = json!({
            "openapi": "3.1.0",
            "paths": { "/a": { "post": operation }, "/b": { "get": { "summary": "of somebody else" } } },
            "components": { "schemas": {
                "usersRecord": record("users", "auth"),
                "usersCreate": { "type": "object", "properties": { "at": { "type": "string", "x-bakend-field": { "type": "date" } } } },
                "usersCreateForm": { "type": "object", "properties": { "face": { "type": "string", "format": "binary" } }, "required": ["face"] },
                "_usersRecord": record("_users", "view"),
                "_usersCreate": { "type": "object" },
            } },
        });
        let document: Document = serde_json::from_value(document).expect("a document");
        write(&document, &collection::all(&document))
    }

    #[test]
    fn a_collection_becomes_types_and_an_entry() {
        let text = made();
        for part in [
            "export interface UsersRecord {\n  at?: string;\n  collectionName: \"_users\";\n  id: string;\n}\n",
            "export interface Users2Record {\n  at?: string;\n  collectionName: \"users\";\n",
            "export interface Users2Create {\n  face: Blob;\n}\n",
            "  users: {\n    kind: 'auth';\n    record: Users2Record;\n    create: Users2Create;\n    update: never;\n",
            "    fields: {\n      at: string | Date;\n      id: string;\n    };\n",
            "      author: { to: \"users\"; many: false };\n      users_via_friends: { to: \"users\"; many: true };\n    };\n",
            "    auth: 'otp';\n    mfa: true;\n",
            "    kind: 'view';\n    record: UsersRecord;\n    create: never;\n",
            "export const COLLECTIONS = [\n  \"_users\",\n  \"users\",\n] as const;\n",
        ] {
            assert!(text.contains(part), "{part}\nis missing in\n{text}");
        }
        assert!(!text.contains("lost"), "what leads nowhere is left out");
    }

    #[test]
    fn the_same_document_gives_the_same_text() {
        let first = made();
        assert!((0..5).all(|_| made() == first));
    }
}
