//! The threads that hash passwords: few of them, and a short queue, so that a crowd at the door slows nobody inside.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, LazyLock, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use tokio::sync::oneshot;

use crate::{Error, Result, limits};

type Job = Box<dyn FnOnce() + Send>;

/// The process's pool; its threads start with the first password and stay.
static POOL: LazyLock<Pool> = LazyLock::new(|| Pool::start(threads(), limits::HASHING_QUEUE_MAX));

/// Threads, and the queue before them.
struct Pool(SyncSender<Job>);

impl Pool {
    fn start(threads: usize, queue_max: usize) -> Self {
        let (queue, waiting) = sync_channel(queue_max);
        let waiting = Arc::new(Mutex::new(waiting));
        for number in 0..threads {
            let waiting = Arc::clone(&waiting);
            let started = thread::Builder::new().name(format!("bak-hash-{number}")).spawn(move || work(&waiting));
            if let Err(error) = started {
                tracing::error!(%error, "a thread for hashing passwords could not be started");
            }
        }
        Self(queue)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move || {
            if !answer.is_closed() {
                // Who went away just now does not want to know.
                let _ = answer.send(work());
            }
        });
        self.0.try_send(job).map_err(|_| Error::rate_limited(limits::HASHING_RETRY_AFTER))?;
        answered.await.map_err(Error::internal)
    }
}

/// Half of the cores, so that requests keep the other half.
fn threads() -> usize {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    (cores / 2).clamp(1, limits::HASHING_MAX_PARALLEL)
}

fn work(waiting: &Mutex<Receiver<Job>>) {
    loop {
        let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // A job that panics drops its answer, which tells who waits; the thread goes on.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

/// Runs `work` when a thread is free; not at all when its caller has gone away by then.
///
/// # Errors
/// `RateLimited`: [`HASHING_QUEUE_MAX`](limits::HASHING_QUEUE_MAX) wait already.
pub(super) async fn run<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    POOL.run(work).await
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    #[tokio::test]
    async fn the_queue_is_bounded_and_survives_a_panic() {
        const QUEUE: usize = 10;
        let pool = Pool::start(2, QUEUE);
        assert!(pool.run(|| -> u8 { panic!("on purpose") }).await.is_err());
        assert_eq!(pool.run(|| 7).await.expect("runs"), 7, "the thread goes on");
        let (hold, held) = mpsc::channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let mut waiting = Vec::new();
        let refused = loop {
            let held = Arc::clone(&held);
            let mut job = Box::pin(pool.run(move || held.lock().map(|held| held.recv().is_ok()).is_ok()));
            match job.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
                std::task::Poll::Ready(outcome) => break outcome.expect_err("nothing is done yet"),
                std::task::Poll::Pending => waiting.push(job),
            }
            assert!(waiting.len() <= QUEUE + 2, "unbounded");
        };
        assert_eq!(refused.kind(), crate::Kind::RateLimited);
        assert_eq!(refused.retry_after(), Some(limits::HASHING_RETRY_AFTER));
        assert!(waiting.len() >= QUEUE);
        drop(hold);
        // Half of them go away: theirs is not done, the others' is.
        waiting.truncate(QUEUE / 2);
        for job in waiting {
            assert!(job.await.expect("its turn comes"));
        }
    }
}
