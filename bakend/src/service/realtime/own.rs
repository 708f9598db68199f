//! What concerns the signed-in account: itself, and what belongs to it.

use std::{collections::HashMap, sync::Arc};

use super::{
    audience::{Caller, Class},
    deliver::Round,
    outbox::Outbox,
    plan::Part,
    registry::Member,
};
use crate::{
    Result,
    query::RequestInfo,
    schema::{Collection, Record},
    service::{
        changes::Action,
        records::{Call, told},
    },
    store::changelog,
};

/// Ids of an account's collection and of its record.
type Account = (String, String);

/// Tells accounts of changes of themselves. No rule is asked: it is their own.
pub(super) async fn account(round: &mut Round<'_>, part: &Part, collection: &Arc<Collection>, outbox: &mut Outbox) {
    let mut items: HashMap<Account, Vec<usize>> = HashMap::new();
    for item in &part.items {
        let account = (collection.id.clone(), round.change(*item).record.clone());
        items.entry(account).or_default().push(*item);
    }
    tell(round, part, collection, items, true, outbox).await;
}

/// Tells accounts of what belongs to them, under its view rule.
pub(super) async fn owned(round: &mut Round<'_>, part: &Part, collection: &Arc<Collection>, outbox: &mut Outbox) {
    match owners(round, part, collection).await {
        Ok(items) => tell(round, part, collection, items, false, outbox).await,
        Err(error) => round.failed(&part.target, &part.target.members, &part.items, &error, outbox),
    }
}

async fn tell(
    round: &mut Round<'_>,
    part: &Part,
    collection: &Arc<Collection>,
    items: HashMap<Account, Vec<usize>>,
    own: bool,
    outbox: &mut Outbox,
) {
    let mut members: HashMap<Account, Vec<Member>> = HashMap::new();
    for member in &part.target.members {
        // Cheap first: only for those whom it may concern it is asked whether they are still who they were.
        let Some(known) = member.client.record().map(|record| named(&record)) else { continue };
        if items.contains_key(&known) {
            members.entry(known).or_default().push(member.clone());
        }
    }
    for (account, members) in members {
        let mut still = Vec::with_capacity(members.len());
        let mut record = None;
        for member in members {
            match round.identities.of(&member.client).await {
                Ok(Some(found)) if named(&found) == account => {
                    record = Some(found);
                    still.push(member);
                }
                Ok(_) => {}
                Err(error) => round.failed(&part.target, &[member], &items[&account], &error, outbox),
            }
        }
        if record.is_none() || !own && collection.rules.view.is_none() {
            continue;
        }
        let caller = Caller::Account(account.0.clone(), account.1.clone());
        let rule = if own { None } else { collection.rules.view.clone() };
        let mut class = Class::new(&part.target, caller, record, &rule, still);
        class.own = own;
        round.tell(&part.target, collection, &class, &items[&account], outbox).await;
    }
}

/// Whose the records of some items are, or were.
async fn owners(round: &Round<'_>, part: &Part, collection: &Arc<Collection>) -> Result<HashMap<Account, Vec<usize>>> {
    let call = Call::new(round.app, Arc::new(RequestInfo::default()));
    let ids: Vec<&str> = part.items.iter().map(|item| round.change(*item).record.as_str()).collect();
    let stored = told::allowed(&call, collection, &ids, None, "").await?;
    let mut items: HashMap<Account, Vec<usize>> = HashMap::new();
    for item in &part.items {
        let change = round.change(*item);
        let gone = change.old.as_deref().filter(|_| change.action == Action::Delete);
        let gone = gone.and_then(|old| changelog::deleted_record(collection, old));
        let record = gone.or_else(|| stored.iter().find(|record| record.id() == change.record).cloned());
        if let Some(record) = record {
            let owner = (record.text("collectionRef").to_owned(), record.text("recordRef").to_owned());
            items.entry(owner).or_default().push(*item);
        }
    }
    Ok(items)
}

fn named(record: &Record) -> Account {
    (record.collection.id.clone(), record.id().to_owned())
}
