//! Whether a file is wanted at all, and which part of it.
//!
//! Source: RFC 9110, conditional requests and range requests.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use jiff::{Timestamp, civil::DateTime, fmt::rfc2822, tz::TimeZone};

/// What the conditions of a request say.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The file is to be sent.
    Wanted,
    /// The client has it (304).
    Known,
    /// The client wants another one (412).
    Failed,
}

/// What of a file is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Range {
    Whole,
    Part {
        start: u64,
        length: u64,
    },
    /// Not a byte of it.
    Outside,
    /// Nobody can tell.
    Unreadable,
}

/// Asks the conditions in the order of the standard.
pub(super) fn standing(headers: &HeaderMap, tag: &str, modified: Timestamp) -> Standing {
    let seconds = modified.as_second();
    if let Some(listed) = tags(headers, header::IF_MATCH) {
        if !listed.iter().any(|one| *one == "*" || strong(one) == Some(tag)) {
            return Standing::Failed;
        }
    } else if headers.get(header::IF_UNMODIFIED_SINCE).and_then(moment).is_some_and(|since| seconds > since) {
        return Standing::Failed;
    }
    if headers.contains_key(header::IF_NONE_MATCH) {
        return if knows(headers, tag) { Standing::Known } else { Standing::Wanted };
    }
    let since = headers.get(header::IF_MODIFIED_SINCE).and_then(moment);
    if since.is_some_and(|since| seconds <= since) { Standing::Known } else { Standing::Wanted }
}

/// Whether the client says that it has what the tag names.
pub(in crate::http) fn knows(headers: &HeaderMap, tag: &str) -> bool {
    let is_it = |one: &&str| *one == "*" || strong(one.strip_prefix("W/").unwrap_or(one)) == Some(tag);
    tags(headers, header::IF_NONE_MATCH).is_some_and(|listed| listed.iter().any(is_it))
}

/// One range is honoured; several at once get the whole file, as the standard allows.
pub(super) fn range(headers: &HeaderMap, size: u64, tag: &str, modified: Timestamp) -> Range {
    let Some(asked) = headers.get(header::RANGE).and_then(|range| range.to_str().ok()) else { return Range::Whole };
    if headers.get(header::IF_RANGE).is_some_and(|stamp| !is_current(stamp, tag, modified)) {
        return Range::Whole;
    }
    // Clients that always ask for a range ask so for empty files too.
    if size == 0 {
        return Range::Whole;
    }
    let Some((_, spec)) = asked.split_once('=').filter(|(unit, _)| unit.eq_ignore_ascii_case("bytes")) else {
        return Range::Unreadable;
    };
    if spec.contains(',') {
        return Range::Whole;
    }
    let Some((from, to)) = spec.trim().split_once('-') else { return Range::Unreadable };
    let (start, end) = match (number(from), number(to)) {
        (Some(start), Some(end)) => (start, end.saturating_add(1).min(size)),
        (Some(start), None) if to.is_empty() => (start, size),
        (None, Some(last)) if from.is_empty() => (size.saturating_sub(last), size),
        _ => return Range::Unreadable,
    };
    if start > end && start < size {
        return Range::Unreadable;
    }
    if start >= end { Range::Outside } else { Range::Part { start, length: end - start } }
}

/// Digits alone: Rust's numbers may have a plus.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

fn is_current(stamp: &HeaderValue, tag: &str, modified: Timestamp) -> bool {
    match stamp.to_str().ok().and_then(strong) {
        Some(given) => given == tag,
        None => moment(stamp) == Some(modified.as_second()),
    }
}

fn tags(headers: &HeaderMap, name: HeaderName) -> Option<Vec<&str>> {
    let values: Vec<&str> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
    (!values.is_empty()).then(|| values.iter().flat_map(|value| value.split(',')).map(str::trim).collect())
}

/// The inside of a strong tag.
fn strong(tag: &str) -> Option<&str> {
    tag.strip_prefix('"')?.strip_suffix('"')
}

/// Seconds since 1970 of an HTTP date. Its weekday says nothing that the date does not.
fn moment(value: &HeaderValue) -> Option<i64> {
    let text = value.to_str().ok()?;
    let usual = rfc2822::DateTimeParser::new().relaxed_weekday(true).parse_timestamp(text).ok();
    usual.or_else(|| from_before(text)).map(Timestamp::as_second)
}

