//! The SeaORM entity over the same table, in a module beside the struct.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Visibility;

use super::{
    super::model::{Collection, Field, Kind, Many},
    links::{self, Reference, is_single, join_module},
};

pub fn expand(collection: &Collection) -> TokenStream {
    let references = links::references(collection);
    let module = module(collection, &references);
    let relations = links::relations(collection, &references);
    let ways = references.iter().map(|reference| links::links(collection, reference));
    let related = links::related(collection, &references);
    let joins =
        references.iter().filter(|reference| !is_single(reference)).map(|reference| links::join(collection, reference));
    let (owner, entity) = (&collection.ident, &collection.entity);
    quote! {
        #module

        const _: () = {
            use ::bakend::sea_orm::{EntityTrait as _, RelationTrait as _};

            #[automatically_derived]
            impl ::bakend::entity::HasEntity for #owner {
                type Entity = #entity::Entity;

                fn id_column() -> #entity::Column {
                    #entity::Column::Id
                }
            }

            #relations
            #(#joins)*
            #(#ways)*
            #(#related)*
        };
    }
}

/// As far as both the collection and its field are seen, from inside the entity's module: what is seen further must not lead to collections
/// that are not.
fn reach(collection: &Visibility, field: &Visibility) -> TokenStream {
    let narrower = if breadth(field) < breadth(collection) { field } else { collection };
    match narrower {
        Visibility::Inherited => quote!(pub(super)),
        Visibility::Restricted(inside) if inside.path.is_ident("self") => quote!(pub(super)),
        Visibility::Restricted(inside) if inside.path.is_ident("super") => quote!(pub(in super::super)),
        _ => quote!(#narrower),
    }
}

/// How far something is seen: of two visibilities in one place, each sees all that a narrower one sees.
fn breadth(vis: &Visibility) -> (u8, std::cmp::Reverse<usize>) {
    let (rank, depth) = match vis {
        Visibility::Inherited => (0, 0),
        Visibility::Restricted(inside) if inside.path.is_ident("self") => (0, 0),
        Visibility::Restricted(inside) if inside.path.is_ident("super") => (1, 0),
        Visibility::Restricted(inside) if inside.path.is_ident("crate") => (3, 0),
        Visibility::Restricted(inside) => (2, inside.path.segments.len()),
        Visibility::Public(_) => (4, 0),
    };
    (rank, std::cmp::Reverse(depth))
}

fn module(collection: &Collection, references: &[Reference<'_>]) -> TokenStream {
    let (vis, entity, table) = (&collection.vis, &collection.entity, &collection.name);
    let about = format!("The SeaORM entity over the table `{}`.", table.value());
    let own = collection.fields.iter().filter(|field| collection.has_column(field)).map(column);
    let implied = collection.implied().map(|field| {
        let (ident, name) = (format_ident!("{}", field.ident), field.name);
        let ty = if field.kind == Kind::Bool { quote!(bool) } else { quote!(::std::string::String) };
        quote!(#[sea_orm(column_name = #name)] pub #ident: #ty)
    });
    let columns = own.chain(implied);
    let variants = references.iter().filter(|reference| is_single(reference)).map(|reference| &reference.variant);
    let links = references.iter().map(|Reference { link, back, field, .. }| {
        let reach = reach(vis, &field.vis);
        let to = format!("From a record to what its `{}` refers to: `find_linked`.", field.name);
        let from = format!("From a record to those whose `{}` refers to it: `find_linked`.", field.name);
        quote! {
            #[doc = #to]
            #[derive(Clone, Copy, Debug)]
            #reach struct #link;
            #[doc = #from]
            #[derive(Clone, Copy, Debug)]
            #reach struct #back;
        }
    });
    let joins = references.iter().filter(|reference| !is_single(reference)).map(|reference| {
        let (module, name) = (join_module(reference.field), &reference.field.name);
        let table = format!("_rel_{}_{name}", table.value());
        let about = format!("The SeaORM entity over the join table of `{name}`.");
        quote! {
            #[doc = #about]
            pub mod #module {
                // The program may have imported another `Result`, which SeaORM's derive would find.
                use ::core::result::Result;
                use ::bakend::sea_orm;
                use ::bakend::sea_orm::entity::prelude::*;

                /// A reference.
                #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
                #[sea_orm(table_name = #table)]
                pub struct Model {
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub source: ::std::string::String,
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub target: ::std::string::String,
                    pub position: i64,
                }

                /// Both ends.
                #[derive(Clone, Copy, Debug, EnumIter)]
                pub enum Relation {
                    Source,
                    Target,
                }

                impl ActiveModelBehavior for ActiveModel {}
            }
        }
    });
    quote! {
        #[doc = #about]
        #[allow(missing_docs, dead_code, unused_imports, clippy::enum_variant_names)]
        #vis mod #entity {
            // The program may have imported another `Result`, which SeaORM's derive would find.
            use ::core::result::Result;
            use ::bakend::sea_orm;
            use ::bakend::sea_orm::entity::prelude::*;

            /// A row.
            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = #table)]
            pub struct Model {
                #(#columns,)*
            }

            /// The single relations.
            #[derive(Clone, Copy, Debug, EnumIter)]
            pub enum Relation {
                #(#variants,)*
            }

            impl ActiveModelBehavior for ActiveModel {}

            #(#links)*
            #(#joins)*
        }
    }
}

fn column(field: &Field) -> TokenStream {
    let (ident, name) = (&field.ident, &field.name);
    if field.shape.kind == Kind::Id {
        return quote!(#[sea_orm(primary_key, auto_increment = false)] pub #ident: ::std::string::String);
    }
    let ty = match (field.shape.kind, field.shape.many) {
        (_, Many::Vec) => quote!(::bakend::entity::Texts),
        (Kind::Int { .. }, _) => quote!(i64),
        (Kind::Float, _) => quote!(::bakend::entity::Number),
        (Kind::Bool, _) => quote!(bool),
        (Kind::Json, _) => quote!(::core::option::Option<::bakend::serde_json::Value>),
        (Kind::GeoPoint, _) => quote!(::bakend::entity::Point),
        (Kind::Relation, _) => quote!(::core::option::Option<::std::string::String>),
        _ => quote!(::std::string::String),
    };
    quote!(#[sea_orm(column_name = #name)] pub #ident: #ty)
}
