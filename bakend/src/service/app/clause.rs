//! Filters, sorts and expands as a program writes them: typed, or as text with values bound to names.

use serde_json::Value as Json;

use crate::{
    Error, Result,
    query::{Word, WordKind},
    service::{
        records::narrowed,
        typed::{Expand, Filter, Path, Relation, Sort},
    },
};

/// What can stand as a filter of records of `T`: filter text, or a typed filter of the same collection.
pub trait FilterOf<T> {
    /// The text.
    fn text(self) -> String;
}

/// What can stand as a sort of records of `T`.
pub trait SortOf<T> {
    /// The text.
    fn text(self) -> String;
}

/// What can stand as an expand of records of `T`.
pub trait ExpandOf<T> {
    /// The text.
    fn text(self) -> String;
}

macro_rules! texts {
    ($($clause:ident)+) => {
        $(
            impl<T> $clause<T> for &str {
                fn text(self) -> String {
                    self.to_owned()
                }
            }

            impl<T> $clause<T> for String {
                fn text(self) -> String {
                    self
                }
            }
        )+
    };
}

texts! { FilterOf SortOf ExpandOf }

impl<T> FilterOf<T> for Filter<T> {
    fn text(self) -> String {
        self.into()
    }
}

impl<T> SortOf<T> for Sort<T> {
    fn text(self) -> String {
        self.into()
    }
}

impl<T> ExpandOf<T> for Expand<T> {
    fn text(self) -> String {
        self.into()
    }
}

impl<T, D, K> ExpandOf<T> for Path<T, Relation<D>, K> {
    fn text(self) -> String {
        Expand::from(self).into()
    }
}

impl<T, D, K> ExpandOf<T> for Path<T, Vec<Relation<D>>, K> {
    fn text(self) -> String {
        Expand::from(self).into()
    }
}

/// Filters as one that asks for all of them, with values in the place of their names: `title = {:title}`. A value stays one value, whatever
/// it contains, and a filter one filter.
///
/// # Errors
/// `Invalid`: a name has no value, a value no name, a name stands in quotes, or a value is a list or an object; one of several filters does
/// not parse by itself.
pub(super) fn bind(filters: &[String], values: &[(String, Json)]) -> Result<String> {
    let mut used = vec![false; values.len()];
    let mut all = String::new();
    for filter in filters.iter().filter(|filter| !filter.is_empty()) {
        let filter = fill(filter, values, &mut used)?;
        all = narrowed(&all, &filter)?;
    }
    match used.iter().position(|used| !used) {
        Some(at) => Err(Error::invalid(format!(
            "A value is bound to {0:?}, but the filter does not name {{:{0}}}",
            values[at].0
        ))),
        None => Ok(all),
    }
}

