//! Who is connected, and who subscribed to what.

use std::{
    collections::{HashMap, HashSet},
    net::IpAddr,
    sync::Arc,
};

use super::{client::Client, topic::Topic};
use crate::{Error, Kind, Result};

/// Clients and their subscriptions.
#[derive(Default)]
pub(super) struct Registry {
    clients: HashMap<Arc<str>, Entry>,
    /// Subscriptions by the exact text that names their events.
    groups: HashMap<Arc<str>, Group>,
    /// Texts of groups by the part before the options.
    heads: HashMap<Arc<str>, Vec<Arc<str>>>,
    addresses: HashMap<IpAddr, usize>,
}

struct Entry {
    client: Arc<Client>,
    topics: HashSet<Arc<str>>,
    /// Where it left off before it connected; taken by its first subscriptions.
    since: Option<i64>,
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
        let entry = Entry { client: Arc::clone(client), topics: HashSet::new(), since, catching_up: false };
        self.clients.insert(Arc::clone(client.id()), entry);
        Ok(())
    }

    /// Removes a client with its subscriptions.
    pub fn remove(&mut self, id: &str) {
        let Some(entry) = self.clients.remove(id) else { return };
        for topic in &entry.topics {
            self.leave(topic, id);
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
mod tests {
    use super::*;
    use crate::service::realtime::client::Wire;

    fn client(registry: &mut Registry) -> Arc<Client> {
        let client = Arc::new(Client::new(Wire::Sse, [127, 0, 0, 1].into()));
        registry.add(&client, Some(5), 3, 10).expect("there is room");
        client
    }

    fn names(targets: &[Target]) -> Vec<(String, usize)> {
        targets.iter().map(|target| (target.topic.text.to_string(), target.members.len())).collect()
    }

    #[test]
    fn topics_are_found_by_what_stands_before_their_options() {
        let mut registry = Registry::default();
        let (one, other) = (client(&mut registry), client(&mut registry));
        let topics = || ["posts/*", "posts/*?options={}", "@me"].map(Topic::parse);
        registry.join(one.id(), topics(), 3);
        registry.join(other.id(), [Topic::parse("posts/*")], 4);
        let expected = [("posts/*".to_owned(), 2), ("posts/*?options={}".to_owned(), 1)];
        assert_eq!(names(&registry.targets("posts/*")), expected);
        registry.set_catching_up(one.id(), true);
        assert_eq!(names(&registry.targets("posts/*")), [("posts/*".to_owned(), 1)]);
        assert_eq!(registry.targets_of("posts/*", one.id()).len(), 2);
        registry.join(other.id(), [Topic::parse("posts/*")], 9);
        assert_eq!(registry.targets("posts/*")[0].members[0].after, 4, "a subscription that it had stays");
        registry.part(other.id(), &["posts/*".into(), "never".into()]);
        assert!(!registry.is_subscribed(other.id(), "posts/*") && registry.hears("posts/*"));
        registry.remove(one.id());
        registry.remove(one.id());
        assert!(!registry.hears("posts/*") && !registry.hears("@me") && !registry.has_subscriptions());
        assert_eq!(registry.len(), 1);
    }

    #[test]
    fn clients_are_counted_by_their_address() {
        let mut registry = Registry::default();
        let clients = [client(&mut registry), client(&mut registry), client(&mut registry)];
        let late = Arc::new(Client::new(Wire::Sse, [127, 0, 0, 1].into()));
        assert_eq!(registry.add(&late, None, 3, 10).expect_err("too many").kind(), Kind::RateLimited);
        let elsewhere = Arc::new(Client::new(Wire::Sse, [127, 0, 0, 2].into()));
        registry.add(&elsewhere, None, 3, 10).expect("another address");
        assert_eq!(registry.add(&late, None, 99, 4).expect_err("too many").kind(), Kind::RateLimited);
        registry.remove(clients[0].id());
        registry.add(&late, None, 3, 10).expect("one left");
        assert_eq!((registry.take_since(clients[1].id()), registry.take_since(clients[1].id())), (Some(5), None));
    }
}
