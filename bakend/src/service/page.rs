//! Pages of what is no record: the same numbers and words as pages of records.

use serde_json::{Value as Json, json};

use super::records::ListQuery;
use crate::limits;

/// Which page, within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    number: i64,
    size: i64,
}

impl Page {
    /// What a request asks for; filter and sort are not looked at.
    pub fn of(query: &ListQuery) -> Self {
        let size = match query.per_page {
            ..=0 => i64::from(limits::PER_PAGE_DEFAULT),
            size => size.min(i64::from(limits::PER_PAGE_MAX)),
        };
        Self { number: query.page.max(1), size }
    }

    /// Most items on it.
    pub fn limit(&self) -> u64 {
        self.size.unsigned_abs()
    }

    /// Items before it.
    pub fn offset(&self) -> u64 {
        (self.number - 1).saturating_mul(self.size).unsigned_abs()
    }

    /// The wire form: `items`, `page`, `perPage`, `totalItems`, `totalPages`.
    pub fn to_json(&self, items: Vec<Json>, total: i64) -> Vec<u8> {
        let pages = (total + self.size - 1) / self.size;
        let page = json!({
            "items": items,
            "page": self.number,
            "perPage": self.size,
            "totalItems": total,
            "totalPages": pages,
        });
        page.to_string().into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_within_bounds() {
        for (page, per_page, limit, offset) in [(0, 0, 30, 0), (3, 10, 10, 20), (-1, 5000, 1000, 0)] {
            let found = Page::of(&ListQuery { page, per_page, ..ListQuery::default() });
            assert_eq!((found.limit(), found.offset()), (limit, offset));
        }
        assert!(Page::of(&ListQuery { page: i64::MAX, ..ListQuery::default() }).offset() > 0);
        let shown = Page::of(&ListQuery::default()).to_json(vec![json!(1)], 31);
        assert_eq!(shown, br#"{"items":[1],"page":1,"perPage":30,"totalItems":31,"totalPages":2}"#);
    }
}
