//! The derives and attributes of bakend. Use them through `bakend`, which re-exports them and documents what they make.
//!
//! Each macro has three steps: parse (what was written), check (what is allowed, with an error at the token that breaks it), expand (the
//! code, with paths into `::bakend` only).

mod attr;
mod collection;
mod function;
mod hook;
mod job;
mod main_fn;
mod moment;
mod names;
mod pattern;
mod rule;
mod select;

use proc_macro::TokenStream;

/// Makes a struct a collection.
///
/// # On the struct
/// ```
/// use bakend::{Collection, DateTime, Email, Id, Relation};
///
/// #[derive(Collection)]
/// #[collection(
///     name = "posts",                 // required: the name of the collection and of its table
///     rules(list = "", view = "", create = "@request.auth.id != ''", update = "author = @request.auth.id"),
///     index(author, created desc),    // also: name = "…", where = "…", and `nocase` after a field
///     unique(slug),
///     rename_all = "camelCase",       // how names of fields are spelled in the database
///     renamed_from = "articles",      // the name it had before
///     entity = post_entity            // the module of the SeaORM entity; this is its name anyway
/// )]
/// pub struct Post {
///     id: Id<Post>,
///     #[field(max = 200)]
///     slug: String,
///     author: Relation<Author>,
///     #[field(on_create)]
///     created: DateTime,
/// }
///
/// // Its records can sign in; `auth` alone leaves every option as it is.
/// #[derive(Collection)]
/// #[collection(name = "authors", auth(rule = "verified = true", otp, passkey(rp_id = "example.com")))]
/// pub struct Author {
///     id: Id<Author>,
///     email: Email,
/// }
///
/// // The rows of a query, read only.
/// #[derive(Collection)]
/// #[collection(name = "post_counts", view = "SELECT author AS id, count(*) AS posts FROM posts GROUP BY author")]
/// pub struct PostCount {
///     id: Id<PostCount>,
///     posts: i64,
/// }
/// # fn main() {}
/// ```
/// A rule that is not said is for superusers only; `""` is everyone.
///
/// Options of `auth(…)`:
/// - who may sign in and manage others: `rule = "verified = true"`, `manage_rule = "…"`, `alert = false`;
/// - ways to sign in, each on by being there and off by `= false`: `password`, `identity_fields = ["email", "username"]`,
///   `otp(duration = 180, length = 8)`, `oauth2(id = "…", name = "…", username = "…", avatar_url = "…")`,
///   `passkey(rp_id = "example.com", origins = ["https://app.example.com"])`, and as second factors `mfa(duration = 600, rule = "…")`, `totp`;
/// - lives of tokens in seconds: `auth_token`, `password_reset_token`, `email_change_token`, `verification_token`, `file_token`;
/// - mails: `verification_mail(subject = "…", body = "…")`, `reset_password_mail(…)`, `email_change_mail(…)`, `otp_mail(…)`, `alert_mail(…)`.
///
/// What is not said stays as it is in the database.
///
/// # On fields: `#[field(…)]`
/// | type | options |
/// | --- | --- |
/// | every | `name = "…"`, `hidden`, `presentable`, `required`, `required = false`, `help = "…"`, `renamed_from = "…"`, `id = "…"`, `unique`, `index` |
/// | `Id<Self>` | `min`, `max`, `pattern`, `autogenerate_pattern` |
/// | `String` | `min`, `max`, `pattern`, `autogenerate_pattern` |
/// | `i8` … `i64`, `u8` … `u32`, `f32`, `f64` | `min`, `max`; floats: `only_int` |
/// | `Email`, `Url` | `except_domains = ["…"]`, `only_domains = ["…"]` |
/// | `Editor` | `max_size`, `convert_urls` |
/// | `DateTime` | `min = "…"`, `max = "…"`; or `on_create`, `on_update`: set by the server |
/// | `Select<E>`, `Vec<Select<E>>` | `max_select` |
/// | `File`, `Vec<File>` | `max_select`, `max_size`, `mime_types = ["…"]`, `thumbs = ["100x100"]`, `protected` |
/// | `Relation<C>`, `Vec<Relation<C>>` | `cascade_delete`, `min_select`, `max_select` |
/// | `Json<T>` | `max_size` |
/// | `Password` | `min`, `max`, `pattern`, `cost` |
/// | `bool`, `GeoPoint` | |
///
/// Patterns are checked here already; those that texts are drawn from have no `^`, `$` and `\b`. The fields of a view have `name` only.
///
/// A field of a plain type is required, unless its zero value is a value like any other (numbers, `bool`, `GeoPoint`, `Vec`) or it says
/// `required = false`. `Option<T>` is not required: `None` is the empty value of its type. Sizes are bytes, lengths characters.
///
/// # What it makes
/// `impl Collection`, a typed path for each field (`Post::title`), `Post::new(…)` with what is required, `Post::update()`, and the SeaORM
/// entity in a module beside it (`post_entity`): `Entity`, `Model`, `Column`, `ActiveModel`, `Relation`, for each relation `…Link` and
/// `…Back` to follow it either way, seen as far as the field is, and for each multiple relation a module for its join table.
#[proc_macro_derive(Collection, attributes(collection, field))]
pub fn collection(input: TokenStream) -> TokenStream {
    finish(syn::parse(input).and_then(collection::derive))
}

