//! Which files records name, and `_files` kept in step with it.

use sea_query::{Alias, Asterisk, Expr, ExprTrait, Func, Order, Query};

use crate::{
    Result,
    query::Statement,
    schema::{Collection, Field, FieldKind, Scalar, ScalarRef},
    store::{
        Conn,
        orm::scalars,
        sqlite,
        system::files::{self, Owner},
    },
};

/// The fields of a collection that name files.
pub fn file_fields(collection: &Collection) -> impl Iterator<Item = &Field> {
    collection.fields.iter().filter(|field| matches!(field.kind, FieldKind::File(_)))
}

/// Records from behind the id `after` on that name files in a field: their ids, and the names. At most `limit` records, in the order of
/// their ids.
///
/// # Errors
/// `Internal`: the database failed.
pub fn file_names(
    conn: &Conn<'_>,
    collection: &Collection,
    field: &Field,
    after: &str,
    limit: u64,
) -> Result<Vec<(String, Vec<String>)>> {
    let (id, column) = (Alias::new("id"), Alias::new(&field.name));
    let mut query = Query::select();
    query
        .columns([id.clone(), column.clone()])
        .from(Alias::new(&collection.name))
        .and_where(Expr::col(id.clone()).gt(after))
        .and_where(Expr::col(column).is_not_in(["", "[]"]))
        .order_by(id, Order::Asc)
        .limit(limit);
    let (sql, binds) = sqlite::dialect().build(&query);
    let mut found = Vec::new();
    conn.rows(&Statement::new(sql, scalars(binds.0)?), |row| {
        let names = match row.get(1)? {
            ScalarRef::Text(text) if field.is_multiple() => serde_json::from_str(text).unwrap_or_default(),
            ScalarRef::Text(text) => vec![text.to_owned()],
            _ => Vec::new(),
        };
        found.push((row.text(0)?.to_owned(), names));
        Ok(())
    })?;
    Ok(found)
}

/// Notes as gone every file of a field that its record does not name, or whose record is not there. Returns their number.
///
/// # Errors
/// `Internal`: the database failed.
pub fn retire_unnamed(conn: &Conn<'_>, collection: &Collection, field: &Field) -> Result<u64> {
    let mut update = Query::update();
    update.table(Alias::new(FILES)).value(Alias::new("state"), "gone");
    for condition in unnamed_conditions(collection, field) {
        update.and_where(condition);
    }
    let (sql, binds) = sqlite::build(&update);
    conn.execute(&Statement::new(sql, scalars(binds.0)?))
}

/// Whether there is a file of a field that its record does not name, or whose record is not there.
///
/// # Errors
/// `Internal`: the database failed.
pub fn has_unnamed(conn: &Conn<'_>, collection: &Collection, field: &Field) -> Result<bool> {
    let mut query = Query::select();
    query.expr(Expr::val(1)).from(Alias::new(FILES)).limit(1);
    for condition in unnamed_conditions(collection, field) {
        query.and_where(condition);
    }
    let (sql, binds) = sqlite::dialect().build(&query);
    Ok(conn.rows(&Statement::new(sql, scalars(binds.0)?), |_| Ok(()))? > 0)
}

/// How many files of a field there are that their record does not name, or whose record is not there.
///
/// # Errors
/// `Internal`: the database failed.
pub fn count_unnamed(conn: &Conn<'_>, collection: &Collection, field: &Field) -> Result<u64> {
    let mut query = Query::select();
    query.expr(Func::count(Expr::col(Asterisk))).from(Alias::new(FILES));
    for condition in unnamed_conditions(collection, field) {
        query.and_where(condition);
    }
    let (sql, binds) = sqlite::dialect().build(&query);
    match conn.scalar(&Statement::new(sql, scalars(binds.0)?))? {
        Some(Scalar::Int(count)) => Ok(u64::try_from(count).unwrap_or(0)),
        _ => Ok(0),
    }
}

const FILES: &str = "_files";

fn unnamed_conditions(collection: &Collection, field: &Field) -> [Expr; 4] {
    let table = Alias::new(&collection.name);
    let own = |column: &'static str| Expr::col((Alias::new(FILES), Alias::new(column)));
    let value = Expr::col((table.clone(), Alias::new(&field.name)));
    let mut owner = Query::select();
    owner.expr(Expr::val(1)).from(table.clone()).and_where(Expr::col((table, Alias::new("id"))).eq(own("record")));
    if field.is_multiple() {
        let names = Alias::new("names");
        let dialect = sqlite::dialect();
        owner.from_function(dialect.elements(dialect.valid_json(value)), names.clone());
        owner.and_where(Expr::col((names, Alias::new("value"))).eq(own("name")));
    } else {
        owner.and_where(value.eq(own("name")));
    }
    [
        own("collection").eq(collection.id.as_str()),
        own("field").eq(field.id.as_str()),
        own("state").ne("gone"),
        Expr::exists(owner).not(),
    ]
}

/// Brings `_files` in step with a collection that was changed: fields that are gone, fields that hold one file instead of many.
///
/// # Errors
/// `Internal`: the database failed.
pub(in crate::store) fn follow(conn: &Conn<'_>, old: &Collection, new: &Collection) -> Result<()> {
    for before in file_fields(old) {
        match file_fields(new).find(|after| after.id == before.id) {
            None => files::retire(conn, Owner::Field(&old.id, &before.id), &[]).map(drop)?,
            Some(after) if before.is_multiple() && !after.is_multiple() => {
                retire_unnamed(conn, new, after).map(drop)?
            }
            Some(_) => {}
        }
    }
    Ok(())
}
