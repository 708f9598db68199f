//! Turning the table of a collection into that of its changed form, with its data.

use super::{Shape, column, create_indexes, create_join_table, index, index_relations};
use crate::{
    Result,
    schema::{Collection, ColumnType, Field, Schema},
    store::{
        Conn, changelog,
        records::named,
        sqlite::{
            ddl::{self, convert},
            triggers,
        },
    },
};

/// Changes the table of `old` into that of `new`; `schema` is the one after the change.
///
/// Fields are matched by id: renamed, converted (single ↔ multiple), added, or dropped with their data. Views are set aside meanwhile and
/// put back as they were: whether they still run is for the caller to check. Files that no field holds any more are noted as gone. A change
/// of the table is none of its records: the changelog has no entries of it.
///
/// # Errors
/// - `Invalid`: an index is refused (a field error at `indexes.N`), or a relation points at a collection that is not in `schema`;
/// - `Internal`: the database failed.
pub fn alter_table(conn: &Conn<'_>, schema: &Schema, old: &Collection, new: &Collection) -> Result<()> {
    triggers::unwatch(conn, old)?;
    change_table(conn, schema, old, new)?;
    triggers::watch(conn, new)
}

fn change_table(conn: &Conn<'_>, schema: &Schema, old: &Collection, new: &Collection) -> Result<()> {
    let plan = Plan::of(old, new);
    if plan.forgets() {
        changelog::forget_deleted(conn, old)?;
    }
    if plan.only_adds() {
        plan.add(conn, schema)?;
        return change_indexes(conn, old, new);
    }
    let views = ddl::views(conn)?;
    for (name, _) in &views {
        ddl::drop_view(conn, name)?;
    }
    for name in ddl::indexes(conn, &old.name)? {
        ddl::drop_index(conn, &name)?;
    }
    rename_table(conn, &old.name, &new.name)?;
    plan.drop(conn)?;
    plan.step_aside(conn)?;
    plan.arrive(conn, schema)?;
    plan.add(conn, schema)?;
    create_indexes(conn, new, 0..new.indexes.len())?;
    index_relations(conn, new)?;
    views.iter().try_for_each(|(_, sql)| conn.run_script(sql))?;
    named::follow(conn, old, new)
}

/// What becomes of the fields.
struct Plan<'a> {
    old: &'a Collection,
    new: &'a Collection,
    /// Fields that keep their data, before and after.
    kept: Vec<(&'a Field, &'a Field)>,
    dropped: Vec<&'a Field>,
    added: Vec<&'a Field>,
}

impl<'a> Plan<'a> {
    fn of(old: &'a Collection, new: &'a Collection) -> Self {
        let mut plan = Self { old, new, kept: Vec::new(), dropped: Vec::new(), added: Vec::new() };
        for after in &new.fields {
            match old.fields.iter().find(|before| before.id == after.id) {
                Some(before) if is_convertible(&Shape::of(before), &Shape::of(after)) => {
                    plan.kept.push((before, after))
                }
                _ => plan.added.push(after),
            }
        }
        let is_kept = |field: &&Field| plan.kept.iter().any(|(before, _)| before.id == field.id);
        plan.dropped = old.fields.iter().filter(|field| !is_kept(field)).collect();
        plan
    }

    /// Whether what is there stays as it is.
    fn only_adds(&self) -> bool {
        self.old.name == self.new.name
            && self.dropped.is_empty()
            && self.kept.iter().all(|(before, after)| before.name == after.name && !is_converted(before, after))
    }

    /// Whether what was kept of deleted records cannot be read as the new fields: another one may have an id that was of a field now gone.
    fn forgets(&self) -> bool {
        let is_another = |(before, after): &(&Field, &Field)| before.column_type() != after.column_type();
        !self.dropped.is_empty() || self.kept.iter().any(is_another)
    }

    fn add(&self, conn: &Conn<'_>, schema: &Schema) -> Result<()> {
        self.added.iter().try_for_each(|field| add_field(conn, schema, self.new, field))
    }

    fn drop(&self, conn: &Conn<'_>) -> Result<()> {
        self.dropped.iter().try_for_each(|field| match is_joined(field) {
            true => ddl::drop_table(conn, &self.old.join_table(field)),
            false => ddl::drop_column(conn, &self.new.name, &field.name),
        })
    }

