//! What a program says about its backend before it opens.

use std::{path::PathBuf, process::ExitCode};

use super::{Bakend, setup::Setup};
use crate::{
    Result, cli,
    http::{Router, cors::Origins, routes::Wrap},
    service::{
        AppOptions,
        events::{Diary, IntoHook},
        jobs::IntoJob,
        mail::{MailOptions, Outbox},
        migrations::{Folder, Losses, MigrationOptions},
        settings::Settings,
        typed::Collection,
    },
    store::{Migrations, MigratorTrait},
};

/// A backend in the making; see [`Bakend::builder`]. Nothing is opened before [`build`](Self::build) or [`run`](Self::run).
#[derive(Default)]
pub struct Builder {
    pub(super) setup: Setup,
    version: Option<String>,
    dir: Option<PathBuf>,
    migrations_dir: Option<PathBuf>,
    origins: Option<Vec<String>>,
    synchronous_full: bool,
    without_panel: bool,
    outbox: Option<Outbox>,
}

impl Builder {
    /// What `--version` says: `.version(env!("CARGO_PKG_VERSION"))`; bakend's own version where nothing is said. The program is called by
    /// the name of its file.
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Where the data is; `bak_data` in the current folder where nothing is said. With [`run`](Self::run), `--dir` and `BAK_DIR` come
    /// before this; [`build`](Self::build) reads neither arguments nor environment.
    ///
    /// ```
    /// let backend = bakend::Bakend::builder().dir("/var/lib/shop");
    /// # let _ = backend;
    /// ```
    pub fn dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.dir = Some(dir.into());
        self
    }

    /// The folder of migrations: the files of `migrate diff` and those that the admin API writes. [`build`](Self::build), and so
    /// [`TestApp`](crate::test::TestApp), apply those that are still to come, before the collections of the code are compared; where
    /// nothing is said they apply none. With [`run`](Self::run) it is `migrations` in the current folder where nothing is said;
    /// `--migrations` and `BAK_MIGRATIONS` come before this, and `--apply-migrations` says whether files are applied. A folder that is not
    /// there has no files.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> bakend::Result<()> {
    /// # let folder = tempfile::tempdir().map_err(bakend::Error::internal)?;
    /// # std::fs::write(folder.path().join("1_stars.json"), r#"{"format": 1, "steps": [{"create": {"id": "stars1", "name": "stars"}}]}"#)
    /// #     .map_err(bakend::Error::internal)?;
    /// use bakend::{Bakend, test::TestApp};
    ///
    /// # let migrations = folder.path();
    /// # /*
    /// let migrations = "migrations"; // with a file that creates the collection `stars`
    /// # */
    /// let app = TestApp::start(Bakend::builder().migrations_dir(migrations)).await;
    /// assert_eq!(app.app().records("stars").as_system().count().await?, 0);
    /// # app.close().await;
    /// # Ok(()) }
    /// ```
    pub fn migrations_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.migrations_dir = Some(dir.into());
        self
    }

    /// Whose pages may read answers (CORS): origins with `*` and `?` as wildcards. All, where nothing is said. With
    /// [`run`](Self::run), `--origins` and `BAK_ORIGINS` come before this.
    pub fn origins(mut self, origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.origins = Some(origins.into_iter().map(Into::into).collect());
        self
    }

    /// Whether every answered write survives a power cut, not only a crash of the program; slower. With
    /// [`run`](Self::run), `--durability` and `BAK_DURABILITY` come before this.
    pub fn durable(mut self, full: bool) -> Self {
        self.synchronous_full = full;
        self
    }

    /// Whether the admin panel is served, at `/_/`; it is where nothing is said. Without it, the links in mails still work.
    /// With [`run`](Self::run), `--admin-panel` and `BAK_ADMIN_PANEL` come before this.
    pub fn admin_panel(mut self, served: bool) -> Self {
        self.without_panel = !served;
        self
    }

    /// Makes a typed collection part of the program: at each start the database is brought to what the type says. What only adds is
    /// done; what would lose something stops the start and says what, and how to go on.
    ///
    /// ```
    /// use bakend::{Bakend, Collection, Id};
    ///
    /// #[derive(Collection)]
    /// #[collection(name = "posts", rules(list = "", view = ""))]
    /// struct Post {
    ///     id: Id<Post>,
    ///     title: String,
    /// }
    ///
    /// # fn main() {
    /// let backend = Bakend::builder().collection::<Post>();
    /// # let _ = backend; }
    /// ```
    pub fn collection<T: Collection>(mut self) -> Self {
        self.setup.collections.push(T::definition());
        self
    }

    /// Adds a hook: a [`Hook`](crate::Hook), or a function with `#[hook]`.
    ///
    /// ```
    /// use bakend::{Bakend, RecordEvent, Result, hook};
    ///
    /// #[hook(after_create, collection = "orders")]
    /// async fn thank(e: &mut RecordEvent) -> Result<()> {
    ///     println!("Order {}", e.record.id());
    ///     Ok(())
    /// }
    ///
    /// let backend = Bakend::builder().hook(thank);
    /// # let _ = backend;
    /// ```
    ///
    /// Every event has a function of its own too: [`before_create`](Self::before_create) takes a closure.
    pub fn hook(mut self, hook: impl IntoHook) -> Self {
        self.setup.hooks.push(hook.into_hook());
        self
    }

    /// Adds a job: a function with `#[job]`. This names it and keeps it ([`App::jobs`](crate::App::jobs)); no queue runs it yet, so none
    /// of its options has an effect: the program calls it itself.
    pub fn job(mut self, job: impl IntoJob) -> Self {
        self.setup.jobs.push(job.into_job());
        self
    }

    /// Adds routes of your own beside ours; paths are as they stand in the router.
    ///
    /// Handlers may take [`App`](crate::App), [`Auth`](crate::Auth), [`Superuser`](crate::Superuser) and
    /// [`Caller`](crate::Caller), and may return [`Result`](crate::Result). Extractors read bodies up to
    /// [`BODY_MAX_BYTES`](crate::limits::BODY_MAX_BYTES), unless the router has a `DefaultBodyLimit` of its own. CORS, the guard against
    /// panics and the security headers are the same as of our own routes. A fallback answers whatever no route takes.
    ///
    /// ```
    /// use bakend::{App, Bakend, Result, axum::{Router, routing::get}};
    ///
    /// async fn count(app: App) -> Result<String> {
    ///     Ok(app.schema().collections().len().to_string())
    /// }
    ///
    /// let backend = Bakend::builder().routes(Router::new().route("/shop/count", get(count)));
    /// # let _ = backend;
    /// ```
    pub fn routes(mut self, router: Router) -> Self {
        self.setup.routes.add(router);
        self
    }

    /// Adds routes of your own below a path: `.routes_at("/shop", router)`.
    pub fn routes_at(self, path: &str, router: Router) -> Self {
        self.routes(Router::new().nest(path, router))
    }

    /// Puts a layer of tower around all routes, ours too; one that is added later is further out.
    ///
    /// ```
    /// use bakend::{Bakend, axum::{extract::Request, middleware::{Next, from_fn}}};
    ///
    /// let timed = from_fn(async |request: Request, next: Next| {
    ///     let start = std::time::Instant::now();
    ///     let response = next.run(request).await;
    ///     println!("{:?}", start.elapsed());
    ///     response
    /// });
    /// let backend = Bakend::builder().layer(timed);
    /// # let _ = backend;
    /// ```
    pub fn layer(mut self, layer: impl Wrap) -> Self {
        self.setup.routes.layer(layer);
        self
    }

    /// Runs the steps of a sea-orm-migration migrator at each start that finds some missing: after the collections are in place, in
    /// the migrator's own bookkeeping table (`seaql_migrations` unless it names another). For tables, indexes and data of your own:
    /// collections belong to bakend. Each step is one transaction, unless its `use_transaction` says otherwise; the first that fails stops
    /// the start and changes nothing.
    ///
    /// ```
    /// use bakend::{Bakend, sea_orm_migration::{async_trait, prelude::*}};
    ///
    /// struct Visits;
    ///
    /// #[async_trait::async_trait]
    /// impl MigratorTrait for Visits {
    ///     fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    ///         vec![] // Box::new(AddVisits), …
    ///     }
    /// }
    ///
    /// # fn main() {
    /// let backend = Bakend::builder().migrations::<Visits>();
    /// # let _ = backend; }
    /// ```
    pub fn migrations<M: MigratorTrait + 'static>(mut self) -> Self {
        self.setup.migrations.push(Migrations::of::<M>());
        self
    }

    /// The settings that a new data folder begins with; afterwards superusers change them and this is not asked again.
    ///
    /// ```
    /// let backend = bakend::Bakend::builder().settings(|settings| settings.meta.app_name = "Shop".to_owned());
    /// # let _ = backend;
    /// ```
    pub fn settings(mut self, change: impl FnOnce(&mut Settings) + Send + 'static) -> Self {
        self.setup.settings = Some(Box::new(change));
        self
    }

    /// Keeps mails instead of sending them, for tests.
    pub(crate) fn outbox(mut self, outbox: Outbox) -> Self {
        self.outbox = Some(outbox);
        self
    }

    /// Notes the hooks that run, for tests.
    pub(crate) fn diary(mut self, diary: Diary) -> Self {
        self.setup.diary = Some(diary);
        self
    }

    /// Opens everything, for tests or to be a part of a larger program. What the builder was told counts: arguments and `BAK_*` variables
    /// are for [`run`](Self::run). Files of migrations are applied where [`migrations_dir`](Self::migrations_dir) says which.
    ///
    /// # Errors
    /// - `Conflict`: another server has the data folder, a collection cannot be brought to its type without a loss, or a file of a migration
    ///   starts from other collections.
    /// - `Invalid`: a route is there twice, two jobs have one name, or a setting of [`settings`](Self::settings) is refused.
    /// - `Internal`: the data folder cannot be used.
    /// - What the first `on_start` hook or migration that fails says.
    ///
    /// # Example
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> bakend::Result<()> {
    /// # let folder = tempfile::tempdir().map_err(bakend::Error::internal)?;
    /// let backend = bakend::Bakend::builder().dir(folder.path()).build().await?;
    /// assert_eq!(backend.app().records("users").as_system().count().await?, 0);
    /// backend.close().await;
    /// # Ok(()) }
    /// ```
    pub async fn build(self) -> Result<Bakend> {
        let dir = self.dir.unwrap_or_else(|| PathBuf::from(cli::DIR_DEFAULT));
        let mail = MailOptions { outbox: self.outbox, ..MailOptions::default() };
        let migrations = MigrationOptions { apply: self.migrations_dir.map(Folder::new), write: None };
        let options = AppOptions {
            exclusive: true,
            mail,
            migrations,
            synchronous_full: self.synchronous_full,
            admin_panel: !self.without_panel,
            ..AppOptions::new(dir)
        };
        let (app, router) = self.setup.open(options, Losses::Refused).await?;
        let origins = self.origins.map(Origins::new).unwrap_or_default();
        Ok(Bakend { app, router, origins })
    }

    /// Runs the whole command line of `bak` (`start`, `admin`, `migrate`, …) with what was built in: the last thing a program does.
    /// Returns success; 1 after an error that was told on stderr; 2 when the arguments were not understood.
    ///
    /// ```no_run
    /// #[bakend::main]
    /// async fn main() -> std::process::ExitCode {
    ///     bakend::Bakend::builder().run().await
    /// }
    /// ```
    pub async fn run(self) -> ExitCode {
        let setup = self.setup;
        cli::run(cli::Program {
            version: self.version,
            dir: self.dir,
            migrations_dir: self.migrations_dir,
            origins: self.origins,
            synchronous_full: self.synchronous_full,
            without_panel: self.without_panel,
            definitions: setup.collections.clone(),
            migrators: setup.migrations.clone(),
            open: Box::new(|options, losses| Box::pin(setup.open(options, losses))),
        })
        .await
    }
}
