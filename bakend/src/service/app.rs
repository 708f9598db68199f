//! `App`: the one value that knows everything that is open; cheap to clone.

mod clause;
mod records;
mod shape;
mod tx;
mod wire;

use std::{
    path::PathBuf,
    sync::{
        Arc, OnceLock, Weak,
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
    auth::{self, AuthCache, credential::Uses, decoys::Decoys, tries::Tries},
    changes, collections,
    events::{self, Hooks},
    files::{self, FileRoom},
    jobs::Jobs,
    mail,
    migrations::MigrationOptions,
    rates::{Guesses, Limiter},
    realtime::{Hub, Realtime},
    records::Layouts,
    settings::{self, Settings},
    typed,
};
pub use crate::store::is_taken;
use crate::{
    Error, Result,
    query::Planner,
    schema::{Collection, Schema},
    store::{DatabaseConnection, SecretKey, Store, StoreOptions},
};

/// Where an app lives, and how.
#[derive(Clone, Debug)]
pub struct AppOptions {
    /// The data folder; created when missing.
    pub dir: PathBuf,
    /// Whether to keep other servers off the folder while it is open.
    pub exclusive: bool,
    /// How mails leave, beside what the settings say.
    pub mail: mail::MailOptions,
    /// Whether every commit waits for the disk (`synchronous=FULL`); without it a power cut may take the last moments, a crash does not.
    pub synchronous_full: bool,
    /// What secrets (of settings, tokens and providers) are encrypted with at rest; `None`: they are not.
    pub encryption_key: Option<SecretKey>,
    /// What is done about migrations by itself.
    pub migrations: MigrationOptions,
    /// Whether the admin panel is served, at `/_/`.
    pub admin_panel: bool,
}

impl AppOptions {
    /// Shared, with the admin panel and SQLite's normal durability.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            exclusive: false,
            mail: mail::MailOptions::default(),
            migrations: MigrationOptions::default(),
            synchronous_full: false,
            encryption_key: None,
            admin_panel: true,
        }
    }
}

/// Everything that is open. Clones share it.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

/// An app for as long as somebody else keeps it open.
#[derive(Clone)]
pub(crate) struct WeakApp(Weak<Inner>);

impl WeakApp {
    /// The app, while there is one.
    pub fn upgrade(&self) -> Option<App> {
        self.0.upgrade().map(|inner| App { inner })
    }
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
    files: Arc<FileRoom>,
    jobs: OnceLock<Jobs>,
    closed: AtomicBool,
    oauth2: auth::oauth2::Kept,
    passkeys: auth::passkeys::Ceremonies,
    uses: Uses,
    hub: Hub,
    guesses: Guesses,
    limiter: Limiter,
    mails: mail::Queue,
    tries: Tries,
    decoys: Decoys,
}

