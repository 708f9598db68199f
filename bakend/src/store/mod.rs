//! The database, and the only floor that talks to it. `sqlite/` is all that knows SQLite.
//!
//! [`Store::open`] opens a data folder. [`Db::read`] and [`Db::write`] run closures on a connection; statements come from the query
//! floor or from [`records`] (rows), [`tables`] (DDL) and [`system`] (what bakend keeps about itself).

pub mod changelog;
mod conn;
mod db;
pub mod entity;
mod error;
pub mod explain;
pub mod files;
pub mod inspect;
mod lock;
pub mod mail;
mod migrate;
mod orm;
pub(crate) mod outbound;
pub mod pocketbase;
pub mod records;
pub(crate) mod sqlite;
pub mod system;
pub mod tables;
#[cfg(test)]
mod testing;
mod vault;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

pub use sea_orm::DatabaseConnection;
pub use sea_orm_migration::MigratorTrait;
use tokio::sync::watch;

pub use conn::{Conn, Row};
pub use db::{Db, Tx};
pub use error::{
    DISK_FULL_MESSAGE, DatabaseError, FOREIGN_KEY_MESSAGE, TOO_SLOW_MESSAGE, database_error, is_foreign_key, reason,
};
use lock::FolderLock;
pub use lock::is_taken;
pub use migrate::Migrations;
pub use orm::OrmTx;
use sqlite::Engine;
pub use sqlite::dialect as sqlite_dialect;
pub use system::Step;
pub use vault::SecretKey;
use vault::Vault;

use crate::{Error, Result, query::Dialect};

/// The database file's name in the data folder.
pub const DATABASE_FILE: &str = "bak.db";

/// The steps of the system tables that a data folder has behind it and before it; nothing is done or created.
///
/// # Errors
/// `Internal`: the folder's database cannot be read.
pub fn migration_steps(dir: &Path) -> Result<Vec<Step>> {
    match sqlite::peek(dir.join(DATABASE_FILE), |conn| system::migrations::steps(Some(conn)))? {
        Some(steps) => Ok(steps),
        None => system::migrations::steps(None),
    }
}

/// Reads the database of a data folder without opening the folder; `None`: it has none yet.
///
/// # Errors
/// `Internal`: the folder's database cannot be read; or what `read` returns.
pub fn peek<T>(dir: &Path, read: impl FnOnce(&Conn<'_>) -> Result<T>) -> Result<Option<T>> {
    sqlite::peek(dir.join(DATABASE_FILE), read)
}

/// Where the database is and how careful it is.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// The data folder; created when missing. The database is its file [`DATABASE_FILE`].
    pub dir: PathBuf,
    /// Whether a commit waits for the disk. Off: a power cut may take the last moments (a crash of the process does not).
    pub synchronous_full: bool,
    /// Whether this is the folder's server: a second one is refused.
    pub exclusive: bool,
    /// What secrets are encrypted with; `None`: they are not.
    pub encryption_key: Option<SecretKey>,
}

impl StoreOptions {
    /// A folder with the defaults: not waiting for the disk, not exclusive.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), synchronous_full: false, exclusive: false, encryption_key: None }
    }
}

/// An open database. Clones share it; it closes when the last one is dropped.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    engine: Arc<Engine>,
    orm: DatabaseConnection,
    memory: DatabaseConnection,
    dir: PathBuf,
    lock: Mutex<Option<FolderLock>>,
    key: Option<SecretKey>,
}

impl Store {
    /// Opens the database of a folder, after creating folder, file and system tables where they are missing.
    ///
    /// # Errors
    /// - `Conflict`: `exclusive`, and another server runs on this folder.
    /// - `Invalid`: its secrets are encrypted, and the key is missing or another one.
    /// - `Internal`: the folder or its files cannot be used; the message names them.
    pub async fn open(options: StoreOptions) -> Result<Self> {
        let dir = options.dir;
        std::fs::create_dir_all(&dir).map_err(|error| {
            Error::internal(error).message_set(format!("The data folder {} cannot be created.", dir.display()))
        })?;
        let lock = if options.exclusive { Some(FolderLock::take(&dir)?) } else { None };
        let path = dir.join(DATABASE_FILE);
        let orm = orm::connect(&path, options.synchronous_full);
        let key = options.encryption_key;
        let engine = Engine::open(path, options.synchronous_full, Vault::new(key.as_ref()), &orm).await?;
        let engine = Arc::new(engine);
        if vault::unlock(&Db::new(Arc::clone(&engine)), key.as_ref()).await? {
            vault::forget_traces(&orm).await?;
        }
        Ok(Self { inner: Arc::new(Inner { engine, orm, memory: orm::memory(), dir, lock: Mutex::new(lock), key }) })
    }

    /// The database, outside a transaction.
    pub fn db(&self) -> Db {
        Db::new(Arc::clone(&self.inner.engine))
    }

    /// SeaORM's own connection to the same database. It writes beside the store's writer: keep its transactions short.
    pub fn orm(&self) -> &DatabaseConnection {
        &self.inner.orm
    }

    /// SeaORM's way into an open transaction, which `db` is.
    pub(crate) fn orm_in(&self, db: &Db) -> OrmTx {
        OrmTx::new(db.clone(), self.inner.memory.clone())
    }

    /// The database's spelling of SQL.
    pub fn dialect(&self) -> &'static dyn Dialect {
        sqlite::dialect()
    }

    /// The data folder.
    pub fn dir(&self) -> &Path {
        &self.inner.dir
    }

    /// Encrypts the secrets with another key, or not at all. This store must be the only one on the folder, and is to be closed then.
    ///
    /// # Errors
    /// Those of the database; nothing has changed then.
    pub async fn change_key(&self, new: Option<SecretKey>) -> Result<()> {
        vault::change_key(&self.db(), self.inner.key.clone(), new).await?;
        vault::forget_traces(&self.inner.orm).await
    }

    /// Makes this the folder's server.
    ///
    /// # Errors
    /// `Conflict`: another server runs on this folder.
    pub fn lock_exclusive(&self) -> Result<()> {
        let mut lock = self.inner.lock.lock().unwrap_or_else(PoisonError::into_inner);
        if lock.is_none() {
            *lock = Some(FolderLock::take(&self.inner.dir)?);
        }
        Ok(())
    }

    /// Grows when a connection that is not this store's own (another process, or [`orm`](Self::orm)) changed the database; seen within
    /// [`FOREIGN_CHANGE_POLL`](crate::limits::FOREIGN_CHANGE_POLL).
    pub fn foreign_changes(&self) -> watch::Receiver<u64> {
        self.inner.engine.foreign_changes()
    }

    /// Grows when this store's writer may have committed something.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.inner.engine.commits()
    }

    /// Whether it was closed.
    pub fn is_closed(&self) -> bool {
        self.inner.engine.is_closed()
    }

    /// Finishes the waiting writes and closes; afterwards everything answers with an error.
    pub async fn close(&self) {
        for connection in [&self.inner.orm, &self.inner.memory] {
            if let Err(error) = connection.close_by_ref().await {
                tracing::warn!(%error, "closing SeaORM's connection failed");
            }
        }
        self.inner.engine.close().await;
        self.inner.lock.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}
