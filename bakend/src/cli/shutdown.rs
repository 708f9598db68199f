//! Signals: the first asks the server to end well, the second ends it.

use super::{
    failure::{Outcome, system},
    words::{self, DIM},
};
use crate::limits::SHUTDOWN_DEADLINE;

/// What a shell expects of a program that was interrupted.
const INTERRUPTED_EXIT_CODE: i32 = 130;

/// Listens to signals from now on; the future is ready at the first one.
pub(super) fn requested() -> Outcome<impl Future<Output = ()>> {
    let mut signals = Signals::listen().map_err(system)?;
    Ok(async move {
        signals.next().await;
        let seconds = SHUTDOWN_DEADLINE.as_secs();
        words::out(format_args!(
            "  {DIM}Stopping: requests in flight get {seconds} s. Again to stop at once.{DIM:#}\n"
        ));
        tokio::spawn(async move {
            signals.next().await;
            std::process::exit(INTERRUPTED_EXIT_CODE);
        });
    })
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
