//! Passkeys: the rows of `_passkeys`.

use sea_orm::{ActiveValue::Set, Condition, EntityTrait, QueryFilter, QueryOrder, entity::prelude::*, sea_query::Expr};

use super::rows::{Owner, read_all};
use crate::{
    Result,
    store::{Conn, Row},
};

/// A row of `_passkeys`. Moments are in the wire form.
#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "_passkeys")]
pub struct Model {
    /// How we name it.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// How the authenticator names it, in base64 for URLs; unique.
    pub credential: String,
    /// Id of the account's collection.
    pub collection: String,
    /// Id of the account.
    pub record: String,
    /// How its owner names it.
    pub name: String,
    /// Its public key and counter, as JSON.
    pub key: String,
    /// When it was registered.
    pub created: String,
    /// When somebody last signed in with it; empty: never.
    pub last_used: String,
}

/// It stands alone: accounts are in many tables.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Adds a passkey.
///
/// # Errors
/// `Invalid`: the authenticator's name for it is taken.
pub fn insert(conn: &Conn<'_>, passkey: Model) -> Result<()> {
    let row = ActiveModel {
        id: Set(passkey.id),
        credential: Set(passkey.credential),
        collection: Set(passkey.collection),
        record: Set(passkey.record),
        name: Set(passkey.name),
        key: Set(passkey.key),
        created: Set(passkey.created),
        last_used: Set(passkey.last_used),
    };
    conn.execute_query(&Entity::insert(row)).map(drop)
}

/// The passkeys of an account, the oldest first.
///
/// # Errors
/// `Internal`: the database failed.
pub fn list(conn: &Conn<'_>, owner: &Owner) -> Result<Vec<Model>> {
    let all = Entity::find().filter(of(owner)).order_by_asc(Column::Created).order_by_asc(Column::Id);
    read_all(conn, &all, read)
}

/// The passkey that an authenticator names.
///
/// # Errors
/// `Internal`: the database failed.
pub fn find(conn: &Conn<'_>, credential: &str) -> Result<Option<Model>> {
    Ok(read_all(conn, &Entity::find().filter(Column::Credential.eq(credential)), read)?.pop())
}

/// Gives a passkey of this account another name; returns whether there is one.
///
/// # Errors
/// `Internal`: the database failed.
pub fn rename(conn: &Conn<'_>, owner: &Owner, id: &str, name: &str) -> Result<bool> {
    let query =
        Entity::update_many().col_expr(Column::Name, Expr::value(name)).filter(of(owner).add(Column::Id.eq(id)));
    Ok(conn.execute_query(&query)? > 0)
}

/// Notes a sign-in, if the passkey is still as it was when that was checked; returns whether it is.
///
/// # Errors
/// `Internal`: the database failed.
pub fn note_use(conn: &Conn<'_>, id: &str, before: &str, after: &str, moment: &str) -> Result<bool> {
    let query = Entity::update_many()
        .col_expr(Column::Key, Expr::value(after))
        .col_expr(Column::LastUsed, Expr::value(moment))
        .filter(Column::Id.eq(id))
        .filter(Column::Key.eq(before));
    Ok(conn.execute_query(&query)? > 0)
}

/// Removes a passkey of this account; returns whether there was one.
///
/// # Errors
/// `Internal`: the database failed.
pub fn delete(conn: &Conn<'_>, owner: &Owner, id: &str) -> Result<bool> {
    Ok(conn.execute_query(&Entity::delete_many().filter(of(owner).add(Column::Id.eq(id))))? > 0)
}

/// Removes all passkeys of an account or a collection; returns how many.
///
/// # Errors
/// `Internal`: the database failed.
pub fn delete_of(conn: &Conn<'_>, owner: &Owner) -> Result<u64> {
    conn.execute_query(&Entity::delete_many().filter(of(owner)))
}

fn of(owner: &Owner) -> Condition {
    owner.of(Column::Collection, Column::Record)
}

/// A row with the columns in the model's order.
fn read(row: &Row<'_>) -> Result<Model> {
    let text = |column: Column| row.text(column as usize).map(str::to_owned);
    Ok(Model {
        id: text(Column::Id)?,
        credential: text(Column::Credential)?,
        collection: text(Column::Collection)?,
        record: text(Column::Record)?,
        name: text(Column::Name)?,
        key: text(Column::Key)?,
        created: text(Column::Created)?,
        last_used: text(Column::LastUsed)?,
    })
}
