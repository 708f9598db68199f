//! Typed paths, and the inputs that create and change records.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, Type as RustType, ext::IdentExt as _};

use super::super::model::{Collection, Field, Kind, Many, Type};

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
        return quote!(#[allow(non_upper_case_globals, dead_code)] impl #owner { #(#paths)* });
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
        #[allow(non_upper_case_globals, dead_code)]
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

        #[allow(dead_code)]
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

        #[allow(dead_code)]
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

/// What a setter takes.
fn parameter(field: &Field) -> TokenStream {
    let inner = &field.shape.inner;
    match (field.shape.kind, field.shape.many) {
        (Kind::File, Many::Vec) => quote!(impl ::core::convert::Into<::bakend::typed::NewFiles>),
        (Kind::File, _) => quote!(::bakend::typed::NewFile),
        (_, Many::Vec) => quote!(impl ::core::iter::IntoIterator<Item = impl ::core::convert::Into<#inner>>),
        // A literal of a number has no type of its own that `Into` could start from.
        (Kind::Int { .. } | Kind::Float | Kind::Bool | Kind::GeoPoint, _) => quote!(#inner),
        _ => quote!(impl ::core::convert::Into<#inner>),
    }
}

/// A setter that puts the value of a field under a key.
fn setter(collection: &Collection, field: &Field, ident: &Ident, key: &str, about: &str) -> TokenStream {
    let (vis, ty, inner) = (&collection.vis, parameter(field), &field.shape.inner);
    let value = match (field.shape.kind, field.shape.many) {
        (Kind::File, _) => quote!(self.body.attach(#key, value);),
        (Kind::Password, _) if collection.kind == Type::Auth && field.name == "password" => {
            quote!(self.body.password(&value.into());)
        }
        (_, Many::Vec) => quote! {
            let values: ::std::vec::Vec<#inner> = value.into_iter().map(::core::convert::Into::into).collect();
            self.body.put(#key, &values);
        },
        (Kind::Int { .. } | Kind::Float | Kind::Bool | Kind::GeoPoint, _) => quote!(self.body.put(#key, &value);),
        _ => quote! {
            let value: #inner = value.into();
            self.body.put(#key, &value);
        },
    };
    quote! {
        #[doc = #about]
        #vis fn #ident(mut self, value: #ty) -> Self {
            #value
            self
        }
    }
}

fn create_setters(collection: &Collection) -> Vec<TokenStream> {
    let settable = collection.fields.iter().filter(|field| !field.is_autodate());
    let own = settable.map(|field| {
        let about = format!("Sets `{}`.", field.name);
        setter(collection, field, &field.ident, &field.name, &about)
    });
    own.chain(implied_setters(collection)).collect()
}

/// Setters of what every account has.
fn implied_setters(collection: &Collection) -> Vec<TokenStream> {
    let vis = &collection.vis;
    let settable = collection.implied().filter(|field| field.name != "tokenKey");
    settable
        .map(|field| {
            let (ident, name) = (format_ident!("{}", field.ident), field.name);
            let about = format!("Sets `{name}`.");
            let (ty, set) = match field.kind {
                Kind::Password => (
                    quote!(impl ::core::convert::Into<::bakend::typed::Password>),
                    quote!(self.body.password(&value.into());),
                ),
                Kind::Email => (
                    quote!(impl ::core::convert::Into<::bakend::typed::Email>),
                    quote! {
                        let value: ::bakend::typed::Email = value.into();
                        self.body.put(#name, &value);
                    },
                ),
                _ => (quote!(bool), quote!(self.body.put(#name, &value);)),
            };
            quote! {
                #[doc = #about]
                #vis fn #ident(mut self, value: #ty) -> Self {
                    #set
                    self
                }
            }
        })
        .collect()
}

fn update_setters(collection: &Collection) -> Vec<TokenStream> {
    let vis = &collection.vis;
    let mut setters = implied_setters(collection);
    if collection.kind == Type::Auth {
        setters.push(quote! {
            /// The password until now, which who is neither a superuser nor a manager must know to set another.
            #vis fn old_password(mut self, plain: &str) -> Self {
                self.body.set("oldPassword", plain);
                self
            }
        });
    }
    for field in collection.fields.iter().filter(|field| !field.is_autodate() && field.shape.kind != Kind::Id) {
        let about = format!("Sets `{}`.", field.name);
        setters.push(setter(collection, field, &field.ident, &field.name, &about));
        setters.extend(clear(collection, field));
        setters.extend(modifiers(collection, field));
    }
    setters
}

/// `clear_text()`
fn clear(collection: &Collection, field: &Field) -> Option<TokenStream> {
    let (vis, name, inner) = (&collection.vis, &field.name, &field.shape.inner);
    let ident = format_ident!("clear_{}", field.ident.unraw());
    let about = format!("Leaves nothing in `{name}`.");
    let set = match field.shape.many {
        Many::One => return None,
        Many::Option => quote!(self.body.put(#name, &::core::option::Option::<#inner>::None);),
        Many::Vec => quote!(self.body.put(#name, &::std::vec::Vec::<#inner>::new());),
    };
    Some(quote! {
        #[doc = #about]
        #vis fn #ident(mut self) -> Self {
            #set
            self
        }
    })
}

/// What changes a value relative to what is stored: `add_views(1)`, `append_tags(…)`, `prepend_tags(…)`, `remove_tags(…)`.
fn modifiers(collection: &Collection, field: &Field) -> Vec<TokenStream> {
    let (vis, name) = (&collection.vis, &field.name);
    let ident = |verb: &str| format_ident!("{verb}_{}", field.ident.unraw());
    match (field.shape.kind, field.shape.many) {
        (Kind::Int { .. } | Kind::Float, _) => {
            let (ident, key) = (ident("add"), format!("{name}+"));
            let about = format!("Adds to `{name}`, whatever it is by then; a negative number takes away.");
            let ty: RustType =
                if field.shape.kind == Kind::Float { syn::parse_quote!(f64) } else { syn::parse_quote!(i64) };
            vec![quote! {
                #[doc = #about]
                #vis fn #ident(mut self, value: #ty) -> Self {
                    self.body.put(#key, &value);
                    self
                }
            }]
        }
        (Kind::File, Many::Vec) => {
            let (remove, key) = (ident("remove"), format!("{name}-"));
            let about = format!("Removes these from `{name}`, and their content.");
            vec![
                setter(
                    collection,
                    field,
                    &ident("append"),
                    &format!("{name}+"),
                    &format!("Adds to the end of `{name}`."),
                ),
                setter(
                    collection,
                    field,
                    &ident("prepend"),
                    &format!("+{name}"),
                    &format!("Adds to the start of `{name}`."),
                ),
                quote! {
                    #[doc = #about]
                    #vis fn #remove<'a>(mut self, files: impl ::core::iter::IntoIterator<Item = &'a ::bakend::typed::File>) -> Self {
                        let files: ::std::vec::Vec<::bakend::typed::File> = files.into_iter().cloned().collect();
                        self.body.put(#key, &files);
                        self
                    }
                },
            ]
        }
        (_, Many::Vec) => [
            ("append", format!("{name}+"), "Adds to the end of"),
            ("prepend", format!("+{name}"), "Adds to the start of"),
            ("remove", format!("{name}-"), "Removes these from"),
        ]
        .into_iter()
        .map(|(verb, key, about)| setter(collection, field, &ident(verb), &key, &format!("{about} `{name}`.")))
        .collect(),
        _ => Vec::new(),
    }
}
