//! Migrations: how the collections of one environment become those of another.
//!
//! **Files.** A migration is a file of [`step`]s in a [`Folder`], named by the moment it was made: JSON about collections, or SQL by hand.
//! [`up`] applies those that a database does not have behind it yet, each in one transaction; [`down`] undoes the last ones. Every step
//! names what it starts from: a collection that is already as the step makes it stays, one that is neither is a conflict, told with the
//! place, and nothing is changed. Ids are part of the files, so that environments agree on them; secrets are not.
//!
//! **Development.** Where [`MigrationOptions::write`] says so (`bak start` does when the folder exists; `--write-migrations`), a change made
//! through the API is noted in its own transaction and written after the commit, so that a crash between the two loses nothing: the next start, or
//! [`difference`], writes what is missing. [`status`](status()) tells where files and database say different things, also what was changed
//! without a migration; [`difference`] and [`snapshot`] write it down, [`accept`] and [`forget`] settle the rest.
//!
//! **Production.** Every start applies what is still to come before it serves (`--apply-migrations off` leaves that to `bak migrate up`).
//!
//! **Code.** Collections that code describes are [`reconcile`]d with the database: what only adds is done, what would take something from a
//! record stops the start. [`difference`] writes that as a migration to be reviewed; applying it is the consent. In a new environment the code
//! creates its collections first, as they are now, and the older migrations of the code leave them alone.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")] async fn main() -> bakend::Result<()> {
//! # let root = tempfile::tempdir().map_err(bakend::Error::internal)?;
//! # let root = root.path();
//! use bakend::{App, AppOptions, serde_json::{Value, json}, service::{collections, migrations::{self, Folder, MigrationOptions}}};
//!
//! let folder = Folder::new(root.join("migrations"));
//! let write = MigrationOptions { write: Some(folder.clone()), ..MigrationOptions::default() };
//! let dev = App::open(AppOptions { migrations: write, ..AppOptions::new(root.join("dev")) }).await?;
//! let Value::Object(posts) = json!({ "name": "posts", "fields": [{ "name": "title", "type": "text" }] }) else { return Ok(()) };
//! collections::create(&dev, posts).await?;
//!
//! let prod = App::open(AppOptions::new(root.join("prod"))).await?;
//! migrations::up(&prod, &folder, usize::MAX, |name| println!("applied {name}")).await?;
//! assert!(prod.schema().find("posts").is_some());
//! # dev.close().await;
//! # prod.close().await;
//! # Ok(()) }
//! ```

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
    catch_up::{MigrationOptions, apply_files, catch_up},
    folder::{Folder, MigrationFile},
    reconcile::{Found, Losses, differences, reconcile},
    record::write_missing,
    replay::Ahead,
    run::{down, up},
    status::{FileState, FileStatus, Status, files, status},
    system::{SystemStep, steps as system_steps},
};
