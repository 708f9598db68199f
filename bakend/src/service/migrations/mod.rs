//! Migrations: how the collections of one environment become those of another.
//!
//! A migration is a file of [`step`]s in a [`Folder`]: changes made through the API are [`record`]ed there, [`up`] applies what a database
//! does not have behind it yet, [`down`] undoes it. Collections that code describes are [`reconcile`]d with the database at start.

mod author;
mod catch_up;
pub mod compare;
pub mod describe;
pub mod diff;
pub mod file;
mod folder;
mod make;
pub mod name;
mod patch;
mod plan;
mod reconcile;
pub(super) mod record;
mod replay;
mod run;
mod status;
pub mod step;
pub mod system;
#[cfg(test)]
mod tests;
mod wanted;

/// A migrator of sea-orm-migration, for tables of a program's own.
pub use crate::store::Migrations as OrmMigrations;

pub use self::{
    author::{Authored, Language, accept, create, difference, forget, snapshot},
    catch_up::{MigrationOptions, catch_up},
    folder::{Folder, MigrationFile},
    reconcile::{Found, Losses, differences, reconcile},
    record::write_missing,
    replay::Ahead,
    run::{down, up},
    status::{FileState, FileStatus, Status, files, status},
    system::{SystemStep, steps as system_steps},
};
