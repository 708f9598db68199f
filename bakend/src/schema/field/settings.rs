//! Checks of the settings of one field of a collection.

use super::{Field, FieldKind};
use crate::{
    FieldError, FieldErrors,
    schema::{Collection, Schema, fault},
};

/// Longest id or name of a field, in characters.
const NAME_MAX_CHARS: usize = 100;
/// Longest hint, in characters.
const HELP_MAX_CHARS: usize = 300;
/// Names that records, filters or databases use themselves.
const RESERVED_NAMES: [&str; 7] = ["null", "true", "false", "_rowid_", "collectionId", "collectionName", "expand"];

impl Field {
    /// Checks name, id and the options of the type, for a field of `collection`, which may but need not be in `schema`.
    /// What a stored field may not change is for the check of the whole collection.
    pub fn check_options(&self, schema: &Schema, collection: &Collection) -> FieldErrors {
        let mut errors = FieldErrors::new();
        errors.check("id", check_id(&self.id));
        errors.check("name", check_name(&self.name));
        if self.help.chars().count() > HELP_MAX_CHARS {
            errors.add("help", fault::length(1, HELP_MAX_CHARS));
        }
        match &self.kind {
            FieldKind::Text(options) => {
                options.check_options(&self.name, self.required, &mut errors);
                if options.primary_key && collection.fields.iter().filter(|field| field.is_primary_key()).count() > 1 {
                    errors.add("primaryKey", composite());
                }
            }
            FieldKind::Number(options) => options.check_options(&mut errors),
            FieldKind::Email(options) => options.check_options(&mut errors),
            FieldKind::Url(options) => options.check_options(&mut errors),
            FieldKind::Editor(options) => options.check_options(&mut errors),
            FieldKind::Autodate(options) => options.check_options(&mut errors),
            FieldKind::Select(options) => options.check_options(&mut errors),
            FieldKind::File(options) => options.check_options(&mut errors),
            FieldKind::Relation(options) => {
                options.check_options(&mut errors);
                errors.check("collectionId", check_target(&options.collection_id, schema, collection));
            }
            FieldKind::Json(options) => options.check_options(&mut errors),
            FieldKind::Password(options) => options.check_options(&mut errors),
            FieldKind::Bool | FieldKind::Date(_) | FieldKind::GeoPoint => {}
        }
        errors
    }

    fn is_primary_key(&self) -> bool {
        matches!(&self.kind, FieldKind::Text(options) if options.primary_key)
    }
}

fn composite() -> FieldError {
    let message = "Composite PKs are not supported and the collection must have only 1 PK.";
    FieldError::new("validation_unsupported_composite_pk", message)
}

/// The collection that a relation points at exists, by its id, and stores records unless the relation is a view's.
fn check_target(id: &str, schema: &Schema, collection: &Collection) -> Result<(), FieldError> {
    if id == collection.id {
        return Ok(());
    }
    match schema.by_id(id) {
        None => Err(FieldError::new(
            "validation_field_relation_missing_collection",
            "The relation collection doesn't exist.",
        )),
        Some(target) if target.is_view() && !collection.is_view() => Err(FieldError::new(
            "validation_relation_field_non_view_base_collection",
            "Only view collections are allowed to have relations to other views.",
        )),
        Some(_) => Ok(()),
    }
}

fn check_id(id: &str) -> Result<(), FieldError> {
    match id.chars().count() {
        0 => Err(FieldError::required()),
        1..=NAME_MAX_CHARS => Ok(()),
        _ => Err(fault::length(1, NAME_MAX_CHARS)),
    }
}

fn check_name(name: &str) -> Result<(), FieldError> {
    fault::name(name, NAME_MAX_CHARS)?;
    // SQL knows `_rowid_` in any case, so that such a column would hide the row's number.
    if RESERVED_NAMES.contains(&name) || name.eq_ignore_ascii_case("_rowid_") {
        return Err(fault::reserved());
    }
    Ok(())
}
