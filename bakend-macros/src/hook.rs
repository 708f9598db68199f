//! `#[hook(before_create, collection = Post)]`: a function as a hook.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Error, Expr, ExprPath, Ident, ItemFn, LitStr, Path, Result, Type, spanned::Spanned as _};

use crate::{
    attr::{self, Item, Mistakes, Value},
    function,
};

/// The event of one kind of hooks and what their function takes.
const EVENTS: [(&str, &str); 46] = [
    ("before_create", "RecordEvent"),
    ("within_create", "RecordEvent"),
    ("after_create", "RecordEvent"),
    ("before_update", "RecordEvent"),
    ("within_update", "RecordEvent"),
    ("after_update", "RecordEvent"),
    ("before_delete", "RecordEvent"),
    ("within_delete", "RecordEvent"),
    ("after_delete", "RecordEvent"),
    ("before_view", "LookupEvent"),
    ("on_view", "RecordEvent"),
    ("after_view", "RecordEvent"),
    ("before_list", "QueryEvent"),
    ("on_list", "ListEvent"),
    ("after_list", "ListEvent"),
    ("before_enrich", "EnrichEvent"),
    ("on_enrich", "EnrichEvent"),
    ("after_enrich", "EnrichEvent"),
    ("before_sign_in", "AuthEvent"),
    ("after_sign_in", "AuthEvent"),
    ("before_refresh", "AuthEvent"),
    ("after_refresh", "AuthEvent"),
    ("before_register", "AuthEvent"),
    ("after_register", "AuthEvent"),
    ("before_otp_request", "AuthEvent"),
    ("after_otp_request", "AuthEvent"),
    ("before_verification_request", "AuthEvent"),
    ("after_verification_request", "AuthEvent"),
    ("before_verification", "AuthEvent"),
    ("after_verification", "AuthEvent"),
    ("before_password_reset_request", "AuthEvent"),
    ("after_password_reset_request", "AuthEvent"),
    ("before_password_reset", "AuthEvent"),
    ("after_password_reset", "AuthEvent"),
    ("before_email_change_request", "AuthEvent"),
    ("after_email_change_request", "AuthEvent"),
    ("before_email_change", "AuthEvent"),
    ("after_email_change", "AuthEvent"),
    ("on_mail_about", "MailEvent"),
    ("on_mail", "MailEvent"),
    ("on_realtime_connect", "ConnectEvent"),
    ("on_realtime_subscribe", "SubscribeEvent"),
    ("on_realtime_message", "MessageEvent"),
    ("on_start", "AppEvent"),
    ("on_serve", "ServeEvent"),
    ("on_stop", "AppEvent"),
];
/// Options.
const OPTIONS: [&str; 4] = ["collection", "collections", "priority", "name"];

/// Which collections a hook is for.
enum Of {
    All,
    Typed(Path),
    Named(Vec<LitStr>),
}

struct Hook {
    event: Ident,
    takes: &'static str,
    of: Of,
    priority: Option<i32>,
    name: Option<LitStr>,
}

