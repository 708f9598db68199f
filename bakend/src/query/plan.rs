//! Templates (texts resolved against the schema) and plans (SQL for one shape of request values).

use std::sync::Arc;

use sea_query::{Alias, Expr, ExprTrait as _, Func, JoinType, Query, SelectStatement};

use super::{
    Dialect, ListSpec, Pace, RequestInfo,
    fault::Fault,
    ir::{Cond, Place, Row},
    live::{Live, live},
    parser,
    resolver::{Resolver, Scope},
    sets::Reach,
    slot::Slot,
    sort::SortKey,
    term::{BASE, Copy, Writer, column, link_ids, table},
    value::Val,
};
use crate::{
    Error, Result,
    limits::{FILTER_MAX_CHARS, RULE_MAX_CHARS},
    schema::{Collection, Field, Schema},
};

/// What a statement is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The records of a page.
    List,
    /// Their number.
    Count,
    /// One record.
    View,
    /// Records by their ids.
    ByIds,
    /// Records whose relation points at ids.
    PointingAt(usize),
    /// The first record whose field has a value that is not empty.
    ByField {
        /// The field's position.
        field: usize,
        /// Whether upper and lower case are the same.
        nocase: bool,
    },
    /// Whether a row that is not stored yet satisfies a rule.
    New,
}

/// The texts of a statement, resolved against the schema; the same for all values of a request.
pub struct Template {
    /// Tells templates apart.
    pub id: u64,
    /// Joins and known operands.
    pub scope: Scope,
    condition: Cond,
    sort: Vec<SortKey>,
    collection: Arc<Collection>,
    purpose: Purpose,
    /// Keeps the caller's collection, whose address is part of the template's key.
    _auth: Option<Arc<Collection>>,
}

/// A statement without its binds.
pub struct Plan {
    /// The text.
    pub sql: Arc<str>,
    /// What the placeholders stand for, in their order.
    pub slots: Vec<Slot>,
    /// Shared by all statements of the plan.
    pub pace: Pace,
    /// Of conditions that ask no database: their truth.
    pub verdict: Option<bool>,
}

impl Purpose {
    fn reach(self) -> Reach {
        match self {
            Self::List => Reach::Ordered,
            Self::Count => Reach::All,
            _ => Reach::Few,
        }
    }
}

impl Template {
    /// Parses and resolves the texts.
    pub fn new(
        id: u64,
        schema: &Schema,
        collection: &Arc<Collection>,
        request: &RequestInfo,
        purpose: Purpose,
        spec: &ListSpec<'_>,
    ) -> Result<Self> {
        let limited = !request.is_superuser();
        if limited {
            forbid_system_fields(spec)?;
        }
        let auth = request.auth.as_ref().map(|record| &record.collection);
        let row = if purpose == Purpose::New { Row::New } else { Row::Base };
        let mut scope = Scope::default();
        let mut resolver = Resolver {
            schema,
            subject: collection,
            auth,
            limited: false,
            base: Place { row, collection: collection.clone() },
            prefix: String::new(),
            scope: &mut scope,
        };
        let mut conditions = Vec::new();
        if let Some(rule) = spec.rule.filter(|rule| !rule.is_empty()) {
            conditions.push(resolver.text(rule, RULE_MAX_CHARS, "rule")?);
        }
        resolver.limited = limited;
        if !spec.filter.is_empty() {
            let longest = if limited { FILTER_MAX_CHARS } else { RULE_MAX_CHARS };
            conditions.push(resolver.text(spec.filter, longest, "filter")?);
        }
        let mut sort = if spec.sort.is_empty() { Vec::new() } else { resolver.sort(spec.sort)? };
        if purpose == Purpose::Count {
            // only the walls of its paths count
            sort.clear();
        }
        conditions.extend(scope.walls.iter().map(|(_, wall)| wall.clone()));
        let (collection, auth) = (collection.clone(), auth.cloned());
        Ok(Self { id, scope, condition: Cond::All(conditions), sort, collection, purpose, _auth: auth })
    }

