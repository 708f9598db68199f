//! `App`: the one value that knows everything that is open; cheap to clone.

mod clause;
mod records;
mod shape;
mod tx;
mod wire;

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use arc_swap::ArcSwap;
use tokio::sync::{Mutex, MutexGuard};

pub(super) use self::records::Place;
pub use self::{
    clause::{ExpandOf, FilterOf, SortOf},
    records::{Page, Records, RecordsAs},
    shape::{Data, Shape},
    tx::Tx,
    wire::Wire,
};
use super::{
    auth::AuthCache,
    collections,
    events::{self, Hooks},
    files,
    migrations::MigrationOptions,
    records::Layouts,
    settings::{self, Settings},
    typed,
};
pub use crate::store::is_taken;
use crate::{
    Error, Result,
    query::Planner,
    schema::{Collection, Schema},
    store::{DatabaseConnection, Store, StoreOptions},
};

/// Where an app lives, and how.
#[derive(Clone, Debug)]
pub struct AppOptions {
    /// The data folder; created when missing.
    pub dir: PathBuf,
    /// Whether to keep other servers off the folder while it is open.
    pub exclusive: bool,
    /// Whether every commit waits for the disk (`synchronous=FULL`); without it a power cut may take the last moments, a crash does not.
    pub synchronous_full: bool,
    /// What is done about migrations by itself.
    pub migrations: MigrationOptions,
}

impl AppOptions {
    /// Shared and with SQLite's normal durability.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), exclusive: false, synchronous_full: false, migrations: MigrationOptions::default() }
    }
}

/// Everything that is open. Clones share it.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    options: AppOptions,
    store: Store,
    schema: ArcSwap<Schema>,
    schema_lock: Mutex<()>,
    settings: ArcSwap<Settings>,
    planner: Planner,
    layouts: Layouts,
    hooks: Hooks,
    auth_cache: AuthCache,
    closed: AtomicBool,
}

impl App {
    /// Opens the data folder: system tables, settings, collections.
    ///
    /// # Errors
    /// `Conflict`: another server has the folder. `Internal`: the database cannot be opened or is damaged.
    pub async fn open(options: AppOptions) -> Result<Self> {
        let store = Store::open(StoreOptions {
            dir: options.dir.clone(),
            exclusive: options.exclusive,
            synchronous_full: options.synchronous_full,
        })
        .await?;
        if options.exclusive {
            // Nobody else is uploading: what lies there was left by a crash.
            files::prepare(&options.dir)?;
        }
        let settings = settings::load(&store).await?;
        let schema = collections::load(&store).await?;
        let app = Self {
            inner: Arc::new(Inner {
                planner: Planner::new(store.dialect()),
                options,
                store,
                schema: ArcSwap::from_pointee(schema),
                schema_lock: Mutex::new(()),
                settings: ArcSwap::from_pointee(settings),
                layouts: Layouts::default(),
                hooks: Hooks::default(),
                auth_cache: AuthCache::default(),
                closed: AtomicBool::new(false),
            }),
        };
        collections::ensure_system(&app).await?;
        app.follow_foreign_changes();
        Ok(app)
    }

    /// Where it lives.
    pub fn options(&self) -> &AppOptions {
        &self.inner.options
    }

    /// The database and its connections.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// SeaORM's connection to the same database, for queries of your own.
    ///
    /// What it writes runs past rules, checks and hooks, and waits its turn behind the app's own writes: inside a transaction or a
    /// `within` hook, which hold the only writer, write through that instead.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> bakend::Result<()> {
    /// # let folder = tempfile::tempdir().map_err(bakend::Error::internal)?;
    /// # let app = bakend::App::open(bakend::AppOptions::new(folder.path())).await?;
    /// use bakend::sea_orm::{ConnectionTrait, Statement};
    /// let count = Statement::from_string(app.db().get_database_backend(), "SELECT count(*) AS n FROM users");
    /// let row = app.db().query_one_raw(count).await?;
    /// assert_eq!(row.and_then(|row| row.try_get::<i64>("", "n").ok()), Some(0));
    /// # app.close().await;
    /// # Ok(()) }
    /// ```
    pub fn db(&self) -> &DatabaseConnection {
        self.inner.store.orm()
    }

