//! Noting files that lay there before `_files` did: in a folder of an earlier version, or one that was imported.

use std::time::SystemTime;

use super::content;
use crate::{
    Result, clock, limits,
    schema::{Collection, Field, Schema},
    store::{
        Db,
        files::{Folder, Storage},
        records::named,
        system::{
            files::{self, FileKey, Place, State, StoredFile},
            params,
        },
    },
};

/// Records that are looked at in one go.
const PAGE_RECORDS: u64 = 500;

/// The parameter that says that all files of this data folder are noted.
const DONE: &str = "filesNoted";

/// Notes, once in the life of a data folder, every file that a record names and that lies in `folder`; of the others, that they lie in the
/// bucket, if there is one.
///
/// # Errors
/// `Internal`: the database or the disk failed.
pub(crate) async fn note_once(db: &Db, folder: Folder, schema: &Schema, has_bucket: bool) -> Result<()> {
    if db.read(&Default::default(), |conn| params::load(conn, DONE)).await?.is_some() {
        return Ok(());
    }
    let folder = Storage::Folder(folder);
    for collection in schema.collections().iter().filter(|collection| !collection.is_view()) {
        for field in named::file_fields(collection) {
            note_field(db, &folder, collection, field, has_bucket).await?;
        }
    }
    db.write(|conn| params::save(conn, DONE, "true")).await
}

async fn note_field(db: &Db, folder: &Storage, collection: &Collection, field: &Field, has_bucket: bool) -> Result<()> {
    let mut after = String::new();
    loop {
        let (of, by, from) = (collection.clone(), field.clone(), after.clone());
        let page =
            db.read(&Default::default(), move |conn| named::file_names(conn, &of, &by, &from, PAGE_RECORDS)).await?;
        let Some((last, _)) = page.last() else { return Ok(()) };
        after.clone_from(last);
        let mut rows = Vec::new();
        for (record, names) in page {
            for name in names {
                let key = FileKey::new(&collection.id, &record, &name);
                rows.extend(row(folder, key, &field.id, has_bucket).await?);
            }
        }
        db.write(move |conn| files::add(conn, &rows)).await?;
    }
}

async fn row(folder: &Storage, key: FileKey, field: &str, has_bucket: bool) -> Result<Option<StoredFile>> {
    let row = StoredFile {
        field: field.to_owned(),
        state: State::Stored,
        original: key.name.clone(),
        ..StoredFile::default()
    };
    let path = key.path();
    Ok(match folder.find(&path).await? {
        Some(found) => {
            let head =
                super::head(folder.open(&path, 0, found.size.min(limits::FILE_HEAD_BYTES as u64)).await?).await?;
            let created = text_of(found.modified);
            Some(StoredFile { key, place: Place::Local, size: found.size, kind: content::kind(&head), created, ..row })
        }
        // Asking the bucket for each would take hours: size and kind are found out when somebody wants the file.
        None if has_bucket => Some(StoredFile { key, place: Place::S3, created: clock::now_text(), ..row }),
        None => None,
    })
}

fn text_of(moment: SystemTime) -> String {
    jiff::Timestamp::try_from(moment).map_or_else(|_| clock::now_text(), clock::text)
}
