//! `App`: the one value that knows everything that is open; cheap to clone.

use std::{path::PathBuf, sync::Arc};

use arc_swap::ArcSwap;
use tokio::sync::{Mutex, MutexGuard};

use super::{
    auth::AuthCache,
    collections,
    events::Hooks,
    files,
    records::Layouts,
    settings::{self, Settings},
};
use crate::{
    Result,
    query::Planner,
    schema::{Collection, Schema},
    store::{Db, Store, StoreOptions},
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
}

impl AppOptions {
    /// Shared and with SQLite's normal durability.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into(), exclusive: false, synchronous_full: false }
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

    /// The database, outside any transaction.
    pub fn db(&self) -> Db {
        self.inner.store.db()
    }

    /// All collections, as of now.
    pub fn schema(&self) -> Arc<Schema> {
        self.inner.schema.load_full()
    }

    /// The settings, as of now.
    pub fn settings(&self) -> Arc<Settings> {
        self.inner.settings.load_full()
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

    /// Answers nothing new, finishes waiting writes and closes the database.
    pub async fn close(&self) {
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
