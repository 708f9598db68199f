//! Reading moments: RFC 3339 and the other layouts that clients send, into the one text form of the wire.
//!
//! Source: PocketBase web API, field type `date`; the layouts as PocketBase 0.40 accepts them.

use jiff::civil::{Date, DateTime, Time};

use crate::clock;

/// Seconds in an hour.
const HOUR_SECONDS: i32 = 3600;
/// Largest offset from UTC, in hours.
const OFFSET_MAX_HOURS: i32 = 24;
/// Digits of a fraction of a second that count.
const FRACTION_DIGITS: usize = 9;

/// The moment in UTC, as the wire writes it; empty when no layout fits, when it does not exist, or when it falls outside
/// the years 0 to 9999.
pub fn parse(text: &str) -> String {
    if is_wire(text) {
        return if text.starts_with("0001-01-01 00:00:00.000") { String::new() } else { text.to_owned() };
    }
    LAYOUTS.iter().find_map(|layout| read(layout, text)).and_then(finish).unwrap_or_default()
}

/// Whether a text is already in the form that [`parse`] gives back: by far the most frequent case.
fn is_wire(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 24 && bytes[23] == b'Z' && bytes[10] == b' ' && bytes[19] == b'.' && read(LAYOUTS[0], text).is_some()
}

/// What a text said so far. Without a date it is the first of January of year 0, as layouts of times have it.
#[derive(Clone, Copy)]
struct Parts {
    year: i16,
    month: i8,
    day: i8,
    hour: i8,
    minute: i8,
    second: i8,
    nanosecond: i32,
    offset_seconds: i32,
}

