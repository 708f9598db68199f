//! The step that makes the tables of files and of uploads in pieces.

use sea_orm_migration::{async_trait, prelude::*};

use crate::store::system::{files, uploads};

/// `_files` and `_uploads`.
pub(super) struct CreateFileTables;

impl MigrationName for CreateFileTables {
    fn name(&self) -> &str {
        "000006_file_tables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateFileTables {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> std::result::Result<(), DbErr> {
        use files::Column as F;
        let mut table = Table::create();
        table.table(files::Entity).col(ColumnDef::new(F::Size).big_integer().not_null());
        use F::{Collection, Created, Field, Kind, Name, Original, Place, Record, Staged, State};
        for text in [Collection, Record, Name, Field, State, Place, Staged, Kind, Original, Created] {
            table.col(ColumnDef::new(text).text().not_null());
        }
        table.primary_key(Index::create().col(Collection).col(Record).col(Name));
        manager.create_table(table).await?;
        manager.create_index(Index::create().name("_files_name").table(files::Entity).col(Name).take()).await?;
        // Almost all files are stored: only the others are worth an entry. A condition is beyond the builder; both databases read this.
        let moving =
            r#"CREATE INDEX "_files_moving" ON "_files" ("state") WHERE "state" IN ('staged', 'moved', 'gone')"#;
        manager.get_connection().execute_unprepared(moving).await?;

        use uploads::Column as U;
        let mut table = Table::create();
        table.table(uploads::Entity).col(ColumnDef::new(U::Id).text().not_null().primary_key());
        table.col(ColumnDef::new(U::Length).big_integer().not_null());
        for text in
            [U::OwnerCollection, U::OwnerRecord, U::Collection, U::Field, U::Name, U::Metadata, U::Created, U::Expires]
        {
            table.col(ColumnDef::new(text).text().not_null());
        }
        manager.create_table(table).await
    }
}