    /// The condition for known values; what was decided is noted in `shape`.
    pub fn live(&self, values: &[Val<'_>], shape: &mut Vec<u8>) -> Live<'_> {
        for key in &self.sort {
            if let super::sort::SortBy::Value(super::ir::Value::Asked(operand)) = &key.by {
                let conds = operand.gates.iter().chain(&operand.walls);
                conds.for_each(|cond| drop(live(cond, &self.scope, values, shape)));
            }
        }
        live(&self.condition, &self.scope, values, shape)
    }

    /// The statement for a condition.
    pub fn plan(&self, dialect: &'static dyn Dialect, live: &Live<'_>, values: &[Val<'_>]) -> Result<Plan> {
        if let (Purpose::New, Live::Constant(truth)) = (self.purpose, live) {
            return Ok(Plan { sql: "".into(), slots: Vec::new(), pace: Pace::default(), verdict: Some(*truth) });
        }
        let mut writer = Writer::new(dialect, &self.scope, values, self.purpose.reach());
        let mut select = self.select(&mut writer);
        if !matches!(live, Live::Constant(true)) {
            select.and_where(writer.condition(live, &[], Copy::Shared));
        }
        self.finish(&mut writer, &mut select);
        let (sql, binds) = dialect.build(&select);
        match writer.slots.ordered(&binds) {
            Some(slots) => Ok(Plan { sql: sql.into(), slots, pace: Pace::default(), verdict: None }),
            None => Err(Error::internal("a statement has a bind that is not one of its slots")),
        }
    }

    /// What is selected from where, without the condition.
    fn select(&self, writer: &mut Writer<'_>) -> SelectStatement {
        let mut select = Query::select();
        let records = table(&self.collection.name, BASE);
        match self.purpose {
            Purpose::New => {
                select.expr(Expr::Constant(1i64.into()));
                return select;
            }
            Purpose::Count => {
                select.expr(Func::count(Expr::col(sea_query::Asterisk))).from(records);
                return select;
            }
            Purpose::List => {
                select.from(records);
            }
            Purpose::View => {
                let id = writer.slots.add(Slot::Ids);
                select.from(records).and_where(column(BASE, "id").eq(id));
            }
            Purpose::ByIds => {
                let ids = writer.slots.add(Slot::Ids);
                let wanted = writer.is_one_of(column(BASE, "id"), ids);
                select.from(records).and_where(wanted);
            }
            Purpose::ByField { field, nocase } => {
                let value = writer.slots.add(Slot::Ids);
                let own = || column(BASE, &self.collection.fields[field].name);
                let found = if nocase { writer.dialect.same_nocase(own(), value) } else { own().eq(value) };
                // Said for the database's sake too: unique indexes of accounts leave out empty values, and are used only when the query does.
                select.from(records).and_where(found).and_where(own().ne(Expr::Constant("".into())));
            }
            Purpose::PointingAt(at) => self.pointing(writer, &mut select, &self.collection.fields[at]),
        }
        for field in &self.collection.fields {
            let value = self.field_column(writer, field);
            select.expr_as(value, Alias::new(&field.name));
        }
        select
    }

    fn pointing(&self, writer: &mut Writer<'_>, select: &mut SelectStatement, field: &Field) {
        let place = Place { row: Row::Base, collection: self.collection.clone() };
        let ids = writer.slots.add(Slot::Ids);
        let records = table(&self.collection.name, BASE);
        let pointed = if place.is_joined(field) {
            let on = column(BASE, "id").eq(column("p", "source"));
            select.from(table(&self.collection.join_table(field), "p")).join(JoinType::InnerJoin, records, on);
            column("p", "target")
        } else if field.is_multiple() {
            let elements = writer.dialect.elements(column(BASE, &field.name));
            let elements = sea_query::TableRef::FunctionCall(elements, sea_query::IntoIden::into_iden(Alias::new("p")));
            let always = Expr::Constant(1i64.into()).eq(Expr::Constant(1i64.into()));
            select.from(records).join(JoinType::InnerJoin, elements, always);
            column("p", "value")
        } else {
            select.from(records);
            column(BASE, &field.name)
        };
        let wanted = writer.is_one_of(pointed.clone(), ids);
        select.expr_as(pointed, Alias::new("pointed_at")).and_where(wanted);
    }

    fn field_column(&self, writer: &mut Writer<'_>, field: &Field) -> Expr {
        let place = Place { row: Row::Base, collection: self.collection.clone() };
        if !place.is_joined(field) {
            return column(BASE, &field.name);
        }
        let ids = link_ids(&self.collection.join_table(field), "l", column(BASE, "id"));
        writer.dialect.text_array(ids)
    }

    /// Order, limit and offset.
    fn finish(&self, writer: &mut Writer<'_>, select: &mut SelectStatement) {
        match self.purpose {
            Purpose::List => {
                if self.sort.is_empty() {
                    self.by_insertion(writer, select);
                } else {
                    writer.order(select, &self.sort);
                }
                let limit = writer.slots.number(Slot::Limit);
                let offset = writer.slots.number(Slot::Offset);
                select.limit(limit).offset(offset);
            }
            Purpose::PointingAt(_) => self.by_insertion(writer, select),
            Purpose::ByField { .. } => {
                let limit = writer.slots.number(Slot::Limit);
                select.limit(limit);
            }
            Purpose::Count | Purpose::View | Purpose::ByIds | Purpose::New => {}
        }
    }

    fn by_insertion(&self, writer: &Writer<'_>, select: &mut SelectStatement) {
        if self.collection.is_view() {
            return;
        }
        if let Some(order) = writer.dialect.insertion_order(BASE) {
            select.order_by_expr(order, sea_query::Order::Asc);
        }
    }
}

impl Resolver<'_> {
    /// The condition of a text.
    pub fn text(&mut self, text: &str, max_chars: usize, what: &str) -> Result<Cond, Fault> {
        if text.len() > max_chars && text.chars().count() > max_chars {
            return Err(Fault::whole(format!("the {what} is longer than {max_chars} characters")));
        }
        let node = parser::parse(text)?;
        self.condition(&node)
    }
}

/// A client's own texts may not mention other collections or the request, not even inside quotes.
fn forbid_system_fields(spec: &ListSpec<'_>) -> Result<(), Fault> {
    for field in ["@collection.", "@request."] {
        if spec.filter.contains(field) || spec.sort.contains(field) {
            let name = field.trim_end_matches('.');
            return Err(Fault::forbidden(format!("Only superusers can filter by {name}.")));
        }
    }
    Ok(())
}