/// One piece of a layout.
#[derive(Clone, Copy)]
enum Piece {
    /// This text.
    Is(&'static str),
    /// Four digits.
    Year,
    /// Two digits: 69 to 99 are of the last century.
    ShortYear,
    /// Two digits.
    Month,
    /// `Jan`, in any case.
    MonthName,
    /// Two digits.
    Day,
    /// One or two digits, with a space before a single one.
    PaddedDay,
    /// `Mon`, in any case.
    Weekday,
    /// `Monday`, in any case.
    LongWeekday,
    /// One or two digits, 0 to 23.
    Hour,
    /// One or two digits, 1 to 12.
    Hour12,
    /// Two digits.
    Minute,
    /// Two digits, and optionally `.` or `,` and a fraction.
    Second,
    /// `AM` or `PM`.
    HalfDay,
    /// `+02:00`.
    ColonOffset,
    /// `+0200`.
    PlainOffset,
    /// `Z` or `+02:00`.
    ZuluOrColonOffset,
    /// `Z` or `+0200`.
    ZuluOrPlainOffset,
    /// `GMT`, `EST`: three or four capitals, which tell nothing about the offset.
    ZoneName,
}

use Piece::{
    ColonOffset, Day, HalfDay, Hour, Hour12, Is, LongWeekday, Minute, Month, MonthName, PaddedDay, PlainOffset, Second,
    ShortYear, Weekday, Year, ZoneName, ZuluOrColonOffset, ZuluOrPlainOffset,
};

const LAYOUTS: &[&[Piece]] = &[
    &[Year, Is("-"), Month, Is("-"), Day, Is(" "), Hour, Is(":"), Minute, Is(":"), Second, ZuluOrColonOffset],
    &[Year, Is("-"), Month, Is("-"), Day, Is("T"), Hour, Is(":"), Minute, Is(":"), Second, ZuluOrColonOffset],
    &[Year, Is("-"), Month, Is("-"), Day, Is("T"), Hour, Is(":"), Minute, Is(":"), Second, PlainOffset],
    &[Year, Is("-"), Month, Is("-"), Day, Is("T"), Hour, Is(":"), Minute, Is(":"), Second],
    &[Year, Is("-"), Month, Is("-"), Day, Is(" "), Hour, Is(":"), Minute, Is(":"), Second, ZuluOrPlainOffset],
    &[Year, Is("-"), Month, Is("-"), Day, Is(" "), Hour, Is(":"), Minute, Is(":"), Second],
    &[Year, Is("-"), Month, Is("-"), Day, Is(" "), Hour, Is(":"), Minute, Is(":"), Second, Is(" "), ColonOffset],
    &[Year, Is("-"), Month, Is("-"), Day, Is(" "), Hour, Is(":"), Minute, Is(":"), Second, Is(" "), PlainOffset],
    &[
        Year,
        Is("-"),
        Month,
        Is("-"),
        Day,
        Is(" "),
        Hour,
        Is(":"),
        Minute,
        Is(":"),
        Second,
        Is(" "),
        PlainOffset,
        Is(" "),
        ZoneName,
    ],
    &[Year, Is("-"), Month, Is("-"), Day],
    &[
        Weekday,
        Is(", "),
        Day,
        Is(" "),
        MonthName,
        Is(" "),
        Year,
        Is(" "),
        Hour,
        Is(":"),
        Minute,
        Is(":"),
        Second,
        Is(" "),
        PlainOffset,
    ],
    &[
        Weekday,
        Is(", "),
        Day,
        Is(" "),
        MonthName,
        Is(" "),
        Year,
        Is(" "),
        Hour,
        Is(":"),
        Minute,
        Is(":"),
        Second,
        Is(" "),
        ZoneName,
    ],
    &[
        LongWeekday,
        Is(", "),
        Day,
        Is("-"),
        MonthName,
        Is("-"),
        ShortYear,
        Is(" "),
        Hour,
        Is(":"),
        Minute,
        Is(":"),
        Second,
        Is(" "),
        ZoneName,
    ],
    &[Day, Is(" "), MonthName, Is(" "), ShortYear, Is(" "), Hour, Is(":"), Minute, Is(" "), PlainOffset],
    &[Day, Is(" "), MonthName, Is(" "), ShortYear, Is(" "), Hour, Is(":"), Minute, Is(" "), ZoneName],
    &[Weekday, Is(" "), MonthName, Is(" "), PaddedDay, Is(" "), Hour, Is(":"), Minute, Is(":"), Second, Is(" "), Year],
    &[
        Weekday,
        Is(" "),
        MonthName,
        Is(" "),
        PaddedDay,
        Is(" "),
        Hour,
        Is(":"),
        Minute,
        Is(":"),
        Second,
        Is(" "),
        ZoneName,
        Is(" "),
        Year,
    ],
    &[
        Weekday,
        Is(" "),
        MonthName,
        Is(" "),
        Day,
        Is(" "),
        Hour,
        Is(":"),
        Minute,
        Is(":"),
        Second,
        Is(" "),
        PlainOffset,
        Is(" "),
        Year,
    ],
    &[Day, Is(" "), MonthName, Is(" "), Year],
    &[MonthName, Is(" "), PaddedDay, Is(" "), Hour, Is(":"), Minute, Is(":"), Second],
    &[Hour12, Is(":"), Minute, HalfDay],
];

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The parts, if the whole text fits the layout and names a day and a time that exist.
fn read(layout: &[Piece], text: &str) -> Option<Parts> {
    let mut parts =
        Parts { year: 0, month: 1, day: 1, hour: 0, minute: 0, second: 0, nanosecond: 0, offset_seconds: 0 };
    let mut rest = text;
    for piece in layout {
        rest = step(*piece, rest, &mut parts)?;
    }
    let exists = rest.is_empty()
        && Date::new(parts.year, parts.month, parts.day).is_ok()
        && Time::new(parts.hour, parts.minute, parts.second, parts.nanosecond).is_ok();
    exists.then_some(parts)
}

fn step<'t>(piece: Piece, text: &'t str, parts: &mut Parts) -> Option<&'t str> {
    match piece {
        Is(literal) => text.strip_prefix(literal),
        Year => digits(text, 4, 4).map(|(value, rest)| (parts.year = value as i16, rest).1),
        ShortYear => digits(text, 2, 2).map(|(value, rest)| {
            parts.year = value as i16 + if value >= 69 { 1900 } else { 2000 };
            rest
        }),
        Month => digits(text, 2, 2).map(|(value, rest)| (parts.month = value as i8, rest).1),
        MonthName => {
            let at = MONTHS.iter().position(|name| starts_with(text, name))?;
            parts.month = at as i8 + 1;
            text.get(3..)
        }
        Day => digits(text, 2, 2).map(|(value, rest)| (parts.day = value as i8, rest).1),
        PaddedDay => {
            let text = text.strip_prefix(' ').unwrap_or(text);
            digits(text, 1, 2).map(|(value, rest)| (parts.day = value as i8, rest).1)
        }
        Weekday => WEEKDAYS.iter().any(|name| starts_with(text, &name[..3])).then(|| text.get(3..))?,
        LongWeekday => {
            let name = WEEKDAYS.iter().find(|name| starts_with(text, name))?;
            text.get(name.len()..)
        }
        Hour => digits(text, 1, 2).map(|(value, rest)| (parts.hour = value as i8, rest).1),
        Hour12 => digits(text, 1, 2)
            .filter(|(value, _)| (1..=12).contains(value))
            .map(|(value, rest)| (parts.hour = value as i8, rest).1),
        Minute => digits(text, 2, 2).map(|(value, rest)| (parts.minute = value as i8, rest).1),
        Second => second(text, parts),
        HalfDay => {
            let (afternoon, rest) = match text.strip_prefix("PM") {
                Some(rest) => (12, rest),
                None => (0, text.strip_prefix("AM")?),
            };
            parts.hour = parts.hour % 12 + afternoon;
            Some(rest)
        }
        ColonOffset => offset(text, true, parts),
        PlainOffset => offset(text, false, parts),
        ZuluOrColonOffset => text.strip_prefix('Z').or_else(|| offset(text, true, parts)),
        ZuluOrPlainOffset => text.strip_prefix('Z').or_else(|| offset(text, false, parts)),
        ZoneName => {
            let length = text.bytes().take_while(u8::is_ascii_uppercase).count();
            (3..=4).contains(&length).then(|| &text[length..])
        }
    }
}

