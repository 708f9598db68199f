//! Indexes: `index(author, created desc, where = "…", name = "…")`, `unique(slug nocase)`.

use proc_macro2::TokenStream;
use syn::{
    Error, Ident, LitStr, Result, Token,
    ext::IdentExt as _,
    parse::{Parse, ParseStream, Parser as _},
    punctuated::Punctuated,
};

use crate::attr::{Item, Value};

/// An index.
pub struct Index {
    pub unique: bool,
    /// Fields by their Rust names, with a collation and an order.
    pub columns: Vec<(Ident, &'static str, &'static str)>,
    pub name: Option<LitStr>,
    pub condition: Option<LitStr>,
}

enum Part {
    Column(Ident, &'static str, &'static str),
    Text(Ident, LitStr),
}

impl Parse for Part {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let name = Ident::parse_any(input)?;
        if input.peek(Token![=]) {
            if name != "name" && name != "where" {
                return Err(Error::new(name.span(), "an index has fields, `name = \"…\"` and `where = \"…\"`"));
            }
            input.parse::<Token![=]>()?;
            let item = Item { key: name.clone(), value: Value::Expr(Box::new(input.parse()?)) };
            return Ok(Self::Text(name, item.text()?));
        }
        let (mut collate, mut order) = ("", "");
        while !input.is_empty() && !input.peek(Token![,]) {
            let word = Ident::parse_any(input)?;
            match word.to_string().as_str() {
                "nocase" => collate = "NOCASE",
                "asc" => order = "ASC",
                "desc" => order = "DESC",
                _ => {
                    let message = "after the field of an index stands `asc`, `desc`, `nocase` or nothing";
                    return Err(Error::new(word.span(), message));
                }
            }
        }
        Ok(Self::Column(name, collate, order))
    }
}

impl Index {
    /// From what stands in the parentheses.
    pub fn parse(key: &Ident, tokens: TokenStream) -> Result<Self> {
        let mut index = Self { unique: key == "unique", columns: Vec::new(), name: None, condition: None };
        for part in Punctuated::<Part, Token![,]>::parse_terminated.parse2(tokens)? {
            match part {
                Part::Column(name, collate, order) => index.columns.push((name, collate, order)),
                Part::Text(key, text) if key == "name" => index.name = Some(text),
                Part::Text(_, text) => index.condition = Some(text),
            }
        }
        if index.columns.is_empty() {
            return Err(Error::new(key.span(), format!("an index of what? write `{key}(field, …)`")));
        }
        Ok(index)
    }
}
