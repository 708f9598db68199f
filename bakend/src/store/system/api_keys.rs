//! Keys of machines: the rows of `_api_keys`. The secret itself is nowhere, only its hash.

use sea_orm::{
    ActiveValue::Set, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, entity::prelude::*, sea_query::Expr,
};

use super::rows::{Owner, count, read_all};
use crate::{
    Result,
    store::{Conn, Row},
};

/// A row of `_api_keys`. Moments are in the wire form, which sorts as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "_api_keys")]
pub struct Model {
    /// Its id; not secret.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// What people call it.
    pub name: String,
    /// How the key begins, to recognise it by.
    pub prefix: String,
    /// SHA-256 of the whole key, in hexadecimal digits; unique.
    pub hash: String,
    /// Id of the collection of the account it acts for; empty: it acts for nobody but itself.
    pub collection: String,
    /// Id of that account; empty likewise.
    pub record: String,
    /// Id of the collection of who made it.
    pub maker_collection: String,
    /// Id of who made it.
    pub maker: String,
    /// What it may do: a list of texts, as JSON.
    pub scopes: String,
    /// When it was made.
    pub created: String,
    /// When it was last changed.
    pub updated: String,
    /// When it was last used, within a minute or so; empty: never.
    pub last_used: String,
    /// When it ends; empty: never.
    pub expires: String,
}

/// It stands alone: accounts are in many tables.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Adds a key, or replaces name, scopes and end of the one with its id.
///
/// # Errors
/// `Internal`: the database failed.
pub fn insert(conn: &Conn<'_>, key: Model) -> Result<()> {
    let row = ActiveModel {
        id: Set(key.id),
        name: Set(key.name),
        prefix: Set(key.prefix),
        hash: Set(key.hash),
        collection: Set(key.collection),
        record: Set(key.record),
        maker_collection: Set(key.maker_collection),
        maker: Set(key.maker),
        scopes: Set(key.scopes),
        created: Set(key.created),
        updated: Set(key.updated),
        last_used: Set(key.last_used),
        expires: Set(key.expires),
    };
    conn.execute_query(&Entity::insert(row)).map(drop)
}

/// Changes name, scopes and end; returns whether the key still is.
///
/// # Errors
/// `Internal`: the database failed.
pub fn update(conn: &Conn<'_>, key: &Model) -> Result<bool> {
    let set = |column: Column, value: &str| (column, Expr::value(value));
    let changes = [
        set(Column::Name, &key.name),
        set(Column::Scopes, &key.scopes),
        set(Column::Expires, &key.expires),
        set(Column::Updated, &key.updated),
    ];
    let query = changes.into_iter().fold(Entity::update_many(), |query, (column, value)| query.col_expr(column, value));
    Ok(conn.execute_query(&query.filter(Column::Id.eq(key.id.as_str())))? > 0)
}

/// The key with this id.
///
/// # Errors
/// `Internal`: the database failed.
pub fn find(conn: &Conn<'_>, id: &str) -> Result<Option<Model>> {
    Ok(read_all(conn, &Entity::find_by_id(id), read)?.pop())
}

/// The key with this hash.
///
/// # Errors
/// `Internal`: the database failed.
pub fn find_by_hash(conn: &Conn<'_>, hash: &str) -> Result<Option<Model>> {
    Ok(read_all(conn, &Entity::find().filter(Column::Hash.eq(hash)), read)?.pop())
}

/// A page of keys, the newest first, and how many there are. `None`: everybody's.
///
/// # Errors
/// `Internal`: the database failed.
pub fn list(conn: &Conn<'_>, owner: Option<&Owner>, limit: u64, offset: u64) -> Result<(Vec<Model>, i64)> {
    let condition = owner.map_or_else(Condition::all, of);
    let page = Entity::find().filter(condition.clone()).order_by_desc(Column::Created).order_by_desc(Column::Id);
    let total = count::<Entity>(conn, Column::Id, condition)?;
    Ok((read_all(conn, &page.limit(limit).offset(offset), read)?, total))
}

/// How many keys an account has.
///
/// # Errors
/// `Internal`: the database failed.
pub fn count_of(conn: &Conn<'_>, owner: &Owner) -> Result<i64> {
    count::<Entity>(conn, Column::Id, of(owner))
}

/// Ends a key; returns whether there was one.
///
/// # Errors
/// `Internal`: the database failed.
pub fn delete(conn: &Conn<'_>, id: &str) -> Result<bool> {
    Ok(conn.execute_query(&Entity::delete_many().filter(Column::Id.eq(id)))? > 0)
}

/// Ends the keys of an account, or of all accounts of a collection.
///
/// # Errors
/// `Internal`: the database failed.
pub fn delete_of(conn: &Conn<'_>, owner: &Owner) -> Result<u64> {
    conn.execute_query(&Entity::delete_many().filter(of(owner)))
}

/// Ends the keys that an account made for itself; those that a superuser made for it stay.
///
/// # Errors
/// `Internal`: the database failed.
pub fn delete_own(conn: &Conn<'_>, collection: &str, record: &str) -> Result<u64> {
    let own = of(&Owner::account(collection, record))
        .add(Column::MakerCollection.eq(collection))
        .add(Column::Maker.eq(record));
    conn.execute_query(&Entity::delete_many().filter(own))
}

/// Forgets the keys that ended before a moment; returns how many.
///
/// # Errors
/// `Internal`: the database failed.
pub fn delete_ended(conn: &Conn<'_>, before: &str) -> Result<u64> {
    let ended = Condition::all().add(Column::Expires.ne("")).add(Column::Expires.lt(before));
    conn.execute_query(&Entity::delete_many().filter(ended))
}

/// Notes that the key was used.
///
/// # Errors
/// `Internal`: the database failed.
pub fn note_use(conn: &Conn<'_>, id: &str, moment: &str) -> Result<()> {
    let query = Entity::update_many().col_expr(Column::LastUsed, Expr::value(moment)).filter(Column::Id.eq(id));
    conn.execute_query(&query).map(drop)
}

fn of(owner: &Owner) -> Condition {
    owner.of(Column::Collection, Column::Record)
}

/// A row with the columns in the model's order.
fn read(row: &Row<'_>) -> Result<Model> {
    let text = |column: Column| row.text(column as usize).map(str::to_owned);
    Ok(Model {
        id: text(Column::Id)?,
        name: text(Column::Name)?,
        prefix: text(Column::Prefix)?,
        hash: text(Column::Hash)?,
        collection: text(Column::Collection)?,
        record: text(Column::Record)?,
        maker_collection: text(Column::MakerCollection)?,
        maker: text(Column::Maker)?,
        scopes: text(Column::Scopes)?,
        created: text(Column::Created)?,
        updated: text(Column::Updated)?,
        last_used: text(Column::LastUsed)?,
        expires: text(Column::Expires)?,
    })
}
