//! The options of a field: which types have which.

use proc_macro2::Span;
use syn::{Error, LitStr, Result};

use super::shape::{Kind, Many, Shape};
use crate::{
    attr::{self, Item, Mistakes},
    moment, pattern,
};

/// What an option takes.
#[derive(Clone, Copy)]
enum Takes {
    Flag,
    Count,
    Number,
    Text,
    Texts,
}

/// What an option was set to.
pub enum Given {
    Flag(bool),
    Count(i64),
    Number(f64),
    Text(LitStr),
    Texts(Vec<LitStr>),
}

/// The options of a field, as they were written.
#[derive(Default)]
pub struct Options(Vec<(String, Span, Given)>);

/// Most characters of a hint in the admin panel, as the schema has it.
pub const HELP_MAX_CHARS: usize = 300;
/// Longest password, in characters, as the schema has it.
const PASSWORD_MAX_CHARS: i64 = 71;
/// Smallest cost of a password, as the schema has it.
const COST_MIN: i64 = 4;
/// Largest cost of a password, as the schema has it.
const COST_MAX: i64 = 31;

/// What every field has.
const COMMON: [(&str, Takes); 9] = [
    ("name", Takes::Text),
    ("hidden", Takes::Flag),
    ("presentable", Takes::Flag),
    ("required", Takes::Flag),
    ("help", Takes::Text),
    ("renamed_from", Takes::Text),
    ("id", Takes::Text),
    ("unique", Takes::Flag),
    ("index", Takes::Flag),
];

/// What fields of a kind have besides.
fn own(kind: Kind) -> &'static [(&'static str, Takes)] {
    match kind {
        Kind::Id | Kind::Text => &[
            ("min", Takes::Count),
            ("max", Takes::Count),
            ("pattern", Takes::Text),
            ("autogenerate_pattern", Takes::Text),
        ],
        Kind::Int { .. } => &[("min", Takes::Number), ("max", Takes::Number)],
        Kind::Float => &[("min", Takes::Number), ("max", Takes::Number), ("only_int", Takes::Flag)],
        Kind::Email | Kind::Url => &[("except_domains", Takes::Texts), ("only_domains", Takes::Texts)],
        Kind::Editor => &[("max_size", Takes::Count), ("convert_urls", Takes::Flag)],
        Kind::DateTime => {
            &[("min", Takes::Text), ("max", Takes::Text), ("on_create", Takes::Flag), ("on_update", Takes::Flag)]
        }
        Kind::Select => &[("max_select", Takes::Count)],
        Kind::File => &[
            ("max_select", Takes::Count),
            ("max_size", Takes::Count),
            ("mime_types", Takes::Texts),
            ("thumbs", Takes::Texts),
            ("protected", Takes::Flag),
        ],
        Kind::Relation => {
            &[("cascade_delete", Takes::Flag), ("min_select", Takes::Count), ("max_select", Takes::Count)]
        }
        Kind::Json => &[("max_size", Takes::Count)],
        Kind::Password => {
            &[("min", Takes::Count), ("max", Takes::Count), ("pattern", Takes::Text), ("cost", Takes::Count)]
        }
        Kind::Bool | Kind::GeoPoint => &[],
    }
}

impl Options {
    /// The options of a field of this type.
    pub fn parse(items: &[Item], shape: &Shape) -> Result<Self> {
        let known: Vec<(&str, Takes)> = own(shape.kind).iter().chain(&COMMON).copied().collect();
        let mut mistakes = Mistakes::default();
        let mut options = Self::default();
        for item in items {
            let key = item.key.to_string();
            match known.iter().find(|(name, _)| *name == key) {
                Some((_, takes)) => {
                    if let Some(given) = mistakes.keep(takes.read(item)) {
                        options.0.push((key, item.span(), given));
                    }
                }
                None => {
                    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
                    mistakes.add(attr::unknown(&item.key, shape.kind.name(), &names));
                }
            }
        }
        mistakes.finish()?;
        options.check(shape)?;
        Ok(options)
    }

