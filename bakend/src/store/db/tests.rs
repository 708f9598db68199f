//! Writes, transactions and reads, as others see them.

use std::time::{Duration, Instant};

use super::*;
use crate::{
    Error, Kind,
    limits::FOREIGN_CHANGE_POLL,
    query::Statement,
    schema::Scalar,
    store::{
        DISK_FULL_MESSAGE, Store, StoreOptions, TOO_SLOW_MESSAGE, is_foreign_key,
        testing::{lines, run, store, store_with_numbers},
    },
};

const COUNT: &str = "SELECT count(*) FROM t";
/// Counts to ten million: hundreds of milliseconds.
const SLOW: &str =
    "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 10000000) SELECT count(*) FROM c";

fn insert(n: i64) -> impl FnOnce(&Conn<'_>) -> Result<()> + Send + 'static {
    move |conn| {
        conn.execute(&Statement::new("INSERT INTO t (n) VALUES (?)", vec![Scalar::Int(n)]))?;
        Ok(())
    }
}

#[tokio::test]
async fn writes_that_fail_or_panic_leave_their_neighbours_alone() {
    let test = store_with_numbers().await;
    let db = test.store.db();
    let writes = (0..100).map(|n| {
        let db = db.clone();
        async move {
            db.write(move |conn| {
                insert(n)(conn)?;
                match n % 4 {
                    1 => Err(Error::invalid("no")),
                    2 => panic!("a bug in a closure"),
                    _ => Ok(()),
                }
            })
            .await
        }
    });
    let mut outcomes = Vec::new();
    // Spawned together, they wait together and share commits.
    for handle in writes.map(tokio::spawn).collect::<Vec<_>>() {
        outcomes.push(handle.await.expect("no task panics"));
    }
    for (n, outcome) in outcomes.iter().enumerate() {
        match n % 4 {
            1 => assert_eq!(outcome.as_ref().unwrap_err().kind(), Kind::Invalid),
            2 => assert_eq!(outcome.as_ref().unwrap_err().kind(), Kind::Internal),
            _ => assert!(outcome.is_ok()),
        }
    }
    assert_eq!(lines(&db, "SELECT count(*), sum(n % 4 IN (1, 2)) FROM t").await, ["50|0"]);
}

#[tokio::test]
async fn a_write_is_all_or_nothing_when_it_is_alone() {
    let test = store_with_numbers().await;
    let db = test.store.db();
    let failed = db.write(|conn| {
        insert(1)(conn)?;
        insert(1)(conn)
    });
    assert_eq!(failed.await.unwrap_err().field_errors().to_json()["n"]["code"], "validation_not_unique");
    assert_eq!(lines(&db, COUNT).await, ["0"]);
}

#[tokio::test]
async fn a_transaction_sees_itself_and_nobody_else_does_until_its_commit() {
    let test = store_with_numbers().await;
    let db = test.store.db();
    let tx = db.begin().await.unwrap();
    assert!(tx.db().in_transaction() && !db.in_transaction());
    tx.db().write(insert(1)).await.unwrap();
    tx.db()
        .write(|conn| {
            insert(2)(conn)?;
            Err::<(), _>(Error::invalid("no"))
        })
        .await
        .unwrap_err();
    assert_eq!(lines(&tx.db(), COUNT).await, ["1"]);
    assert_eq!(lines(&db, COUNT).await, ["0"]);
    let inside = tx.db();
    tx.commit().await.unwrap();
    assert_eq!(lines(&db, COUNT).await, ["1"]);
    assert!(inside.write(insert(3)).await.unwrap_err().message().contains("over"));
}

#[tokio::test]
async fn a_transaction_that_is_dropped_or_rolled_back_leaves_nothing() {
    let test = store_with_numbers().await;
    let db = test.store.db();
    for dropped in [true, false] {
        let tx = db.begin().await.unwrap();
        tx.db().write(insert(1)).await.unwrap();
        if dropped {
            drop(tx)
        } else {
            tx.rollback().await
        }
        db.write(insert(100)).await.unwrap();
        assert_eq!(lines(&db, "SELECT n FROM t").await, ["100"]);
        run(&db, "DELETE FROM t").await;
    }
}

#[tokio::test]
async fn a_nested_transaction_is_a_savepoint() {
    let test = store_with_numbers().await;
    let db = test.store.db();
    let outer = db.begin().await.unwrap();
    outer.db().write(insert(1)).await.unwrap();
    for (n, end) in [(2, "commit"), (3, "rollback"), (4, "drop")] {
        let inner = outer.db().begin().await.unwrap();
        let deeper = inner.db().begin().await.unwrap();
        deeper.db().write(insert(n)).await.unwrap();
        deeper.commit().await.unwrap();
        match end {
            "commit" => inner.commit().await.unwrap(),
            "rollback" => inner.rollback().await,
            _ => drop(inner),
        }
    }
    outer.commit().await.unwrap();
    assert_eq!(lines(&db, "SELECT n FROM t ORDER BY n").await, ["1", "2"]);
}

#[tokio::test]
async fn what_is_kept_of_a_nested_transaction_ends_with_it() {
    let test = store_with_numbers().await;
    let db = test.store.db();
    let outer = db.begin().await.unwrap();
    for end in ["commit", "rollback", "drop"] {
        let inner = outer.db().begin().await.unwrap();
        let kept = inner.db();
        match end {
            "commit" => inner.commit().await.unwrap(),
            "rollback" => inner.rollback().await,
            _ => drop(inner),
        }
        // It must not end up in whatever is open by then.
        let sibling = outer.db().begin().await.unwrap();
        assert_eq!(kept.write(insert(1)).await.unwrap_err().kind(), Kind::Internal, "{end}");
        assert_eq!(kept.read(&Default::default(), |_| Ok(())).await.unwrap_err().kind(), Kind::Internal, "{end}");
        assert!(kept.begin().await.is_err(), "{end}");
        sibling.commit().await.unwrap();
    }
    outer.commit().await.unwrap();
    assert_eq!(lines(&db, COUNT).await, ["0"]);
}

#[tokio::test]
async fn what_is_undone_in_a_savepoint_is_its_own() {
    let test = store_with_numbers().await;
    let db = test.store.db();
    let outer = db.begin().await.unwrap();
    let inner = outer.db().begin_held().await.unwrap();
    inner.db().write(insert(1)).await.unwrap();
    let beside = outer.db();
    let mut write = std::pin::pin!(beside.write(insert(2)));
    let mut sibling = std::pin::pin!(beside.begin_held());
    assert!(futures_util::poll!(&mut write).is_pending() && futures_util::poll!(&mut sibling).is_pending());
    // From inside nobody could wait for its end.
    let late = inner.hold(outer.db().write(insert(3))).await.unwrap_err();
    assert!(late.message().contains("still open"), "{late}");
    inner.hold(inner.db().write(insert(4))).await.unwrap();
    inner.rollback().await;
    write.await.unwrap();
    sibling.await.unwrap().commit().await.unwrap();
    // Whoever opens one by hand may write beside it in the next line.
    let loose = outer.db().begin().await.unwrap();
    assert!(outer.db().write(insert(5)).await.unwrap_err().message().contains("still open"));
    assert!(outer.db().begin().await.err().is_some_and(|error| error.message().contains("still open")));
    loose.db().write(insert(6)).await.unwrap();
    drop(loose);
    outer.db().write(insert(7)).await.unwrap();
    outer.commit().await.unwrap();
    assert_eq!(lines(&db, "SELECT n FROM t ORDER BY n").await, ["2", "7"]);
}

#[tokio::test]
async fn a_transaction_ends_at_its_deadline() {
    let test = store_with_numbers().await;
    let db = test.store.db();
    let tx = db.begin_within(Duration::from_millis(500)).await.unwrap();
    tx.db().write(insert(1)).await.unwrap();
    // Waits for the writer, which the transaction holds until its deadline.
    db.write(insert(2)).await.unwrap();
    let late = tx.db().write(insert(3)).await.unwrap_err();
    assert!(late.message().contains("took longer"), "{late}");
    assert!(tx.commit().await.unwrap_err().message().contains("took longer"));
    assert_eq!(lines(&db, "SELECT n FROM t").await, ["2"]);
}

#[tokio::test]
async fn a_statement_that_outlives_its_transaction_is_stopped() {
    let test = store_with_numbers().await;
    let db = test.store.db();
    let tx = db.begin_within(Duration::from_millis(200)).await.unwrap();
    let slow = tx.db().write(|conn| conn.rows(&Statement::new(SLOW, Vec::new()), |_| Ok(()))).await;
    assert_eq!(slow.unwrap_err().message(), TOO_SLOW_MESSAGE);
    db.write(insert(1)).await.unwrap();
}

#[tokio::test]
async fn deferred_relations_are_checked_at_commit() {
    let test = store().await;
    let db = test.store.db();
    run(&db, "CREATE TABLE a (id TEXT PRIMARY KEY, b TEXT REFERENCES a (id))").await;
    for (target, fine) in [("2", true), ("nobody", false)] {
        let tx = db.begin().await.unwrap();
        tx.defer_foreign_keys().await.unwrap();
        run(&tx.db(), &format!("INSERT OR REPLACE INTO a VALUES ('1', '{target}'), ('2', NULL)")).await;
        let outcome = tx.commit().await;
        assert_eq!(outcome.is_ok(), fine);
        assert!(fine || is_foreign_key(&outcome.unwrap_err()));
    }
    assert_eq!(lines(&db, "SELECT id, b FROM a").await, ["1|2", "2|NULL"]);
}

#[tokio::test]
async fn a_slow_read_moves_aside_and_others_go_on() {
    let test = store_with_numbers().await;
    let db = test.store.db();
    let pace = Pace::default();
    let slow = {
        let (db, pace) = (db.clone(), pace.clone());
        let statement = Statement::new(SLOW, Vec::new());
        tokio::spawn(async move { db.read(&pace, move |conn| conn.scalar(&statement)).await })
    };
    // One thread runs both: were the slow one on it, this would wait for its end.
    let mut quick = 0;
    while !slow.is_finished() {
        assert_eq!(lines(&db, COUNT).await, ["0"]);
        quick += 1;
        tokio::task::yield_now().await;
    }
    assert!(quick > 10, "only {quick} quick reads while a slow one ran");
    assert_eq!(slow.await.unwrap().unwrap(), Some(Scalar::Int(10_000_000)));
    assert!(pace.is_slow());
    let statement = Statement::new(COUNT, Vec::new());
    db.read(&pace, move |conn| conn.scalar(&statement)).await.unwrap();
    assert!(!pace.is_slow(), "a quick run makes it quick again");
}

#[tokio::test]
async fn reads_cannot_write() {
    let test = store_with_numbers().await;
    let pace = Pace::default();
    let failed = test.store.db().read(&pace, |conn| conn.run_script("INSERT INTO t VALUES (1)")).await;
    assert_eq!(failed.unwrap_err().kind(), Kind::Internal);
}

#[tokio::test]
async fn a_full_disk_is_said_and_survived() {
    let test = store_with_numbers().await;
    let db = test.store.db();
    run(&db, "CREATE TABLE big (x BLOB); PRAGMA max_page_count = 100").await;
    let fill = || db.write(|conn| conn.run_script("INSERT INTO big VALUES (zeroblob(1000000))"));
    let (one, small, two) = tokio::join!(fill(), db.write(insert(1)), fill());
    assert_eq!(one.unwrap_err().message(), DISK_FULL_MESSAGE);
    assert_eq!(two.unwrap_err().message(), DISK_FULL_MESSAGE);
    // In the same commit it may have been given up with the others, but it never says otherwise than it is.
    assert_eq!(lines(&db, COUNT).await, [if small.is_ok() { "1" } else { "0" }]);
    run(&db, "PRAGMA max_page_count = 100000").await;
    fill().await.unwrap();
    assert_eq!(lines(&db, "SELECT count(*) FROM big").await, ["1"]);
}

#[tokio::test]
async fn changes_by_others_are_seen_and_own_ones_are_not() {
    let test = store_with_numbers().await;
    let db = test.store.db();
    let mut changes = test.store.foreign_changes();
    let start = Instant::now();
    let mut own = 0;
    while start.elapsed() < 3 * FOREIGN_CHANGE_POLL {
        own += 1;
        db.write(insert(own)).await.unwrap();
    }
    assert!(!changes.has_changed().unwrap());
    let other = Store::open(StoreOptions::new(test.dir.path())).await.unwrap();
    other.db().write(insert(-1)).await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), changes.changed()).await.expect("seen in time").unwrap();
    assert_eq!(lines(&db, COUNT).await, [(own + 1).to_string()]);
}

