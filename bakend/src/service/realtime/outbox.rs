//! What a round has to send, put into the mailboxes in the order of the changelog.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    client::Client,
    letter::{Event, Letter},
    mailbox::Taken,
    plan::Item,
    registry::Member,
};
use crate::service::{App, events::MessageEvent};

/// Letters and who gets them.
#[derive(Default)]
pub(super) struct Outbox(Vec<Outgoing>);

struct Outgoing {
    item: usize,
    letter: Arc<Letter>,
    to: Arc<Vec<Member>>,
}

impl Outbox {
    /// Adds a letter about an item.
    pub fn add(&mut self, item: usize, letter: Letter, to: &Arc<Vec<Member>>) {
        self.0.push(Outgoing { item, letter: Arc::new(letter), to: Arc::clone(to) });
    }

    /// Puts everything into the mailboxes.
    pub async fn post(mut self, app: &App, items: &[Item]) {
        self.0.sort_by_key(|outgoing| outgoing.item);
        let hooked = app.hooks().realtime_message.is_used();
        let mut touched: HashMap<usize, Arc<Client>> = HashMap::new();
        for about_one in self.0.chunk_by(|one, other| one.item == other.item) {
            let seq = items[about_one[0].item].seq;
            for (at, outgoing) in about_one.iter().enumerate() {
                // A client that has several subscriptions to one record may go on behind the entry after the last of them.
                let follow: HashSet<usize> = about_one[at + 1..].iter().flat_map(Outgoing::clients).collect();
                for member in outgoing.to.iter().filter(|member| member.after < seq) {
                    let letter = if hooked {
                        match asked(app, &member.client, &outgoing.letter).await {
                            Some(letter) => letter,
                            None => continue,
                        }
                    } else {
                        Arc::clone(&outgoing.letter)
                    };
                    let client = Arc::as_ptr(&member.client).addr();
                    member.client.mailbox.put(Taken { letter, last: !follow.contains(&client) }, seq);
                    touched.entry(client).or_insert_with(|| Arc::clone(&member.client));
                }
            }
        }
        touched.values().for_each(|client| client.mailbox.wake());
    }
}

impl Outgoing {
    fn clients(&self) -> impl Iterator<Item = usize> {
        self.to.iter().map(|member| Arc::as_ptr(&member.client).addr())
    }
}

/// The letter that the message hooks leave of one; `None`: they keep it back.
pub(super) async fn asked(app: &App, client: &Arc<Client>, letter: &Arc<Letter>) -> Option<Arc<Letter>> {
    let Letter::Event(event) = &**letter else { return Some(Arc::clone(letter)) };
    let mut message = MessageEvent {
        app: app.clone(),
        client: Arc::clone(client),
        topic: Arc::clone(&event.topic),
        data: event.data.clone(),
    };
    match app.hooks().realtime_message.all_agree(&mut message, &[&event.topic]).await {
        Ok(true) if message.data == event.data => Some(Arc::clone(letter)),
        Ok(true) => Some(Arc::new(Letter::Event(Event::new(event.seq, message.topic, message.data)))),
        Ok(false) => None,
        Err(error) => {
            tracing::error!(topic = &*event.topic, ?error, "a message hook failed; the message is kept back");
            None
        }
    }
}
