//! What only the whole struct tells: one id, names that do not clash, rules and indexes about fields that are there.

use proc_macro2::Span;
use syn::{LitStr, Result, ext::IdentExt as _, spanned::Spanned as _};

use super::model::{ACCOUNT_FIELDS, Collection, Field, Index, Kind, Many, Type};
use crate::{
    attr::{self, Mistakes},
    names::Spelling,
    rule,
};

/// Names in Rust that the derive needs itself.
const RESERVED_IDENTS: [&str; 2] = ["new", "update"];
/// Names that the requests of accounts use. Source: the check of schemas in bakend.
const ACCOUNT_FORM_NAMES: [&str; 2] = ["passwordConfirm", "oldPassword"];

pub fn check(collection: &Collection) -> Result<()> {
    let mut mistakes = Mistakes::default();
    check_name(&collection.name, &mut mistakes);
    if let Some(name) = &collection.renamed_from {
        check_name(name, &mut mistakes);
        if name.value() == collection.name.value() {
            mistakes.at(name.span(), "that is the name it has; remove `renamed_from`");
        }
    }
    check_id(collection, &mut mistakes);
    check_names(collection, &mut mistakes);
    check_accounts(collection, &mut mistakes);
    check_kind(collection, &mut mistakes);
    check_rules(collection, &mut mistakes);
    check_indexes(collection, &mut mistakes);
    mistakes.finish()
}

fn check_name(name: &LitStr, mistakes: &mut Mistakes) {
    let text = name.value();
    let is_word = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if text.is_empty() || text.len() > 255 || !is_word || text.contains("_via_") {
        let message = "the name of a collection has letters, digits and underscores, 1 to 255, without `_via_`";
        mistakes.at(name.span(), message);
    } else if text.starts_with('_') {
        mistakes.at(name.span(), "names with an underscore in front belong to system collections");
    }
}

fn check_id(collection: &Collection, mistakes: &mut Mistakes) {
    let owner = &collection.ident;
    let mut ids = collection.fields.iter().filter(|field| field.shape.kind == Kind::Id);
    match (ids.next(), ids.next()) {
        (None, _) => {
            mistakes.at(owner.span(), format!("every record has an id: add a field `pub id: Id<{owner}>`"));
        }
        (Some(_), Some(second)) => {
            let message = "a record has one id; for the id of another record use `Relation<…>`";
            mistakes.at(second.ident.span(), message);
        }
        (Some(id), None) if id.name != "id" => {
            mistakes.at(
                id.ident.span(),
                "the id of a record is named `id`; for the id of another record use `Relation<…>`",
            );
        }
        (Some(id), None) if id.shape.of.as_ref().is_none_or(|of| !is_path(of, owner)) => {
            mistakes.at(id.ty.span(), format!("the id is one of this collection: `Id<{owner}>`"));
        }
        _ => {}
    }
}

/// Whether a type is this one, by its last name.
pub fn is_path(ty: &syn::Type, owner: &syn::Ident) -> bool {
    matches!(ty, syn::Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == *owner))
}

fn check_names(collection: &Collection, mistakes: &mut Mistakes) {
    for (at, field) in collection.fields.iter().enumerate() {
        let ident = field.ident.unraw();
        if RESERVED_IDENTS.iter().any(|reserved| ident == reserved) {
            let message = format!(
                "`{ident}` is the name of a function of the collection; rename the field in Rust: `#[field(name = \"{ident}\")] {ident}_value`"
            );
            mistakes.at(field.ident.span(), message);
        }
        check_setters(collection, field, mistakes);
        check_variant(&collection.fields[..at], field, mistakes);
        if let Some(before) = field.options.text("renamed_from")
            && collection.fields.iter().any(|other| other.name == before.value())
        {
            let message = format!("{:?} is the name of a field that is there; remove `renamed_from`", before.value());
            mistakes.at(before.span(), message);
        }
        let twice = collection.fields[..at].iter().find(|other| other.name.eq_ignore_ascii_case(&field.name));
        if let Some(other) = twice.filter(|_| field.shape.kind != Kind::Id) {
            let span = field.options.text("name").map_or_else(|| field.ident.span(), LitStr::span);
            let message = format!(
                "`{}` is named {:?} in the database already; names differ in more than case",
                other.ident, other.name
            );
            mistakes.at(span, message);
        }
    }
}

