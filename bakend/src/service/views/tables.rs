//! What a query reads from, and which relations its columns are.

use std::{
    collections::{HashMap, HashSet},
    ops::ControlFlow,
    sync::Arc,
};

use sqlparser::ast::{Expr, Ident, Query, Select, SelectItem, TableFactor, Visit as _, Visitor};

use super::{
    fields::by_name,
    parse::{key, local_names, table_key},
};
use crate::schema::{Collection, Field, FieldKind, Schema};

/// A relation: the collection's id, and the field's name in lower case.
pub(super) type Relation = (String, String);

enum Source {
    Collection(Arc<Collection>),
    /// A subquery or a function: its columns already have their form.
    Other,
    /// The same name is given to several things in different parts of the query.
    Unclear,
}

/// Everything the query reads from.
pub(super) struct Tables {
    local: HashSet<String>,
    sources: HashMap<String, Source>,
    pub(super) collections: Vec<Arc<Collection>>,
    /// Sources in all parts of the query together.
    count: usize,
    pub(super) has_wildcard: bool,
}

struct Gather<'a> {
    schema: &'a Schema,
    tables: Tables,
}

impl Tables {
    /// Everything that `query` reads from.
    pub(super) fn of(schema: &Schema, query: &Query) -> Self {
        let tables = Tables {
            local: local_names(query),
            sources: HashMap::new(),
            collections: Vec::new(),
            count: 0,
            has_wildcard: false,
        };
        let mut gather = Gather { schema, tables };
        let _ = query.visit(&mut gather);
        gather.tables
    }

    /// The collection that a place in a FROM reads.
    pub(super) fn collection(&self, factor: &TableFactor) -> Option<&Arc<Collection>> {
        let TableFactor::Table { name, args: None, .. } = factor else { return None };
        let table = table_key(name).filter(|table| !self.local.contains(table))?;
        self.collections.iter().find(|collection| collection.name.eq_ignore_ascii_case(&table))
    }

    /// The relations that a column may be: one when it is clear whose column it is.
    pub(super) fn relations(&self, expr: &Expr) -> Vec<(&Arc<Collection>, &Field)> {
        let Some((source, column)) = column(expr) else { return Vec::new() };
        let source = match source {
            Some(name) => self.sources.get(&key(name)).unwrap_or(&Source::Unclear),
            None if self.count == 1 => self.sources.values().next().unwrap_or(&Source::Unclear),
            None => &Source::Unclear,
        };
        let of = |collection| relation_of(collection, column);
        match source {
            Source::Other => Vec::new(),
            Source::Collection(collection) => of(collection).into_iter().collect(),
            Source::Unclear => self.collections.iter().filter_map(of).collect(),
        }
    }

    /// The single relation that a column certainly is.
    pub(super) fn single_relation(&self, expr: &Expr) -> Option<Relation> {
        let (source, column) = column(expr)?;
        let source = match source {
            Some(name) => self.sources.get(&key(name))?,
            None if self.count == 1 => self.sources.values().next()?,
            None => return None,
        };
        let Source::Collection(collection) = source else { return None };
        let field = relation_named(collection, column).filter(|field| !field.is_multiple())?;
        Some(relation(collection, field))
    }
}

impl Visitor for Gather<'_> {
    type Break = ();

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        self.tables.has_wildcard |= select
            .projection
            .iter()
            .any(|item| matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..)));
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        let (name, source) = match factor {
            TableFactor::Table { name, alias, args, .. } => {
                let Some(table) = table_key(name) else { return ControlFlow::Continue(()) };
                let known = args.is_none() && !self.tables.local.contains(&table);
                let collection = if known { by_name(self.schema, &table) } else { None };
                let name = alias.as_ref().map_or(table, |alias| key(&alias.name));
                (name, collection.map_or(Source::Other, |collection| Source::Collection(collection.clone())))
            }
            TableFactor::Derived { alias, .. } => {
                (alias.as_ref().map(|alias| key(&alias.name)).unwrap_or_default(), Source::Other)
            }
            _ => return ControlFlow::Continue(()),
        };
        self.tables.add(name, source);
        ControlFlow::Continue(())
    }
}

impl Tables {
    fn add(&mut self, name: String, source: Source) {
        self.count += 1;
        if let Source::Collection(collection) = &source
            && !self.collections.iter().any(|other| other.id == collection.id)
        {
            self.collections.push(collection.clone());
        }
        let clash = match (self.sources.get(&name), &source) {
            (None, _) | (Some(Source::Other), Source::Other) => false,
            (Some(Source::Collection(one)), Source::Collection(two)) => one.id != two.id,
            _ => true,
        };
        self.sources.insert(name, if clash { Source::Unclear } else { source });
    }
}

/// A plain column: the source's name, if it is written, and the column's.
pub(super) fn column(expr: &Expr) -> Option<(Option<&Ident>, &Ident)> {
    match expr {
        Expr::Identifier(column) => Some((None, column)),
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [.., source, column] => Some((Some(source), column)),
            _ => None,
        },
        _ => None,
    }
}

fn relation_named<'a>(collection: &'a Collection, column: &Ident) -> Option<&'a Field> {
    collection.fields.iter().find(|field| {
        matches!(field.kind, FieldKind::Relation(_))
            && field.name.eq_ignore_ascii_case(&column.value)
            // The array of a view's column is an array already.
            && !(collection.is_view() && field.is_multiple())
    })
}

fn relation_of<'a>(collection: &'a Arc<Collection>, column: &Ident) -> Option<(&'a Arc<Collection>, &'a Field)> {
    Some((collection, relation_named(collection, column)?))
}

/// How a relation is told apart.
pub(super) fn relation(collection: &Collection, field: &Field) -> Relation {
    (collection.id.clone(), field.name.to_lowercase())
}