pub fn expand(attribute: TokenStream, function: &ItemFn) -> Result<TokenStream> {
    let hook = parse(attribute)?;
    check(&hook, function)?;
    let ident = &function.sig.ident;
    let value = function::as_value(function, "what the hook does, for an event of your own.");
    let event = &hook.event;
    let made = match &hook.of {
        Of::Typed(path) => quote!(::bakend::Hook::#event::<#path>(Self::run)),
        Of::All if is_of_app(&hook) => quote!(::bakend::Hook::#event(Self::run)),
        Of::All => {
            let event = format_ident!("{event}_of", span = event.span());
            quote!(::bakend::Hook::#event(::bakend::All, Self::run))
        }
        Of::Named(names) => {
            let event = format_ident!("{event}_of", span = event.span());
            quote!(::bakend::Hook::#event([#(#names),*], Self::run))
        }
    };
    let name = hook.name.as_ref().map_or_else(|| ident.to_string(), LitStr::value);
    let priority = hook.priority.map(|priority| quote!(.priority(#priority)));
    Ok(quote! {
        #value

        #[automatically_derived]
        impl ::bakend::IntoHook for #ident {
            fn into_hook(self) -> ::bakend::Hook {
                #made.named(#name) #priority
            }
        }
    })
}

/// Whether its function on `Hook` takes no collections.
fn is_of_app(hook: &Hook) -> bool {
    let event = hook.event.to_string();
    matches!(hook.takes, "AppEvent" | "ServeEvent") || event == "on_mail" || event.starts_with("on_realtime_")
}

fn parse(attribute: TokenStream) -> Result<Hook> {
    let known: Vec<&str> = EVENTS.iter().map(|(name, _)| *name).collect();
    let list = known.join(", ");
    let span = attribute.span();
    let mut items = attr::parse(attribute)?.into_iter();
    let Some(first) = items.next() else {
        return Err(Error::new(
            span,
            format!("which event? write #[hook(before_create, collection = …)]\nevents: {list}"),
        ));
    };
    let name = first.key.to_string();
    let Some((_, takes)) =
        EVENTS.iter().find(|(known, _)| *known == name).filter(|_| matches!(first.value, Value::None))
    else {
        let near = attr::nearest(&name, &known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let message =
            format!("the first word of a hook is its event, and there is no event `{name}`{near}\nevents: {list}");
        return Err(Error::new(first.key.span(), message));
    };
    let mut hook = Hook { event: first.key, takes, of: Of::All, priority: None, name: None };
    let mut mistakes = Mistakes::default();
    for item in items {
        mistakes.keep(hook.read(&item));
    }
    mistakes.finish()?;
    Ok(hook)
}

impl Hook {
    fn read(&mut self, item: &Item) -> Result<()> {
        match item.key.to_string().as_str() {
            "collection" | "collections" if is_of_app(self) => {
                let other = if self.event == "on_mail" { ", or use `on_mail_about`" } else { "" };
                let message = format!("`{}` is about the whole app; remove `{}`{other}", self.event, item.key);
                Err(Error::new(item.key.span(), message))
            }
            "collection" | "collections" if !matches!(self.of, Of::All) => {
                Err(Error::new(item.key.span(), "the collection is said twice; keep one"))
            }
            "collection" => {
                self.of = collection(item)?;
                Ok(())
            }
            "collections" => {
                let names = item.texts()?;
                if names.is_empty() {
                    return Err(Error::new(
                        item.span(),
                        "no collection at all; leave `collections` out for every collection",
                    ));
                }
                self.of = Of::Named(names);
                Ok(())
            }
            "priority" => {
                let number = item.decimal()?;
                if number.fract() != 0.0 || number.abs() > f64::from(i32::MAX) {
                    return Err(Error::new(item.span(), "a priority is a whole number of 32 bits; lower runs earlier"));
                }
                self.priority = Some(number as i32);
                Ok(())
            }
            "name" => {
                self.name = Some(item.text()?);
                Ok(())
            }
            _ => Err(attr::unknown(&item.key, "a hook", &OPTIONS)),
        }
    }
}

/// `collection = Post` or `collection = "posts"`
fn collection(item: &Item) -> Result<Of> {
    if let Value::Expr(expr) = &item.value
        && let Expr::Path(ExprPath { path, qself: None, .. }) = &**expr
    {
        return Ok(Of::Typed(path.clone()));
    }
    item.text().map(|name| Of::Named(vec![name])).map_err(|_| {
        Error::new(item.span(), "a collection is a type or a name: `collection = Post` or `collection = \"posts\"`")
    })
}

fn check(hook: &Hook, function: &ItemFn) -> Result<()> {
    function::check(function, "hook")?;
    let wanted = match &hook.of {
        Of::Typed(path) => format!("&mut {}<{}>", hook.takes, quote!(#path).to_string().replace(' ', "")),
        _ => format!("&mut {}", hook.takes),
    };
    let parameters = function::parameters(function)?;
    let [event] = &parameters[..] else {
        let span = function.sig.paren_token.span.join();
        return Err(Error::new(span, format!("a hook of `{}` takes one thing, the event: `e: {wanted}`", hook.event)));
    };
    let wrong = || Error::new_spanned(&event.ty, format!("a hook of `{}` takes `{wanted}`", hook.event));
    let Type::Reference(reference) = &*event.ty else { return Err(wrong()) };
    if reference.mutability.is_none() {
        return Err(wrong());
    }
    // An alias of the program's own may stand for an event: then the compiler decides.
    if let Some((name, parameter)) = function::last_name(&reference.elem)
        && EVENTS.iter().any(|(_, takes)| *takes == name)
    {
        // A path may be written in several ways; whether both lead to one type the compiler tells.
        let of = parameter.map(|ty| function::last_name(ty).map(|(name, _)| name));
        let fits = match &hook.of {
            Of::Typed(path) => of.is_some_and(|of| of == path.segments.last().map(|last| last.ident.to_string())),
            _ => of.is_none_or(|of| of.is_some_and(|of| of == "Dynamic")),
        };
        if name != hook.takes || !fits {
            return Err(wrong());
        }
    }
    function::check_result(function)
}
