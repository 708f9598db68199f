//! Sign-ins: the rows of `_sessions`.

use sea_orm::{
    ActiveValue::Set, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, entity::prelude::*, sea_query::Expr,
};

use super::rows::{Owner, count, read_all};
use crate::{
    Result,
    schema::ScalarRef,
    store::{Conn, Row},
};

/// A row of `_sessions`. Moments are in the wire form, which sorts as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "_sessions")]
pub struct Model {
    /// What the token names.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// Id of the account's collection.
    pub collection: String,
    /// Id of the account.
    pub record: String,
    /// How they proved who they are: `password`, `otp`, `impersonate`, …
    pub method: String,
    /// From where they signed in; empty: not known.
    pub ip: String,
    /// What their client calls itself; empty: not known.
    pub user_agent: String,
    /// Whether its token can be exchanged for a fresh one.
    pub refreshable: bool,
    /// When they signed in.
    pub created: String,
    /// When a token of it was last seen, within a minute or so.
    pub last_used: String,
    /// When its newest token ends.
    pub expires: String,
}

/// It stands alone: accounts are in many tables.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Adds a session.
///
/// # Errors
/// `Internal`: the database failed.
pub fn insert(conn: &Conn<'_>, session: Model) -> Result<()> {
    let row = ActiveModel {
        id: Set(session.id),
        collection: Set(session.collection),
        record: Set(session.record),
        method: Set(session.method),
        ip: Set(session.ip),
        user_agent: Set(session.user_agent),
        refreshable: Set(session.refreshable),
        created: Set(session.created),
        last_used: Set(session.last_used),
        expires: Set(session.expires),
    };
    conn.execute_query(&Entity::insert(row)).map(drop)
}

/// The session with this id.
///
/// # Errors
/// `Internal`: the database failed.
pub fn find(conn: &Conn<'_>, id: &str) -> Result<Option<Model>> {
    Ok(read_all(conn, &Entity::find_by_id(id), read)?.pop())
}

/// A page of sessions, the newest sign-in first, and how many there are. `None`: everybody's.
///
/// # Errors
/// `Internal`: the database failed.
pub fn list(conn: &Conn<'_>, owner: Option<&Owner>, limit: u64, offset: u64) -> Result<(Vec<Model>, i64)> {
    let condition = owner.map_or_else(Condition::all, of);
    let total = count::<Entity>(conn, Column::Id, condition.clone())?;
    let page = Entity::find().filter(condition).order_by_desc(Column::Created).order_by_desc(Column::Id);
    Ok((read_all(conn, &page.limit(limit).offset(offset), read)?, total))
}

/// Ends a session; returns whether there was one.
///
/// # Errors
/// `Internal`: the database failed.
pub fn delete(conn: &Conn<'_>, id: &str) -> Result<bool> {
    Ok(conn.execute_query(&Entity::delete_many().filter(Column::Id.eq(id)))? > 0)
}

/// Ends sessions, all but one if that is named; returns how many.
///
/// # Errors
/// `Internal`: the database failed.
pub fn delete_of(conn: &Conn<'_>, owner: &Owner, except: Option<&str>) -> Result<u64> {
    let condition = of(owner).add_option(except.map(|id| Column::Id.ne(id)));
    conn.execute_query(&Entity::delete_many().filter(condition))
}

/// Forgets the sessions whose newest token ended before a moment; returns how many.
///
/// # Errors
/// `Internal`: the database failed.
pub fn delete_ended(conn: &Conn<'_>, before: &str) -> Result<u64> {
    conn.execute_query(&Entity::delete_many().filter(Column::Expires.lt(before)))
}

/// Notes that a token of the session was seen.
///
/// # Errors
/// `Internal`: the database failed.
pub fn note_use(conn: &Conn<'_>, id: &str, moment: &str) -> Result<()> {
    let query = Entity::update_many().col_expr(Column::LastUsed, Expr::value(moment)).filter(Column::Id.eq(id));
    conn.execute_query(&query).map(drop)
}

/// Notes a newer token of the session; returns whether the session still is.
///
/// # Errors
/// `Internal`: the database failed.
pub fn extend(conn: &Conn<'_>, id: &str, moment: &str, expires: &str) -> Result<bool> {
    let query = Entity::update_many()
        .col_expr(Column::LastUsed, Expr::value(moment))
        .col_expr(Column::Expires, Expr::value(expires))
        .filter(Column::Id.eq(id));
    Ok(conn.execute_query(&query)? > 0)
}

fn of(owner: &Owner) -> Condition {
    owner.of(Column::Collection, Column::Record)
}

/// A row with the columns in the model's order.
fn read(row: &Row<'_>) -> Result<Model> {
    let text = |column: Column| row.text(column as usize).map(str::to_owned);
    Ok(Model {
        id: text(Column::Id)?,
        collection: text(Column::Collection)?,
        record: text(Column::Record)?,
        method: text(Column::Method)?,
        ip: text(Column::Ip)?,
        user_agent: text(Column::UserAgent)?,
        refreshable: row.get(Column::Refreshable as usize)? == ScalarRef::Int(1),
        created: text(Column::Created)?,
        last_used: text(Column::LastUsed)?,
        expires: text(Column::Expires)?,
    })
}