#[tokio::test]
async fn a_closed_store_answers_with_an_error_and_keeps_what_was_written() {
    let test = store_with_numbers().await;
    let db = test.store.db();
    db.write(insert(7)).await.unwrap();
    test.store.close().await;
    for outcome in [db.write(insert(8)).await, db.read(&Pace::default(), |_| Ok(())).await, db.begin().await.map(drop)]
    {
        assert!(outcome.unwrap_err().message().contains("closed"));
    }
    let again = Store::open(StoreOptions::new(test.dir.path())).await.unwrap();
    assert_eq!(lines(&again.db(), "SELECT n FROM t").await, ["7"]);
}

#[tokio::test]
async fn one_folder_has_one_server() {
    let test = store().await;
    test.store.lock_exclusive().unwrap();
    test.store.lock_exclusive().expect("again is no harm");
    let second = StoreOptions { exclusive: true, ..StoreOptions::new(test.dir.path()) };
    let refused = Store::open(second.clone()).await.err().expect("a second server is refused");
    assert_eq!(refused.kind(), Kind::Conflict);
    assert!(refused.message().contains(&test.dir.path().display().to_string()));
    Store::open(StoreOptions::new(test.dir.path())).await.expect("others may look");
    test.store.close().await;
    Store::open(second).await.expect("the lock is given back");
}

#[tokio::test]
async fn a_file_that_is_no_database_is_named() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join(crate::store::DATABASE_FILE), "not a database, just text".repeat(100)).unwrap();
    let error = Store::open(StoreOptions::new(dir.path())).await.err().unwrap();
    assert!(error.message().contains("is not a SQLite database"), "{error:?}");
}
