//! Whether a field may have its files.

use std::collections::BTreeSet;

use crate::{
    FieldError, limits,
    schema::{Field, FieldKind, Record},
    service::records::{Draft, NewFile, Upload},
};

/// Checks the names and new files of a field.
///
/// # Errors
/// The field's error: a name it does not have, a file that is too large or of a kind that is not allowed.
pub(crate) fn check(field: &Field, at: usize, draft: &Draft, before: Option<&Record>) -> Result<(), FieldError> {
    let FieldKind::File(options) = &field.kind else { return Ok(()) };
    let own: Vec<&NewFile> = draft.files.iter().filter(|file| file.field == at).collect();
    let had: BTreeSet<&str> =
        before.iter().flat_map(|record| record.values[at].as_list()).map(String::as_str).collect();
    let unknown: Vec<&str> = draft.record.values[at]
        .as_list()
        .iter()
        .map(String::as_str)
        .filter(|name| !had.contains(name) && !draft.new_names.iter().any(|new| new == name))
        .collect();
    if !unknown.is_empty() {
        let message = format!("Invalid new files: [{}].", unknown.join(" "));
        return Err(FieldError::new("validation_invalid_file", message).with("invalidFiles", unknown));
    }
    let used = |file: &&&NewFile| draft.record.values[at].as_list().contains(&file.name);
    own.iter()
        .filter(used)
        .try_for_each(|file| fits(&file.name, &file.upload, max_bytes(options.max_size), &options.mime_types))
}

/// The most bytes of a file, from the option of its field.
pub fn max_bytes(max_size: i64) -> u64 {
    u64::try_from(max_size).ok().filter(|max| *max > 0).unwrap_or(limits::CONTENT_MAX_BYTES)
}

/// The error of a resumable upload that is not there for this caller and field, or not complete.
pub(crate) fn unknown_upload(id: &str) -> FieldError {
    let message = "There is no finished upload of yours with this id for this field; it may be used or expired.";
    FieldError::new("validation_invalid_upload", message).with("upload", id)
}

/// Whether a field takes a file that has come.
pub(crate) fn suits(field: &Field, upload: &Upload) -> bool {
    match &field.kind {
        FieldKind::File(options) => fits("", upload, max_bytes(options.max_size), &options.mime_types).is_ok(),
        _ => false,
    }
}

fn fits(name: &str, upload: &Upload, max: u64, kinds: &[String]) -> Result<(), FieldError> {
    let original = &upload.name;
    if upload.size > max {
        let message = format!("Failed to upload {original} - the maximum allowed file size is {max} bytes.");
        return Err(FieldError::new("validation_file_size_limit", message)
            .with("file", original.as_str())
            .with("maxSize", max));
    }
    let bare = |kind: &str| kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let kind = bare(&upload.kind);
    if kinds.is_empty() || kinds.iter().any(|allowed| bare(allowed) == kind) {
        return Ok(());
    }
    let message = format!("\"{name}\" mime type must be one of: {}.", kinds.join(", "));
    Err(FieldError::new("validation_invalid_mime_type", message))
}
