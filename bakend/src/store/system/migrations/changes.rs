//! The step that makes the changelog.

use sea_orm_migration::{async_trait, prelude::*};

use crate::store::system::changes::{Column as C, Entity};

/// `_changes`
pub(super) struct CreateChangelog;

impl MigrationName for CreateChangelog {
    fn name(&self) -> &str {
        "000003_changelog"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateChangelog {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> std::result::Result<(), DbErr> {
        let mut table = Table::create();
        table
            .table(Entity)
            // The row's own number, and no AUTOINCREMENT: the newest entry always stays, so that no number comes twice.
            .col(ColumnDef::new(C::Seq).integer().not_null().primary_key())
            .col(ColumnDef::new(C::Collection).text().not_null())
            .col(ColumnDef::new(C::Record).text().not_null())
            .col(ColumnDef::new(C::Action).integer().not_null())
            .col(ColumnDef::new(C::Old).text())
            .col(ColumnDef::new(C::At).integer().not_null());
        manager.create_table(table).await
    }
}
