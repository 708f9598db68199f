//! Typed records: what they cost over the untyped ones, in and out.

use std::sync::Arc;

use bakend::{
    Collection, DateTime, GeoPoint, Id, Json, Relation, Select, SelectValue,
    schema::{Record, Schema, Value},
    typed::{self, Input},
};
use divan::{Bencher, black_box};
use serde_json::json;

/// Where a post stands.
#[derive(Clone, Copy, SelectValue)]
pub enum Status {
    /// Being written.
    Draft,
    /// For all to read.
    Published,
}

/// What is read.
#[derive(Collection)]
#[collection(name = "posts")]
pub struct Post {
    id: Id<Post>,
    title: String,
    body: Option<String>,
    views: i64,
    rating: f64,
    published: bool,
    status: Select<Status>,
    tags: Vec<Select<Status>>,
    parent: Option<Relation<Post>>,
    related: Vec<Relation<Post>>,
    place: GeoPoint,
    meta: Json<serde_json::Value>,
    #[field(on_create)]
    created: DateTime,
    #[field(on_create, on_update)]
    updated: DateTime,
}

fn main() {
    divan::main();
}

fn record() -> Record {
    let made = typed::collections(&[Post::definition()], &Schema::default()).expect("it stands alone").remove(0);
    let mut record = Record::new(Arc::new(made));
    let text = |text: &str| Value::Text(text.to_owned());
    for (name, value) in [
        ("id", text("abcdefghij12345")),
        ("title", text("A title of the usual length, about this long")),
        ("body", text(&"A paragraph of text. ".repeat(20))),
        ("views", Value::Number(42.0)),
        ("rating", Value::Number(4.5)),
        ("published", Value::Bool(true)),
        ("status", text("published")),
        ("tags", Value::List(vec!["draft".into(), "published".into()])),
        ("parent", text("abcdefghij12346")),
        ("related", Value::List(vec!["abcdefghij12347".into(), "abcdefghij12348".into()])),
        ("place", Value::Point { lon: 13.4, lat: 52.5 }),
        ("meta", Value::Json(json!({"words": 12}))),
        ("created", text("2024-05-01 08:00:00.000Z")),
        ("updated", text("2024-05-01 08:00:00.000Z")),
    ] {
        assert!(record.set(name, value), "{name}");
    }
    record
}

/// The floor: the values of the record, copied.
#[divan::bench]
fn copy_untyped(bencher: Bencher<'_, '_>) {
    let record = record();
    bencher.bench(|| black_box(&record).clone());
}

#[divan::bench]
fn from_record(bencher: Bencher<'_, '_>) {
    let record = record();
    bencher.bench(|| Post::from_record(black_box(&record)).expect("it fits"));
}

#[divan::bench]
fn write_to(bencher: Bencher<'_, '_>) {
    let mut record = record();
    let post = Post::from_record(&record).expect("it fits");
    bencher.bench_local(|| black_box(&post).write_to(&mut record));
}

#[divan::bench]
fn create_input(bencher: Bencher<'_, '_>) {
    bencher.bench(|| {
        Post::new(black_box("A title"), Status::Draft, json!({"words": 12})).views(1).rating(0.5).into_body()
    });
}

#[divan::bench]
fn filter_text(bencher: Bencher<'_, '_>) {
    let id = Id::<Post>::new("abcdefghij12345");
    bencher.bench(|| {
        (Post::title.contains(black_box("x"))
            & Post::parent.eq(&id)
            & Post::created.gt(DateTime::from(jiff::Timestamp::UNIX_EPOCH)))
        .to_string()
    });
}
