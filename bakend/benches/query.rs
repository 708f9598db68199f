//! Planning: what a statement costs before the database sees it, with its plan at hand and without.

use std::sync::Arc;

use bakend::{
    query::{ListSpec, Planner, RequestInfo, Verdict},
    schema::{Collection, CollectionKind, Field, Record, Rules, Scalar, Schema, Value},
    store::sqlite_dialect,
};
use divan::{Bencher, black_box};
use serde_json::{Value as Json, json};

const MEMBERSHIP: &str = "@request.auth.id != '' && room.members.id ?= @request.auth.id";

fn main() {
    divan::main();
}

struct Fixture {
    schema: Schema,
    planner: Planner,
    request: RequestInfo,
}

fn collection(name: &str, fields: &Json) -> Arc<Collection> {
    let fields = fields.as_array().expect("a list").iter();
    Arc::new(Collection {
        id: name.to_owned(),
        name: name.to_owned(),
        kind: CollectionKind::Base,
        system: false,
        rules: Rules { list: Some(String::new()), ..Rules::default() },
        fields: fields.map(|field| Field::from_json(field).expect("a field")).collect(),
        indexes: Vec::new(),
        created: String::new(),
        updated: String::new(),
        auth: None,
        view_query: String::new(),
    })
}

fn relation(name: &str, to: &str, most: i64) -> Json {
    json!({"name": name, "type": "relation", "collectionId": to, "maxSelect": most})
}

fn fixture() -> Fixture {
    let text = |name: &str| json!({"name": name, "type": "text"});
    let users = collection("users", &json!([text("id"), text("name")]));
    let rooms = collection("rooms", &json!([text("id"), text("name"), relation("members", "users", 99)]));
    let messages = json!([text("id"), text("text"), relation("room", "rooms", 1), relation("author", "users", 1)]);
    let messages = collection("messages", &messages);
    let values = vec![Value::Text("u23456789012345".to_owned()), Value::Text("Ann".to_owned())];
    let auth = Record { collection: users.clone(), values };
    Fixture {
        schema: Schema::new(1, vec![users, rooms, messages]),
        planner: Planner::new(sqlite_dialect()),
        request: RequestInfo { method: "GET".to_owned(), auth: Some(Arc::new(auth)), ..RequestInfo::default() },
    }
}

#[divan::bench]
fn view_without_rule(bencher: Bencher<'_, '_>) {
    let Fixture { schema, planner, request } = fixture();
    let messages = schema.find("messages").expect("known");
    bencher
        .bench_local(|| planner.view(&schema, messages, &request, black_box("m23456789012345"), None).expect("valid"));
}

#[divan::bench]
fn list_with_membership_rule(bencher: Bencher<'_, '_>) {
    let Fixture { schema, planner, request } = fixture();
    let messages = schema.find("messages").expect("known");
    let spec = ListSpec { rule: Some(MEMBERSHIP), sort: "-text", limit: 30, ..ListSpec::default() };
    bencher.bench_local(|| planner.list(&schema, messages, &request, black_box(&spec)).expect("valid"));
}

#[divan::bench]
fn list_planned_anew(bencher: Bencher<'_, '_>) {
    let Fixture { schema, planner, request } = fixture();
    let messages = schema.find("messages").expect("known");
    let mut round = 0;
    bencher.bench_local(|| {
        round += 1;
        let filter = format!("text ~ 'x{round}' && author.name != 'y'");
        let spec = ListSpec { rule: Some(MEMBERSHIP), filter: &filter, limit: 30, ..ListSpec::default() };
        planner.list(&schema, messages, &request, black_box(&spec)).expect("valid")
    });
}

#[divan::bench]
fn create_rule_on_own_fields(bencher: Bencher<'_, '_>) {
    let Fixture { schema, planner, request } = fixture();
    let messages = schema.find("messages").expect("known");
    let row = [Scalar::from("m1"), Scalar::from("hi"), Scalar::from("r1"), Scalar::from("u23456789012345")];
    bencher.bench_local(|| {
        let rule = "author = @request.auth.id && text != ''";
        let verdict = planner.allows_new(&schema, messages, &request, black_box(&row), rule).expect("valid");
        assert!(matches!(verdict, Verdict::Allowed));
    });
}
