//! Relations of the SeaORM entity: what they join, and the ways along them.
//!
//! This names types of the program and so stands outside the entity's module: types of a function's body are not seen from modules in it.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Ident, Type as RustType, ext::IdentExt as _};

use super::super::{
    check::is_path,
    model::{Collection, Field, Kind, Many, Type},
};
use crate::{function::last_name, names::Spelling};

/// A relation of the collection.
pub(super) struct Reference<'a> {
    pub field: &'a Field,
    /// `Author`
    pub variant: Ident,
    /// `AuthorLink`
    pub link: Ident,
    /// `AuthorBack`
    pub back: Ident,
    /// The collection pointed at.
    pub target: &'a RustType,
    /// Whether that is the same collection.
    pub to_itself: bool,
}

/// Whether it is a column, and no join table.
pub(super) fn is_single(reference: &Reference<'_>) -> bool {
    reference.field.shape.many != Many::Vec
}

/// The relations of a collection.
pub(super) fn references(collection: &Collection) -> Vec<Reference<'_>> {
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
pub(super) fn join_module(field: &Field) -> Ident {
    format_ident!("{}_link", field.ident.unraw())
}

fn target(reference: &Reference<'_>) -> (TokenStream, TokenStream) {
    let target = reference.target;
    (
        quote!(<#target as ::bakend::entity::HasEntity>::Entity),
        quote!(<#target as ::bakend::entity::HasEntity>::id_column()),
    )
}

/// What each single relation joins.
pub(super) fn relations(collection: &Collection, references: &[Reference<'_>]) -> TokenStream {
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

/// Both ends of a join table.
pub(super) fn join(collection: &Collection, reference: &Reference<'_>) -> TokenStream {
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

/// The ways along a relation, there and back.
pub(super) fn links(collection: &Collection, reference: &Reference<'_>) -> TokenStream {
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
pub(super) fn related(collection: &Collection, references: &[Reference<'_>]) -> Vec<TokenStream> {
    let entity = &collection.entity;
    // One type may be written in several ways.
    let last = |reference: &Reference<'_>| last_name(reference.target).map(|(name, _)| name);
    let is_only = |reference: &&Reference<'_>| {
        !reference.to_itself && references.iter().filter(|other| last(other) == last(reference)).count() == 1
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
