use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use futures_util::FutureExt as _;
use tokio::sync::Semaphore;

use super::*;
use crate::{
    hooks::Bind,
    limits::REALTIME_CATCH_UPS_MAX,
    service::{App, AppOptions, realtime::Connection},
};

/// Longest wait for something that must come.
const PATIENCE: Duration = Duration::from_secs(20);
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Signs somebody in, once for each id and all in one transaction, as far as the log can tell.
async fn sign_in(app: &App, ids: &str) {
    let sql = format!(
        "INSERT INTO _sessions (id, collection, record, method, ip, user_agent, refreshable, created, last_used, expires)
         SELECT value, 'users', 'ana', 'otp', '', '', 0, '', '', '' FROM json_each('{ids}')"
    );
    app.store().db().write(move |conn| conn.run_script(&sql)).await.expect("it is written");
}

async fn listens(connection: &Connection, topic: &str) {
    let topics = vec![topic.to_owned()];
    connection.realtime().add_topics(connection, topics, None, Arc::default()).await.expect("it may");
}

/// The next events and positions; with the number of each.
async fn told(connection: &Connection, count: usize) -> Vec<(&'static str, i64)> {
    let mut told = Vec::new();
    while told.len() < count {
        let taken = tokio::time::timeout(PATIENCE, connection.mailbox.take(1)).await;
        for taken in taken.expect("something in time") {
            told.push(match &*taken.letter {
                Letter::Event(event) => ("event", event.seq.unwrap_or_default()),
                Letter::Position(seq) => ("position", *seq),
                other => panic!("{other:?}"),
            });
        }
    }
    told
}

#[tokio::test]
async fn a_topic_that_is_added_while_others_are_told_tells_of_no_position_that_is_not_reached() {
    let dir = tempfile::tempdir().expect("a folder");
    let app = App::open(AppOptions::new(dir.path())).await.expect("opens");
    // Every message waits for a permit: a round can be held while it tells.
    let permits = Arc::new(Semaphore::new(0));
    let asked = Arc::clone(&permits);
    app.hooks().realtime_message.add(Bind::all(), move |event, next| {
        let asked = Arc::clone(&asked);
        Box::pin(async move {
            asked.acquire().await.expect("it is never closed").forget();
            next.run(event).await
        })
    });
    let connection = app.realtime().connect(Wire::Program, HERE, None).await.expect("it may");
    listens(&connection, "@system/sessions").await;
    let start = told(&connection, 1).await[0].1;
    sign_in(&app, r#"["a", "b", "c"]"#).await;
    permits.add_permits(1);
    while connection.mailbox.is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(told(&connection, 1).await, [("event", start + 1)]);
    // The round holds two more events back, and the tail has taken them on already.
    sign_in(&app, r#"["d"]"#).await;
    assert!(app.hub().state().claimed.is_some_and(|claimed| claimed > start + 1));
    listens(&connection, "@system/settings").await;
    assert_eq!(connection.position(), None, "it has been told of more than it could go on behind");
    permits.add_permits(9);
    let rest = told(&connection, 3).await;
    assert_eq!(rest, [("event", start + 2), ("event", start + 3), ("event", start + 4)]);
    // A position between two events is where the client really is.
    listens(&connection, "other").await;
    assert_eq!(told(&connection, 1).await, [("position", start + 4)]);
    drop(connection);

    let again = app.realtime().connect(Wire::Program, HERE, Some(start + 1)).await.expect("it may");
    listens(&again, "@system/sessions").await;
    let rest = told(&again, 3).await;
    assert_eq!(rest, [("event", start + 2), ("event", start + 3), ("event", start + 4)], "cut and resumed: no gap");
    app.close().await;
}

#[tokio::test]
async fn who_does_not_read_what_it_missed_keeps_nobody_from_catching_up() {
    let dir = tempfile::tempdir().expect("a folder");
    let app = App::open(AppOptions::new(dir.path())).await.expect("opens");
    let start = changes::last(&app).await.expect("reads");
    sign_in(&app, r#"["a", "b"]"#).await;
    let mut slow = Vec::new();
    for _ in 0..REALTIME_CATCH_UPS_MAX {
        let connection = app.realtime().connect(Wire::Program, HERE, Some(start)).await.expect("it may");
        while connection.mailbox.has_room(0).now_or_never().is_some() {
            connection.mailbox.send(Letter::Position(0), 0);
        }
        listens(&connection, "@system/sessions").await;
        slow.push(connection);
    }
    let reads = app.realtime().connect(Wire::Program, HERE, Some(start)).await.expect("it may");
    listens(&reads, "@system/sessions").await;
    assert_eq!(told(&reads, 2).await, [("event", start + 1), ("event", start + 2)]);
    app.close().await;
}

#[tokio::test]
async fn who_comes_while_the_last_one_leaves_is_told_each_change_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let app = App::open(AppOptions::new(dir.path())).await.expect("opens");
    let leaves = app.realtime().connect(Wire::Program, HERE, None).await.expect("it may");
    listens(&leaves, "@system/sessions").await;
    let start = told(&leaves, 1).await[0].1;
    // A round that has to read the settings anew waits for this.
    let lock = app.schema_lock().await;
    let setting = "INSERT INTO _params VALUES ('p', '{}', '', '')";
    app.store().db().write(move |conn| conn.run_script(setting)).await.expect("it is written");
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
    drop(leaves);
    sign_in(&app, r#"["a", "b"]"#).await;
    let comes = app.realtime().connect(Wire::Program, HERE, Some(start)).await.expect("it may");
    listens(&comes, "@system/sessions").await;
    drop(lock);
    assert_eq!(told(&comes, 2).await, [("event", start + 2), ("event", start + 3)]);
    sign_in(&app, r#"["c"]"#).await;
    let mut rest = told(&comes, 1).await;
    while rest.last().is_some_and(|(kind, _)| *kind == "position") {
        rest = told(&comes, 1).await;
    }
    assert_eq!(rest, [("event", start + 4)]);
    app.close().await;
}
