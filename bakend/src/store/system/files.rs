//! Which files records have, and where they lie: the rows of `_files`.
//!
//! A row is written in the transaction of the record that names the file, and outlives it until the file itself is gone: so at any moment,
//! after any crash, the rows alone tell what is still to be done.

pub mod browse;
mod kinds;

use sea_orm::{
    ActiveValue::Set, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, entity::prelude::*,
    sea_query::OnConflict,
};

use self::kinds::LEFT;
pub use self::kinds::{FileKey, Owner, Place, State, StoredFile};
use super::rows::{number, read_all};
use crate::{
    Result,
    store::{Conn, Row, orm::statement},
};

/// A row of `_files`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "_files")]
pub struct Model {
    /// Id of the record's collection.
    #[sea_orm(primary_key, auto_increment = false)]
    pub collection: String,
    /// Id of the record.
    #[sea_orm(primary_key, auto_increment = false)]
    pub record: String,
    /// The stored name; drawn at random in part, so never used twice.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Id of the field that names it.
    pub field: String,
    /// [`State`] as text.
    pub state: String,
    /// [`Place`] as text.
    pub place: String,
    /// Its name in the staging folder, while it is there; `@` and a [`Place`] while a copy is left there; else empty.
    pub staged: String,
    /// In bytes.
    pub size: i64,
    /// Content type, by content.
    pub kind: String,
    /// The name that the client gave it.
    pub original: String,
    /// When it came (wire form).
    pub created: String,
}

/// It stands alone: a row outlives its record.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Notes files. One that is noted already stays as it is, unless it was on its way out.
///
/// # Errors
/// `Internal`: the database failed.
pub fn add(conn: &Conn<'_>, files: &[StoredFile]) -> Result<()> {
    for file in files {
        let row = ActiveModel {
            collection: Set(file.key.collection.clone()),
            record: Set(file.key.record.clone()),
            name: Set(file.key.name.clone()),
            field: Set(file.field.clone()),
            state: Set(file.state.text().to_owned()),
            place: Set(file.place.text().to_owned()),
            staged: Set(file.staged.clone()),
            size: Set(i64::try_from(file.size).unwrap_or(i64::MAX)),
            kind: Set(file.kind.clone()),
            original: Set(file.original.clone()),
            created: Set(file.created.clone()),
        };
        let known = OnConflict::columns([Column::Collection, Column::Record, Column::Name]).do_nothing().to_owned();
        let insert = Entity::insert(row).on_conflict(known);
        conn.execute(&statement(&insert)?)?;
    }
    Ok(())
}

/// Notes that no record names these files any more, but for those with a name in `kept`. Returns their number.
///
/// # Errors
/// `Internal`: the database failed.
pub fn retire(conn: &Conn<'_>, owner: Owner<'_>, kept: &[String]) -> Result<u64> {
    let mut update = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Gone.text()))
        .filter(owner.condition())
        .filter(Column::State.ne(State::Gone.text()));
    if !kept.is_empty() {
        update = update.filter(Column::Name.is_not_in(kept));
    }
    conn.execute_query(&update)
}

/// One file.
///
/// # Errors
/// `Internal`: the database failed.
pub fn find(conn: &Conn<'_>, key: &FileKey) -> Result<Option<StoredFile>> {
    let whole = Entity::find().filter(Owner::Record(&key.collection, &key.record).condition());
    Ok(read_all(conn, &whole.filter(Column::Name.eq(key.name.as_str())), read)?.pop())
}

/// All files with this name that a record names.
///
/// # Errors
/// `Internal`: the database failed.
pub fn named(conn: &Conn<'_>, name: &str) -> Result<Vec<StoredFile>> {
    let named = Entity::find().filter(Column::Name.eq(name)).filter(Column::State.ne(State::Gone.text()));
    read_all(conn, &named, read)
}

/// Files that are not where they belong: on their way in or out; with a place, only those that lie or will lie there. At most `limit`.
///
/// # Errors
/// `Internal`: the database failed.
pub fn unsettled(conn: &Conn<'_>, owner: Owner<'_>, place: Option<Place>, limit: u64) -> Result<Vec<StoredFile>> {
    // Equalities, not "is not stored": the index on the state is used for them.
    let moving = Column::State.is_in([State::Staged, State::Moved, State::Gone].map(State::text));
    let mut query = Entity::find().filter(owner.condition()).filter(moving);
    if let Some(place) = place {
        query = query.filter(Column::Place.eq(place.text()));
    }
    read_all(conn, &query.limit(limit), read)
}

/// Files in the order of their keys, from behind `after` on; with a place, only those that lie there. At most `limit`.
///
/// # Errors
/// `Internal`: the database failed.
pub fn page(
    conn: &Conn<'_>,
    owner: Owner<'_>,
    place: Option<Place>,
    after: Option<&FileKey>,
    limit: u64,
) -> Result<Vec<StoredFile>> {
    let mut query = Entity::find().filter(owner.condition());
    if let Some(place) = place {
        query = query.filter(Column::Place.eq(place.text()));
    }
    if let Some(after) = after {
        let same = |column: Column, value: &str| column.eq(value);
        let deeper = Condition::any()
            .add(Column::Collection.gt(after.collection.as_str()))
            .add(
                Condition::all()
                    .add(same(Column::Collection, &after.collection))
                    .add(Column::Record.gt(after.record.as_str())),
            )
            .add(
                Condition::all()
                    .add(same(Column::Collection, &after.collection))
                    .add(same(Column::Record, &after.record))
                    .add(Column::Name.gt(after.name.as_str())),
            );
        query = query.filter(deeper);
    }
    let ordered = query.order_by_asc(Column::Collection).order_by_asc(Column::Record).order_by_asc(Column::Name);
    read_all(conn, &ordered.limit(limit), read)
}

