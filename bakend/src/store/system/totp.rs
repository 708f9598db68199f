//! Authenticator apps: the rows of `_totp`, at most one for an account.

use sea_orm::{ActiveValue::Set, Condition, EntityTrait, QueryFilter, entity::prelude::*, sea_query::Expr};

use super::sessions::Owner;
use crate::{
    Result,
    schema::ScalarRef,
    store::{Conn, Row, orm::statement},
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
    /// What app and server share, in base 32.
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

fn of(owner: &Owner) -> Condition {
    let record = owner.record.as_ref().map(|record| Column::Record.eq(record.as_str()));
    Condition::all().add(Column::Collection.eq(owner.collection.as_str())).add_option(record)
}

/// Adds a row in the place of one that was never confirmed.
///
/// # Errors
/// `Invalid`: the account has a confirmed one.
pub fn replace_unconfirmed(conn: &Conn<'_>, owner: &Owner, row: Model) -> Result<()> {
    conn.execute_query(&Entity::delete_many().filter(of(owner).add(Column::Confirmed.eq(""))))?;
    let row = ActiveModel {
        id: Set(row.id),
        collection: Set(row.collection),
        record: Set(row.record),
        secret: Set(row.secret),
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
    let mut found = None;
    conn.rows(&statement(&Entity::find().filter(of(owner)))?, |row| {
        found = Some(read(row)?);
        Ok(())
    })?;
    Ok(found)
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
    conn.execute_query(&Entity::delete_many().filter(of(owner)))
}

/// A row with the columns in the model's order.
fn read(row: &Row<'_>) -> Result<Model> {
    let text = |column: Column| row.text(column as usize).map(str::to_owned);
    let last_step = match row.get(Column::LastStep as usize)? {
        ScalarRef::Int(step) => step,
        // A step that cannot be read must not make old codes good again.
        _ => i64::MAX,
    };
    Ok(Model {
        id: text(Column::Id)?,
        collection: text(Column::Collection)?,
        record: text(Column::Record)?,
        secret: text(Column::Secret)?,
        confirmed: text(Column::Confirmed)?,
        last_step,
        recovery: text(Column::Recovery)?,
        created: text(Column::Created)?,
        last_used: text(Column::LastUsed)?,
    })
}
