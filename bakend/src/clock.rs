//! Time as the wire writes it: UTC, milliseconds, a space and a `Z`.

use std::fmt::Write as _;

use jiff::{Timestamp, civil::DateTime, tz::Offset};

/// Now, as the wire writes it: `2024-05-01 08:00:00.000Z`.
pub fn now_text() -> String {
    text(Timestamp::now())
}

/// This moment.
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Seconds since 1970 (UTC).
pub fn now_unix_seconds() -> i64 {
    Timestamp::now().as_second()
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
}
