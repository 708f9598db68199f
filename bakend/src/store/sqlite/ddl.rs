//! SQLite's statements that make and change tables, and what it tells about them.

use sea_query::{Alias, ColumnDef, Expr, Index, SqliteQueryBuilder, Table, TableCreateStatement};

use crate::{
    Result,
    schema::{ColumnType, Scalar},
    store::{
        Conn,
        tables::{Column, ColumnKind, OnDelete},
    },
};

/// Draws an id where a statement by hand names none.
const ID_DEFAULT: &str = "(substr(lower(hex(randomblob(8))), 1, 15))";
/// The point that stands for none.
const POINT_DEFAULT: &str = r#"{"lon":0,"lat":0}"#;

/// A name as SQL writes it.
pub(in crate::store) fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as SQL writes it.
pub(in crate::store) fn text(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// `CREATE TABLE` with these columns.
pub(in crate::store) fn create_table(conn: &Conn<'_>, table: &str, columns: &[Column<'_>]) -> Result<()> {
    let mut statement = Table::create();
    statement.table(Alias::new(table));
    for column in columns {
        statement.col(definition(column));
    }
    run(conn, &statement)
}

/// The table of a multiple relation. Its rows lie in the order of (source, target), so both ways of looking them up need no other table.
pub(in crate::store) fn create_join_table(conn: &Conn<'_>, table: &str, source: &str, target: &str) -> Result<()> {
    let end = |name: &str, table: &str| {
        let mut column = ColumnDef::new(Alias::new(name));
        column.custom("TEXT").not_null().extra(references(table, OnDelete::Cascade));
        column
    };
    let mut statement = Table::create();
    statement
        .table(Alias::new(table))
        .col(end("source", source))
        .col(end("target", target))
        .col(ColumnDef::new(Alias::new("position")).custom("INTEGER").not_null().default(0))
        .primary_key(Index::create().col(Alias::new("source")).col(Alias::new("target")))
        .extra("WITHOUT ROWID");
    run(conn, &statement)?;
    create_join_index(conn, table)
}

/// The name of the index that finds the sources of a target.
pub(in crate::store) fn join_index(table: &str) -> String {
    format!("{table}.target")
}

/// The index that finds the sources of a target.
pub(in crate::store) fn create_join_index(conn: &Conn<'_>, table: &str) -> Result<()> {
    create_plain_index(conn, &join_index(table), table, "target")
}

/// `ALTER TABLE … ADD COLUMN`
pub(in crate::store) fn add_column(conn: &Conn<'_>, table: &str, column: &Column<'_>) -> Result<()> {
    let statement = Table::alter().table(Alias::new(table)).add_column(definition(column)).to_owned();
    conn.run_script(&statement.build(SqliteQueryBuilder))
}

/// `ALTER TABLE … DROP COLUMN`
pub(in crate::store) fn drop_column(conn: &Conn<'_>, table: &str, column: &str) -> Result<()> {
    let statement = Table::alter().table(Alias::new(table)).drop_column(Alias::new(column)).to_owned();
    conn.run_script(&statement.build(SqliteQueryBuilder))
}

/// `ALTER TABLE … RENAME COLUMN`
pub(in crate::store) fn rename_column(conn: &Conn<'_>, table: &str, from: &str, to: &str) -> Result<()> {
    let statement = Table::alter().table(Alias::new(table)).rename_column(Alias::new(from), Alias::new(to)).to_owned();
    conn.run_script(&statement.build(SqliteQueryBuilder))
}

/// `ALTER TABLE … RENAME TO`; foreign keys that point at it follow.
pub(in crate::store) fn rename_table(conn: &Conn<'_>, from: &str, to: &str) -> Result<()> {
    let statement = Table::rename().table(Alias::new(from), Alias::new(to)).to_owned();
    conn.run_script(&statement.build(SqliteQueryBuilder))
}

/// `DROP TABLE`
pub(in crate::store) fn drop_table(conn: &Conn<'_>, table: &str) -> Result<()> {
    conn.run_script(&Table::drop().table(Alias::new(table)).build(SqliteQueryBuilder))
}

/// `CREATE VIEW`
pub(in crate::store) fn create_view(conn: &Conn<'_>, name: &str, select: &str) -> Result<()> {
    super::inspect::one_select(conn, select)?;
    // The line break ends a comment at the end of the SELECT.
    conn.run_script(&format!("CREATE VIEW {} AS {select}\n", quote(name)))
}

/// `DROP VIEW`
pub(in crate::store) fn drop_view(conn: &Conn<'_>, name: &str) -> Result<()> {
    conn.run_script(&format!("DROP VIEW IF EXISTS {}", quote(name)))
}

/// Runs a `CREATE INDEX` statement as it was written.
pub(in crate::store) fn create_index(conn: &Conn<'_>, sql: &str) -> Result<()> {
    let mut statement = super::inspect::one(conn, sql)?;
    statement.raw_execute().map_err(super::errors::public)?;
    Ok(())
}

/// An index over one column.
pub(in crate::store) fn create_plain_index(conn: &Conn<'_>, name: &str, table: &str, column: &str) -> Result<()> {
    let statement = Index::create().name(name).table(Alias::new(table)).col(Alias::new(column)).to_owned();
    conn.run_script(&statement.build(SqliteQueryBuilder))
}

/// `DROP INDEX`
pub(in crate::store) fn drop_index(conn: &Conn<'_>, name: &str) -> Result<()> {
    conn.run_script(&format!("DROP INDEX IF EXISTS {}", quote(name)))
}

