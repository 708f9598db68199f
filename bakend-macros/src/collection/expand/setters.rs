//! The functions of inputs that set fields.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, Type as RustType, ext::IdentExt as _};

use super::super::model::{Collection, Field, Kind, Many, Type};

/// What a setter takes.
pub(super) fn parameter(field: &Field) -> TokenStream {
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

/// Of a new record.
pub(super) fn create_setters(collection: &Collection) -> Vec<TokenStream> {
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

/// Of a change.
pub(super) fn update_setters(collection: &Collection) -> Vec<TokenStream> {
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
