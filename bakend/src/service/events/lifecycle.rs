//! The events of the app itself: it opens, it answers, it closes.

use std::net::SocketAddr;

use super::{Event, Hooks};
use crate::{Result, service::App};

/// The app is open and about to be used, or about to close.
pub type AppEvent = Event<AppParts>;
/// The app is about to answer requests.
pub type ServeEvent = Event<ServeParts>;

/// The parts of an [`AppEvent`].
pub struct AppParts {
    /// The app.
    pub app: App,
}

/// The parts of a [`ServeEvent`].
pub struct ServeParts {
    /// The app.
    pub app: App,
    /// Where it listens; connections wait until the hooks are through.
    pub address: SocketAddr,
}

/// Lets the `start` hooks have their say, after the last step of opening.
///
/// # Errors
/// The first error of a hook: the app should not be used.
pub(crate) async fn started(app: &App) -> Result<()> {
    let chain = &app.hooks().start;
    chain.run(&mut AppEvent::new(AppParts { app: app.clone() }), &[], |_| Box::pin(std::future::ready(Ok(())))).await
}

/// Lets the `serve` hooks have their say, before the first request is taken.
///
/// # Errors
/// The first error of a hook: the app should not be served.
pub(crate) async fn serving(app: &App, address: SocketAddr) -> Result<()> {
    let chain = &app.hooks().serve;
    let mut event = ServeEvent::new(ServeParts { app: app.clone(), address });
    chain.run(&mut event, &[], |_| Box::pin(std::future::ready(Ok(())))).await
}

/// Lets the `stop` hooks have their say while everything still works. The app closes whatever they say.
pub(crate) async fn stopping(app: &App) {
    let chain = &app.hooks().stop;
    let mut event = AppEvent::new(AppParts { app: app.clone() });
    if let Err(error) = chain.run(&mut event, &[], |_| Box::pin(std::future::ready(Ok(())))).await {
        tracing::error!(?error, "a stop hook failed");
    }
}

impl Hooks {
    /// Whether anybody wants to know that the app closes.
    pub(crate) fn hear_the_end(&self) -> bool {
        self.stop.is_used()
    }
}
