//! Who is connected, and who subscribed to what.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::Arc,
};

use super::{client::Client, topic::Topic};
use crate::{Error, Kind, Result};

/// Ids of an account's collection and of its record.
pub(super) type Account = (String, String);

/// Clients and their subscriptions.
#[derive(Default)]
pub(super) struct Registry {
    clients: HashMap<Arc<str>, Entry>,
    /// Subscriptions by the exact text that names their events.
    groups: HashMap<Arc<str>, Group>,
    /// Texts of groups by the part before the options.
    heads: HashMap<Arc<str>, Vec<Arc<str>>>,
    addresses: HashMap<IpAddr, usize>,
    /// Ids of clients by the account that is bound to them.
    bound: HashMap<Account, HashSet<Arc<str>>>,
}

struct Entry {
    client: Arc<Client>,
    topics: HashSet<Arc<str>>,
    /// Where it left off before it connected; taken by its first subscriptions.
    since: Option<i64>,
    /// Whose it is; `None`: a guest's.
    account: Option<Account>,
    /// While it catches up with the changelog, the tail leaves it alone.
    catching_up: bool,
}

/// All who subscribed with the same text.
struct Group {
    topic: Arc<Topic>,
    members: HashMap<Arc<str>, Member>,
}

/// A subscriber.
#[derive(Clone)]
pub(super) struct Member {
    /// Who.
    pub client: Arc<Client>,
    /// Entries of the changelog up to this one are not for it.
    pub after: i64,
}

/// A topic and those of its subscribers who are to hear of something.
#[derive(Clone)]
pub(super) struct Target {
    /// The topic.
    pub topic: Arc<Topic>,
    /// Who.
    pub members: Vec<Member>,
}

impl Registry {
    /// Adds a client.
    pub fn add(&mut self, client: &Arc<Client>, since: Option<i64>, per_address_max: usize, max: usize) -> Result<()> {
        if self.clients.len() >= max {
            return Err(Error::new(Kind::RateLimited, "Too many realtime clients are connected. Try again later."));
        }
        let of_address = self.addresses.entry(client.address()).or_default();
        if *of_address >= per_address_max {
            return Err(Error::new(Kind::RateLimited, "Too many realtime clients are connected from this address."));
        }
        *of_address += 1;
        let entry =
            Entry { client: Arc::clone(client), topics: HashSet::new(), since, account: None, catching_up: false };
        self.clients.insert(Arc::clone(client.id()), entry);
        Ok(())
    }

