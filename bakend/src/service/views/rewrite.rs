//! A view's query as the database must run it: relations look like text and JSON arrays, though they are kept as keys and join tables.
//!
//! A collection whose relations the query mentions is replaced, where it is read from, by a subquery with the same columns in
//! that form. A single relation that is only compared with another column, or only shown, is left as it is: an
//! expression around it would hide it from indexes, and NULL instead of `''` makes no difference there.

use std::{collections::HashSet, ops::ControlFlow};

use sea_query::{Alias, Expr as SqlExpr, ExprTrait as _, Query as SqlQuery};
use sqlparser::{
    ast::{
        BinaryOperator, Expr, Ident, Query, Select, SelectItem, SetExpr, Statement, TableAlias, TableFactor,
        Visit as _, VisitMut as _, Visitor, VisitorMut,
    },
    dialect::SQLiteDialect,
    parser::Parser,
};

use super::{
    parse::Parsed,
    tables::{Relation, Tables, column, relation},
};
use crate::{
    query::Dialect,
    schema::{Collection, Field, FieldKind, Schema},
};

/// Begins the name under which a replaced collection also shows a single relation as it is kept.
const RAW_PREFIX: &str = "__raw__";

/// The name of the column whose texts [`Dialect::text_array`] collects.
const ARRAY_COLUMN: &str = "target";

/// The query's text for the database. The error is the reason, without capital or full stop.
pub fn for_database(schema: &Schema, dialect: &dyn Dialect, parsed: &Parsed) -> Result<String, String> {
    let Some(query) = &parsed.query else { return Ok(parsed.text.clone()) };
    let tables = Tables::of(schema, query);
    let mut uses = Uses { tables: &tables, shaped: HashSet::new(), bare: HashSet::new() };
    uses.note_shown(query);
    let _ = query.visit(&mut uses);
    let shaped = uses.shaped;
    if shaped.is_empty() {
        return Ok(parsed.text.clone());
    }
    let mut query = query.clone();
    let mut rewrite = Rewrite { tables: &tables, dialect, shaped: &shaped, raw: HashSet::new(), failure: None };
    rewrite.show_raw(&mut query);
    rewrite.rename(&mut query);
    let _ = VisitorMutTables(&mut rewrite).run(&mut query);
    rewrite.failure.map_or_else(|| Ok(query.to_string()), Err)
}

/// Finds the relations that must take the form of text or array somewhere.
struct Uses<'a> {
    tables: &'a Tables,
    shaped: HashSet<Relation>,
    /// Places (addresses of expressions in the tree, which does not move meanwhile) that may see the relation as it is kept.
    bare: HashSet<usize>,
}

impl Uses<'_> {
    /// A column that is only shown may stay as it is: records show NULL as `""`.
    fn note_shown(&mut self, query: &Query) {
        let Some(select) = super::fields::first_select(&query.body) else { return };
        for item in &select.projection {
            if let SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. } = item {
                self.note_bare(expr);
            }
        }
        if self.tables.has_wildcard {
            for collection in &self.tables.collections {
                let relations = collection.fields.iter().filter(|field| matches!(field.kind, FieldKind::Relation(_)));
                self.shaped.extend(relations.map(|field| relation(collection, field)));
            }
        }
    }

    fn note_bare(&mut self, expr: &Expr) {
        if self.tables.single_relation(expr).is_some() {
            self.bare.insert(std::ptr::from_ref(expr).addr());
        }
    }
}

impl Visitor for Uses<'_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<()> {
        if let Some((left, right)) = compared_columns(expr) {
            self.note_bare(left);
            self.note_bare(right);
        }
        if !self.bare.contains(&std::ptr::from_ref(expr).addr()) {
            for (collection, field) in self.tables.relations(expr) {
                self.shaped.insert(relation(collection, field));
            }
        }
        ControlFlow::Continue(())
    }
}

/// Changes the tree.
struct Rewrite<'a> {
    tables: &'a Tables,
    dialect: &'a dyn Dialect,
    shaped: &'a HashSet<Relation>,
    /// Shaped relations that some place wants as they are kept.
    raw: HashSet<Relation>,
    failure: Option<String>,
}

