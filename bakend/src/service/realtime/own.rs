//! What concerns the signed-in account: itself, and what belongs to it.

use std::{collections::HashMap, sync::Arc};

use super::{
    audience::{Caller, Class, Identity},
    client::named,
    deliver::Round,
    ground,
    outbox::Outbox,
    plan::{Part, SystemKind},
    registry::{Account, Member},
    system,
};
use crate::{
    Result,
    query::{
        RequestInfo,
        grant::{Area, Right},
    },
    schema::Collection,
    service::{
        auth::sessions,
        changes::Action,
        records::{Call, told},
    },
    store::changelog,
};

/// Items by the account that they concern.
type Concerns = HashMap<Account, Vec<usize>>;

/// Tells accounts of changes of themselves. No rule is asked: it is their own.
pub(super) async fn account(round: &mut Round<'_>, part: &Part, collection: &Arc<Collection>, outbox: &mut Outbox) {
    let mut items = Concerns::new();
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

/// Tells accounts of their sessions.
pub(super) async fn sessions(round: &mut Round<'_>, part: &Part, outbox: &mut Outbox) {
    let mut items = Concerns::new();
    let mut shown = HashMap::new();
    for item in &part.items {
        match sessions::told(round.app, round.change(*item)).await {
            Ok(Some((owner, session))) => {
                items.entry(owner).or_default().push(*item);
                shown.insert(*item, session);
            }
            Ok(None) => {}
            Err(error) => return round.failed(&part.target, &part.target.members, &part.items, &error, outbox),
        }
    }
    let may = |identity: &Identity| identity.may_enter(Area::Sessions);
    let theirs = theirs(round, part, &items, may, outbox).await;
    // They were asked for behind the sessions, but may be known from before.
    if let Err(error) = ground::take_in(round.app).await {
        return round.failed(&part.target, &part.target.members, &part.items, &error, outbox);
    }
    for (items, identity, members) in theirs {
        if round.has_moved(&identity.standing()) {
            round.again(part, &members, &part.items, outbox);
            continue;
        }
        let members = Arc::new(members);
        for item in items {
            let data = system::data(SystemKind::Sessions, &shown[item], round.change(*item).action);
            round.send(&part.target, *item, data, &members, outbox);
        }
    }
}

async fn tell(
    round: &mut Round<'_>,
    part: &Part,
    collection: &Arc<Collection>,
    items: Concerns,
    own: bool,
    outbox: &mut Outbox,
) {
    if !own && collection.rules.view.is_none() {
        return;
    }
    let rule = if own { None } else { collection.rules.view.clone() };
    let may = |identity: &Identity| identity.may(collection, Right::View);
    for (items, identity, members) in theirs(round, part, &items, may, outbox).await {
        let mut class = Class::new(&part.target, identity.caller(), Some(identity), &rule, members);
        class.own = own;
        round.tell(part, collection, &class, items, outbox).await;
    }
}

/// Subscribers who still are one of these accounts and may hear of it, as far as their keys go; with what concerns them.
async fn theirs<'a>(
    round: &mut Round<'_>,
    part: &Part,
    concerns: &'a Concerns,
    may: impl Fn(&Identity) -> bool,
    outbox: &mut Outbox,
) -> Vec<(&'a [usize], Identity, Vec<Member>)> {
    let mut found: HashMap<Caller, (&[usize], Identity, Vec<Member>)> = HashMap::new();
    for member in &part.target.members {
        // Cheap first: only for those whom it may concern it is asked whether they are still who they were.
        let Some((account, items)) = member.client.account().and_then(|own| concerns.get_key_value(&own)) else {
            continue;
        };
        match round.identities.of(&member.client).await {
            Ok(Some(identity)) if named(&identity.account) == *account && may(&identity) => {
                let until = identity.until;
                let entry = found.entry(identity.caller()).or_insert_with(|| (items.as_slice(), identity, Vec::new()));
                entry.1.until = entry.1.until.min(until);
                entry.2.push(member.clone());
            }
            Ok(_) => {}
            Err(error) => round.failed(&part.target, std::slice::from_ref(member), items, &error, outbox),
        }
    }
    found.into_values().collect()
}

/// Whose the records of some items are, or were.
async fn owners(round: &Round<'_>, part: &Part, collection: &Arc<Collection>) -> Result<Concerns> {
    let call = Call::new(round.app, Arc::new(RequestInfo::default()));
    let ids: Vec<&str> = part.items.iter().map(|item| round.change(*item).record.as_str()).collect();
    let stored = told::allowed(&call, collection, &ids, None, "").await?;
    let mut items = Concerns::new();
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
