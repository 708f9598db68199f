//! How much files take up, by collection and place; and whether anything lies around that nobody names.

use std::{collections::BTreeMap, ops::AddAssign, sync::Arc};

use futures_util::TryStreamExt as _;
use serde_json::{Map, Value as Json, json};

use crate::{
    Result, limits,
    query::Pace,
    schema::Schema,
    service::App,
    store::{
        Conn,
        files::{Found, space},
        records::named,
        system::{
            files::{
                FileKey, Place, State,
                browse::{self, Sum},
            },
            uploads,
        },
    },
};

/// How many, and how many bytes together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Amount {
    count: u64,
    bytes: u64,
}

impl AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        self.count += other.count;
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

impl Amount {
    fn json(self) -> Json {
        json!({ "count": self.count, "bytes": self.bytes })
    }
}

/// What lies in the storages, seen by looking.
#[derive(Default)]
struct Scan {
    thumbs: Amount,
    orphans: Amount,
    names: Vec<String>,
}

/// The amounts as JSON. With `scan`, the storages are walked for smaller forms and for files that no row names, which may take long.
///
/// # Errors
/// `Internal`: the database failed, or with `scan` a storage.
pub async fn usage(app: &App, scan: bool) -> Result<Vec<u8>> {
    let (db, pace) = (app.store().db(), Pace::default());
    let sums = db.read(&pace, browse::sums).await?;
    let (count, bytes) = db.read(&pace, uploads::total).await?;
    let schema = app.schema();
    let mut answer = added_up(&schema, &sums);
    answer.insert("uploads".to_owned(), Amount { count, bytes }.json());
    let disk = space(&app.options().dir);
    let disk = disk.map(|(free, total)| json!({ "freeBytes": free, "totalBytes": total }));
    answer.insert("disk".to_owned(), disk.unwrap_or_default());
    let (orphans, thumbs) = match scan {
        false => (Json::Null, Json::Null),
        true => {
            let found = look(app, &sums).await?;
            let rows = unnamed(app, &schema).await? + strays(&schema, &sums);
            let Amount { count, bytes } = found.orphans;
            (json!({ "rows": rows, "files": count, "bytes": bytes, "names": found.names }), found.thumbs.json())
        }
    };
    answer.insert("orphans".to_owned(), orphans);
    answer.insert("thumbs".to_owned(), thumbs);
    Ok(Json::Object(answer).to_string().into_bytes())
}

fn added_up(schema: &Schema, sums: &[Sum]) -> Map<String, Json> {
    let (mut whole, mut moving) = (Amount::default(), Amount::default());
    let mut places = BTreeMap::from([(Place::Local.text(), Amount::default()), (Place::S3.text(), Amount::default())]);
    let mut collections: BTreeMap<&str, (Amount, BTreeMap<&str, Amount>)> = BTreeMap::new();
    for sum in sums {
        let amount = Amount { count: sum.count, bytes: sum.bytes };
        if sum.state != State::Stored {
            moving += amount;
        }
        if sum.state == State::Gone {
            continue;
        }
        whole += amount;
        *places.entry(sum.place.text()).or_default() += amount;
        let (own, fields) = collections.entry(&sum.collection).or_default();
        *own += amount;
        *fields.entry(&sum.field).or_default() += amount;
    }
    let mut collections: Vec<_> = collections.into_iter().collect();
    collections.sort_by_key(|(_, (amount, _))| std::cmp::Reverse(amount.bytes));
    let shown = collections.into_iter().map(|(id, (amount, fields))| {
        let collection = schema.by_id(id);
        let name_of = |field: &str| {
            let known = collection.and_then(|known| known.fields.iter().find(|one| one.id == field));
            known.map_or("", |field| field.name.as_str())
        };
        let fields = fields.into_iter().map(|(field, amount)| {
            json!({ "fieldId": field, "fieldName": name_of(field), "count": amount.count, "bytes": amount.bytes })
        });
        json!({
            "collectionId": id,
            "collectionName": collection.map_or("", |known| known.name.as_str()),
            "count": amount.count,
            "bytes": amount.bytes,
            "fields": fields.collect::<Json>(),
        })
    });
    let places: Map<String, Json> = places.into_iter().map(|(place, sum)| (place.to_owned(), sum.json())).collect();
    Map::from_iter([
        ("count".to_owned(), whole.count.into()),
        ("bytes".to_owned(), whole.bytes.into()),
        ("collections".to_owned(), shown.collect()),
        ("places".to_owned(), places.into()),
        ("moving".to_owned(), moving.json()),
    ])
}

