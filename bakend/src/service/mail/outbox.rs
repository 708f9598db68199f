//! Mails kept in memory instead of being sent, for tests.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use crate::store::mail::Message;

/// Keeps mails. Clones share them.
///
/// ```
/// use bakend::service::mail::Outbox;
/// assert!(Outbox::default().all().is_empty());
/// ```
#[derive(Clone, Debug)]
pub struct Outbox {
    kept: Arc<Mutex<Vec<Message>>>,
    count: watch::Sender<usize>,
}

impl Default for Outbox {
    fn default() -> Self {
        Self { kept: Arc::default(), count: watch::Sender::new(0) }
    }
}

impl Outbox {
    /// Every mail so far, the first one first.
    pub fn all(&self) -> Vec<Message> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until there are this many, and returns all of them.
    pub async fn wait_for(&self, count: usize) -> Vec<Message> {
        // The sender lives as long as this value: waiting cannot fail.
        let _ = self.count.subscribe().wait_for(|kept| *kept >= count).await;
        self.all()
    }

    /// Forgets all of them.
    pub fn clear(&self) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.clear();
        self.count.send_replace(0);
    }

    pub(super) fn keep(&self, message: Message) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(message);
        self.count.send_replace(kept.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn mails_are_waited_for_and_forgotten() {
        let outbox = Outbox::default();
        let other = outbox.clone();
        let waiting = tokio::spawn(async move { other.wait_for(2).await.len() });
        for _ in 0..2 {
            outbox.keep(Message::default());
        }
        assert_eq!(waiting.await.expect("no panic"), 2);
        outbox.clear();
        assert!(outbox.all().is_empty());
    }
}
