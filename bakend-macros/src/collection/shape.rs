//! The type of a field: which kind, one or several, of what.

use proc_macro2::{Group, TokenStream, TokenTree};
use syn::{Error, GenericArgument, Ident, PathArguments, Result, Type};

use crate::attr;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Id,
    Text,
    /// A whole number and its bounds.
    Int {
        min: f64,
        max: f64,
    },
    Float,
    Bool,
    Email,
    Url,
    Editor,
    DateTime,
    Select,
    File,
    Relation,
    Json,
    GeoPoint,
    Password,
}

/// One or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Many {
    One,
    Option,
    Vec,
}

/// The type of a field, understood.
pub struct Shape {
    pub kind: Kind,
    pub many: Many,
    /// Without `Option` and `Vec`.
    pub inner: Type,
    /// Of `Id<C>`, `Relation<C>`, `Select<E>` and `Json<T>`.
    pub of: Option<Type>,
}

/// Largest whole number that a double holds exactly, with all below it.
const SAFE_INTEGER_MAX: f64 = 9_007_199_254_740_991.0;

const KINDS: [(&str, Kind); 18] = [
    ("String", Kind::Text),
    ("i8", whole(i8::MIN as f64, i8::MAX as f64)),
    ("i16", whole(i16::MIN as f64, i16::MAX as f64)),
    ("i32", whole(i32::MIN as f64, i32::MAX as f64)),
    ("i64", whole(-SAFE_INTEGER_MAX, SAFE_INTEGER_MAX)),
    ("u8", whole(0.0, u8::MAX as f64)),
    ("u16", whole(0.0, u16::MAX as f64)),
    ("u32", whole(0.0, u32::MAX as f64)),
    ("f32", Kind::Float),
    ("f64", Kind::Float),
    ("bool", Kind::Bool),
    ("Email", Kind::Email),
    ("Url", Kind::Url),
    ("Editor", Kind::Editor),
    ("DateTime", Kind::DateTime),
    ("File", Kind::File),
    ("GeoPoint", Kind::GeoPoint),
    ("Password", Kind::Password),
];

const fn whole(min: f64, max: f64) -> Kind {
    Kind::Int { min, max }
}

impl Kind {
    /// As messages call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "an id",
            Self::Text => "a text field",
            Self::Int { .. } => "a whole number field",
            Self::Float => "a number field",
            Self::Bool => "a bool field",
            Self::Email => "an email field",
            Self::Url => "a URL field",
            Self::Editor => "an editor field",
            Self::DateTime => "a date field",
            Self::Select => "a select field",
            Self::File => "a file field",
            Self::Relation => "a relation field",
            Self::Json => "a json field",
            Self::GeoPoint => "a place field",
            Self::Password => "a password field",
        }
    }

    /// Whether a field of it can hold several.
    fn may_be_several(self) -> bool {
        matches!(self, Self::Select | Self::File | Self::Relation)
    }
}

