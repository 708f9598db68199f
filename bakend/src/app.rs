//! `Bakend::builder()`: collections, hooks, routes, migrations and settings of a program, wired to everything below.

mod builder;
mod functions;
mod hooked;
mod setup;

use std::net::{IpAddr, SocketAddr};

use tokio::net::TcpListener;

pub use self::builder::Builder;
use crate::{
    Result,
    http::{self, Router, cors::Origins, door::Door},
    service::{App, events},
};

/// A backend that is open and ready to answer; made by [`Bakend::builder`].
pub struct Bakend {
    app: App,
    router: Router,
    origins: Origins,
}

impl Bakend {
    /// Where every program begins.
    ///
    /// ```no_run
    /// use bakend::Bakend;
    ///
    /// fn main() -> std::process::ExitCode {
    ///     let backend = Bakend::builder().after_create_of("users", async |e| {
    ///         println!("Welcome, {}", e.record.text("email"));
    ///         Ok(())
    ///     });
    ///     bakend::block_on(backend.run())
    /// }
    /// ```
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Everything that is open: records, transactions, settings, the database.
    pub fn app(&self) -> &App {
        &self.app
    }

    /// The whole HTTP side as one router, to be nested into or merged with a larger axum app; the app lives as long as it, or a clone
    /// of [`app`](Self::app), does. Close the app when the larger one ends.
    ///
    /// `on_serve` hooks are not heard: only the larger app knows where it listens, and when.
    ///
    /// Clients' addresses are known where the larger app is served with `into_make_service_with_connect_info::<SocketAddr>()`.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() -> bakend::Result<()> {
    /// # let folder = tempfile::tempdir().map_err(bakend::Error::internal)?;
    /// use bakend::{Bakend, axum::Router};
    /// let backend = Bakend::builder().dir(folder.path()).build().await?;
    /// let app = backend.app().clone();
    /// let larger: Router = Router::new().nest("/backend", backend.into_router());
    /// # let _ = larger;
    /// // … axum::serve(listener, larger).await …
    /// app.close().await;
    /// # Ok(()) }
    /// ```
    pub fn into_router(self) -> Router {
        http::embedded(self.into_door())
    }

    /// The HTTP side, for requests without a socket.
    pub(crate) fn into_door(self) -> Door {
        Door::of(&self.app, self.router, self.origins)
    }

    /// Answers on a listener until `stop` is ready, then closes the app.
    ///
    /// # Errors
    /// The first error of an `on_serve` hook; the app is closed then too.
    pub async fn serve(self, listener: TcpListener, stop: impl Future<Output = ()>) -> Result<()> {
        let address = listener.local_addr().unwrap_or_else(|_| SocketAddr::new(IpAddr::from([0, 0, 0, 0]), 0));
        let outcome = match events::serving(&self.app, address).await {
            Ok(()) => http::server::serve_door(Door::of(&self.app, self.router, self.origins), listener, stop).await,
            Err(error) => Err(error),
        };
        self.app.close().await;
        outcome
    }

    /// Lets the `on_stop` hooks have their say and closes the database.
    pub async fn close(self) {
        self.app.close().await;
    }
}
