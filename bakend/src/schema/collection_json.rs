//! Collections as JSON: on the wire, stored, and with what was sent merged over them.

use serde_json::{Map, Value as Json, json};

use super::{AuthOptions, Collection, CollectionKind, Field, Rule, collection::PROPERTIES};
use crate::{Error, FieldError, Result};

/// Keys of rules: null is a value there, not an absence.
const RULES: [&str; 5] = ["listRule", "viewRule", "createRule", "updateRule", "deleteRule"];
/// Rules among the auth options.
const AUTH_RULES: [&str; 2] = ["authRule", "manageRule"];

impl CollectionKind {
    /// As the wire spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Auth => "auth",
            Self::View => "view",
        }
    }

    /// From the wire's spelling.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Base, Self::Auth, Self::View].into_iter().find(|kind| kind.as_str() == text)
    }
}

impl Collection {
    /// The wire form: without secrets.
    pub fn to_json(&self) -> Json {
        let mut json = self.to_stored_json();
        for (token, _) in self.auth.iter().flat_map(|auth| auth.tokens()) {
            if let Some(token) = json.get_mut(token).and_then(Json::as_object_mut) {
                token.remove("secret");
            }
        }
        let providers = json.get_mut("oauth2").and_then(|oauth2| oauth2.get_mut("providers"));
        for provider in providers.and_then(Json::as_array_mut).into_iter().flatten() {
            if let Some(provider) = provider.as_object_mut() {
                provider.remove("clientSecret");
            }
        }
        Json::Object(json)
    }

    /// The stored form: with secrets.
    pub fn to_stored_json(&self) -> Map<String, Json> {
        let parts = [
            ("id", json!(self.id)),
            ("listRule", json!(self.rules.list)),
            ("viewRule", json!(self.rules.view)),
            ("createRule", json!(self.rules.create)),
            ("updateRule", json!(self.rules.update)),
            ("deleteRule", json!(self.rules.delete)),
            ("name", json!(self.name)),
            ("type", json!(self.kind.as_str())),
            ("fields", self.fields.iter().map(Field::to_json_object).collect()),
            ("indexes", json!(self.indexes)),
            ("created", json!(self.created)),
            ("updated", json!(self.updated)),
            ("system", json!(self.system)),
        ];
        let mut json: Map<String, Json> = parts.map(|(key, value)| (key.to_owned(), value)).into_iter().collect();
        if let Some(Ok(Json::Object(auth))) = self.auth.as_deref().map(serde_json::to_value) {
            json.extend(auth);
        }
        if self.is_view() {
            json.insert("viewQuery".to_owned(), self.view_query.clone().into());
        }
        json
    }

    /// A collection from its stored form, or from what a client sent for a new one: what is missing gets its default.
    ///
    /// # Errors
    /// `Invalid`: something has the wrong type; with a field error at `type` when that is unknown.
    pub fn from_json(sent: &Map<String, Json>) -> Result<Self> {
        let sent = &named(sent);
        let kind = match sent.get("type") {
            None | Some(Json::Null) => CollectionKind::Base,
            Some(kind) => known_kind(kind)?,
        };
        Self::new("", kind).merge(sent)
    }

    /// The collection with what was sent over it: keys that were not sent stay, `fields` and `indexes` are whole lists,
    /// empty secrets keep what is there.
    ///
    /// # Errors
    /// `Invalid`: something has the wrong type; with a field error at `type` when that is unknown.
    pub fn merge(&self, sent: &Map<String, Json>) -> Result<Self> {
        let sent = &named(sent);
        let mut merged = self.clone();
        if let Some(kind) = sent.get("type").filter(|kind| !kind.is_null()) {
            merged.kind = known_kind(kind)?;
        }
        let texts = [
            ("id", &mut merged.id),
            ("name", &mut merged.name),
            ("created", &mut merged.created),
            ("updated", &mut merged.updated),
            ("viewQuery", &mut merged.view_query),
        ];
        for (key, text) in texts {
            match sent.get(key) {
                None => {}
                Some(Json::Null) if key == "id" => {}
                Some(Json::Null) => text.clear(),
                Some(value) => value.as_str().ok_or_else(|| wrong_type(key, "text"))?.clone_into(text),
            }
        }
        if let Some(system) = sent.get("system").filter(|value| !value.is_null()) {
            merged.system = system.as_bool().ok_or_else(|| wrong_type("system", "a bool"))?;
        }
        let rules = [
            &mut merged.rules.list,
            &mut merged.rules.view,
            &mut merged.rules.create,
            &mut merged.rules.update,
            &mut merged.rules.delete,
        ];
        for (key, rule) in RULES.into_iter().zip(rules) {
            if let Some(value) = sent.get(key) {
                *rule = self::rule(key, value)?;
            }
        }
        if let Some(fields) = sent.get("fields").filter(|value| !value.is_null()) {
            let fields = fields.as_array().ok_or_else(|| wrong_type("fields", "a list"))?;
            merged.fields = distinct(fields.iter().map(Field::from_json).collect::<Result<_>>()?);
        }
        if let Some(indexes) = sent.get("indexes").filter(|value| !value.is_null()) {
            let indexes = indexes.as_array().ok_or_else(|| wrong_type("indexes", "a list"))?;
            let text = |index: &Json| index.as_str().map(str::to_owned).ok_or_else(|| wrong_type("indexes", "texts"));
            merged.indexes = indexes.iter().map(text).collect::<Result<_>>()?;
        }
        if merged.kind == CollectionKind::Auth {
            let stored = merged.auth.take().unwrap_or_default();
            merged.auth = Some(Box::new(merged_auth(&stored, sent)?));
        }
        Ok(merged)
    }
}

