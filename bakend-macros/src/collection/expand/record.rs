//! Between a stored record and the struct.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::model::{ACCOUNT_FIELDS, Collection, Field, Kind, Type};

pub fn expand(collection: &Collection) -> TokenStream {
    let reads = collection.fields.iter().map(|field| {
        let (ident, name, near) = (&field.ident, &field.name, near(collection, field));
        quote!(#ident: row.get(#near, #name)?)
    });
    let writes = collection.fields.iter().map(|field| {
        let (ident, name) = (&field.ident, &field.name);
        quote!(::bakend::typed::write_field(record, #name, &self.#ident);)
    });
    let id = collection.fields.iter().find(|field| field.shape.kind == Kind::Id).map(|field| &field.ident);
    quote! {
        fn id(&self) -> &::bakend::typed::Id<Self> {
            &self.#id
        }

        fn from_row(row: &::bakend::typed::Row<'_>) -> ::bakend::Result<Self> {
            ::core::result::Result::Ok(Self { #(#reads),* })
        }

        fn write_to(&self, record: &mut ::bakend::schema::Record) {
            #(#writes)*
        }
    }
}

/// Where the field stands in a new collection: the id first, then what every account has, then the others as they are written.
fn near(collection: &Collection, field: &Field) -> usize {
    let is_account = collection.kind == Type::Auth;
    let account = |name: &str| ACCOUNT_FIELDS.iter().position(|account| is_account && account.name == name);
    if field.shape.kind == Kind::Id {
        return 0;
    }
    if let Some(at) = account(&field.name) {
        return 1 + at;
    }
    let own = |other: &&Field| other.shape.kind != Kind::Id && account(&other.name).is_none();
    let before = collection.fields.iter().filter(own).take_while(|other| other.ident != field.ident).count();
    1 + before + if is_account { ACCOUNT_FIELDS.len() } else { 0 }
}
