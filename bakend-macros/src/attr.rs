//! What stands in an attribute: items of a key and a value, a list, or nothing.

use proc_macro2::{Span, TokenStream};
use syn::{
    Attribute, Error, Expr, ExprArray, ExprLit, ExprUnary, Ident, Lit, LitStr, Result, Token, UnOp,
    ext::IdentExt as _,
    parse::{Parse, ParseStream, Parser as _},
    punctuated::Punctuated,
    spanned::Spanned as _,
};

/// `key`, `key = value` or `key(…)`.
#[derive(Clone)]
pub struct Item {
    /// What is set.
    pub key: Ident,
    /// To what.
    pub value: Value,
}

/// What follows a key.
#[derive(Clone)]
pub enum Value {
    /// Nothing.
    None,
    /// `= value`
    Expr(Box<Expr>),
    /// `(…)`
    Group(TokenStream),
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let key = Ident::parse_any(input)?;
        let value = if input.peek(Token![=]) {
            input.parse::<Token![=]>()?;
            Value::Expr(Box::new(input.parse()?))
        } else if input.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            Value::Group(content.parse()?)
        } else {
            Value::None
        };
        Ok(Self { key, value })
    }
}

/// The items of all attributes of this name.
pub fn items(attributes: &[Attribute], name: &str) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident(name)) {
        let list = attribute
            .meta
            .require_list()
            .map_err(|_| Error::new(attribute.span(), format!("write the options in parentheses: #[{name}(…)]")))?;
        items.extend(parse(list.tokens.clone())?);
    }
    once(&items)?;
    Ok(items)
}

/// The items of a list.
pub fn parse(tokens: TokenStream) -> Result<Vec<Item>> {
    let items = Punctuated::<Item, Token![,]>::parse_terminated.parse2(tokens)?.into_iter().collect::<Vec<_>>();
    once(&items)?;
    Ok(items)
}

/// Each key at most once, but for those that add to a list.
fn once(items: &[Item]) -> Result<()> {
    let repeats = ["index", "unique"];
    for (at, item) in items.iter().enumerate() {
        let said = items[..at].iter().any(|other| other.key == item.key);
        if said && !(repeats.iter().any(|name| item.key == name) && matches!(item.value, Value::Group(_))) {
            return Err(Error::new(item.key.span(), format!("`{}` is said twice; keep one", item.key)));
        }
    }
    Ok(())
}

impl Item {
    /// Where the value stands, or the key.
    pub fn span(&self) -> Span {
        match &self.value {
            Value::Expr(expr) => expr.span(),
            _ => self.key.span(),
        }
    }

    fn wrong(&self, wanted: &str) -> Error {
        let message = format!("`{}` takes {wanted}", self.key);
        match &self.value {
            Value::Expr(expr) => Error::new_spanned(expr, message),
            _ => Error::new(self.key.span(), message),
        }
    }

    /// `key = "text"`
    pub fn text(&self) -> Result<LitStr> {
        match &self.value {
            Value::Expr(expr) => literal_text(expr).ok_or_else(|| self.wrong("a text in quotes: `= \"…\"`")),
            _ => Err(self.wrong(&format!("a text: `{} = \"…\"`", self.key))),
        }
    }

    /// `key = ["text", …]`
    pub fn texts(&self) -> Result<Vec<LitStr>> {
        let wrong = || self.wrong(&format!("a list of texts: `{} = [\"…\", \"…\"]`", self.key));
        match &self.value {
            Value::Expr(expr) => match &**expr {
                Expr::Array(ExprArray { elems, .. }) => {
                    let wrong = |one| Error::new_spanned(one, format!("`{}` is a list of texts in quotes", self.key));
                    elems.iter().map(|one| literal_text(one).ok_or_else(|| wrong(one))).collect()
                }
                _ => Err(wrong()),
            },
            _ => Err(wrong()),
        }
    }

