//! A filter after its names are found in the schema: conditions over terms, rows and joins.

use std::sync::Arc;

use super::{known::JsonStep, lexer::Op};
use crate::schema::{Collection, Field, FieldKind};

/// Position of a [`Join`] in its [`Scope`](super::resolver::Scope).
pub type JoinId = usize;
/// Position of a known operand in its [`Scope`](super::resolver::Scope).
pub type KnownId = usize;

/// Where a record's columns are read from.
#[derive(Clone, Debug)]
pub enum Row {
    /// The record that is asked about.
    Base,
    /// The same, not stored yet: its columns are known values.
    New,
    /// The caller: known values.
    Auth,
    /// A row of a join.
    Joined(JoinId),
    /// The one record whose column has the value of a term.
    Found {
        /// A unique column.
        column: String,
        /// What it equals.
        by: Box<Term>,
        /// Whether a foreign key vouches that the record exists.
        sure: bool,
    },
}

/// A record and its collection.
#[derive(Clone, Debug)]
pub struct Place {
    /// Where its columns are.
    pub row: Row,
    /// What it is a record of.
    pub collection: Arc<Collection>,
}

/// A value that the statement reads or computes.
#[derive(Clone, Debug)]
pub enum Term {
    /// A known value.
    Known(KnownId),
    /// A column of a record.
    Column(Place, usize),
    /// The ids of a joined relation as a JSON array.
    Ids(Place, usize),
    /// How many ids a joined relation has.
    Count(Place, usize),
    /// A column of a join that is no record: `source`, `target` or an element.
    Step(JoinId, Side),
    /// A path into JSON.
    Json(Box<Term>, Vec<JsonStep>),
    /// In lower case.
    Lower(Box<Term>),
    /// How many values an array column holds; of single columns 0 or 1.
    Length {
        /// The column.
        of: Box<Term>,
        /// Whether it is an array.
        multiple: bool,
    },
    /// `strftime(format, time, modifiers…)`
    Strftime(Vec<Term>),
    /// Kilometres between two places: longitude, latitude, longitude, latitude.
    GeoDistance(Vec<Term>),
    /// Whether a submitted value differs from the stored one.
    Differs(KnownId, Box<Term>),
}

/// Which column of a join that is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The id that refers.
    Source,
    /// The id referred to.
    Target,
    /// An element of an array.
    Element,
}

impl Side {
    /// Its name.
    pub fn column(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
            Self::Element => "value",
        }
    }
}

/// Rows that one record may have several of.
#[derive(Clone, Debug)]
pub enum JoinKind {
    /// Rows of a join table whose `near` column is the id.
    Links {
        /// The join table.
        table: String,
        /// The column on this side.
        near: Side,
        /// The id.
        by: Term,
    },
    /// Records whose column is the id.
    Back {
        /// Their collection.
        collection: Arc<Collection>,
        /// The relation's column.
        column: String,
        /// The id.
        by: Term,
    },
    /// Every record of a collection.
    All(Arc<Collection>),
    /// The elements of a JSON array.
    Elements(Term),
    /// The records whose ids are in a known JSON array.
    Listed(Arc<Collection>, KnownId),
}

/// Rows that one record may have several of, shared by all operands that name them by the same path.
#[derive(Clone, Debug)]
pub struct Join {
    /// The path.
    pub key: String,
    /// The join that it starts from.
    pub parent: Option<JoinId>,
    /// What is joined.
    pub kind: JoinKind,
}

/// An operand that depends on the database.
#[derive(Clone, Debug)]
pub struct Operand {
    /// Its value.
    pub term: Term,
    /// Whether NULL and `''` differ (json).
    pub exact: bool,
    /// What this caller must satisfy to compare it, where it is compared (emails).
    pub gates: Vec<Cond>,
    /// Which of the rows it is read from this caller may see (list rules); the others break no comparison.
    pub walls: Vec<Cond>,
    /// Whether it is compared as it is, NULL being equal to nothing.
    pub bare: bool,
    /// `(guard, instead)`: while `guard` is empty, NULL or false, `instead` takes the operand's place.
    pub guard: Option<(KnownId, KnownId)>,
}

/// One side of a comparison.
#[derive(Clone, Debug)]
pub enum Value {
    /// Known before the statement runs.
    Known(KnownId),
    /// Known by the database.
    Asked(Box<Operand>),
}

