//! Collections: list, view, create, update, delete, truncate and import them; each change is one transaction.

pub mod by_key;
pub(super) mod change;
mod import;
mod list;
mod remove;
pub(super) mod rules;
mod save;
mod scaffolds;
pub(crate) mod shown;
pub(crate) mod stored;
mod system;
#[cfg(test)]
mod tests;
mod truncate;

pub(super) use self::save::relabel_limits;
pub use self::{
    import::import,
    list::{list, view},
    remove::delete,
    save::{create, update},
    scaffolds::scaffolds,
    system::{ensure_system, load},
    truncate::truncate,
};