impl Shape {
    /// Of the struct `owner`, which `Self` stands for.
    pub fn of(ty: &Type, owner: &Ident) -> Result<Self> {
        let ty: Type = syn::parse2(without_self(quote::quote!(#ty), owner))?;
        let (name, arguments) = named(&ty)?;
        let many = match name.to_string().as_str() {
            "Option" => Many::Option,
            "Vec" => Many::Vec,
            _ => Many::One,
        };
        if many == Many::One {
            let (kind, of) = kind(&ty)?;
            return Ok(Self { kind, many, inner: ty, of });
        }
        let [inner] = &arguments[..] else {
            return Err(Error::new_spanned(ty, format!("`{name}` of what? write `{name}<…>`")));
        };
        let (kind, of) = kind(inner)?;
        match (many, kind) {
            (Many::Vec, kind) if !kind.may_be_several() => {
                let text = quote::quote!(#inner).to_string().replace(' ', "");
                let message =
                    format!("a list holds selects, files or relations; for any other list use `Json<Vec<{text}>>`");
                Err(Error::new_spanned(ty, message))
            }
            (_, Kind::Id) => Err(Error::new_spanned(ty, "every record has an id: `Id<Self>` without `Option`")),
            (Many::Option, Kind::Bool) => {
                let message =
                    "a bool is true or false: the table keeps no third value; use `bool`, or a `Select` of three";
                Err(Error::new_spanned(ty, message))
            }
            _ => Ok(Self { kind, many, inner: inner.clone(), of }),
        }
    }

    /// Whether the type leaves no room for "nothing".
    pub fn is_required_by_type(&self) -> bool {
        let zero_is_a_value = matches!(self.kind, Kind::Int { .. } | Kind::Float | Kind::Bool | Kind::GeoPoint);
        self.many == Many::One && !zero_is_a_value
    }
}

fn kind(ty: &Type) -> Result<(Kind, Option<Type>)> {
    let (name, mut arguments) = named(ty)?;
    let text = name.to_string();
    match text.as_str() {
        "Id" | "Relation" | "Select" | "Json" => {
            let kind = match text.as_str() {
                "Id" => Kind::Id,
                "Relation" => Kind::Relation,
                "Select" => Kind::Select,
                _ => Kind::Json,
            };
            if arguments.len() != 1 {
                return Err(Error::new_spanned(ty, format!("`{name}` of what? write `{name}<…>`")));
            }
            Ok((kind, arguments.pop()))
        }
        "Option" | "Vec" => {
            let message = "a list is never absent: write `Vec<…>`, the empty list stands for none";
            Err(Error::new_spanned(ty, message))
        }
        _ => {
            let known = KINDS.iter().find(|(known, _)| *known == text).map(|(_, kind)| *kind);
            let kind = known.ok_or_else(|| Error::new_spanned(ty, unknown(&text)))?;
            if !arguments.is_empty() {
                return Err(Error::new_spanned(ty, format!("`bakend::{name}` takes no parameters")));
            }
            Ok((kind, None))
        }
    }
}

fn unknown(name: &str) -> String {
    match name {
        "u64" | "usize" | "isize" | "i128" | "u128" => {
            format!("a number field holds whole numbers up to 2^53: use `i64` instead of `{name}`")
        }
        "str" | "Cow" | "Box" | "Arc" | "Rc" => format!("use `String` instead of `{name}`"),
        "Timestamp" | "NaiveDateTime" | "OffsetDateTime" | "SystemTime" | "Zoned" => {
            format!("use `bakend::DateTime` instead of `{name}`")
        }
        "HashMap" | "BTreeMap" | "HashSet" | "BTreeSet" | "Value" => {
            format!("a field holds it as JSON: `Json<{name}…>`")
        }
        _ => {
            let known: Vec<&str> = KINDS.iter().map(|(known, _)| *known).chain(["Relation", "Json"]).collect();
            let near = attr::nearest(name, &known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            format!(
                "no field holds a `{name}`{near}\nfields hold String, bool, numbers, Email, Url, Editor, DateTime, GeoPoint, File, Password, \
                 `Select<{name}>` of an enum, `Relation<{name}>` of a collection, or `Json<{name}>` of what serde reads"
            )
        }
    }
}

/// The last name of a type and its parameters.
fn named(ty: &Type) -> Result<(Ident, Vec<Type>)> {
    let message = "a field has a plain type: `String`, `Option<…>`, `Vec<…>`, `Relation<…>`, …";
    let path = match ty {
        Type::Path(path) if path.qself.is_none() => &path.path,
        Type::Group(group) => return named(&group.elem),
        _ => return Err(Error::new_spanned(ty, message)),
    };
    let Some(last) = path.segments.last() else { return Err(Error::new_spanned(ty, message)) };
    let arguments = match &last.arguments {
        PathArguments::None => Vec::new(),
        PathArguments::AngleBracketed(list) => list
            .args
            .iter()
            .map(|one| match one {
                GenericArgument::Type(ty) => Ok(ty.clone()),
                other => Err(Error::new_spanned(other, message)),
            })
            .collect::<Result<_>>()?,
        PathArguments::Parenthesized(list) => return Err(Error::new_spanned(list, message)),
    };
    Ok((last.ident.clone(), arguments))
}

/// The code is written into other types, where `Self` would be another.
fn without_self(tokens: TokenStream, owner: &Ident) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Ident(ident) if ident == "Self" => {
                TokenTree::Ident(Ident::new(&owner.to_string(), ident.span()))
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), without_self(group.stream(), owner));
                inner.set_span(group.span());
                TokenTree::Group(inner)
            }
            token => token,
        })
        .collect()
}
