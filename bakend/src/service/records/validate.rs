//! Whether a draft may be stored: field checks first, then what only the database knows.

use std::collections::BTreeSet;

use super::{Call, body::Draft};
use crate::{
    Error, FieldError, FieldErrors, Result,
    query::{Planner, RequestInfo, Statement},
    schema::{Collection, Field, FieldKind, Record, Schema, Value, field::text::ID_PATTERN, system::OWNED_BY_ACCOUNTS},
    service::files,
    store::Conn,
};

/// Checks every field of a draft against its options; `before` is the stored record at an update.
pub(super) fn fields(draft: &Draft, before: Option<&Record>) -> FieldErrors {
    let mut errors = FieldErrors::new();
    let record = &draft.record;
    for (at, field) in record.collection.fields.iter().enumerate() {
        let stored_hash = matches!(field.kind, FieldKind::Password(_)) && !draft.passwords.contains(&at);
        let unset = before.is_none() && stored_hash;
        if stored_hash && !unset || matches!(field.kind, FieldKind::Autodate(_)) {
            continue;
        }
        errors.check(&field.name, field.check(&record.values[at]));
        if is_primary_key(field) {
            errors.check(&field.name, id_kept(record, before));
        }
        if matches!(field.kind, FieldKind::File(_)) {
            errors.check(&field.name, files::check(field, at, draft, before));
        }
    }
    errors
}

fn is_primary_key(field: &Field) -> bool {
    matches!(&field.kind, FieldKind::Text(options) if options.primary_key)
}

fn id_kept(record: &Record, before: Option<&Record>) -> Result<(), FieldError> {
    if before.is_some_and(|before| before.id() != record.id()) {
        return Err(FieldError::new("validation_pk_change", "The record primary key cannot be changed."));
    }
    Ok(())
}

/// What to ask the database before a draft is written; made outside the writer, asked inside it.
#[derive(Default)]
pub(super) struct Questions {
    /// Relation fields whose ids must exist: the field's name, how many, and a statement that returns a row for each that does.
    existing: Vec<(String, usize, Statement)>,
    /// Statements that must return no row, and the error of the id if one does.
    absent: Vec<(Statement, FieldError)>,
    /// Returns the account that a row belongs to.
    owner: Option<Statement>,
    /// Whether a row belongs to an account of a collection that is none.
    no_collection: bool,
}

impl Questions {
    /// The questions about a draft; at updates only about what changed.
    ///
    /// # Errors
    /// Those of the planner.
    pub fn about(planner: &Planner, schema: &Schema, record: &Record, before: Option<&Record>) -> Result<Self> {
        let mut questions = Self::default();
        let nobody = RequestInfo::default();
        for (at, field) in record.collection.fields.iter().enumerate() {
            let FieldKind::Relation(options) = &field.kind else { continue };
            if before.is_some_and(|before| before.values[at] == record.values[at]) {
                continue;
            }
            let ids: BTreeSet<&str> = record.values[at].as_list().iter().map(String::as_str).collect();
            let Some(target) = schema.by_id(&options.collection_id) else { continue };
            if !ids.is_empty() {
                let ids: Vec<&str> = ids.into_iter().collect();
                let statement = planner.by_ids(schema, target, &nobody, &ids, None)?;
                questions.existing.push((field.name.clone(), ids.len(), statement));
            }
        }
        if before.is_none() {
            questions.about_id(planner, schema, record)?;
        }
        if before.is_none_or(|before| any_changed(before, record, &["collectionRef", "recordRef"])) {
            questions.about_owner(planner, schema, record)?;
        }
        Ok(questions)
    }

    /// Rows that belong to accounts name one that there is.
    fn about_owner(&mut self, planner: &Planner, schema: &Schema, record: &Record) -> Result<()> {
        let (collection, owner) = (record.text("collectionRef"), record.text("recordRef"));
        if !OWNED_BY_ACCOUNTS.contains(&record.collection.name.as_str()) || collection.is_empty() || owner.is_empty() {
            return Ok(());
        }
        match schema.by_id(collection).filter(|collection| collection.is_auth()) {
            None => self.no_collection = true,
            Some(collection) => {
                self.owner = Some(planner.view(schema, collection, &RequestInfo::default(), owner, None)?);
            }
        }
        Ok(())
    }

