//! What the SeaORM entities of typed collections need: column types that read what tables hold, and the way from a collection to its entity.

use sea_orm::{
    ColIdx, EntityTrait, FromJsonQueryResult, QueryResult, TryGetError, TryGetable, Value,
    sea_query::{ArrayType, ColumnType, Nullable, ValueType, ValueTypeErr},
};
use serde::{Deserialize, Serialize};

/// A typed collection with a SeaORM entity over its table; `#[derive(Collection)]` implements it.
pub trait HasEntity {
    /// The entity.
    type Entity: EntityTrait;

    /// The column of the id.
    fn id_column() -> <Self::Entity as EntityTrait>::Column;
}

/// A column of several values (selects, names of files): a JSON array of texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(transparent)]
pub struct Texts(pub Vec<String>);

/// A column of a place: JSON with both degrees.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, FromJsonQueryResult)]
pub struct Point {
    /// Longitude, −180 to 180.
    pub lon: f64,
    /// Latitude, −90 to 90.
    pub lat: f64,
}

/// A column of numbers that need not be whole. Those that are the table keeps as integers, which the driver would not read as a double.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Number(pub f64);

impl From<f64> for Number {
    fn from(number: f64) -> Self {
        Self(number)
    }
}

impl From<Number> for f64 {
    fn from(number: Number) -> Self {
        number.0
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        number.0.into()
    }
}

impl PartialEq<f64> for Number {
    fn eq(&self, other: &f64) -> bool {
        self.0 == *other
    }
}

impl TryGetable for Number {
    fn try_get_by<I: ColIdx>(row: &QueryResult, column: I) -> Result<Self, TryGetError> {
        let whole = |_| i64::try_get_by(row, column).map(|number| number as f64);
        f64::try_get_by(row, column).or_else(whole).map(Self)
    }
}

impl ValueType for Number {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        <f64 as ValueType>::try_from(value).map(Self)
    }

    fn type_name() -> String {
        "Number".to_owned()
    }

    fn array_type() -> ArrayType {
        ArrayType::Double
    }

    fn column_type() -> ColumnType {
        ColumnType::Double
    }
}

impl Nullable for Number {
    fn null() -> Value {
        Value::Double(None)
    }
}
