//! The texts of the statements, built once for each table and set of columns.

use std::{
    cell::RefCell,
    sync::{Arc, LazyLock},
};

use quick_cache::sync::Cache;
use sea_query::{Alias, Expr, ExprTrait, OnConflict, Order, Query};

use crate::store::sqlite;

/// Texts kept; a text is some hundred bytes.
const TEXTS_MAX: usize = 4096;

static TEXTS: LazyLock<Cache<String, Arc<str>>> = LazyLock::new(|| Cache::new(TEXTS_MAX));

thread_local! {
    /// The key being looked for; its memory is kept.
    static KEY: RefCell<String> = const { RefCell::new(String::new()) };
}

/// `INSERT INTO table (columns…) VALUES (…)`
pub(super) fn insert<'a>(table: &str, columns: impl Iterator<Item = &'a str> + Clone) -> Arc<str> {
    text('i', table, columns.clone().map(|column| (column, false)), || {
        let names = columns.clone().map(Alias::new);
        let mut statement = Query::insert();
        statement.into_table(Alias::new(table)).columns(names);
        // As many values as names: the builder cannot refuse.
        let _ = statement.values(columns.map(|_| Expr::val(0)));
        sqlite::text_of(&statement)
    })
}

/// `UPDATE table SET column = ? …, column = column + ? … WHERE id = ?`; the flag of a column says whether its bind is added.
pub(super) fn update<'a>(table: &str, columns: impl Iterator<Item = (&'a str, bool)> + Clone) -> Arc<str> {
    text('u', table, columns.clone(), || {
        let mut statement = Query::update();
        statement.table(Alias::new(table));
        for (column, added) in columns {
            let name = Alias::new(column);
            let bind = Expr::val(0);
            let value = if added { Expr::col(name.clone()).add(bind) } else { bind };
            statement.value(name, value);
        }
        statement.and_where(Expr::col(Alias::new("id")).eq(""));
        sqlite::text_of(&statement)
    })
}

/// `DELETE FROM table WHERE id = ?`
pub(super) fn delete(table: &str) -> Arc<str> {
    text('d', table, std::iter::empty(), || {
        let mut statement = Query::delete();
        statement.from_table(Alias::new(table)).and_where(Expr::col(Alias::new("id")).eq(""));
        sqlite::text_of(&statement)
    })
}

/// `DELETE FROM table`
pub(super) fn delete_all(table: &str) -> Arc<str> {
    text('a', table, std::iter::empty(), || sqlite::text_of(Query::delete().from_table(Alias::new(table))))
}

/// `DELETE FROM table WHERE column = ? AND …`
pub(super) fn delete_where<'a>(table: &str, columns: impl Iterator<Item = &'a str> + Clone) -> Arc<str> {
    text('w', table, columns.clone().map(|column| (column, false)), || {
        let mut statement = Query::delete();
        statement.from_table(Alias::new(table));
        for column in columns {
            statement.and_where(Expr::col(Alias::new(column)).eq(""));
        }
        sqlite::text_of(&statement)
    })
}

/// One row when there is a record with the id bound.
pub(super) fn exists(table: &str) -> Arc<str> {
    text('e', table, std::iter::empty(), || {
        let mut statement = Query::select();
        statement.expr(Expr::cust("1")).from(Alias::new(table)).and_where(Expr::col(Alias::new("id")).eq(""));
        sqlite::text_of(&statement)
    })
}

/// The targets of a source with their positions, in order.
pub(super) fn targets(table: &str) -> Arc<str> {
    text('t', table, std::iter::empty(), || {
        let mut statement = Query::select();
        statement
            .columns([Alias::new("target"), Alias::new("position")])
            .from(Alias::new(table))
            .and_where(Expr::col(Alias::new("source")).eq(""))
            .order_by(Alias::new("position"), Order::Asc);
        sqlite::text_of(&statement)
    })
}

/// Puts a target at a position of a source: binds source, target, position.
pub(super) fn join(table: &str) -> Arc<str> {
    text('j', table, std::iter::empty(), || {
        let [source, target, position] = ["source", "target", "position"].map(Alias::new);
        let mut statement = Query::insert();
        statement.into_table(Alias::new(table)).columns([source.clone(), target.clone(), position.clone()]);
        // As many values as names: the builder cannot refuse.
        let _ = statement.values([Expr::val(""), Expr::val(""), Expr::val(0)]);
        statement.on_conflict(OnConflict::columns([source, target]).update_column(position).to_owned());
        sqlite::text_of(&statement)
    })
}

/// Takes a target from a source: binds source, target.
pub(super) fn part(table: &str) -> Arc<str> {
    text('p', table, std::iter::empty(), || {
        let mut statement = Query::delete();
        statement
            .from_table(Alias::new(table))
            .and_where(Expr::col(Alias::new("source")).eq(""))
            .and_where(Expr::col(Alias::new("target")).eq(""));
        sqlite::text_of(&statement)
    })
}

/// The text kept for a statement, or a new one. Names hold no NUL, so the key is unambiguous.
fn text<'a>(
    kind: char,
    table: &str,
    columns: impl Iterator<Item = (&'a str, bool)>,
    build: impl FnOnce() -> String,
) -> Arc<str> {
    KEY.with_borrow_mut(|key| {
        key.clear();
        key.push(kind);
        key.push_str(table);
        for (column, flag) in columns {
            key.push(if flag { '\u{1}' } else { '\0' });
            key.push_str(column);
        }
        if let Some(found) = TEXTS.get(key.as_str()) {
            return found;
        }
        let built: Arc<str> = build().into();
        TEXTS.insert(key.clone(), Arc::clone(&built));
        built
    })
}
