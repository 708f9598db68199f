//! All values of one field: what a change of the field would do to them.

use sea_query::{Alias, Expr, ExprTrait as _, Order, Query};

use super::is_joined;
use crate::{
    Result,
    schema::{Collection, Field, Scalar, ScalarRef, Value},
    store::{Conn, sqlite},
};

/// Hands the values of a field to `each`, one for each record.
///
/// # Errors
/// `Internal`: the database failed.
pub fn values(conn: &Conn<'_>, collection: &Collection, field: &Field, mut each: impl FnMut(Value)) -> Result<()> {
    if is_joined(field) {
        return joined(conn, collection, field, each);
    }
    let mut statement = Query::select();
    statement.column(Alias::new(&field.name)).from(Alias::new(&collection.name));
    conn.rows_with(&sqlite::text_of(&statement), &[], |row| {
        each(field.read(row.get(0)?));
        Ok(())
    })?;
    Ok(())
}

/// The number of records.
///
/// # Errors
/// `Internal`: the database failed.
pub fn count(conn: &Conn<'_>, collection: &Collection) -> Result<u64> {
    let mut statement = Query::select();
    statement.expr(Expr::cust("count(*)")).from(Alias::new(&collection.name));
    let mut count = 0;
    conn.rows_with(&sqlite::text_of(&statement), &[], |row| {
        if let Scalar::Int(found) = row.get(0)?.to_owned() {
            count = u64::try_from(found).unwrap_or(0);
        }
        Ok(())
    })?;
    Ok(count)
}

/// A record without targets has an empty list.
fn joined(conn: &Conn<'_>, collection: &Collection, field: &Field, mut each: impl FnMut(Value)) -> Result<()> {
    let [id, source, target, position] = ["id", "source", "target", "position"].map(Alias::new);
    let (own, join) = (Alias::new(&collection.name), Alias::new(collection.join_table(field)));
    let mut statement = Query::select();
    statement
        .column((own.clone(), id.clone()))
        .column((join.clone(), target))
        .from(own.clone())
        .left_join(join.clone(), Expr::col((join.clone(), source)).equals((own.clone(), id.clone())))
        .order_by((own, id), Order::Asc)
        .order_by((join, position), Order::Asc);
    let (mut of, mut targets) = (None, Vec::new());
    conn.rows_with(&sqlite::text_of(&statement), &[], |row| {
        let source = row.text(0)?;
        if of.as_deref().is_some_and(|of| of != source) {
            each(Value::List(std::mem::take(&mut targets)));
        }
        of = Some(source.to_owned());
        if let ScalarRef::Text(target) = row.get(1)? {
            targets.push(target.to_owned());
        }
        Ok(())
    })?;
    if of.is_some() {
        each(Value::List(targets));
    }
    Ok(())
}