/// A comparison.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// What stands left.
    pub left: Value,
    /// How they are compared.
    pub op: Op,
    /// Whether one of several values is enough.
    pub any: bool,
    /// What stands right.
    pub right: Value,
    /// The joins whose row the comparison is about: it asks that row, not all of them.
    pub given: Vec<JoinId>,
}

/// A condition.
#[derive(Clone, Debug)]
pub enum Cond {
    /// All must hold; none: true.
    All(Vec<Cond>),
    /// One must hold; none: false.
    Any(Vec<Cond>),
    /// A comparison.
    Leaf(Box<Leaf>),
}

impl Place {
    /// Whether a field lives in a join table.
    pub fn is_joined(&self, field: &Field) -> bool {
        matches!(field.kind, FieldKind::Relation(_)) && field.is_multiple() && !self.collection.is_view()
    }

    /// The field of a column.
    pub fn field(&self, at: usize) -> &Field {
        &self.collection.fields[at]
    }
}

impl Term {
    /// Calls `each` with every join that the term names directly.
    pub fn joins(&self, each: &mut dyn FnMut(JoinId)) {
        match self {
            Self::Known(_) => {}
            Self::Column(place, _) | Self::Ids(place, _) | Self::Count(place, _) => place.row.joins(each),
            Self::Step(join, _) => each(*join),
            Self::Json(inner, _) | Self::Lower(inner) | Self::Length { of: inner, .. } | Self::Differs(_, inner) => {
                inner.joins(each);
            }
            Self::Strftime(terms) | Self::GeoDistance(terms) => terms.iter().for_each(|term| term.joins(each)),
        }
    }

    /// The innermost join whose absence makes the term NULL, if there is one.
    pub fn null_without(&self) -> Option<JoinId> {
        match self {
            Self::Column(place, _) => place.row.null_without(),
            Self::Step(join, _) => Some(*join),
            Self::Json(inner, _) | Self::Lower(inner) => inner.null_without(),
            _ => None,
        }
    }

    /// Whether it is an id or NULL, never `''`.
    pub fn is_reference(&self) -> bool {
        match self {
            Self::Column(place, at) => {
                let field = place.field(*at);
                !place.collection.is_view() && (matches!(field.kind, FieldKind::Relation(_)) || field.name == "id")
            }
            Self::Step(_, side) => *side != Side::Element,
            _ => false,
        }
    }

    /// Whether it is text to the database, so that comparing it with other text converts nothing.
    pub fn is_text(&self) -> bool {
        match self {
            Self::Column(place, at) => {
                let field = place.field(*at);
                match &field.kind {
                    FieldKind::Number(_) | FieldKind::Bool | FieldKind::Json(_) | FieldKind::GeoPoint => false,
                    _ => !place.collection.is_view(),
                }
            }
            Self::Step(_, side) => *side != Side::Element,
            Self::Ids(..) => true,
            _ => false,
        }
    }

    /// Whether it is never NULL.
    pub fn is_never_null(&self) -> bool {
        match self {
            Self::Column(Place { row: Row::Base, collection }, at) => {
                !collection.is_view()
                    && !matches!(collection.fields[*at].kind, FieldKind::Relation(_) | FieldKind::Json(_))
            }
            Self::Ids(Place { row: Row::Base, .. }, _) | Self::Count(..) | Self::Length { .. } => true,
            _ => false,
        }
    }
}

impl Row {
    /// Calls `each` with every join that the row names directly.
    pub fn joins(&self, each: &mut dyn FnMut(JoinId)) {
        match self {
            Self::Joined(join) => each(*join),
            Self::Found { by, .. } => by.joins(each),
            Self::Base | Self::New | Self::Auth => {}
        }
    }

    fn null_without(&self) -> Option<JoinId> {
        match self {
            Self::Joined(join) => Some(*join),
            Self::Found { by, .. } => by.null_without(),
            Self::Base | Self::New | Self::Auth => None,
        }
    }
}

impl JoinKind {
    /// The term it starts from.
    pub fn by(&self) -> Option<&Term> {
        match self {
            Self::Links { by, .. } | Self::Back { by, .. } | Self::Elements(by) => Some(by),
            Self::All(_) | Self::Listed(..) => None,
        }
    }
}
