//! Telling subscribers of changes: who may hear of what is asked now, once for all to whom the answer is the same.

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use super::{
    audience::{Class, Identities},
    gone::Around,
    ground::{self, Moment, Standing},
    letter::{Event, Letter, Resync},
    outbox::Outbox,
    own,
    plan::{Kind, Part, Plan},
    registry::{Member, Target},
    seen::{Seen, Sight},
    system,
};
use crate::{
    Error, Result,
    limits::REALTIME_TRIES_MAX,
    query::grant::Right,
    schema::Collection,
    service::{App, changes::Change},
};

/// Writes what these changes have to say to those whom a plan names.
pub(super) async fn written(app: &App, changes: &[Change], plan: Plan) -> Outbox {
    let around = Around::of(app, changes).await.unwrap_or_else(|error| {
        tracing::warn!(?error, "what went together cannot be read; who may have seen it fetches anew");
        Around::unknown(changes)
    });
    let mut round = Round {
        app,
        changes,
        around,
        plan: plan.items,
        left: plan.parts.into(),
        planned: plan.moment,
        moment: plan.moment,
        identities: Identities::new(app),
        seen: HashMap::new(),
    };
    let mut outbox = Outbox::new(&round.plan);
    while let Some(part) = round.next() {
        match &part.kind {
            Kind::List(collection) => round.records(&part, collection, Right::List, &mut outbox).await,
            Kind::View(collection) => round.records(&part, collection, Right::View, &mut outbox).await,
            Kind::Account(collection) => own::account(&mut round, &part, collection, &mut outbox).await,
            Kind::Owned(collection) => own::owned(&mut round, &part, collection, &mut outbox).await,
            Kind::Sessions => own::sessions(&mut round, &part, &mut outbox).await,
            Kind::System(kind) => system::tell(&mut round, &part, *kind, &mut outbox).await,
        }
    }
    outbox
}

/// What is known while some changes are told.
pub(super) struct Round<'a> {
    pub app: &'a App,
    pub changes: &'a [Change],
    around: Around,
    pub plan: Vec<super::plan::Item>,
    /// What is still to be told.
    left: VecDeque<Part>,
    /// When the plan was made.
    planned: Moment,
    /// What is known of collections and subscribers was so at this moment, or later.
    moment: Moment,
    pub identities: Identities<'a>,
    /// What was looked at already, by what it depends on.
    seen: HashMap<Sight, Arc<Seen>>,
}

impl Round<'_> {
    /// The change that an item tells of.
    pub fn change(&self, item: usize) -> &Change {
        &self.changes[self.plan[item].at]
    }

    /// What went together with the deleted record that an item tells of; `None`: not all of that is known.
    pub fn together(&self, item: usize) -> Option<Vec<&Change>> {
        self.around.together(self.changes, self.plan[item].at)
    }

    /// What to tell next, of collections and to subscribers as they are now.
    fn next(&mut self) -> Option<Part> {
        loop {
            let mut part = self.left.pop_front()?;
            let now = self.app.hub().ground().now();
            if now != self.moment {
                self.identities.renew(self.moment);
                self.seen.clear();
                self.moment = now;
            }
            if now == self.planned {
                return Some(part);
            }
            if let Some(kind) = part.kind.renewed(&self.app.schema()) {
                part.kind = kind;
                return Some(part);
            }
        }
    }

    /// Whether somebody's access may be another one than when this part was begun, as far as that was taken in.
    pub fn has_moved(&self, standing: &Standing) -> bool {
        self.app.hub().ground().has_moved(self.moment, standing)
    }

    /// Has some members of a part told later, by what is known then.
    pub fn later(&mut self, part: &Part, members: &[Member], items: &[usize], tries: u32) {
        let target = Target { topic: Arc::clone(&part.target.topic), members: members.to_vec() };
        self.left.push_back(Part { kind: part.kind.clone(), target, items: items.to_vec(), tries });
    }

    /// The same when it was looked in vain; not without end: who changes their own account all the time must not hold up all others.
    pub fn again(&mut self, part: &Part, members: &[Member], items: &[usize], outbox: &mut Outbox) {
        if part.tries + 1 < REALTIME_TRIES_MAX {
            self.later(part, members, items, part.tries + 1);
        } else {
            let error = Error::internal("who may hear of it changed again and again while it was asked");
            self.failed(&part.target, members, items, &error, outbox);
        }
    }

    async fn records(&mut self, part: &Part, collection: &Arc<Collection>, right: Right, outbox: &mut Outbox) {
        let classes = match self.identities.classes(&part.target, collection, right).await {
            Ok(classes) => classes,
            Err(error) => return self.failed(&part.target, &part.target.members, &part.items, &error, outbox),
        };
        for class in classes {
            self.tell(part, collection, &class, &part.items, outbox).await;
        }
    }

    /// Tells a class of subscribers of the items that it may see.
    pub async fn tell(
        &mut self,
        part: &Part,
        collection: &Arc<Collection>,
        class: &Class,
        items: &[usize],
        outbox: &mut Outbox,
    ) {
        let target = &part.target;
        if self.has_moved(&class.standing) {
            return self.later(part, &class.members, items, part.tries);
        }
        let sight = Sight::of(self.app, target, collection, class, items);
        let seen = match self.seen.get(&sight) {
            Some(seen) => Arc::clone(seen),
            None => match self.look(target, collection, class, items).await {
                Ok(seen) => {
                    let seen = Arc::new(seen);
                    self.seen.insert(sight, Arc::clone(&seen));
                    seen
                }
                Err(error) => return self.failed(target, &class.members, items, &error, outbox),
            },
        };
        if self.has_moved(&class.standing) {
            return self.again(part, &class.members, items, outbox);
        }
        for item in items {
            let Some(record) = seen.record(*item) else { continue };
            let data = data(record, self.change(*item).action.as_str());
            self.send(target, *item, data, &class.members, outbox);
        }
    }

    /// Looks at records, and then at what was committed before that: expands and hooks read too, each for itself.
    async fn look(
        &self,
        target: &Target,
        collection: &Arc<Collection>,
        class: &Class,
        items: &[usize],
    ) -> Result<Seen> {
        let seen = Seen::look(self, target, collection, class, items).await?;
        ground::take_in(self.app).await?;
        Ok(seen)
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
fn data(record: &[u8], action: &str) -> Vec<u8> {
    [b"{\"record\":", record, b",\"action\":\"", action.as_bytes(), b"\"}"].concat()
}
