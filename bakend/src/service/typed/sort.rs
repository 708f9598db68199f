//! Typed sorts.

use std::{fmt, marker::PhantomData};

/// An order of records of `C`: `Post::created.desc().then(Post::title.asc())`.
pub struct Sort<C> {
    text: String,
    of: PhantomData<fn() -> C>,
}

impl<C> Sort<C> {
    pub(super) fn by(path: &str, descending: bool) -> Self {
        Self { text: format!("{}{path}", if descending { "-" } else { "" }), of: PhantomData }
    }

    /// A new order every time.
    pub fn random() -> Self {
        Self::by("@random", false)
    }

    /// Where this finds no difference, that one decides. A sort has a bounded number of entries
    /// ([`SORT_MAX_ENTRIES`](crate::limits::SORT_MAX_ENTRIES)).
    pub fn then(self, next: Self) -> Self {
        Self { text: format!("{},{}", self.text, next.text), of: PhantomData }
    }
}

impl<C> Clone for Sort<C> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), of: PhantomData }
    }
}

impl<C> fmt::Display for Sort<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<C> fmt::Debug for Sort<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sort({})", self.text)
    }
}

impl<C> From<Sort<C>> for String {
    fn from(sort: Sort<C>) -> Self {
        sort.text
    }
}
