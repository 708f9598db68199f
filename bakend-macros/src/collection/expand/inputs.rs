//! Typed paths, and the inputs that create and change records.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;

use super::{
    super::model::{Collection, Field, Kind, Many, Type},
    setters::{create_setters, parameter, update_setters},
};

/// The types of the inputs.
pub fn types(collection: &Collection) -> (TokenStream, TokenStream) {
    if collection.kind == Type::View {
        let none = quote!(::bakend::typed::ReadOnly);
        return (none.clone(), none);
    }
    let (create, update) = names(collection);
    (quote!(#create), quote!(#update))
}

fn names(collection: &Collection) -> (Ident, Ident) {
    (format_ident!("{}Create", collection.ident), format_ident!("{}Update", collection.ident))
}

pub fn expand(collection: &Collection) -> TokenStream {
    let paths = paths(collection);
    let owner = &collection.ident;
    if collection.kind == Type::View {
        return quote!(#[allow(non_upper_case_globals, dead_code, private_interfaces)] impl #owner { #(#paths)* });
    }
    let vis = &collection.vis;
    let (create, update) = names(collection);
    let (parameters, sets) = asked(collection);
    let new = if parameters.is_empty() {
        "A new record. Nothing is required; set what is to be set.".to_owned()
    } else {
        "A new record, with what is required; set what else is to be set.".to_owned()
    };
    let (on_create, on_update) = (create_setters(collection), update_setters(collection));
    let about_create = format!("What creates a record of [`{owner}`]; made by [`{owner}::new`].");
    let about_update =
        format!("What changes a record of [`{owner}`]: what is not set stays as it is. Made by [`{owner}::update`].");
    quote! {
        // A field that nobody sees may lead to a collection that nobody sees either.
        #[allow(non_upper_case_globals, dead_code, private_interfaces, private_bounds)]
        impl #owner {
            #(#paths)*

            #[doc = #new]
            #[allow(clippy::too_many_arguments, clippy::new_ret_no_self)]
            #vis fn new(#(#parameters),*) -> #create {
                let mut new = #create { body: ::core::default::Default::default() };
                #(#sets)*
                new
            }

            /// A change of a record that leaves everything as it is, until something is set.
            #vis fn update() -> #update {
                #update { body: ::core::default::Default::default() }
            }
        }

        #[doc = #about_create]
        #[derive(Clone, Debug)]
        #vis struct #create {
            body: ::bakend::typed::Body,
        }

        #[allow(dead_code, private_interfaces, private_bounds)]
        impl #create { #(#on_create)* }

        #[automatically_derived]
        impl ::bakend::typed::Input<#owner> for #create {
            fn into_body(self) -> ::bakend::typed::Body {
                self.body
            }
        }

        #[doc = #about_update]
        #[derive(Clone, Debug)]
        #vis struct #update {
            body: ::bakend::typed::Body,
        }

        #[allow(dead_code, private_interfaces, private_bounds)]
        impl #update { #(#on_update)* }

        #[automatically_derived]
        impl ::bakend::typed::Input<#owner> for #update {
            fn into_body(self) -> ::bakend::typed::Body {
                self.body
            }
        }
    }
}

/// `pub const title: Path<Post, String>`
fn paths(collection: &Collection) -> Vec<TokenStream> {
    let (owner, vis) = (&collection.ident, &collection.vis);
    let path = |ident: &Ident, name: &str, ty: TokenStream| {
        let about = format!("The field `{name}`, for filters, sorts and expands.");
        quote! {
            #[doc = #about]
            #vis const #ident: ::bakend::typed::Path<#owner, #ty> = ::bakend::typed::Path::new(#name);
        }
    };
    let own =
        collection.fields.iter().map(|field| path(&field.ident, &field.name, path_type(&field.shape.kind, field)));
    // Secrets are not filterable.
    let filterable = collection.implied().filter(|field| !matches!(field.kind, Kind::Password | Kind::Text));
    let implied = filterable.map(|field| {
        let ty = if field.kind == Kind::Email { quote!(::bakend::typed::Email) } else { quote!(bool) };
        path(&format_ident!("{}", field.ident), field.name, ty)
    });
    own.chain(implied).collect()
}

/// Of numbers filters know two kinds only.
fn path_type(kind: &Kind, field: &Field) -> TokenStream {
    let inner = &field.shape.inner;
    match (kind, field.shape.many) {
        (Kind::Int { .. }, _) => quote!(i64),
        (Kind::Float, _) => quote!(f64),
        (_, Many::Vec) => quote!(::std::vec::Vec<#inner>),
        _ => quote!(#inner),
    }
}

/// Parameters of `new`, and what they set. Accounts begin with the address and the password, wherever the struct shows them.
fn asked(collection: &Collection) -> (Vec<TokenStream>, Vec<TokenStream>) {
    let mut asked: Vec<(u8, Ident, TokenStream)> = Vec::new();
    let is_account = collection.kind == Type::Auth;
    let place = |name: &str| match name {
        "email" if is_account => 0,
        "password" if is_account => 1,
        _ => 2,
    };
    for field in collection.implied() {
        let ty = match field.kind {
            Kind::Email => quote!(::bakend::typed::Email),
            Kind::Password => quote!(::bakend::typed::Password),
            _ => continue,
        };
        asked.push((place(field.name), format_ident!("{}", field.ident), quote!(impl ::core::convert::Into<#ty>)));
    }
    for field in collection.fields.iter().filter(|field| field.is_asked()) {
        asked.push((place(&field.name), field.ident.clone(), parameter(field)));
    }
    asked.sort_by_key(|(place, ..)| *place);
    asked.into_iter().map(|(_, ident, ty)| (quote!(#ident: #ty), quote!(new = new.#ident(#ident);))).unzip()
}