/// The names of a table's indexes, without those that belong to its constraints.
pub(in crate::store) fn indexes(conn: &Conn<'_>, table: &str) -> Result<Vec<String>> {
    let mut names = Vec::new();
    conn.rows_with("SELECT name FROM pragma_index_list(?) WHERE origin = 'c'", &[Scalar::from(table)], |row| {
        names.push(row.text(0)?.to_owned());
        Ok(())
    })?;
    Ok(names)
}

/// Whether an index over all rows starts with this column, compared as foreign keys compare.
pub(in crate::store) fn is_indexed(conn: &Conn<'_>, table: &str, column: &str) -> Result<bool> {
    let sql = "SELECT 1 FROM pragma_index_list(?) AS list, pragma_index_xinfo(list.name) AS part
               WHERE list.partial = 0 AND part.seqno = 0 AND part.name = ? COLLATE NOCASE AND part.coll = 'BINARY'";
    Ok(conn.rows_with(sql, &[Scalar::from(table), Scalar::from(column)], |_| Ok(()))? > 0)
}

/// All views: name and the statement that made them.
pub(in crate::store) fn views(conn: &Conn<'_>) -> Result<Vec<(String, String)>> {
    let mut views = Vec::new();
    conn.rows_with("SELECT name, sql FROM sqlite_schema WHERE type = 'view' ORDER BY rowid", &[], |row| {
        views.push((row.text(0)?.to_owned(), row.text(1)?.to_owned()));
        Ok(())
    })?;
    Ok(views)
}

fn run(conn: &Conn<'_>, statement: &TableCreateStatement) -> Result<()> {
    conn.run_script(&statement.build(SqliteQueryBuilder))
}

fn definition(column: &Column<'_>) -> ColumnDef {
    let mut definition = ColumnDef::new(Alias::new(column.name));
    match &column.kind {
        ColumnKind::Id => definition.custom("TEXT").not_null().primary_key().default(Expr::cust(ID_DEFAULT)),
        ColumnKind::Relation { table, on_delete } => {
            definition.custom("TEXT").null().extra(references(table, *on_delete))
        }
        ColumnKind::Plain(kind) => plain(&mut definition, kind),
    };
    definition
}

fn plain<'a>(definition: &'a mut ColumnDef, kind: &ColumnType) -> &'a mut ColumnDef {
    match kind {
        ColumnType::Text => definition.custom("TEXT").not_null().default(""),
        // Keeps whole numbers whole, so that a view's `n / 2` or `CAST(n AS TEXT)` says what it says in PocketBase.
        ColumnType::Real => definition.custom("NUMERIC").not_null().default(0),
        ColumnType::Bool => definition.custom("BOOLEAN").not_null().default(false),
        // "TEXT" in the type keeps SQLite from turning JSON numbers into its own.
        ColumnType::Json => definition.custom("JSON_TEXT").null(),
        ColumnType::List => definition.custom("JSON_TEXT").not_null().default("[]"),
        ColumnType::Point => definition.custom("JSON_TEXT").not_null().default(POINT_DEFAULT),
        // Columns::column makes these relations or leaves them out.
        ColumnType::Relation(_) | ColumnType::Join(_) => definition.custom("TEXT").null(),
    }
}

fn references(table: &str, on_delete: OnDelete) -> String {
    let action = match on_delete {
        OnDelete::Cascade => "CASCADE",
        OnDelete::Refuse => "NO ACTION",
        OnDelete::SetNull => "SET NULL",
    };
    format!("REFERENCES {} (\"id\") ON DELETE {action}", quote(table))
}

/// Copies values from one way of keeping to another, inside one row or between a row and its join table.
pub(in crate::store) mod convert {
    use super::quote;
    use crate::{Result, store::Conn};

    /// The same values in another column.
    pub(in crate::store) fn copy(conn: &Conn<'_>, table: &str, from: &str, to: &str) -> Result<()> {
        conn.run_script(&format!("UPDATE {} SET {} = {}", quote(table), quote(to), quote(from)))
    }

    /// A text becomes the list of it, no text the empty list.
    pub(in crate::store) fn text_to_list(conn: &Conn<'_>, table: &str, from: &str, to: &str) -> Result<()> {
        let (table, from, to) = (quote(table), quote(from), quote(to));
        conn.run_script(&format!("UPDATE {table} SET {to} = json_array({from}) WHERE {from} != ''"))
    }

    /// A list becomes its last text. What is not a list (written by hand) becomes no text.
    pub(in crate::store) fn list_to_text(conn: &Conn<'_>, table: &str, from: &str, to: &str) -> Result<()> {
        let (table, from, to) = (quote(table), quote(from), quote(to));
        conn.run_script(&format!(
            "UPDATE {table} SET {to} = COALESCE(json_extract({from}, '$[#-1]'), '')
             WHERE CASE WHEN json_valid({from}) THEN json_type({from}) = 'array' ELSE FALSE END"
        ))
    }

    /// A single relation becomes a row of a join table.
    pub(in crate::store) fn relation_to_join(conn: &Conn<'_>, table: &str, column: &str, join: &str) -> Result<()> {
        let (table, column, join) = (quote(table), quote(column), quote(join));
        conn.run_script(&format!(
            "INSERT INTO {join} (source, target, position) SELECT id, {column}, 0 FROM {table} WHERE {column} IS NOT NULL"
        ))
    }

    /// The last row of a join table becomes a single relation.
    pub(in crate::store) fn join_to_relation(conn: &Conn<'_>, table: &str, column: &str, join: &str) -> Result<()> {
        let (table, column, join) = (quote(table), quote(column), quote(join));
        conn.run_script(&format!(
            "UPDATE {table} SET {column} =
             (SELECT target FROM {join} WHERE source = {table}.id ORDER BY position DESC LIMIT 1)"
        ))
    }
}
