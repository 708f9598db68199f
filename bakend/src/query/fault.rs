//! Why a filter, rule or sort was refused, and where.

use std::fmt;

/// A reason, and the byte offset it concerns.
#[derive(Debug)]
pub struct Fault {
    offset: Option<usize>,
    reason: String,
    forbidden: bool,
}

impl Fault {
    /// A fault at a byte offset.
    pub fn at(offset: usize, reason: impl Into<String>) -> Self {
        Self { offset: Some(offset), reason: reason.into(), forbidden: false }
    }

    /// A fault of the text as a whole.
    pub fn whole(reason: impl Into<String>) -> Self {
        Self { offset: None, reason: reason.into(), forbidden: false }
    }

    /// What this caller may not ask at all.
    pub fn forbidden(reason: impl Into<String>) -> Self {
        Self { offset: None, reason: reason.into(), forbidden: true }
    }

    /// Why, without where.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// Where, when one place is to blame.
    pub fn offset(&self) -> Option<usize> {
        self.offset
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.offset {
            Some(offset) => write!(f, "{} (at byte {offset})", self.reason),
            None => f.write_str(&self.reason),
        }
    }
}

impl From<Fault> for crate::Error {
    fn from(fault: Fault) -> Self {
        if fault.forbidden { Self::forbidden(&fault.reason) } else { Self::invalid(fault.to_string()) }
    }
}
