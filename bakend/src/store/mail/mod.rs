//! Mails on their way out: what one is, and the server that takes it.

mod compose;
mod smtp;

use std::{error::Error as StdError, fmt};

pub use self::smtp::{Relay, Server, Sign};

/// Somebody who sends or gets mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// How they are called; `""`: the address says it all.
    pub name: String,
    /// `ana@example.com`.
    pub address: String,
}

impl Mailbox {
    /// An address without a name.
    pub fn new(address: impl Into<String>) -> Self {
        Self { name: String::new(), address: address.into() }
    }
}

/// A mail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// From whom.
    pub from: Mailbox,
    /// To whom; at least one.
    pub to: Vec<Mailbox>,
    /// To whom besides.
    pub cc: Vec<Mailbox>,
    /// To whom besides, unseen by the others.
    pub bcc: Vec<Mailbox>,
    /// One line.
    pub subject: String,
    /// The text for readers of HTML; `""`: there is none.
    pub html: String,
    /// The text for everybody else; `""`: there is none.
    pub text: String,
    /// Further headers: names of letters, digits and hyphens, values of one line.
    pub headers: Vec<(String, String)>,
}

/// Why a mail did not leave.
#[derive(Debug)]
pub struct MailFault {
    /// Whether another try is of no use: the mail or the settings are wrong, or the server refuses it for good.
    pub permanent: bool,
    /// What happened; never holds a secret.
    pub reason: String,
}

impl MailFault {
    fn for_good(reason: impl fmt::Display) -> Self {
        Self { permanent: true, reason: reason.to_string() }
    }
}

impl fmt::Display for MailFault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.reason)
    }
}

impl StdError for MailFault {}

/// An error with all its reasons, on one line.
fn with_reasons(error: &dyn StdError) -> String {
    let mut told = error.to_string();
    let mut cause = error.source();
    while let Some(reason) = cause {
        let text = reason.to_string();
        if !told.contains(&text) {
            told = format!("{told}: {text}");
        }
        cause = reason.source();
    }
    told
}
