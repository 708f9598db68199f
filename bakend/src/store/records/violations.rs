//! Whose fault a violated constraint is: the fields of a unique index, the field of a relation.

use crate::{
    Error, FieldError,
    schema::{Collection, Field, FieldKind, Value},
    store::{DatabaseError, database_error, tables::index},
};

/// The code of a relation that points nowhere.
const MISSING_RECORDS_CODE: &str = "validation_missing_rel_records";

/// Names the fields behind an error of a row with these values.
pub(super) fn name<'a>(
    error: Error,
    collection: &Collection,
    values: impl Iterator<Item = (&'a Field, &'a Value)>,
) -> Error {
    match database_error(&error) {
        Some(DatabaseError::UniqueIndex(name)) => {
            let fields = indexed_fields(collection, name);
            fields.into_iter().fold(error.message_set(""), |error, field| error.field(field, FieldError::not_unique()))
        }
        Some(DatabaseError::ForeignKey) => {
            let set = |(field, value): &(&Field, &Value)| {
                matches!(field.kind, FieldKind::Relation(_)) && !value.as_list().is_empty()
            };
            let mut relations = values.filter(set);
            match (relations.next(), relations.next()) {
                (Some((field, _)), None) => at_relation(error, field),
                // Several: the database does not say which.
                _ => error,
            }
        }
        _ => error,
    }
}

/// Names the relation behind an error, if it is about one.
pub(super) fn at_relation(error: Error, field: &Field) -> Error {
    if database_error(&error) == Some(&DatabaseError::ForeignKey) {
        let words = "Failed to find all relation records with the provided ids";
        error.field(field.name.as_str(), FieldError::new(MISSING_RECORDS_CODE, words))
    } else {
        error
    }
}

/// The fields that an index with expressions uses.
fn indexed_fields<'a>(collection: &'a Collection, name: &str) -> Vec<&'a str> {
    let Some(definition) = collection.indexes.iter().find(|sql| index::name(sql).eq_ignore_ascii_case(name)) else {
        return Vec::new();
    };
    let words = index::words_of_columns(definition);
    let used = collection.fields.iter().filter(|field| words.iter().any(|word| word.eq_ignore_ascii_case(&field.name)));
    used.map(|field| field.name.as_str()).collect()
}
