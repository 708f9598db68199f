//! Telling subscribers of changes: who may hear of what is asked now, once for all to whom the answer is the same.

use std::{collections::HashMap, sync::Arc};

use super::{
    audience::{Class, Identities},
    letter::{Event, Letter, Resync},
    outbox::Outbox,
    own,
    plan::{Kind, Part, Plan},
    registry::{Member, Target},
    seen::{Seen, Sight},
    system,
};
use crate::{
    Error,
    schema::{Collection, Rule},
    service::{App, changes::Change},
};

/// Puts into the mailboxes what these changes have to say to those whom a plan names.
pub(super) async fn deliver(app: &App, changes: &[Change], plan: Plan) {
    let Plan { items, parts } = plan;
    let mut round = Round { app, changes, plan: items, identities: Identities::new(app), seen: HashMap::new() };
    let mut outbox = Outbox::default();
    for part in &parts {
        match &part.kind {
            Kind::List(collection) => round.records(part, collection, &collection.rules.list, &mut outbox).await,
            Kind::View(collection) => round.records(part, collection, &collection.rules.view, &mut outbox).await,
            Kind::Account(collection) => own::account(&mut round, part, collection, &mut outbox).await,
            Kind::Owned(collection) => own::owned(&mut round, part, collection, &mut outbox).await,
            Kind::System => system::tell(&mut round, part, &mut outbox).await,
        }
    }
    outbox.post(app, &round.plan).await;
}

/// What is known while some changes are told.
pub(super) struct Round<'a> {
    pub app: &'a App,
    pub changes: &'a [Change],
    pub plan: Vec<super::plan::Item>,
    pub identities: Identities<'a>,
    /// What was looked at already, by what it depends on.
    seen: HashMap<Sight, Arc<Seen>>,
}

impl Round<'_> {
    /// The change that an item tells of.
    pub fn change(&self, item: usize) -> &Change {
        &self.changes[self.plan[item].at]
    }

    async fn records(&mut self, part: &Part, collection: &Arc<Collection>, rule: &Rule, outbox: &mut Outbox) {
        let classes = match self.identities.classes(&part.target, collection, rule).await {
            Ok(classes) => classes,
            Err(error) => return self.failed(&part.target, &part.target.members, &part.items, &error, outbox),
        };
        for class in classes {
            self.tell(&part.target, collection, &class, &part.items, outbox).await;
        }
    }

    /// Tells a class of subscribers of the items that it may see.
    pub async fn tell(
        &mut self,
        target: &Target,
        collection: &Arc<Collection>,
        class: &Class,
        items: &[usize],
        outbox: &mut Outbox,
    ) {
        let sight = Sight::of(self.app, target, collection, class, items);
        let seen = match self.seen.get(&sight) {
            Some(seen) => Arc::clone(seen),
            None => match Seen::look(self, target, collection, class, items).await {
                Ok(seen) => {
                    let seen = Arc::new(seen);
                    self.seen.insert(sight, Arc::clone(&seen));
                    seen
                }
                Err(error) => return self.failed(target, &class.members, items, &error, outbox),
            },
        };
        for item in items {
            let Some(record) = seen.record(*item) else { continue };
            let data = data(record, self.change(*item).action.as_str());
            self.send(target, *item, data, &class.members, outbox);
        }
    }

    /// Puts an event into the outbox.
    pub fn send(&self, target: &Target, item: usize, data: Vec<u8>, to: &Arc<Vec<Member>>, outbox: &mut Outbox) {
        let event = Event::new(Some(self.plan[item].seq), Arc::clone(&target.topic.text), data);
        outbox.add(item, Letter::Event(event), to);
    }

    /// What may be seen could not be found out: who subscribed is told that there is something.
    pub fn failed(&self, target: &Target, members: &[Member], items: &[usize], error: &Error, outbox: &mut Outbox) {
        tracing::error!(topic = &*target.topic.text, ?error, "changes could not be told");
        if let Some(last) = items.last() {
            let letter = Letter::Resync(Resync::Failed, self.plan[*last].seq);
            outbox.add(*last, letter, &Arc::new(members.to_vec()));
        }
    }
}

/// The data of an event.
pub(super) fn data(record: &[u8], action: &str) -> Vec<u8> {
    [b"{\"record\":", record, b",\"action\":\"", action.as_bytes(), b"\"}"].concat()
}