/// A function that changes another field, or the password, must not have the name of this field.
fn check_setters(collection: &Collection, field: &Field, mistakes: &mut Mistakes) {
    if collection.kind == Type::View || field.is_autodate() {
        return;
    }
    let ident = field.ident.unraw();
    let takes = |other: &&Field| other.verbs().iter().any(|verb| ident == format!("{verb}_{}", other.ident.unraw()));
    let other = collection.fields.iter().find(takes).map(|other| format!("changes `{}`", other.ident));
    let password =
        (collection.kind == Type::Auth && ident == "old_password").then(|| "changes the password".to_owned());
    if let Some(what) = other.or(password) {
        let message = format!(
            "`{ident}` is the name of a function that {what}; rename the field in Rust: `#[field(name = \"{}\")] {ident}_value`",
            field.name
        );
        mistakes.at(field.ident.span(), message);
    }
}

/// The name of the field among the columns of the SeaORM entity.
fn check_variant(before: &[Field], field: &Field, mistakes: &mut Mistakes) {
    let variant = |field: &Field| Spelling::Pascal.of(&field.ident.unraw().to_string());
    let own = variant(field);
    let rename = format!("rename the field in Rust: `#[field(name = \"{}\")] …`", field.name);
    if own.is_empty() || own == "Self" {
        let message = format!("`{}` makes no name of a column of the SeaORM entity; {rename}", field.ident);
        mistakes.at(field.ident.span(), message);
    } else if let Some(other) = before.iter().find(|other| variant(other) == own) {
        let message = format!("`{}` is the column `{own}` of the SeaORM entity already; {rename}", other.ident);
        mistakes.at(field.ident.span(), message);
    }
}

fn check_accounts(collection: &Collection, mistakes: &mut Mistakes) {
    if collection.kind != Type::Auth {
        return;
    }
    for field in &collection.fields {
        check_implied(collection, field, mistakes);
        if ACCOUNT_FORM_NAMES.contains(&field.name.as_str()) {
            mistakes.at(
                field.ident.span(),
                format!("{:?} is part of the requests of accounts; choose another name", field.name),
            );
        }
        let Some(account) = ACCOUNT_FIELDS.iter().find(|account| account.name == field.name) else { continue };
        if account.kind != field.shape.kind || field.shape.many == Many::Vec {
            let wanted = match account.kind {
                Kind::Password => "Password",
                Kind::Email => "Email` or `Option<Email>",
                Kind::Bool => "bool",
                _ => "String",
            };
            mistakes
                .at(field.ty.span(), format!("the field {:?} of every account has the type `{wanted}`", field.name));
        }
    }
    let unique = |name: &str| {
        name == "email"
            || collection.fields.iter().any(|field| field.name == name && field.options.flag("unique"))
            || collection.indexes.iter().any(|index| index.unique && only_column(collection, index) == Some(name))
    };
    for field in &collection.auth.identity_fields {
        known(collection, field, mistakes);
        if collection.names().contains(&field.value()) && !unique(&field.value()) {
            let message =
                format!("a field that names an account is unique: add #[field(unique)] to {:?}", field.value());
            mistakes.at(field.span(), message);
        }
    }
    for field in &collection.auth.mapped_fields {
        known(collection, field, mistakes);
    }
}

/// A field of every account that the struct does not show must not be there a second time under one of its names.
fn check_implied(collection: &Collection, field: &Field, mistakes: &mut Mistakes) {
    let ident = field.ident.unraw();
    let span = field.options.text("name").map_or_else(|| field.ident.span(), LitStr::span);
    for account in collection.implied() {
        let (name, own) = (account.name, &field.name);
        if name.eq_ignore_ascii_case(own) {
            let message = format!(
                "every account has a field {name:?}, and names differ in more than case; name this one {name:?} to show it"
            );
            mistakes.at(span, message);
        } else if ident == account.ident {
            let message = format!(
                "`{ident}` is the field {name:?} of every account; remove the name to show it, or rename this one in Rust: `#[field(name = {own:?})] {ident}_value`"
            );
            mistakes.at(span, message);
        }
    }
}

