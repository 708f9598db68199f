//! Views: from a `SELECT` as its author writes it to fields with types and to what the database is asked to create.

mod dry_run;
mod fields;
mod parse;
mod plan;
mod rename;
mod rewrite;
mod tables;

use std::collections::HashSet;

pub use self::dry_run::dry_run;
pub(crate) use self::{
    fields::MISSING_ID,
    plan::{keep_ids, plan, plan_now, reason},
    rename::renamed,
};

/// The tables and views that a query reads, in lower case; `None` when only the database could tell.
pub(crate) fn sources(query: &str) -> Option<HashSet<String>> {
    parse::parse(query).ok().and_then(|parsed| parsed.sources())
}
