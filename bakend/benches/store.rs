//! The store's hot ways: writes that share commits, and point reads, from many tasks at once.

use std::sync::Arc;

use bakend::{
    query::{Pace, Statement},
    schema::Scalar,
    store::{Store, StoreOptions},
};
use divan::{Bencher, counter::ItemsCount};
use tokio::{runtime::Runtime, task::JoinSet};

/// Tasks at once, as connections of a load test.
const TASKS: i64 = 32;
/// Operations of each task in one round.
const ROUND: i64 = 1000;

fn main() {
    divan::main();
}

struct Fixture {
    runtime: Runtime,
    store: Store,
    _dir: tempfile::TempDir,
}

fn fixture() -> Fixture {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let dir = tempfile::tempdir().expect("a folder");
    let store = runtime.block_on(Store::open(StoreOptions::new(dir.path()))).expect("the store opens");
    let table = store.db();
    runtime
        .block_on(table.write(|conn| conn.run_script("CREATE TABLE t (id TEXT PRIMARY KEY, body TEXT)")))
        .expect("the table is created");
    Fixture { runtime, store, _dir: dir }
}

/// Runs a round of `one` in every task.
fn round<F, Fut>(fixture: &Fixture, one: F)
where
    F: Fn(Store, i64) -> Fut + Clone + Send + 'static,
    Fut: Future<Output = ()> + Send,
{
    fixture.runtime.block_on(async {
        let mut tasks = JoinSet::new();
        for task in 0..TASKS {
            let (store, one) = (fixture.store.clone(), one.clone());
            tasks.spawn(async move {
                for at in 0..ROUND {
                    one(store.clone(), task * ROUND + at).await;
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            done.expect("no task fails");
        }
    });
}

/// One small row a write.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn inserts(bencher: Bencher<'_, '_>) {
    let fixture = fixture();
    let sql: Arc<str> = "INSERT INTO t (id, body) VALUES (?, ?)".into();
    bencher.counter(ItemsCount::new((TASKS * ROUND) as u64)).bench_local(|| {
        let sql = Arc::clone(&sql);
        round(&fixture, move |store, _| {
            let binds = vec![Scalar::Text(bakend::ids::record_id()), Scalar::from("some text of a usual length")];
            let statement = Statement::new(Arc::clone(&sql), binds);
            async move {
                store.db().write(move |conn| conn.execute(&statement)).await.expect("written");
            }
        });
    });
}

/// One row by its id.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn point_reads(bencher: Bencher<'_, '_>) {
    let fixture = fixture();
    let fill = fixture.store.db();
    fixture
        .runtime
        .block_on(fill.write(|conn| {
            conn.run_script(
                "WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < 100000)
                 INSERT INTO t SELECT 'id' || n, 'some text' FROM c",
            )
        }))
        .expect("filled");
    let sql: Arc<str> = "SELECT id, body FROM t WHERE id = ?".into();
    bencher.counter(ItemsCount::new((TASKS * ROUND) as u64)).bench_local(|| {
        let sql = Arc::clone(&sql);
        round(&fixture, move |store, at| {
            let statement = Statement::new(Arc::clone(&sql), vec![Scalar::Text(format!("id{at}"))]);
            async move {
                let pace = Pace::default();
                let found = store.db().read(&pace, move |conn| conn.rows(&statement, |_| Ok(()))).await;
                assert_eq!(found.expect("read"), 1);
            }
        });
    });
}