/// The one column of an index over all rows.
fn only_column<'a>(collection: &'a Collection, index: &Index) -> Option<&'a str> {
    let [(ident, ..)] = &index.columns[..] else { return None };
    collection.fields.iter().find(|field| field.ident == *ident).map(|field| field.name.as_str())
}

fn known(collection: &Collection, name: &LitStr, mistakes: &mut Mistakes) {
    let names = collection.names();
    if !names.contains(&name.value()) {
        mistakes.at(name.span(), missing(&name.value(), &names));
    }
}

fn missing(name: &str, names: &[String]) -> String {
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let near = attr::nearest(name, &known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    format!("the collection has no field `{name}`{near}\nit has: {}", known.join(", "))
}

fn check_kind(collection: &Collection, mistakes: &mut Mistakes) {
    let Some(query) = &collection.view else { return };
    let text = query.value();
    let head = text.trim_start().get(..6).unwrap_or_default();
    if !head.eq_ignore_ascii_case("select") && !head.to_ascii_lowercase().starts_with("with") {
        mistakes.at(query.span(), "the query of a view is one SELECT: \"SELECT id, … FROM …\"");
    }
    for rule in collection.rules.iter().filter(|rule| rule.key != "list" && rule.key != "view") {
        mistakes
            .at(rule.key.span(), format!("a view is read only and has no {} rule; it has `list` and `view`", rule.key));
    }
    if let Some(index) = collection.indexes.first() {
        mistakes.at(index.columns[0].0.span(), "a view has no indexes; index the tables that it reads");
    }
    for field in &collection.fields {
        for (name, span) in field.options.said().filter(|(name, _)| *name != "name") {
            let message = format!("`{name}` is for stored fields; the query decides what a view has: remove it");
            mistakes.at(span, message);
        }
    }
}

fn check_rules(collection: &Collection, mistakes: &mut Mistakes) {
    let rules = collection.rules.iter().map(|rule| &rule.text);
    let names = collection.names();
    for text in rules.chain(&collection.auth.rules) {
        let rule = text.value();
        if rule.is_empty() {
            continue;
        }
        match rule::fields(&rule) {
            Err(fault) => mistakes.at(text.span(), format!("the rule does not parse: {fault}")),
            // What a view has the query says, and a struct may leave some of it out.
            Ok(_) if collection.kind == Type::View => {}
            Ok(fields) => {
                let unknown = |name: &&String| !names.contains(name) && !name.contains("_via_");
                if let Some(name) = fields.iter().find(unknown) {
                    mistakes.at(text.span(), missing(name, &names));
                }
            }
        }
    }
}

fn check_indexes(collection: &Collection, mistakes: &mut Mistakes) {
    for (ident, ..) in collection.indexes.iter().flat_map(|index| &index.columns) {
        let found = collection.fields.iter().find(|field| field.ident == *ident);
        match found {
            Some(field) => check_column(collection, field, ident.span(), mistakes),
            None if collection.implied().any(|field| *ident == field.ident) => {}
            None => {
                let known: Vec<String> = collection.fields.iter().map(|field| field.ident.to_string()).collect();
                mistakes.at(ident.span(), missing(&ident.to_string(), &known));
            }
        }
    }
    for field in &collection.fields {
        for name in ["unique", "index"].into_iter().filter(|name| field.options.flag(name)) {
            check_column(collection, field, field.options.span(name), mistakes);
        }
        if field.options.flag("unique") && field.options.flag("index") {
            mistakes.at(field.options.span("index"), "a unique field has an index already; remove `index`");
        }
    }
}

fn check_column(collection: &Collection, field: &Field, span: Span, mistakes: &mut Mistakes) {
    if !collection.has_column(field) {
        let message = format!("`{}` lives in a table of its own, which is indexed both ways already", field.ident);
        mistakes.at(span, message);
    }
}
