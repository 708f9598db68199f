//! A closure that waits for the writer: run once, its panic caught, its answer sent when the database keeps its word.

use std::panic::{AssertUnwindSafe, catch_unwind};

use tokio::sync::oneshot;

use crate::{Error, Result, clock, ids, store::Conn};

/// A closure of any type, as the writer sees it.
pub(super) trait Job: Send {
    /// Whether anybody still waits for the answer.
    fn wanted(&self) -> bool;
    /// Runs the closure; returns whether it succeeded.
    fn run(&mut self, conn: &Conn<'_>) -> bool;
    /// The error that it ended with.
    fn error(&self) -> Option<&Error>;
    /// Replaces the outcome.
    fn fail(&mut self, error: Error);
    /// Sends the outcome to who waits.
    fn answer(self: Box<Self>);
}

/// A job, and where its answer arrives.
pub(super) fn job<T, F>(f: F) -> (Box<dyn Job>, oneshot::Receiver<Result<T>>)
where
    F: FnOnce(&Conn<'_>) -> Result<T> + Send + 'static,
    T: Send + 'static,
{
    let (sender, receiver) = oneshot::channel();
    // The writer is another thread: it goes by the caller's clock and ids, where a test has set some.
    let (clock, seeded) = (clock::current(), ids::current());
    let f = move |conn: &Conn<'_>| {
        let _following = clock.as_ref().map(clock::Clock::follow);
        let _drawing = seeded.as_ref().map(ids::Seeded::draw);
        f(conn)
    };
    (Box::new(Pending { f: Some(f), outcome: None, sender }), receiver)
}

struct Pending<T, F> {
    f: Option<F>,
    outcome: Option<Result<T>>,
    sender: oneshot::Sender<Result<T>>,
}

impl<T, F> Job for Pending<T, F>
where
    F: FnOnce(&Conn<'_>) -> Result<T> + Send,
    T: Send,
{
    fn wanted(&self) -> bool {
        !self.sender.is_closed()
    }

    fn run(&mut self, conn: &Conn<'_>) -> bool {
        if let Some(f) = self.f.take() {
            // The closure is gone afterwards and the caller rolls the database back, so nothing half-done is seen.
            let outcome = catch_unwind(AssertUnwindSafe(|| f(conn)));
            self.outcome = Some(outcome.unwrap_or_else(|panic| Err(panicked(panic.as_ref()))));
        }
        matches!(self.outcome, Some(Ok(_)))
    }

    fn error(&self) -> Option<&Error> {
        self.outcome.as_ref()?.as_ref().err()
    }

    fn fail(&mut self, error: Error) {
        self.outcome = Some(Err(error));
    }

    fn answer(self: Box<Self>) {
        if let Some(outcome) = self.outcome {
            // Who stopped waiting does not want to know.
            let _ = self.sender.send(outcome);
        }
    }
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Error {
    let words = panic.downcast_ref::<&str>().copied();
    let words = words.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    Error::internal(format!("a write panicked: {}", words.unwrap_or("no message")))
}
