//! `#[job(queue = "mail", retries = 5)]`: a function as a job.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Error, ItemFn, LitStr, Result, Type};

use crate::{
    attr::{self, Item, Mistakes, Value},
    function,
};

/// Options.
const OPTIONS: [&str; 10] =
    ["name", "queue", "retries", "backoff", "delay", "max_delay", "timeout", "concurrency", "priority", "unique"];
/// Ways to wait longer.
const BACKOFFS: [(&str, &str); 3] = [("fixed", "Fixed"), ("linear", "Linear"), ("exponential", "Exponential")];
/// Units of durations and their milliseconds.
const UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

/// What was said, as assignments to the fields of `JobOptions`.
#[derive(Default)]
struct Job {
    name: Option<LitStr>,
    sets: Vec<TokenStream>,
}

pub fn expand(attribute: TokenStream, function: &ItemFn) -> Result<TokenStream> {
    let mut job = Job::default();
    let mut mistakes = Mistakes::default();
    for item in attr::parse(attribute)? {
        mistakes.keep(job.read(&item));
    }
    mistakes.finish()?;
    let payload = payload(function)?;
    let ident = &function.sig.ident;
    let value = function::as_value(function, "once, now, without a queue.");
    let name = job.name.as_ref().map_or_else(|| ident.to_string(), LitStr::value);
    let sets = &job.sets;
    let (of, run) = match payload {
        Some(payload) => (quote!(#payload), quote!(Self::run)),
        None => (quote!(()), quote!(|app, ()| Self::run(app))),
    };
    Ok(quote! {
        #value

        #[automatically_derived]
        impl ::bakend::IntoJob for #ident {
            type Payload = #of;

            fn into_job(self) -> ::bakend::Job {
                #[allow(unused_mut)]
                let mut options = ::bakend::service::jobs::JobOptions::default();
                #(#sets)*
                ::bakend::Job::new(#name, options, #run)
            }
        }
    })
}

/// The type of what a job is about; `None` where it is about nothing in particular.
fn payload(function: &ItemFn) -> Result<Option<&Type>> {
    function::check(function, "job")?;
    function::check_result(function)?;
    let parameters = function::parameters(function)?;
    let wanted = "a job takes the app and what it is about: `(app: App, payload: Payload)`, or the app alone";
    let (app, payload) = match &parameters[..] {
        [app] => (app, None),
        [app, payload] => (app, Some(&*payload.ty)),
        _ => return Err(Error::new(function.sig.paren_token.span.join(), wanted)),
    };
    if function::last_name(&app.ty).is_none_or(|(name, _)| name != "App") {
        return Err(Error::new_spanned(&app.ty, wanted));
    }
    match payload {
        Some(Type::Reference(reference)) => Err(Error::new_spanned(
            reference,
            "what a job is about is kept in the database until it runs; take it owned",
        )),
        payload => Ok(payload),
    }
}

impl Job {
    fn read(&mut self, item: &Item) -> Result<()> {
        let key = &item.key;
        let set = match key.to_string().as_str() {
            "name" => {
                self.name = Some(word(item)?);
                return Ok(());
            }
            "queue" => {
                let queue = word(item)?;
                quote!(options.queue = ::std::string::String::from(#queue);)
            }
            "retries" => number(item, 0, 100)?,
            "concurrency" => number(item, 1, 10_000)?,
            "priority" => {
                let number = item.decimal()?;
                if number.fract() != 0.0 || number.abs() > 1000.0 {
                    return Err(Error::new(
                        item.span(),
                        "a priority is a whole number from -1000 to 1000; higher runs earlier",
                    ));
                }
                let number = number as i32;
                quote!(options.priority = #number;)
            }
            "backoff" => {
                let text = item.text()?;
                let Some((_, variant)) = BACKOFFS.iter().find(|(name, _)| *name == text.value()) else {
                    let message = "a backoff is \"fixed\", \"linear\" or \"exponential\"";
                    return Err(Error::new(text.span(), message));
                };
                let variant = quote::format_ident!("{variant}");
                quote!(options.backoff = ::bakend::service::jobs::Backoff::#variant;)
            }
            "delay" | "max_delay" | "timeout" => {
                let milliseconds = duration(item)?;
                quote!(options.#key = ::std::time::Duration::from_millis(#milliseconds);)
            }
            "unique" => {
                let fields = unique(item)?;
                quote!(options.unique = ::std::vec![#(::std::string::String::from(#fields)),*];)
            }
            _ => return Err(attr::unknown(key, "a job", &OPTIONS)),
        };
        self.sets.push(set);
        Ok(())
    }
}

/// Letters, digits, `-`, `_` and `.`.
fn word(item: &Item) -> Result<LitStr> {
    let text = item.text()?;
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if text.value().is_empty() || text.value().len() > 100 || !text.value().bytes().all(fits) {
        let message = format!("`{}` is 1 to 100 letters, digits, `-`, `_` and `.`", item.key);
        return Err(Error::new(text.span(), message));
    }
    Ok(text)
}

fn number(item: &Item, min: u32, max: u32) -> Result<TokenStream> {
    let (key, count) = (&item.key, item.count()?);
    let fits = u32::try_from(count).ok().filter(|count| (min..=max).contains(count));
    let count =
        fits.ok_or_else(|| Error::new(item.span(), format!("`{key}` is a whole number from {min} to {max}")))?;
    Ok(quote!(options.#key = #count;))
}

/// `"30s"`, in milliseconds.
fn duration(item: &Item) -> Result<u64> {
    let text = item.text()?;
    let value = text.value();
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    let (count, unit) = value.split_at(digits);
    let unit = UNITS.iter().find(|(name, _)| *name == unit).map(|(_, milliseconds)| *milliseconds);
    let total = unit.zip(count.parse::<u64>().ok()).and_then(|(unit, count)| unit.checked_mul(count));
    total.filter(|total| *total > 0).ok_or_else(|| {
        Error::new(text.span(), "a time has a unit: \"250ms\", \"30s\", \"5m\", \"2h\" or \"1d\", and is not 0")
    })
}

/// `unique`, `unique = "user"`, `unique = ["user", "day"]`
fn unique(item: &Item) -> Result<Vec<LitStr>> {
    match &item.value {
        Value::None => Ok(vec![LitStr::new("*", item.key.span())]),
        Value::Expr(expr) if matches!(**expr, syn::Expr::Array(_)) => item.texts(),
        _ => item.text().map(|one| vec![one]).map_err(|_| {
            let message = "`unique` stands alone, or names fields of the payload: `unique = \"user\"`, `unique = [\"user\", \"day\"]`";
            Error::new(item.span(), message)
        }),
    }
}
