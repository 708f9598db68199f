//! One comparison into SQL.

use sea_query::{Expr, ExprTrait as _};

use super::{
    ir::{KnownId, Operand},
    lexer::Op,
    live::{LiveLeaf, LiveSide},
    slot::Slot,
    term::{Copy, Writer, coalesced, concat},
    value::{Affinity, Class, Pattern},
};

impl Writer<'_> {
    /// The comparison of a row. `left`, `right`: which copy of the joins each side reads; they differ only when all rows are looked at.
    pub(super) fn compare(&mut self, leaf: &LiveLeaf<'_>, left: Copy, right: Copy) -> Expr {
        match leaf.op {
            Op::Eq | Op::Neq => self.equality(leaf, left, right),
            Op::Like | Op::NotLike => {
                let text = match leaf.left {
                    LiveSide::Known(at, _) => self.slots.add(Slot::Known(at)),
                    LiveSide::Asked(operand) => self.text_of(&operand.term, left),
                };
                let pattern = match leaf.right {
                    LiveSide::Known(at, _) => {
                        let pattern: Pattern = self.scope.known[at].pattern;
                        self.slots.add(Slot::Like(at, pattern))
                    }
                    LiveSide::Asked(operand) => {
                        let text = self.text_of(&operand.term, right);
                        concat(concat(self.text("%"), text), self.text("%"))
                    }
                };
                if leaf.op == Op::Like {
                    self.dialect.like(text, pattern)
                } else {
                    self.dialect.not_like(text, pattern)
                }
            }
            op => {
                let a = self.typed_side(leaf.left, leaf.right, left);
                let b = self.typed_side(leaf.right, leaf.left, right);
                match op {
                    Op::Gt => a.gt(b),
                    Op::Gte => a.gte(b),
                    Op::Lt => a.lt(b),
                    _ => a.lte(b),
                }
            }
        }
    }

    /// A side with the type of its column, where the other side is of another.
    fn typed_side(&mut self, side: LiveSide<'_>, other: LiveSide<'_>, copy: Copy) -> Expr {
        let value = self.side(side, copy);
        let LiveSide::Known(at, _) = side else { return value };
        let is_text = matches!(other, LiveSide::Asked(operand) if operand.term.is_text());
        match self.scope.known[at].affinity {
            Some(Affinity::Text) if !is_text => value.cast_as("text"),
            Some(Affinity::Number) if is_text => value.cast_as("numeric"),
            _ => value,
        }
    }

    fn side(&mut self, side: LiveSide<'_>, copy: Copy) -> Expr {
        match side {
            LiveSide::Known(at, _) => self.slots.add(Slot::Known(at)),
            LiveSide::Asked(operand) => self.wire(&operand.term, copy),
        }
    }

    fn equality(&mut self, leaf: &LiveLeaf<'_>, left: Copy, right: Copy) -> Expr {
        let equal = leaf.op == Op::Eq;
        let dialect = self.dialect;
        let same = |a: Expr, b: Expr| if equal { dialect.same(a, b) } else { dialect.not_same(a, b) };
        // only when all rows are looked at do the sides read different copies
        let is_for_all = left != right;
        let is_exact = if is_for_all { leaf.is_exact_for_all(self.scope) } else { leaf.is_exact(self.scope) };
        if is_exact {
            let sides = (self.exact_side(leaf.left, left), self.exact_side(leaf.right, right));
            return same(sides.0, sides.1);
        }
        if leaf.is_bare() && !is_for_all {
            let (a, b) = (self.bare_side(leaf.left, left), self.bare_side(leaf.right, right));
            return if equal { a.eq(b) } else { dialect.not_same(a, b) };
        }
        match (leaf.left, leaf.right) {
            (LiveSide::Asked(operand), LiveSide::Known(at, class)) => {
                self.equals_known(operand, left, at, class, equal)
            }
            (LiveSide::Known(at, class), LiveSide::Asked(operand)) => {
                self.equals_known(operand, right, at, class, equal)
            }
            (LiveSide::Asked(a), LiveSide::Asked(b)) if a.term.is_reference() && b.term.is_reference() => {
                let (a, b) = (self.term(&a.term, left), self.term(&b.term, right));
                same(a, b)
            }
            (LiveSide::Asked(a), LiveSide::Asked(b)) => {
                let is_text = a.term.is_text() && b.term.is_text();
                let (a, b) = (self.never_null(a, is_text, left), self.never_null(b, is_text, right));
                if equal { a.eq(b) } else { a.ne(b) }
            }
            (LiveSide::Known(a, _), LiveSide::Known(b, _)) => {
                let (a, b) = (self.slots.add(Slot::Known(a)), self.slots.add(Slot::Known(b)));
                same(a, b)
            }
        }
    }

    /// COALESCE also keeps text and numbers apart, so what is never NULL goes without only among texts.
    fn never_null(&mut self, operand: &Operand, is_text: bool, copy: Copy) -> Expr {
        let expr = self.term(&operand.term, copy);
        if is_text && operand.term.is_never_null() { expr } else { coalesced(expr) }
    }

    fn exact_side(&mut self, side: LiveSide<'_>, copy: Copy) -> Expr {
        match side {
            LiveSide::Known(_, Class::Null) => Expr::null(),
            side => self.side(side, copy),
        }
    }

    fn bare_side(&mut self, side: LiveSide<'_>, copy: Copy) -> Expr {
        match side {
            LiveSide::Known(_, Class::Null | Class::Empty) => self.text(""),
            side => self.side(side, copy),
        }
    }

    fn equals_known(&mut self, operand: &Operand, copy: Copy, at: KnownId, class: Class, equal: bool) -> Expr {
        let term = &operand.term;
        if copy != Copy::Shared && class == Class::Known && equal {
            // an empty relation differs, an absent row does not: only the wire form tells them apart
            return self.wire(term, copy).eq(self.slots.add(Slot::Known(at)));
        }
        let value = self.term(term, copy);
        match (class, equal) {
            (Class::Known, true) => value.eq(self.slots.add(Slot::Known(at))),
            (Class::Known, false) => {
                let known = self.slots.add(Slot::Known(at));
                if term.is_never_null() { value.ne(known) } else { self.dialect.not_same(value, known) }
            }
            (_, true) if term.is_reference() => value.is_null(),
            (_, false) if term.is_reference() => value.is_not_null(),
            (_, true) if term.is_never_null() => value.eq(self.text("")),
            (_, false) if term.is_never_null() => value.ne(self.text("")),
            (_, true) => coalesced(value).eq(self.text("")),
            (_, false) => coalesced(value).ne(self.text("")),
        }
    }
}
