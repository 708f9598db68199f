//! The document, read as a client reads it.

use std::{collections::BTreeSet, sync::Arc};

use serde_json::{Value as Json, json};

use super::document;
use crate::schema::{Collection, Schema, system};

/// The document of collections, as JSON.
fn read(collections: Vec<Json>) -> Json {
    let mut all: Vec<Arc<Collection>> = system::collections().into_iter().map(Arc::new).collect();
    for json in collections {
        let Json::Object(json) = json else { unreachable!("an object is given") };
        all.push(Arc::new(Collection::from_json(&json).expect("a collection")));
    }
    let text = document(&Schema::new(1, all), "Acme", "https://acme.example/").to_json().expect("writes");
    serde_json::from_str(&text).expect("is JSON")
}

fn id() -> Json {
    json!({ "name": "id", "type": "text", "primaryKey": true, "required": true, "autogeneratePattern": "[a-z]{15}", "pattern": "^[a-z0-9]+$" })
}

fn blog() -> Vec<Json> {
    vec![
        json!({ "id": "c_people", "name": "people", "type": "auth", "listRule": "", "fields": [id(),
            { "name": "email", "type": "email", "required": true },
            { "name": "password", "type": "password", "required": true, "hidden": true, "min": 8 },
            { "name": "tokenKey", "type": "text", "required": true, "hidden": true },
        ], "passwordAuth": { "enabled": true, "identityFields": ["email"] }, "passkey": { "enabled": true } }),
        json!({ "id": "c_posts", "name": "posts", "type": "base", "listRule": "", "viewRule": "title != ''", "fields": [id(),
            { "name": "title", "type": "text", "required": true, "max": 200 },
            { "name": "views", "type": "number", "min": 5, "max": 9, "onlyInt": true },
            { "name": "state", "type": "select", "values": ["draft", "done"] },
            { "name": "tags", "type": "select", "values": ["a", "b"], "maxSelect": 2 },
            { "name": "cover", "type": "file", "maxSelect": 1, "thumbs": ["100x100"], "protected": true },
            { "name": "docs", "type": "file", "maxSelect": 3 },
            { "name": "author", "type": "relation", "collectionId": "c_people", "required": true },
            { "name": "secret", "type": "text", "hidden": true },
            { "name": "slug", "type": "text", "required": true, "autogeneratePattern": "[a-z]{8}" },
            { "name": "place", "type": "geoPoint" },
            { "name": "meta", "type": "json" },
            { "name": "created", "type": "autodate", "onCreate": true },
        ] }),
        json!({ "id": "c_heads", "name": "heads", "type": "view", "viewQuery": "SELECT id, state FROM posts", "fields": [id(),
            { "name": "state", "type": "select", "values": ["draft", "done"], "required": true },
        ] }),
    ]
}

fn schema<'a>(document: &'a Json, name: &str) -> &'a Json {
    document.pointer(&format!("/components/schemas/{name}")).unwrap_or_else(|| panic!("no schema {name}"))
}

