//! `#[bakend::main]`: an async `main` on bakend's runtime.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, ItemFn, Result, spanned::Spanned as _};

use crate::function;

pub fn expand(attribute: TokenStream, function: &ItemFn) -> Result<TokenStream> {
    if !attribute.is_empty() {
        return Err(Error::new(
            attribute.span(),
            "#[bakend::main] has no options; what the server listens on the builder or the command line says",
        ));
    }
    function::check(function, "bakend::main")?;
    if function.sig.ident != "main" {
        return Err(Error::new(function.sig.ident.span(), "#[bakend::main] is for `async fn main`"));
    }
    if let Some(first) = function.sig.inputs.first() {
        return Err(Error::new_spanned(
            first,
            "`main` takes nothing; the arguments of the program are for the command line",
        ));
    }
    let ItemFn { attrs, vis, sig, block, .. } = function;
    let output = &sig.output;
    Ok(quote! {
        #(#attrs)*
        #vis fn main() -> ::std::process::ExitCode {
            async fn main() #output #block
            ::bakend::block_on(main())
        }
    })
}
