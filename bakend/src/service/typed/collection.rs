//! The trait of typed collections, and how a stored record becomes one.

use std::{collections::BTreeMap, sync::Arc};

use super::{Definition, FieldValue, Id, Input};
use crate::{
    Error, Result,
    schema::{CollectionKind, Record, Value},
};

/// A collection as a Rust type: a struct with a field for each field of its records. Derive it.
///
/// ```
/// use bakend::{Collection, DateTime, Id};
///
/// #[derive(Clone, Debug, Collection)]
/// #[collection(name = "notes", rules(list = "", view = "", create = "@request.auth.id != ''"))]
/// pub struct Note {
///     pub id: Id<Note>,
///     #[field(max = 200, presentable)]
///     pub title: String,
///     pub text: Option<String>,
///     #[field(on_create)]
///     pub created: DateTime,
/// }
///
/// assert_eq!(Note::NAME, "notes");
/// let filter = Note::title.contains("milk") & Note::text.is_empty();
/// assert_eq!(filter.to_string(), r"title ~ '%milk%' && text = ''");
/// let draft = Note::new("Buy milk").text("and bread");
/// ```
///
/// An `Option` may be left empty: `None` is stored as the zero value, as on PocketBase's wire, and a zero value reads as `None`, so that
/// `Some(0)` comes back as `None`.
///
/// The derive also makes a SeaORM entity over the same table (`note_entity` beside `Note`).
pub trait Collection: Sized + Send + Sync + 'static {
    /// The name of the collection and of its table.
    const NAME: &'static str;
    /// Base, auth or view.
    const KIND: CollectionKind;
    /// What creates a record; made by `new`, which takes all that is required.
    type Create: Input<Self>;
    /// What changes a record; made by `update`, with every field optional.
    type Update: Input<Self>;

    /// Everything that the code says about the collection.
    fn definition() -> Definition;

    /// Its id.
    fn id(&self) -> &Id<Self>;

    /// From a stored record.
    ///
    /// # Errors
    /// `Internal`: the record has no such field or a value of another type; the source says which.
    fn from_row(row: &Row<'_>) -> Result<Self>;

    /// Puts the value of every field into a record of the same collection, as a `before` hook does that has changed some.
    fn write_to(&self, record: &mut Record);

    /// From a stored record, with its relations as ids only.
    ///
    /// # Errors
    /// As of [`from_row`](Self::from_row).
    fn from_record(record: &Record) -> Result<Self> {
        Self::from_row(&Row { record, expand: None })
    }

    /// From a stored record and the records that its relations were expanded to.
    ///
    /// # Errors
    /// As of [`from_row`](Self::from_row), also of those records.
    fn from_loaded(loaded: &Loaded) -> Result<Self> {
        Self::from_row(&Row { record: &loaded.record, expand: Some(&loaded.expand) })
    }
}

/// A record with the records that its relations were expanded to, by the names of the relations.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The record.
    pub record: Record,
    /// What its relations were expanded to.
    pub expand: BTreeMap<String, Vec<Arc<Loaded>>>,
}

/// What a typed record is read from.
pub struct Row<'a> {
    record: &'a Record,
    expand: Option<&'a BTreeMap<String, Vec<Arc<Loaded>>>>,
}

impl Row<'_> {
    /// The value of a field. `near`: where it probably is, so that most reads need no search.
    ///
    /// # Errors
    /// `Internal`: there is no such field, or its value is none of `T`.
    pub fn get<T: FieldValue>(&self, near: usize, name: &str) -> Result<T> {
        let fields = &self.record.collection.fields;
        let at = match fields.get(near) {
            Some(field) if field.name == name => Some(near),
            _ => self.record.collection.position(name),
        };
        let value = at.and_then(|at| self.record.values.get(at)).ok_or_else(|| self.missing(name))?;
        let mut read = T::from_value(value).map_err(|misfit| self.fault(name, &misfit.to_string()))?;
        if let Some(records) = self.expand.and_then(|expand| expand.get(name)) {
            read.attach(records)?;
        }
        Ok(read)
    }

    fn missing(&self, name: &str) -> Error {
        self.fault(name, "is not a field of the collection; register the type with the app that opens this folder")
    }

    fn fault(&self, name: &str, reason: &str) -> Error {
        let Record { collection, .. } = self.record;
        Error::internal(format!("{}/{}: the field {name:?} {reason}", collection.name, self.record.id()))
    }
}

/// Puts a value into a field of a record; a field that holds one takes the last of several.
pub(super) fn put(record: &mut Record, name: &str, value: Value) {
    let Some(at) = record.collection.position(name) else { return };
    let value = match (value, record.collection.fields[at].is_multiple()) {
        (Value::List(mut list), false) if matches!(record.values[at], Value::Text(_)) => {
            Value::Text(list.pop().unwrap_or_default())
        }
        (value, _) => value,
    };
    record.values[at] = value;
}

/// For what the derive writes: puts the value of one field into a record.
#[doc(hidden)]
pub fn write_field<T: FieldValue>(record: &mut Record, name: &str, value: &T) {
    put(record, name, value.to_value());
}
