//! Work under a clock and ids that a test controls.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use crate::{clock::Clock, ids::Seeded};

/// What a test controls.
#[derive(Clone)]
pub(super) struct Controls {
    pub clock: Clock,
    pub ids: Seeded,
}

impl Controls {
    /// Runs work that follows the clock and draws from the seed, on whatever threads it is polled.
    pub async fn over<F: Future>(&self, work: F) -> F::Output {
        Controlled { controls: self.clone(), work: Box::pin(work) }.await
    }
}

struct Controlled<F> {
    controls: Controls,
    work: Pin<Box<F>>,
}

impl<F: Future> Future for Controlled<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let (_following, _drawing) = (self.controls.clock.follow(), self.controls.ids.draw());
        self.work.as_mut().poll(context)
    }
}
