//! Values known before a statement runs, compared as the database would compare them.

use std::{borrow::Cow, cmp::Ordering};

use super::lexer::Op;
use crate::{limits::LIKE_PATTERN_MAX_BYTES, schema::Scalar};

/// A value known before a statement runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Val<'a> {
    /// NULL
    Null,
    /// An integer, or a bool as 0 or 1.
    Int(i64),
    /// A double.
    Real(f64),
    /// Text, also dates and JSON.
    Text(Cow<'a, str>),
}

/// What a plan must know of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// NULL
    Null,
    /// `''`
    Empty,
    /// Anything else.
    Known,
}

/// What a value is compared as with one that has no type of its own, as SQL does for columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Affinity {
    /// Numbers become text.
    Text,
    /// Text that is a number becomes one.
    Number,
}

impl<'a> Val<'a> {
    /// What it is when compared with something of this type.
    pub fn compared_with(self, other: Option<Affinity>) -> Val<'a> {
        match (other, self) {
            (Some(Affinity::Number), Self::Text(text)) => match text.trim().parse::<f64>() {
                Ok(number) if number.is_finite() => Self::Real(number),
                _ => Self::Text(text),
            },
            (Some(Affinity::Text), number @ (Self::Int(_) | Self::Real(_))) => {
                Self::Text(number.to_text().unwrap_or_default().into_owned().into())
            }
            (_, value) => value,
        }
    }
}

impl Val<'_> {
    /// What a plan must know of it.
    pub fn class(&self) -> Class {
        match self {
            Self::Null => Class::Null,
            Self::Text(text) if text.is_empty() => Class::Empty,
            _ => Class::Known,
        }
    }

    /// As a statement binds it.
    pub fn to_scalar(&self) -> Scalar {
        match self {
            Self::Null => Scalar::Null,
            Self::Int(number) => Scalar::Int(*number),
            Self::Real(number) => Scalar::Real(*number),
            Self::Text(text) => Scalar::Text(text.as_ref().to_owned()),
        }
    }

    /// As text, the way the database casts it; `None`: NULL.
    pub fn to_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Null => None,
            Self::Int(number) => Some(number.to_string().into()),
            Self::Real(number) if number.fract() == 0.0 && number.abs() < 1e15 => Some(format!("{number:.1}").into()),
            Self::Real(number) => Some(number.to_string().into()),
            Self::Text(text) => Some(Cow::Borrowed(text)),
        }
    }

    fn order(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Null, _) | (_, Self::Null) => None,
            (Self::Text(left), Self::Text(right)) => Some(left.as_bytes().cmp(right.as_bytes())),
            (Self::Text(_), _) => Some(Ordering::Greater),
            (_, Self::Text(_)) => Some(Ordering::Less),
            (left, right) => left.number().partial_cmp(&right.number()),
        }
    }

    fn number(&self) -> f64 {
        match self {
            Self::Int(number) => *number as f64,
            Self::Real(number) => *number,
            _ => 0.0,
        }
    }
}

/// How a value on the right of `~` becomes a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Pattern {
    /// A literal or a request value: wrapped and escaped unless it has a `%` of its own.
    Wrapped,
    /// The value of a field: wrapped as it is.
    Contains,
}

impl Pattern {
    /// The pattern of a value; `None`: NULL or too long, which nothing is like.
    pub fn of(self, value: &Val<'_>) -> Option<String> {
        let text: Cow<'_, str> = match value {
            Val::Null => return None,
            Val::Real(number) if self == Self::Wrapped => number.to_string().into(),
            other => other.to_text()?,
        };
        let pattern = match self {
            Self::Wrapped if has_wildcard(&text) => text.into_owned(),
            Self::Wrapped => format!("%{}%", escape(&text)),
            Self::Contains => format!("%{text}%"),
        };
        (pattern.len() <= LIKE_PATTERN_MAX_BYTES).then_some(pattern)
    }
}

/// Whether there is a `%` without a backslash in front.
fn has_wildcard(text: &str) -> bool {
    let mut escaped = false;
    for char in text.chars() {
        if char == '%' && !escaped {
            return true;
        }
        escaped = char == '\\' && !escaped;
    }
    false
}

/// A backslash in front of every `\`, `%` and `_` that has none.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    let special = |char: char| matches!(char, '\\' | '%' | '_');
    while let Some(char) = chars.next() {
        match (char, chars.peek()) {
            ('\\', Some(next)) if special(*next) => {
                out.push(char);
                out.extend(chars.next());
            }
            (char, _) if special(char) => out.extend(['\\', char]),
            (char, _) => out.push(char),
        }
    }
    out
}

