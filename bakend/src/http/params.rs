//! Query strings: the first value of each name, read as Go reads them.

use std::{borrow::Cow, collections::BTreeMap};

use url::form_urlencoded;

pub(super) use crate::service::fields::truth;
use crate::{Error, Result, service::records::ListQuery};

/// The parameters of a request.
pub(super) struct Params<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Params<'a> {
    /// The parameters of a query string, if there is one.
    pub fn parse(query: Option<&'a str>) -> Self {
        match query {
            None | Some("") => Self(Vec::new()),
            Some(query) => Self(form_urlencoded::parse(query.as_bytes()).collect()),
        }
    }

    /// The first value of a name; `""` when there is none.
    pub fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_ref()).unwrap_or_default()
    }

    /// What rules see: the first value of each name.
    pub fn to_map(&self) -> BTreeMap<String, String> {
        let mut map = BTreeMap::new();
        for (name, value) in &self.0 {
            map.entry(name.to_string()).or_insert_with(|| value.to_string());
        }
        map
    }

    /// A flag; false when it was not sent.
    ///
    /// # Errors
    /// `Invalid`: it is neither true nor false.
    pub fn flag(&self, name: &str) -> Result<bool> {
        flag(self.get(name))
    }

    /// Which page is asked for.
    ///
    /// # Errors
    /// `Invalid`: a number is none, or `skipTotal` is neither true nor false.
    pub fn list_query(&self) -> Result<ListQuery> {
        Ok(ListQuery {
            page: integer(self.get("page"))?,
            per_page: integer(self.get("perPage"))?,
            skip_total: flag(self.get("skipTotal"))?,
            filter: self.get("filter").to_owned(),
            sort: self.get("sort").to_owned(),
        })
    }
}

fn integer(text: &str) -> Result<i64> {
    if text.is_empty() {
        return Ok(0);
    }
    text.parse().map_err(|error: std::num::ParseIntError| Error::invalid("").caused_by(error))
}

fn flag(text: &str) -> Result<bool> {
    match text {
        "" => Ok(false),
        text => truth(text).ok_or_else(|| Error::invalid("")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_read_as_go_reads_them() {
        for (query, page, per_page, skip) in [
            ("", 0, 0, false),
            ("page=&perPage=", 0, 0, false),
            ("page=-5&perPage=%2B7&skipTotal=T", -5, 7, true),
            ("page=2&page=3", 2, 0, false),
        ] {
            let read = Params::parse(Some(query)).list_query().expect("reads");
            assert_eq!((read.page, read.per_page, read.skip_total), (page, per_page, skip), "{query}");
        }
        for query in ["page=x", "page=1.5", "perPage=99999999999999999999", "skipTotal=2", "skipTotal=yes"] {
            assert!(Params::parse(Some(query)).list_query().is_err(), "{query}");
        }
    }
}
