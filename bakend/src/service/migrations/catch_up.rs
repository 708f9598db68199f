//! What is done about migrations when a program starts.

use std::collections::HashSet;

use super::{
    FileState, Folder, Losses, OrmMigrations, files,
    reconcile::{self, Found, create_missing, reconcile},
    record::write_missing,
    run::up_around,
};
use crate::{
    Result,
    service::{App, typed::Definition},
};

/// What an app does about migrations by itself; by default nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MigrationOptions {
    /// Whose migrations are applied when the program starts; `None`: none.
    pub apply: Option<Folder>,
    /// Where changes of the collections made through the API are written as migrations; `None`: nowhere.
    pub write: Option<Folder>,
}

/// Brings a database to where the program that opened it wants it: first the migration files that are still to come, then the collections of
/// the code, then the migrators of its own tables.
///
/// # Errors
/// As of [`up`](super::up) and [`reconcile`]; what was done before the failure stays done.
pub async fn catch_up(app: &App, definitions: &[Definition], own: &[OrmMigrations], losses: Losses) -> Result<()> {
    let options = app.options().migrations.clone();
    if let Some(folder) = &options.write {
        write_missing(app, folder).await?;
    }
    if let Some(folder) = &options.apply {
        warn(app, folder).await?;
        apply_files(app, folder, definitions, |name| tracing::info!(name, "applied the migration")).await?;
    }
    for found in reconcile(app, definitions, losses).await? {
        let Found { difference, .. } = found;
        tracing::info!(sign = ?difference.line.sign, change = difference.line.text, "the code changed a collection");
    }
    for migrations in own {
        migrations.run(app.store()).await?;
    }
    Ok(())
}

/// Applies all files that are still to come, in a program whose code describes collections: those that are missing are created first,
/// because files may point at them. `each` hears the name of each file that is done.
///
/// # Errors
/// As of [`up`](super::up).
pub async fn apply_files(app: &App, folder: &Folder, definitions: &[Definition], each: impl FnMut(&str)) -> Result<()> {
    let is_pending = files(app, folder).await?.iter().any(|file| file.state == FileState::Pending);
    let mut created = HashSet::new();
    if is_pending && !definitions.is_empty() {
        // They may need what the files make; if not, the comparison after the files tells the same.
        if let Err(error) = create_missing(app, definitions).await {
            tracing::debug!(?error, "the collections of the code come after the migrations");
        }
        created = reconcile::created(app).await?;
    }
    up_around(app, folder, usize::MAX, created, each).await?;
    reconcile::forget_created(app).await
}

/// Tells where files and database say different things.
async fn warn(app: &App, folder: &Folder) -> Result<()> {
    for file in files(app, folder).await? {
        let name = file.name;
        match file.state {
            FileState::Changed => {
                tracing::warn!(
                    name,
                    "the migration was changed after it was applied; `migrate status` says what to do"
                );
            }
            FileState::Missing => {
                tracing::warn!(
                    name,
                    "the migration was applied, and its file is gone; `migrate status` says what to do"
                );
            }
            FileState::Applied | FileState::Pending | FileState::Unwritten => {}
        }
    }
    Ok(())
}