    /// What the values must satisfy among themselves.
    fn check(&self, shape: &Shape) -> Result<()> {
        let mut mistakes = Mistakes::default();
        for (low, high) in [("min", "max"), ("min_select", "max_select")] {
            if let (Some(min), Some(max)) = (self.number(low), self.number(high))
                && max < min
            {
                mistakes.at(self.span(high), format!("`{high}` is below `{low}`"));
            }
        }
        for name in ["max_select", "min_select"].into_iter().filter(|name| self.has(name)) {
            if shape.many != Many::Vec {
                mistakes.at(self.span(name), format!("`{name}` is for lists; a field for several is a `Vec<…>`"));
            }
        }
        if shape.many == Many::Vec && self.number("max_select").is_some_and(|max| max < 2.0) {
            let message = "a list has room for 2 at least; for one use the type without `Vec`";
            mistakes.at(self.span("max_select"), message);
        }
        if let Kind::Int { min: least, max: most } = shape.kind {
            for name in ["min", "max"] {
                let bound = self.number(name).unwrap_or(0.0);
                if bound.fract() != 0.0 {
                    mistakes.at(self.span(name), "a whole number has whole bounds");
                } else if bound < least || bound > most {
                    mistakes.at(self.span(name), format!("the type holds numbers from {least} to {most}"));
                }
            }
        }
        for name in ["min", "max"].into_iter().filter(|_| shape.kind == Kind::Float && self.flag("only_int")) {
            if self.number(name).is_some_and(|bound| bound.fract() != 0.0) {
                mistakes.at(self.span(name), "a whole number has whole bounds");
            }
        }
        let follows_clock = self.flag("on_create") || self.flag("on_update");
        for name in ["min", "max", "required"].into_iter().filter(|name| follows_clock && self.has(name)) {
            mistakes.at(self.span(name), format!("the server sets this field, so that `{name}` has no use; remove it"));
        }
        if self.has("except_domains") && self.has("only_domains") {
            let message = "`only_domains` refuses all others already; keep one of both";
            mistakes.at(self.span("except_domains"), message);
        }
        if shape.many == Many::Option && self.required() == Some(true) {
            mistakes.at(self.span("required"), "a required field is never `None`; use the type without `Option`");
        }
        if shape.kind == Kind::Id {
            for name in ["name", "required", "renamed_from", "hidden", "unique", "index"] {
                if self.has(name) {
                    mistakes.at(self.span(name), format!("`{name}` is fixed for the id; remove it"));
                }
            }
        }
        if shape.kind == Kind::Password {
            self.within("min", 1, PASSWORD_MAX_CHARS, "the shortest password, in characters,", &mut mistakes);
            self.within("max", 1, PASSWORD_MAX_CHARS, "the longest password, in characters,", &mut mistakes);
            self.within("cost", COST_MIN, COST_MAX, "the cost", &mut mistakes);
        }
        self.check_texts(shape, &mut mistakes);
        mistakes.finish()
    }

    fn within(&self, name: &str, min: i64, max: i64, what: &str, mistakes: &mut Mistakes) {
        if self.has(name) && !(min..=max).contains(&self.count(name)) {
            mistakes.at(self.span(name), format!("{what} is from {min} to {max}"));
        }
    }

