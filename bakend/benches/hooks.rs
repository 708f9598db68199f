//! What a hook adds to an event: none, one by name, one that reads and changes its typed record, and ten.

use std::sync::Arc;

use bakend::{
    App, AppOptions, Collection, Hook, Id,
    schema::{Collection as Stored, CollectionKind, Field, Record, Value},
    service::{
        events::{Hooks, RecordEvent},
        records::Call,
    },
};
use divan::Bencher;
use serde_json::json;
use tokio::runtime::Runtime;

/// What is created.
#[derive(Clone, Debug, Collection)]
#[collection(name = "posts")]
pub struct Post {
    /// Its id.
    pub id: Id<Post>,
    /// Text.
    pub title: String,
    /// A number.
    pub views: i64,
}

fn main() {
    divan::main();
}

struct Fixture {
    runtime: Runtime,
    call: Call,
    record: Record,
    _folder: tempfile::TempDir,
}

fn fixture() -> Fixture {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let app = runtime.block_on(App::open(AppOptions::new(folder.path()))).expect("the app opens");
    let mut collection = Stored::new("posts", CollectionKind::Base);
    for (name, kind) in [("id", "text"), ("title", "text"), ("views", "number")] {
        collection.fields.push(Field::from_json(&json!({ "name": name, "type": kind })).expect("a field"));
    }
    let mut record = Record::new(Arc::new(collection));
    record.set("id", Value::Text("post00000000001".to_owned()));
    record.set("title", Value::Text("Hello".to_owned()));
    record.set("views", Value::Number(0.0));
    Fixture { runtime, call: Call::system(&app), record, _folder: folder }
}

/// One event through a chain, again and again.
fn run(bencher: Bencher, hooks: impl IntoIterator<Item = Hook>) {
    let Fixture { runtime, call, record, _folder } = fixture();
    let chains = Hooks::default();
    hooks.into_iter().for_each(|hook| chains.add(hook));
    let collection = Arc::clone(&record.collection);
    let mut event = RecordEvent::of_record(&call, &collection, record);
    bencher.bench_local(|| {
        let outcome = runtime.block_on(chains.create.before.all_agree(&mut event, &["posts"]));
        assert!(outcome.expect("no hook fails"), "the hooks agree");
    });
}

#[divan::bench]
fn no_hook(bencher: Bencher) {
    run(bencher, []);
}

#[divan::bench]
fn by_name(bencher: Bencher) {
    run(
        bencher,
        [Hook::before_create_of("posts", async |e| {
            e.record.set("views", Value::Number(1.0));
            Ok(())
        })],
    );
}

#[divan::bench]
fn typed_set(bencher: Bencher) {
    run(
        bencher,
        [Hook::before_create::<Post>(async |e| {
            e.set(Post::views, 1);
            Ok(())
        })],
    );
}

#[divan::bench]
fn typed_read_and_set(bencher: Bencher) {
    run(
        bencher,
        [Hook::before_create::<Post>(async |e| {
            let views = e.record()?.views + 1;
            e.set(Post::views, views);
            Ok(())
        })],
    );
}

#[divan::bench]
fn ten_typed(bencher: Bencher) {
    let hook = || {
        Hook::before_create::<Post>(async |e| {
            e.set(Post::views, 1);
            Ok(())
        })
    };
    run(bencher, std::iter::repeat_with(hook).take(10));
}
