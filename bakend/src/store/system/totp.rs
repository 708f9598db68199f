//! Authenticator apps: the rows of `_totp`, at most one for an account.

use sea_orm::{ActiveValue::Set, EntityTrait, QueryFilter, entity::prelude::*, sea_query::Expr};

use super::rows::{Owner, read_all};
use crate::{
    Result,
    schema::ScalarRef,
    store::{Conn, Row},
};

/// A row of `_totp`. Moments are in the wire form.
#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "_totp")]
pub struct Model {
    /// A random id.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Id of the account's collection.
    pub collection: String,
    /// Id of the account.
    pub record: String,
    /// What app and server share, in base 32; in the table encrypted where there is a key.
    pub secret: String,
    /// When its owner has shown that the app has it; empty: not yet, and it counts for nothing.
    pub confirmed: String,
    /// The step of the newest code that was used: it and older ones are used up.
    pub last_step: i64,
    /// Hashes of the recovery codes that are left, as a JSON list.
    pub recovery: String,
    /// When it was made.
    pub created: String,
    /// When a code was last used; empty: never.
    pub last_used: String,
}

/// It stands alone: accounts are in many tables.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Adds a row in the place of one that was never confirmed.
///
/// # Errors
/// `Invalid`: the account has a confirmed one.
pub fn replace_unconfirmed(conn: &Conn<'_>, owner: &Owner, row: Model) -> Result<()> {
    conn.execute_query(
        &Entity::delete_many().filter(owner.of(Column::Collection, Column::Record).add(Column::Confirmed.eq(""))),
    )?;
    let row = ActiveModel {
        secret: Set(conn.vault.seal(&place(&row.id), &row.secret)?),
        id: Set(row.id),
        collection: Set(row.collection),
        record: Set(row.record),
        confirmed: Set(row.confirmed),
        last_step: Set(row.last_step),
        recovery: Set(row.recovery),
        created: Set(row.created),
        last_used: Set(row.last_used),
    };
    conn.execute_query(&Entity::insert(row)).map(drop)
}

/// The row of an account.
///
/// # Errors
/// `Internal`: the database failed.
pub fn find(conn: &Conn<'_>, owner: &Owner) -> Result<Option<Model>> {
    Ok(read_all(conn, &Entity::find().filter(owner.of(Column::Collection, Column::Record)), |row| read(conn, row))?
        .pop())
}

/// Stores all secrets the way the vault of `new` has it; `old` is the same database with the vault they were stored with.
pub(in crate::store) fn reseal(old: &Conn<'_>, new: &Conn<'_>) -> Result<()> {
    for row in read_all(old, &Entity::find(), |row| read(old, row))? {
        let sealed = new.vault.seal(&place(&row.id), &row.secret)?;
        let query = Entity::update_many().col_expr(Column::Secret, Expr::value(sealed)).filter(Column::Id.eq(row.id));
        new.execute_query(&query)?;
    }
    Ok(())
}

/// What an encrypted secret is bound to.
fn place(id: &str) -> String {
    format!("totp/{id}")
}

/// Confirms a row that is not confirmed yet; returns whether there was one.
///
/// # Errors
/// `Internal`: the database failed.
pub fn confirm(conn: &Conn<'_>, id: &str, step: i64, recovery: &str, moment: &str) -> Result<bool> {
    let query = Entity::update_many()
        .col_expr(Column::Confirmed, Expr::value(moment))
        .col_expr(Column::LastStep, Expr::value(step))
        .col_expr(Column::Recovery, Expr::value(recovery))
        .filter(Column::Id.eq(id))
        .filter(Column::Confirmed.eq(""));
    Ok(conn.execute_query(&query)? > 0)
}

/// Uses up the code of a step; returns whether it was not used before.
///
/// # Errors
/// `Internal`: the database failed.
pub fn use_step(conn: &Conn<'_>, id: &str, step: i64, moment: &str) -> Result<bool> {
    let query = Entity::update_many()
        .col_expr(Column::LastStep, Expr::value(step))
        .col_expr(Column::LastUsed, Expr::value(moment))
        .filter(Column::Id.eq(id))
        .filter(Column::LastStep.lt(step));
    Ok(conn.execute_query(&query)? > 0)
}

/// Puts other recovery codes in place of those that were read; returns whether these were still there.
///
/// # Errors
/// `Internal`: the database failed.
pub fn set_recovery(conn: &Conn<'_>, id: &str, before: &str, after: &str, moment: &str) -> Result<bool> {
    let query = Entity::update_many()
        .col_expr(Column::Recovery, Expr::value(after))
        .col_expr(Column::LastUsed, Expr::value(moment))
        .filter(Column::Id.eq(id))
        .filter(Column::Recovery.eq(before));
    Ok(conn.execute_query(&query)? > 0)
}

/// Removes the rows of an account or a collection; returns how many.
///
/// # Errors
/// `Internal`: the database failed.
pub fn delete_of(conn: &Conn<'_>, owner: &Owner) -> Result<u64> {
    conn.execute_query(&Entity::delete_many().filter(owner.of(Column::Collection, Column::Record)))
}

/// A row with the columns in the model's order.
fn read(conn: &Conn<'_>, row: &Row<'_>) -> Result<Model> {
    let text = |column: Column| row.text(column as usize).map(str::to_owned);
    let last_step = match row.get(Column::LastStep as usize)? {
        ScalarRef::Int(step) => step,
        // A step that cannot be read must not make old codes good again.
        _ => i64::MAX,
    };
    let id = text(Column::Id)?;
    Ok(Model {
        secret: conn.vault.open(&place(&id), row.text(Column::Secret as usize)?)?,
        id,
        collection: text(Column::Collection)?,
        record: text(Column::Record)?,
        confirmed: text(Column::Confirmed)?,
        last_step,
        recovery: text(Column::Recovery)?,
        created: text(Column::Created)?,
        last_used: text(Column::LastUsed)?,
    })
}
