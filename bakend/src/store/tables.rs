//! The tables behind collections: created, altered with their data, dropped; and views.
//!
//! Everything here runs on the caller's connection, inside its transaction: an error leaves nothing changed once that is rolled back.

mod alter;
pub(super) mod index;

pub use alter::alter_table;

use crate::{
    Error, FieldError, FieldErrors, Result,
    schema::{Collection, ColumnType, Field, FieldKind, Schema},
    store::{
        Conn, changelog, reason,
        sqlite::{ddl, triggers},
        system::files::{self, Owner},
    },
};

/// The code of an index that the database refuses.
const INVALID_INDEX_CODE: &str = "validation_invalid_index_expression";

/// Creates the table of a collection, its join tables and its indexes.
///
/// `schema` holds the collections that its relations point at; their tables may come later in the same transaction.
///
/// # Errors
/// - `Invalid`: an index is refused (a field error at `indexes.N`), or a relation points at a collection that is not in `schema`;
/// - `Internal`: there is such a table, …
pub fn create_table(conn: &Conn<'_>, schema: &Schema, collection: &Collection) -> Result<()> {
    let columns = columns(schema, collection)?;
    ddl::create_table(conn, &collection.name, &columns)?;
    for (_, field) in collection.joined_fields() {
        create_join_table(conn, schema, collection, field)?;
    }
    create_indexes(conn, collection, 0..collection.indexes.len())?;
    index_relations(conn, collection)?;
    triggers::watch(conn, collection)
}

/// Drops the table of a collection, its join tables and its indexes; notes its files as gone.
///
/// # Errors
/// `Invalid`: a record in it is required by another collection's.
pub fn drop_table(conn: &Conn<'_>, collection: &Collection) -> Result<()> {
    triggers::unwatch(conn, collection)?;
    changelog::forget_deleted(conn, collection)?;
    for (_, field) in collection.joined_fields() {
        ddl::drop_table(conn, &collection.join_table(field))?;
    }
    files::retire(conn, Owner::Collection(&collection.id), &[])?;
    ddl::drop_table(conn, &collection.name)
}

/// Creates a view of a SELECT.
///
/// # Errors
/// `Internal`: the database refuses it; [`reason`] has its words. That the SELECT runs is found out with
/// [`describe_select`](super::inspect::describe_select), not here.
pub fn create_view(conn: &Conn<'_>, name: &str, select: &str) -> Result<()> {
    ddl::create_view(conn, name, select)
}

/// Drops a view, if there is one.
///
/// # Errors
/// `Internal`: there is a table of this name.
pub fn drop_view(conn: &Conn<'_>, name: &str) -> Result<()> {
    ddl::drop_view(conn, name)
}

/// How a field is kept: what must be equal for a column to stay as it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) column: ColumnType,
    pub(super) on_delete: OnDelete,
}

/// What becomes of a record when the record that its single relation points at goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnDelete {
    /// It goes too.
    Cascade,
    /// The other one may not go.
    Refuse,
    /// Its relation is emptied.
    SetNull,
}

/// A column of a table.
#[derive(Clone, Debug)]
pub(super) struct Column<'a> {
    pub(super) name: &'a str,
    pub(super) kind: ColumnKind<'a>,
}

/// What a column holds.
#[derive(Clone, Debug)]
pub(super) enum ColumnKind<'a> {
    /// The id.
    Id,
    /// A value in the column itself.
    Plain(ColumnType),
    /// The id of a record of that table, or NULL.
    Relation { table: &'a str, on_delete: OnDelete },
}

impl Shape {
    /// How a field is kept.
    pub(super) fn of(field: &Field) -> Self {
        let on_delete = match &field.kind {
            FieldKind::Relation(options) if options.cascade_delete => OnDelete::Cascade,
            FieldKind::Relation(_) if field.required => OnDelete::Refuse,
            _ => OnDelete::SetNull,
        };
        let column = field.column_type();
        // The rows of a join table go with either side, whatever the options say.
        let on_delete = if matches!(column, ColumnType::Join(_)) { OnDelete::Cascade } else { on_delete };
        Self { column, on_delete }
    }
}

/// The columns of a collection's table: all fields but those of join tables.
fn columns<'a>(schema: &'a Schema, collection: &'a Collection) -> Result<Vec<Column<'a>>> {
    let mut columns = Vec::with_capacity(collection.fields.len());
    for field in &collection.fields {
        if let Some(column) = column(schema, collection, field)? {
            columns.push(column);
        }
    }
    Ok(columns)
}

/// The column of a field; `None` when it lives in a join table.
pub(super) fn column<'a>(
    schema: &'a Schema,
    collection: &'a Collection,
    field: &'a Field,
) -> Result<Option<Column<'a>>> {
    let shape = Shape::of(field);
    let kind = match (shape.column, &field.kind) {
        (ColumnType::Join(_), _) => return Ok(None),
        (ColumnType::Relation(target), _) => ColumnKind::Relation {
            table: target_table(schema, collection, field, &target)?,
            on_delete: shape.on_delete,
        },
        (_, FieldKind::Text(options)) if options.primary_key => ColumnKind::Id,
        (plain, _) => ColumnKind::Plain(plain),
    };
    Ok(Some(Column { name: &field.name, kind }))
}

/// Creates the join table of a multiple relation.
pub(super) fn create_join_table(
    conn: &Conn<'_>,
    schema: &Schema,
    collection: &Collection,
    field: &Field,
) -> Result<()> {
    if let ColumnType::Join(target) = field.column_type() {
        let target = target_table(schema, collection, field, &target)?;
        ddl::create_join_table(conn, &collection.join_table(field), &collection.name, target)?;
    }
    Ok(())
}

fn target_table<'a>(schema: &'a Schema, own: &'a Collection, field: &Field, id: &str) -> Result<&'a str> {
    if own.id == id {
        return Ok(&own.name);
    }
    let target = schema.by_id(id).filter(|target| !target.is_view());
    target.map(|target| target.name.as_str()).ok_or_else(|| {
        Error::invalid(format!(
            "The relation {:?} points at a collection {id:?} that cannot be pointed at.",
            field.name
        ))
    })
}

/// Creates the collection's own indexes at these positions.
pub(super) fn create_indexes(
    conn: &Conn<'_>,
    collection: &Collection,
    positions: impl IntoIterator<Item = usize>,
) -> Result<()> {
    for position in positions {
        let sql = &collection.indexes[position];
        ddl::create_index(conn, sql).map_err(|error| index_error(error, position, sql))?;
    }
    Ok(())
}

fn index_error(error: Error, position: usize, sql: &str) -> Error {
    let Some(words) = reason(&error) else { return error };
    let message = format!("Failed to create index {} - {words}.", index::name(sql));
    let leaf = FieldErrors::one(position.to_string(), FieldError::new(INVALID_INDEX_CODE, message));
    Error::invalid("").caused_by(error).field("indexes", leaf)
}

/// Sees that every single relation has an index that starts with it: deletes of what it points at look it up, and so do back-relations.
pub(super) fn index_relations(conn: &Conn<'_>, collection: &Collection) -> Result<()> {
    for field in &collection.fields {
        if matches!(field.column_type(), ColumnType::Relation(_))
            && !ddl::is_indexed(conn, &collection.name, &field.name)?
        {
            // A dot cannot be in a name, so two collections never want the same index.
            ddl::create_plain_index(
                conn,
                &format!("_fk_{}.{}", collection.name, field.name),
                &collection.name,
                &field.name,
            )?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