/// The two forms of dates that old senders use, and that are to be understood: of RFC 850, and of asctime in C.
fn from_before(text: &str) -> Option<Timestamp> {
    let (_weekday, rest) = text.split_once(' ')?;
    let read = |format: &&str| DateTime::strptime(format, rest).ok();
    let moment = ["%d-%b-%y %H:%M:%S GMT", "%b %e %H:%M:%S %Y"].iter().find_map(read)?;
    moment.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAG: &str = "abc";
    const BEFORE: &str = "Wed, 01 May 2024 07:59:59 GMT";
    const THEN: &str = "Wed, 01 May 2024 08:00:00 GMT";

    fn stored() -> Timestamp {
        Timestamp::from_second(1_714_550_400).expect("in range")
    }

    fn headers(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn one_range_is_honoured() {
        let part = |start, length| Range::Part { start, length };
        for (asked, expected) in [
            ("bytes=0-2", part(0, 3)),
            ("bytes=2-", part(2, 8)),
            ("bytes=-3", part(7, 3)),
            ("bytes=-30", part(0, 10)),
            ("bytes=8-99", part(8, 2)),
            ("bytes=10-", Range::Outside),
            ("bytes=-0", Range::Outside),
            ("bytes=5-3", Range::Unreadable),
            ("bytes=x", Range::Unreadable),
            ("bytes=+0-1", Range::Unreadable),
            ("bytes=0-+1", Range::Unreadable),
            ("bytes=-+1", Range::Unreadable),
            ("bytes=0-18446744073709551615", part(0, 10)),
            ("bytes=0-18446744073709551616", Range::Unreadable),
            ("bytes=0-1,3-4", Range::Whole),
            ("lines=1-2", Range::Unreadable),
            ("Bytes=0-1", part(0, 2)),
        ] {
            assert_eq!(range(&headers(&[(header::RANGE, asked)]), 10, TAG, stored()), expected, "{asked}");
        }
        assert_eq!(range(&headers(&[(header::RANGE, "bytes=0-")]), 0, TAG, stored()), Range::Whole);
    }

    #[test]
    fn a_range_of_an_older_file_is_not() {
        for (stamp, expected) in [
            ("\"abc\"", Range::Part { start: 0, length: 3 }),
            (THEN, Range::Part { start: 0, length: 3 }),
            ("\"other\"", Range::Whole),
            ("W/\"abc\"", Range::Whole),
            (BEFORE, Range::Whole),
        ] {
            let headers = headers(&[(header::RANGE, "bytes=0-2"), (header::IF_RANGE, stamp)]);
            assert_eq!(range(&headers, 10, TAG, stored()), expected, "{stamp}");
        }
    }

    #[test]
    fn conditions_are_asked_in_the_order_of_the_standard() {
        use Standing::{Failed, Known, Wanted};
        use header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};
        for (pairs, expected) in [
            (&[][..], Wanted),
            (&[(IF_NONE_MATCH, "\"abc\"")], Known),
            (&[(IF_NONE_MATCH, "\"x\", W/\"abc\"")], Known),
            (&[(IF_NONE_MATCH, "*")], Known),
            (&[(IF_NONE_MATCH, "\"x\""), (IF_MODIFIED_SINCE, THEN)], Wanted),
            (&[(IF_MODIFIED_SINCE, THEN)], Known),
            (&[(IF_MODIFIED_SINCE, BEFORE)], Wanted),
            (&[(IF_MODIFIED_SINCE, "yesterday")], Wanted),
            // The date before, in the forms of RFC 850 and asctime, and with another weekday.
            (&[(IF_MODIFIED_SINCE, "Wednesday, 01-May-24 08:00:00 GMT")], Known),
            (&[(IF_MODIFIED_SINCE, "Wednesday, 01-May-24 07:59:59 GMT")], Wanted),
            (&[(IF_MODIFIED_SINCE, "Friday, 01-May-98 08:00:00 GMT")], Wanted),
            (&[(IF_MODIFIED_SINCE, "Wed May  1 08:00:00 2024")], Known),
            (&[(IF_MODIFIED_SINCE, "Wed May 10 08:00:00 2023")], Wanted),
            (&[(IF_MODIFIED_SINCE, "Mon, 01 May 2024 08:00:00 GMT")], Known),
            (&[(IF_MODIFIED_SINCE, "Mon May  1 08:00:00 2024")], Known),
            (&[(IF_MATCH, "\"abc\"")], Wanted),
            (&[(IF_MATCH, "W/\"abc\"")], Failed),
            (&[(IF_MATCH, "\"x\""), (IF_NONE_MATCH, "\"abc\"")], Failed),
            (&[(IF_UNMODIFIED_SINCE, BEFORE)], Failed),
            (&[(IF_UNMODIFIED_SINCE, THEN)], Wanted),
        ] {
            assert_eq!(standing(&headers(pairs), TAG, stored()), expected, "{pairs:?}");
        }
    }
}