/// A field with the id of an earlier one, or without an id but with its name, takes its place.
fn distinct(fields: Vec<Field>) -> Vec<Field> {
    let mut kept: Vec<Field> = Vec::with_capacity(fields.len());
    for mut field in fields {
        let same = |other: &&mut Field| {
            if field.id.is_empty() { other.name == field.name } else { other.id == field.id }
        };
        match kept.iter_mut().find(same) {
            Some(earlier) => {
                if field.id.is_empty() {
                    field.id.clone_from(&earlier.id);
                }
                *earlier = field;
            }
            None => kept.push(field),
        }
    }
    kept
}

/// The properties under the names we know them by: case does not count.
fn named(sent: &Map<String, Json>) -> Map<String, Json> {
    let known =
        |key: &str| PROPERTIES.iter().find(|known| known.eq_ignore_ascii_case(key)).map(|known| (*known).to_owned());
    sent.iter().map(|(key, value)| (known(key).unwrap_or_else(|| key.clone()), value.clone())).collect()
}

fn known_kind(json: &Json) -> Result<CollectionKind> {
    let text = json.as_str().ok_or_else(|| wrong_type("type", "text"))?;
    CollectionKind::parse(if text.is_empty() { "base" } else { text }).ok_or_else(|| {
        Error::invalid("").field("type", FieldError::new("validation_in_invalid", "Must be a valid value."))
    })
}

fn rule(key: &str, json: &Json) -> Result<Rule> {
    match json {
        Json::Null => Ok(None),
        Json::String(rule) => Ok(Some(rule.clone())),
        _ => Err(wrong_type(key, "text or null")),
    }
}

fn wrong_type(key: &str, wanted: &str) -> Error {
    Error::invalid(format!("{key} must be {wanted}"))
}

fn merged_auth(stored: &AuthOptions, sent: &Map<String, Json>) -> Result<AuthOptions> {
    let mut all = serde_json::to_value(stored).map_err(Error::internal)?;
    if let Some(all) = all.as_object_mut() {
        for (key, stored) in all.iter_mut() {
            match sent.get(key) {
                Some(value) if AUTH_RULES.contains(&key.as_str()) => *stored = value.clone(),
                Some(value) => over(stored, value),
                None => {}
            }
        }
    }
    let mut merged: AuthOptions = serde_json::from_value(all)
        .map_err(|error| Error::invalid("The auth options have a wrong type").caused_by(error))?;
    for ((_, token), (_, kept)) in merged.tokens_mut().into_iter().zip(stored.tokens()) {
        if token.secret.is_empty() {
            token.secret.clone_from(&kept.secret);
        }
    }
    for provider in merged.oauth2.providers.iter_mut().filter(|provider| provider.client_secret.is_empty()) {
        let kept = stored.oauth2.providers.iter().find(|kept| kept.name == provider.name);
        provider.client_secret = kept.map(|kept| kept.client_secret.clone()).unwrap_or_default();
    }
    Ok(merged)
}

/// Objects merge, everything else is replaced; null changes nothing.
fn over(stored: &mut Json, sent: &Json) {
    match (stored, sent) {
        (_, Json::Null) => {}
        (Json::Object(stored), Json::Object(sent)) => {
            for (key, value) in sent {
                over(stored.entry(key.clone()).or_insert(Json::Null), value);
            }
        }
        (stored, sent) => *stored = sent.clone(),
    }
}
