//! The step that brings `_sessions` and `_api_keys`.

use sea_orm_migration::{async_trait, prelude::*};

use crate::store::system::{api_keys, sessions};

/// `_sessions` and `_api_keys`.
pub(super) struct CreateAccessTables;

impl MigrationName for CreateAccessTables {
    fn name(&self) -> &str {
        "000002_access_tables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateAccessTables {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> std::result::Result<(), DbErr> {
        use sessions::Column as S;
        let mut table = Table::create();
        table.table(sessions::Entity).col(ColumnDef::new(S::Id).text().not_null().primary_key());
        for text in [S::Collection, S::Record, S::Method, S::Ip, S::UserAgent] {
            table.col(ColumnDef::new(text).text().not_null());
        }
        table.col(ColumnDef::new(S::Refreshable).boolean().not_null());
        for moment in [S::Created, S::LastUsed, S::Expires] {
            table.col(ColumnDef::new(moment).text().not_null());
        }
        manager.create_table(table).await?;
        let mut owner = Index::create();
        owner.name("_sessions_owner").table(sessions::Entity).col(S::Collection).col(S::Record).col(S::Created);
        manager.create_index(owner).await?;
        let mut end = Index::create();
        end.name("_sessions_expires").table(sessions::Entity).col(S::Expires);
        manager.create_index(end).await?;

        use api_keys::Column as K;
        let mut table = Table::create();
        table
            .table(api_keys::Entity)
            .col(ColumnDef::new(K::Id).text().not_null().primary_key())
            .col(ColumnDef::new(K::Name).text().not_null())
            .col(ColumnDef::new(K::Prefix).text().not_null())
            .col(ColumnDef::new(K::Hash).text().not_null().unique_key());
        let rest = [
            K::Collection,
            K::Record,
            K::MakerCollection,
            K::Maker,
            K::Scopes,
            K::Created,
            K::Updated,
            K::LastUsed,
            K::Expires,
        ];
        for text in rest {
            table.col(ColumnDef::new(text).text().not_null());
        }
        manager.create_table(table).await?;
        let mut owner = Index::create();
        owner.name("_api_keys_owner").table(api_keys::Entity).col(K::Collection).col(K::Record).col(K::Created);
        manager.create_index(owner).await
    }
}
