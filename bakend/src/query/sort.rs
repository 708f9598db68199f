//! Sort text into ORDER BY.

use sea_query::{CaseStatement, Expr, Func, Order, SelectStatement};

use super::{
    fault::Fault,
    ir::{JoinId, Value},
    live::live,
    resolver::Resolver,
    term::{BASE, Copy, Writer, subquery},
};
use crate::limits::{SORT_ENTRY_MAX_CHARS, SORT_MAX_ENTRIES};

/// One entry of a sort.
#[derive(Clone, Debug)]
pub struct SortKey {
    /// Whether the largest comes first.
    pub descending: bool,
    /// By what.
    pub by: SortBy,
}

/// What an entry sorts by.
#[derive(Clone, Debug)]
pub enum SortBy {
    /// A new order every time.
    Random,
    /// The order of insertion.
    Insertion,
    /// A value.
    Value(Value),
}

impl Resolver<'_> {
    /// The entries of a sort.
    pub fn sort(&mut self, text: &str) -> Result<Vec<SortKey>, Fault> {
        let entries: Vec<&str> = text.split(',').map(str::trim).collect();
        if entries.len() > SORT_MAX_ENTRIES {
            return Err(Fault::whole(format!("more than {SORT_MAX_ENTRIES} sort entries")));
        }
        entries.into_iter().map(|entry| self.sort_key(entry)).collect()
    }

    fn sort_key(&mut self, entry: &str) -> Result<SortKey, Fault> {
        if entry.chars().count() > SORT_ENTRY_MAX_CHARS {
            return Err(Fault::whole(format!("a sort entry is longer than {SORT_ENTRY_MAX_CHARS} characters")));
        }
        let (descending, name) = match entry.strip_prefix('-') {
            Some(name) => (true, name),
            None => (false, entry.strip_prefix('+').unwrap_or(entry)),
        };
        let by = match name {
            "@random" => SortBy::Random,
            "@rowid" if self.base.collection.is_view() => {
                return Err(Fault::whole("a view has no @rowid"));
            }
            "@rowid" => SortBy::Insertion,
            name => {
                let is_name =
                    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b':' | b'@'));
                if !is_name || name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
                    return Err(Fault::whole(format!("invalid sort field {name:?}")));
                }
                match self.path(name) {
                    Ok(value @ Value::Asked(_)) => SortBy::Value(value),
                    Ok(Value::Known(_)) => return Err(Fault::whole(format!("sort field {name:?} is no field"))),
                    Err(fault) => return Err(Fault::whole(format!("invalid sort field {name:?} - {fault}"))),
                }
            }
        };
        Ok(SortKey { descending, by })
    }
}

impl Writer<'_> {
    /// Adds ORDER BY entries.
    pub fn order(&mut self, select: &mut SelectStatement, keys: &[SortKey]) {
        for key in keys {
            let order = if key.descending { Order::Desc } else { Order::Asc };
            let by = match &key.by {
                SortBy::Random => Some(self.dialect.random()),
                SortBy::Insertion => self.dialect.insertion_order(BASE),
                // the same for every row: it orders nothing
                SortBy::Value(Value::Known(_)) => None,
                SortBy::Value(Value::Asked(operand)) => Some(self.order_by(operand, key.descending)),
            };
            if let Some(by) = by {
                select.order_by_expr(by, order);
            }
        }
    }

    /// Of several values the first in the order asked for; an email that this caller may not see sorts as NULL.
    fn order_by(&mut self, operand: &super::ir::Operand, descending: bool) -> Expr {
        let mut joins: Vec<JoinId> = Vec::new();
        let scope = self.scope;
        operand.term.joins(&mut |join| scope.with_parents(join, &mut joins));
        let mut value = self.term(&operand.term, Copy::Left);
        let may_see = operand.gates.iter().chain(&operand.walls);
        for gate in may_see {
            let gate = live(gate, scope, self.values, &mut Vec::new());
            let gate = self.condition(&gate, &joins, Copy::Left);
            value = CaseStatement::new().case(gate, value).into();
        }
        if joins.is_empty() {
            return value;
        }
        let extreme = if descending { Func::max(value) } else { Func::min(value) };
        let mut rows = self.rows(&joins, &|_| true, Copy::Left);
        rows.clear_selects().expr(extreme);
        subquery(rows)
    }
}
