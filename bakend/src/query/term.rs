//! Terms into SQL expressions.

use sea_query::{
    Alias, BinOper, CaseStatement, Expr, ExprTrait as _, Func, IntoIden as _, Query, SelectStatement, TableRef,
};

use super::{
    Dialect,
    ir::{JoinId, JoinKind, Place, Row, Side, Term},
    resolver::Scope,
    sets::Reach,
    slot::{Slot, Slots},
    value::Val,
};
use crate::schema::FieldKind;

/// The alias of the record that is asked about.
pub const BASE: &str = "r";

/// Which copy of the joins an expression reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Copy {
    /// The rows that the whole condition shares.
    Shared,
    /// All rows on the left, to look for one that breaks a comparison.
    Left,
    /// The same on the right.
    Right,
}

/// Writes one statement.
pub struct Writer<'a> {
    /// The database's spelling.
    pub dialect: &'static dyn Dialect,
    /// Joins and known operands.
    pub scope: &'a Scope,
    /// The value of every known operand.
    pub values: &'a [Val<'a>],
    /// Placeholders so far.
    pub slots: Slots,
    /// Joins whose rows are those of an outer query, and of which copy.
    pub pinned: Vec<(JoinId, Copy)>,
    /// What the statement does with its condition.
    pub reach: Reach,
    aliases: usize,
}

impl<'a> Writer<'a> {
    /// Starts a statement.
    pub fn new(dialect: &'static dyn Dialect, scope: &'a Scope, values: &'a [Val<'a>], reach: Reach) -> Self {
        Self { dialect, scope, values, slots: Slots::default(), pinned: Vec::new(), reach, aliases: 0 }
    }

    /// A name that no other table of the statement has.
    pub fn fresh(&mut self, prefix: &str) -> String {
        self.aliases += 1;
        format!("{prefix}{}", self.aliases)
    }

    /// The copy that a join's rows are read from.
    pub fn copy_of(&self, join: JoinId, copy: Copy) -> Copy {
        self.pinned.iter().rev().find(|(pinned, _)| *pinned == join).map_or(copy, |(_, outer)| *outer)
    }

    /// The alias of a join's rows.
    pub fn alias(&self, join: JoinId, copy: Copy) -> String {
        let prefix = match self.copy_of(join, copy) {
            Copy::Shared => 'j',
            Copy::Left => 'm',
            Copy::Right => 'n',
        };
        format!("{prefix}{join}")
    }

    /// Text that is part of the plan.
    pub fn text(&mut self, text: &'static str) -> Expr {
        Expr::Constant(text.into())
    }

    /// The expression of a term; an empty single relation is NULL.
    pub fn term(&mut self, term: &Term, copy: Copy) -> Expr {
        match term {
            Term::Known(at) => self.slots.add(Slot::Known(*at)),
            Term::Column(place, at) => {
                let name = place.field(*at).name.clone();
                self.read(place, copy, |_, alias| column(alias, &name))
            }
            Term::Ids(place, at) => self.linked(place, *at, copy, |writer, ids| writer.dialect.text_array(ids)),
            Term::Count(place, at) => {
                let count = |_: &mut Self, mut ids: SelectStatement| {
                    ids.clear_selects().clear_order_by().expr(Func::count(Expr::col(sea_query::Asterisk)));
                    subquery(ids)
                };
                let expr = self.linked(place, *at, copy, count);
                if matches!(place.row, Row::Found { .. }) { or_zero(expr) } else { expr }
            }
            Term::Step(join, side) => column(&self.alias(*join, copy), side.column()),
            Term::Json(inner, path) => {
                // Text that is no JSON, which views compute, is for the dialect to tell apart.
                let json = self.term(inner, copy);
                self.dialect.json(json, path)
            }
            Term::Lower(inner) => Expr::from(Func::lower(self.wire(inner, copy))),
            Term::Length { of, multiple: true } => {
                let array = self.json_text(of, copy);
                or_zero(self.dialect.array_length(array))
            }
            Term::Length { of, multiple: false } => {
                let one = self.wire(of, copy);
                let empty = coalesced(one).eq(self.text(""));
                when(empty, 0, 1)
            }
            Term::Strftime(terms) => {
                let arguments = terms.iter().map(|term| self.wire(term, copy)).collect();
                self.dialect.strftime(arguments)
            }
            Term::GeoDistance(terms) => {
                let arguments = terms.iter().map(|term| self.wire(term, copy)).collect();
                self.dialect.geo_distance(arguments)
            }
            Term::Differs(sent, stored) => {
                let sent = self.slots.add(Slot::Known(*sent));
                let stored = self.term(stored, copy);
                when(coalesced(sent).ne(coalesced(stored)), 1, 0)
            }
        }
    }

    /// The expression of a term as the wire has it: an empty single relation of a record that exists is `''`.
    pub fn wire(&mut self, term: &Term, copy: Copy) -> Expr {
        let Term::Column(place, at) = term else { return self.term(term, copy) };
        if place.collection.is_view() || !matches!(place.field(*at).kind, FieldKind::Relation(_)) {
            return self.term(term, copy);
        }
        let name = place.field(*at).name.clone();
        let may_be_absent = matches!(place.row, Row::Joined(_));
        self.read(place, copy, |_, alias| {
            let value = coalesced(column(alias, &name));
            let value = if may_be_absent {
                CaseStatement::new().case(column(alias, "id").is_not_null(), value).into()
            } else {
                value
            };
            // the cast keeps the column's affinity, which decides how text and numbers compare
            value.cast_as("text")
        })
    }

    /// The expression of a term as `~` reads it: numbers as they are written.
    pub fn text_of(&mut self, term: &Term, copy: Copy) -> Expr {
        match term {
            Term::Column(place, at) if matches!(place.field(*at).kind, FieldKind::Number(_)) => {
                let name = place.field(*at).name.clone();
                self.read(place, copy, |writer, alias| writer.dialect.number_text(column(alias, &name)))
            }
            term => self.wire(term, copy),
        }
    }

    /// The expression of a term that holds JSON as text.
    fn json_text(&mut self, term: &Term, copy: Copy) -> Expr {
        let Term::Column(place, at) = term else { return self.term(term, copy) };
        let name = place.field(*at).name.clone();
        self.read(place, copy, |writer, alias| writer.dialect.valid_json(column(alias, &name)))
    }

    /// An expression over a record, given the alias of its table.
    fn read(&mut self, place: &Place, copy: Copy, expr: impl FnOnce(&mut Self, &str) -> Expr) -> Expr {
        match &place.row {
            Row::Base => expr(self, BASE),
            Row::Joined(join) => {
                let alias = self.alias(*join, copy);
                expr(self, &alias)
            }
            Row::Found { column: key, by, .. } => {
                let alias = self.fresh("t");
                let value = expr(self, &alias);
                let by = self.term(by, copy);
                let mut select = Query::select();
                select.expr(value).from(table(&place.collection.name, &alias)).and_where(column(&alias, key).eq(by));
                subquery(select)
            }
            Row::New | Row::Auth => Expr::null(),
        }
    }

    /// An expression over the ids of a joined relation.
    fn linked(
        &mut self,
        place: &Place,
        at: usize,
        copy: Copy,
        expr: impl FnOnce(&mut Self, SelectStatement) -> Expr,
    ) -> Expr {
        let join_table = place.collection.join_table(place.field(at));
        self.read(place, copy, |writer, alias| {
            let link = writer.fresh("l");
            let ids = link_ids(&join_table, &link, column(alias, "id"));
            expr(writer, ids)
        })
    }

    /// The table of a join, and what its rows must satisfy.
    pub fn joined(&mut self, join: JoinId, copy: Copy) -> (TableRef, Option<Expr>) {
        let alias = self.alias(join, copy);
        let scope = self.scope;
        match &scope.joins[join].kind {
            JoinKind::Links { table: name, near, by } => {
                let by = self.term(by, copy);
                (table(name, &alias), Some(column(&alias, near.column()).eq(by)))
            }
            JoinKind::Back { collection, column: name, by } => {
                let by = self.term(by, copy);
                (table(&collection.name, &alias), Some(column(&alias, name).eq(by)))
            }
            JoinKind::All(collection) => (table(&collection.name, &alias), None),
            JoinKind::Elements(array) => {
                let array = self.json_text(array, copy);
                (TableRef::FunctionCall(self.dialect.elements(array), Alias::new(alias).into_iden()), None)
            }
            JoinKind::Listed(collection, ids) => {
                let ids = self.slots.add(Slot::Known(*ids));
                let id = column(&alias, "id");
                (table(&collection.name, &alias), Some(self.is_one_of(id, ids)))
            }
        }
    }

    /// Whether a value is an element of a JSON array.
    pub fn is_one_of(&mut self, value: Expr, array: Expr) -> Expr {
        let alias = self.fresh("e");
        let mut elements = Query::select();
        elements
            .expr(column(&alias, Side::Element.column()))
            .from(TableRef::FunctionCall(self.dialect.elements(array), Alias::new(alias).into_iden()));
        value.in_subquery(elements)
    }
}

