//! A page of the files of all records, for the admin panel.

use futures_util::{StreamExt as _, TryStreamExt as _};
use serde_json::{Value as Json, json};

use crate::{
    Error, Kind, Result, limits,
    query::Pace,
    schema::{Collection, Field, FieldKind, Schema},
    service::{App, records::ListQuery},
    store::{
        Conn,
        files::thumbs_folder,
        system::files::{
            StoredFile,
            browse::{self, Browse, BrowseOrder},
        },
    },
};

/// Which files somebody looks for.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// Name or id; `""`: any.
    pub collection: String,
    /// Name or id; `""`: any.
    pub field: String,
    /// Id; `""`: any.
    pub record: String,
    /// A part of the name; `""`: any.
    pub text: String,
    /// Whether to look how many smaller forms there are.
    pub thumbs: bool,
}

/// Sorts by their names in the API; the first is the usual one.
const SORTS: [(&str, BrowseOrder); 3] =
    [("created", BrowseOrder::Created), ("size", BrowseOrder::Size), ("name", BrowseOrder::Name)];

/// A page of files as JSON, the newest first unless the query says otherwise.
///
/// # Errors
/// - `NotFound`: there is no such collection or field.
/// - `Invalid`: there is no such sort, or a field is named without its collection.
/// - `Internal`: the database or, when asked for smaller forms, the storage failed.
pub async fn list(app: &App, search: &Search, query: &ListQuery) -> Result<Vec<u8>> {
    let schema = app.schema();
    let asked = browse(&schema, search, &query.sort)?;
    let most = if search.thumbs { limits::FILES_WITH_THUMBS_PER_PAGE_MAX } else { limits::PER_PAGE_MAX };
    let size = match query.per_page {
        ..=0 => i64::from(limits::PER_PAGE_DEFAULT),
        size => size.min(i64::from(most)),
    };
    let number = query.page.max(1);
    let (limit, offset) = (size.unsigned_abs(), (number - 1).saturating_mul(size).unsigned_abs());
    let skips = query.skip_total;
    let pace = Pace::default();
    let read = move |conn: &Conn<'_>| {
        let total = if skips { None } else { Some(browse::count(conn, &asked)?) };
        Ok((browse::browse(conn, &asked, limit, offset)?, total))
    };
    let (found, total) = app.store().db().read(&pace, read).await?;
    let thumbs = if search.thumbs { thumbs(app, &found).await? } else { Vec::new() };
    let items: Vec<Json> = found
        .iter()
        .enumerate()
        .map(|(at, file)| {
            let mut item = shown(&schema, file);
            if let Some((count, bytes)) = thumbs.get(at) {
                item["thumbs"] = json!({ "count": count, "bytes": bytes });
            }
            item
        })
        .collect();
    let total = total.map_or(-1, |total| i64::try_from(total).unwrap_or(i64::MAX));
    let pages = if total < 0 { -1 } else { total.saturating_add(size - 1) / size };
    let page = json!({ "items": items, "page": number, "perPage": size, "totalItems": total, "totalPages": pages });
    Ok(page.to_string().into_bytes())
}

fn browse(schema: &Schema, search: &Search, sort: &str) -> Result<Browse> {
    let (descending, by) = match sort.strip_prefix('-') {
        Some(by) => (true, by),
        None => (sort.is_empty(), sort.strip_prefix('+').unwrap_or(sort)),
    };
    let order = match SORTS.iter().find(|(name, _)| *name == by) {
        Some((_, order)) => *order,
        None if by.is_empty() => BrowseOrder::default(),
        None => return Err(Error::invalid("Files can be sorted by created, size or name.")),
    };
    let mut asked =
        Browse { record: search.record.clone(), search: search.text.clone(), order, descending, ..Browse::default() };
    let missing = |what: &str| Error::new(Kind::NotFound, format!("There is no such {what}."));
    if !search.collection.is_empty() {
        let collection = schema.find(&search.collection).ok_or_else(|| missing("collection"))?;
        asked.collection.clone_from(&collection.id);
        if !search.field.is_empty() {
            let is_it = |field: &&Field| field.name == search.field || field.id == search.field;
            let field = collection.fields.iter().find(is_it).ok_or_else(|| missing("field"))?;
            asked.field.clone_from(&field.id);
        }
    } else if !search.field.is_empty() {
        return Err(Error::invalid("Name the collection of the field too."));
    }
    Ok(asked)
}

fn shown(schema: &Schema, file: &StoredFile) -> Json {
    let collection = schema.by_id(&file.key.collection);
    let field = collection.and_then(|collection| field(collection, &file.field));
    let protected = field.is_some_and(|field| matches!(&field.kind, FieldKind::File(options) if options.protected));
    json!({
        "collectionId": file.key.collection,
        "collectionName": collection.map_or("", |collection| collection.name.as_str()),
        "recordId": file.key.record,
        "fieldId": file.field,
        "fieldName": field.map_or("", |field| field.name.as_str()),
        "name": file.key.name,
        "original": file.original,
        "size": file.size,
        "type": file.kind,
        "created": file.created,
        "protected": protected,
        "state": file.state.text(),
        "place": file.place.text(),
        "url": address(file),
    })
}

fn field<'a>(collection: &'a Collection, id: &str) -> Option<&'a Field> {
    collection.fields.iter().find(|field| field.id == id)
}

/// Where a file is served, without the server's own address.
fn address(file: &StoredFile) -> String {
    let Ok(mut url) = url::Url::parse("http://server/api/files") else { return String::new() };
    if let Ok(mut path) = url.path_segments_mut() {
        path.extend([&file.key.collection, &file.key.record, &file.key.name]);
    }
    url.path().to_owned()
}

/// How many smaller forms each file has, and how many bytes they have together.
async fn thumbs(app: &App, files: &[StoredFile]) -> Result<Vec<(u64, u64)>> {
    let places: Vec<_> = files.iter().map(|file| (file.place, thumbs_folder(&file.key.path()))).collect();
    let each = places.into_iter().map(|(place, folder)| {
        let app = app.clone();
        async move {
            let forms = app.storage(place)?.walk(&folder);
            forms.try_fold((0, 0), |(count, bytes), form| async move { Ok((count + 1, bytes + form.size)) }).await
        }
    });
    futures_util::stream::iter(each).buffered(limits::STORAGE_LOOKS_PARALLEL).try_collect().await
}
