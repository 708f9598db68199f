//! What bakend keeps about itself: the stored form of the collections, parameters such as the settings, who is signed in, which files
//! records have.

pub mod api_keys;
pub(super) mod changes;
pub mod collections;
pub mod files;
pub mod migration_files;
pub(super) mod migrations;
pub mod params;
pub mod passkeys;
mod rows;
pub mod sessions;
pub mod totp;
pub mod uploads;

pub use collections::StoredCollection;
pub use migration_files::AppliedFile;
pub use migrations::Step;
pub use rows::Owner;

use crate::{Result, store::Conn};

/// Ends what lets somebody be an account without proving it again: its sessions, and the keys it made for itself.
///
/// # Errors
/// `Internal`: the database failed.
pub fn end_sign_ins(conn: &Conn<'_>, collection: &str, record: &str) -> Result<()> {
    sessions::delete_of(conn, &Owner::account(collection, record), None)?;
    api_keys::delete_own(conn, collection, record).map(drop)
}

/// Ends what proves an account beside its password: its passkeys, and its authenticator app.
///
/// # Errors
/// `Internal`: the database failed.
pub fn end_factors(conn: &Conn<'_>, collection: &str, record: &str) -> Result<()> {
    let owner = Owner::account(collection, record);
    passkeys::delete_of(conn, &owner)?;
    totp::delete_of(conn, &owner).map(drop)
}

/// Ends all sessions of the accounts of a collection: its tokens have a new secret.
///
/// # Errors
/// `Internal`: the database failed.
pub fn end_sessions_of(conn: &Conn<'_>, collection: &str) -> Result<()> {
    sessions::delete_of(conn, &Owner::all_of(collection), None).map(drop)
}

/// Forgets an account that is deleted: its sessions, all its keys, its passkeys and its authenticator app.
///
/// # Errors
/// `Internal`: the database failed.
pub fn forget_account(conn: &Conn<'_>, collection: &str, record: &str) -> Result<()> {
    forget(conn, &Owner::account(collection, record))
}

/// Forgets all accounts of a collection that is deleted.
///
/// # Errors
/// `Internal`: the database failed.
pub fn forget_collection(conn: &Conn<'_>, collection: &str) -> Result<()> {
    forget(conn, &Owner::all_of(collection))
}

fn forget(conn: &Conn<'_>, owner: &Owner) -> Result<()> {
    sessions::delete_of(conn, owner, None)?;
    passkeys::delete_of(conn, owner)?;
    totp::delete_of(conn, owner)?;
    api_keys::delete_of(conn, owner).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        query::Pace,
        store::{
            Store, StoreOptions,
            testing::{lines, store},
        },
    };

    fn stored(id: &str, name: &str) -> StoredCollection {
        StoredCollection {
            id: id.to_owned(),
            name: name.to_owned(),
            kind: "base".to_owned(),
            fields: "[]".to_owned(),
            indexes: "[]".to_owned(),
            options: "{}".to_owned(),
            list_rule: Some(String::new()),
            ..StoredCollection::default()
        }
    }

    #[tokio::test]
    async fn collections_are_loaded_in_the_order_they_were_created() {
        let test = store().await;
        let db = test.store.db();
        let names = ["zeta", "alpha", "mid"];
        db.write(move |conn| names.iter().try_for_each(|name| collections::save(conn, &stored(name, name))))
            .await
            .unwrap();
        let changed =
            StoredCollection { system: true, view_rule: Some("x = 1".to_owned()), ..stored("zeta", "Renamed") };
        let saved = changed.clone();
        db.write(move |conn| collections::save(conn, &saved)).await.unwrap();
        let pace = Pace::default();
        let load = || db.read(&pace, collections::load);
        assert_eq!(load().await.unwrap(), [changed, stored("alpha", "alpha"), stored("mid", "mid")]);
        let taken = db.write(|conn| collections::save(conn, &stored("other", "ALPHA"))).await;
        taken.expect_err("names are unique without regard to case");
        assert!(db.write(|conn| collections::delete(conn, "alpha")).await.unwrap());
        assert!(!db.write(|conn| collections::delete(conn, "alpha")).await.unwrap());
        assert_eq!(load().await.unwrap().len(), 2);
    }

    #[tokio::test]
    async fn a_param_is_saved_over_itself() {
        let test = store().await;
        let db = test.store.db();
        for json in ["{}", "{\"a\":1}"] {
            db.write(move |conn| params::save(conn, "settings", json)).await.unwrap();
            let found = db.read(&Pace::default(), |conn| params::load(conn, "settings")).await.unwrap();
            assert_eq!(found.as_deref(), Some(json));
        }
        assert_eq!(lines(&db, "SELECT count(*) FROM _params").await, ["1"]);
        assert!(db.write(|conn| params::delete(conn, "settings")).await.unwrap());
        assert_eq!(db.read(&Pace::default(), |conn| params::load(conn, "settings")).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_second_start_finds_the_tables_up_to_date_and_the_orm_reads_them() {
        use sea_orm::EntityTrait as _;
        let test = store().await;
        test.store.db().write(|conn| params::save(conn, "a", "1")).await.unwrap();
        let models = params::Entity::find().all(test.store.orm()).await.unwrap();
        assert_eq!(models[0].value, "1");
        test.store.close().await;
        let again = Store::open(StoreOptions::new(test.dir.path())).await.unwrap();
        assert_eq!(again.orm().get_sqlite_connection_pool().size(), 0, "the migrator was not asked");
        let steps = migrations::steps(None).unwrap().len().to_string();
        assert_eq!(lines(&again.db(), "SELECT count(*) FROM _migrations").await, [steps]);
    }
}