    fn about_id(&mut self, planner: &Planner, schema: &Schema, record: &Record) -> Result<()> {
        let collection = &record.collection;
        if collection.is_auth() {
            // Owners are named by their id alone in many rules, so it must be free in every auth collection.
            for other in others_with_accounts(schema, collection) {
                let statement = planner.view(schema, other, &RequestInfo::default(), record.id(), None)?;
                let error = FieldError::new("validation_invalid_auth_id", "Invalid or duplicated auth record id.");
                self.absent.push((statement, error));
            }
        }
        let custom = collection.fields.iter().any(|field| {
            matches!(&field.kind, FieldKind::Text(options) if options.primary_key && options.pattern != ID_PATTERN)
        });
        if custom {
            let statement = planner.by_field(schema, collection, "id", record.id(), true)?;
            let error =
                FieldError::new("validation_pk_invalid", "The record primary key is invalid or already exists.");
            self.absent.push((statement, error));
        }
        Ok(())
    }

    /// Asks; what comes back is empty when all is well.
    ///
    /// # Errors
    /// Those of the database.
    pub fn ask(&self, conn: &Conn) -> Result<FieldErrors> {
        let mut errors = FieldErrors::new();
        for (field, wanted, statement) in &self.existing {
            if conn.rows(statement, |_| Ok(()))? < *wanted {
                let message = "Failed to find all relation records with the provided ids.";
                errors.add(field, FieldError::new("validation_missing_rel_records", message));
            }
        }
        for (statement, error) in &self.absent {
            if conn.rows(statement, |_| Ok(()))? > 0 {
                errors.add("id", error.clone());
            }
        }
        if self.no_collection {
            let message = "Missing or invalid collection.";
            errors.add("collectionRef", FieldError::new("validation_invalid_collection_id", message));
        }
        if let Some(statement) = &self.owner
            && conn.rows(statement, |_| Ok(()))? == 0
        {
            errors.add("recordRef", FieldError::new("validation_invalid_record", "Missing or invalid record."));
        }
        Ok(errors)
    }
}

/// The error of a refused draft: what its fields say, together with what only the database knows.
pub(super) async fn refused(
    call: &Call,
    message: &str,
    mut errors: FieldErrors,
    questions: Questions,
) -> Result<Error> {
    errors.merge(call.db.read(&Default::default(), move |conn| questions.ask(conn)).await?);
    Ok(Error::invalid(message).fields(errors))
}

fn others_with_accounts<'a>(
    schema: &'a Schema,
    own: &'a Collection,
) -> impl Iterator<Item = &'a std::sync::Arc<Collection>> {
    schema.collections().iter().filter(move |other| other.is_auth() && other.id != own.id)
}

/// Positions whose values differ.
pub(super) fn changed(before: &Record, after: &Record) -> Vec<usize> {
    let differs = |at: &usize| before.values.get(*at) != after.values.get(*at);
    (0..after.values.len()).filter(differs).collect()
}

/// Whether any of these fields changed.
pub(super) fn any_changed(before: &Record, after: &Record, names: &[&str]) -> bool {
    let differs = |name: &&str| -> bool { before.get(name) != after.get(name) };
    names.iter().any(differs)
}

/// The file fields of a record, with their values.
fn file_values(record: &Record) -> impl Iterator<Item = (&Field, &Value)> {
    let fields = record.collection.fields.iter().zip(&record.values);
    fields.filter(|(field, _)| matches!(field.kind, FieldKind::File(_)))
}

/// Whether a record names other files than before.
pub(super) fn changes_files(before: &Record, after: &Record) -> bool {
    file_values(before).zip(file_values(after)).any(|((_, before), (_, after))| before != after)
}

/// Whether a record names any file.
pub(super) fn names_files(record: &Record) -> bool {
    file_values(record).any(|(_, value)| !value.as_list().is_empty())
}
