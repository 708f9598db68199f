//! Looking through the files of all records.

use sea_orm::{
    ColumnTrait, Condition, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Alias, Expr, ExprTrait as _, LikeExpr},
};

use super::{Column, Entity, FileKey, Place, State, StoredFile, number, one, read, read_all};
use crate::{
    Result,
    store::{Conn, orm::statement},
};

/// Which files, and in which order.
#[derive(Clone, Debug, Default)]
pub struct Browse {
    /// Id of the collection; `""`: any.
    pub collection: String,
    /// Id of the field; `""`: any.
    pub field: String,
    /// Id of the record; `""`: any.
    pub record: String,
    /// A part of the stored name or of the client's own, whatever the case; `""`: any.
    pub search: String,
    /// By what.
    pub order: BrowseOrder,
    /// Whether the largest comes first.
    pub descending: bool,
}

/// What files are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BrowseOrder {
    /// When they came.
    #[default]
    Created,
    /// Bytes.
    Size,
    /// The stored name.
    Name,
}

impl Browse {
    fn condition(&self) -> Condition {
        let owner =
            [(Column::Collection, &self.collection), (Column::Field, &self.field), (Column::Record, &self.record)];
        let named = owner.into_iter().filter(|(_, id)| !id.is_empty());
        let all = named.fold(Condition::all(), |all, (column, id)| all.add(column.eq(id.as_str())));
        if self.search.is_empty() {
            return all;
        }
        let part = |column: Column| Expr::col(column).like(LikeExpr::new(pattern(&self.search)).escape('\\'));
        all.add(Condition::any().add(part(Column::Name)).add(part(Column::Original)))
    }
}

/// What texts are like that have this part.
fn pattern(part: &str) -> String {
    let mut pattern = "%".to_owned();
    for char in part.chars() {
        if matches!(char, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(char);
    }
    pattern.push('%');
    pattern
}

/// A page of files.
///
/// # Errors
/// `Internal`: the database failed.
pub fn browse(conn: &Conn<'_>, asked: &Browse, limit: u64, offset: u64) -> Result<Vec<StoredFile>> {
    let order = if asked.descending { Order::Desc } else { Order::Asc };
    let query = Entity::find().filter(asked.condition());
    // Rows come in the order of their files, so that the newest are found without looking at all.
    let inserted = Expr::col(Alias::new("_rowid_"));
    let query = match asked.order {
        BrowseOrder::Created => query.order_by(inserted, order),
        BrowseOrder::Size => query.order_by(Column::Size, order.clone()).order_by(inserted, order),
        BrowseOrder::Name => query.order_by(Column::Name, order.clone()).order_by(inserted, order),
    };
    read_all(conn, &query.limit(limit).offset(offset), read)
}

/// How many files there are.
///
/// # Errors
/// `Internal`: the database failed.
pub fn count(conn: &Conn<'_>, asked: &Browse) -> Result<u64> {
    let query = Entity::find().select_only().column_as(Column::Name.count(), "files").filter(asked.condition());
    let mut found = 0;
    conn.rows(&statement(&query)?, |row| {
        found = number(row, 0)?;
        Ok(())
    })?;
    Ok(found)
}

/// Files of a field that are equally far and lie in the same place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// Id of the collection.
    pub collection: String,
    /// Id of the field.
    pub field: String,
    /// How far they are.
    pub state: State,
    /// Where they lie, or will lie.
    pub place: Place,
    /// How many they are.
    pub count: u64,
    /// In bytes.
    pub bytes: u64,
}

/// All files, added up.
///
/// # Errors
/// `Internal`: the database failed.
pub fn sums(conn: &Conn<'_>) -> Result<Vec<Sum>> {
    let mut query = Entity::find().select_only();
    for column in [Column::Collection, Column::Field, Column::State, Column::Place] {
        query = query.column(column).group_by(column);
    }
    let query = query.column_as(Column::Name.count(), "files").column_as(Column::Size.sum(), "bytes");
    let mut found = Vec::new();
    conn.rows(&statement(&query)?, |row| {
        found.push(Sum {
            collection: row.text(0)?.to_owned(),
            field: row.text(1)?.to_owned(),
            state: State::read(row.text(2)?),
            place: Place::read(row.text(3)?),
            count: number(row, 4)?,
            bytes: number(row, 5)?,
        });
        Ok(())
    })?;
    Ok(found)
}

/// Of these files, those that no row names.
///
/// # Errors
/// `Internal`: the database failed.
pub fn unknown(conn: &Conn<'_>, keys: &[FileKey]) -> Result<Vec<FileKey>> {
    let mut unknown = Vec::new();
    for key in keys {
        if read_all(conn, &Entity::find().filter(one(key)).limit(1), read)?.is_empty() {
            unknown.push(key.clone());
        }
    }
    Ok(unknown)
}
