//! `#[derive(Collection)]`: a struct as a collection.
//!
//! `parse` (with `shape`, `options`, `auth`, `origin`, `index`): the struct into a [`model`]; `check`: what only the whole tells; `expand`: the code.

mod auth;
mod check;
mod expand;
mod index;
mod model;
mod options;
mod origin;
mod parse;
mod shape;

use proc_macro2::TokenStream;
use syn::{DeriveInput, Result};

pub fn derive(input: DeriveInput) -> Result<TokenStream> {
    let collection = parse::parse(&input)?;
    check::check(&collection)?;
    Ok(expand::expand(&collection))
}
