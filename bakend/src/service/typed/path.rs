//! A path from a record to a value: a field, or a field of a record that it refers to.

use std::{borrow::Cow, fmt, marker::PhantomData};

use super::{
    Collection, DateTime, Editor, Email, Expand, File, Filter, GeoPoint, Id, Json, Operand, Ordered, Password,
    Relation, Select, Sort, Textual, Url, filter,
};
use crate::query::{Op, WordKind};

/// A path from a record of `C` to a value of type `T`; `#[derive(Collection)]` makes one for each field.
///
/// ```
/// # use bakend::{Collection, Email, Id, Relation};
/// # #[derive(Collection)] #[collection(name = "users", auth)] pub struct User { pub id: Id<User>, pub name: String }
/// # #[derive(Collection)] #[collection(name = "posts")]
/// # pub struct Post { pub id: Id<Post>, pub title: String, pub views: i64, pub author: Relation<User> }
/// let popular = Post::views.ge(100) & Post::author.then(User::name).starts_with("A");
/// assert_eq!(popular.to_string(), "views >= 100 && author.name ~ 'A%'");
/// assert_eq!((!popular).to_string(), "views < 100 || author.name ?!~ 'A%'");
/// ```
///
/// A value of another type does not compile, nor does the id of another collection:
/// ```compile_fail,E0277
/// # use bakend::{Collection, Id};
/// # #[derive(Collection)] #[collection(name = "posts")] pub struct Post { pub id: Id<Post>, pub title: String, pub views: i64 }
/// let _ = Post::views.ge("100");
/// ```
/// ```compile_fail,E0277
/// # use bakend::{Collection, Id, Relation};
/// # #[derive(Collection)] #[collection(name = "tags")] pub struct Tag { pub id: Id<Tag> }
/// # #[derive(Collection)] #[collection(name = "posts")] pub struct Post { pub id: Id<Post>, pub tag: Relation<Tag> }
/// let _ = Post::tag.eq(Id::<Post>::new("x"));
/// ```
///
/// The constants of a type are `Path<C, T>`, which hooks can set and leave out; what leads on from them (`then`, `count`, `any`, …) is a
/// `Path<C, T, Beyond>`, for filters, sorts and expands only.
pub struct Path<C, T, K = Own> {
    /// `author.name`
    name: Cow<'static, str>,
    /// `:each`, `:length`, `:lower` or nothing.
    modifier: &'static str,
    /// Whether one of several values is enough.
    any: bool,
    types: PhantomData<Of<C, T, K>>,
}

/// What a path is about, of which it holds nothing.
type Of<C, T, K> = fn() -> (C, T, K);

/// Says that a path is a field of the record itself.
#[derive(Clone, Copy, Debug)]
pub enum Own {}

/// Says that a path leads beyond a field of the record: to other records, into its value, to something counted or changed in it.
#[derive(Clone, Copy, Debug)]
pub enum Beyond {}

/// What stands somewhere inside a json field.
#[derive(Clone, Copy, Debug)]
pub enum AnyJson {}

impl<C, T> Path<C, T> {
    /// The path to a field of this name.
    pub const fn new(name: &'static str) -> Self {
        Self { name: Cow::Borrowed(name), modifier: "", any: false, types: PhantomData }
    }
}

impl<C, T, K> Path<C, T, K> {
    /// The name of the field, or names with dots between.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// As filters and sorts spell it.
    pub(super) fn text(&self) -> String {
        format!("{}{}", self.name, self.modifier)
    }

    fn to<D, U>(self) -> Path<D, U, Beyond> {
        Path { name: self.name, modifier: self.modifier, any: self.any, types: PhantomData }
    }

    /// On to what stands inside the value.
    pub(super) fn inside<U>(self, part: &str) -> Path<C, U, Beyond> {
        let name = Cow::Owned(format!("{}.{part}", self.name));
        Path { name, ..self.to() }
    }

    fn with<U>(self, modifier: &'static str, any: bool) -> Path<C, U, Beyond> {
        Path { modifier, any, ..self.to() }
    }

