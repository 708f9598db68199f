//! The API of an app's collections as an OpenAPI 3.1 document: what clients are made of.
//!
//! It says what apps call: records, accounts, files, batches, realtime. What superusers administer with is left out, and so are hidden fields and
//! the texts of rules; of a rule it only says whether it is locked, public or asks something.
//!
//! What OpenAPI has no word for stands in three extensions, one of them at most in each object:
//!
//! | extension | on | says |
//! | --- | --- | --- |
//! | `x-bakend-collection` | the schema of a record | `name`, `id`, `type` of the collection, `mfa`: whether a second factor may be asked for |
//! | `x-bakend-field` | its properties | `type` of the field; `collection` that a relation points at; `protected` and `thumbs` of files |
//! | `x-bakend-operation` | operations | `collection`, `action`, and `access`: `locked`, `rule`, `public`, `account` or `superuser` |

mod accounts;
mod fields;
mod fixed;
mod operation;
mod parts;
mod records;
mod remote;
mod shapes;

use serde_json::json;
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, OpenApiVersion, PathsBuilder, Server,
    security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    tag::TagBuilder,
};

use self::operation::Endpoint;
pub use self::remote::{Login, of_server};
use super::App;
use crate::{
    Error, Result,
    schema::{Collection, Schema},
};

/// How requests say who asks.
const TOKEN: &str = "token";

/// The document of an app, as its schema is now; `title` and server are those of the settings.
///
/// # Errors
/// `Internal`: it cannot be written, which is a fault of ours.
///
/// # Example
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> bakend::Result<()> {
/// # let folder = tempfile::tempdir().map_err(bakend::Error::internal)?;
/// use bakend::{App, AppOptions, service::openapi};
///
/// let app = App::open(AppOptions::new(folder.path())).await?;
/// let document = openapi::json(&app)?;
/// assert!(document.contains(r#""/api/collections/users/records""#));
/// # app.close().await;
/// # Ok(()) }
/// ```
pub fn json(app: &App) -> Result<String> {
    let settings = app.settings();
    let meta = &settings.meta;
    document(&app.schema(), &meta.app_name, &meta.app_url).to_pretty_json().map_err(Error::internal)
}

/// The document of these collections.
fn document(schema: &Schema, title: &str, url: &str) -> OpenApi {
    let mut told: Vec<&Collection> =
        schema.collections().iter().map(|item| &**item).filter(|item| is_told(item)).collect();
    told.sort_by(|one, other| one.name.cmp(&other.name));
    let mut components = ComponentsBuilder::new();
    for (name, parameter) in parts::parameters() {
        components = components.parameter(name, parameter);
    }
    for (name, response) in parts::responses() {
        components = components.response(name, response);
    }
    for (name, shape) in parts::schemas() {
        components = components.schema(name, shape);
    }
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
        "A token from one of the ways to sign in, or an API key; the word `Bearer` may be left out.",
    ));
    components = components.security_scheme(TOKEN, SecurityScheme::Http(bearer.build()));
    let mut endpoints = Vec::new();
    for collection in &told {
        for (name, shape) in shapes::of(schema, collection) {
            components = components.schema(name, shape);
        }
        endpoints.extend(records::endpoints(collection));
        endpoints.extend(accounts::endpoints(collection));
    }
    endpoints.extend(fixed::endpoints());
    let tags = told.iter().map(|collection| TagBuilder::new().name(&collection.name).build());
    let server = Some(url).filter(|url| !url.is_empty()).map(|url| vec![Server::new(url.trim_end_matches('/'))]);
    OpenApiBuilder::new()
        .openapi(OpenApiVersion::Version31)
        .info(InfoBuilder::new().title(title).version(env!("CARGO_PKG_VERSION")))
        .servers(server)
        .tags(Some(tags.chain([TagBuilder::new().name(fixed::TAG).build()])))
        .components(Some(components.build()))
        .paths(endpoints.into_iter().fold(PathsBuilder::new(), |paths, Endpoint { path, method, operation }| {
            paths.path(path, utoipa::openapi::PathItem::new(method, operation))
        }))
        .build()
}

/// Whether apps have to do with a collection: all but those that keep what sign-ins leave behind.
fn is_told(collection: &Collection) -> bool {
    !collection.system || collection.is_superusers()
}

/// An extension: one for each object, since their order among each other is not kept.
fn extension(name: &str, value: serde_json::Value) -> Option<utoipa::openapi::extensions::Extensions> {
    Some([(format!("x-bakend-{name}"), value)].into_iter().collect())
}

/// What the record of a collection says about it.
fn about(collection: &Collection) -> serde_json::Value {
    json!({
        "name": collection.name,
        "id": collection.id,
        "type": collection.kind.as_str(),
        "mfa": collection.auth.as_ref().is_some_and(|auth| auth.mfa.enabled || auth.totp.enabled),
    })
}

#[cfg(test)]
mod tests;