/// Calls with every object of a document.
fn walk(json: &Json, seen: &mut dyn FnMut(&serde_json::Map<String, Json>)) {
    match json {
        Json::Object(object) => {
            seen(object);
            object.values().for_each(|value| walk(value, seen));
        }
        Json::Array(items) => items.iter().for_each(|item| walk(item, seen)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere_and_every_operation_has_a_name_of_its_own() {
    let document = read(blog());
    assert_eq!(document["openapi"], "3.1.0");
    assert_eq!(document["servers"], json!([{ "url": "https://acme.example" }]));
    let (mut references, mut names, mut operations) = (0, BTreeSet::new(), 0);
    walk(&document, &mut |object| {
        if let Some(Json::String(reference)) = object.get("$ref") {
            let place = reference.strip_prefix('#').expect("a place in this document");
            assert!(document.pointer(place).is_some(), "{reference} leads nowhere");
            references += 1;
        }
        if let Some(Json::String(name)) = object.get("operationId") {
            assert!(names.insert(name.clone()), "{name} is there twice");
            assert!(object["x-bakend-operation"]["access"].is_string(), "{name} does not say who may call");
            operations += 1;
        }
    });
    assert!(references > 100 && operations > 40, "{references} references, {operations} operations");
    for (path, item) in document["paths"].as_object().expect("paths") {
        for operation in item.as_object().expect("operations").values() {
            let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
            for part in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
                let is_there = parameters.iter().any(|parameter| {
                    let place = parameter["$ref"].as_str().and_then(|place| place.strip_prefix('#'));
                    let parameter = place.and_then(|place| document.pointer(place)).unwrap_or(parameter);
                    parameter["name"] == part && parameter["in"] == "path" && parameter["required"] == true
                });
                assert!(is_there, "{path} does not describe {part}");
            }
        }
    }
}

#[test]
fn a_record_is_what_the_wire_shows() {
    let document = read(blog());
    let posts = schema(&document, "postsRecord");
    let of = |name: &str| &posts["properties"][name];
    assert_eq!(posts["x-bakend-collection"], json!({ "name": "posts", "id": "c_posts", "type": "base", "mfa": false }));
    assert_eq!(of("secret"), &Json::Null, "hidden fields are for superusers");
    assert_eq!(of("state")["enum"], json!(["draft", "done", ""]));
    assert_eq!(of("tags")["items"]["enum"], json!(["a", "b"]));
    assert_eq!((&of("views")["type"], of("views").get("minimum")), (&json!("integer"), None), "0 stands for nothing");
    assert_eq!(of("views")["maximum"].as_f64(), Some(9.0));
    assert_eq!(of("author")["x-bakend-field"], json!({ "type": "relation", "collection": "people" }));
    let cover = json!({ "type": "file", "protected": true, "thumbs": ["100x100"] });
    assert_eq!(of("cover")["x-bakend-field"], cover);
    assert_eq!(of("expand")["properties"]["author"]["$ref"], "#/components/schemas/peopleRecord");
    let people = schema(&document, "peopleRecord");
    assert_eq!(people["properties"]["expand"]["properties"]["posts_via_author"]["type"], "array");
    let required = people["required"].as_array().expect("a list");
    assert!(required.contains(&json!("id")) && !required.contains(&json!("email")), "addresses may be hidden");
    assert!(people["properties"].get("password").is_none() && people["properties"].get("tokenKey").is_none());
    let heads = schema(&document, "headsRecord");
    assert_eq!(heads["properties"]["state"]["enum"], json!(["draft", "done", ""]), "a view may lack it");
}

#[test]
fn what_may_be_sent_is_what_the_server_takes() {
    let document = read(blog());
    let keys = |name: &str| {
        let object = schema(&document, name)["properties"].as_object().expect("properties").clone();
        object.keys().cloned().collect::<BTreeSet<_>>()
    };
    let create = schema(&document, "postsCreate");
    assert_eq!(create["required"], json!(["title", "author"]), "the id and the slug are made up");
    assert!(!keys("postsCreate").contains("docs") && keys("postsCreateForm").contains("docs"), "JSON carries no files");
    assert!(!keys("postsCreate").contains("created") && !keys("postsCreate").contains("secret"));
    assert!(keys("postsCreate").contains("slug:autogenerate"));
    for key in ["views+", "views-", "tags+", "+tags", "tags-", "docs-", "docs"] {
        assert!(keys("postsUpdate").contains(key), "{key}");
    }
    assert!(keys("postsUpdateForm").contains("docs+") && !keys("postsUpdate").contains("docs+"));
    assert!(!keys("postsUpdate").contains("id") && schema(&document, "postsUpdate").get("required").is_none());
    assert_eq!(schema(&document, "peopleCreate")["required"], json!(["email", "password", "passwordConfirm"]));
    assert!(keys("peopleUpdate").contains("oldPassword"));
    assert!(document.pointer("/components/schemas/headsCreate").is_none(), "nothing is written into a view");
}

#[test]
fn operations_are_those_that_the_options_allow_and_say_who_may_call() {
    let document = read(blog());
    let mut found = std::collections::BTreeMap::new();
    walk(&document["paths"], &mut |object| {
        if let Some(Json::String(name)) = object.get("operationId") {
            found.insert(name.clone(), object["x-bakend-operation"]["access"].as_str().unwrap_or_default().to_owned());
        }
    });
    let access = |name: &str| found.get(name).map(String::as_str);
    for (name, expected) in [
        ("posts.list", Some("public")),
        ("posts.view", Some("rule")),
        ("posts.create", Some("locked")),
        ("heads.list", Some("locked")),
        ("heads.update", None),
        ("people.authWithPassword", Some("public")),
        ("people.authWithPasskey", Some("public")),
        ("people.addPasskey", Some("account")),
        ("people.authWithOtp", None),
        ("people.impersonate", Some("superuser")),
        ("_superusers.requestVerification", None),
        ("_mfas.list", None),
        ("batch", Some("public")),
        ("fileToken", Some("account")),
    ] {
        assert_eq!(access(name), expected, "{name}");
    }
    assert!(!document.to_string().contains("title != ''"), "rules are told by their kind only");
}

#[test]
fn the_document_is_the_same_each_time() {
    let write = || {
        let all = system::collections().into_iter().map(Arc::new);
        let own = blog()
            .into_iter()
            .map(|json| Arc::new(Collection::from_json(json.as_object().expect("an object")).expect("a collection")));
        document(&Schema::new(1, all.chain(own).collect()), "Acme", "").to_pretty_json().expect("writes")
    };
    let first = write();
    for _ in 0..5 {
        assert_eq!(write(), first);
    }
}
