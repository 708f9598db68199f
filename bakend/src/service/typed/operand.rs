//! What a path can be compared with: values of its type, and paths to such.

use jiff::Timestamp;

use super::{AnyJson, Collection, DateTime, Editor, Email, File, Id, Moment, Path, Relation, Select, SelectValue, Url};
use crate::query::WordKind;

// The list of everything that any field can be compared with would hide what matters: no implementation is recommended.

/// Something that a path from `C` to a `T` can be compared with: a `T`, what reads like one, or another path to a `T`.
#[diagnostic::on_unimplemented(
    message = "a field that holds `{T}` cannot be compared with `{Self}`",
    label = "not a value of the field's type",
    note = "compare it with a value of its type or with another field of that type"
)]
pub trait Operand<C, T> {
    /// As it stands in a filter.
    #[doc(hidden)]
    fn word(self) -> Literal;
}

/// A value as it stands in a filter.
#[doc(hidden)]
#[derive(Clone, Debug)]
pub struct Literal(pub(super) WordKind);

fn text(text: impl Into<String>) -> Literal {
    Literal(WordKind::Text(text.into()))
}

fn name(name: impl Into<String>) -> Literal {
    Literal(WordKind::Identifier(name.into()))
}

/// What filters cannot write is the nearest they can; what is no number is `null`, which no number equals.
fn number(number: f64) -> Literal {
    if number.is_nan() { name("null") } else { Literal(WordKind::Number(number.clamp(f64::MIN, f64::MAX))) }
}

#[diagnostic::do_not_recommend]
impl<C, T, K> Operand<C, T> for Path<C, T, K> {
    fn word(self) -> Literal {
        name(self.text())
    }
}

macro_rules! words {
    ($($of:ty: |$value:ident: $type:ty| $word:expr;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<C> Operand<C, $of> for $type {
            fn word(self) -> Literal {
                let $value = self;
                $word
            }
        }
    )*};
}

words! {
    String: |value: &str| text(value);
    String: |value: String| text(value);
    String: |value: &String| text(value);
    Email: |value: &str| text(value);
    Email: |value: String| text(value);
    Email: |value: &String| text(value);
    Email: |value: Email| text(value.as_str());
    Email: |value: &Email| text(value.as_str());
    Url: |value: &str| text(value);
    Url: |value: String| text(value);
    Url: |value: &String| text(value);
    Url: |value: Url| text(value.as_str());
    Url: |value: &Url| text(value.as_str());
    Editor: |value: &str| text(value);
    Editor: |value: String| text(value);
    Editor: |value: &String| text(value);
    Editor: |value: Editor| text(value.as_str());
    Editor: |value: &Editor| text(value.as_str());
    File: |value: &str| text(value);
    File: |value: String| text(value);
    File: |value: &String| text(value);
    File: |value: File| text(value.name());
    File: |value: &File| text(value.name());
    bool: |value: bool| name(if value { "true" } else { "false" });
    DateTime: |value: DateTime| text(value.to_string());
    DateTime: |value: &DateTime| text(value.to_string());
    DateTime: |value: Timestamp| text(DateTime::from(value).to_string());
    DateTime: |value: Moment| name(value.name());
    AnyJson: |value: &str| text(value);
    AnyJson: |value: String| text(value);
    AnyJson: |value: &String| text(value);
    AnyJson: |value: bool| name(if value { "true" } else { "false" });
}

macro_rules! numbers {
    ($($of:ty: $($type:ty)*;)*) => {$($(
        #[diagnostic::do_not_recommend]
        impl<C> Operand<C, $of> for $type {
            fn word(self) -> Literal {
                number(self as f64)
            }
        }
    )*)*};
}

numbers! {
    i64: i8 i16 i32 i64 u8 u16 u32;
    f64: i8 i16 i32 i64 u8 u16 u32 f32 f64;
    AnyJson: i8 i16 i32 i64 u8 u16 u32 f32 f64;
}

#[diagnostic::do_not_recommend]
impl<C, E: SelectValue> Operand<C, Select<E>> for E {
    fn word(self) -> Literal {
        text(self.name())
    }
}

#[diagnostic::do_not_recommend]
impl<C, E: SelectValue> Operand<C, Select<E>> for Select<E> {
    fn word(self) -> Literal {
        text(self.0.name())
    }
}

#[diagnostic::do_not_recommend]
impl<C, E: SelectValue> Operand<C, Select<E>> for &Select<E> {
    fn word(self) -> Literal {
        text(self.0.name())
    }
}

macro_rules! references {
    ($($of:ident)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<C, D> Operand<C, $of<D>> for Id<D> {
            fn word(self) -> Literal {
                text(self.into_string())
            }
        }

        #[diagnostic::do_not_recommend]
        impl<C, D> Operand<C, $of<D>> for &Id<D> {
            fn word(self) -> Literal {
                text(self.as_str())
            }
        }

        #[diagnostic::do_not_recommend]
        impl<C, D> Operand<C, $of<D>> for Relation<D> {
            fn word(self) -> Literal {
                text(self.into_id().into_string())
            }
        }

        #[diagnostic::do_not_recommend]
        impl<C, D> Operand<C, $of<D>> for &Relation<D> {
            fn word(self) -> Literal {
                text(self.id().as_str())
            }
        }

        #[diagnostic::do_not_recommend]
        impl<C, D: Collection> Operand<C, $of<D>> for &D {
            fn word(self) -> Literal {
                text(self.id().as_str())
            }
        }
    )*};
}

references!(Id Relation);

/// Types with an order: `gt`, `ge`, `lt`, `le`.
#[diagnostic::on_unimplemented(message = "values of `{Self}` have no order", note = "`eq` and `ne` compare them")]
pub trait Ordered {}

impl Ordered for String {}
impl Ordered for i64 {}
impl Ordered for f64 {}
impl Ordered for DateTime {}
impl Ordered for AnyJson {}

/// Types whose values are texts: `contains`, `starts_with`, `ends_with`, `like`, `lower`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a text that could be searched",
    note = "`eq` and `ne` compare it"
)]
pub trait Textual {}

impl Textual for String {}
impl Textual for Email {}
impl Textual for Url {}
impl Textual for Editor {}
impl Textual for File {}
impl Textual for AnyJson {}
impl<E> Textual for Select<E> {}