/// The ids that a join table links to a record, in their order.
pub fn link_ids(join_table: &str, alias: &str, source: Expr) -> SelectStatement {
    let mut ids = Query::select();
    ids.expr(column(alias, "target"))
        .from(table(join_table, alias))
        .and_where(column(alias, "source").eq(source))
        .order_by((Alias::new(alias), Alias::new("position")), sea_query::Order::Asc);
    ids
}

/// A column of an alias.
pub fn column(alias: &str, name: &str) -> Expr {
    Expr::col((Alias::new(alias), Alias::new(name)))
}

/// A table under an alias.
pub fn table(name: &str, alias: &str) -> TableRef {
    TableRef::from(Alias::new(name)).alias(Alias::new(alias))
}

/// A subquery of one value.
pub fn subquery(select: SelectStatement) -> Expr {
    Expr::SubQuery(None, Box::new(select.into()))
}

/// `COALESCE(x, '')`
pub fn coalesced(expr: Expr) -> Expr {
    Expr::from(Func::coalesce([expr, Expr::Constant("".into())]))
}

/// `a || b`
pub fn concat(left: Expr, right: Expr) -> Expr {
    left.binary(BinOper::Custom("||"), right)
}

/// `CASE WHEN condition THEN yes ELSE no END`
pub fn when(condition: Expr, yes: i64, no: i64) -> Expr {
    CaseStatement::new().case(condition, Expr::Constant(yes.into())).finally(Expr::Constant(no.into())).into()
}

fn or_zero(expr: Expr) -> Expr {
    Expr::from(Func::coalesce([expr, Expr::Constant(0i64.into())]))
}