    /// `key` or `key = true`
    pub fn flag(&self) -> Result<bool> {
        let wrong = || self.wrong(&format!("nothing, or a bool: `{}` or `{} = false`", self.key, self.key));
        match &self.value {
            Value::None => Ok(true),
            Value::Expr(expr) => match &**expr {
                Expr::Lit(ExprLit { lit: Lit::Bool(flag), .. }) => Ok(flag.value),
                _ => Err(wrong()),
            },
            Value::Group(_) => Err(wrong()),
        }
    }

    /// `key = 3`, not negative.
    pub fn count(&self) -> Result<i64> {
        let number = self.number(&format!("a whole number: `{} = 3`", self.key))?;
        if number.fract() != 0.0 || !(0.0..=9_007_199_254_740_991.0).contains(&number) {
            return Err(self.wrong("a whole number from 0 to 2^53 - 1"));
        }
        Ok(number as i64)
    }

    /// `key = -0.5`
    pub fn decimal(&self) -> Result<f64> {
        self.number(&format!("a number: `{} = 0.5`", self.key))
    }

    fn number(&self, wanted: &str) -> Result<f64> {
        let Value::Expr(expr) = &self.value else { return Err(self.wrong(wanted)) };
        literal_number(expr).filter(|number| number.is_finite()).ok_or_else(|| self.wrong(wanted))
    }

    /// `key = name`
    pub fn ident(&self) -> Result<Ident> {
        let wrong = || self.wrong(&format!("a name: `{} = some_name`", self.key));
        match &self.value {
            Value::Expr(expr) => match &**expr {
                Expr::Path(path) => path.path.get_ident().cloned().ok_or_else(wrong),
                _ => Err(wrong()),
            },
            _ => Err(wrong()),
        }
    }

    /// `key(…)`
    pub fn list(&self) -> Result<Vec<Item>> {
        match &self.value {
            Value::Group(tokens) => parse(tokens.clone()),
            _ => Err(self.wrong(&format!("a list in parentheses: `{}(…)`", self.key))),
        }
    }
}

fn literal_text(expr: &Expr) -> Option<LitStr> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.clone()),
        Expr::Group(group) => literal_text(&group.expr),
        _ => None,
    }
}

fn literal_number(expr: &Expr) -> Option<f64> {
    match expr {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse().ok(),
        Expr::Lit(ExprLit { lit: Lit::Float(number), .. }) => number.base10_parse().ok(),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => literal_number(expr).map(|number| -number),
        Expr::Group(group) => literal_number(&group.expr),
        _ => None,
    }
}

/// "no such option", with those there are.
pub fn unknown(key: &Ident, place: &str, known: &[&str]) -> Error {
    let list = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let near = nearest(&key.to_string(), known).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
    Error::new(key.span(), format!("{place} has no option `{key}`{near}\nit has: {list}"))
}

/// The name that is one or two letters away.
pub fn nearest<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    known.iter().map(|other| (distance(name, other), *other)).filter(|(far, _)| *far <= 2).min().map(|(_, name)| name)
}

/// Letters to change, add or remove.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (at, letter) in a.chars().enumerate() {
        let mut before = row[0];
        row[0] = at + 1;
        for (to, other) in b.iter().enumerate() {
            let change = before + usize::from(letter != *other);
            before = row[to + 1];
            row[to + 1] = change.min(before + 1).min(row[to] + 1);
        }
    }
    row[b.len()]
}

/// Several mistakes, told at once.
#[derive(Default)]
pub struct Mistakes(Option<Error>);

impl Mistakes {
    /// One more.
    pub fn add(&mut self, error: Error) {
        match &mut self.0 {
            Some(errors) => errors.combine(error),
            none => *none = Some(error),
        }
    }

    /// One more, at a place.
    pub fn at(&mut self, span: Span, message: impl std::fmt::Display) {
        self.add(Error::new(span, message));
    }

    /// The value, or one more mistake.
    pub fn keep<T>(&mut self, outcome: Result<T>) -> Option<T> {
        outcome.map_err(|error| self.add(error)).ok()
    }

    /// Whether there are none.
    pub fn finish(self) -> Result<()> {
        self.0.map_or(Ok(()), Err)
    }
}
