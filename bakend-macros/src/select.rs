//! `#[derive(SelectValue)]`: the variants of an enum as the values of a select field.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Ident, LitStr, Result, spanned::Spanned as _};

use crate::{
    attr::{self, Mistakes},
    names::Spelling,
};

/// One value.
struct Value {
    variant: Ident,
    name: LitStr,
}

pub fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let values = parse(input)?;
    check(input, &values)?;
    Ok(expand(&input.ident, &values))
}

fn parse(input: &DeriveInput) -> Result<Vec<Value>> {
    let Data::Enum(data) = &input.data else {
        return Err(Error::new(input.ident.span(), "SelectValue is for enums: each variant is one value"));
    };
    if !input.generics.params.is_empty() {
        return Err(Error::new(input.generics.span(), "an enum of select values takes no parameters"));
    }
    let mut mistakes = Mistakes::default();
    let mut spelling = Spelling::Snake;
    for item in attr::items(&input.attrs, "select")? {
        match item.key.to_string().as_str() {
            "rename_all" => {
                spelling = mistakes.keep(item.text().and_then(|name| Spelling::named(&name))).unwrap_or(spelling);
            }
            _ => mistakes.add(attr::unknown(&item.key, "the enum", &["rename_all"])),
        }
    }
    let mut values = Vec::new();
    for variant in &data.variants {
        if !matches!(variant.fields, Fields::Unit) {
            mistakes.at(variant.fields.span(), "a value of a select carries no data; make the variant a plain name");
        }
        let plain = spelling.of(&variant.ident.to_string());
        let mut name = LitStr::new(&plain, variant.ident.span());
        for item in mistakes.keep(attr::items(&variant.attrs, "select")).unwrap_or_default() {
            match item.key.to_string().as_str() {
                "rename" => name = mistakes.keep(item.text()).unwrap_or(name),
                _ => mistakes.add(attr::unknown(&item.key, "a value of a select", &["rename"])),
            }
        }
        values.push(Value { variant: variant.ident.clone(), name });
    }
    mistakes.finish()?;
    Ok(values)
}

fn check(input: &DeriveInput, values: &[Value]) -> Result<()> {
    let mut mistakes = Mistakes::default();
    if values.is_empty() {
        mistakes.at(input.ident.span(), "a select has at least one value; add a variant");
    }
    for (at, value) in values.iter().enumerate() {
        let name = value.name.value();
        if name.is_empty() {
            mistakes.at(value.name.span(), "a value is not empty: the empty text stands for none");
        }
        if values[..at].iter().any(|other| other.name.value() == name) {
            let message = format!("two variants have the value {name:?}; rename one: #[select(rename = \"…\")]");
            mistakes.at(value.name.span(), message);
        }
    }
    mistakes.finish()
}

fn expand(ident: &Ident, values: &[Value]) -> TokenStream {
    let names: Vec<_> = values.iter().map(|value| &value.name).collect();
    let variants: Vec<_> = values.iter().map(|value| &value.variant).collect();
    quote! {
        #[automatically_derived]
        impl ::bakend::typed::SelectValue for #ident {
            const VALUES: &'static [&'static str] = &[#(#names),*];

            fn name(&self) -> &'static str {
                match self {
                    #(Self::#variants => #names,)*
                }
            }

            fn from_name(name: &str) -> ::core::option::Option<Self> {
                match name {
                    #(#names => ::core::option::Option::Some(Self::#variants),)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    }
}
