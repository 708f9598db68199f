//! The code that a collection becomes.

mod definition;
mod entity;
mod inputs;
mod links;
mod record;
mod setters;

use proc_macro2::TokenStream;
use quote::quote;

use super::model::Collection;

pub fn expand(collection: &Collection) -> TokenStream {
    let record = record::expand(collection);
    let definition = definition::expand(collection);
    let inputs = inputs::expand(collection);
    let entity = entity::expand(collection);
    let owner = &collection.ident;
    let name = &collection.name;
    let kind = match collection.kind {
        super::model::Type::Base => quote!(Base),
        super::model::Type::Auth => quote!(Auth),
        super::model::Type::View => quote!(View),
    };
    let (create, update) = inputs::types(collection);
    quote! {
        #[automatically_derived]
        impl ::bakend::typed::Collection for #owner {
            const NAME: &'static str = #name;
            const KIND: ::bakend::schema::CollectionKind = ::bakend::schema::CollectionKind::#kind;
            type Create = #create;
            type Update = #update;

            #definition
            #record
        }

        #inputs
        #entity
    }
}