    fn compare(self, op: Op, right: WordKind) -> Filter<C> {
        filter::compare(WordKind::Identifier(self.text()), op, self.any, right)
    }

    /// Equal. Of several values behind a path: all of them, unless [`any`](Path::any) was asked for.
    pub fn eq(self, value: impl Operand<C, T>) -> Filter<C> {
        self.compare(Op::Eq, value.word().0)
    }

    /// Not equal.
    pub fn ne(self, value: impl Operand<C, T>) -> Filter<C> {
        self.compare(Op::Neq, value.word().0)
    }

    /// Equal to one of these; to none of none. A filter has a bounded number of comparisons
    /// ([`FILTER_MAX_COMPARISONS`](crate::limits::FILTER_MAX_COMPARISONS)).
    pub fn is_in<V: Operand<C, T>>(self, values: impl IntoIterator<Item = V>) -> Filter<C> {
        Filter::any(values.into_iter().map(|value| self.clone().eq(value)))
    }

    /// Equal to none of these.
    pub fn not_in<V: Operand<C, T>>(self, values: impl IntoIterator<Item = V>) -> Filter<C> {
        !self.is_in(values)
    }

    /// Smallest first.
    pub fn asc(self) -> Sort<C> {
        Sort::by(&self.text(), false)
    }

    /// Largest first.
    pub fn desc(self) -> Sort<C> {
        Sort::by(&self.text(), true)
    }
}

impl<C, T: Ordered, K> Path<C, T, K> {
    /// Greater. Where there is no value (behind an empty relation) neither this nor [`le`](Self::le) holds.
    pub fn gt(self, value: impl Operand<C, T>) -> Filter<C> {
        self.compare(Op::Gt, value.word().0)
    }

    /// Greater or equal.
    pub fn ge(self, value: impl Operand<C, T>) -> Filter<C> {
        self.compare(Op::Gte, value.word().0)
    }

    /// Less.
    pub fn lt(self, value: impl Operand<C, T>) -> Filter<C> {
        self.compare(Op::Lt, value.word().0)
    }

    /// Less or equal.
    pub fn le(self, value: impl Operand<C, T>) -> Filter<C> {
        self.compare(Op::Lte, value.word().0)
    }

    /// From the first to the second, both included.
    pub fn between(self, first: impl Operand<C, T>, last: impl Operand<C, T>) -> Filter<C> {
        self.clone().ge(first) & self.le(last)
    }
}

impl<C, T: Textual, K> Path<C, T, K> {
    /// Holds this text somewhere, without regard to the case of ASCII letters. Every character stands for itself.
    pub fn contains(self, part: impl AsRef<str>) -> Filter<C> {
        self.like(format!("%{}%", literal(part.as_ref())))
    }

    /// Begins with this text, without regard to the case of ASCII letters.
    pub fn starts_with(self, part: impl AsRef<str>) -> Filter<C> {
        self.like(format!("{}%", literal(part.as_ref())))
    }

    /// Ends with this text, without regard to the case of ASCII letters.
    pub fn ends_with(self, part: impl AsRef<str>) -> Filter<C> {
        self.like(format!("%{}", literal(part.as_ref())))
    }

    /// Fits a pattern: `%` is any text, and without one it may stand anywhere; `\` makes a `%` or `_` a plain character.
    pub fn like(self, pattern: impl Into<String>) -> Filter<C> {
        self.compare(Op::Like, WordKind::Text(pattern.into()))
    }

    /// In lower case (ASCII), for comparisons without regard to case.
    pub fn lower(self) -> Path<C, String, Beyond> {
        let any = self.any;
        self.with(":lower", any)
    }
}

/// Wildcards as plain characters.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        if matches!(char, '\\' | '%' | '_') {
            out.push('\\');
        }
        out.push(char);
    }
    out
}

/// Types of which a path leads to one value, or to one in each of several records.
pub trait Scalar {}

