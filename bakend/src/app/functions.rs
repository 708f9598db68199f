//! Functions with `#[hook]` and `#[job]`, as the builder takes them by their names.

use crate::service::{
    events::{Hook, IntoHook},
    jobs::{IntoJob, Job},
};

/// The name of a function with `#[hook]` is a function that makes what becomes the hook.
#[diagnostic::do_not_recommend]
impl<F, T> IntoHook for F
where
    F: FnOnce() -> T,
    T: IntoHook,
{
    fn into_hook(self) -> Hook {
        self().into_hook()
    }
}

/// The name of a function with `#[job]` is a function that makes what becomes the job.
#[diagnostic::do_not_recommend]
impl<F, T> IntoJob for F
where
    F: FnOnce() -> T,
    T: IntoJob,
{
    type Payload = T::Payload;

    fn into_job(self) -> Job {
        self().into_job()
    }
}
