//! What was written, understood.

use syn::{Ident, LitStr, Visibility};

pub use super::{
    auth::Auth,
    index::Index,
    options::Options,
    shape::{Kind, Many, Shape},
};

/// Base, auth or view.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    Base,
    Auth,
    View,
}

/// A rule and its name on the wire.
pub struct Rule {
    pub key: Ident,
    pub text: LitStr,
}

/// A collection.
pub struct Collection {
    /// The struct.
    pub ident: Ident,
    pub vis: Visibility,
    /// The name of the table.
    pub name: LitStr,
    pub kind: Type,
    pub renamed_from: Option<LitStr>,
    pub rules: Vec<Rule>,
    pub auth: Auth,
    pub view: Option<LitStr>,
    pub indexes: Vec<Index>,
    /// The module of the SeaORM entity.
    pub entity: Ident,
    pub fields: Vec<Field>,
}

/// A field.
pub struct Field {
    /// In Rust.
    pub ident: Ident,
    pub vis: Visibility,
    /// In the database.
    pub name: String,
    /// The first line of its documentation.
    pub about: Option<String>,
    /// The type as it is written.
    pub ty: syn::Type,
    pub shape: Shape,
    pub options: Options,
}

/// A field that accounts have whether the struct shows it or not.
pub struct AccountField {
    /// In Rust.
    pub ident: &'static str,
    /// In the database.
    pub name: &'static str,
    pub kind: Kind,
}

/// Fields of accounts, in the order of the table.
pub const ACCOUNT_FIELDS: [AccountField; 5] = [
    AccountField { ident: "password", name: "password", kind: Kind::Password },
    AccountField { ident: "token_key", name: "tokenKey", kind: Kind::Text },
    AccountField { ident: "email", name: "email", kind: Kind::Email },
    AccountField { ident: "email_visibility", name: "emailVisibility", kind: Kind::Bool },
    AccountField { ident: "verified", name: "verified", kind: Kind::Bool },
];

impl Collection {
    /// Fields of accounts that the struct does not show.
    pub fn implied(&self) -> impl Iterator<Item = &'static AccountField> {
        let shown = |field: &&AccountField| self.fields.iter().any(|own| own.name == field.name);
        ACCOUNT_FIELDS.iter().filter(move |field| self.kind == Type::Auth && !shown(field))
    }

    /// The names that its records have in the database.
    pub fn names(&self) -> Vec<String> {
        let own = self.fields.iter().map(|field| field.name.clone());
        own.chain(self.implied().map(|field| field.name.to_owned())).collect()
    }

    /// Whether it has a column of its own; multiple relations have a table instead.
    pub fn has_column(&self, field: &Field) -> bool {
        self.kind == Type::View || field.shape.kind != Kind::Relation || field.shape.many != Many::Vec
    }
}

impl Field {
    /// Whether the server sets it.
    pub fn is_autodate(&self) -> bool {
        self.shape.kind == Kind::DateTime && (self.options.flag("on_create") || self.options.flag("on_update"))
    }

    /// What begins the names of the functions that change it relative to what is stored: `clear_tags`, `append_tags`.
    pub fn verbs(&self) -> &'static [&'static str] {
        match (self.shape.kind, self.shape.many) {
            (Kind::Id, _) => &[],
            _ if self.is_autodate() => &[],
            (Kind::Int { .. } | Kind::Float, Many::Option) => &["clear", "add"],
            (Kind::Int { .. } | Kind::Float, _) => &["add"],
            (_, Many::Vec) => &["clear", "append", "prepend", "remove"],
            (_, Many::Option) => &["clear"],
            (_, Many::One) => &[],
        }
    }

    /// Whether a record needs a value for it that is not the zero value.
    pub fn is_required(&self) -> bool {
        if self.is_autodate() || self.shape.kind == Kind::Id {
            return false;
        }
        self.options.required().unwrap_or(self.shape.is_required_by_type())
    }

    /// Whether a new record cannot do without it: required, and nothing draws a value.
    pub fn is_asked(&self) -> bool {
        self.is_required() && self.options.text("autogenerate_pattern").is_none()
    }
}
