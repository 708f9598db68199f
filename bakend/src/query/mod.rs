//! Filter and rule text, with the schema, into SQL text and binds. Pure: what runs it is the store.
//!
//! `lexer` → `parser`: text into a tree of words. `resolver` (with `path` and `asked`): words found in the schema, into the
//! conditions of `ir`. `known`, `macros`, `value`: operands whose value is known before the database is asked; `live`: conditions
//! with those folded away. `emit`, `compare`, `term`, `sort`: conditions into expressions (`sets`: EXISTS or IN), with `slot`s for binds. `plan` → `planner`:
//! whole statements, `kept`. `print`: the tree of words as text again. `checked`: what is wrong with a text, and where; `parts`: the texts it
//! consists of. `request`, `grant`: what is known of who asks; `reach`: what a filter
//! looks into.

mod asked;
mod checked;
mod compare;
pub mod dialect;
mod emit;
mod fault;
pub mod grant;
mod ir;
mod kept;
mod known;
mod lexer;
mod live;
mod macros;
mod parser;
pub mod parts;
mod path;
mod plan;
pub mod planner;
mod print;
pub mod reach;
pub mod request;
mod resolver;
mod sets;
mod slot;
mod sort;
pub mod statement;
mod term;
mod value;

pub use checked::{Text, Wrong, wrong_in};
pub use dialect::Dialect;
pub use grant::Grant;
pub use known::JsonStep;
pub use planner::{ListSpec, Planner, Verdict};
pub use request::{Context, RequestInfo};
pub use statement::{Pace, Statement};

pub(crate) use self::{
    lexer::Op,
    parser::{Comparison, Node, Word, WordKind, parse},
};
