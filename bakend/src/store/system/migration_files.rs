//! Which migrations of the collections were applied: the rows of `_migration_files`.

use sea_orm::{
    ActiveValue::Set, EntityTrait, QueryFilter, QueryOrder, QuerySelect, entity::prelude::*, sea_query::OnConflict,
};

use crate::{
    Result,
    schema::{Scalar, ScalarRef},
    store::{Conn, Row, orm::statement, reason},
};

/// A row of `_migration_files`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "_migration_files")]
pub struct Model {
    /// The file's name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    /// Order of application.
    pub position: i64,
    /// The file's text when it was applied.
    pub text: String,
    /// What undoes it: steps as JSON; NULL: nothing can.
    pub undo: Option<String>,
    /// Whether the file was ever seen in the folder. A change made through the API is noted before its file is written.
    pub written: bool,
    /// When it was applied (wire form).
    pub applied: String,
}

/// It stands alone.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A migration that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedFile {
    /// The file's name.
    pub name: String,
    /// The file's text when it was applied.
    pub text: String,
    /// What undoes it: steps as JSON; `None`: nothing can.
    pub undo: Option<String>,
    /// Whether the file was ever seen in the folder.
    pub written: bool,
    /// When it was applied (wire form).
    pub applied: String,
}

/// All of them, in the order of their application; none in a database that has no such table yet.
///
/// # Errors
/// `Internal`: the database failed.
pub fn all(conn: &Conn<'_>) -> Result<Vec<AppliedFile>> {
    let query = Entity::find().order_by_asc(Column::Position).order_by_asc(Column::Name);
    let mut found = Vec::new();
    let outcome = conn.rows(&statement(&query)?, |row| {
        found.push(read(row)?);
        Ok(())
    });
    match outcome {
        Ok(_) => Ok(found),
        Err(error) if reason(&error).is_some_and(|reason| reason.contains("no such table")) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Notes one at the end, or replaces what is noted of it in its place.
///
/// # Errors
/// `Internal`: the database failed.
pub fn save(conn: &Conn<'_>, file: &AppliedFile) -> Result<()> {
    let file = file.clone();
    let row = ActiveModel {
        name: Set(file.name),
        position: Set(next_position(conn)?),
        text: Set(file.text),
        undo: Set(file.undo),
        written: Set(file.written),
        applied: Set(file.applied),
    };
    let changed = [Column::Text, Column::Undo, Column::Written, Column::Applied];
    let replace = OnConflict::column(Column::Name).update_columns(changed).to_owned();
    conn.execute_query(&Entity::insert(row).on_conflict(replace))?;
    Ok(())
}

/// Forgets one; returns whether it was noted.
///
/// # Errors
/// `Internal`: the database failed.
pub fn delete(conn: &Conn<'_>, name: &str) -> Result<bool> {
    Ok(conn.execute_query(&Entity::delete_many().filter(Column::Name.eq(name)))? > 0)
}

fn next_position(conn: &Conn<'_>) -> Result<i64> {
    let query = Entity::find().select_only().column_as(Column::Position.max(), "last");
    Ok(match conn.scalar(&statement(&query)?)? {
        Some(Scalar::Int(last)) => last + 1,
        _ => 1,
    })
}

/// A row with the columns in the model's order.
fn read(row: &Row<'_>) -> Result<AppliedFile> {
    let text = |column: Column| row.text(column as usize).map(str::to_owned);
    let undo = match row.get(Column::Undo as usize)? {
        ScalarRef::Text(undo) => Some(undo.to_owned()),
        _ => None,
    };
    let written = row.get(Column::Written as usize)? == ScalarRef::Int(1);
    Ok(AppliedFile {
        name: text(Column::Name)?,
        text: text(Column::Text)?,
        undo,
        written,
        applied: text(Column::Applied)?,
    })
}
