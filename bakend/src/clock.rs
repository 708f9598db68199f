//! Time as the wire writes it: UTC, milliseconds, a space and a `Z`.

use std::{
    cell::RefCell,
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use jiff::{Timestamp, civil::DateTime, tz::Offset};

/// Now, as the wire writes it: `2024-05-01 08:00:00.000Z`.
pub fn now_text() -> String {
    text(now())
}

/// This moment; on a thread that follows a [`Clock`], what that says.
pub fn now() -> Timestamp {
    current().map_or_else(Timestamp::now, |clock| clock.now())
}

/// Seconds since 1970 (UTC).
pub fn now_unix_seconds() -> i64 {
    now().as_second()
}

/// A clock that stands still until it is moved, for tests. Clones are the same clock.
#[derive(Clone, Debug)]
pub struct Clock {
    milliseconds: Arc<AtomicI64>,
}

/// Whether any clock was ever followed: a plain load is all that this costs where none is.
static FOLLOWED: AtomicBool = AtomicBool::new(false);

thread_local! {
    static CURRENT: RefCell<Option<Clock>> = const { RefCell::new(None) };
}

impl Default for Clock {
    /// It stands at this moment.
    fn default() -> Self {
        Self { milliseconds: Arc::new(AtomicI64::new(Timestamp::now().as_millisecond())) }
    }
}

impl Clock {
    /// What it says.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.milliseconds.load(Ordering::Relaxed)).unwrap_or(Timestamp::MAX)
    }

    /// Moves it to a moment.
    pub fn set(&self, moment: Timestamp) {
        self.milliseconds.store(moment.as_millisecond(), Ordering::Relaxed);
    }

    /// Moves it on.
    pub fn advance(&self, by: Duration) {
        self.milliseconds.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// Has this thread follow it until the value is dropped.
    pub(crate) fn follow(&self) -> Following {
        FOLLOWED.store(true, Ordering::Relaxed);
        Following(CURRENT.with_borrow_mut(|current| current.replace(self.clone())))
    }
}

/// A thread follows a clock; dropped, it follows the one before again.
pub(crate) struct Following(Option<Clock>);

impl Drop for Following {
    fn drop(&mut self) {
        CURRENT.with_borrow_mut(|current| *current = self.0.take());
    }
}

/// The clock that this thread follows, for work that goes on elsewhere.
pub(crate) fn current() -> Option<Clock> {
    if !FOLLOWED.load(Ordering::Relaxed) {
        return None;
    }
    CURRENT.with_borrow(Clone::clone)
}

/// A moment as the wire writes it; what is finer than a millisecond is cut off.
pub fn text(moment: Timestamp) -> String {
    let civil = Offset::UTC.to_datetime(moment);
    let mut out = String::with_capacity(24);
    let (date, time) = (civil.date(), civil.time());
    write!(
        out,
        "{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:03}Z",
        date.year(),
        date.month(),
        date.day(),
        time.hour(),
        time.minute(),
        time.second(),
        time.subsec_nanosecond() / 1_000_000
    )
    .expect("writing to a String cannot fail");
    out
}

/// A moment in seconds since 1970, as the wire writes it; the nearest representable one when it is out of range.
pub fn text_of_unix_seconds(seconds: i64) -> String {
    let nearest = if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX };
    text(Timestamp::from_second(seconds).unwrap_or(nearest))
}

/// Seconds since 1970 of a moment as the wire writes it; `None`: it is none.
pub fn unix_seconds(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_second)
}

/// A UTC civil time as the wire writes it; `None` outside the representable range.
pub fn civil_text(civil: DateTime) -> Option<String> {
    Offset::UTC.to_timestamp(civil).ok().map(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_with_milliseconds() {
        let moment = Timestamp::from_millisecond(1_714_550_400_007).expect("in range");
        assert_eq!(text(moment), "2024-05-01 08:00:00.007Z");
        assert_eq!(text_of_unix_seconds(moment.as_second()), "2024-05-01 08:00:00.000Z");
        assert_eq!(unix_seconds("2024-05-01 08:00:00.007Z"), Some(moment.as_second()));
        assert_eq!((unix_seconds(""), unix_seconds("soon")), (None, None));
        assert!(text_of_unix_seconds(i64::MAX).starts_with("9999-12-"));
    }

    #[test]
    fn a_thread_follows_a_clock_for_a_while() {
        let clock = Clock::default();
        clock.set(Timestamp::from_second(0).expect("in range"));
        let following = clock.follow();
        clock.advance(Duration::from_secs(90));
        assert_eq!((now_unix_seconds(), now_text().as_str()), (90, "1970-01-01 00:01:30.000Z"));
        assert!(std::thread::spawn(now_unix_seconds).join().expect("no panic") > 90, "others do not follow");
        drop(following);
        assert!(now_unix_seconds() > 90);
    }
}
