//! What a round has to send, put into the mailboxes in the order of the changelog.

use std::{collections::HashMap, sync::Arc};

use super::{
    client::Client,
    letter::{Event, Letter},
    mailbox::Taken,
    plan::Item,
    registry::Member,
};
use crate::service::{
    App,
    events::{MessageEvent, MessageParts},
};

/// Letters and who gets them.
pub(super) struct Outbox {
    items: Vec<Item>,
    letters: Vec<Outgoing>,
}

struct Outgoing {
    item: usize,
    letter: Arc<Letter>,
    to: Arc<Vec<Member>>,
}

/// The first item that found no room in a mailbox.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full {
    /// The position of its entry among the changes.
    pub at: usize,
    /// How much room its letters take.
    pub bytes: usize,
}

impl Outbox {
    /// One for letters about these items.
    pub fn new(items: &[Item]) -> Self {
        Self { items: items.to_vec(), letters: Vec::new() }
    }

    /// Adds a letter about an item.
    pub fn add(&mut self, item: usize, letter: Letter, to: &Arc<Vec<Member>>) {
        self.letters.push(Outgoing { item, letter: Arc::new(letter), to: Arc::clone(to) });
    }

    /// Puts everything into the mailboxes.
    pub async fn post(mut self, app: &App) {
        let mut touched = HashMap::new();
        for (item, letters) in self.by_item() {
            put(app, item, letters, &mut touched).await;
        }
        touched.values().for_each(|client: &Arc<Client>| client.mailbox.wake());
    }

    /// Puts into the mailbox of the one client that gets all of it as much as finds room there. What does not is to be looked at again: a client
    /// that reads slowly must not hold on to it.
    pub async fn post_to(mut self, app: &App, client: &Client) -> Result<(), Full> {
        let mut touched = HashMap::new();
        let mut outcome = Ok(());
        for (item, letters) in self.by_item() {
            let bytes = letters.iter().map(|outgoing| outgoing.letter.size()).sum();
            if !client.mailbox.fits(bytes) {
                outcome = Err(Full { at: item.at, bytes });
                break;
            }
            put(app, item, letters, &mut touched).await;
        }
        client.mailbox.wake();
        outcome
    }

    /// The letters about each item, in order.
    fn by_item(&mut self) -> impl Iterator<Item = (Item, &[Outgoing])> {
        self.letters.sort_by_key(|outgoing| outgoing.item);
        let about_each = self.letters.chunk_by(|one, other| one.item == other.item);
        about_each.map(|about_one| (self.items[about_one[0].item], about_one))
    }
}

/// Puts the letters about one item into the mailboxes.
async fn put(app: &App, item: Item, letters: &[Outgoing], touched: &mut HashMap<usize, Arc<Client>>) {
    let hooked = app.hooks().realtime_message.is_used();
    // A client that has several subscriptions to one record may go on behind the entry after the last of them.
    let mut lasts = HashMap::new();
    for (at, outgoing) in letters.iter().enumerate() {
        lasts.extend(outgoing.members(item.seq).map(|(client, _)| (client, at)));
    }
    for (at, outgoing) in letters.iter().enumerate() {
        for (client, member) in outgoing.members(item.seq) {
            let letter = if hooked {
                match asked(app, &member.client, &outgoing.letter).await {
                    Some(letter) => letter,
                    None => continue,
                }
            } else {
                Arc::clone(&outgoing.letter)
            };
            member.client.mailbox.put(Taken { letter, last: lasts[&client] == at }, item.seq);
            touched.entry(client).or_insert_with(|| Arc::clone(&member.client));
        }
    }
}

impl Outgoing {
    /// Those whom an entry is for, each with what tells its client from others.
    fn members(&self, seq: i64) -> impl Iterator<Item = (usize, &Member)> {
        let members = self.to.iter().filter(move |member| member.after < seq);
        members.map(|member| (Arc::as_ptr(&member.client).addr(), member))
    }
}

/// The letter that the message hooks leave of one; `None`: they keep it back.
pub(super) async fn asked(app: &App, client: &Arc<Client>, letter: &Arc<Letter>) -> Option<Arc<Letter>> {
    let Letter::Event(event) = &**letter else { return Some(Arc::clone(letter)) };
    let mut message = MessageEvent::new(MessageParts {
        app: app.clone(),
        client: Arc::clone(client),
        topic: Arc::clone(&event.topic),
        data: event.data.clone(),
    });
    match app.hooks().realtime_message.all_agree(&mut message, &[&event.topic]).await {
        Ok(true) if message.data == event.data => Some(Arc::clone(letter)),
        Ok(true) => {
            Some(Arc::new(Letter::Event(Event::new(event.seq, Arc::clone(&event.topic), message.into_parts().data))))
        }
        Ok(false) => None,
        Err(error) => {
            tracing::error!(topic = &*event.topic, ?error, "a message hook failed; the message is kept back");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;
    use crate::{
        limits::REALTIME_QUEUE_MAX_BYTES,
        service::{AppOptions, realtime::Wire},
    };

    struct House {
        _dir: tempfile::TempDir,
        app: App,
        client: Arc<Client>,
        outbox: Outbox,
    }

    impl House {
        async fn new() -> Self {
            let dir = tempfile::tempdir().expect("a folder");
            let app = App::open(AppOptions::new(dir.path())).await.expect("opens");
            let client = Arc::new(Client::new(Wire::Program, IpAddr::V4(Ipv4Addr::LOCALHOST)));
            let items: Vec<_> = (0..4).map(|at| Item { at, seq: at as i64 + 1 }).collect();
            Self { _dir: dir, app, client, outbox: Outbox::new(&items) }
        }

        fn add(&mut self, item: usize, data: impl Into<bytes::Bytes>, after: i64) {
            let letter = Letter::Event(Event::new(Some(item as i64 + 1), "t".into(), data));
            self.outbox.add(item, letter, &Arc::new(vec![Member { client: Arc::clone(&self.client), after }]));
        }
    }

    #[tokio::test]
    async fn the_last_letter_of_an_entry_is_the_last_one_that_the_client_gets() {
        let mut house = House::new().await;
        for (item, after) in [(1, 0), (0, 0), (1, 0), (1, 2)] {
            house.add(item, "{}", after);
        }
        house.outbox.post(&house.app).await;
        let taken = house.client.mailbox.take(usize::MAX).await;
        let told: Vec<_> = taken.iter().map(|taken| (taken.letter.seq(), taken.last)).collect();
        assert_eq!(told, [(Some(1), true), (Some(2), false), (Some(2), true)], "the third one begins behind it");
    }

    #[tokio::test]
    async fn what_finds_no_room_is_left_to_be_looked_at_again() {
        let mut house = House::new().await;
        for item in 0..4 {
            house.add(item, "x".repeat(REALTIME_QUEUE_MAX_BYTES / 3), 0);
        }
        let full = house.outbox.post_to(&house.app, &house.client).await.expect_err("it is full");
        assert!(full.at == 2 && full.bytes > REALTIME_QUEUE_MAX_BYTES / 3, "{full:?}");
        assert_eq!(house.client.mailbox.take(usize::MAX).await.len(), 2);
        assert!(house.client.mailbox.has_room(full.bytes).await);
        assert!(house.client.mailbox.fits(2 * REALTIME_QUEUE_MAX_BYTES), "there will never be more room");
    }
}
