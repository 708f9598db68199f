//! The stored form of collections: the rows of `_collections`.

use sea_orm::{
    ActiveValue::Set, EntityTrait, Iterable as _, QueryFilter, QueryOrder, QuerySelect, entity::prelude::*,
    sea_query::OnConflict,
};

use crate::{
    Result,
    schema::{Scalar, ScalarRef},
    store::{Conn, Row, orm::statement},
};

/// A row of `_collections`. Lists and objects are JSON text.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "_collections")]
pub struct Model {
    /// The collection's id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Order of creation.
    pub position: i64,
    /// Unique without regard to case.
    pub name: String,
    /// `base`, `auth` or `view`.
    pub r#type: String,
    /// Whether bakend itself needs it.
    pub system: bool,
    /// The list of fields.
    pub fields: String,
    /// The list of `CREATE INDEX` statements.
    pub indexes: String,
    /// Who may list.
    pub list_rule: Option<String>,
    /// Who may view.
    pub view_rule: Option<String>,
    /// Who may create.
    pub create_rule: Option<String>,
    /// Who may update.
    pub update_rule: Option<String>,
    /// Who may delete.
    pub delete_rule: Option<String>,
    /// What is special to the type: an object, encrypted where there is a key, since it holds secrets.
    pub options: String,
    /// When it was created (wire form).
    pub created: String,
    /// When it was last changed (wire form).
    pub updated: String,
}

/// It stands alone.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// A collection as `_collections` keeps it; what its JSON says is the schema's business.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredCollection {
    /// The collection's id.
    pub id: String,
    /// Unique without regard to case.
    pub name: String,
    /// `base`, `auth` or `view`.
    pub kind: String,
    /// Whether bakend itself needs it.
    pub system: bool,
    /// The list of fields, as JSON.
    pub fields: String,
    /// The list of `CREATE INDEX` statements, as JSON.
    pub indexes: String,
    /// Who may list.
    pub list_rule: Option<String>,
    /// Who may view.
    pub view_rule: Option<String>,
    /// Who may create.
    pub create_rule: Option<String>,
    /// Who may update.
    pub update_rule: Option<String>,
    /// Who may delete.
    pub delete_rule: Option<String>,
    /// What is special to the type: an object, as JSON.
    pub options: String,
    /// When it was created (wire form).
    pub created: String,
    /// When it was last changed (wire form).
    pub updated: String,
}

/// All collections, in the order they were created.
///
/// # Errors
/// `Internal`: the database failed.
pub fn load(conn: &Conn<'_>) -> Result<Vec<StoredCollection>> {
    let query = Entity::find().order_by_asc(Column::Position).order_by_asc(Column::Id);
    let mut found = Vec::new();
    conn.rows(&statement(&query)?, |row| {
        found.push(read(conn, row)?);
        Ok(())
    })?;
    Ok(found)
}

/// Adds a collection at the end, or replaces the one with its id in its place.
///
/// # Errors
/// `Invalid`: another collection has its name (a field error at `name`).
pub fn save(conn: &Conn<'_>, collection: &StoredCollection) -> Result<()> {
    let options = conn.vault.seal(&place(&collection.id), &collection.options)?;
    let collection = collection.clone();
    let row = ActiveModel {
        id: Set(collection.id),
        position: Set(next_position(conn)?),
        name: Set(collection.name),
        r#type: Set(collection.kind),
        system: Set(collection.system),
        fields: Set(collection.fields),
        indexes: Set(collection.indexes),
        list_rule: Set(collection.list_rule),
        view_rule: Set(collection.view_rule),
        create_rule: Set(collection.create_rule),
        update_rule: Set(collection.update_rule),
        delete_rule: Set(collection.delete_rule),
        options: Set(options),
        created: Set(collection.created),
        updated: Set(collection.updated),
    };
    let changed = Column::iter().filter(|column| !matches!(column, Column::Id | Column::Position));
    let query = Entity::insert(row).on_conflict(OnConflict::column(Column::Id).update_columns(changed).to_owned());
    conn.execute_query(&query)?;
    Ok(())
}

/// Forgets a collection; returns whether there was one.
///
/// # Errors
/// `Internal`: the database failed.
pub fn delete(conn: &Conn<'_>, id: &str) -> Result<bool> {
    Ok(conn.execute_query(&Entity::delete_many().filter(Column::Id.eq(id)))? > 0)
}

/// What encrypted options are bound to.
fn place(id: &str) -> String {
    format!("collections/{id}")
}

fn next_position(conn: &Conn<'_>) -> Result<i64> {
    let query = Entity::find().select_only().column_as(Column::Position.max(), "last");
    Ok(match conn.scalar(&statement(&query)?)? {
        Some(Scalar::Int(last)) => last + 1,
        _ => 1,
    })
}

/// A row with the columns in the model's order.
fn read(conn: &Conn<'_>, row: &Row<'_>) -> Result<StoredCollection> {
    let text = |column: Column| row.text(column as usize).map(str::to_owned);
    let rule = |column: Column| {
        Ok::<_, crate::Error>(match row.get(column as usize)? {
            ScalarRef::Text(rule) => Some(rule.to_owned()),
            _ => None,
        })
    };
    Ok(StoredCollection {
        id: text(Column::Id)?,
        name: text(Column::Name)?,
        kind: text(Column::Type)?,
        system: row.get(Column::System as usize)? == ScalarRef::Int(1),
        fields: text(Column::Fields)?,
        indexes: text(Column::Indexes)?,
        list_rule: rule(Column::ListRule)?,
        view_rule: rule(Column::ViewRule)?,
        create_rule: rule(Column::CreateRule)?,
        update_rule: rule(Column::UpdateRule)?,
        delete_rule: rule(Column::DeleteRule)?,
        options: conn.vault.open(&place(row.text(Column::Id as usize)?), row.text(Column::Options as usize)?)?,
        created: text(Column::Created)?,
        updated: text(Column::Updated)?,
    })
}
