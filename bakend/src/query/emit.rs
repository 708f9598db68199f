//! Conditions into SQL: what is known is folded away, several rows become EXISTS.
//!
//! The meaning is that of one LEFT JOIN per path, shared by the whole condition: a record matches when there is a choice of one row
//! a join (an absent row is all NULL) that makes the condition true. Instead of multiplying rows, each EXISTS is put as far inside
//! as that meaning allows: it spans a conjunction only where the parts share a path.

use sea_query::{Alias, Expr, ExprTrait as _, JoinType, Query, SelectStatement};

use super::{
    ir::{Cond, JoinId},
    live::{Live, LiveLeaf, LiveSide, live},
    sets::comparisons,
    term::{Copy, Writer},
};

/// Parts of a conjunction that share joins, directly or through each other.
struct Group {
    joins: Vec<JoinId>,
    parts: Vec<usize>,
}

impl Writer<'_> {
    /// The SQL of a condition. `bound`: the joins whose rows are in reach.
    pub fn condition(&mut self, live: &Live<'_>, bound: &[JoinId], copy: Copy) -> Expr {
        match live {
            Live::Constant(truth) => Expr::Constant(i64::from(*truth).into()).eq(Expr::Constant(1i64.into())),
            Live::Any(parts) => {
                let parts = parts.iter().map(|part| self.condition(part, bound, copy)).collect();
                balanced(parts, Expr::or)
            }
            Live::All(parts) => self.conjunction(parts, bound, copy),
            Live::Leaf(leaf) => self.leaf(leaf, bound, copy),
        }
    }

    fn conjunction(&mut self, parts: &[Live<'_>], bound: &[JoinId], copy: Copy) -> Expr {
        let mut written = Vec::with_capacity(parts.len());
        for group in self.groups(parts, bound) {
            if let [only] = group.parts[..] {
                written.push(self.condition(&parts[only], bound, copy));
                continue;
            }
            let members: Vec<&Live<'_>> = group.parts.iter().map(|at| &parts[*at]).collect();
            let shared = self.shared(&members, &group.joins);
            let within = [bound, &shared].concat();
            let inner = members.iter().map(|part| self.condition(part, &within, copy)).collect();
            let inner = balanced(inner, Expr::and);
            let scope = self.scope;
            let required = |join| members.iter().any(|part| part.fails_without(join, scope));
            let leaves = comparisons(&members).unwrap_or_default();
            let is_set = shared.iter().all(|join| required(*join)) && self.may_be_set(&shared, &leaves, copy);
            written.push(self.exists(&shared, &required, inner, is_set, copy));
        }
        balanced(written, Expr::and)
    }

    fn groups(&self, parts: &[Live<'_>], bound: &[JoinId]) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let mut joins = Vec::new();
            part.joins(self.scope, &mut joins);
            joins.retain(|join| !bound.contains(join));
            let mut group = Group { joins, parts: vec![at] };
            let (touching, apart): (Vec<Group>, Vec<Group>) =
                groups.into_iter().partition(|other| other.joins.iter().any(|join| group.joins.contains(join)));
            groups = apart;
            for other in touching {
                group.joins.extend(other.joins);
                group.parts.extend(other.parts);
            }
            group.parts.sort_unstable();
            groups.push(group);
        }
        groups.sort_by_key(|group| group.parts[0]);
        groups
    }

    /// The joins that more than one part reads; parents first.
    fn shared(&self, parts: &[&Live<'_>], joins: &[JoinId]) -> Vec<JoinId> {
        let reads: Vec<Vec<JoinId>> = parts
            .iter()
            .map(|part| {
                let mut into = Vec::new();
                part.joins(self.scope, &mut into);
                into
            })
            .collect();
        let mut shared: Vec<JoinId> = joins.to_vec();
        shared.sort_unstable();
        shared.dedup();
        shared.retain(|join| reads.iter().filter(|read| read.contains(join)).count() > 1);
        shared
    }

    /// Whether there are rows of joins that satisfy a condition. `required`: whether an absent row of a join never does.
    fn exists(
        &mut self,
        joins: &[JoinId],
        required: &dyn Fn(JoinId) -> bool,
        inner: Expr,
        is_set: bool,
        copy: Copy,
    ) -> Expr {
        if let (true, [join]) = (is_set, joins)
            && let Some(set) = self.in_set(*join, inner.clone(), copy)
        {
            return set;
        }
        Expr::exists(self.rows(joins, required, copy).and_where(inner).take())
    }

    /// `SELECT 1 FROM` rows of joins; where an absent row counts, it is all NULL.
    pub(super) fn rows(&mut self, joins: &[JoinId], required: &dyn Fn(JoinId) -> bool, copy: Copy) -> SelectStatement {
        let mut joins = joins.to_vec();
        joins.sort_unstable();
        let mut select = Query::select();
        select.expr(Expr::Constant(1i64.into()));
        let optional_first = joins.first().is_some_and(|first| !required(*first));
        if optional_first {
            let one = self.fresh("o");
            let mut unit = Query::select();
            unit.expr_as(Expr::Constant(1i64.into()), Alias::new("one"));
            select.from_subquery(unit, Alias::new(one));
        }
        for (at, join) in joins.iter().enumerate() {
            let (table, on) = self.joined(*join, copy);
            let is_first = at == 0 && !optional_first;
            match (is_first, on) {
                (true, on) => {
                    select.from(table).and_where_option(on);
                }
                (false, on) => {
                    let kind = if required(*join) { JoinType::InnerJoin } else { JoinType::LeftJoin };
                    let on = on.unwrap_or_else(|| Expr::Constant(1i64.into()).eq(Expr::Constant(1i64.into())));
                    select.join(kind, table, on);
                }
            }
        }
        select
    }

    fn leaf(&mut self, leaf: &LiveLeaf<'_>, bound: &[JoinId], copy: Copy) -> Expr {
        let scope = self.scope;
        let mut about = leaf.all_joins(scope);
        about.retain(|join| leaf.given.contains(join) && !bound.contains(join));
        if leaf.is_for_all(scope) && !about.is_empty() {
            let within = [bound, &about].concat();
            let inner = self.leaf(leaf, &within, copy);
            return self.exists(&about, &|join| leaf.fails_without(join, scope), inner, false, copy);
        }
        let mut written = Vec::new();
        if leaf.needs_row(scope) {
            let free: Vec<JoinId> = leaf.all_joins(scope).into_iter().filter(|join| !bound.contains(join)).collect();
            let within = [bound, &free].concat();
            let row = self.row(leaf, &within, copy);
            written.push(if free.is_empty() {
                row
            } else {
                let required = |join| leaf.fails_without(join, scope);
                let is_set = free.iter().all(|join| required(*join)) && self.may_be_set(&free, &[leaf], copy);
                self.exists(&free, &required, row, is_set, copy)
            });
        }
        if leaf.is_for_all(scope) {
            let pins = self.pinned.len();
            let outer: Vec<_> = leaf.given.iter().map(|join| (*join, self.copy_of(*join, copy))).collect();
            self.pinned.extend(outer);
            let breaks = self.breaking(leaf);
            self.pinned.truncate(pins);
            written.push(Expr::exists(breaks).not());
        }
        balanced(written, Expr::and)
    }

    /// The comparison of one row, and what this caller must satisfy to compare it.
    fn row(&mut self, leaf: &LiveLeaf<'_>, bound: &[JoinId], copy: Copy) -> Expr {
        let mut written = vec![self.compare(leaf, copy, copy)];
        for operand in leaf.operands() {
            self.limits(&operand.gates, bound, copy, &mut written);
        }
        balanced(written, Expr::and)
    }

    fn limits(&mut self, conds: &[Cond], bound: &[JoinId], copy: Copy, into: &mut Vec<Expr>) {
        for cond in conds {
            match live(cond, self.scope, self.values, &mut Vec::new()) {
                Live::Constant(true) => {}
                cond => into.push(self.condition(&cond, bound, copy)),
            }
        }
    }

    /// The rows that break a comparison which all rows must satisfy.
    fn breaking(&mut self, leaf: &LiveLeaf<'_>) -> SelectStatement {
        let mut select: Option<SelectStatement> = None;
        let mut bound = leaf.given.to_vec();
        for (side, copy) in [(leaf.left, Copy::Left), (leaf.right, Copy::Right)] {
            let LiveSide::Asked(operand) = side else { continue };
            let mut joins = Vec::new();
            operand.term.joins(&mut |join| self.scope.with_parents(join, &mut joins));
            joins.retain(|join| !leaf.given.contains(join));
            if joins.is_empty() {
                continue;
            }
            bound.extend(joins.iter().copied());
            select = Some(self.add_rows(select, &joins, copy));
        }
        let row = self.compare(leaf, Copy::Left, Copy::Right);
        // NULL is neither true nor false: it breaks nothing, and the shared row says that one is true
        let mut written = vec![row.not()];
        for (side, copy) in [(leaf.left, Copy::Left), (leaf.right, Copy::Right)] {
            let LiveSide::Asked(operand) = side else { continue };
            self.limits(&operand.gates, &bound, copy, &mut written);
            self.limits(&operand.walls, &bound, copy, &mut written);
        }
        let is_broken = balanced(written, Expr::and);
        let mut select = select.unwrap_or_else(|| Query::select().expr(Expr::Constant(1i64.into())).take());
        select.and_where(is_broken);
        select
    }

    fn add_rows(&mut self, select: Option<SelectStatement>, joins: &[JoinId], copy: Copy) -> SelectStatement {
        let Some(mut select) = select else { return self.rows(joins, &|_| false, copy) };
        let mut joins = joins.to_vec();
        joins.sort_unstable();
        for join in joins {
            let (table, on) = self.joined(join, copy);
            let on = on.unwrap_or_else(|| Expr::Constant(1i64.into()).eq(Expr::Constant(1i64.into())));
            select.join(JoinType::LeftJoin, table, on);
        }
        select
    }
}

/// Joins expressions as a tree of small height, so that no database or writer has to go deep.
pub fn balanced(mut parts: Vec<Expr>, join: fn(Expr, Expr) -> Expr) -> Expr {
    while parts.len() > 1 {
        let mut halved = Vec::with_capacity(parts.len().div_ceil(2));
        let mut pairs = parts.into_iter();
        while let Some(first) = pairs.next() {
            halved.push(match pairs.next() {
                Some(second) => join(first, second),
                None => first,
            });
        }
        parts = halved;
    }
    parts.pop().unwrap_or_else(|| Expr::Constant(1i64.into()).eq(Expr::Constant(1i64.into())))
}
