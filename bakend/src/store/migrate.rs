//! The migrations of a program's own: another migrator over the same database.

use std::{future::Future, marker::PhantomData, path::Path, pin::Pin};

use sea_orm_migration::{async_trait, prelude::*};

use super::{
    DatabaseConnection, Step, Store,
    system::migrations::{NOTES_TABLE, noted},
};
use crate::{Error, Result};

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;
type Run = for<'a> fn(&'a DatabaseConnection) -> Answer<'a, ()>;

/// A migrator whose steps can be run.
#[derive(Clone, Copy)]
pub struct Migrations {
    up: Run,
    down: Run,
    names: fn() -> Vec<String>,
    table: fn() -> String,
}

impl Migrations {
    /// Those of a migrator of sea-orm-migration.
    pub fn of<M: MigratorTrait + 'static>() -> Self {
        Self {
            up: |orm| Box::pin(up::<M>(orm)),
            down: |orm| Box::pin(down::<M>(orm)),
            names: || M::migrations().iter().map(|step| step.name().to_owned()).collect(),
            table: || M::migration_table_name().to_string(),
        }
    }

    /// Does the steps that are missing, in order.
    ///
    /// # Errors
    /// - `Invalid`: the migrator notes its steps in a table of ours.
    /// - `Internal`: a step failed, or a step that was done once is not there any more; the source says which.
    pub async fn run(&self, store: &Store) -> Result<()> {
        (self.up)(store.orm()).await
    }

    /// Undoes the last step that was done.
    ///
    /// # Errors
    /// As of [`run`](Self::run).
    pub async fn undo(&self, store: &Store) -> Result<()> {
        (self.down)(store.orm()).await
    }

    /// All steps in order, with those that the database of a data folder notes as done; nothing is changed.
    ///
    /// # Errors
    /// `Internal`: the folder's database cannot be read.
    pub fn steps(&self, dir: &Path) -> Result<Vec<Step>> {
        let table = (self.table)();
        let done = super::peek(dir, |conn| noted(conn, &table))?.unwrap_or_default();
        let step = |name: String| {
            let applied = done.iter().find(|(version, _)| *version == name).map(|(_, moment)| moment.clone());
            Step { name, applied }
        };
        Ok((self.names)().into_iter().map(step).collect())
    }
}

/// A migrator whose steps are one transaction each, unless they say otherwise. SeaORM leaves that out on SQLite: a step that fails halfway
/// would leave its first half behind, and fail over it ever after.
struct Whole<M>(PhantomData<fn() -> M>);

struct WholeStep(Box<dyn MigrationTrait>);

impl<M: MigratorTrait> MigratorTrait for Whole<M> {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        M::migrations().into_iter().map(|step| Box::new(WholeStep(step)) as Box<dyn MigrationTrait>).collect()
    }

    fn migration_table_name() -> DynIden {
        M::migration_table_name()
    }
}

impl MigrationName for WholeStep {
    fn name(&self) -> &str {
        self.0.name()
    }
}

#[async_trait::async_trait]
impl MigrationTrait for WholeStep {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.0.up(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.0.down(manager).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(self.0.use_transaction().unwrap_or(true))
    }
}

/// The name of the migrator's notes; it must not be ours.
fn notes<M: MigratorTrait>() -> Result<String> {
    let notes = M::migration_table_name().to_string();
    if notes == NOTES_TABLE {
        let message = format!(
            "A migrator cannot note its steps in `{NOTES_TABLE}`, which bakend's own does: name another table."
        );
        return Err(Error::invalid(message));
    }
    Ok(notes)
}

async fn up<M: MigratorTrait>(orm: &DatabaseConnection) -> Result<()> {
    let notes = notes::<M>()?;
    Whole::<M>::up(orm, None)
        .await
        .map_err(|error| Error::internal(error).message_set(format!("A migration noted in `{notes}` failed.")))
}

async fn down<M: MigratorTrait>(orm: &DatabaseConnection) -> Result<()> {
    let notes = notes::<M>()?;
    Whole::<M>::down(orm, Some(1)).await.map_err(|error| {
        Error::internal(error).message_set(format!("A migration noted in `{notes}` could not be undone."))
    })
}
