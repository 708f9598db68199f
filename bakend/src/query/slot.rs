//! Places in a statement that are filled when it is about to run.

use sea_query::{Expr, Value};

use super::{
    ir::KnownId,
    value::{Pattern, Val},
};
use crate::schema::Scalar;

/// What a placeholder stands for.
#[derive(Clone, Debug, PartialEq)]
pub enum Slot {
    /// A known operand.
    Known(KnownId),
    /// A known operand as a pattern of `~`.
    Like(KnownId, Pattern),
    /// The id asked for, or the ids as a JSON array.
    Ids,
    /// Most rows.
    Limit,
    /// Rows to skip.
    Offset,
}

/// The placeholders of a statement while it is written. The value of every placeholder is its position here.
#[derive(Debug, Default)]
pub struct Slots(Vec<Slot>);

/// What the caller gives besides the request.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given<'a> {
    /// The id asked for, or ids as a JSON array.
    pub ids: &'a str,
    /// Most rows.
    pub limit: u64,
    /// Rows to skip.
    pub offset: u64,
}

impl Slots {
    /// A placeholder.
    pub fn add(&mut self, slot: Slot) -> Expr {
        Expr::Value(Value::BigUnsigned(Some(self.number(slot))))
    }

    /// The position of a slot, for where sea-query wants a number.
    pub fn number(&mut self, slot: Slot) -> u64 {
        self.0.push(slot);
        self.0.len() as u64 - 1
    }

    /// The slots in the order of the built statement's placeholders; `None` when a placeholder is not one of ours.
    pub fn ordered(&self, values: &sea_query::Values) -> Option<Vec<Slot>> {
        let slot = |value: &Value| match value {
            Value::BigUnsigned(Some(number)) => self.0.get(usize::try_from(*number).ok()?).cloned(),
            _ => None,
        };
        values.0.iter().map(slot).collect()
    }
}

impl Slot {
    /// What to bind.
    pub fn fill(&self, values: &[Val<'_>], given: Given<'_>) -> Scalar {
        match self {
            Self::Known(at) => values[*at].to_scalar(),
            Self::Like(at, pattern) => pattern.of(&values[*at]).map_or(Scalar::Null, Scalar::Text),
            Self::Ids => Scalar::Text(given.ids.to_owned()),
            Self::Limit => Scalar::Int(i64::try_from(given.limit).unwrap_or(i64::MAX)),
            Self::Offset => Scalar::Int(i64::try_from(given.offset).unwrap_or(i64::MAX)),
        }
    }
}
