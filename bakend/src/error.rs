//! The one public error: a kind to branch on, a message safe to show, errors per field, and a private source.

use std::{collections::BTreeMap, fmt, time::Duration};

use serde_json::{Map, Value as Json, json};

/// `Result` with [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, in terms a caller can branch on. Only the HTTP door maps it to a status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The input is wrong (400).
    Invalid,
    /// Nobody is signed in, or the proof is not valid (401).
    Unauthenticated,
    /// This door is closed to the caller (403).
    Forbidden,
    /// It does not exist, or a rule hides it (404).
    NotFound,
    /// Somebody else got there first (409).
    Conflict,
    /// More bytes than allowed (413).
    TooLarge,
    /// Too many tries (429).
    RateLimited,
    /// Our fault: the source says why, in the log only (500).
    Internal,
}

/// Errors per property, nested as the input is; positions in lists are keys of digits.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldErrors {
    /// One value is wrong.
    Leaf(FieldError),
    /// Some properties of an object or elements of a list are wrong.
    Tree(BTreeMap<String, FieldErrors>),
}

/// Why one value was refused: a stable code and a sentence to show.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldError {
    /// Stable, for programs: `validation_required`.
    pub code: &'static str,
    /// For people; a sentence with its full stop.
    pub message: String,
    /// The values that the message mentions; empty object: none are sent.
    pub params: Map<String, Json>,
    /// The answer of a failed inner request (batch only).
    pub response: Option<Json>,
}

impl FieldError {
    /// An error without parameters; the message gets its capital and full stop.
    pub fn new(code: &'static str, message: impl AsRef<str>) -> Self {
        Self { code, message: sentence(message.as_ref()), params: Map::new(), response: None }
    }

    /// `validation_required`, "Cannot be blank."
    pub fn required() -> Self {
        Self::new("validation_required", "Cannot be blank.")
    }

    /// `validation_not_unique`, "Value must be unique."
    pub fn not_unique() -> Self {
        Self::new("validation_not_unique", "Value must be unique.")
    }

    /// Adds a value that the message mentions.
    pub fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }

    /// The wire form: `{"code":…,"message":…}` and, when there are any, `"params"`.
    pub fn to_json(&self) -> Json {
        let mut out = json!({ "code": self.code, "message": self.message });
        if !self.params.is_empty() {
            out["params"] = Json::Object(self.params.clone());
        }
        if let Some(response) = &self.response {
            out["response"] = response.clone();
        }
        out
    }
}

impl Default for FieldErrors {
    fn default() -> Self {
        Self::Tree(BTreeMap::new())
    }
}

impl From<FieldError> for FieldErrors {
    fn from(error: FieldError) -> Self {
        Self::Leaf(error)
    }
}

impl FieldErrors {
    /// No errors yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One error at one property.
    pub fn one(name: impl Into<String>, error: impl Into<FieldErrors>) -> Self {
        let mut errors = Self::new();
        errors.add(name, error);
        errors
    }

    /// Whether nothing is wrong.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Tree(tree) if tree.is_empty())
    }

    /// Notes an error (or, unless it is empty, a subtree) at a property; the first one noted stays.
    pub fn add(&mut self, name: impl Into<String>, error: impl Into<FieldErrors>) {
        let error = error.into();
        if error.is_empty() {
            return;
        }
        if let Self::Tree(tree) = self {
            match tree.entry(name.into()) {
                std::collections::btree_map::Entry::Vacant(slot) => {
                    slot.insert(error);
                }
                std::collections::btree_map::Entry::Occupied(mut slot) => {
                    if let (Self::Tree(_), Self::Tree(more)) = (slot.get(), &error) {
                        let more = more.clone();
                        more.into_iter().for_each(|(key, value)| slot.get_mut().add(key, value));
                    }
                }
            }
        }
    }

    /// Notes every error of another collection of errors; where both know a property, what was noted first stays.
    pub fn merge(&mut self, other: FieldErrors) {
        if let Self::Tree(tree) = other {
            tree.into_iter().for_each(|(name, error)| self.add(name, error));
        }
    }

    /// Notes the error of a check, if it failed.
    pub fn check(&mut self, name: &str, outcome: std::result::Result<(), FieldError>) {
        if let Err(error) = outcome {
            self.add(name, error);
        }
    }

    /// The error of one property itself, if it has one.
    pub fn at(&self, name: &str) -> Option<&FieldError> {
        match self {
            Self::Tree(tree) => match tree.get(name)? {
                Self::Leaf(leaf) => Some(leaf),
                Self::Tree(_) => None,
            },
            Self::Leaf(_) => None,
        }
    }

    /// The wire form.
    pub fn to_json(&self) -> Json {
        match self {
            Self::Leaf(leaf) => leaf.to_json(),
            Self::Tree(tree) => {
                Json::Object(tree.iter().map(|(name, error)| (name.clone(), error.to_json())).collect())
            }
        }
    }
}

