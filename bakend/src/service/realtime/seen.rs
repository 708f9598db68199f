//! What a class of subscribers sees of some records: one query for all of them, each record written once.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use super::{
    audience::{Caller, Class},
    deliver::Round,
    gone,
    registry::Target,
};
use crate::{
    Error, Result,
    schema::{Collection, Record},
    service::{
        App,
        changes::{Action, Change},
        events,
        fields::{self, Shape},
        records::{Call, told},
    },
    store::changelog,
};

/// Everything that what is seen depends on.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Sight {
    collection: String,
    caller: Caller,
    own: bool,
    rule: Option<String>,
    fields: String,
    /// The whole topic, where rule, filter, expand or hooks may look at its options.
    topic: Option<Arc<str>>,
    items: Vec<usize>,
}

impl Sight {
    pub fn of(app: &App, target: &Target, collection: &Collection, class: &Class, items: &[usize]) -> Self {
        let rule = class.rule.as_deref().unwrap_or_default();
        let looks = rule.contains("@request.query")
            || rule.contains("@request.headers")
            || !target.topic.option("filter").is_empty()
            || !target.topic.option("expand").is_empty()
            || app.hooks().enrich.listens(&events::tags(collection));
        Self {
            collection: collection.id.clone(),
            caller: class.caller.clone(),
            own: class.own,
            rule: class.rule.clone(),
            fields: target.topic.option("fields").to_owned(),
            topic: looks.then(|| Arc::clone(&target.topic.text)),
            items: items.to_vec(),
        }
    }
}

/// Records as a class sees them.
#[derive(Default)]
pub(super) struct Seen {
    /// By item.
    records: HashMap<usize, Arc<Vec<u8>>>,
}

impl Seen {
    /// A record as JSON; `None`: it must not be seen, or is gone already.
    pub fn record(&self, item: usize) -> Option<&[u8]> {
        self.records.get(&item).map(|record| record.as_slice())
    }

    /// Looks at the records of some items.
    pub async fn look(
        round: &Round<'_>,
        target: &Target,
        collection: &Arc<Collection>,
        class: &Class,
        items: &[usize],
    ) -> Result<Self> {
        let call = Call::new(round.app, Arc::clone(&class.info));
        let mut view = View { call, target, class, seen: Self::default() };
        let is_gone = |item: &usize| round.change(*item).action == Action::Delete;
        let ids: BTreeSet<&str> =
            items.iter().filter(|item| !is_gone(item)).map(|item| round.change(*item).record.as_str()).collect();
        let stored = view.stored(collection, &ids.into_iter().collect::<Vec<_>>()).await?;
        for item in items {
            let change = round.change(*item);
            if !is_gone(item) {
                if let Some(record) = stored.get(&change.record) {
                    view.seen.records.insert(*item, Arc::clone(record));
                }
            } else {
                let record = change.old.as_deref().and_then(|old| changelog::deleted_record(collection, old));
                // Who listens fetches anew what is there: a record that went is no secret to whom it cannot be told.
                let record = record.ok_or_else(|| Error::internal("what a record was cannot be read any more"))?;
                view.deleted(*item, record, round.together(*item)).await?;
            }
        }
        Ok(view.seen)
    }
}

struct View<'a> {
    call: Call,
    target: &'a Target,
    class: &'a Class,
    seen: Seen,
}

impl View<'_> {
    /// Those of the stored records that may be seen, by their ids.
    async fn stored(&self, collection: &Arc<Collection>, ids: &[&str]) -> Result<HashMap<String, Arc<Vec<u8>>>> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let (rule, filter) = (self.class.rule.as_deref(), self.target.topic.option("filter"));
        let records = told::allowed(&self.call, collection, ids, rule, filter).await?;
        let ids: Vec<String> = records.iter().map(|record| record.id().to_owned()).collect();
        let written = self.written(records).await?;
        Ok(ids.into_iter().zip(written).collect())
    }

    /// A record that is gone, if it may be seen.
    async fn deleted(&mut self, item: usize, record: Record, gone: Option<Vec<&Change>>) -> Result<()> {
        let (rule, filter) = (self.class.rule.as_deref(), self.target.topic.option("filter"));
        let unreadable = if gone.is_none() { gone::unreadable(&self.call.app.schema()) } else { Vec::new() };
        let gone = gone.unwrap_or_else(|| unreadable.iter().collect());
        if told::allowed_absent(&self.call, &record, rule, filter, &gone).await?
            && let Some(written) = self.written(vec![record]).await?.pop()
        {
            self.seen.records.insert(item, written);
        }
        Ok(())
    }

    async fn written(&self, records: Vec<Record>) -> Result<Vec<Arc<Vec<u8>>>> {
        let topic = &self.target.topic;
        let all = told::each(&self.call, records, topic.option("expand"), self.class.own).await?;
        let picked = |record: Vec<u8>| {
            // As PocketBase: fields that cannot be read count as none.
            let picked = fields::pick(record.clone(), topic.option("fields"), Shape::Whole);
            Arc::new(picked.unwrap_or(record))
        };
        Ok(match topic.option("fields") {
            "" => all.into_iter().map(Arc::new).collect(),
            _ => all.into_iter().map(picked).collect(),
        })
    }
}
