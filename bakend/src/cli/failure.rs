//! An error as people read it: what happened, why, and what to do next.

use std::fmt::{self, Write as _};

use super::words::{self, HINT};
use crate::{Error, FieldErrors, Kind};

/// What a command ends with.
pub(super) type Outcome<T = ()> = Result<T, Failure>;

/// Why a command failed.
#[derive(Debug)]
pub(super) struct Failure {
    message: String,
    next: Option<String>,
}

impl Failure {
    /// What happened, as a sentence.
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), next: None }
    }

    /// What to do about it.
    pub(super) fn next(mut self, step: impl Into<String>) -> Self {
        self.next = Some(step.into());
        self
    }

    /// Says it on stderr.
    pub(super) fn tell(&self) {
        let error = words::ERROR;
        words::err(format_args!("{error}error:{error:#} {self}\n"));
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.next {
            Some(next) => write!(f, "\n{HINT}  next:{HINT:#} {next}"),
            None => Ok(()),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let mut message = error.message().to_owned();
        tell_fields(&mut message, "", error.field_errors());
        // Here the reader is the operator: the reason helps, and nobody else sees it.
        if error.kind() == Kind::Internal {
            let mut source = std::error::Error::source(&error);
            while let Some(reason) = source {
                let _ = write!(message, "\n  because: {reason}");
                source = reason.source();
            }
        }
        Self::new(message)
    }
}

/// An error of the operating system that no flag can mend.
pub(super) fn system(error: std::io::Error) -> Failure {
    Failure::new(format!("The operating system refused: {error}."))
}

fn tell_fields(message: &mut String, path: &str, errors: &FieldErrors) {
    match errors {
        FieldErrors::Leaf(leaf) => {
            let _ = write!(message, "\n  {path}: {}", leaf.message);
        }
        FieldErrors::Tree(tree) => {
            for (name, inner) in tree {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                tell_fields(message, &path, inner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FieldError;

    #[test]
    fn every_field_is_named_and_the_reason_of_our_own_faults_told() {
        let error = Error::invalid("Failed to create record")
            .field("email", FieldError::required())
            .field("a", FieldErrors::one("0", FieldError::not_unique()));
        let expected = "Failed to create record.\n  a.0: Value must be unique.\n  email: Cannot be blank.";
        assert_eq!(Failure::from(error).to_string(), expected);

        let error = Error::internal("disk on fire").message_set("The folder cannot be used");
        assert_eq!(Failure::from(error).to_string(), "The folder cannot be used.\n  because: disk on fire");
    }

    #[test]
    fn the_next_step_follows_on_its_own_line() {
        let told = anstream::adapter::strip_str(&Failure::new("No.").next("Do this").to_string()).to_string();
        assert_eq!(told, "No.\n  next: Do this");
    }
}