impl Rewrite<'_> {
    fn show_raw(&mut self, query: &mut Query) {
        let Some(select) = first_select_mut(&mut query.body) else { return };
        for item in &mut select.projection {
            if let SelectItem::UnnamedExpr(expr) = item
                && let Some((_, name)) = column(expr)
            {
                let alias = Ident { value: name.value.clone(), ..Ident::with_quote('"', "") };
                *item = SelectItem::ExprWithAlias { expr: expr.clone(), alias };
            }
            if let SelectItem::ExprWithAlias { expr, .. } = item {
                self.make_raw(expr);
            }
        }
    }

    fn rename(&mut self, query: &mut Query) {
        let _ = query.visit(&mut RenameCompared(self));
    }

    fn make_raw(&mut self, expr: &mut Expr) {
        let Some(relation) = self.tables.single_relation(expr).filter(|relation| self.shaped.contains(relation)) else {
            return;
        };
        let name = match expr {
            Expr::Identifier(name) => Some(name),
            Expr::CompoundIdentifier(parts) => parts.last_mut(),
            _ => None,
        };
        if let Some(name) = name {
            *name = Ident::with_quote('"', format!("{RAW_PREFIX}{}", relation.1));
            self.raw.insert(relation);
        }
    }

    fn shape(&self, factor: &mut TableFactor) -> Result<(), String> {
        let Some(collection) = self.tables.collection(factor) else { return Ok(()) };
        if !self.shaped.iter().any(|(id, _)| *id == collection.id) {
            return Ok(());
        }
        let alias = match factor {
            TableFactor::Table { alias: Some(alias), .. } => alias.clone(),
            _ => TableAlias {
                explicit: true,
                name: Ident::with_quote('"', collection.name.clone()),
                columns: Vec::new(),
                at: None,
            },
        };
        let subquery = self.shaped_rows(collection)?;
        *factor = TableFactor::Derived { lateral: false, subquery, alias: Some(alias), sample: None };
        Ok(())
    }

    /// The rows of a collection with its relations as text and JSON arrays.
    fn shaped_rows(&self, collection: &Collection) -> Result<Box<Query>, String> {
        let table = Alias::new(&collection.name);
        let mut select = SqlQuery::select();
        select.from(table.clone());
        for field in collection.fields.iter().filter(|field| !collection.keeps_secret(field)) {
            let column = SqlExpr::col((table.clone(), Alias::new(&field.name)));
            let relation = relation(collection, field);
            let is_joined =
                !collection.is_view() && field.is_multiple() && matches!(field.kind, FieldKind::Relation(_));
            if !self.shaped.contains(&relation) {
                if !is_joined {
                    select.expr_as(column, Alias::new(&field.name));
                }
                continue;
            }
            if self.raw.contains(&relation) {
                select.expr_as(column.clone(), Alias::new(format!("{RAW_PREFIX}{}", relation.1)));
            }
            let shaped = if is_joined {
                self.dialect.text_array(targets(collection, field))
            } else {
                sea_query::Func::coalesce([column, SqlExpr::cust("''")]).into()
            };
            select.expr_as(shaped, Alias::new(&field.name));
        }
        let (sql, binds) = self.dialect.build(&select);
        if binds.0.is_empty() { parse_built(&sql) } else { Err("a view cannot hold bound values".to_owned()) }
    }
}

fn parse_built(sql: &str) -> Result<Box<Query>, String> {
    let mut statements = Parser::parse_sql(&SQLiteDialect {}, sql).map_err(|error| error.to_string())?;
    match statements.pop() {
        Some(Statement::Query(query)) => Ok(query),
        _ => Err("a SELECT was expected".to_owned()),
    }
}

/// The ids of a multiple relation, in order.
fn targets(collection: &Collection, field: &Field) -> sea_query::SelectStatement {
    let join = Alias::new(collection.join_table(field));
    SqlQuery::select()
        .expr_as(SqlExpr::col((join.clone(), Alias::new("target"))), Alias::new(ARRAY_COLUMN))
        .from(join.clone())
        .and_where(
            SqlExpr::col((join.clone(), Alias::new("source"))).equals((Alias::new(&collection.name), Alias::new("id"))),
        )
        .order_by((join, Alias::new("position")), sea_query::Order::Asc)
        .take()
}

struct RenameCompared<'a, 'b>(&'a mut Rewrite<'b>);

impl VisitorMut for RenameCompared<'_, '_> {
    type Break = ();

    fn pre_visit_expr(&mut self, expr: &mut Expr) -> ControlFlow<()> {
        if compared_columns(expr).is_some()
            && let Expr::BinaryOp { left, right, .. } = expr
        {
            self.0.make_raw(left);
            self.0.make_raw(right);
        }
        ControlFlow::Continue(())
    }
}

struct VisitorMutTables<'a, 'b>(&'a mut Rewrite<'b>);

impl VisitorMutTables<'_, '_> {
    fn run(mut self, query: &mut Query) -> ControlFlow<()> {
        query.visit(&mut self)
    }
}

impl VisitorMut for VisitorMutTables<'_, '_> {
    type Break = ();

    // After its children, so that the subquery put there is not visited itself.
    fn post_visit_table_factor(&mut self, factor: &mut TableFactor) -> ControlFlow<()> {
        match self.0.shape(factor) {
            Ok(()) => ControlFlow::Continue(()),
            Err(reason) => {
                self.0.failure = Some(reason);
                ControlFlow::Break(())
            }
        }
    }
}

fn first_select_mut(body: &mut SetExpr) -> Option<&mut Select> {
    match body {
        SetExpr::Select(select) => Some(select),
        SetExpr::Query(query) => first_select_mut(&mut query.body),
        SetExpr::SetOperation { left, .. } => first_select_mut(left),
        _ => None,
    }
}

/// Both sides of `=` when both are columns.
fn compared_columns(expr: &Expr) -> Option<(&Expr, &Expr)> {
    match expr {
        Expr::BinaryOp { left, op: BinaryOperator::Eq, right } if column(left).is_some() && column(right).is_some() => {
            Some((left, right))
        }
        _ => None,
    }
}