/// Rows whose record is gone, or does not name the file.
async fn unnamed(app: &App, schema: &Schema) -> Result<u64> {
    let mut rows = 0;
    for collection in schema.collections().iter().filter(|collection| !collection.is_view()) {
        for field in named::file_fields(collection) {
            let (of, by) = (Arc::clone(collection), field.clone());
            let count = move |conn: &Conn<'_>| named::count_unnamed(conn, &of, &by);
            rows += app.store().db().read(&Pace::default(), count).await?;
        }
    }
    Ok(rows)
}

/// Rows whose collection or field is gone, and that nobody is about to remove.
fn strays(schema: &Schema, sums: &[Sum]) -> u64 {
    let is_known = |sum: &&Sum| {
        let collection = schema.by_id(&sum.collection);
        collection.is_some_and(|collection| named::file_fields(collection).any(|field| field.id == sum.field))
    };
    sums.iter().filter(|sum| sum.state != State::Gone && !is_known(sum)).map(|sum| sum.count).sum()
}

/// Walks the storages that are in use.
async fn look(app: &App, sums: &[Sum]) -> Result<Scan> {
    let mut scan = Scan::default();
    for place in [Place::Local, Place::S3] {
        // A bucket that nobody has named, or that holds nothing of ours, is not asked.
        if place == Place::S3 && !sums.iter().any(|sum| sum.place == Place::S3) {
            continue;
        }
        let mut found = app.storage(place)?.walk("").try_chunks(limits::FILE_ROWS_PER_LOOK);
        while let Some(chunk) = found.try_next().await.map_err(|failed| failed.1)? {
            sort_out(app, place, &mut scan, chunk).await?;
        }
    }
    Ok(scan)
}

async fn sort_out(app: &App, place: Place, scan: &mut Scan, chunk: Vec<Found>) -> Result<()> {
    let mut waiting = Vec::new();
    for found in chunk {
        match of_path(&found.path) {
            Named::Passing => {}
            Named::Nobody => note(scan, &found),
            Named::File(key) => waiting.push((key, false, found)),
            Named::Thumb(key) => waiting.push((key, true, found)),
        }
    }
    let keys: Vec<FileKey> = waiting.iter().map(|(key, ..)| key.clone()).collect();
    let unknown = app.store().db().read(&Pace::default(), move |conn| browse::unknown(conn, &keys)).await?;
    for (key, is_thumb, found) in waiting {
        if !unknown.contains(&key) {
            if is_thumb {
                scan.thumbs += Amount { count: 1, bytes: found.size };
            }
        // Its row may have gone with it since it was seen.
        } else if app.storage(place)?.find(&found.path).await?.is_some() {
            note(scan, &found);
        }
    }
    Ok(())
}

fn note(scan: &mut Scan, found: &Found) {
    scan.orphans += Amount { count: 1, bytes: found.size };
    if scan.names.len() < limits::ORPHANS_NAMED_MAX {
        scan.names.push(found.path.clone());
    }
}

/// Whose a stored file is, by its path.
#[derive(Debug, PartialEq, Eq)]
enum Named {
    /// A record's.
    File(FileKey),
    /// A smaller form of one.
    Thumb(FileKey),
    /// Not there for long, or a note of PocketBase's beside a file.
    Passing,
    /// Nobody's.
    Nobody,
}

fn of_path(path: &str) -> Named {
    let parts: Vec<&str> = path.split('/').collect();
    match parts[..] {
        [.., name] if name.starts_with(".part-") || name.ends_with(".attrs") => Named::Passing,
        [collection, record, name] => Named::File(FileKey::new(collection, record, name)),
        [collection, record, folder, _] => match folder.strip_prefix("thumbs_") {
            Some(name) => Named::Thumb(FileKey::new(collection, record, name)),
            None => Named::Nobody,
        },
        _ => Named::Nobody,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_tells_whose_file_it_is() {
        let key = || FileKey::new("c", "r", "a.png");
        for (path, expected) in [
            ("c/r/a.png", Named::File(key())),
            ("c/r/thumbs_a.png/100x100_a.png", Named::Thumb(key())),
            ("c/r/a.png.attrs", Named::Passing),
            ("c/r/.part-x7", Named::Passing),
            ("c/r/other/a.png", Named::Nobody),
            ("a.png", Named::Nobody),
            ("c/r/a/b/c", Named::Nobody),
        ] {
            assert_eq!(of_path(path), expected, "{path}");
        }
    }
}