fn second<'t>(text: &'t str, parts: &mut Parts) -> Option<&'t str> {
    let (value, rest) = digits(text, 2, 2)?;
    parts.second = i8::try_from(value).ok().filter(|value| *value < 60)?;
    let Some(fraction) = rest.strip_prefix(['.', ',']) else { return Some(rest) };
    let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
    if length == 0 {
        return None;
    }
    let kept = &fraction[..length.min(FRACTION_DIGITS)];
    let scale = 10_i32.pow((FRACTION_DIGITS - kept.len()) as u32);
    parts.nanosecond = kept.parse::<i32>().ok()? * scale;
    Some(&fraction[length..])
}

fn offset<'t>(text: &'t str, colon: bool, parts: &mut Parts) -> Option<&'t str> {
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, rest) = digits(&text[1..], 2, 2)?;
    let rest = if colon { rest.strip_prefix(':')? } else { rest };
    let (minutes, rest) = digits(rest, 2, 2)?;
    if hours > OFFSET_MAX_HOURS || minutes > 59 {
        return None;
    }
    parts.offset_seconds = sign * (hours * HOUR_SECONDS + minutes * 60);
    Some(rest)
}

/// A number of at least `min` and at most `max` digits, and what follows.
fn digits(text: &str, min: usize, max: usize) -> Option<(i32, &str)> {
    let length = text.bytes().take(max).take_while(u8::is_ascii_digit).count();
    if length < min {
        return None;
    }
    text[..length].parse().ok().map(|value| (value, &text[length..]))
}

fn starts_with(text: &str, lower: &str) -> bool {
    text.get(..lower.len()).is_some_and(|start| start.eq_ignore_ascii_case(lower))
}