/// The error of every public function.
///
/// ```
/// use bakend::{Error, FieldError, Kind};
/// let error = Error::invalid("Failed to create record").field("title", FieldError::required());
/// assert_eq!(error.kind(), Kind::Invalid);
/// assert_eq!(error.message(), "Failed to create record.");
/// ```
pub struct Error {
    inner: Box<Inner>,
}

struct Inner {
    kind: Kind,
    message: String,
    fields: FieldErrors,
    retry_after: Option<Duration>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error of a kind; an empty message is replaced by the kind's own.
    pub fn new(kind: Kind, message: impl AsRef<str>) -> Self {
        let message = message.as_ref();
        let message = sentence(if message.is_empty() { default_message(kind) } else { message });
        Self { inner: Box::new(Inner { kind, message, fields: FieldErrors::new(), retry_after: None, source: None }) }
    }

    /// The input is wrong.
    pub fn invalid(message: impl AsRef<str>) -> Self {
        Self::new(Kind::Invalid, message)
    }

    /// It does not exist, or a rule hides it; with the usual message.
    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "")
    }

    /// This door is closed to the caller.
    pub fn forbidden(message: impl AsRef<str>) -> Self {
        Self::new(Kind::Forbidden, message)
    }

    /// Nobody is signed in.
    pub fn unauthenticated(message: impl AsRef<str>) -> Self {
        Self::new(Kind::Unauthenticated, message)
    }

    /// Too many tries; after this time it is worth to try again.
    pub fn rate_limited(retry_after: Duration) -> Self {
        let mut error = Self::new(Kind::RateLimited, "");
        error.inner.retry_after = Some(retry_after);
        error
    }

    /// Our fault; `source` goes to the log, never to the caller.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Kind::Internal, "").caused_by(source)
    }

    /// Adds the reason that only the log may tell.
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.inner.source = Some(source.into());
        self
    }

    /// Adds an error at a property.
    pub fn field(mut self, name: impl Into<String>, error: impl Into<FieldErrors>) -> Self {
        self.inner.fields.add(name, error);
        self
    }

    /// Replaces the errors per property.
    pub fn fields(mut self, fields: FieldErrors) -> Self {
        self.inner.fields = fields;
        self
    }

    /// The same errors under another message.
    pub fn message_set(mut self, message: impl AsRef<str>) -> Self {
        self.inner.message = sentence(message.as_ref());
        self
    }

    /// What to branch on.
    pub fn kind(&self) -> Kind {
        self.inner.kind
    }

    /// Safe to show.
    pub fn message(&self) -> &str {
        &self.inner.message
    }

    /// When it is worth to try again, if that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        self.inner.retry_after
    }

    /// Errors per property.
    pub fn field_errors(&self) -> &FieldErrors {
        &self.inner.fields
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.message)?;
        if !self.inner.fields.is_empty() {
            write!(f, " {}", self.inner.fields.to_json())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.inner.kind)
            .field("message", &self.inner.message)
            .field("fields", &self.inner.fields)
            .field("source", &self.inner.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}

fn default_message(kind: Kind) -> &'static str {
    match kind {
        Kind::Invalid | Kind::Conflict | Kind::Internal => "Something went wrong while processing your request.",
        Kind::Unauthenticated => "Missing or invalid authentication.",
        Kind::Forbidden => "You are not allowed to perform this request.",
        Kind::NotFound => "The requested resource wasn't found.",
        Kind::TooLarge => "Request entity too large.",
        Kind::RateLimited => "Too Many Requests.",
    }
}

/// First letter upper-case, and a final `.` unless it ends in `.`, `?` or `!`.
pub(crate) fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut chars = text.chars();
    let mut out = String::with_capacity(text.len() + 1);
    if let Some(first) = chars.next() {
        out.extend(first.to_uppercase());
        out.push_str(chars.as_str());
        if !text.ends_with(['.', '?', '!']) {
            out.push('.');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_becomes_a_sentence() {
        for (given, shown) in [("nope", "Nope."), (" why? ", "Why?"), ("", ""), ("éa!", "Éa!")] {
            assert_eq!(sentence(given), shown);
        }
    }

    #[test]
    fn the_first_error_of_a_property_stays_and_subtrees_merge() {
        let mut errors = FieldErrors::new();
        errors.add("a", FieldError::required());
        errors.add("a", FieldError::not_unique());
        errors.add("b", FieldErrors::one("0", FieldError::required()));
        errors.add("b", FieldErrors::one("1", FieldError::required()));
        errors.add("c", FieldErrors::new());
        let json = errors.to_json();
        assert_eq!(json["a"]["code"], "validation_required");
        assert_eq!(json["b"]["1"]["message"], "Cannot be blank.");
        assert_eq!(json.get("c"), None);
    }
}
