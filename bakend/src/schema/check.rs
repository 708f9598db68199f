//! Whether a collection may be saved, as far as that can be told without a database: names, fields, indexes, auth options.
//!
//! Source: PocketBase web API, validation of a collection: codes and messages.

mod passkey;

use std::collections::HashSet;

use super::{
    AuthOptions, Collection, Field, FieldKind, Schema, fault,
    field::url::is_url,
    index::{self, Index},
};
use crate::{FieldError, FieldErrors};

/// Longest id, in characters.
const ID_MAX_CHARS: usize = 100;
/// Longest name, in characters.
const NAME_MAX_CHARS: usize = 255;
/// Names of tables that are not collections.
const INTERNAL_TABLES: [&str; 11] = [
    "_collections",
    "_params",
    "_migrations",
    "_migration_files",
    "_logs",
    "_sessions",
    "_api_keys",
    "_passkeys",
    "_totp",
    "seaql_migrations",
    "sqlite_master",
];
/// Prefixes of tables that are not collections.
const INTERNAL_PREFIXES: [&str; 2] = ["_rel_", "sqlite_"];
/// Names that forms of accounts use themselves.
const ACCOUNT_FORM_FIELDS: [&str; 2] = ["passwordConfirm", "oldPassword"];

type Check = Result<(), FieldError>;

/// Everything that is wrong with `new`, which replaces `old` in `schema` (the snapshot with `new` in it).
/// Rules and view queries are not looked at.
pub fn check(new: &Collection, old: Option<&Collection>, schema: &Schema) -> FieldErrors {
    let mut errors = FieldErrors::new();
    errors.check("id", id(new, old, schema));
    errors.check("name", name(new, old, schema));
    if old.is_some_and(|old| old.kind != new.kind) {
        let message = "Collection type cannot be changed.";
        errors.add("type", FieldError::new("validation_collection_type_change", message));
    }
    if old.is_some_and(|old| old.system != new.system) {
        let message = "System collection state cannot be changed.";
        errors.add("system", FieldError::new("validation_collection_system_flag_change", message));
    }
    rules(new, old, &mut errors);
    errors.add("fields", fields(new, old, schema));
    if new.is_view() {
        if new.view_query.trim().is_empty() {
            errors.add("viewQuery", FieldError::required());
        }
        if !new.indexes.is_empty() {
            let message = "View collections don't support indexes.";
            errors.add("indexes", FieldError::new("validation_indexes_not_supported", message));
        }
    } else {
        errors.add("indexes", indexes(new, old, schema));
    }
    if let Some(auth) = &new.auth {
        errors.merge(auth_options(new, auth));
    }
    errors
}

fn id(new: &Collection, old: Option<&Collection>, schema: &Schema) -> Check {
    if let Some(old) = old {
        return if old.id == new.id { Ok(()) } else { Err(fault::changed()) };
    }
    if !(1..=ID_MAX_CHARS).contains(&new.id.chars().count()) {
        return Err(fault::length(1, ID_MAX_CHARS));
    }
    if !fault::is_word(&new.id) {
        return Err(fault::mismatch());
    }
    let others = schema.collections().iter().filter(|other| other.id == new.id).count();
    let is_name = schema.collections().iter().any(|other| other.name == new.id && other.id != new.id);
    if others > 1 || is_name {
        let message = "The model id is invalid or already exists.";
        return Err(FieldError::new("validation_invalid_or_existing_id", message));
    }
    Ok(())
}

fn name(new: &Collection, old: Option<&Collection>, schema: &Schema) -> Check {
    let name = &new.name;
    fault::name(name, NAME_MAX_CHARS)?;
    if old.is_some_and(|old| old.system && old.name != *name) {
        let message = "System collection name cannot be changed.";
        return Err(FieldError::new("validation_collection_system_name_change", message));
    }
    let others = || schema.collections().iter().filter(|other| other.id != new.id);
    if others().any(|other| other.name.eq_ignore_ascii_case(name)) {
        let message = "Collection name must be unique (case insensitive).";
        return Err(FieldError::new("validation_collection_name_exists", message));
    }
    if schema.collections().iter().any(|other| other.id == *name) {
        let message = "The name must not match an existing collection id.";
        return Err(FieldError::new("validation_collection_name_id_duplicate", message));
    }
    let internal = INTERNAL_TABLES.iter().any(|table| table.eq_ignore_ascii_case(name))
        || INTERNAL_PREFIXES.iter().any(|prefix| name.to_ascii_lowercase().starts_with(prefix));
    if internal {
        let message = "The name shouldn't match with an existing internal table.";
        return Err(FieldError::new("validation_collection_name_invalid", message));
    }
    Ok(())
}

