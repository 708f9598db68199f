//! Named JSON values, such as the settings: the rows of `_params`.

use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, QuerySelect, entity::prelude::*, sea_query::OnConflict};

use crate::{
    Result, clock,
    schema::Scalar,
    store::{Conn, orm::statement},
};

/// A row of `_params`.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "_params")]
pub struct Model {
    /// The name.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// JSON text, encrypted where there is a key.
    pub value: String,
    /// When it was first saved (wire form).
    pub created: String,
    /// When it was last saved (wire form).
    pub updated: String,
}

/// It stands alone.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The JSON text saved under a name.
///
/// # Errors
/// `Internal`: the database failed.
pub fn load(conn: &Conn<'_>, id: &str) -> Result<Option<String>> {
    load_plain(conn, id)?.map(|stored| conn.vault.open(&place(id), &stored)).transpose()
}

/// The text under a name as it is stored.
pub(in crate::store) fn load_plain(conn: &Conn<'_>, id: &str) -> Result<Option<String>> {
    let query = Entity::find_by_id(id).select_only().column(Column::Value);
    Ok(match conn.scalar(&statement(&query)?)? {
        Some(Scalar::Text(json)) => Some(json),
        _ => None,
    })
}

/// Saves a JSON text under a name.
///
/// # Errors
/// `Internal`: the database failed.
pub fn save(conn: &Conn<'_>, id: &str, json: &str) -> Result<()> {
    save_plain(conn, id, &conn.vault.seal(&place(id), json)?)
}

/// Stores a text under a name as it is.
pub(in crate::store) fn save_plain(conn: &Conn<'_>, id: &str, json: &str) -> Result<()> {
    let now = clock::now_text();
    let row = ActiveModel {
        id: Set(id.to_owned()),
        value: Set(json.to_owned()),
        created: Set(now.clone()),
        updated: Set(now),
    };
    let replace = OnConflict::column(Column::Id).update_columns([Column::Value, Column::Updated]).to_owned();
    conn.execute_query(&Entity::insert(row).on_conflict(replace))?;
    Ok(())
}

/// All names.
pub(in crate::store) fn names(conn: &Conn<'_>) -> Result<Vec<String>> {
    let mut names = Vec::new();
    conn.rows(&statement(&Entity::find().select_only().column(Column::Id))?, |row| {
        names.push(row.text(0)?.to_owned());
        Ok(())
    })?;
    Ok(names)
}

/// What an encrypted value is bound to.
fn place(id: &str) -> String {
    format!("params/{id}")
}

/// Forgets a name; returns whether there was one.
///
/// # Errors
/// `Internal`: the database failed.
pub fn delete(conn: &Conn<'_>, id: &str) -> Result<bool> {
    Ok(conn.execute_query(&Entity::delete_many().filter(Column::Id.eq(id)))? > 0)
}