    /// Removes a client with its subscriptions.
    pub fn remove(&mut self, id: &str) {
        let Some(entry) = self.clients.remove(id) else { return };
        for topic in &entry.topics {
            self.leave(topic, id);
        }
        if let Some(account) = &entry.account {
            self.unbind(account, id);
        }
        let address = entry.client.address();
        if let Some(count) = self.addresses.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                self.addresses.remove(&address);
            }
        }
    }

    /// A connected client.
    pub fn client(&self, id: &str) -> Option<Arc<Client>> {
        self.clients.get(id).map(|entry| Arc::clone(&entry.client))
    }

    /// All clients.
    pub fn clients(&self) -> Vec<Arc<Client>> {
        self.clients.values().map(|entry| Arc::clone(&entry.client)).collect()
    }

    /// Notes whose a client is; `None`: a guest's.
    pub fn bind(&mut self, id: &str, account: Option<Account>) {
        let Some(entry) = self.clients.get_mut(id) else { return };
        if entry.account == account {
            return;
        }
        let before = std::mem::replace(&mut entry.account, account.clone());
        if let Some(before) = before {
            self.unbind(&before, id);
        }
        if let Some(account) = account {
            self.bound.entry(account).or_default().insert(id.into());
        }
    }

    fn unbind(&mut self, account: &Account, id: &str) {
        if let Some(ids) = self.bound.get_mut(account) {
            ids.remove(id);
            if ids.is_empty() {
                self.bound.remove(account);
            }
        }
    }

    /// The clients of an account.
    pub fn bound_to(&self, account: &Account) -> Vec<Arc<Client>> {
        let ids = self.bound.get(account).into_iter().flatten();
        ids.filter_map(|id| self.client(id)).collect()
    }

    /// Number of clients.
    pub fn len(&self) -> usize {
        self.clients.len()
    }

    /// Whether anybody subscribed to anything.
    pub fn has_subscriptions(&self) -> bool {
        !self.groups.is_empty()
    }

    /// What a client subscribed to.
    pub fn topics(&self, id: &str) -> Vec<Arc<str>> {
        self.clients.get(id).map(|entry| entry.topics.iter().cloned().collect()).unwrap_or_default()
    }

    /// Whether a client subscribed to exactly this.
    pub fn is_subscribed(&self, id: &str, topic: &str) -> bool {
        self.clients.get(id).is_some_and(|entry| entry.topics.contains(topic))
    }

    /// Where a client left off before it connected; asked once.
    pub fn take_since(&mut self, id: &str) -> Option<i64> {
        self.clients.get_mut(id)?.since.take()
    }

    /// Whether its first subscriptions will go on where it left off.
    pub fn has_since(&self, id: &str) -> bool {
        self.clients.get(id).is_some_and(|entry| entry.since.is_some())
    }

    /// Notes where a client left off; false: it has subscriptions already.
    pub fn set_since(&mut self, id: &str, since: i64) -> bool {
        match self.clients.get_mut(id) {
            Some(entry) if entry.topics.is_empty() => {
                entry.since = Some(since);
                true
            }
            _ => false,
        }
    }

    /// Adds subscriptions; those that it has stay as they are. `after`: entries up to this one are not for the new ones.
    pub fn join(&mut self, id: &str, topics: impl IntoIterator<Item = Topic>, after: i64) {
        let Some(entry) = self.clients.get_mut(id) else { return };
        for topic in topics {
            if !entry.topics.insert(Arc::clone(&topic.text)) {
                continue;
            }
            let (text, head) = (Arc::clone(&topic.text), Arc::clone(&topic.head));
            let member = Member { client: Arc::clone(&entry.client), after };
            let heads = &mut self.heads;
            let group = self.groups.entry(Arc::clone(&text)).or_insert_with(|| {
                heads.entry(head).or_default().push(text);
                Group { topic: Arc::new(topic), members: HashMap::new() }
            });
            group.members.insert(Arc::clone(entry.client.id()), member);
        }
    }

    /// Has all subscriptions go on behind an entry, wherever they were: numbers may have begun anew.
    pub fn go_on_behind(&mut self, after: i64) {
        let members = self.groups.values_mut().flat_map(|group| group.members.values_mut());
        members.for_each(|member| member.after = after);
    }

    /// Ends subscriptions of a client.
    pub fn part(&mut self, id: &str, topics: &[Arc<str>]) {
        for topic in topics {
            if self.clients.get_mut(id).is_some_and(|entry| entry.topics.remove(topic)) {
                self.leave(topic, id);
            }
        }
    }

    fn leave(&mut self, topic: &Arc<str>, id: &str) {
        let Some(group) = self.groups.get_mut(topic) else { return };
        group.members.remove(id);
        if !group.members.is_empty() {
            return;
        }
        let head = Arc::clone(&group.topic.head);
        self.groups.remove(topic);
        if let Some(texts) = self.heads.get_mut(&head) {
            texts.retain(|text| text != topic);
            if texts.is_empty() {
                self.heads.remove(&head);
            }
        }
    }

    /// Whether anybody subscribed to a topic that starts so.
    pub fn hears(&self, head: &str) -> bool {
        self.heads.contains_key(head)
    }

    /// The topics that start with `head`, each with its subscribers; without those who are catching up.
    pub fn targets(&self, head: &str) -> Vec<Target> {
        self.find(head, |member| !self.is_catching_up(member.client.id()))
    }

    /// The same for one client only, whatever it is doing.
    pub fn targets_of(&self, head: &str, id: &str) -> Vec<Target> {
        self.find(head, |member| &**member.client.id() == id)
    }

    /// The topics that start with `head`, each with all its subscribers.
    pub fn all(&self, head: &str) -> Vec<Target> {
        self.find(head, |_| true)
    }

    fn find(&self, head: &str, wanted: impl Fn(&Member) -> bool) -> Vec<Target> {
        let texts = self.heads.get(head).map(Vec::as_slice).unwrap_or_default();
        let groups = texts.iter().filter_map(|text| self.groups.get(text));
        groups
            .map(|group| {
                let members = group.members.values().filter(|member| wanted(member)).cloned().collect();
                Target { topic: Arc::clone(&group.topic), members }
            })
            .filter(|target: &Target| !target.members.is_empty())
            .collect()
    }

    /// Whether the changelog is being read for this client alone.
    pub fn is_catching_up(&self, id: &str) -> bool {
        self.clients.get(id).is_some_and(|entry| entry.catching_up)
    }

    /// Notes that a client catches up, or is through.
    pub fn set_catching_up(&mut self, id: &str, catching_up: bool) {
        if let Some(entry) = self.clients.get_mut(id) {
            entry.catching_up = catching_up;
        }
    }
}

#[cfg(test)]
mod tests;