fn fill(filter: &str, values: &[(String, Json)], used: &mut [bool]) -> Result<String> {
    if values.is_empty() && !filter.contains("{:") {
        return Ok(filter.to_owned());
    }
    let mut out = String::with_capacity(filter.len() + 32);
    let mut rest = filter;
    while let Some(at) = rest.find(['\'', '"', '{']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(name) = rest.strip_prefix("{:").and_then(|rest| rest.split_once('}')).map(|(name, _)| name) {
            let found = values.iter().position(|(own, _)| own == name);
            let found = found
                .ok_or_else(|| Error::invalid(format!("The filter names {{:{name}}}, which no value is bound to")))?;
            used[found] = true;
            out.push_str(&literal(name, &values[found].1)?);
            rest = &rest[name.len() + 3..];
        } else {
            let length = if rest.starts_with('{') { 1 } else { quoted(rest)? };
            out.push_str(&rest[..length]);
            rest = &rest[length..];
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// The length of the quoted text at the start, which must not hold a name: it would not be replaced.
fn quoted(text: &str) -> Result<usize> {
    let quote = text.chars().next().unwrap_or('\'');
    let mut escaped = false;
    for (at, char) in text.char_indices().skip(1) {
        if char == quote && !escaped {
            return if text[..at].contains("{:") {
                Err(Error::invalid(format!(
                    "A name for a value stands in quotes: {}. Write it without them",
                    &text[..=at]
                )))
            } else {
                Ok(at + 1)
            };
        }
        escaped = char == '\\' && !escaped;
    }
    // Unfinished: the parser says so.
    Ok(text.len())
}

fn literal(name: &str, value: &Json) -> Result<String> {
    let kind = match value {
        Json::Null => WordKind::Identifier("null".to_owned()),
        Json::Bool(flag) => WordKind::Identifier(flag.to_string()),
        Json::Number(number) => WordKind::Number(number.as_f64().unwrap_or_default()),
        Json::String(text) => WordKind::Text(text.clone()),
        Json::Array(_) | Json::Object(_) => {
            return Err(Error::invalid(format!("The value bound to {name:?} is neither text, number, bool nor null")));
        }
    };
    Ok(Word { at: 0, kind }.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::query::{self, Node};

    fn bound(filter: &str, values: &[(&str, Json)]) -> Result<String> {
        let values: Vec<_> = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        bind(&[filter.to_owned()], &values)
    }

    #[test]
    fn a_filter_cannot_break_out_of_those_beside_it() {
        let both = |first: &str, second: &str| bind(&[first.to_owned(), second.to_owned()], &[]);
        let meant = query::parse("(a = 1 || b = 2) && c = 3").expect("parses");
        let Node::All(meant) = meant else { panic!("two conditions") };
        for (first, second) in [("a = 1 || b = 2", "c = 3"), ("a = 1 || b = 2 // so", "c = 3 // it is")] {
            let Ok(Node::All(found)) = query::parse(&both(first, second).expect("both")) else { panic!("{first}") };
            assert_eq!(found.len(), meant.len());
            assert!(matches!(found[0], Node::Any(_)) && matches!(found[1], Node::Compare(_)), "{found:?}");
        }
        for hostile in ["a = 1) || (b = 2", "a = 1 || (b = 2", "'", "//"] {
            both(hostile, "c = 3").expect_err(hostile);
        }
        assert_eq!(both("", "c = 3").expect("one"), "c = 3");
        assert_eq!(both("a = 1", " ").expect("one").trim(), "a = 1");
    }

    #[test]
    fn values_stand_where_their_names_stood() {
        let values = [("a", json!("it's")), ("b", json!(-1.5)), ("c", json!(true)), ("d", Json::Null)];
        let filter = "x = {:a} && y > {:b} && z = {:c} && n = {:d} && t = '{' && u ~ 'it\\'s'";
        let expected = r"x = 'it\'s' && y > -1.5 && z = true && n = null && t = '{' && u ~ 'it\'s'";
        assert_eq!(bound(filter, &values).expect("binds"), expected);
        assert_eq!(bound("x = 1", &[]).expect("nothing to bind"), "x = 1");
    }

    #[test]
    fn a_name_without_a_value_and_a_value_without_a_name_are_told() {
        for (filter, values, part) in [
            ("x = {:a}", &[][..], "{:a}"),
            ("x = 1", &[("a", json!(1))][..], "{:a}"),
            ("x = '{:a}'", &[("a", json!("b"))][..], "without them"),
            ("x = {:a}", &[("a", json!([1]))][..], "neither text"),
        ] {
            let error = bound(filter, values).expect_err(filter);
            assert!(error.message().contains(part), "{filter}: {error}");
        }
    }

    proptest! {
        #[test]
        fn a_hostile_value_stays_one_token(text in r#"['"\\{}:&|() a-c]{0,20}"#) {
            let filter = bound("x = {:a} && y = 1", &[("a", json!(text))]).expect("binds");
            let Ok(Node::All(nodes)) = query::parse(&filter) else { panic!("{filter} is not two conditions") };
            let rights: Vec<_> = nodes.into_iter().map(|node| match node {
                Node::Compare(it) => it.right.kind,
                other => panic!("{other:?} in {filter}"),
            }).collect();
            prop_assert_eq!(rights, [WordKind::Text(text), WordKind::Number(1.0)]);
        }
    }
}