    fn check_texts(&self, shape: &Shape, mistakes: &mut Mistakes) {
        for name in ["min", "max"].into_iter().filter(|_| shape.kind == Kind::DateTime) {
            if let Some(text) = self.text(name)
                && !moment::is_one(&text.value())
            {
                let message = "a moment is written as \"2024-05-01 08:00:00.000Z\" or \"2024-05-01\", and there is such a day and time";
                mistakes.at(text.span(), message);
            }
        }
        for (name, check) in
            [("pattern", pattern::check as fn(&str) -> _), ("autogenerate_pattern", pattern::check_drawable)]
        {
            if let Some(text) = self.text(name)
                && let Err(reason) = check(&text.value())
            {
                mistakes.at(text.span(), reason);
            }
        }
        if let Some(text) = self.text("id").filter(|text| text.value().is_empty()) {
            mistakes.at(text.span(), "the id of a field is not empty; leave `id` out for one that is made");
        }
        if let Some(text) = self.text("help").filter(|text| text.value().chars().count() > HELP_MAX_CHARS) {
            mistakes.at(text.span(), format!("a hint has {HELP_MAX_CHARS} characters at most"));
        }
        for thumb in self.texts("thumbs") {
            if !is_thumb(&thumb.value()) {
                let message = "a thumb is `WxH`, with `t` (top), `b` (bottom) or `f` (fit) after it if it is to: \"100x100\", \"0x50f\"";
                mistakes.at(thumb.span(), message);
            }
        }
        for kind in self.texts("mime_types") {
            if kind.value().split('/').filter(|part| !part.is_empty()).count() != 2 {
                mistakes.at(kind.span(), "a content type has two parts: \"image/png\"");
            }
        }
    }

    fn get(&self, name: &str) -> Option<&(String, Span, Given)> {
        self.0.iter().find(|(key, ..)| key == name)
    }

    /// What was said, and where.
    pub fn said(&self) -> impl Iterator<Item = (&str, Span)> {
        self.0.iter().map(|(key, span, _)| (key.as_str(), *span))
    }

    /// Whether it was said.
    pub fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Where it was said.
    pub fn span(&self, name: &str) -> Span {
        self.get(name).map_or_else(Span::call_site, |(_, span, _)| *span)
    }

    /// A flag; false when it was not said.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), Some((_, _, Given::Flag(true))))
    }

    /// Whether it is required, when that was said.
    pub fn required(&self) -> Option<bool> {
        match self.get("required") {
            Some((_, _, Given::Flag(flag))) => Some(*flag),
            _ => None,
        }
    }

    /// A whole number; 0 when it was not said.
    pub fn count(&self, name: &str) -> i64 {
        if let Some((_, _, Given::Count(count))) = self.get(name) { *count } else { 0 }
    }

    /// A number.
    pub fn number(&self, name: &str) -> Option<f64> {
        match self.get(name)?.2 {
            Given::Count(count) => Some(count as f64),
            Given::Number(number) => Some(number),
            _ => None,
        }
    }

    /// A text.
    pub fn text(&self, name: &str) -> Option<&LitStr> {
        if let Some((_, _, Given::Text(text))) = self.get(name) { Some(text) } else { None }
    }

    /// A list of texts; empty when it was not said.
    pub fn texts(&self, name: &str) -> &[LitStr] {
        if let Some((_, _, Given::Texts(texts))) = self.get(name) { texts } else { &[] }
    }
}

impl Takes {
    fn read(self, item: &Item) -> Result<Given> {
        match self {
            Self::Flag => item.flag().map(Given::Flag),
            Self::Count => item.count().map(Given::Count),
            Self::Number => item.decimal().map(Given::Number),
            Self::Text => item.text().map(Given::Text),
            Self::Texts => item.texts().map(Given::Texts),
        }
    }
}

/// `100x50`, then nothing, `t`, `b` or `f`; one side may be 0.
fn is_thumb(text: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let size = text.strip_suffix(['t', 'b', 'f']).unwrap_or(text);
    size.split_once('x').is_some_and(|(width, height)| number(width) && number(height) && (width, height) != ("0", "0"))
}

/// The name of a field in the database: what the schema takes.
pub fn check_name(name: &str, span: Span) -> Result<()> {
    const RESERVED: [&str; 7] = ["null", "true", "false", "_rowid_", "collectionId", "collectionName", "expand"];
    let wrong = |message: String| Err(Error::new(span, message));
    if name.is_empty() || name.len() > 100 {
        return wrong("the name of a field has 1 to 100 characters".to_owned());
    }
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') || name.contains("_via_") {
        return wrong(format!("{name:?} cannot name a field: letters, digits and underscores, without `_via_`"));
    }
    if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name)) {
        return wrong(format!("{name:?} is reserved; choose another name: #[field(name = \"…\")]"));
    }
    Ok(())
}
