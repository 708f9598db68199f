//! Conditions for known values: constants are folded, guards decided, and what joins a comparison needs is told.

use super::{
    ir::{Cond, JoinId, KnownId, Leaf, Operand, Value},
    known::Known,
    lexer::Op,
    resolver::Scope,
    value::{Affinity, Class, Val, holds},
};

/// A condition for known values: constants are folded, guards are decided.
#[derive(Debug)]
pub enum Live<'a> {
    /// True or false.
    Constant(bool),
    /// All must hold.
    All(Vec<Live<'a>>),
    /// One must hold.
    Any(Vec<Live<'a>>),
    /// A comparison that asks the database.
    Leaf(LiveLeaf<'a>),
}

/// A comparison that asks the database.
#[derive(Debug)]
pub struct LiveLeaf<'a> {
    /// What stands left.
    pub left: LiveSide<'a>,
    /// How they are compared.
    pub op: Op,
    any: bool,
    /// What stands right.
    pub right: LiveSide<'a>,
    /// The joins whose row the comparison is about.
    pub given: &'a [JoinId],
}

/// One side of a comparison that asks the database.
#[derive(Clone, Copy, Debug)]
pub enum LiveSide<'a> {
    /// Known before the statement runs.
    Known(KnownId, Class),
    /// Known by the database.
    Asked(&'a Operand),
}

/// Decides what is known. Every decision taken is noted in `shape`, so that equal shapes give equal statements.
pub fn live<'a>(cond: &'a Cond, scope: &Scope, values: &[Val<'_>], shape: &mut Vec<u8>) -> Live<'a> {
    match cond {
        Cond::All(conds) => join_live(conds, true, scope, values, shape),
        Cond::Any(conds) => join_live(conds, false, scope, values, shape),
        Cond::Leaf(leaf) => live_leaf(leaf, scope, values, shape),
    }
}

/// `unit`: what an empty list means, and what changes nothing.
fn join_live<'a>(conds: &'a [Cond], unit: bool, scope: &Scope, values: &[Val<'_>], shape: &mut Vec<u8>) -> Live<'a> {
    let mut parts = Vec::with_capacity(conds.len());
    for cond in conds {
        match live(cond, scope, values, shape) {
            Live::Constant(constant) if constant == unit => {}
            Live::Constant(_) => return Live::Constant(!unit),
            Live::All(inner) if unit => parts.extend(inner),
            Live::Any(inner) if !unit => parts.extend(inner),
            part => parts.push(part),
        }
    }
    match parts.len() {
        0 => Live::Constant(unit),
        1 => parts.remove(0),
        _ if unit => Live::All(parts),
        _ => Live::Any(parts),
    }
}

fn live_leaf<'a>(leaf: &'a Leaf, scope: &Scope, values: &[Val<'_>], shape: &mut Vec<u8>) -> Live<'a> {
    let (left, right) = (side(&leaf.left, values, shape), side(&leaf.right, values, shape));
    if let (LiveSide::Known(left, _), LiveSide::Known(right, _)) = (left, right) {
        let (left_known, right_known) = (&scope.known[left], &scope.known[right]);
        let truth = holds_known(left_known, &values[left], leaf.op, right_known, &values[right]);
        shape.push(u8::from(truth));
        return Live::Constant(truth);
    }
    for side in [left, right] {
        match side {
            LiveSide::Known(_, class) => shape.push(class as u8),
            LiveSide::Asked(operand) => {
                let conds = operand.gates.iter().chain(&operand.walls);
                conds.for_each(|cond| drop(live(cond, scope, values, shape)));
            }
        }
    }
    let leaf = LiveLeaf { left, op: leaf.op, any: leaf.any, right, given: &leaf.given };
    if leaf.is_ordered() && leaf.known_class() == Some(Class::Null) { Live::Constant(false) } else { Live::Leaf(leaf) }
}

/// Whether two known operands satisfy an operator, converted to each other's type as SQL does for columns: between columns a number
/// decides, and a column decides over what has no type.
fn holds_known(left: &Known, left_value: &Val<'_>, op: Op, right: &Known, right_value: &Val<'_>) -> bool {
    let exact = left.exact || right.exact;
    let converts =
        |to: Option<Affinity>, own: Option<Affinity>| to.filter(|to| own.is_none() || *to == Affinity::Number);
    let (to_left, to_right) = (converts(right.affinity, left.affinity), converts(left.affinity, right.affinity));
    if matches!(op, Op::Like | Op::NotLike) || (to_left.is_none() && to_right.is_none()) {
        return holds(left_value, op, right_value, exact, right.pattern);
    }
    let (left_value, right_value) =
        (left_value.clone().compared_with(to_left), right_value.clone().compared_with(to_right));
    holds(&left_value, op, &right_value, exact, right.pattern)
}

fn side<'a>(value: &'a Value, values: &[Val<'_>], shape: &mut Vec<u8>) -> LiveSide<'a> {
    let known = |at: KnownId| LiveSide::Known(at, values[at].class());
    match value {
        Value::Known(at) => known(*at),
        Value::Asked(operand) => match operand.guard {
            None => LiveSide::Asked(operand),
            Some((guard, instead)) => {
                let open = values[guard].class() == Class::Known && values[guard] != Val::Int(0);
                shape.push(u8::from(open));
                if open { LiveSide::Asked(operand) } else { known(instead) }
            }
        },
    }
}

impl LiveLeaf<'_> {
    /// Whether NULL on a side makes it NULL.
    pub fn is_ordered(&self) -> bool {
        !matches!(self.op, Op::Eq | Op::Neq)
    }

    pub fn known_class(&self) -> Option<Class> {
        [self.left, self.right].iter().find_map(|side| match side {
            LiveSide::Known(_, class) => Some(*class),
            LiveSide::Asked(_) => None,
        })
    }

    pub fn operands(&self) -> impl Iterator<Item = &Operand> {
        [self.left, self.right].into_iter().filter_map(|side| match side {
            LiveSide::Asked(operand) => Some(operand),
            LiveSide::Known(..) => None,
        })
    }

    pub fn has_gates(&self) -> bool {
        self.operands().any(|operand| !operand.gates.is_empty())
    }

    /// Whether it is true or false and never NULL.
    pub fn is_two_valued(&self, scope: &Scope) -> bool {
        match self.op {
            _ if self.is_bare() => false,
            Op::Neq => true,
            Op::Eq => self.is_exact(scope) || self.known_class() != Some(Class::Known),
            _ => false,
        }
    }

    pub fn is_bare(&self) -> bool {
        self.operands().any(|operand| operand.bare)
    }

    pub fn is_exact(&self, scope: &Scope) -> bool {
        [self.left, self.right].iter().any(|side| match side {
            LiveSide::Known(at, _) => scope.known[*at].exact,
            LiveSide::Asked(operand) => operand.exact,
        })
    }

    /// The same where all rows are looked at: only sides that have rows decide, as in PocketBase.
    pub fn is_exact_for_all(&self, scope: &Scope) -> bool {
        self.operands().any(|operand| {
            let mut has_rows = false;
            operand.term.joins(&mut |join| {
                let mut joins = Vec::new();
                scope.with_parents(join, &mut joins);
                has_rows |= joins.iter().any(|join| !self.given.contains(join));
            });
            operand.exact && has_rows
        })
    }

    /// All joins it names, with what they start from.
    pub fn all_joins(&self, scope: &Scope) -> Vec<JoinId> {
        let mut joins = Vec::new();
        for operand in self.operands() {
            operand.term.joins(&mut |join| scope.with_parents(join, &mut joins));
        }
        joins
    }

    /// Whether every row must satisfy it.
    pub fn is_for_all(&self, scope: &Scope) -> bool {
        !self.any && self.all_joins(scope).iter().any(|join| !self.given.contains(join))
    }

    /// Whether a shared row must satisfy it; when it is two-valued and every row must, that is said already.
    pub fn needs_row(&self, scope: &Scope) -> bool {
        !self.is_for_all(scope)
            || !self.is_two_valued(scope)
            || self.has_gates()
            || self.is_exact(scope) != self.is_exact_for_all(scope)
    }

    /// Whether it is not true when the rows of a join are absent.
    pub fn fails_without(&self, join: JoinId, scope: &Scope) -> bool {
        let is_null = |side: LiveSide<'_>| match side {
            LiveSide::Known(..) => false,
            LiveSide::Asked(operand) => operand.term.null_without().is_some_and(|inner| {
                let mut above = Vec::new();
                scope.with_parents(inner, &mut above);
                above.contains(&join)
            }),
        };
        if !self.needs_row(scope) || !(is_null(self.left) || is_null(self.right)) {
            return false;
        }
        if self.is_bare() {
            return self.op != Op::Neq;
        }
        match (self.op, self.known_class(), self.is_exact(scope)) {
            (Op::Eq, Some(class), false) => class == Class::Known,
            (Op::Eq, Some(class), true) => class != Class::Null,
            (Op::Neq, Some(class), false) => class != Class::Known,
            (Op::Neq, Some(class), true) => class == Class::Null,
            (Op::Eq | Op::Neq, None, _) => false,
            _ => true,
        }
    }
}

impl Live<'_> {
    /// The joins whose shared rows it reads.
    pub fn joins(&self, scope: &Scope, into: &mut Vec<JoinId>) {
        match self {
            Self::Constant(_) => {}
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.joins(scope, into)),
            Self::Leaf(leaf) => {
                let mut joins = leaf.all_joins(scope);
                joins.retain(|join| leaf.needs_row(scope) || leaf.given.contains(join));
                joins.into_iter().for_each(|join| scope.with_parents(join, into));
            }
        }
    }

    pub fn fails_without(&self, join: JoinId, scope: &Scope) -> bool {
        match self {
            Self::Constant(truth) => !truth,
            Self::All(parts) => parts.iter().any(|part| part.fails_without(join, scope)),
            Self::Any(parts) => parts.iter().all(|part| part.fails_without(join, scope)),
            Self::Leaf(leaf) => leaf.fails_without(join, scope),
        }
    }
}
