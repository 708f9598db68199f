use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::*;

/// The errors of a request to create a collection beside `users`.
fn errors_of(sent: Json) -> Json {
    let users = completed(json!({ "name": "users", "type": "auth", "id": "_pb_users_auth_" }), &Schema::default());
    let schema = Schema::new(1, vec![Arc::new(users)]);
    let new = completed(sent, &schema);
    let with_new = Schema::new(2, schema.collections().iter().cloned().chain([Arc::new(new.clone())]).collect());
    check(&new, None, &with_new).to_json()
}

fn completed(sent: Json, schema: &Schema) -> Collection {
    let mut new = Collection::from_json(sent.as_object().expect("an object")).expect("well formed");
    new.complete(None, schema);
    new
}

fn check_errors(rows: impl IntoIterator<Item = (Json, &'static str, &'static str, &'static str)>) {
    for (sent, at, code, message) in rows {
        let errors = errors_of(sent.clone());
        let error = errors.pointer(at).unwrap_or_else(|| panic!("{sent}: nothing at {at} in {errors}"));
        assert_eq!((error["code"].as_str(), error["message"].as_str()), (Some(code), Some(message)), "{sent}");
    }
}

#[test]
fn names_and_ids_are_checked() {
    assert_eq!(errors_of(json!({ "name": "a" })), json!({}));
    let internal = "The name shouldn't match with an existing internal table.";
    check_errors([
        (json!({ "name": "" }), "/name", "validation_required", "Cannot be blank."),
        (json!({ "name": "a b" }), "/name", "validation_match_invalid", "Must be in a valid format."),
        (json!({ "name": "a_via_b" }), "/name", "validation_found_via", "The value cannot contain \"_via_\"."),
        (json!({ "name": "_params" }), "/name", "validation_collection_name_invalid", internal),
        (json!({ "name": "_rel_a_b" }), "/name", "validation_collection_name_invalid", internal),
        (
            json!({ "name": "USERS" }),
            "/name",
            "validation_collection_name_exists",
            "Collection name must be unique (case insensitive).",
        ),
        (
            json!({ "name": "_pb_users_auth_" }),
            "/name",
            "validation_collection_name_id_duplicate",
            "The name must not match an existing collection id.",
        ),
        (json!({ "name": "a", "id": "a-b" }), "/id", "validation_match_invalid", "Must be in a valid format."),
        (
            json!({ "name": "a", "id": "x".repeat(101) }),
            "/id",
            "validation_length_out_of_range",
            "The length must be between 1 and 100.",
        ),
        (
            json!({ "name": "a", "id": "_pb_users_auth_" }),
            "/id",
            "validation_invalid_or_existing_id",
            "The model id is invalid or already exists.",
        ),
    ]);
}

#[test]
fn fields_are_checked_at_their_position() {
    check_errors([
        (
            json!({ "name": "a", "fields": [{ "name": "x", "type": "bool" }, { "name": "X", "type": "bool" }] }),
            "/fields/2/name",
            "validation_duplicated_field_name",
            "Duplicated or invalid field name X.",
        ),
        (
            json!({ "name": "a", "fields": [{ "name": "x", "type": "select" }] }),
            "/fields/1/values",
            "validation_required",
            "Cannot be blank.",
        ),
        (
            json!({ "name": "a", "fields": [{ "name": "x", "type": "relation", "collectionId": "nope" }] }),
            "/fields/1/collectionId",
            "validation_field_relation_missing_collection",
            "The relation collection doesn't exist.",
        ),
        (
            json!({ "name": "a", "type": "auth", "fields": [{ "name": "oldPassword", "type": "text" }] }),
            "/fields/1/name",
            "validation_reserved_field_name",
            "The field name is reserved and cannot be used.",
        ),
    ]);
}

#[test]
fn two_relations_do_not_share_a_join_table() {
    let other = json!({ "name": "a", "fields": [
        { "name": "b_c", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 2 },
    ]});
    let users = completed(json!({ "name": "users", "id": "_pb_users_auth_" }), &Schema::default());
    let schema = Schema::new(1, vec![Arc::new(users)]);
    let schema = schema.with(Arc::new(completed(other, &schema)));
    let sent = json!({ "name": "a_b", "fields": [
        { "name": "c", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 2 },
    ]});
    let new = completed(sent, &schema);
    let errors = check(&new, None, &schema.with(Arc::new(new.clone()))).to_json();
    assert_eq!(errors["fields"]["1"]["name"]["code"], "validation_duplicated_join_table");
}

#[test]
fn indexes_are_checked_at_their_position() {
    let with =
        |indexes: &[&str]| json!({ "name": "a", "fields": [{ "name": "b", "type": "text" }], "indexes": indexes });
    check_errors([
        (with(&["x"]), "/indexes/0", "validation_invalid_index_expression", "Invalid CREATE INDEX expression."),
        (
            with(&["CREATE INDEX i ON a (b)", "create unique index I on a (b)"]),
            "/indexes/1",
            "validation_duplicated_index_name",
            "The index name already exists.",
        ),
        (
            with(&["CREATE INDEX i ON a (b)", "create index j on a (`b`)"]),
            "/indexes/1",
            "validation_duplicated_index_definition",
            "The index definition already exists.",
        ),
        (
            with(&["CREATE INDEX idx_email__pb_users_auth_ ON a (b)"]),
            "/indexes/0",
            "validation_existing_index_name",
            "The index name is already used in users collection.",
        ),
    ]);
    assert_eq!(errors_of(with(&["CREATE INDEX i ON a (b)", "create index j on a (b desc)"])), json!({}));
}

#[test]
fn auth_options_are_checked() {
    let auth = |options: Json| {
        let mut sent = json!({ "name": "a", "type": "auth" });
        sent.as_object_mut().expect("an object").extend(options.as_object().expect("an object").clone());
        sent
    };
    check_errors([
        (auth(json!({ "manageRule": "" })), "/manageRule", "validation_nil_or_not_empty_required", "Cannot be blank."),
        (
            auth(json!({ "passwordAuth": { "identityFields": ["zz"] } })),
            "/passwordAuth/identityFields",
            "validation_missing_field",
            "Invalid or missing field zz.",
        ),
        (
            auth(json!({ "fields": [{ "name": "zz", "type": "text" }], "passwordAuth": { "identityFields": ["zz"] } })),
            "/passwordAuth/identityFields",
            "validation_missing_unique_constraint",
            "The field zz doesn't have a UNIQUE constraint.",
        ),
        (
            auth(json!({ "mfa": { "enabled": true } })),
            "/mfa/enabled",
            "validation_mfa_not_enough_auths",
            "MFA requires at least 2 auth methods to be enabled.",
        ),
        (
            auth(json!({ "otp": { "enabled": true, "length": 3 } })),
            "/otp/length",
            "validation_min_greater_equal_than_required",
            "Must be no less than 4.",
        ),
        (
            auth(json!({ "authToken": { "secret": "x" } })),
            "/authToken/secret",
            "validation_length_out_of_range",
            "The length must be between 30 and 255.",
        ),
        (
            auth(json!({ "oauth2": { "enabled": true, "providers": [{ "name": "zzz", "authURL": "zz" }] } })),
            "/oauth2/providers/0/name",
            "validation_missing_provider",
            "Invalid or missing provider with name zzz.",
        ),
        (
            auth(json!({ "oauth2": { "enabled": true, "providers": [{ "name": "google", "authURL": "zz" }] } })),
            "/oauth2/providers/0/authURL",
            "validation_is_url",
            "Must be a valid URL.",
        ),
    ]);
    for off in [
        json!({ "passwordAuth": { "enabled": false, "identityFields": ["zz"] } }),
        json!({ "mfa": { "enabled": false, "duration": 5 } }),
        json!({ "otp": { "enabled": false, "length": 3 } }),
        json!({ "oauth2": { "enabled": false, "providers": [{ "name": "zzz" }] } }),
    ] {
        assert_eq!(errors_of(auth(off.clone())), json!({}), "{off}");
    }
}