/// Whether two known values satisfy an operator. `exact`: NULL and `''` are not the same (json).
pub fn holds(left: &Val<'_>, op: Op, right: &Val<'_>, exact: bool, pattern: Pattern) -> bool {
    let same = || {
        if exact {
            return (left.class() == Class::Null && right.class() == Class::Null)
                || left.order(right) == Some(Ordering::Equal);
        }
        match (left.class() == Class::Known, right.class() == Class::Known) {
            (true, true) => left.order(right) == Some(Ordering::Equal),
            (false, false) => true,
            _ => false,
        }
    };
    let like = || {
        let (text, pattern) = (left.to_text()?, pattern.of(right)?);
        Some(is_like(&text, &pattern))
    };
    match op {
        Op::Eq => same(),
        Op::Neq => !same(),
        Op::Gt => left.order(right) == Some(Ordering::Greater),
        Op::Gte => matches!(left.order(right), Some(Ordering::Greater | Ordering::Equal)),
        Op::Lt => left.order(right) == Some(Ordering::Less),
        Op::Lte => matches!(left.order(right), Some(Ordering::Less | Ordering::Equal)),
        Op::Like => like() == Some(true),
        Op::NotLike => like() == Some(false),
    }
}

/// `LIKE … ESCAPE '\'` without regard to the case of ASCII letters. Greedy with one place to return to, so never exponential.
fn is_like(text: &str, pattern: &str) -> bool {
    enum Part {
        Rest,
        One,
        Exactly(char),
    }
    let mut parts = Vec::with_capacity(pattern.len());
    let mut chars = pattern.chars();
    while let Some(char) = chars.next() {
        parts.push(match char {
            '%' => Part::Rest,
            '_' => Part::One,
            '\\' => match chars.next() {
                Some(next) => Part::Exactly(next),
                None => return false,
            },
            other => Part::Exactly(other),
        });
    }
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut part, mut again) = (0, 0, None);
    while at < text.len() {
        match parts.get(part) {
            Some(Part::Rest) => {
                again = Some((part, at));
                part += 1;
            }
            Some(Part::One) => (at, part) = (at + 1, part + 1),
            Some(Part::Exactly(char)) if char.eq_ignore_ascii_case(&text[at]) => (at, part) = (at + 1, part + 1),
            _ => match &mut again {
                Some((rest, from)) => {
                    *from += 1;
                    (at, part) = (*from, *rest + 1);
                }
                None => return false,
            },
        }
    }
    parts[part..].iter().all(|part| matches!(part, Part::Rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_wrapped_unless_it_has_a_wildcard() {
        for (given, wrapped) in [
            ("ab", "%ab%"),
            ("ab%", "ab%"),
            ("a_b", r"%a\_b%"),
            (r"a\_b", r"%a\_b%"),
            (r"a\%b", r"%a\%b%"),
            (r"a\b", r"%a\\b%"),
            (r"a\\%", r"a\\%"),
            ("", "%%"),
        ] {
            assert_eq!(Pattern::Wrapped.of(&Val::Text(given.into())).as_deref(), Some(wrapped), "{given}");
        }
        assert_eq!(Pattern::Wrapped.of(&Val::Real(5.0)).as_deref(), Some("%5%"));
        assert_eq!(Pattern::Contains.of(&Val::Text("a%".into())).as_deref(), Some("%a%%"));
        assert_eq!(Pattern::Wrapped.of(&Val::Null), None);
    }

    #[test]
    fn like_knows_its_wildcards() {
        for (text, pattern, matches) in [
            ("Hello", "%ELL%", true),
            ("Hello", "h%o", true),
            ("Hello", "h_llo", true),
            ("Hello", "hell", false),
            ("a%b", r"a\%b", true),
            ("axb", r"a\%b", false),
            ("", "%", true),
            ("", "_", false),
            ("É", "é", false),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaab", "%a%a%a%a%a%a%a%a%a%a%c", false),
        ] {
            assert_eq!(is_like(text, pattern), matches, "{text} {pattern}");
        }
    }

    #[test]
    fn known_values_compare_as_the_database_does() {
        let text = |text: &'static str| Val::Text(text.into());
        for (left, op, right, holds_loosely, holds_exactly) in [
            (Val::Null, Op::Eq, text(""), true, false),
            (Val::Null, Op::Eq, Val::Null, true, true),
            (Val::Null, Op::Neq, text("a"), true, true),
            (Val::Int(1), Op::Eq, Val::Real(1.0), true, true),
            (text("1"), Op::Eq, Val::Real(1.0), false, false),
            (text("10"), Op::Gt, Val::Real(90.0), true, true),
            (Val::Null, Op::Lt, text("a"), false, false),
            (text(""), Op::Lt, text("a"), true, true),
            (text("abc"), Op::Like, text("B"), true, true),
            (Val::Null, Op::NotLike, text("B"), false, false),
            (text("abc"), Op::NotLike, text("x"), true, true),
        ] {
            assert_eq!(holds(&left, op, &right, false, Pattern::Wrapped), holds_loosely, "{left:?} {op:?} {right:?}");
            assert_eq!(holds(&left, op, &right, true, Pattern::Wrapped), holds_exactly, "{left:?} {op:?} {right:?}");
        }
    }
}
