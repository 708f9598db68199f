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
fn topics_are_found_by_what_stands_before_their_options_and_clients_by_their_account() {
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
    let account = |name: &str| (String::from("users"), name.to_owned());
    registry.bind(one.id(), Some(account("ana")));
    registry.bind(other.id(), Some(account("ana")));
    registry.bind(other.id(), Some(account("bob")));
    let found = |registry: &Registry, name: &str| registry.bound_to(&account(name)).len();
    assert_eq!((found(&registry, "ana"), found(&registry, "bob"), found(&registry, "eva")), (1, 1, 0));
    registry.bind(other.id(), None);
    registry.remove(one.id());
    registry.remove(one.id());
    assert!(registry.bound.is_empty());
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
