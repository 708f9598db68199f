//! From a struct and its attributes to a [`Collection`].

use proc_macro2::Ident;
use quote::format_ident;
use syn::{
    Attribute, Data, DeriveInput, Error, Expr, ExprLit, Fields, Lit, LitStr, Meta, Result, ext::IdentExt as _,
    spanned::Spanned as _,
};

use super::{
    model::{ACCOUNT_FIELDS, Auth, Collection, Field, Index, Options, Rule, Shape, Type},
    options,
};
use crate::{
    attr::{self, Item, Mistakes, Value},
    names::Spelling,
};

/// Options of the struct.
const OPTIONS: [&str; 9] = ["name", "auth", "view", "rules", "index", "unique", "rename_all", "renamed_from", "entity"];
/// Rules.
const RULES: [&str; 5] = ["list", "view", "create", "update", "delete"];

pub fn parse(input: &DeriveInput) -> Result<Collection> {
    let Data::Struct(data) = &input.data else {
        return Err(Error::new(
            input.ident.span(),
            "a collection is a struct with a field for each field of its records",
        ));
    };
    let Fields::Named(named) = &data.fields else {
        return Err(Error::new(
            input.ident.span(),
            "the fields of a collection have names: `struct … { id: Id<Self>, … }`",
        ));
    };
    if !input.generics.params.is_empty() {
        return Err(Error::new(input.generics.span(), "a collection is one table and takes no parameters"));
    }
    let mut mistakes = Mistakes::default();
    let said = Said::parse(input, &mut mistakes);
    let spelling = said.spelling;
    let is_auth = said.kind == Type::Auth;
    let mut fields = Vec::new();
    for field in &named.named {
        fields.extend(mistakes.keep(self::field(field, &input.ident, spelling, is_auth)));
    }
    let name = said.name.clone().unwrap_or_else(|| LitStr::new("", input.ident.span()));
    mistakes.finish()?;
    Ok(Collection {
        ident: input.ident.clone(),
        vis: input.vis.clone(),
        name,
        kind: said.kind,
        renamed_from: said.renamed_from,
        rules: said.rules,
        auth: said.auth,
        view: said.view,
        indexes: said.indexes,
        entity: said.entity.unwrap_or_else(|| format_ident!("{}_entity", Spelling::Snake.of(&input.ident.to_string()))),
        fields,
    })
}

/// What stands in `#[collection(…)]`.
struct Said {
    name: Option<LitStr>,
    kind: Type,
    renamed_from: Option<LitStr>,
    rules: Vec<Rule>,
    auth: Auth,
    view: Option<LitStr>,
    indexes: Vec<Index>,
    entity: Option<Ident>,
    spelling: Spelling,
}

impl Said {
    fn parse(input: &DeriveInput, mistakes: &mut Mistakes) -> Self {
        let mut said = Self {
            name: None,
            kind: Type::Base,
            renamed_from: None,
            rules: Vec::new(),
            auth: Auth::default(),
            view: None,
            indexes: Vec::new(),
            entity: None,
            spelling: Spelling::AsIs,
        };
        let items = mistakes.keep(attr::items(&input.attrs, "collection"));
        let is_named = items.as_ref().is_none_or(|items| items.iter().any(|item| item.key == "name"));
        for item in items.unwrap_or_default() {
            mistakes.keep(said.read(&item));
        }
        if !is_named {
            let plural = format!("{}s", Spelling::Snake.of(&input.ident.to_string()));
            let message = format!("a collection has a name: add #[collection(name = {plural:?})]");
            mistakes.at(input.ident.span(), message);
        }
        said
    }

    fn read(&mut self, item: &Item) -> Result<()> {
        match item.key.to_string().as_str() {
            "name" => self.name = Some(item.text()?),
            "renamed_from" => self.renamed_from = Some(item.text()?),
            "entity" => self.entity = Some(item.ident()?),
            "rename_all" => self.spelling = Spelling::named(&item.text()?)?,
            "rules" => self.rules = rules(item)?,
            "auth" => {
                self.becomes(Type::Auth, item)?;
                if let Value::Group(_) = item.value {
                    self.auth = Auth::parse(&item.list()?)?;
                } else if !item.flag()? {
                    self.kind = Type::Base;
                }
            }
            "view" => {
                self.becomes(Type::View, item)?;
                self.view = Some(item.text()?);
            }
            "index" | "unique" => match &item.value {
                Value::Group(tokens) => self.indexes.push(Index::parse(&item.key, tokens.clone())?),
                _ => {
                    let message = format!("an index of what? write `{}(field, …)`", item.key);
                    return Err(Error::new(item.key.span(), message));
                }
            },
            _ => return Err(attr::unknown(&item.key, "a collection", &OPTIONS)),
        }
        Ok(())
    }

    fn becomes(&mut self, kind: Type, item: &Item) -> Result<()> {
        if self.kind != Type::Base {
            return Err(Error::new(item.key.span(), "a collection is either `auth` or a `view`; remove one"));
        }
        self.kind = kind;
        Ok(())
    }
}

fn rules(item: &Item) -> Result<Vec<Rule>> {
    let mut rules = Vec::new();
    for item in item.list()? {
        if !RULES.iter().any(|name| item.key == name) {
            return Err(attr::unknown(&item.key, "rules", &RULES));
        }
        let text = item.text()?;
        rules.push(Rule { key: item.key, text });
    }
    Ok(rules)
}

fn field(field: &syn::Field, owner: &Ident, spelling: Spelling, is_auth: bool) -> Result<Field> {
    let ident = field.ident.clone().ok_or_else(|| Error::new(field.span(), "a field has a name"))?;
    let shape = Shape::of(&field.ty, owner)?;
    let options = Options::parse(&attr::items(&field.attrs, "field")?, &shape)?;
    let plain = ident.unraw().to_string();
    let account = ACCOUNT_FIELDS.iter().find(|account| is_auth && account.ident == plain);
    let (name, span) = match (options.text("name"), account) {
        (Some(name), _) => (name.value(), name.span()),
        (None, Some(account)) => (account.name.to_owned(), ident.span()),
        (None, None) => (spelling.of(&plain), ident.span()),
    };
    options::check_name(&name, span)?;
    if let Some(before) = options.text("renamed_from") {
        options::check_name(&before.value(), before.span())?;
    }
    let (vis, ty) = (field.vis.clone(), field.ty.clone());
    Ok(Field { about: about(&field.attrs), vis, ty, ident, name, shape, options })
}

/// The first line of a documentation comment.
fn about(attributes: &[Attribute]) -> Option<String> {
    let first = attributes.iter().find(|attribute| attribute.path().is_ident("doc"))?;
    let Meta::NameValue(pair) = &first.meta else { return None };
    match &pair.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value().trim().to_owned()),
        _ => None,
    }
}