impl App {
    /// Opens the data folder: system tables, settings, collections.
    ///
    /// # Errors
    /// `Conflict`: another server has the folder. `Internal`: the database cannot be opened or is damaged.
    pub async fn open(options: AppOptions) -> Result<Self> {
        let mails = mail::Queue::new(&options.mail)?;
        let store = Store::open(StoreOptions {
            dir: options.dir.clone(),
            exclusive: options.exclusive,
            synchronous_full: options.synchronous_full,
            encryption_key: options.encryption_key.clone(),
        })
        .await?;
        let exclusive = options.exclusive;
        let settings = settings::load(&store).await?;
        let schema = collections::load(&store).await?;
        auth::password::expect_imported(&store).await?;
        let app = Self {
            inner: Arc::new(Inner {
                planner: Planner::new(store.dialect()),
                files: Arc::new(FileRoom::new(&options)),
                options,
                store,
                schema: ArcSwap::from_pointee(schema),
                schema_lock: Mutex::new(()),
                settings: ArcSwap::from_pointee(settings),
                layouts: Layouts::default(),
                hooks: Hooks::default(),
                auth_cache: AuthCache::default(),
                jobs: OnceLock::new(),
                closed: AtomicBool::new(false),
                oauth2: auth::oauth2::Kept::default(),
                passkeys: auth::passkeys::Ceremonies::default(),
                uses: Uses::default(),
                hub: Hub::default(),
                guesses: Guesses::default(),
                limiter: Limiter::default(),
                mails,
                tries: Tries::default(),
                decoys: Decoys::default(),
            }),
        };
        collections::ensure_system(&app).await?;
        changes::ensure(&app).await?;
        tokio::spawn(changes::keep_bounded(app.downgrade()));
        let folder = files::local(&app.options().dir, false);
        files::note_once(&app.store().db(), folder, &app.schema(), app.settings().s3.enabled).await?;
        if exclusive {
            files::start(&app).await?;
        }
        app.follow_foreign_changes();
        tokio::spawn(auth::upkeep::run(app.downgrade()));
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
    /// `within` hook, which hold the only writer, write through that instead ([`Tx::db`]).
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

    /// The jobs of the program, by name; nothing runs them on its own yet.
    pub fn jobs(&self) -> &Jobs {
        self.inner.jobs.get_or_init(Jobs::default)
    }

    /// Takes the jobs of the program, once, when it opens.
    pub(crate) fn set_jobs(&self, jobs: Jobs) {
        // Those that came first stay: a program opens once.
        let _ = self.inner.jobs.set(jobs);
    }

    /// Where hooks are added.
    pub fn hooks(&self) -> &Hooks {
        &self.inner.hooks
    }

    /// Connected clients, channels, and what is sent to them.
    pub fn realtime(&self) -> Realtime {
        Realtime::new(self)
    }

    pub(crate) fn hub(&self) -> &Hub {
        &self.inner.hub
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

    pub(crate) fn file_room(&self) -> &FileRoom {
        &self.inner.files
    }

    /// Has files that no record names any more removed in a moment.
    pub(crate) fn sweep_files_soon(&self) {
        self.inner.files.wake();
    }

    pub(crate) fn file_room_shared(&self) -> Arc<FileRoom> {
        Arc::clone(&self.inner.files)
    }

    pub(crate) fn uses(&self) -> &Uses {
        &self.inner.uses
    }

    pub(crate) fn guesses(&self) -> &Guesses {
        &self.inner.guesses
    }

    /// Whether the settings limit how often clients may ask.
    pub fn is_rate_limited(&self) -> bool {
        self.inner.settings.load().rate_limits.enabled
    }

    /// How often clients have asked.
    pub fn limiter(&self) -> &Limiter {
        &self.inner.limiter
    }

    /// Mails on their way.
    pub(crate) fn mails(&self) -> &mail::Queue {
        &self.inner.mails
    }

    /// How often things were tried.
    pub(crate) fn tries(&self) -> &Tries {
        &self.inner.tries
    }

    /// One-time passwords that do not exist.
    pub(crate) fn decoys(&self) -> &Decoys {
        &self.inner.decoys
    }

    /// Forgets which tokens were proved: each is proved anew when it is next seen.
    pub fn forget_sign_ins(&self) {
        self.inner.auth_cache.clear();
    }

    /// What sign-ins through other services keep between requests.
    pub(crate) fn oauth2(&self) -> &auth::oauth2::Kept {
        &self.inner.oauth2
    }

    /// Passkeys that are being registered or signed in with.
    pub(crate) fn passkeys(&self) -> &auth::passkeys::Ceremonies {
        &self.inner.passkeys
    }

    /// What does not keep it open.
    pub(crate) fn downgrade(&self) -> WeakApp {
        WeakApp(Arc::downgrade(&self.inner))
    }

    /// Whether it was closed.
    pub(crate) fn is_closed(&self) -> bool {
        self.store().is_closed()
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

    /// Lets the `stop` hooks have their say and mails leave, finishes waiting writes and closes the database. Closing again does nothing.
    pub async fn close(&self) {
        if self.inner.closed.swap(true, Ordering::Relaxed) {
            return;
        }
        if self.hooks().hear_the_end() {
            events::stopping(self).await;
        }
        self.inner.mails.drain().await;
        if let Err(error) = self.inner.uses.write(&self.store().db()).await {
            tracing::debug!(?error, "the last uses of sessions and keys could not be noted");
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
                    if app.is_closed() {
                        return;
                    }
                    tracing::error!(?error, "a change made by another process could not be read");
                }
            }
        });
    }

    /// Reads collections and settings again, when another process or a change that is being published may have made them new.
    pub(crate) async fn reload(&self) -> Result<()> {
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
