//! The SeaORM entity over the same table, in a module beside the struct.
//!
//! What names types of the program stands outside the module: types of a function's body are not seen from modules in it.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, Type as RustType, ext::IdentExt as _};

use super::super::{
    check::is_path,
    model::{Collection, Field, Kind, Many, Type},
};
use crate::names::Spelling;

/// A relation of the collection.
struct Reference<'a> {
    field: &'a Field,
    /// `Author`
    variant: Ident,
    /// `AuthorLink`
    link: Ident,
    /// `AuthorBack`
    back: Ident,
    /// The collection pointed at.
    target: &'a RustType,
    /// Whether that is the same collection.
    to_itself: bool,
}

pub fn expand(collection: &Collection) -> TokenStream {
    let references: Vec<Reference<'_>> = references(collection);
    let module = module(collection, &references);
    let relations = relations(collection, &references);
    let links = references.iter().map(|reference| links(collection, reference));
    let related = related(collection, &references);
    let joins =
        references.iter().filter(|reference| !is_single(reference)).map(|reference| join(collection, reference));
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
            #(#links)*
            #(#related)*
        };
    }
}

fn is_single(reference: &Reference<'_>) -> bool {
    reference.field.shape.many != Many::Vec
}

fn references(collection: &Collection) -> Vec<Reference<'_>> {
    // Columns of a view refer to nothing: a view has no foreign keys, but its ids may be followed all the same.
    let fields = collection.fields.iter().filter(|field| field.shape.kind == Kind::Relation);
    fields
        .filter(|field| collection.kind != Type::View || field.shape.many != Many::Vec)
        .filter_map(|field| {
            let name = Spelling::Pascal.of(&field.ident.unraw().to_string());
            let target = field.shape.of.as_ref()?;
            Some(Reference {
                field,
                variant: format_ident!("{name}"),
                link: format_ident!("{name}Link"),
                back: format_ident!("{name}Back"),
                target,
                to_itself: is_path(target, &collection.ident),
            })
        })
        .collect()
}

/// The name of the join table's module.
fn join_module(field: &Field) -> Ident {
    format_ident!("{}_link", field.ident.unraw())
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
        let to = format!("From a record to what its `{}` refers to: `find_linked`.", field.name);
        let from = format!("From a record to those whose `{}` refers to it: `find_linked`.", field.name);
        quote! {
            #[doc = #to]
            #[derive(Clone, Copy, Debug)]
            pub struct #link;
            #[doc = #from]
            #[derive(Clone, Copy, Debug)]
            pub struct #back;
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

fn target(reference: &Reference<'_>) -> (TokenStream, TokenStream) {
    let target = reference.target;
    (
        quote!(<#target as ::bakend::entity::HasEntity>::Entity),
        quote!(<#target as ::bakend::entity::HasEntity>::id_column()),
    )
}

fn relations(collection: &Collection, references: &[Reference<'_>]) -> TokenStream {
    let entity = &collection.entity;
    let arms: Vec<TokenStream> = references
        .iter()
        .filter(|reference| is_single(reference))
        .map(|reference| {
            let (variant, column) = (&reference.variant, &reference.variant);
            let (target, id) = target(reference);
            quote! {
                #entity::Relation::#variant =>
                    #entity::Entity::belongs_to(<#target as ::core::default::Default>::default())
                        .from(#entity::Column::#column)
                        .to(#id)
                        .into()
            }
        })
        .collect();
    let body = if arms.is_empty() { quote!(match *self {}) } else { quote!(match self { #(#arms,)* }) };
    quote! {
        impl ::bakend::sea_orm::RelationTrait for #entity::Relation {
            fn def(&self) -> ::bakend::sea_orm::RelationDef {
                #body
            }
        }
    }
}

fn join(collection: &Collection, reference: &Reference<'_>) -> TokenStream {
    let (entity, module) = (&collection.entity, join_module(reference.field));
    let (target, id) = target(reference);
    quote! {
        impl ::bakend::sea_orm::RelationTrait for #entity::#module::Relation {
            fn def(&self) -> ::bakend::sea_orm::RelationDef {
                match self {
                    Self::Source => #entity::#module::Entity::belongs_to(#entity::Entity)
                        .from(#entity::#module::Column::Source)
                        .to(#entity::Column::Id)
                        .into(),
                    Self::Target => #entity::#module::Entity::belongs_to(<#target as ::core::default::Default>::default())
                        .from(#entity::#module::Column::Target)
                        .to(#id)
                        .into(),
                }
            }
        }
    }
}

fn links(collection: &Collection, reference: &Reference<'_>) -> TokenStream {
    let (entity, link, back) = (&collection.entity, &reference.link, &reference.back);
    let (target, _) = target(reference);
    let (there, here) = if is_single(reference) {
        let variant = &reference.variant;
        let relation = quote!(#entity::Relation::#variant.def());
        (quote!(#relation), quote!(#relation.rev()))
    } else {
        let module = join_module(reference.field);
        let source = quote!(#entity::#module::Relation::Source.def());
        let target = quote!(#entity::#module::Relation::Target.def());
        (quote!(#source.rev(), #target), quote!(#target.rev(), #source))
    };
    quote! {
        impl ::bakend::sea_orm::Linked for #entity::#link {
            type FromEntity = #entity::Entity;
            type ToEntity = #target;

            fn link(&self) -> ::std::vec::Vec<::bakend::sea_orm::LinkDef> {
                ::std::vec![#there]
            }
        }

        impl ::bakend::sea_orm::Linked for #entity::#back {
            type FromEntity = #target;
            type ToEntity = #entity::Entity;

            fn link(&self) -> ::std::vec::Vec<::bakend::sea_orm::LinkDef> {
                ::std::vec![#here]
            }
        }
    }
}

/// `Related`, for collections that one relation only points at: of several nobody knows which is meant.
fn related(collection: &Collection, references: &[Reference<'_>]) -> Vec<TokenStream> {
    let entity = &collection.entity;
    let text = |reference: &Reference<'_>| {
        let target = reference.target;
        quote!(#target).to_string()
    };
    let is_only = |reference: &&Reference<'_>| {
        !reference.to_itself && references.iter().filter(|other| text(other) == text(reference)).count() == 1
    };
    references
        .iter()
        .filter(is_only)
        .map(|reference| {
            let (target, _) = target(reference);
            let ways = if is_single(reference) {
                let variant = &reference.variant;
                quote! {
                    fn to() -> ::bakend::sea_orm::RelationDef {
                        #entity::Relation::#variant.def()
                    }
                }
            } else {
                let module = join_module(reference.field);
                quote! {
                    fn to() -> ::bakend::sea_orm::RelationDef {
                        #entity::#module::Relation::Target.def()
                    }

                    fn via() -> ::core::option::Option<::bakend::sea_orm::RelationDef> {
                        ::core::option::Option::Some(#entity::#module::Relation::Source.def().rev())
                    }
                }
            };
            quote!(impl ::bakend::sea_orm::Related<#target> for #entity::Entity { #ways })
        })
        .collect()
}