    /// Gives everything that changes a name that nobody wants, so that names can be swapped.
    fn step_aside(&self, conn: &Conn<'_>) -> Result<()> {
        for (at, (before, after)) in self.kept.iter().enumerate() {
            if is_joined(before) {
                let from = self.old.join_table(before);
                if is_converted(before, after) || from != self.new.join_table(after) {
                    ddl::drop_index(conn, &ddl::join_index(&from))?;
                    ddl::rename_table(conn, &from, &aside(at))?;
                }
            } else if before.name != after.name || is_converted(before, after) {
                ddl::rename_column(conn, &self.new.name, &before.name, &aside(at))?;
            }
        }
        Ok(())
    }

    /// Gives everything that stepped aside its name and form.
    fn arrive(&self, conn: &Conn<'_>, schema: &Schema) -> Result<()> {
        for (at, (before, after)) in self.kept.iter().enumerate() {
            if is_converted(before, after) {
                self.convert(conn, schema, &aside(at), before, after)?;
            } else if is_joined(after) {
                let to = self.new.join_table(after);
                if self.old.join_table(before) != to {
                    ddl::rename_table(conn, &aside(at), &to)?;
                    ddl::create_join_index(conn, &to)?;
                }
            } else if before.name != after.name {
                ddl::rename_column(conn, &self.new.name, &aside(at), &after.name)?;
            }
        }
        Ok(())
    }

    /// Fills a field of another form from where its data stepped aside.
    fn convert(&self, conn: &Conn<'_>, schema: &Schema, from: &str, before: &Field, after: &Field) -> Result<()> {
        let table = &self.new.name;
        add_field(conn, schema, self.new, after)?;
        match (before.column_type(), after.column_type()) {
            (ColumnType::Text, ColumnType::List) => convert::text_to_list(conn, table, from, &after.name)?,
            (ColumnType::List, ColumnType::Text) => convert::list_to_text(conn, table, from, &after.name)?,
            (ColumnType::Relation(_), ColumnType::Join(_)) => {
                convert::relation_to_join(conn, table, from, &self.new.join_table(after))?;
            }
            (ColumnType::Join(_), ColumnType::Relation(_)) => {
                convert::join_to_relation(conn, table, &after.name, from)?;
            }
            _ => convert::copy(conn, table, from, &after.name)?,
        }
        if is_joined(before) { ddl::drop_table(conn, from) } else { ddl::drop_column(conn, table, from) }
    }
}

/// Whether data kept in one shape can be kept in the other.
fn is_convertible(before: &Shape, after: &Shape) -> bool {
    use ColumnType::{Join, List, Relation, Text};
    match (&before.column, &after.column) {
        (Text, List) | (List, Text) => true,
        (Relation(old) | Join(old), Relation(new) | Join(new)) => old == new,
        (old, new) => old == new,
    }
}

fn is_converted(before: &Field, after: &Field) -> bool {
    Shape::of(before) != Shape::of(after)
}

fn is_joined(field: &Field) -> bool {
    matches!(field.column_type(), ColumnType::Join(_))
}

/// The name of the n-th field while names are being swapped; a space cannot be in a field's or collection's name.
fn aside(at: usize) -> String {
    format!("_aside {at}")
}

fn add_field(conn: &Conn<'_>, schema: &Schema, collection: &Collection, field: &Field) -> Result<()> {
    match column(schema, collection, field)? {
        Some(column) => ddl::add_column(conn, &collection.name, &column),
        None => create_join_table(conn, schema, collection, field),
    }
}

fn rename_table(conn: &Conn<'_>, from: &str, to: &str) -> Result<()> {
    if from == to {
        return Ok(());
    }
    // Two steps, because names that differ in case only are the same to SQLite.
    let between = aside(0);
    ddl::rename_table(conn, from, &between)?;
    ddl::rename_table(conn, &between, to)
}

/// Drops the indexes that are gone and creates the new ones; the others stay untouched.
fn change_indexes(conn: &Conn<'_>, old: &Collection, new: &Collection) -> Result<()> {
    for sql in old.indexes.iter().filter(|sql| !new.indexes.contains(sql)) {
        ddl::drop_index(conn, &index::name(sql))?;
    }
    let added = (0..new.indexes.len()).filter(|at| !old.indexes.contains(&new.indexes[*at]));
    create_indexes(conn, new, added)?;
    index_relations(conn, new)
}
