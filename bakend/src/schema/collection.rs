//! A collection: a named table of records with fields, rules and indexes, or a view over others.

use super::{AuthOptions, Field, FieldKind};

/// `None`: superusers only. `Some("")`: everyone. Otherwise a filter that the record must satisfy.
pub type Rule = Option<String>;

/// What kind of collection it is; fixed at creation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CollectionKind {
    /// Records.
    Base,
    /// Records that can sign in.
    Auth,
    /// The rows of a SELECT; read only.
    View,
}

/// Who may do what with the records.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Rules {
    /// Which records a list shows.
    pub list: Rule,
    /// Which record can be seen by its id.
    pub view: Rule,
    /// Which new records are accepted.
    pub create: Rule,
    /// Which stored records may be changed.
    pub update: Rule,
    /// Which stored records may be deleted.
    pub delete: Rule,
}

/// A collection, as stored and as the API shows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Collection {
    /// `pbc_…`, or what the creator chose; fixed.
    pub id: String,
    /// The table's name; unique without regard to case.
    pub name: String,
    /// Base, auth or view.
    pub kind: CollectionKind,
    /// Whether bakend itself needs it: name, rules and system fields are fixed.
    pub system: bool,
    /// Who may do what.
    pub rules: Rules,
    /// In the order shown; the first is usually `id`.
    pub fields: Vec<Field>,
    /// `CREATE [UNIQUE] INDEX …` statements.
    pub indexes: Vec<String>,
    /// When it was created (wire form).
    pub created: String,
    /// When it was last changed (wire form).
    pub updated: String,
    /// Of auth collections.
    pub auth: Option<Box<AuthOptions>>,
    /// Of view collections: the SELECT; empty otherwise.
    pub view_query: String,
}

impl Collection {
    /// The position of a field, by its exact name.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    /// A field by its exact name.
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// Whether its records can sign in.
    pub fn is_auth(&self) -> bool {
        self.kind == CollectionKind::Auth
    }

    /// Whether a field holds what lets others in: a password's hash, or the key that tokens are signed with.
    pub fn keeps_secret(&self, field: &Field) -> bool {
        matches!(field.kind, FieldKind::Password(_)) || self.is_auth() && field.name == "tokenKey"
    }

    /// Whether it is a SELECT over others.
    pub fn is_view(&self) -> bool {
        self.kind == CollectionKind::View
    }

    /// Whether it is the collection of superusers.
    pub fn is_superusers(&self) -> bool {
        self.id == SUPERUSERS_ID
    }

    /// The name of the join table that holds a multiple relation.
    pub fn join_table(&self, field: &Field) -> String {
        format!("_rel_{}_{}", self.name, field.name)
    }

    /// Fields of multiple relations: those that live in join tables.
    pub fn joined_fields(&self) -> impl Iterator<Item = (usize, &Field)> {
        self.fields
            .iter()
            .enumerate()
            .filter(|(_, field)| !self.is_view() && matches!(field.kind, FieldKind::Relation(_)) && field.is_multiple())
    }
}

/// Name of the collection of superusers.
pub const SUPERUSERS: &str = "_superusers";
/// Id of the collection of superusers; official SDKs know it.
pub const SUPERUSERS_ID: &str = "pbc_3142635823";
/// The properties of a collection on the wire, in the order that clients and diffs of exports know. Each type has its own of them.
///
/// Source: PocketBase web API, JSON of a collection.
pub const PROPERTIES: [&str; 31] = [
    "id",
    "listRule",
    "viewRule",
    "createRule",
    "updateRule",
    "deleteRule",
    "name",
    "type",
    "fields",
    "indexes",
    "created",
    "updated",
    "system",
    "authRule",
    "manageRule",
    "authAlert",
    "oauth2",
    "passwordAuth",
    "mfa",
    "otp",
    "passkey",
    "totp",
    "authToken",
    "passwordResetToken",
    "emailChangeToken",
    "verificationToken",
    "fileToken",
    "verificationTemplate",
    "resetPasswordTemplate",
    "confirmEmailChangeTemplate",
    "viewQuery",
];
