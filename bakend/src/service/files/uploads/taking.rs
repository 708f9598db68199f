//! From a body that names finished uploads to the uploads themselves.

use serde_json::{Map, Value as Json};

use super::{owned, staged_name, turn};
use crate::{
    Error, Kind, Result, limits,
    schema::{Collection, Field},
    service::{
        App,
        files::{self, check},
        records::{self, Call, Upload},
    },
    store::system::uploads::PartialUpload,
};

/// Begins a value that names an upload; a colon cannot be in a file's name.
const REFERENCE: &str = "upload:";

/// Takes the names of finished uploads out of a record's body; returns the uploads, as if they had come with it.
///
/// # Errors
/// `Invalid` (a field error): one is not there for this caller and field, or not complete.
pub(crate) async fn take(call: &Call, collection: &Collection, body: &mut Map<String, Json>) -> Result<Vec<Upload>> {
    let mut taken = Vec::new();
    for (key, value) in body.iter_mut() {
        let Some(field) = records::file_field_of_key(collection, key) else { continue };
        taken.extend(references(value).into_iter().map(|id| (key.clone(), field, id)));
    }
    let mut found = Vec::with_capacity(taken.len());
    for (key, field, id) in taken {
        // Where only uploads were named, new files replace old ones, as they do in forms.
        if body.get(&key).is_some_and(|left| left.as_array().is_none_or(Vec::is_empty)) {
            body.remove(&key);
        }
        let upload = finished(call, collection, field, &id).await?;
        let refused = || Error::invalid("").field(&field.name, check::unknown_upload(&id));
        found.push(received(&call.app, key, upload.ok_or_else(refused)?).await?);
    }
    Ok(found)
}

/// Takes the references out of a value; what is left are names of files.
fn references(value: &mut Json) -> Vec<String> {
    let id_of = |value: &Json| value.as_str().and_then(|text| text.strip_prefix(REFERENCE)).map(str::to_owned);
    // A form has lists as texts.
    let listed =
        value.as_str().filter(|text| text.contains(REFERENCE)).and_then(|text| serde_json::from_str(text).ok());
    if let Some(Json::Array(list)) = listed {
        *value = Json::Array(list);
    }
    match value {
        Json::Array(list) => {
            let found = list.iter().filter_map(id_of).collect();
            list.retain(|value| id_of(value).is_none());
            found
        }
        single => id_of(single).into_iter().inspect(|_| *single = Json::Null).collect(),
    }
}

async fn finished(call: &Call, collection: &Collection, field: &Field, id: &str) -> Result<Option<PartialUpload>> {
    let Some(owner) = &call.info.auth else { return Ok(None) };
    let upload = match owned(&call.app, owner, id).await {
        Err(error) if error.kind() == Kind::NotFound => return Ok(None),
        upload => upload?,
    };
    // While a request adds to it, what is there may still be taken back: its sum is not known yet.
    let Some(_turn) = turn(&call.app, id) else { return Ok(None) };
    let is_for = upload.target == (collection.id.clone(), field.id.clone());
    let size = call.app.file_room().staging.size(&staged_name(id)).await?;
    Ok((is_for && size == upload.length).then_some(upload))
}

async fn received(app: &App, key: String, upload: PartialUpload) -> Result<Upload> {
    let staging = &app.file_room().staging;
    let name = staged_name(&upload.id);
    // An empty file needs no bytes, but it must be there.
    if upload.length == 0 {
        staging.append(&name, 0, Vec::new()).await?;
    }
    let head = files::head(staging.open(&name, 0, upload.length.min(limits::FILE_HEAD_BYTES as u64)).await?).await?;
    let found = files::upload(key, upload.name, staging.lent(&name), upload.length, &head);
    Ok(Upload { resumable: Some(upload.id), ..found })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn references_are_told_from_names() {
        for (mut value, found, left) in [
            (json!("upload:a"), vec!["a"], json!(null)),
            (json!("a.txt"), vec![], json!("a.txt")),
            (json!(["upload:a", "b.txt", "upload:c"]), vec!["a", "c"], json!(["b.txt"])),
            (json!(["upload:a"]), vec!["a"], json!([])),
            (json!(r#"["b.txt", "upload:a"]"#), vec!["a"], json!(["b.txt"])),
            (json!(r#"["upload:a"#), vec![], json!(r#"["upload:a"#)),
            (json!(5), vec![], json!(5)),
        ] {
            assert_eq!(references(&mut value), found);
            assert_eq!(value, left);
        }
    }
}