/// Makes the variants of an enum the values of a select field.
///
/// Variants carry no data. Their values are the names in snake_case, unless `#[select(rename_all = "kebab-case")]` on the enum or
/// `#[select(rename = "in review")]` on the variant says otherwise.
///
/// ```
/// use bakend::SelectValue;
///
/// #[derive(Clone, Copy, Debug, PartialEq, SelectValue)]
/// enum Status {
///     Draft,
///     #[select(rename = "in review")]
///     InReview,
/// }
///
/// assert_eq!(Status::VALUES, ["draft", "in review"]);
/// assert_eq!(Status::from_name("in review"), Some(Status::InReview));
/// ```
#[proc_macro_derive(SelectValue, attributes(select))]
pub fn select_value(input: TokenStream) -> TokenStream {
    finish(syn::parse(input).and_then(|input| select::derive(&input)))
}

/// Makes an async function a hook: `Bakend::builder().hook(tidy)`.
///
/// ```
/// use bakend::{Bakend, Collection, Id, RecordEvent, hook};
///
/// #[derive(Collection)]
/// #[collection(name = "posts")]
/// struct Post {
///     id: Id<Post>,
///     title: String,
/// }
///
/// #[hook(before_create, collection = Post, priority = -10, name = "tidy titles")]
/// async fn tidy(e: &mut RecordEvent<Post>) -> bakend::Result<()> {
///     let title = e.record()?.title.trim().to_owned();
///     e.set(Post::title, title);
///     Ok(())
/// }
///
/// # fn main() {
/// let app = Bakend::builder().collection::<Post>().hook(tidy);
/// # }
/// ```
/// The first word is the event:
/// - of writes `before_`, `within_` or `after_` with `create`, `update` or `delete`;
/// - of reads `before_`, `on_` or `after_` with `view` (before: a `LookupEvent`), `list` (before: a `QueryEvent`) or `enrich`;
/// - of accounts `before_` or `after_` with `sign_in`, `refresh`, `register`, `otp_request`, `verification_request`, `verification`,
///   `password_reset_request`, `password_reset`, `email_change_request`, `email_change`;
/// - of mails `on_mail`, or `on_mail_about` accounts of some collections;
/// - of realtime clients `on_realtime_connect`, `on_realtime_subscribe`, `on_realtime_message`;
/// - of the program `on_start`, `on_serve`, `on_stop`.
///
/// Then, in any order: `collection = Post` (the event is of that type), `collection = "posts"` or `collections = ["posts", "pages"]` (fields
/// by name), nothing for every collection; `priority` (lower runs earlier, 0 where nothing is said); `name`, for the log (the function's,
/// where nothing is said). `tidy::run(&mut event)` calls it by hand.
///
/// It makes a type of the function's name, which has `run`, and a function of that name, which the builder takes.
#[proc_macro_attribute]
pub fn hook(attribute: TokenStream, item: TokenStream) -> TokenStream {
    finish(syn::parse(item).and_then(|function| hook::expand(attribute.into(), &function)))
}

/// Makes an async function a job.
///
/// ```
/// use bakend::{App, Bakend, job};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Serialize, Deserialize)]
/// struct Digest {
///     user: String,
/// }
///
/// #[job(queue = "mail", retries = 5, backoff = "exponential", timeout = "30s", concurrency = 4, unique = "user")]
/// async fn digest(app: App, payload: Digest) -> bakend::Result<()> {
///     // …
///     Ok(())
/// }
///
/// # fn main() {
/// let app = Bakend::builder().job(digest);
/// # }
/// ```
/// Options, all of which may be left out: `name` (the function's), `queue` (`"default"`), `retries` after a failure (3), `backoff`
/// (`"fixed"`, `"linear"`, `"exponential"`), `delay` before the first retry (`"10s"`) and `max_delay` (`"1h"`), `timeout` of one try
/// (`"5m"`), `concurrency` at once (no bound of its own), `priority` (higher runs earlier, 0), `unique`: by the whole payload, or by fields
/// of it. The payload is a type that serde reads and writes. `digest::run(app, payload)` calls it by hand.
#[proc_macro_attribute]
pub fn job(attribute: TokenStream, item: TokenStream) -> TokenStream {
    finish(syn::parse(item).and_then(|function| job::expand(attribute.into(), &function)))
}

/// Makes an async `main` the start of a program: a runtime of all cores, and what `main` returns as the exit code.
///
/// ```no_run
/// #[bakend::main]
/// async fn main() -> std::process::ExitCode {
///     bakend::Bakend::builder().run().await
/// }
/// ```
#[proc_macro_attribute]
pub fn main(attribute: TokenStream, item: TokenStream) -> TokenStream {
    finish(syn::parse(item).and_then(|function| main_fn::expand(attribute.into(), &function)))
}

fn finish(outcome: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    outcome.unwrap_or_else(|error| error.to_compile_error()).into()
}
