//! An app's own routes and layers, beside ours.

use std::{
    panic::{self, AssertUnwindSafe, PanicHookInfo},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, Request},
    response::IntoResponse,
    routing::Route,
};
use tower::{Layer, Service};

use super::extract::Shared;
use crate::{Error, Result, limits, service::App};

/// What an app adds to the API: routers, and layers around everything.
#[derive(Default)]
pub struct Routes {
    routers: Vec<Router>,
    layers: Vec<Box<dyn FnOnce(Router) -> Router + Send>>,
}

/// A layer of tower that can be put around a router. There is nothing to implement: every layer that axum takes is one.
pub trait Wrap: Send + 'static {
    /// Puts it around.
    fn wrap(self, router: Router) -> Router;
}

impl<L> Wrap for L
where
    L: Layer<Route> + Clone + Send + Sync + 'static,
    L::Service: Service<Request> + Clone + Send + Sync + 'static,
    <L::Service as Service<Request>>::Response: IntoResponse + 'static,
    <L::Service as Service<Request>>::Error: Into<std::convert::Infallible> + 'static,
    <L::Service as Service<Request>>::Future: Send + 'static,
{
    fn wrap(self, router: Router) -> Router {
        router.layer(self)
    }
}

impl Routes {
    /// Adds routes; paths are as they stand in the router.
    pub fn add(&mut self, router: Router) {
        self.routers.push(router);
    }

    /// Puts a layer around all routes, ours too; one that is added later is further out.
    pub fn layer(&mut self, layer: impl Wrap) {
        self.layers.push(Box::new(|router| layer.wrap(router)));
    }

    /// Everything in one router, ready to answer for `app`.
    ///
    /// # Errors
    /// `Invalid`: a route is there twice; the message names it.
    pub fn mount(self, app: &App) -> Result<Router> {
        let shared = Shared::new(app);
        let mut all = super::api(shared.clone());
        for router in self.routers {
            let own = router.layer(DefaultBodyLimit::max(limits::BODY_MAX_BYTES)).layer(Extension(shared.clone()));
            all = quietly(|| all.merge(own)).map_err(clash)?;
        }
        // Two fallbacks in one router are refused; then the app has its own, and ours is not needed.
        let nowhere = super::nowhere(shared);
        let ours = || all.clone().merge(Router::new().fallback(nowhere.clone()));
        let whole = quietly(ours).unwrap_or(all).method_not_allowed_fallback(nowhere);
        Ok(self.layers.into_iter().fold(whole, |router, layer| layer(router)))
    }
}

fn clash(reason: String) -> Error {
    let message =
        format!("A route of this program cannot be added to those of bakend: {}", reason.trim_end_matches('.'));
    Error::invalid(message)
}

/// axum refuses routes by panicking. This makes its words an error, without the usual report of a panic on stderr.
fn quietly<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    /// The report is the whole process's; one at a time may change it.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let usual: Arc<dyn Fn(&PanicHookInfo<'_>) + Send + Sync> = panic::take_hook().into();
    let (here, others) = (thread::current().id(), Arc::clone(&usual));
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() != here {
            others(info);
        }
    }));
    let outcome = panic::catch_unwind(AssertUnwindSafe(work));
    drop(panic::take_hook());
    panic::set_hook(Box::new(move |info| usual(info)));
    outcome.map_err(|panic| panic.downcast_ref::<String>().cloned().unwrap_or_else(|| "it is there twice".to_owned()))
}
