//! Records without a network: a body into checked values, and rows into the bytes of an answer.

use std::sync::Arc;

use bakend::{
    query::RequestInfo,
    schema::{Collection, Field},
    service::{
        App, AppOptions, collections,
        records::{self, Call, ListQuery},
    },
};
use divan::{Bencher, black_box};
use serde_json::{Map, Value as Json, json};
use tokio::runtime::Runtime;

/// Posts in the table.
const POSTS: usize = 1000;
/// Records on a page.
const PAGE: i64 = 30;

fn main() {
    divan::main();
}

struct Fixture {
    runtime: Runtime,
    app: App,
    posts: Arc<Collection>,
    ids: Vec<String>,
    _dir: tempfile::TempDir,
}

fn object(json: Json) -> Map<String, Json> {
    match json {
        Json::Object(map) => map,
        _ => Map::new(),
    }
}

fn post(author: &str) -> Map<String, Json> {
    let body = "a sentence that stands for the text of a post. ".repeat(6);
    object(json!({"title": "A title", "body": body, "views": 12, "published": true, "author": author}))
}

/// Public posts with an author each.
fn fixture() -> Fixture {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let dir = tempfile::tempdir().expect("a folder");
    let (app, posts, ids) = runtime.block_on(async {
        let app = App::open(AppOptions::new(dir.path())).await.expect("opens");
        for (name, fields) in [
            ("people", json!([{"name": "name", "type": "text"}])),
            (
                "posts",
                json!([
                    {"name": "title", "type": "text", "required": true}, {"name": "body", "type": "text"},
                    {"name": "views", "type": "number"}, {"name": "published", "type": "bool"},
                    {"name": "created", "type": "autodate", "onCreate": true},
                    {"name": "author", "type": "relation", "collectionId": "people", "maxSelect": 1},
                ]),
            ),
        ] {
            let mut new = json!({"name": name, "type": "base", "fields": fields, "listRule": "", "viewRule": "", "createRule": ""});
            if let Some(people) = app.schema().find("people") {
                new["fields"][5]["collectionId"] = people.id.clone().into();
            }
            collections::create(&app, object(new)).await.expect("created");
        }
        let schema = app.schema();
        let people = schema.find("people").expect("made above");
        let posts = Arc::clone(schema.find("posts").expect("made above"));
        let call = Call::system(&app);
        let person = records::create(&call, people, object(json!({"name": "Ann"})), Vec::new(), "").await.expect("made");
        let author = id_of(&person);
        let mut ids = Vec::new();
        for _ in 0..POSTS {
            ids.push(id_of(&records::create(&call, &posts, post(&author), Vec::new(), "").await.expect("made")));
        }
        (app, posts, ids)
    });
    Fixture { runtime, app, posts, ids, _dir: dir }
}

fn id_of(answer: &[u8]) -> String {
    let record: Json = serde_json::from_slice(answer).expect("JSON");
    record["id"].as_str().expect("an id").to_owned()
}

/// The bytes of a body, parsed, decoded field by field, checked and bound.
#[divan::bench]
fn decode_a_body(bencher: Bencher<'_, '_>) {
    let Fixture { posts, .. } = fixture();
    let bytes = Json::Object(post("")).to_string();
    let sent = |field: &Field, body: &Map<String, Json>| body.get(&field.name).map(|raw| field.decode(raw));
    bencher.bench_local(|| {
        let body: Map<String, Json> = serde_json::from_str(black_box(&bytes)).expect("JSON");
        let values = posts.fields.iter().filter_map(|field| Some((field, sent(field, &body)?)));
        values
            .filter(|(field, value)| field.check(value).is_ok())
            .map(|(field, value)| field.bind(&value))
            .collect::<Vec<_>>()
    });
}

/// One record by its id, from the database to bytes.
#[divan::bench]
fn render_a_record(bencher: Bencher<'_, '_>) {
    let Fixture { runtime, app, posts, ids, _dir } = fixture();
    let call = Call::new(&app, Arc::new(RequestInfo::default()));
    let mut at = 0;
    bencher.bench_local(|| {
        at = (at + 1) % ids.len();
        runtime.block_on(records::view(&call, &posts, &ids[at], "")).expect("shown")
    });
}

/// A page of thirty: with `""` straight from the rows, with an expand as records with their authors.
#[divan::bench(args = ["", "author"])]
fn render_a_page(bencher: Bencher<'_, '_>, expand: &str) {
    let Fixture { runtime, app, posts, _dir, .. } = fixture();
    let call = Call::new(&app, Arc::new(RequestInfo::default()));
    let query = ListQuery { page: 1, per_page: PAGE, skip_total: true, ..ListQuery::default() };
    bencher.bench_local(|| runtime.block_on(records::list(&call, &posts, &query, expand)).expect("shown"));
}
