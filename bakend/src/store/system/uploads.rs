//! Uploads that come in several requests: the rows of `_uploads`.

use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, entity::prelude::*};

use super::rows::{number, read_all};
use crate::{
    Result,
    store::{Conn, Row, orm::statement},
};

/// A row of `_uploads`. How far it is tells the file itself, in the staging folder.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "_uploads")]
pub struct Model {
    /// Its name, not to be guessed.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Id of the collection of whoever began it.
    pub owner_collection: String,
    /// Id of the record of whoever began it.
    pub owner_record: String,
    /// Id of the collection it is for.
    pub collection: String,
    /// Id of the field it is for.
    pub field: String,
    /// The name that the client gave the file.
    pub name: String,
    /// Length of the whole, in bytes.
    pub length: i64,
    /// What the client said about it, as it came.
    pub metadata: String,
    /// When it began (wire form).
    pub created: String,
    /// When it is given up (wire form).
    pub expires: String,
}

/// It stands alone.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// An upload that comes in several requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartialUpload {
    /// Its name, not to be guessed.
    pub id: String,
    /// Ids of collection and record of whoever began it.
    pub owner: (String, String),
    /// Ids of the collection and the field it is for.
    pub target: (String, String),
    /// The name that the client gave the file.
    pub name: String,
    /// Length of the whole, in bytes.
    pub length: u64,
    /// What the client said about it, as it came.
    pub metadata: String,
    /// When it began (wire form).
    pub created: String,
    /// When it is given up (wire form).
    pub expires: String,
}

/// Notes a new upload.
///
/// # Errors
/// `Internal`: the database failed.
pub fn add(conn: &Conn<'_>, upload: &PartialUpload) -> Result<()> {
    let upload = upload.clone();
    let row = ActiveModel {
        id: Set(upload.id),
        owner_collection: Set(upload.owner.0),
        owner_record: Set(upload.owner.1),
        collection: Set(upload.target.0),
        field: Set(upload.target.1),
        name: Set(upload.name),
        length: Set(i64::try_from(upload.length).unwrap_or(i64::MAX)),
        metadata: Set(upload.metadata),
        created: Set(upload.created),
        expires: Set(upload.expires),
    };
    conn.execute(&statement(&Entity::insert(row))?)?;
    Ok(())
}

/// One upload.
///
/// # Errors
/// `Internal`: the database failed.
pub fn find(conn: &Conn<'_>, id: &str) -> Result<Option<PartialUpload>> {
    Ok(read_all(conn, &Entity::find_by_id(id), read)?.pop())
}

/// All uploads of somebody, by the ids of collection and record.
///
/// # Errors
/// `Internal`: the database failed.
pub fn of(conn: &Conn<'_>, owner: &(String, String)) -> Result<Vec<PartialUpload>> {
    let own = Entity::find()
        .filter(Column::OwnerCollection.eq(owner.0.as_str()))
        .filter(Column::OwnerRecord.eq(owner.1.as_str()));
    read_all(conn, &own, read)
}

/// Moves the moment at which an upload is given up; returns whether there is such an upload.
///
/// # Errors
/// `Internal`: the database failed.
pub fn prolong(conn: &Conn<'_>, id: &str, expires: &str) -> Result<bool> {
    let update = Entity::update_many().col_expr(Column::Expires, Expr::value(expires)).filter(Column::Id.eq(id));
    Ok(conn.execute_query(&update)? > 0)
}

/// Forgets an upload; returns whether there was one.
///
/// # Errors
/// `Internal`: the database failed.
pub fn delete(conn: &Conn<'_>, id: &str) -> Result<bool> {
    Ok(conn.execute_query(&Entity::delete_many().filter(Column::Id.eq(id)))? > 0)
}

/// Forgets the uploads that are to be given up by `now` (wire form); returns their ids.
///
/// # Errors
/// `Internal`: the database failed.
pub fn expire(conn: &Conn<'_>, now: &str) -> Result<Vec<String>> {
    let old = read_all(conn, &Entity::find().filter(Column::Expires.lte(now)), read)?;
    old.into_iter().map(|upload| delete(conn, &upload.id).map(|_| upload.id)).collect()
}

/// Whether an upload is to be given up by `now` (wire form).
///
/// # Errors
/// `Internal`: the database failed.
pub fn any_expired(conn: &Conn<'_>, now: &str) -> Result<bool> {
    use sea_orm::QuerySelect as _;
    Ok(!read_all(conn, &Entity::find().filter(Column::Expires.lte(now)).limit(1), read)?.is_empty())
}

/// How many uploads there are, and how many bytes they have when all of them are complete.
///
/// # Errors
/// `Internal`: the database failed.
pub fn total(conn: &Conn<'_>) -> Result<(u64, u64)> {
    use sea_orm::QuerySelect as _;
    let query =
        Entity::find().select_only().column_as(Column::Id.count(), "uploads").column_as(Column::Length.sum(), "bytes");
    let mut found = (0, 0);
    conn.rows(&statement(&query)?, |row| {
        found = (number(row, 0)?, number(row, 1)?);
        Ok(())
    })?;
    Ok(found)
}

/// Of these ids, those of known uploads.
///
/// # Errors
/// `Internal`: the database failed.
pub fn among(conn: &Conn<'_>, ids: &[String]) -> Result<Vec<String>> {
    let known = read_all(conn, &Entity::find().filter(Column::Id.is_in(ids)), read)?;
    Ok(known.into_iter().map(|upload| upload.id).collect())
}

/// A row with the columns in the model's order.
fn read(row: &Row<'_>) -> Result<PartialUpload> {
    let text = |column: Column| row.text(column as usize).map(str::to_owned);
    Ok(PartialUpload {
        id: text(Column::Id)?,
        owner: (text(Column::OwnerCollection)?, text(Column::OwnerRecord)?),
        target: (text(Column::Collection)?, text(Column::Field)?),
        name: text(Column::Name)?,
        length: number(row, Column::Length as usize)?,
        metadata: text(Column::Metadata)?,
        created: text(Column::Created)?,
        expires: text(Column::Expires)?,
    })
}