fn rules(new: &Collection, old: Option<&Collection>, errors: &mut FieldErrors) {
    let rules = |collection: &Collection| {
        let rules = &collection.rules;
        [
            ("listRule", rules.list.clone()),
            ("viewRule", rules.view.clone()),
            ("createRule", rules.create.clone()),
            ("updateRule", rules.update.clone()),
            ("deleteRule", rules.delete.clone()),
        ]
    };
    if new.is_view() {
        let of_writes = rules(new).into_iter().skip(2);
        of_writes.filter(|(_, rule)| rule.is_some()).for_each(|(key, _)| errors.add(key, fault::not_nil()));
    }
    if let Some(old) = old.filter(|old| old.system) {
        for ((key, new), (_, old)) in rules(new).into_iter().zip(rules(old)) {
            if new != old {
                let message = "System collection API rule cannot be changed.";
                errors.add(key, FieldError::new("validation_collection_system_rule_change", message));
            }
        }
    }
}

fn fields(new: &Collection, old: Option<&Collection>, schema: &Schema) -> FieldErrors {
    if new.fields.is_empty() {
        return FieldError::required().into();
    }
    let mut errors = duplicates(&new.fields);
    if !errors.is_empty() {
        return errors;
    }
    if let Some(error) = missing(new, old) {
        return error.into();
    }
    for (at, field) in new.fields.iter().enumerate() {
        let mut own = field.check_options(schema, new);
        if new.is_auth() && ACCOUNT_FORM_FIELDS.contains(&field.name.as_str()) {
            let message = "The field name is reserved and cannot be used.";
            own.add("name", FieldError::new("validation_reserved_field_name", message));
        }
        own.check("name", joined_name(new, field, schema));
        match old.and_then(|old| old.fields.iter().find(|other| other.id == field.id)) {
            Some(before) if before.kind.name() != field.kind.name() => {
                let message = "Field type cannot be changed.";
                errors.add(at.to_string(), FieldError::new("validation_field_type_change", message));
                continue;
            }
            Some(before) => own.merge(kept(before, field)),
            None => {}
        }
        errors.add(at.to_string(), own);
    }
    errors
}

fn duplicates(fields: &[Field]) -> FieldErrors {
    let mut errors = FieldErrors::new();
    let (mut ids, mut names) = (HashSet::new(), HashSet::new());
    for (at, field) in fields.iter().enumerate() {
        let at = at.to_string();
        if !ids.insert(&field.id) {
            let message = format!("Duplicated or invalid field id {}", field.id);
            let error = FieldError::new("validation_duplicated_field_id", message);
            errors.add(at, FieldErrors::one("id", error));
        } else if !names.insert(field.name.to_lowercase()) {
            let message = format!("Duplicated or invalid field name {}", field.name);
            let error =
                FieldError::new("validation_duplicated_field_name", message).with("fieldName", field.name.as_str());
            errors.add(at, FieldErrors::one("name", error));
        }
    }
    errors
}