impl Scalar for String {}
impl Scalar for i64 {}
impl Scalar for f64 {}
impl Scalar for bool {}
impl Scalar for Email {}
impl Scalar for Url {}
impl Scalar for Editor {}
impl Scalar for DateTime {}
impl Scalar for File {}
impl Scalar for Password {}
impl Scalar for GeoPoint {}
impl Scalar for AnyJson {}
impl<T> Scalar for Json<T> {}
impl<E> Scalar for Select<E> {}
impl<C> Scalar for Relation<C> {}
impl<C> Scalar for Id<C> {}

impl<C, T: Scalar, K> Path<C, T, K> {
    /// One of the values behind a path through several records is enough; without it all must satisfy the comparison.
    pub fn any(self) -> Path<C, T, Beyond> {
        Path { any: true, ..self.to() }
    }
}

macro_rules! empty {
    ($($({$($bound:tt)*})? $type:ty;)*) => {$(
        impl<C, $($($bound)*,)? K> Path<C, $type, K> {
            /// There is no value.
            pub fn is_empty(self) -> Filter<C> {
                self.compare(Op::Eq, WordKind::Text(String::new()))
            }

            /// There is a value.
            pub fn is_set(self) -> Filter<C> {
                self.compare(Op::Neq, WordKind::Text(String::new()))
            }
        }
    )*};
}

empty! {
    String;
    Email;
    Url;
    Editor;
    DateTime;
    File;
    {E} Select<E>;
    {D} Relation<D>;
}

impl<C, T, K> Path<C, Vec<T>, K> {
    /// One of the values.
    pub fn any(self) -> Path<C, T, Beyond> {
        self.with(":each", true)
    }

    /// Each of the values.
    pub fn all(self) -> Path<C, T, Beyond> {
        self.with(":each", false)
    }

    /// Has this one among its values.
    pub fn has(self, value: impl Operand<C, T>) -> Filter<C> {
        self.any().eq(value)
    }

    /// How many values it has.
    pub fn count(self) -> Path<C, i64, Beyond> {
        let any = self.any;
        self.with(":length", any)
    }

    /// There is no value.
    pub fn is_empty(self) -> Filter<C> {
        self.count().eq(0)
    }

    /// There is a value.
    pub fn is_set(self) -> Filter<C> {
        self.count().gt(0)
    }
}

macro_rules! steps {
    ($($type:ty),*) => {$(
        impl<C, D, K> Path<C, $type, K> {
            /// On to a value of the records that it refers to.
            pub fn then<T, N>(self, next: Path<D, T, N>) -> Path<C, T, Beyond> {
                let name = Cow::Owned(format!("{}.{}", self.name, next.name));
                Path { name, modifier: next.modifier, any: self.any || next.any, types: PhantomData }
            }

            /// Reads the records that it refers to along with this one.
            pub fn expand(self) -> Expand<C> {
                Expand::from(self)
            }
        }

        impl<C: Collection, D, K> Path<C, $type, K> {
            /// The other way: from a record to those that refer to it here.
            pub fn back(self) -> Path<D, Vec<Relation<C>>, Beyond> {
                let name = Cow::Owned(format!("{}_via_{}", C::NAME, self.name));
                Path { name, modifier: "", any: false, types: PhantomData }
            }
        }
    )*};
}

steps!(Relation<D>, Vec<Relation<D>>);

impl<C, T, K> Path<C, Json<T>, K> {
    /// What stands at a path inside: keys and positions with dots between.
    pub fn at(self, path: &str) -> Path<C, AnyJson, Beyond> {
        self.inside(path)
    }

    /// It was never set, or is `null`.
    pub fn is_null(self) -> Filter<C> {
        self.compare(Op::Eq, WordKind::Identifier("null".to_owned()))
    }
}

impl<C, K> Path<C, AnyJson, K> {
    /// There is nothing, or `null`.
    pub fn is_null(self) -> Filter<C> {
        self.compare(Op::Eq, WordKind::Identifier("null".to_owned()))
    }
}

impl<C, T, K> Clone for Path<C, T, K> {
    fn clone(&self) -> Self {
        Self { name: self.name.clone(), ..*self }
    }
}

impl<C, T, K> fmt::Debug for Path<C, T, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Path({})", self.text())
    }
}
