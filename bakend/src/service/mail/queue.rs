//! The queue: bounded, off the request's path, with several tries a mail.

use std::{pin::Pin, sync::Arc, time::Duration};

use tokio::sync::{Semaphore, watch};

use super::{
    MailEvent, MailKind, MailOptions, MailParts, Outbox,
    letters::{self, Letter},
};
use crate::{
    Error, Result,
    service::{App, settings::Smtp},
    store::mail::{MailFault, Message, Relay, Server, Sign},
};

/// Mails that may wait or be on their way; one more is dropped, and logged.
const QUEUE_MAX_MAILS: u32 = 1000;
/// Mails handed over at once.
const PARALLEL_MAX_MAILS: usize = 4;
/// Tries a mail gets.
const TRIES_MAX: u32 = 5;
/// Time before the second try; each further wait is [`RETRY_FACTOR`] times as long: 2 s, 8 s, 32 s, 128 s.
const RETRY_FIRST: Duration = Duration::from_secs(2);
/// How much longer each wait is than the one before.
const RETRY_FACTOR: u32 = 4;
/// Longest time that mails on their way get when the app closes.
const DRAIN_DEADLINE: Duration = Duration::from_secs(10);

/// What happens once a mail has left.
pub(crate) type AfterSent = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = Result<()>> + Send>> + Send>;

/// Mails on their way.
pub struct Queue {
    relay: Relay,
    outbox: Option<Outbox>,
    slots: Arc<Semaphore>,
    lanes: Semaphore,
    closing: watch::Sender<bool>,
}

impl Queue {
    /// An empty queue.
    ///
    /// # Errors
    /// `Invalid`: the file of root certificates cannot be read or holds none.
    pub(crate) fn new(options: &MailOptions) -> Result<Self> {
        let relay = match &options.roots {
            None => Relay::default(),
            Some(path) => {
                let unreadable = |error| {
                    let shown = path.display();
                    Error::invalid(format!("The root certificates for mail servers in {shown} cannot be read: {error}"))
                };
                Relay::trusting(&std::fs::read(path).map_err(unreadable)?)?
            }
        };
        Ok(Self {
            relay,
            outbox: options.outbox.clone(),
            slots: Arc::new(Semaphore::new(QUEUE_MAX_MAILS as usize)),
            lanes: Semaphore::new(PARALLEL_MAX_MAILS),
            closing: watch::Sender::new(false),
        })
    }

    /// Waits until every mail has left or was given up, at most [`DRAIN_DEADLINE`]; mails that wait for another try get it at once, and
    /// no further one.
    pub(crate) async fn drain(&self) {
        self.closing.send_replace(true);
        let all_gone = self.slots.acquire_many(QUEUE_MAX_MAILS);
        match tokio::time::timeout(DRAIN_DEADLINE, all_gone).await {
            Ok(Ok(places)) => drop(places),
            Ok(Err(_)) | Err(_) => {
                let left = QUEUE_MAX_MAILS as usize - self.slots.available_permits();
                tracing::error!(mails = left, "mails did not leave before the end");
            }
        }
    }

    /// One try.
    pub(super) async fn hand_over(&self, smtp: &Smtp, message: &Message) -> Result<(), MailFault> {
        if let Some(outbox) = &self.outbox {
            outbox.keep(message.clone());
            return Ok(());
        }
        if !smtp.enabled {
            tracing::warn!("{}", as_log(message));
            return Ok(());
        }
        self.relay.send(&server(smtp)?, message).await
    }
}

/// Puts a mail into the queue.
pub(super) fn post(event: MailEvent) {
    let app = event.app.clone();
    in_queue(&app, event.kind, async move {
        deliver(event).await;
    });
}

/// Puts a mail about an account into the queue, yet to be written: who asked for it must not be able to tell by the time that takes
/// that there is an account. `after` happens once it has left.
pub(crate) fn post_letter(app: &App, letter: Letter, after: Option<AfterSent>) {
    let (kind, own) = (letter.kind, app.clone());
    in_queue(app, kind, async move {
        let event = match letters::write(&own, letter) {
            Ok(event) => event,
            Err(error) => return tracing::error!(?kind, ?error, "a mail could not be written"),
        };
        if deliver(event).await
            && let Some(after) = after
            && let Err(error) = after().await
        {
            tracing::error!(?kind, ?error, "what follows a mail failed");
        }
    });
}

