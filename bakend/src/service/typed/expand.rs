//! Typed expands: which relations are read along with a record.

use std::{fmt, marker::PhantomData};

use super::{Path, Relation};

/// Relations of records of `C` to read along: `Post::author.expand().and(Post::tags)`.
pub struct Expand<C> {
    text: String,
    of: PhantomData<fn() -> C>,
}

impl<C> Expand<C> {
    /// These and those.
    pub fn and(self, more: impl Into<Self>) -> Self {
        Self { text: format!("{},{}", self.text, more.into().text), of: PhantomData }
    }
}

impl<C, D, K> From<Path<C, Relation<D>, K>> for Expand<C> {
    fn from(path: Path<C, Relation<D>, K>) -> Self {
        Self { text: path.name().to_owned(), of: PhantomData }
    }
}

impl<C, D, K> From<Path<C, Vec<Relation<D>>, K>> for Expand<C> {
    fn from(path: Path<C, Vec<Relation<D>>, K>) -> Self {
        Self { text: path.name().to_owned(), of: PhantomData }
    }
}

impl<C> Clone for Expand<C> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), of: PhantomData }
    }
}

impl<C> fmt::Display for Expand<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<C> fmt::Debug for Expand<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Expand({})", self.text)
    }
}

impl<C> From<Expand<C>> for String {
    fn from(expand: Expand<C>) -> Self {
        expand.text
    }
}
