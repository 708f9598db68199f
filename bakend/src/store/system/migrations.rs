//! The system tables, step by step.

use sea_orm::DatabaseConnection;
use sea_orm_migration::{async_trait, prelude::*};
use sea_query::SelectStatement;

mod access;
mod changes;
mod factors;
mod files;

use access::CreateAccessTables;
use changes::CreateChangelog;
use factors::CreateFactorTables;
use files::CreateFileTables;

use super::{collections, migration_files, params};
use crate::{
    Error, Result, clock,
    query::Statement,
    schema::Scalar,
    store::{Conn, reason, sqlite},
};

/// Where the migrator notes what it has done.
pub(in crate::store) const NOTES_TABLE: &str = "_migrations";

/// All steps in order. A released one never changes; a change is a new step at the end.
struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(CreateSystemTables),
            Box::new(CreateAccessTables),
            Box::new(CreateMigrationFiles),
            Box::new(CreateChangelog),
            Box::new(CreateFactorTables),
            Box::new(CreateFileTables),
        ]
    }

    fn migration_table_name() -> DynIden {
        Alias::new(NOTES_TABLE).into_iden()
    }
}

/// Whether the last step is noted as done: asked in one statement, because the migrator's own look at things costs milliseconds.
pub(in crate::store) fn up_to_date(conn: &Conn<'_>) -> bool {
    let Some(last) = Migrator::migrations().pop() else { return true };
    let mut query = SelectStatement::new();
    query.expr(Expr::val(1)).from(Alias::new(NOTES_TABLE));
    query.and_where(Expr::col(Alias::new("version")).eq(last.name()));
    let (sql, _) = sqlite::dialect().build(&query);
    // The first start ends in an error here: there is no such table.
    matches!(conn.scalar(&Statement::new(sql, vec![Scalar::Int(1), Scalar::from(last.name())])), Ok(Some(_)))
}

/// One step of the system tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name; names sort in the order of the steps.
    pub name: String,
    /// When it was done, as the wire writes time; `None`: not yet.
    pub applied: Option<String>,
}

/// All steps, with those that a database's notes say are done.
pub(in crate::store) fn steps(conn: Option<&Conn<'_>>) -> Result<Vec<Step>> {
    let done = conn.map_or_else(|| Ok(Vec::new()), |conn| noted(conn, NOTES_TABLE))?;
    let step = |migration: Box<dyn MigrationTrait>| {
        let name = migration.name().to_owned();
        let applied = done.iter().find(|(version, _)| *version == name).map(|(_, moment)| moment.clone());
        Step { name, applied }
    };
    Ok(Migrator::migrations().into_iter().map(step).collect())
}

/// A migrator's notes: names and moments.
pub(in crate::store) fn noted(conn: &Conn<'_>, table: &str) -> Result<Vec<(String, String)>> {
    let mut query = SelectStatement::new();
    query.columns(["version", "applied_at"].map(Alias::new)).from(Alias::new(table));
    let (sql, _) = sqlite::dialect().build(&query);
    let mut notes = Vec::new();
    let outcome = conn.rows_with(&sql, &[], |row| {
        if let (Scalar::Text(name), Scalar::Int(seconds)) = (row.get(0)?.to_owned(), row.get(1)?.to_owned()) {
            let moment = jiff::Timestamp::from_second(seconds).map_err(Error::internal)?;
            notes.push((name, clock::text(moment)));
        }
        Ok(())
    });
    match outcome {
        Ok(_) => Ok(notes),
        // A database before its first step has no notes yet.
        Err(error) if reason(&error).is_some_and(|reason| reason.contains("no such table")) => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// Does the steps that are not done yet, each in a transaction.
pub(in crate::store) async fn run(orm: &DatabaseConnection) -> Result<()> {
    Migrator::up(orm, None).await.map_err(|error| {
        Error::internal(error).message_set("The system tables cannot be brought up to date. The log says why.")
    })
}

/// `_collections` and `_params`.
struct CreateSystemTables;

impl MigrationName for CreateSystemTables {
    fn name(&self) -> &str {
        "000001_system_tables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateSystemTables {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> std::result::Result<(), DbErr> {
        use collections::Column as C;
        let mut table = Table::create();
        table
            .table(collections::Entity)
            .col(ColumnDef::new(C::Id).text().not_null().primary_key())
            .col(ColumnDef::new(C::Position).big_integer().not_null())
            .col(ColumnDef::new(C::Name).text().not_null())
            .col(ColumnDef::new(C::Type).text().not_null())
            .col(ColumnDef::new(C::System).boolean().not_null());
        for json in [C::Fields, C::Indexes, C::Options] {
            table.col(ColumnDef::new(json).text().not_null());
        }
        for rule in [C::ListRule, C::ViewRule, C::CreateRule, C::UpdateRule, C::DeleteRule] {
            table.col(ColumnDef::new(rule).text());
        }
        table.col(ColumnDef::new(C::Created).text().not_null()).col(ColumnDef::new(C::Updated).text().not_null());
        manager.create_table(table).await?;
        // An expression index is beyond the builder; both databases read this.
        let unique = r#"CREATE UNIQUE INDEX "_collections_name" ON "_collections" (lower("name"))"#;
        manager.get_connection().execute_unprepared(unique).await?;

        use params::Column as P;
        let mut table = Table::create();
        table.table(params::Entity).col(ColumnDef::new(P::Id).text().not_null().primary_key());
        for text in [P::Value, P::Created, P::Updated] {
            table.col(ColumnDef::new(text).text().not_null());
        }
        manager.create_table(table).await
    }
}

/// `_migration_files`.
struct CreateMigrationFiles;

impl MigrationName for CreateMigrationFiles {
    fn name(&self) -> &str {
        "000003_migration_files"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateMigrationFiles {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> std::result::Result<(), DbErr> {
        use migration_files::Column as C;
        let mut table = Table::create();
        table
            .table(migration_files::Entity)
            .col(ColumnDef::new(C::Name).text().not_null().primary_key())
            .col(ColumnDef::new(C::Position).big_integer().not_null())
            .col(ColumnDef::new(C::Text).text().not_null())
            .col(ColumnDef::new(C::Undo).text())
            .col(ColumnDef::new(C::Written).boolean().not_null())
            .col(ColumnDef::new(C::Applied).text().not_null());
        manager.create_table(table).await
    }
}
