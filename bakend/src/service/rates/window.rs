//! A count that starts anew when its time is over; without locks.

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

const COUNT_BITS: u32 = 24;
/// Most that is counted; a larger bound is as good as none.
const COUNT_MAX: u64 = (1 << COUNT_BITS) - 1;

/// The end of the window, in milliseconds since the process first asked for the time, and below it the count.
#[derive(Debug, Default)]
pub struct Window(AtomicU64);

/// Where somebody stands after having asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whether this one was within the bound.
    pub allowed: bool,
    /// How many are, in a window.
    pub limit: u64,
    /// How many are left in this window.
    pub remaining: u64,
    /// When the window ends.
    pub reset: Duration,
}

/// Milliseconds since the process first asked.
pub(super) fn now_ms() -> u64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX >> COUNT_BITS)
}

impl Window {
    /// Counts one more, if that is within `limit` in `length`; `now` is in milliseconds.
    pub fn take(&self, now: u64, length: Duration, limit: u64) -> Standing {
        let limit = limit.min(COUNT_MAX);
        let length = u64::try_from(length.as_millis()).unwrap_or(u64::MAX >> (COUNT_BITS + 1));
        let mut seen = self.0.load(Ordering::Relaxed);
        loop {
            let (end, count) = match (seen >> COUNT_BITS, seen & COUNT_MAX) {
                (end, count) if now < end => (end, count),
                _ => (now.saturating_add(length), 0),
            };
            let reset = Duration::from_millis(end - now);
            if count >= limit {
                return Standing { allowed: false, limit, remaining: 0, reset };
            }
            let next = end << COUNT_BITS | (count + 1);
            match self.0.compare_exchange_weak(seen, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return Standing { allowed: true, limit, remaining: limit - count - 1, reset },
                Err(current) => seen = current,
            }
        }
    }

    /// Takes back one that should not have counted.
    pub fn give_back(&self) {
        let one_less = |seen: u64| (seen & COUNT_MAX > 0).then(|| seen - 1);
        // Nothing to take back is fine too: the window has started anew.
        let _ = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_lets_so_many_through_and_starts_anew() {
        let window = Window::default();
        let at = |now| window.take(now, Duration::from_secs(10), 2);
        let standing =
            |allowed, remaining, ms| Standing { allowed, limit: 2, remaining, reset: Duration::from_millis(ms) };
        assert_eq!(at(1000), standing(true, 1, 10_000));
        assert_eq!(at(2000), standing(true, 0, 9_000));
        assert_eq!(at(10_999), standing(false, 0, 1));
        assert_eq!(at(11_000), standing(true, 1, 10_000), "anew");
        window.give_back();
        assert_eq!(at(11_000).remaining, 1);
        for _ in 0..5 {
            window.give_back();
        }
        assert_eq!(at(11_000).remaining, 1, "no credit is saved up");
    }

    #[test]
    fn many_at_once_do_not_get_more() {
        let window = Window::default();
        let through = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        if window.take(5, Duration::from_secs(1), 700).allowed {
                            through.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(through.into_inner(), 700);
        let huge = Window::default().take(0, Duration::MAX, u64::MAX);
        assert!(huge.allowed && huge.limit == COUNT_MAX);
    }
}