/// Of these names in the staging folder, those that a row says lie there.
///
/// # Errors
/// `Internal`: the database failed.
pub fn staged_among(conn: &Conn<'_>, names: &[String]) -> Result<Vec<String>> {
    let query = Entity::find()
        .select_only()
        .column(Column::Staged)
        .filter(Column::State.is_in([State::Staged.text(), State::Gone.text()]))
        .filter(Column::Staged.is_in(names));
    let mut found = Vec::new();
    conn.rows(&statement(&query)?, |row| {
        found.push(row.text(0)?.to_owned());
        Ok(())
    })?;
    Ok(found)
}

/// Notes that a staged file is in its place; false when no record names it any more.
///
/// # Errors
/// `Internal`: the database failed.
pub fn arrived(conn: &Conn<'_>, key: &FileKey, place: Place) -> Result<bool> {
    let update = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Stored.text()))
        .col_expr(Column::Staged, Expr::value(""))
        .col_expr(Column::Place, Expr::value(place.text()))
        .filter(one(key))
        .filter(Column::State.eq(State::Staged.text()));
    Ok(conn.execute_query(&update)? > 0)
}

/// Notes that a stored file lies in another place now, with a copy left where it was; false when it is not stored (any more).
///
/// # Errors
/// `Internal`: the database failed.
pub fn moved(conn: &Conn<'_>, key: &FileKey, place: Place) -> Result<bool> {
    let left = match place {
        Place::Local => Place::S3,
        Place::S3 => Place::Local,
    };
    let update = Entity::update_many()
        .col_expr(Column::Place, Expr::value(place.text()))
        .col_expr(Column::State, Expr::value(State::Moved.text()))
        .col_expr(Column::Staged, Expr::value(format!("{LEFT}{}", left.text())))
        .filter(one(key))
        .filter(Column::State.eq(State::Stored.text()));
    Ok(conn.execute_query(&update)? > 0)
}

/// Notes that the copy that a move left behind is removed.
///
/// # Errors
/// `Internal`: the database failed.
pub fn cleared(conn: &Conn<'_>, key: &FileKey) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::State, Expr::value(State::Stored.text()))
        .col_expr(Column::Staged, Expr::value(""))
        .filter(one(key))
        .filter(Column::State.eq(State::Moved.text()));
    conn.execute_query(&update).map(drop)
}

/// Forgets files that are removed.
///
/// # Errors
/// `Internal`: the database failed.
pub fn forget(conn: &Conn<'_>, keys: &[FileKey]) -> Result<()> {
    for key in keys {
        let gone = Column::State.eq(State::Gone.text());
        conn.execute_query(&Entity::delete_many().filter(one(key)).filter(gone))?;
    }
    Ok(())
}

/// Notes what was found out about a stored file later than usual.
///
/// # Errors
/// `Internal`: the database failed.
pub fn describe(conn: &Conn<'_>, key: &FileKey, size: u64, kind: &str) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::Size, Expr::value(i64::try_from(size).unwrap_or(i64::MAX)))
        .col_expr(Column::Kind, Expr::value(kind))
        .filter(one(key));
    conn.execute_query(&update).map(drop)
}

/// How many files there are in a place, and how many bytes they have together.
///
/// # Errors
/// `Internal`: the database failed.
pub fn total(conn: &Conn<'_>, place: Place) -> Result<(u64, u64)> {
    let query = Entity::find()
        .select_only()
        .column_as(Column::Name.count(), "files")
        .column_as(Column::Size.sum(), "bytes")
        .filter(Column::Place.eq(place.text()));
    let mut found = (0, 0);
    conn.rows(&statement(&query)?, |row| {
        found = (number(row, 0)?, number(row, 1)?);
        Ok(())
    })?;
    Ok(found)
}

fn one(key: &FileKey) -> Condition {
    Owner::Record(&key.collection, &key.record).condition().add(Column::Name.eq(key.name.as_str()))
}

/// A row with the columns in the model's order.
fn read(row: &Row<'_>) -> Result<StoredFile> {
    let text = |column: Column| row.text(column as usize);
    Ok(StoredFile {
        key: FileKey::new(text(Column::Collection)?, text(Column::Record)?, text(Column::Name)?),
        field: text(Column::Field)?.to_owned(),
        state: State::read(text(Column::State)?),
        place: Place::read(text(Column::Place)?),
        staged: text(Column::Staged)?.to_owned(),
        size: number(row, Column::Size as usize)?,
        kind: text(Column::Kind)?.to_owned(),
        original: text(Column::Original)?.to_owned(),
        created: text(Column::Created)?.to_owned(),
    })
}