fn finish(parts: Parts) -> Option<String> {
    let date = Date::new(parts.year, parts.month, parts.day).ok()?;
    let time = Time::new(parts.hour, parts.minute, parts.second, parts.nanosecond).ok()?;
    let moved = DateTime::from_parts(date, time)
        .checked_sub(jiff::SignedDuration::from_secs(i64::from(parts.offset_seconds)))
        .ok()?;
    let text = (0..=9999).contains(&moved.year()).then(|| clock::civil_text(moved)).flatten()?;
    // The zero moment of year 1 means "no moment".
    (!text.starts_with("0001-01-01 00:00:00.000")).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_layouts_are_read() {
        for (given, shown) in [
            ("2024-01-02T03:04:05Z", "2024-01-02 03:04:05.000Z"),
            ("2024-01-02T03:04:05.123456789Z", "2024-01-02 03:04:05.123Z"),
            ("2024-01-02T03:04:05.123456789123Z", "2024-01-02 03:04:05.123Z"),
            ("2024-01-02T03:04:05+02:00", "2024-01-02 01:04:05.000Z"),
            ("2024-01-02T03:04:05+0200", "2024-01-02 01:04:05.000Z"),
            ("2024-01-02T03:04:05.5", "2024-01-02 03:04:05.500Z"),
            ("2024-01-02 03:04:05,5", "2024-01-02 03:04:05.500Z"),
            ("2024-01-02 03:04:05.123+02:00", "2024-01-02 01:04:05.123Z"),
            ("2024-01-02 03:04:05 +02:00", "2024-01-02 01:04:05.000Z"),
            ("2024-01-02 03:04:05 +0200 EET", "2024-01-02 01:04:05.000Z"),
            ("2024-01-02 3:04:05", "2024-01-02 03:04:05.000Z"),
            ("Tue, 02 Jan 2024 03:04:05 EST", "2024-01-02 03:04:05.000Z"),
            ("Wed, 02 Jan 2024 03:04:05 GMT", "2024-01-02 03:04:05.000Z"),
            ("Tue, 02 Jan 2024 03:04:05 +0200", "2024-01-02 01:04:05.000Z"),
            ("02 Jan 24 03:04 UTC", "2024-01-02 03:04:00.000Z"),
            ("Tuesday, 02-Jan-24 03:04:05 UTC", "2024-01-02 03:04:05.000Z"),
            ("Tue Jan  2 03:04:05 2024", "2024-01-02 03:04:05.000Z"),
            ("Tue Jan 2 03:04:05 2024", "2024-01-02 03:04:05.000Z"),
            ("Tue Jan  2 03:04:05 UTC 2024", "2024-01-02 03:04:05.000Z"),
            ("Tue Jan 02 03:04:05 +0200 2024", "2024-01-02 01:04:05.000Z"),
            ("02 jan 2024", "2024-01-02 00:00:00.000Z"),
            ("2024-01-02", "2024-01-02 00:00:00.000Z"),
            ("2024-02-29", "2024-02-29 00:00:00.000Z"),
            ("3:04PM", "0000-01-01 15:04:00.000Z"),
            ("12:30AM", "0000-01-01 00:30:00.000Z"),
            ("Jan  2 03:04:05.000", "0000-01-02 03:04:05.000Z"),
            ("0000-01-01", "0000-01-01 00:00:00.000Z"),
            ("1969-12-31 23:59:59.9995Z", "1969-12-31 23:59:59.999Z"),
            ("2024-01-02T03:04:05+24:00", "2024-01-01 03:04:05.000Z"),
            ("2024-01-02 03:04:05.123Z", "2024-01-02 03:04:05.123Z"),
        ] {
            assert_eq!(parse(given), shown, "{given}");
        }
    }

    #[test]
    fn what_is_no_moment_is_empty() {
        for given in [
            "",
            "zz",
            "1700000000",
            "1.5",
            "2024",
            "2024-01",
            "2024-1-2",
            "2024/01/02",
            "20240102",
            "2024-02-30",
            "2023-02-29",
            "2024-13-01",
            "2024-01-02T24:00:00Z",
            "2024-01-02T23:59:60Z",
            "2024-01-02t03:04:05z",
            "2024-01-02T03:04",
            "2024-01-02 03:04",
            " 2024-01-02",
            "2024-01-02 ",
            "2024-01-02 03:04:05 UTC",
            "0001-01-01",
            "0001-01-01 00:00:00.000Z",
            "10000-01-01",
            "-0001-01-01",
            "9999-12-31T23:59:59-01:00",
            "0000-01-01T00:00:00+01:00",
            "2 Jan 2024",
            "Tue, 2 Jan 2024 03:04:05 GMT",
            "2024-01-02T03:04:05.Z",
            "2024-01-02T03:04:05+25:00",
            "2024-02-30 00:00:00.000Z",
            "ä024-01-02 00:00:00.00Z",
            "@now",
        ] {
            assert_eq!(parse(given), "", "{given}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_was_read_reads_the_same_again(text in "[0-9TZ :.+-]{0,30}|\\PC{0,30}") {
            let once = parse(&text);
            proptest::prop_assert_eq!(parse(&once), once);
        }
    }
}
