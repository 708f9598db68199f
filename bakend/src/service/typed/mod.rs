//! Collections as Rust types: what `#[derive(Collection)]` writes code for.
//!
//! `collection`: the trait, and how a record becomes its type. `definition`: what the code says a collection looks like. `value`: which
//! Rust types fields have, a file per family. `input`: what a typed create or update sends. `path`, `distance`, `operand`, `filter`, `sort`,
//! `expand`: typed expressions, which become the text that clients write too.

mod collection;
mod definition;
mod distance;
mod expand;
mod file;
mod filter;
mod id;
mod input;
mod json;
mod moment;
mod numbers;
mod operand;
mod password;
mod path;
mod place;
mod relation;
mod select;
mod sort;
mod texts;
mod value;

pub use self::{
    collection::{Collection, Loaded, Row},
    definition::{Definition, FieldDefinition, collections, stored},
    distance::Distance,
    expand::Expand,
    file::{File, NewFile},
    filter::Filter,
    id::Id,
    input::{Body, Input, NewFiles, ReadOnly},
    json::Json,
    moment::{DateTime, Moment},
    operand::{Operand, Ordered, Textual},
    password::Password,
    path::{AnyJson, Beyond, Own, Path, Scalar},
    place::GeoPoint,
    relation::Relation,
    select::{Select, SelectValue},
    sort::Sort,
    texts::{Editor, Email, Url},
    value::{FILES_MAX, FieldValue, Misfit, OneOf, SEVERAL_MAX},
};

#[doc(hidden)]
pub use self::{
    collection::write_field,
    definition::{index_sql, say},
    operand::Literal,
};
