//! Collections as the API shows them: a page of them, or one.

use std::{io::Write as _, sync::Arc};

use super::shown;
use crate::{
    Error, Kind, Result, limits,
    query::{ListSpec, RequestInfo},
    schema::{Collection, CollectionKind, Field, FieldKind, Rules, ScalarRef, field::text::TextOptions},
    service::{App, records::ListQuery},
};

/// What may be asked only of records.
const RECORD_PREFIXES: [&str; 2] = ["@request.", "@collection."];

/// A page of collections as JSON: `items`, `page`, `perPage`, `totalItems`, `totalPages`.
///
/// Filter and sort know `id`, `created`, `updated`, `name`, `system` and `type`.
///
/// # Errors
/// `Invalid`: filter or sort do not parse or name something else.
pub async fn list(app: &App, query: &ListQuery) -> Result<Vec<u8>> {
    let refused = |text: &str| RECORD_PREFIXES.iter().any(|prefix| text.contains(prefix));
    if refused(&query.filter) || refused(&query.sort) {
        return Err(Error::invalid(""));
    }
    let size = match query.per_page {
        ..=0 => i64::from(limits::PER_PAGE_DEFAULT),
        size => size.min(i64::from(limits::PER_PAGE_MAX)),
    };
    let page = query.page.max(1);
    let offset = u64::try_from((page - 1).saturating_mul(size)).unwrap_or(0);
    let spec = ListSpec {
        rule: None,
        filter: &query.filter,
        sort: &query.sort,
        limit: u64::try_from(size).unwrap_or(0),
        offset,
    };
    let (ids, total) = ids(app, &spec, query.skip_total).await.map_err(mute)?;
    let schema = app.schema();
    let pages = if total < 0 { -1 } else { (total + size - 1) / size };
    let mut out = Vec::with_capacity(4096);
    out.extend_from_slice(b"{\"items\":[");
    for (at, collection) in ids.iter().filter_map(|id| schema.by_id(id)).enumerate() {
        if at > 0 {
            out.push(b',');
        }
        out.extend(shown::bytes(collection));
    }
    write!(out, "],\"page\":{page},\"perPage\":{size},\"totalItems\":{total},\"totalPages\":{pages}}}")
        .map_err(Error::internal)?;
    Ok(out)
}

/// What is wrong with a filter stays in the log, as on PocketBase's wire.
fn mute(error: Error) -> Error {
    if error.kind() == Kind::Invalid { Error::invalid("").caused_by(error) } else { error }
}

/// One collection as JSON.
///
/// # Errors
/// `NotFound`: there is none with this id or name.
pub fn view(app: &App, id_or_name: &str) -> Result<Vec<u8>> {
    app.schema().find(id_or_name).map(|collection| shown::bytes(collection)).ok_or_else(Error::not_found)
}

async fn ids(app: &App, spec: &ListSpec<'_>, skip_total: bool) -> Result<(Vec<String>, i64)> {
    let table = table();
    let schema = app.schema().with(Arc::clone(&table));
    let info = RequestInfo::default();
    let rows = app.planner().list(&schema, &table, &info, spec)?;
    let count = if skip_total { None } else { Some(app.planner().count(&schema, &table, &info, spec)?) };
    let pace = rows.pace.clone();
    app.store()
        .db()
        .read(&pace, move |conn| {
            let mut ids = Vec::new();
            conn.rows(&rows, |row| {
                ids.push(row.text(0)?.to_owned());
                Ok(())
            })?;
            let mut total = -1;
            if let Some(count) = &count {
                conn.rows(count, |row| {
                    if let ScalarRef::Int(number) = row.get(0)? {
                        total = number;
                    }
                    Ok(())
                })?;
            }
            Ok((ids, total))
        })
        .await
}

/// The table of collections, described like a collection, so that filter and sort work on it.
fn table() -> Arc<Collection> {
    let text =
        |name| column(name, FieldKind::Text(TextOptions { primary_key: name == "id", ..TextOptions::default() }));
    Arc::new(Collection {
        id: "_collections".to_owned(),
        name: "_collections".to_owned(),
        kind: CollectionKind::Base,
        system: true,
        rules: Rules::default(),
        fields: vec![
            text("id"),
            text("created"),
            text("updated"),
            text("name"),
            column("system", FieldKind::Bool),
            text("type"),
        ],
        indexes: Vec::new(),
        created: String::new(),
        updated: String::new(),
        auth: None,
        view_query: String::new(),
    })
}

fn column(name: &str, kind: FieldKind) -> Field {
    Field {
        id: name.to_owned(),
        name: name.to_owned(),
        system: true,
        hidden: false,
        presentable: false,
        required: false,
        help: String::new(),
        kind,
    }
}
