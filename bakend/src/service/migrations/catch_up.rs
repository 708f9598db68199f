//! What is done about migrations when a program starts.

use super::{
    FileState, Folder, Losses, OrmMigrations, files,
    reconcile::{Found, reconcile},
    record::write_missing,
    run::up,
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
/// As of [`up`] and [`reconcile`]; what was done before the failure stays done.
pub async fn catch_up(app: &App, definitions: &[Definition], own: &[OrmMigrations], losses: Losses) -> Result<()> {
    let options = app.options().migrations.clone();
    if let Some(folder) = &options.write {
        write_missing(app, folder).await?;
    }
    if let Some(folder) = &options.apply {
        warn(app, folder).await?;
        up(app, folder, usize::MAX, |name| tracing::info!(name, "applied the migration")).await?;
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
