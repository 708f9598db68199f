//! What opening does beyond the app itself: hooks, settings, collections, migrations, routes.

use crate::{
    Result,
    http::{Router, routes::Routes},
    service::{
        App, AppOptions,
        events::{self, Diary, Hook},
        jobs::{Job, Jobs},
        migrations::{self, Losses, OrmMigrations},
        settings::{self, Settings},
        typed::Definition,
    },
};

/// What is done to the settings of a new database.
pub(super) type FirstSettings = Box<dyn FnOnce(&mut Settings) + Send>;

/// Everything a builder has collected, in the order it is used.
#[derive(Default)]
pub(super) struct Setup {
    pub collections: Vec<Definition>,
    pub diary: Option<Diary>,
    pub hooks: Vec<Hook>,
    pub settings: Option<FirstSettings>,
    pub migrations: Vec<OrmMigrations>,
    pub jobs: Vec<Job>,
    pub routes: Routes,
}

impl Setup {
    /// Opens an app and prepares it; one that cannot be prepared is closed again.
    pub async fn open(self, options: AppOptions, losses: Losses) -> Result<(App, Router)> {
        let app = App::open(options).await?;
        match self.prepare(&app, losses).await {
            Ok(router) => Ok((app, router)),
            Err(error) => {
                app.close().await;
                Err(error)
            }
        }
    }

    async fn prepare(self, app: &App, losses: Losses) -> Result<Router> {
        // First what can be wrong in the code: then nothing has been changed yet.
        let router = self.routes.mount(app)?;
        let mut jobs = Jobs::default();
        self.jobs.into_iter().try_for_each(|job| jobs.add(job))?;
        app.set_jobs(jobs);
        if let Some(diary) = self.diary {
            app.hooks().note_in(diary);
        }
        self.hooks.into_iter().for_each(|hook| app.hooks().add(hook));
        if let Some(change) = self.settings {
            settings::begin_with(app, change).await?;
        }
        migrations::catch_up(app, &self.collections, &self.migrations, losses).await?;
        events::started(app).await?;
        Ok(router)
    }
}
