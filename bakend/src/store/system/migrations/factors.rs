//! The step that brings `_passkeys` and `_totp`.

use sea_orm_migration::{async_trait, prelude::*};

use crate::store::system::{passkeys, totp};

/// `_passkeys` and `_totp`.
pub(super) struct CreateFactorTables;

impl MigrationName for CreateFactorTables {
    fn name(&self) -> &str {
        "000004_factor_tables"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateFactorTables {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> std::result::Result<(), DbErr> {
        use passkeys::Column as P;
        let mut table = Table::create();
        table
            .table(passkeys::Entity)
            .col(ColumnDef::new(P::Id).text().not_null().primary_key())
            .col(ColumnDef::new(P::Credential).text().not_null().unique_key());
        for text in [P::Collection, P::Record, P::Name, P::Key, P::Created, P::LastUsed] {
            table.col(ColumnDef::new(text).text().not_null());
        }
        manager.create_table(table).await?;
        let mut owner = Index::create();
        owner.name("_passkeys_owner").table(passkeys::Entity).col(P::Collection).col(P::Record);
        manager.create_index(owner).await?;

        use totp::Column as T;
        let mut table = Table::create();
        table.table(totp::Entity).col(ColumnDef::new(T::Id).text().not_null().primary_key());
        for text in [T::Collection, T::Record, T::Secret, T::Confirmed] {
            table.col(ColumnDef::new(text).text().not_null());
        }
        table.col(ColumnDef::new(T::LastStep).big_integer().not_null());
        for text in [T::Recovery, T::Created, T::LastUsed] {
            table.col(ColumnDef::new(text).text().not_null());
        }
        manager.create_table(table).await?;
        let mut owner = Index::create();
        owner.name("_totp_owner").table(totp::Entity).col(T::Collection).col(T::Record).unique();
        manager.create_index(owner).await
    }
}
