//! Mails: what they say, who may change or stop them, and how they leave without anybody waiting for them.
//!
//! A mail is written (`letters`), waits in a bounded `queue` off the request's path, is shown to the hooks, and is handed to the SMTP
//! server of the settings, several times if need be. With no server set it is written to the log. A mail that fails is logged; nobody
//! who asked for it is told, because that would tell who has an account.

mod layout;
mod letters;
mod outbox;
mod queue;
mod template;
mod test_mail;
mod text;

use std::{path::PathBuf, sync::Arc};

pub(crate) use self::{
    letters::Letter,
    queue::{AfterSent, post_letter},
    template::escaped,
};
pub use self::{outbox::Outbox, queue::Queue, test_mail::send_test};
use super::{
    App,
    events::{Dynamic, Event},
};
use crate::{
    schema::{Collection, Record},
    store::mail::Message,
};

// Hooks and tests speak of mails in these words.
pub use crate::store::mail::{Mailbox, Message as MailMessage};

/// How mails leave, beside what the settings say.
#[derive(Clone, Debug, Default)]
pub struct MailOptions {
    /// A PEM file with root certificates to trust beside those that browsers know: for a mail server of one's own authority.
    pub roots: Option<PathBuf>,
    /// Keeps every mail in memory instead of sending it: for tests.
    pub outbox: Option<Outbox>,
}

/// What a mail is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailKind {
    /// Asks to confirm the email address.
    Verification,
    /// Asks to choose a new password.
    PasswordReset,
    /// Asks to confirm a new email address.
    EmailChange,
    /// Brings a one-time password.
    Otp,
    /// Tells of a sign-in from a new place.
    AuthAlert,
    /// One of the app's own.
    Own,
}

/// A mail is about to leave. Hooks may change the message, or `stop()` the event to keep the mail from leaving.
///
/// ```
/// let backend = bakend::Bakend::builder().on_mail(async |e| {
///     e.message.subject = format!("[Shop] {}", e.message.subject);
///     Ok(())
/// });
/// # let _ = backend;
/// ```
pub type MailEvent<T = Dynamic> = Event<MailParts, T>;

/// The parts of a [`MailEvent`].
pub struct MailParts {
    /// The app.
    pub app: App,
    /// What it is about.
    pub kind: MailKind,
    /// Of which accounts, when it is about an account.
    pub collection: Option<Arc<Collection>>,
    /// About which account.
    pub record: Option<Record>,
    /// The mail.
    pub message: Message,
}

/// Mails of the program's own.
///
/// ```
/// # use bakend::{App, AppOptions, MailMessage, Mailbox, Result, service::mail::{MailOptions, Outbox}};
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> Result<()> {
/// # let folder = tempfile::tempdir().map_err(bakend::Error::internal)?;
/// let outbox = Outbox::default();
/// let mail = MailOptions { outbox: Some(outbox.clone()), ..MailOptions::default() };
/// let app = App::open(AppOptions { mail, ..AppOptions::new(folder.path()) }).await?;
/// app.mail().send(MailMessage {
///     to: vec![Mailbox::new("ana@example.com")],
///     subject: "Welcome".to_owned(),
///     text: "Nice to have you here.".to_owned(),
///     ..app.mail().message()
/// });
/// app.close().await;
/// assert_eq!(outbox.all()[0].subject, "Welcome");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Mail {
    app: App,
}

impl App {
    /// Mails of the program's own: `app.mail().send(…)`.
    pub fn mail(&self) -> Mail {
        Mail { app: self.clone() }
    }
}

impl Mail {
    /// An empty mail from the sender of the settings.
    pub fn message(&self) -> Message {
        let meta = &self.app.settings().meta;
        let from = Mailbox { name: meta.sender_name.clone(), address: meta.sender_address.clone() };
        Message { from, ..Message::default() }
    }

    /// Puts a mail into the queue and returns. [`on_mail`](crate::Hook::on_mail) hooks hear of it; one that cannot be sent is logged.
    pub fn send(&self, message: Message) {
        let app = self.app.clone();
        let parts = MailParts { app, kind: MailKind::Own, collection: None, record: None, message };
        queue::post(MailEvent::new(parts));
    }
}
