//! Jobs by name: what a program can do later, with which payload and under which options. Nothing here runs them on its own: a queue
//! that does builds on this.

use std::{collections::BTreeMap, future::Future, pin::Pin, sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;

use super::App;
use crate::{Error, Result};

/// The queue of jobs that name none.
pub const QUEUE_DEFAULT: &str = "default";
/// Retries after a failure, where nothing is said.
pub const RETRIES_DEFAULT: u32 = 3;
/// Longest time of one try, where nothing is said.
pub const TIMEOUT_DEFAULT: Duration = Duration::from_secs(5 * 60);
/// Time before the first retry, where nothing is said.
pub const DELAY_DEFAULT: Duration = Duration::from_secs(10);
/// Longest time before a retry, where nothing is said.
pub const DELAY_MAX_DEFAULT: Duration = Duration::from_secs(60 * 60);

/// How the time before a retry grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backoff {
    /// It stays.
    Fixed,
    /// By the first one each time.
    Linear,
    /// It doubles each time.
    #[default]
    Exponential,
}

/// How a job is to be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobOptions {
    /// Where it waits.
    pub queue: String,
    /// How often it is tried again after a failure.
    pub retries: u32,
    /// How the time before a retry grows.
    pub backoff: Backoff,
    /// The time before the first retry.
    pub delay: Duration,
    /// The longest time before a retry.
    pub max_delay: Duration,
    /// The longest time of one try.
    pub timeout: Duration,
    /// How many of it may run at once; 0: as many as the queue lets.
    pub concurrency: u32,
    /// Higher runs earlier.
    pub priority: i32,
    /// Fields of the payload by which only one may wait; `*`: the whole payload; empty: any number may wait.
    pub unique: Vec<String>,
}

impl Default for JobOptions {
    fn default() -> Self {
        Self {
            queue: QUEUE_DEFAULT.to_owned(),
            retries: RETRIES_DEFAULT,
            backoff: Backoff::default(),
            delay: DELAY_DEFAULT,
            max_delay: DELAY_MAX_DEFAULT,
            timeout: TIMEOUT_DEFAULT,
            concurrency: 0,
            priority: 0,
            unique: Vec::new(),
        }
    }
}

impl JobOptions {
    /// The time before a retry; `retry` counts from 1.
    ///
    /// ```
    /// use bakend::service::jobs::JobOptions;
    /// let options = JobOptions::default();
    /// assert_eq!([1, 2, 3, 99].map(|retry| options.delay_before(retry).as_secs()), [10, 20, 40, 3600]);
    /// ```
    pub fn delay_before(&self, retry: u32) -> Duration {
        let times = match self.backoff {
            Backoff::Fixed => 1,
            Backoff::Linear => retry.max(1),
            Backoff::Exponential => 1_u32.checked_shl(retry.saturating_sub(1)).unwrap_or(u32::MAX),
        };
        self.delay.saturating_mul(times).min(self.max_delay)
    }
}

type Run = dyn Fn(App, Json) -> Pin<Box<dyn Future<Output = Result<()>> + Send>> + Send + Sync;

/// Something a program can do later: a name, options, and a function of a payload. `#[job]` makes one of a function.
#[derive(Clone)]
pub struct Job {
    name: String,
    options: JobOptions,
    run: Arc<Run>,
}

/// What becomes a job: a function with `#[job]`.
pub trait IntoJob {
    /// What it is about.
    type Payload: Serialize + DeserializeOwned + Send + 'static;

    /// The job.
    fn into_job(self) -> Job;
}

impl Job {
    /// A job of this name, whose payload `run` takes.
    pub fn new<P, Answer>(
        name: impl Into<String>,
        options: JobOptions,
        run: impl Fn(App, P) -> Answer + Send + Sync + 'static,
    ) -> Self
    where
        P: DeserializeOwned + Send + 'static,
        Answer: Future<Output = Result<()>> + Send + 'static,
    {
        let name = name.into();
        let named = name.clone();
        let run = move |app: App, payload: Json| -> Pin<Box<dyn Future<Output = Result<()>> + Send>> {
            match serde_json::from_value(payload) {
                Ok(payload) => Box::pin(run(app, payload)),
                Err(error) => {
                    let error = Error::invalid(format!("The payload does not fit the job {named:?}: {error}"));
                    Box::pin(std::future::ready(Err(error)))
                }
            }
        };
        Self { name, options, run: Arc::new(run) }
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it is to be run.
    pub fn options(&self) -> &JobOptions {
        &self.options
    }

    /// Does it once, now.
    ///
    /// # Errors
    /// `Invalid`: the payload does not fit. Otherwise what the function says.
    pub async fn run(&self, app: &App, payload: Json) -> Result<()> {
        (self.run)(app.clone(), payload).await
    }
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Job").field("name", &self.name).field("options", &self.options).finish_non_exhaustive()
    }
}

/// The jobs of a program, by name.
#[derive(Clone, Debug, Default)]
pub struct Jobs {
    by_name: BTreeMap<String, Job>,
}

impl Jobs {
    /// Adds a job.
    ///
    /// # Errors
    /// `Invalid`: there is one of this name.
    pub fn add(&mut self, job: Job) -> Result<()> {
        if self.by_name.contains_key(job.name()) {
            let message = format!("Two jobs are named {:?}; rename one with #[job(name = …)]", job.name());
            return Err(Error::invalid(message));
        }
        self.by_name.insert(job.name.clone(), job);
        Ok(())
    }

    /// A job by its name.
    pub fn get(&self, name: &str) -> Option<&Job> {
        self.by_name.get(name)
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Job> {
        self.by_name.values()
    }
}