/// The first thing that the list of fields as a whole lacks.
fn missing(new: &Collection, old: Option<&Collection>) -> Option<FieldError> {
    let primary = new.fields.iter().any(|field| matches!(&field.kind, FieldKind::Text(options) if options.primary_key));
    if !primary && !new.is_view() {
        let message = "Missing or invalid \"id\" PK field.";
        return Some(FieldError::new("validation_missing_primary_key", message));
    }
    if new.is_auth() {
        let wanted: [(&str, &str, &'static str); 5] = [
            ("password", "password", "validation_missing_password_field"),
            ("tokenKey", "text", "validation_missing_tokenKey_field"),
            ("email", "email", "validation_missing_email_field"),
            ("emailVisibility", "bool", "validation_missing_emailVisibility_field"),
            ("verified", "bool", "validation_missing_verified_field"),
        ];
        for (name, kind, code) in wanted {
            if new.field(name).is_none_or(|field| field.kind.name() != kind) {
                return Some(FieldError::new(code, format!("System field {name:?} is required.")));
            }
        }
    }
    let kept = |field: &&Field| {
        field.system && !new.fields.iter().any(|other| other.id == field.id && other.name == field.name)
    };
    old.filter(|_| !new.is_view())?.fields.iter().find(kept).map(|_| {
        let message = "System fields cannot be deleted or renamed.";
        FieldError::new("validation_system_field_change", message)
    })
}

/// What a stored field does not let go.
fn kept(before: &Field, after: &Field) -> FieldErrors {
    let mut errors = FieldErrors::new();
    if let (FieldKind::Relation(before), FieldKind::Relation(after)) = (&before.kind, &after.kind)
        && before.collection_id != after.collection_id
    {
        let message = "The relation collection cannot be changed.";
        errors.add("collectionId", FieldError::new("validation_field_relation_change", message));
    }
    if let (FieldKind::Autodate(old), FieldKind::Autodate(new)) = (&before.kind, &after.kind)
        && before.system
    {
        let fixed = || FieldError::new("validation_system_field_change", "System fields cannot be changed.");
        if old.on_create != new.on_create {
            errors.add("onCreate", fixed());
        }
        if old.on_update != new.on_update {
            errors.add("onUpdate", fixed());
        }
    }
    errors
}

/// Two multiple relations must not want the same join table (`a_b` and `c`, `a` and `b_c`).
fn joined_name(new: &Collection, field: &Field, schema: &Schema) -> Check {
    if new.is_view() || !matches!(field.kind, FieldKind::Relation(_)) || !field.is_multiple() {
        return Ok(());
    }
    let table = new.join_table(field).to_lowercase();
    let others = schema.collections().iter().filter(|other| other.id != new.id);
    let clash = others
        .flat_map(|other| other.joined_fields().map(move |(_, field)| (other, field)))
        .find(|(other, field)| other.join_table(field).to_lowercase() == table);
    match clash {
        None => Ok(()),
        Some((other, field)) => Err(FieldError::new(
            "validation_duplicated_join_table",
            format!("The join table {table} belongs to {}.{} already; choose another name.", other.name, field.name),
        )),
    }
}

fn indexes(new: &Collection, old: Option<&Collection>, schema: &Schema) -> FieldErrors {
    let mut errors = FieldErrors::new();
    let (mut names, mut definitions) = (HashSet::new(), HashSet::new());
    for (at, text) in new.indexes.iter().enumerate() {
        let at = at.to_string();
        let Some(index) =
            Index::parse(text).filter(|index| new.name.is_empty() || index.table.eq_ignore_ascii_case(&new.name))
        else {
            let message = "Invalid CREATE INDEX expression.";
            errors.add(at, FieldError::new("validation_invalid_index_expression", message));
            continue;
        };
        let name = index.name.to_lowercase();
        if !names.insert(name.clone()) {
            errors.add(at, FieldError::new("validation_duplicated_index_name", "The index name already exists."));
            continue;
        }
        if let Some(table) = owner_of_index(&name, new, schema) {
            let message = format!("The index name is already used in {table} collection.");
            let error = FieldError::new("validation_existing_index_name", message);
            errors.add(at, error.with("usedTableName", table));
            continue;
        }
        let anonymous = Index { name: String::new(), ..index }.to_sql().to_lowercase();
        if !definitions.insert(anonymous) {
            let message = "The index definition already exists.";
            errors.add(at, FieldError::new("validation_duplicated_index_definition", message));
        }
    }
    if errors.is_empty()
        && let Some(error) = lost_index(new, old)
    {
        return error.into();
    }
    errors
}

fn owner_of_index(name: &str, new: &Collection, schema: &Schema) -> Option<String> {
    let others = schema.collections().iter().filter(|other| other.id != new.id && !other.is_view());
    others
        .flat_map(|other| other.indexes.iter().map(move |text| (other, text)))
        .find(|(_, text)| Index::parse(text).is_some_and(|index| index.name.to_lowercase() == name))
        .map(|(other, _)| other.name.clone())
}

/// A unique index that the collection needs and no longer has.
fn lost_index(new: &Collection, old: Option<&Collection>) -> Option<FieldError> {
    for text in old.filter(|old| old.system).into_iter().flat_map(|old| &old.indexes) {
        let before = Index::parse(text).filter(|index| index.unique)?;
        let same =
            |text: &String| Index::parse(text).is_some_and(|after| after.unique && after.columns == before.columns);
        if !new.indexes.iter().any(same) {
            let message = "Unique index definition on system fields is invalid or missing.";
            return Some(FieldError::new("validation_invalid_unique_system_field_index", message));
        }
    }
    if new.is_auth() {
        for column in ["tokenKey", "email"] {
            if !index::is_unique_alone(&new.indexes, column) {
                let message = format!("Missing required unique index for field {column:?}.");
                let error = FieldError::new("validation_missing_required_unique_index", message);
                return Some(error.with("fieldName", column));
            }
        }
    }
    None
}

fn auth_options(new: &Collection, auth: &AuthOptions) -> FieldErrors {
    let mut errors = FieldErrors::new();
    if auth.manage_rule.as_deref() == Some("") {
        let message = "Cannot be blank.";
        errors.add("manageRule", FieldError::new("validation_nil_or_not_empty_required", message));
    }
    for (name, token) in auth.tokens() {
        let mut own = FieldErrors::new();
        own.check("secret", text_length(&token.secret, 30, 255));
        own.check("duration", bounded(token.duration, 10, 94_670_856));
        errors.add(name, own);
    }
    errors.add("passwordAuth", password_auth(new, auth));
    errors.add("otp", otp(auth));
    errors.add("mfa", mfa(auth));
    errors.add("oauth2", oauth2(auth));
    errors.add("passkey", passkey::check(&auth.passkey));
    let templates = [
        ("verificationTemplate", &auth.verification_template),
        ("resetPasswordTemplate", &auth.reset_password_template),
        ("confirmEmailChangeTemplate", &auth.confirm_email_change_template),
    ];
    for (name, template) in templates {
        errors.add(name, mail(template));
    }
    let alert = FieldErrors::one("emailTemplate", mail(&auth.auth_alert.email_template));
    errors.add("authAlert", alert);
    errors
}

fn mail(template: &super::auth_options::MailTemplate) -> FieldErrors {
    let mut errors = FieldErrors::new();
    for (name, text) in [("subject", &template.subject), ("body", &template.body)] {
        if text.is_empty() {
            errors.add(name, FieldError::required());
        }
    }
    errors
}

fn text_length(text: &str, min: usize, max: usize) -> Check {
    let length = text.chars().count();
    if length == 0 {
        return Err(FieldError::required());
    }
    if (min..=max).contains(&length) { Ok(()) } else { Err(fault::length(min, max)) }
}

fn bounded(number: i64, min: i64, max: i64) -> Check {
    match number {
        0 => Err(FieldError::required()),
        number if number < min => Err(fault::below(min)),
        number if number > max => Err(fault::above(max)),
        _ => Ok(()),
    }
}

fn password_auth(new: &Collection, auth: &AuthOptions) -> FieldErrors {
    if !auth.password_auth.enabled {
        return FieldErrors::new();
    }
    let names = &auth.password_auth.identity_fields;
    if names.is_empty() {
        return FieldErrors::one("identityFields", FieldError::required());
    }
    for name in names {
        if new.field(name).is_none() {
            let message = format!("Invalid or missing field {name}.");
            let error = FieldError::new("validation_missing_field", message).with("fieldName", name.as_str());
            return FieldErrors::one("identityFields", error);
        }
        if !index::is_unique_alone(&new.indexes, name) {
            let message = format!("The field {name} doesn't have a UNIQUE constraint.");
            let error = FieldError::new("validation_missing_unique_constraint", message);
            return FieldErrors::one("identityFields", error.with("fieldName", name.as_str()));
        }
    }
    FieldErrors::new()
}

fn otp(auth: &AuthOptions) -> FieldErrors {
    let mut errors = FieldErrors::new();
    if auth.otp.enabled {
        errors.check("duration", bounded(auth.otp.duration, 10, 86_400));
        let length = auth.otp.length;
        let enough = if length == 0 {
            Err(FieldError::required())
        } else if length < 4 {
            Err(fault::below(4))
        } else {
            Ok(())
        };
        errors.check("length", enough);
    }
    errors.add("emailTemplate", mail(&auth.otp.email_template));
    errors
}

fn mfa(auth: &AuthOptions) -> FieldErrors {
    let mut errors = FieldErrors::new();
    if auth.mfa.enabled {
        errors.check("duration", bounded(auth.mfa.duration, 10, 86_400));
        // Passkeys and authenticator apps are set up by who is signed in: alone beside one other method they would lock out everybody who
        // has none yet.
        let methods = [auth.password_auth.enabled, auth.oauth2.enabled, auth.otp.enabled];
        if errors.is_empty() && methods.into_iter().filter(|enabled| *enabled).count() < 2 {
            let message = match auth.passkey.enabled || auth.totp.enabled {
                false => "MFA requires at least 2 auth methods to be enabled.",
                true => {
                    "MFA requires at least 2 of password, OTP and OAuth2: nobody has a passkey or an authenticator app before the first sign-in. An account with an app is asked for its code without MFA."
                }
            };
            errors.add("enabled", FieldError::new("validation_mfa_not_enough_auths", message));
        }
    }
    errors
}

fn oauth2(auth: &AuthOptions) -> FieldErrors {
    let mut names = HashSet::new();
    let mut providers = FieldErrors::new();
    for (at, provider) in auth.oauth2.providers.iter().enumerate().filter(|_| auth.oauth2.enabled) {
        let mut own = FieldErrors::new();
        if provider.name.is_empty() {
            own.add("name", FieldError::required());
        } else if !names.insert(provider.name.as_str()) {
            let message = format!("The provider {} is already registered.", provider.name);
            let error = FieldError::new("validation_duplicated_provider", message);
            own.add("name", error.with("name", provider.name.as_str()));
        } else if !PROVIDERS.contains(&provider.name.as_str()) {
            let message = format!("Invalid or missing provider with name {}.", provider.name);
            let error = FieldError::new("validation_missing_provider", message);
            own.add("name", error.with("name", provider.name.as_str()));
        }
        for (name, text) in [("clientId", &provider.client_id), ("clientSecret", &provider.client_secret)] {
            if text.is_empty() {
                own.add(name, FieldError::required());
            }
        }
        let urls = [
            ("authURL", &provider.auth_url),
            ("tokenURL", &provider.token_url),
            ("userInfoURL", &provider.user_info_url),
        ];
        for (name, url) in urls {
            if url.is_empty() || is_url(url) {
                continue;
            }
            own.add(name, FieldError::new("validation_is_url", "Must be a valid URL."));
        }
        providers.add(at.to_string(), own);
    }
    FieldErrors::one("providers", providers)
}

/// Providers that a collection may name. Source: PocketBase web API, OAuth2 providers.
const PROVIDERS: [&str; 33] = [
    "apple",
    "google",
    "microsoft",
    "yandex",
    "facebook",
    "instagram2",
    "github",
    "gitlab",
    "bitbucket",
    "gitee",
    "gitea",
    "discord",
    "twitter",
    "kakao",
    "vk",
    "linear",
    "notion",
    "monday",
    "lark",
    "box",
    "spotify",
    "trakt",
    "twitch",
    "patreon",
    "strava",
    "wakatime",
    "livechat",
    "mailcow",
    "planningcenter",
    "oidc",
    "oidc2",
    "oidc3",
    "instagram",
];

#[cfg(test)]
mod tests;
