//! Records of another backend as values of bakend's fields.

use serde_json::{Number, Value as Json};

use super::order::target;
use crate::{
    Result,
    schema::{Collection, Field, Scalar, Schema, Value},
    store::pocketbase::{Source, SourceRow},
};

/// Reads the rows of one collection.
pub(super) struct Reader<'a> {
    source: &'a Source,
    schema: &'a Schema,
    collection: &'a Collection,
    /// Fields that the source has a column for: their positions.
    present: Vec<usize>,
    columns: Vec<String>,
}

/// A record as it is to be stored, and what was dropped from it.
pub(super) struct Imported {
    /// One value a field.
    pub values: Vec<Value>,
    /// Fields, by position, with the number of references that pointed nowhere.
    pub dangling: Vec<(usize, u64)>,
}

impl<'a> Reader<'a> {
    /// A reader of the fields that `wanted` names by their positions, as far as the source has them.
    pub fn new(
        source: &'a Source,
        schema: &'a Schema,
        collection: &'a Collection,
        wanted: impl Fn(usize) -> bool,
    ) -> Result<Self> {
        let known = source.columns(&collection.name)?;
        let is_known = |field: &Field| known.iter().any(|column| column.eq_ignore_ascii_case(&field.name));
        let fields = collection.fields.iter().enumerate().filter(|(at, field)| wanted(*at) && is_known(field));
        let present: Vec<usize> = fields.map(|(at, _)| at).collect();
        let columns = present.iter().map(|at| collection.fields[*at].name.clone()).collect();
        Ok(Self { source, schema, collection, present, columns })
    }

    /// Up to `rows_max` rows after the row `after`.
    pub fn batch(&self, after: i64, rows_max: usize) -> Result<Vec<SourceRow>> {
        if self.columns.is_empty() {
            return Ok(Vec::new());
        }
        let columns: Vec<&str> = self.columns.iter().map(String::as_str).collect();
        self.source.rows(&self.collection.name, &columns, after, rows_max)
    }

    /// A row as a record, without references that point nowhere.
    pub fn record(&self, row: SourceRow) -> Result<Imported> {
        let mut imported =
            Imported { values: self.collection.fields.iter().map(Field::zero).collect(), dangling: Vec::new() };
        for (at, scalar) in self.present.iter().zip(row.values) {
            let field = &self.collection.fields[*at];
            let mut value = value(field, scalar);
            let dropped = self.drop_dangling(field, &mut value)?;
            if dropped > 0 {
                imported.dangling.push((*at, dropped));
            }
            imported.values[*at] = value;
        }
        Ok(imported)
    }

    fn drop_dangling(&self, field: &Field, value: &mut Value) -> Result<u64> {
        let Some(target) = target(field).and_then(|id| self.schema.by_id(id)) else { return Ok(0) };
        let mut kept = Vec::with_capacity(value.as_list().len());
        for id in value.as_list() {
            if self.source.has(&target.name, id)? {
                kept.push(id.clone());
            }
        }
        let dropped = value.as_list().len() - kept.len();
        if dropped > 0 {
            *value = if field.is_multiple() { Value::List(kept) } else { Value::Text(kept.pop().unwrap_or_default()) };
        }
        Ok(dropped as u64)
    }
}

/// A column of the source as a value of a field.
fn value(field: &Field, scalar: Scalar) -> Value {
    field.decode(&match scalar {
        Scalar::Null => Json::Null,
        Scalar::Int(number) => number.into(),
        Scalar::Real(number) => Number::from_f64(number).map_or(Json::Null, Json::Number),
        Scalar::Text(text) => Json::String(text),
    })
}
