//! A client in TypeScript.

mod names;
mod schema;
mod types;

use crate::{MARK, Source, collection::Collection, document::Document};

/// What is the same for every schema.
const RUNTIME: [(&str, &str); 9] = [
    ("accounts.ts", include_str!("../../runtime/ts/accounts.ts")),
    ("auth.ts", include_str!("../../runtime/ts/auth.ts")),
    ("batch.ts", include_str!("../../runtime/ts/batch.ts")),
    ("client.ts", include_str!("../../runtime/ts/client.ts")),
    ("errors.ts", include_str!("../../runtime/ts/errors.ts")),
    ("filter.ts", include_str!("../../runtime/ts/filter.ts")),
    ("http.ts", include_str!("../../runtime/ts/http.ts")),
    ("realtime.ts", include_str!("../../runtime/ts/realtime.ts")),
    ("records.ts", include_str!("../../runtime/ts/records.ts")),
];
const RUNTIME_SCHEMA: &str = include_str!("../../runtime/ts/schema.ts");

/// What programs import.
const INDEX: &str = "\
import { type Client, type ClientOptions, connect } from './runtime/client.js';
import { COLLECTIONS, type Schema } from './schema.js';

/** The client of this schema. */
export type Db = Client<Schema>;

/** A client for the server at `url`, as in `https://example.com`. */
export function createClient(url: string, options: ClientOptions<Schema> = {}): Db {
  return connect<Schema>(url, COLLECTIONS, options);
}

export type * from './schema.js';
export type * from './runtime/accounts.js';
export { Auth, type AuthListener, type AuthStorage, browserStorage, memoryStorage, type Saved } from './runtime/auth.js';
export type { Write } from './runtime/batch.js';
export type { Client, ClientOptions, CollectionOf } from './runtime/client.js';
export { ApiError, type FieldError } from './runtime/errors.js';
export { and, any, each, eq, type Fields, Filter, filter, gt, gte, length, like, lower, lt, lte, ne, notLike, oneOf, or } from './runtime/filter.js';
export type { RequestOptions, SendOptions } from './runtime/http.js';
export * from './runtime/realtime.js';
export type { FileOptions, Page } from './runtime/records.js';
export type { GeoPoint, Shaped } from './runtime/schema.js';
";

/// The files of a client.
pub(crate) fn sources(document: &Document, collections: &[Collection<'_>]) -> Vec<Source> {
    let runtime = RUNTIME.iter().chain([&("schema.ts", RUNTIME_SCHEMA)]);
    let mut sources = vec![source("index.ts", INDEX), source("schema.ts", &schema::write(document, collections))];
    sources.extend(runtime.map(|(name, text)| source(&format!("runtime/{name}"), text)));
    sources
}

fn source(path: &str, text: &str) -> Source {
    let text = format!("{MARK}; what is changed here is lost when it runs again.\n/* eslint-disable */\n{text}");
    Source { path: path.to_owned(), text }
}