    /// All collections, as of now.
    pub fn schema(&self) -> Arc<Schema> {
        self.inner.schema.load_full()
    }

    /// The settings, as of now.
    pub fn settings(&self) -> Arc<Settings> {
        self.inner.settings.load_full()
    }

    /// Records of a collection by its name or id.
    pub fn records(&self, collection: &str) -> Records {
        self.place().records(collection)
    }

    /// Records of a typed collection.
    pub fn records_of<T: typed::Collection>(&self) -> Records<T> {
        self.place().records_of()
    }

    fn place(&self) -> Place {
        Place { app: self.clone(), db: self.store().db(), deferred: None }
    }

    /// Changes some of the settings: `app.change_settings(json!({"meta": {"appName": "Shop"}}))`; see [`settings`](Self::settings).
    ///
    /// # Errors
    /// `Invalid`: it is not an object, a value has the wrong type, or (with field errors) is refused.
    pub async fn change_settings(&self, patch: serde_json::Value) -> Result<()> {
        let serde_json::Value::Object(patch) = patch else {
            return Err(Error::invalid("Settings are changed with a JSON object."));
        };
        settings::update(self, patch).await.map(drop)
    }

    /// Where hooks are added.
    pub fn hooks(&self) -> &Hooks {
        &self.inner.hooks
    }

    /// Makes statements.
    pub fn planner(&self) -> &Planner {
        &self.inner.planner
    }

    pub(crate) fn layouts(&self) -> &Layouts {
        &self.inner.layouts
    }

    pub(crate) fn auth_cache(&self) -> &AuthCache {
        &self.inner.auth_cache
    }

    /// Held while collections change: one change at a time.
    pub(crate) async fn schema_lock(&self) -> MutexGuard<'_, ()> {
        self.inner.schema_lock.lock().await
    }

    /// Puts a new snapshot in place, after the commit that made it true.
    pub(crate) fn set_schema(&self, schema: Schema) {
        self.inner.schema.store(Arc::new(schema));
        self.inner.auth_cache.clear();
    }

    /// Puts new settings in place, after the commit that made them true.
    pub(crate) fn set_settings(&self, settings: Settings) {
        self.inner.settings.store(Arc::new(settings));
    }

    /// Forgets what is cached of a record, after the commit that changed it.
    pub(crate) fn record_changed(&self, collection: &Collection, id: &str) {
        if collection.is_auth() {
            self.inner.auth_cache.invalidate(&collection.id, id);
        }
    }

    /// Lets the `stop` hooks have their say, finishes waiting writes and closes the database. Closing again does nothing.
    pub async fn close(&self) {
        if self.inner.closed.swap(true, Ordering::Relaxed) {
            return;
        }
        if self.hooks().hear_the_end() {
            events::stopping(self).await;
        }
        self.inner.store.close().await;
    }

    /// Another process may have changed accounts, collections or settings: what is cached of them is read again.
    fn follow_foreign_changes(&self) {
        let mut changes = self.inner.store.foreign_changes();
        let app = Arc::downgrade(&self.inner);
        tokio::spawn(async move {
            while changes.changed().await.is_ok() {
                let Some(inner) = app.upgrade() else { return };
                let app = Self { inner };
                app.inner.auth_cache.clear();
                if let Err(error) = app.reload().await {
                    tracing::error!(?error, "a change made by another process could not be read");
                }
            }
        });
    }

    async fn reload(&self) -> Result<()> {
        let _lock = self.schema_lock().await;
        let stored = collections::load(&self.inner.store).await?;
        let known = self.schema();
        if stored.collections() != known.collections() {
            let next = Schema::new(known.version + 1, stored.collections().to_vec());
            self.set_schema(next);
        }
        self.set_settings(settings::load(&self.inner.store).await?);
        Ok(())
    }
}
