//! What `#[hook]`, `#[job]` and `#[main]` have in common: an async function that becomes a value.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Error, FnArg, ItemFn, PatType, Result, ReturnType, Type, spanned::Spanned as _};

/// Checks what every such function is: async, no method, without parameters of types.
pub fn check(function: &ItemFn, attribute: &str) -> Result<()> {
    let signature = &function.sig;
    if signature.asyncness.is_none() {
        return Err(Error::new(signature.fn_token.span(), format!("#[{attribute}] is for an `async fn`: add `async`")));
    }
    if !signature.generics.params.is_empty() {
        let message = format!("#[{attribute}] makes one value of the function, which takes no type parameters");
        return Err(Error::new(signature.generics.span(), message));
    }
    Ok(())
}

/// The parameters; `self` is none.
pub fn parameters(function: &ItemFn) -> Result<Vec<&PatType>> {
    let inputs = function.sig.inputs.iter();
    inputs
        .map(|input| match input {
            FnArg::Typed(typed) => Ok(typed),
            other => Err(Error::new(other.span(), "a free function is wanted here, not a method")),
        })
        .collect()
}

/// Checks that the function says how it went.
pub fn check_result(function: &ItemFn) -> Result<()> {
    match &function.sig.output {
        ReturnType::Type(..) => Ok(()),
        ReturnType::Default => Err(Error::new(function.sig.ident.span(), "say how it went: `-> bakend::Result<()>`")),
    }
}

/// A struct of the function's name, with the function in it as `run`, and a function of that name which makes one. No unit struct: that
/// would be a constant too, which the name of no local variable may be.
pub fn as_value(function: &ItemFn, about: &str) -> TokenStream {
    let ItemFn { attrs, vis, sig, block, .. } = function;
    let (docs, others): (Vec<&Attribute>, Vec<&Attribute>) =
        attrs.iter().partition(|attribute| attribute.path().is_ident("doc"));
    let (ident, inputs, output) = (&sig.ident, &sig.inputs, &sig.output);
    let run = format!("Runs it by hand: {about}");
    quote! {
        #(#docs)*
        #[allow(non_camel_case_types)]
        #[derive(Clone, Copy, Debug)]
        #vis struct #ident {}

        #(#docs)*
        #[doc(hidden)]
        #[must_use]
        #vis fn #ident() -> #ident {
            #ident {}
        }

        impl #ident {
            #[doc = #run]
            #(#others)*
            #vis async fn run(#inputs) #output #block
        }
    }
}

/// The last name of a type and the text of its parameter, through `&mut`.
pub fn last_name(ty: &Type) -> Option<(String, Option<&Type>)> {
    // What a macro wrote may stand in a group.
    let ty = if let Type::Group(group) = ty { &*group.elem } else { ty };
    let Type::Path(path) = ty else { return None };
    let last = path.path.segments.last()?;
    let parameter = match &last.arguments {
        syn::PathArguments::AngleBracketed(list) => list.args.iter().find_map(|argument| match argument {
            syn::GenericArgument::Type(ty) => Some(ty),
            _ => None,
        }),
        _ => None,
    };
    Some((last.ident.to_string(), parameter))
}
