//! A moment as a field.

use std::{fmt, ops::Deref, str::FromStr};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{
    FieldValue, Misfit,
    value::{Blank, text_of},
};
use crate::{
    Error, clock,
    schema::{Value, moment},
};

/// Nanoseconds in a millisecond.
const MILLISECOND_NANOSECONDS: i128 = 1_000_000;

/// A moment in UTC, to the millisecond, of the years 0 to 9999. Reads like the [`jiff::Timestamp`] it holds.
///
/// ```
/// let start: bakend::DateTime = "2024-05-01 08:00:00Z".parse()?;
/// assert_eq!(start.to_string(), "2024-05-01 08:00:00.000Z");
/// assert_eq!(start.as_second(), 1_714_550_400);
/// # Ok::<(), bakend::Error>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(Timestamp);

impl DateTime {
    /// This moment.
    pub fn now() -> Self {
        Self::from(clock::now())
    }

    /// The moment.
    pub fn timestamp(self) -> Timestamp {
        self.0
    }
}

/// What is finer than a millisecond is cut off.
impl From<Timestamp> for DateTime {
    fn from(moment: Timestamp) -> Self {
        let fine = moment.as_nanosecond().rem_euclid(MILLISECOND_NANOSECONDS);
        Self(Timestamp::from_nanosecond(moment.as_nanosecond() - fine).unwrap_or(moment))
    }
}

impl From<DateTime> for Timestamp {
    fn from(moment: DateTime) -> Self {
        moment.0
    }
}

impl From<&Self> for DateTime {
    fn from(moment: &Self) -> Self {
        *moment
    }
}

impl Deref for DateTime {
    type Target = Timestamp;

    fn deref(&self) -> &Timestamp {
        &self.0
    }
}

impl PartialEq<Timestamp> for DateTime {
    fn eq(&self, other: &Timestamp) -> bool {
        self.0 == *other
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&clock::text(self.0))
    }
}

impl fmt::Debug for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DateTime({self})")
    }
}

/// Every layout that the API takes.
impl FromStr for DateTime {
    type Err = Error;

    /// # Errors
    /// `Invalid`: no layout fits, or there is no such day or time.
    fn from_str(text: &str) -> Result<Self, Error> {
        let wire = moment::parse(text);
        wire.parse().map(Self).map_err(|_| {
            Error::invalid(format!("{text:?} is no moment; write it as \"2024-05-01 08:00:00.000Z\" or as in RFC 3339"))
        })
    }
}

impl Serialize for DateTime {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DateTime {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

impl FieldValue for DateTime {
    fn from_value(value: &Value) -> Result<Self, Misfit> {
        let text = text_of(value).unwrap_or_default();
        // Stored moments are in the wire form, which jiff reads as it is.
        let read = text.parse().map(Self).or_else(|_| text.parse());
        read.map_err(|_: Error| Misfit::new("a moment", value))
    }

    fn to_value(&self) -> Value {
        Value::Text(self.to_string())
    }
}

impl Blank for DateTime {
    fn blank() -> Value {
        Value::Text(String::new())
    }
}

/// A moment that the database knows when the filter runs.
///
/// ```
/// # use bakend::{Collection, DateTime, typed::{Filter, Moment, Path}};
/// fn old<C: Collection>(created: Path<C, DateTime>) -> Filter<C> {
///     created.lt(Moment::YearStart)
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
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
}

impl Moment {
    /// As filters spell it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Now => "@now",
            Self::Yesterday => "@yesterday",
            Self::Tomorrow => "@tomorrow",
            Self::TodayStart => "@todayStart",
            Self::TodayEnd => "@todayEnd",
            Self::MonthStart => "@monthStart",
            Self::MonthEnd => "@monthEnd",
            Self::YearStart => "@yearStart",
            Self::YearEnd => "@yearEnd",
        }
    }
}
