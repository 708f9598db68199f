//! The collections that a document tells of.

use std::collections::HashSet;

use crate::document::{About, Document, Kind, Schema};

/// A collection.
#[derive(Debug)]
pub(crate) struct Collection<'a> {
    pub name: &'a str,
    pub kind: Kind,
    pub mfa: bool,
    pub record: &'a Schema,
    pub create: Option<&'a Schema>,
    pub update: Option<&'a Schema>,
    /// The name, the collection it leads to, and whether to several records.
    pub relations: Vec<(&'a str, &'a str, bool)>,
    /// Ways to sign in.
    pub auth: Vec<&'static str>,
}

/// What switches on a way to sign in, and what clients call it.
const WAYS: [(&str, &str); 6] = [
    ("authWithPassword", "password"),
    ("authWithOtp", "otp"),
    ("authWithOAuth2", "oauth2"),
    ("authWithPasskey", "passkey"),
    ("authWithTotp", "totp"),
    ("requestVerification", "mails"),
];

/// All collections, by name.
pub(crate) fn all(document: &Document) -> Vec<Collection<'_>> {
    let operations: HashSet<(String, String)> =
        document.operations().map(|operation| (operation.collection, operation.action)).collect();
    let schemas = &document.components.schemas;
    let told = schemas.values().filter_map(|schema| Some((schema, schema.collection.as_ref()?)));
    let mut all: Vec<_> = told.map(|(schema, about)| one(document, &operations, schema, about)).collect();
    all.sort_by_key(|collection| collection.name);
    all.dedup_by_key(|collection| collection.name);
    all
}

fn one<'a>(
    document: &'a Document,
    operations: &HashSet<(String, String)>,
    record: &'a Schema,
    about: &'a About,
) -> Collection<'a> {
    let schemas = &document.components.schemas;
    let input = |of: &str| {
        let form = schemas.get(&format!("{}{of}Form", about.name));
        form.or_else(|| schemas.get(&format!("{}{of}", about.name)))
    };
    let expand = record.properties.get("expand").map(|expand| &expand.properties);
    let relations = expand.into_iter().flatten().filter_map(|(name, schema)| {
        let (target, many) = match &schema.items {
            Some(items) => (items.reference.as_deref()?, true),
            None => (schema.reference.as_deref()?, false),
        };
        Some((name.as_str(), document.find(target)?.collection.as_ref()?.name.as_str(), many))
    });
    let is_on =
        |action: &str| about.kind == Kind::Auth && operations.contains(&(about.name.clone(), action.to_owned()));
    Collection {
        name: &about.name,
        kind: about.kind,
        mfa: about.mfa,
        record,
        create: input("Create").filter(|_| about.kind != Kind::View),
        update: input("Update").filter(|_| about.kind != Kind::View),
        relations: relations.collect(),
        auth: WAYS.iter().filter(|(action, _)| is_on(action)).map(|(_, way)| *way).collect(),
    }
}
