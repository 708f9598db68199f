//! Typed filters: comparisons joined with `&`, `|` and `!`.

use std::{
    fmt,
    marker::PhantomData,
    ops::{BitAnd, BitOr, Not},
};

use crate::{
    Error, Result,
    query::{self, Comparison, Node, Op, Word, WordKind},
};

/// A condition on records of `C`. Its text is what clients write as a filter, with every value quoted.
///
/// `!` turns comparisons around (`=` into `!=`, "all" into "any"). As in SQL, a missing value is neither greater nor less nor equal.
///
/// ```
/// use bakend::typed::Filter;
/// # #[derive(bakend::Collection)] #[collection(name = "posts")]
/// # struct Post { id: bakend::Id<Post>, title: String, published: bool }
///
/// # fn main() {
/// let filter = Post::published.eq(true) & (Post::title.contains("rust") | Post::title.starts_with("A"));
/// assert_eq!(filter.to_string(), "published = true && (title ~ '%rust%' || title ~ 'A%')");
/// let wanted = ["one", "two"].map(|title| Post::title.eq(title));
/// assert_eq!(Filter::any(wanted).to_string(), "title = 'one' || title = 'two'");
/// # }
/// ```
pub struct Filter<C> {
    node: Node,
    of: PhantomData<fn() -> C>,
}

pub(super) fn word(kind: WordKind) -> Word {
    Word { at: 0, kind }
}

pub(super) fn compare<C>(left: WordKind, op: Op, any: bool, right: WordKind) -> Filter<C> {
    Filter::of(Node::Compare(Comparison { left: word(left), op, any, right: word(right) }))
}

impl<C> Filter<C> {
    fn of(node: Node) -> Self {
        Self { node, of: PhantomData }
    }

    /// Every record.
    pub fn always() -> Self {
        compare(WordKind::Number(1.0), Op::Eq, false, WordKind::Number(1.0))
    }

    /// No record.
    pub fn never() -> Self {
        compare(WordKind::Number(1.0), Op::Eq, false, WordKind::Number(0.0))
    }

    /// Those that satisfy all of these; of none: every record.
    pub fn all(filters: impl IntoIterator<Item = Self>) -> Self {
        filters.into_iter().reduce(BitAnd::bitand).unwrap_or_else(Self::always)
    }

    /// Those that satisfy one of these; of none: no record.
    pub fn any(filters: impl IntoIterator<Item = Self>) -> Self {
        filters.into_iter().reduce(BitOr::bitor).unwrap_or_else(Self::never)
    }

    /// From filter text. Whether its names exist is for the database to say.
    ///
    /// # Errors
    /// `Invalid`: the text does not parse; the message says where.
    pub fn parse(text: &str) -> Result<Self> {
        query::parse(text).map(Self::of).map_err(|fault| Error::invalid(format!("The filter does not parse: {fault}")))
    }
}

impl<C> BitAnd for Filter<C> {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self::of(match (self.node, other.node) {
            (Node::All(mut nodes), Node::All(more)) => {
                nodes.extend(more);
                Node::All(nodes)
            }
            (Node::All(mut nodes), node) => {
                nodes.push(node);
                Node::All(nodes)
            }
            (left, right) => Node::All(vec![left, right]),
        })
    }
}

impl<C> BitOr for Filter<C> {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self::of(match (self.node, other.node) {
            (Node::Any(mut nodes), Node::Any(more)) => {
                nodes.extend(more);
                Node::Any(nodes)
            }
            (Node::Any(mut nodes), node) => {
                nodes.push(node);
                Node::Any(nodes)
            }
            (left, right) => Node::Any(vec![left, right]),
        })
    }
}

impl<C> Not for Filter<C> {
    type Output = Self;

    fn not(self) -> Self {
        Self::of(opposite(self.node))
    }
}

/// The grammar has no "not": all becomes any, and every comparison its opposite.
fn opposite(node: Node) -> Node {
    let each = |nodes: Vec<Node>| nodes.into_iter().map(opposite).collect();
    match node {
        Node::All(nodes) => Node::Any(each(nodes)),
        Node::Any(nodes) => Node::All(each(nodes)),
        Node::Compare(it) => Node::Compare(Comparison { op: it.op.opposite(), any: !it.any && is_path(&it), ..it }),
    }
}

/// Whether several values may stand behind a side: a path with a step or a modifier. Elsewhere "any" says nothing.
fn is_path(comparison: &Comparison) -> bool {
    let many = |word: &Word| matches!(&word.kind, WordKind::Identifier(name) if name.contains(['.', ':']));
    many(&comparison.left) || many(&comparison.right)
}

impl<C> Clone for Filter<C> {
    fn clone(&self) -> Self {
        Self::of(self.node.clone())
    }
}

impl<C> PartialEq for Filter<C> {
    fn eq(&self, other: &Self) -> bool {
        self.node == other.node
    }
}

impl<C> fmt::Display for Filter<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.node.fmt(f)
    }
}

impl<C> fmt::Debug for Filter<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Filter({self})")
    }
}

impl<C> From<Filter<C>> for String {
    fn from(filter: Filter<C>) -> Self {
        filter.to_string()
    }
}
