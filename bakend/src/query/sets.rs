//! EXISTS that asks nothing of the record but one id: as a set of ids, which the database makes once instead of looking again for
//! every record.

use sea_query::{Expr, ExprTrait as _, Query};

use super::{
    ir::{JoinId, JoinKind, Place, Row, Side, Term},
    lexer::Op,
    live::{Live, LiveLeaf, LiveSide},
    term::{Copy, Writer, column},
    value::Class,
};
use crate::schema::index;

/// What a statement does with its condition, which decides between EXISTS and a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It looks at few records: EXISTS costs least.
    Few,
    /// It goes through the records in an order until a page is full: a set, but the order's index stays in charge.
    Ordered,
    /// It looks at all records: a set, and whatever index serves it.
    All,
}

impl Writer<'_> {
    /// Whether rows of one join that satisfy these parts may be asked for as a set: the parts ask nothing of other rows, and one
    /// of them pins the rows to a known id by an index, so that the set is small.
    pub fn may_be_set(&self, joins: &[JoinId], parts: &[&LiveLeaf<'_>], copy: Copy) -> bool {
        let [join] = joins else { return false };
        self.reach != Reach::Few
            && copy == Copy::Shared
            && matches!(self.scope.joins[*join].kind, JoinKind::Links { .. } | JoinKind::Back { .. })
            && parts.iter().all(|leaf| self.is_about(leaf, *join))
            && parts.iter().any(|leaf| self.is_pinned(leaf, *join))
    }

    /// Whether the id that a join starts from is in the set of those whose rows satisfy a condition.
    pub fn in_set(&mut self, join: JoinId, inner: Expr, copy: Copy) -> Option<Expr> {
        let scope = self.scope;
        let (near, by) = match &scope.joins[join].kind {
            JoinKind::Links { near, by, .. } => (near.column(), by),
            JoinKind::Back { column, by, .. } => (column.as_str(), by),
            _ => return None,
        };
        let (table, _) = self.joined(join, Copy::Shared);
        let alias = self.alias(join, Copy::Shared);
        let mut ids = Query::select();
        ids.expr(column(&alias, near)).from(table).and_where(inner);
        // no more records have an id of a small set than the set has ids; a column may repeat each of them
        let finds_few =
            matches!(by, Term::Column(place, at) if matches!(place.row, Row::Base) && place.field(*at).name == "id");
        let id = self.term(by, copy);
        let id = if self.reach == Reach::All || finds_few { id } else { self.dialect.without_index(id) };
        Some(id.in_subquery(ids))
    }

    /// Whether a comparison asks nothing but rows of a join and known values.
    fn is_about(&self, leaf: &LiveLeaf<'_>, join: JoinId) -> bool {
        let side = |side: LiveSide<'_>| match side {
            LiveSide::Known(..) => true,
            LiveSide::Asked(operand) => operand.walls.is_empty() && reads_only(&operand.term, join),
        };
        !leaf.is_for_all(self.scope) && !leaf.has_gates() && side(leaf.left) && side(leaf.right)
    }

    /// Whether it says that an indexed reference of the join's rows is a known id.
    fn is_pinned(&self, leaf: &LiveLeaf<'_>, join: JoinId) -> bool {
        let (LiveSide::Asked(operand), LiveSide::Known(_, Class::Known)) = (leaf.left, leaf.right) else {
            let (LiveSide::Known(_, Class::Known), LiveSide::Asked(operand)) = (leaf.left, leaf.right) else {
                return false;
            };
            return leaf.op == Op::Eq && is_indexed(&operand.term, join);
        };
        leaf.op == Op::Eq && is_indexed(&operand.term, join)
    }
}

/// The comparisons of a conjunction; `None` when there is more to it.
pub fn comparisons<'a>(parts: &[&'a Live<'a>]) -> Option<Vec<&'a LiveLeaf<'a>>> {
    parts.iter().map(|part| if let Live::Leaf(leaf) = part { Some(leaf) } else { None }).collect()
}

fn reads_only(term: &Term, join: JoinId) -> bool {
    let place = |place: &Place| match &place.row {
        Row::Joined(row) => *row == join,
        Row::Found { by, .. } => reads_only(by, join),
        Row::Base | Row::New | Row::Auth => false,
    };
    match term {
        Term::Known(_) => true,
        Term::Column(at, _) | Term::Ids(at, _) | Term::Count(at, _) => place(at),
        Term::Step(row, _) => *row == join,
        Term::Json(inner, _) | Term::Lower(inner) | Term::Length { of: inner, .. } => reads_only(inner, join),
        Term::Strftime(terms) | Term::GeoDistance(terms) => terms.iter().all(|term| reads_only(term, join)),
        Term::Differs(..) => false,
    }
}

fn is_indexed(term: &Term, join: JoinId) -> bool {
    match term {
        Term::Step(row, Side::Source | Side::Target) => *row == join,
        Term::Column(Place { row: Row::Joined(row), collection }, at) if *row == join && term.is_reference() => {
            let name = &collection.fields[*at].name;
            let mut indexes = collection.indexes.iter().filter_map(|text| index::Index::parse(text));
            name == "id" || indexes.any(|index| index.columns.first().is_some_and(|first| first.name == *name))
        }
        _ => false,
    }
}
