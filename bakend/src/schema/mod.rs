//! Collections, fields and values: what data looks like, and which values are allowed. Pure: no connection, no clock, no await.

pub mod auth_options;
pub mod cast;
pub mod check;
pub mod collection;
mod collection_json;
pub mod defaults;
mod fault;
pub mod field;
pub mod index;
pub mod moment;
pub mod pattern;
pub mod record;
pub mod snapshot;
pub mod system;
pub mod value;
pub mod wire;

pub use auth_options::AuthOptions;
pub use collection::{Collection, CollectionKind, Rule, Rules};
pub use field::{ColumnType, Field, FieldKind, Modifier};
pub use record::Record;
pub use snapshot::Schema;
pub use value::{Scalar, ScalarRef, Value};
