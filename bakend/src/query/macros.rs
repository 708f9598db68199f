//! `@now` and its kin: moments and their parts, in UTC.

use jiff::{Timestamp, tz::Offset};

use super::value::Val;
use crate::clock;

/// A name that stands for a moment or a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Macro {
    /// This moment.
    Now,
    /// A day ago.
    Yesterday,
    /// In a day.
    Tomorrow,
    /// 00:00:00.000 of this day.
    TodayStart,
    /// 23:59:59.999 of this day.
    TodayEnd,
    /// The first moment of this month.
    MonthStart,
    /// The last millisecond of this month.
    MonthEnd,
    /// The first moment of this year.
    YearStart,
    /// The last millisecond of this year.
    YearEnd,
    /// 0 to 59.
    Second,
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// 1 to 31.
    Day,
    /// 1 to 12.
    Month,
    /// 0 (Sunday) to 6.
    Weekday,
    /// The year.
    Year,
}

impl Macro {
    /// The macro of this exact name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "@now" => Self::Now,
            "@yesterday" => Self::Yesterday,
            "@tomorrow" => Self::Tomorrow,
            "@todayStart" => Self::TodayStart,
            "@todayEnd" => Self::TodayEnd,
            "@monthStart" => Self::MonthStart,
            "@monthEnd" => Self::MonthEnd,
            "@yearStart" => Self::YearStart,
            "@yearEnd" => Self::YearEnd,
            "@second" => Self::Second,
            "@minute" => Self::Minute,
            "@hour" => Self::Hour,
            "@day" => Self::Day,
            "@month" => Self::Month,
            "@weekday" => Self::Weekday,
            "@year" => Self::Year,
            _ => return None,
        })
    }

    /// Its value at a moment: text as the wire writes it, or a whole number.
    pub fn value(self, moment: Timestamp) -> Val<'static> {
        let now = Offset::UTC.to_datetime(moment);
        let civil = match self {
            Self::Now => now,
            Self::Yesterday => now.yesterday().unwrap_or(now),
            Self::Tomorrow => now.tomorrow().unwrap_or(now),
            Self::TodayStart => now.start_of_day(),
            Self::TodayEnd => now.end_of_day(),
            Self::MonthStart => now.first_of_month().start_of_day(),
            Self::MonthEnd => now.last_of_month().end_of_day(),
            Self::YearStart => now.first_of_year().start_of_day(),
            Self::YearEnd => now.last_of_year().end_of_day(),
            Self::Second => return Val::Int(now.second().into()),
            Self::Minute => return Val::Int(now.minute().into()),
            Self::Hour => return Val::Int(now.hour().into()),
            Self::Day => return Val::Int(now.day().into()),
            Self::Month => return Val::Int(now.month().into()),
            Self::Weekday => return Val::Int(now.weekday().to_sunday_zero_offset().into()),
            Self::Year => return Val::Int(now.year().into()),
        };
        Val::Text(clock::civil_text(civil).unwrap_or_default().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_macro_has_its_value() {
        let moment: Timestamp = "2024-02-28T23:05:09.5004Z".parse().expect("a moment");
        for (name, value) in [
            ("@now", "2024-02-28 23:05:09.500Z"),
            ("@yesterday", "2024-02-27 23:05:09.500Z"),
            ("@tomorrow", "2024-02-29 23:05:09.500Z"),
            ("@todayStart", "2024-02-28 00:00:00.000Z"),
            ("@todayEnd", "2024-02-28 23:59:59.999Z"),
            ("@monthStart", "2024-02-01 00:00:00.000Z"),
            ("@monthEnd", "2024-02-29 23:59:59.999Z"),
            ("@yearStart", "2024-01-01 00:00:00.000Z"),
            ("@yearEnd", "2024-12-31 23:59:59.999Z"),
        ] {
            let known = Macro::named(name).expect("known");
            assert_eq!(known.value(moment), Val::Text(value.into()), "{name}");
        }
        for (name, value) in [
            ("@second", 9),
            ("@minute", 5),
            ("@hour", 23),
            ("@day", 28),
            ("@month", 2),
            ("@weekday", 3),
            ("@year", 2024),
        ] {
            assert_eq!(Macro::named(name).expect("known").value(moment), Val::Int(value), "{name}");
        }
        assert_eq!(Macro::named("@Now"), None);
    }
}
