//! Which steps of the system tables a data folder has behind it.

use std::path::Path;

pub use crate::store::Step as SystemStep;
use crate::{Result, store};

/// All steps in order, without doing any; for a folder that has no database yet none is done.
///
/// # Errors
/// `Internal`: the database cannot be read.
pub fn steps(dir: &Path) -> Result<Vec<SystemStep>> {
    store::migration_steps(dir)
}