fn in_queue(app: &App, kind: MailKind, work: impl Future<Output = ()> + Send + 'static) {
    let Ok(slot) = Arc::clone(&app.mails().slots).try_acquire_owned() else {
        tracing::error!(?kind, "too many mails wait: one was dropped");
        return;
    };
    tokio::spawn(async move {
        work.await;
        drop(slot);
    });
}

/// The hooks, then as many tries as it takes; whether the mail left.
async fn deliver(mut event: MailEvent) -> bool {
    let kind = event.kind;
    match agree(&mut event).await {
        Ok(true) => {}
        Ok(false) => {
            tracing::debug!(?kind, "a hook kept a mail from leaving");
            return false;
        }
        Err(error) => {
            tracing::error!(?kind, ?error, "a hook failed, and its mail did not leave");
            return false;
        }
    }
    let MailParts { app, message, .. } = event.into_parts();
    let mut wait = RETRY_FIRST;
    let queue = app.mails();
    let mut closing = queue.closing.subscribe();
    for tried in 1..=TRIES_MAX {
        let is_last = tried == TRIES_MAX || *closing.borrow();
        let fault = {
            let Ok(_lane) = queue.lanes.acquire().await else { return false };
            match queue.hand_over(&app.settings().smtp, &message).await {
                Ok(()) => return true,
                Err(fault) => fault,
            }
        };
        if fault.permanent || is_last {
            tracing::error!(?kind, tried, reason = fault.reason, "a mail was given up");
            return false;
        }
        tracing::warn!(?kind, tried, reason = fault.reason, "a mail did not leave; it is tried again");
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = closing.wait_for(|closing| *closing) => {}
        }
        wait *= RETRY_FACTOR;
    }
    false
}

/// Whether every hook lets a mail go.
pub(super) async fn agree(event: &mut MailEvent) -> Result<bool> {
    let app = event.app.clone();
    let collection = event.collection.clone();
    let tags = collection.as_deref().map(|one| vec![one.name.as_str(), one.id.as_str()]).unwrap_or_default();
    app.hooks().mail.all_agree(event, &tags).await
}

fn server(smtp: &Smtp) -> Result<Server, MailFault> {
    let port = u16::try_from(smtp.port)
        .map_err(|_| MailFault { permanent: true, reason: format!("{} is not a port of a mail server", smtp.port) })?;
    let sign = (!smtp.username.is_empty()).then(|| Sign {
        username: smtp.username.clone(),
        password: smtp.password.clone(),
        by_login: smtp.auth_method == "LOGIN",
    });
    Ok(Server { host: smtp.host.clone(), port, tls: smtp.tls, sign, local_name: smtp.local_name.clone() })
}

/// A mail as a developer reads it in the log; what others wrote cannot look like a line of ours.
fn as_log(message: &Message) -> String {
    let to: Vec<&str> = message.to.iter().map(|to| to.address.as_str()).collect();
    let body = if message.text.is_empty() { &message.html } else { &message.text };
    let mut log = "no mail server is set, so this mail was not sent:".to_owned();
    for line in [format!("To: {}", to.join(", ")), format!("Subject: {}", message.subject), String::new()]
        .iter()
        .map(String::as_str)
        .chain(body.lines())
    {
        log.push_str("\n  | ");
        log.extend(line.chars().filter(|char| !char.is_control()));
    }
    log
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::mail::Mailbox;

    #[test]
    fn the_log_shows_a_mail_line_by_line() {
        let message = Message {
            to: vec![Mailbox::new("ana@example.com")],
            subject: "Hello".to_owned(),
            text: "one\ntwo\u{1b}[31m".to_owned(),
            ..Message::default()
        };
        let expected = "no mail server is set, so this mail was not sent:\n  | To: ana@example.com\n  | Subject: Hello\n  | \n  | one\n  | two[31m";
        assert_eq!(as_log(&message), expected);
    }
}
