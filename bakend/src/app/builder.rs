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
        migrations::Losses,
        settings::Settings,
        typed::Collection,
    },
    store::{Migrations, MigratorTrait},
};

/// A backend in the making; see [`Bakend::builder`]. Nothing is opened before [`build`](Self::build) or [`run`](Self::run).
#[derive(Default)]
pub struct Builder {
    pub(super) setup: Setup,
    dir: Option<PathBuf>,
    origins: Option<Vec<String>>,
    synchronous_full: bool,
    outbox: Option<Outbox>,
}

impl Builder {
    /// Where the data is, unless `--dir` or `BAK_DIR` says otherwise; `bak_data` in the current folder where nothing is said.
    pub fn dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.dir = Some(dir.into());
        self
    }

    /// Whose pages may read answers (CORS): origins with `*` and `?` as wildcards. All, where nothing is said. `--origins` and
    /// `BAK_ORIGINS` come before this.
    pub fn origins(mut self, origins: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.origins = Some(origins.into_iter().map(Into::into).collect());
        self
    }

    /// Whether every answered write survives a power cut, not only a crash of the program; slower. `--durability` comes before this.
    pub fn durable(mut self, full: bool) -> Self {
        self.synchronous_full = full;
        self
    }

    /// Makes a typed collection part of the program: at each start the database is brought to what the type says. What only adds is
    /// done; what would lose something stops the start and says what, and how to go on.
    pub fn collection<T: Collection>(mut self) -> Self {
        self.setup.collections.push(T::definition());
        self
    }

    /// Adds a hook: a [`Hook`](crate::Hook), or a function with `#[hook]`.
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
    pub fn layer(mut self, layer: impl Wrap) -> Self {
        self.setup.routes.layer(layer);
        self
    }

    /// Runs the steps of a sea-orm-migration migrator at each start that finds some missing: after the collections are in place, in
    /// the migrator's own bookkeeping table (`seaql_migrations` unless it names another). For tables, indexes and data of your own:
    /// collections belong to bakend.
    pub fn migrations<M: MigratorTrait + 'static>(mut self) -> Self {
        self.setup.migrations.push(Migrations::of::<M>());
        self
    }

    /// The settings that a new data folder begins with; afterwards superusers change them and this is not asked again.
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

    /// Opens everything, for tests or to be a part of a larger program.
    ///
    /// # Errors
    /// - `Conflict`: another server has the data folder, or a collection cannot be brought to its type without a loss.
    /// - `Invalid`: a route is there twice, two jobs have one name, or a setting of [`settings`](Self::settings) is refused.
    /// - `Internal`: the data folder cannot be used.
    /// - What the first `on_start` hook or migration that fails says.
    pub async fn build(self) -> Result<Bakend> {
        let dir = self.dir.unwrap_or_else(|| PathBuf::from(cli::DIR_DEFAULT));
        let mail = MailOptions { outbox: self.outbox, ..MailOptions::default() };
        let options =
            AppOptions { exclusive: true, mail, synchronous_full: self.synchronous_full, ..AppOptions::new(dir) };
        let (app, router) = self.setup.open(options, Losses::Refused).await?;
        let origins = self.origins.map(Origins::new).unwrap_or_default();
        Ok(Bakend { app, router, origins })
    }

    /// Runs the whole command line of `bak` (`start`, `admin`, `migrate`, …) with what was built in: the last thing a program does.
    /// Returns success; 1 after an error that was told on stderr; 2 when the arguments were not understood.
    pub async fn run(self) -> ExitCode {
        let setup = self.setup;
        cli::run(cli::Program {
            dir: self.dir,
            origins: self.origins,
            synchronous_full: self.synchronous_full,
            definitions: setup.collections.clone(),
            migrators: setup.migrations.clone(),
            open: Box::new(|options, losses| Box::pin(setup.open(options, losses))),
        })
        .await
    }
}
