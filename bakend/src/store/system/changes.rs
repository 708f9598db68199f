//! The changelog's table, `_changes`, which triggers fill.

use sea_orm::entity::prelude::*;

/// A row of `_changes`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "_changes")]
pub struct Model {
    /// Its number, in the order of commits, without a gap.
    #[sea_orm(primary_key)]
    pub seq: i64,
    /// The id of the collection, or the name of a system table.
    pub collection: String,
    /// The id of the record or row.
    pub record: String,
    /// 1 created, 2 updated, 3 deleted, 4 its joins changed.
    pub action: i64,
    /// Of what was deleted: a JSON array of objects, which together are the row.
    pub old: Option<String>,
    /// When, in seconds since 1970.
    pub at: i64,
}

/// It stands alone.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
