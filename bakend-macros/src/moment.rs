//! Whether a text is a moment that bakend reads: a day, and what time of it.
//!
//! Source: the layouts of `bakend::schema::moment` that begin with the year.

/// Minutes in a day.
const DAY_MINUTES: i64 = 24 * 60;
/// Largest offset from UTC, in hours.
const OFFSET_MAX_HOURS: i64 = 24;
/// Days before the year 10000, counted from the first of January of year 0.
const DAYS_MAX: i64 = 3_652_425;

/// Whether a text is one. That of the year 1 which stands for none is not.
pub fn is_one(text: &str) -> bool {
    read(text).is_some_and(|(minutes, is_whole)| {
        // The offset may lead out of the years that are kept.
        let is_kept = (0..DAYS_MAX * DAY_MINUTES).contains(&minutes);
        is_kept && !(is_whole && minutes == days(1, 1, 1) * DAY_MINUTES)
    })
}

/// The minutes since the start of year 0 in UTC, and whether no millisecond of the next one has passed.
fn read(text: &str) -> Option<(i64, bool)> {
    let (year, rest) = digits(text, 4, 4)?;
    let (month, rest) = digits(rest.strip_prefix('-')?, 2, 2)?;
    let (day, rest) = digits(rest.strip_prefix('-')?, 2, 2)?;
    if !(1..=12).contains(&month) || !(1..=days_in(year, month)).contains(&day) {
        return None;
    }
    let start = days(year, month, day) * DAY_MINUTES;
    if rest.is_empty() {
        return Some((start, true));
    }
    let is_iso = rest.starts_with('T');
    let (hour, rest) = digits(rest.strip_prefix([' ', 'T'])?, 1, 2)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 2, 2)?;
    let (second, rest) = digits(rest.strip_prefix(':')?, 2, 2)?;
    let (milliseconds, rest) = fraction(rest)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let minutes = start + hour * 60 + minute - offset(rest, is_iso)?;
    Some((minutes, second == 0 && milliseconds == 0))
}

/// `.5` or nothing, as milliseconds.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(rest) = text.strip_prefix(['.', ',']) else { return Some((0, text)) };
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let kept = format!("{:0<3.3}", &rest[..length]);
    (length > 0).then(|| kept.parse().ok().map(|value| (value, &rest[length..])))?
}

/// What stands behind the time, in minutes: nothing, `Z`, `+02:00`, `+0200`; after a space, where a space stood before, also with one before
/// it and the name of a zone after it.
fn offset(text: &str, is_iso: bool) -> Option<i64> {
    if text.is_empty() || text == "Z" {
        return Some(0);
    }
    let (is_apart, text) = match text.strip_prefix(' ').filter(|_| !is_iso) {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let (hours, rest) = digits(text.strip_prefix(['+', '-'])?, 2, 2)?;
    let colon = rest.strip_prefix(':');
    let (minutes, rest) = digits(colon.unwrap_or(rest), 2, 2)?;
    let is_zone = |name: &str| (3..=4).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_uppercase());
    let is_named = is_apart && colon.is_none() && rest.strip_prefix(' ').is_some_and(is_zone);
    let fits = (rest.is_empty() || is_named) && hours <= OFFSET_MAX_HOURS && minutes <= 59;
    fits.then_some(sign * (hours * 60 + minutes))
}

/// Days from the first of January of year 0.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let years = (0..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum::<i64>();
    years + (1..month).map(|month| days_in(year, month)).sum::<i64>() + day - 1
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// A number of at least `min` and at most `max` digits, and what follows.
fn digits(text: &str, min: usize, max: usize) -> Option<(i64, &str)> {
    let length = text.bytes().take(max).take_while(u8::is_ascii_digit).count();
    let number = text[..length].parse().ok().filter(|_| length >= min)?;
    Some((number, &text[length..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bakend_reads_is_a_moment_and_nothing_else() {
        for (text, expected) in [
            ("2024-05-01", true),
            ("2024-02-29", true),
            ("2000-02-29", true),
            ("0000-01-01", true),
            ("0001-01-01 00:00:00.001Z", true),
            ("9999-12-31 23:59:59.999Z", true),
            ("2024-05-01 08:00:00.000Z", true),
            ("2024-05-01 8:00:00", true),
            ("2024-05-01T08:00:00", true),
            ("2024-05-01T08:00:00,5+02:00", true),
            ("2024-05-01T08:00:00-0200", true),
            ("2024-05-01 08:00:00 +02:00", true),
            ("2024-05-01 08:00:00 +0200", true),
            ("2024-05-01 08:00:00 +0200 CEST", true),
            ("2024-05-01T08:00:00+24:00", true),
            ("", false),
            ("yesterday", false),
            ("2024-02-30", false),
            ("2023-02-29", false),
            ("1900-02-29", false),
            ("2024-04-31", false),
            ("2024-13-01", false),
            ("2024-00-01", false),
            ("2024-01-00", false),
            ("2024-05-01 nonsense", false),
            ("2024-05-01 ", false),
            ("2024-05-01Z", false),
            ("2024-05-01 08:00", false),
            ("2024-05-01 24:00:00", false),
            ("2024-05-01 23:59:60Z", false),
            ("2024-05-01 08:00:00.Z", false),
            ("2024-05-01 08:00:00 Z", false),
            ("2024-05-01 08:00:00 UTC", false),
            ("2024-05-01T08:00:00 +02:00", false),
            ("2024-05-01 08:00:00 +02:00 CEST", false),
            ("2024-05-01 08:00:00+25:00", false),
            ("0001-01-01", false),
            ("0001-01-01 02:00:00+02:00", false),
            ("0000-01-01T00:00:00+01:00", false),
            ("9999-12-31T23:59:59-01:00", false),
            ("2024-ä5-01", false),
        ] {
            assert_eq!(is_one(text), expected, "{text}");
            assert_eq!(!bakend::schema::moment::parse(text).is_empty(), expected, "{text}, as bakend reads it");
        }
    }
}
