//! Create and update rules: the same verdicts as recorded from PocketBase 0.40.6.

use crate::{
    Kind,
    query::{RequestInfo, Verdict},
    schema::{Collection, Field, FieldKind, Scalar},
};
use serde_json::{Map, Value as Json};

use super::fixture::{Fixture, id_of, scalar};

/// What the service makes of a body: the row as it would be stored, and the body as rules see it: modifiers resolved, values in the
/// form of their fields, hidden fields dropped.
fn decode(collection: &Collection, sent: &Map<String, Json>) -> (Vec<Scalar>, Map<String, Json>) {
    let mut body = sent.clone();
    for (key, value) in sent {
        if let Some(name) = key.strip_suffix('+') {
            body.insert(name.to_owned(), value.clone());
        }
    }
    let row: Vec<Scalar> = collection.fields.iter().map(|field| column(field, body.get(&field.name))).collect();
    for (field, stored) in collection.fields.iter().zip(&row) {
        let Some(value) = body.get_mut(&field.name) else { continue };
        match (&field.kind, stored) {
            _ if field.hidden => drop(body.remove(&field.name)),
            (FieldKind::Bool, stored) => *value = Json::Bool(*stored == Scalar::Int(1)),
            (FieldKind::Text(_), Scalar::Text(text)) => *value = text.as_str().into(),
            _ => {}
        }
    }
    (row, body)
}

fn column(field: &Field, sent: Option<&Json>) -> Scalar {
    use crate::schema::Value;
    let text = |json: &Json| json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    let sent = sent.filter(|json| !json.is_null());
    let value = match &field.kind {
        _ if field.name == "id" => Value::Text("temporary".to_owned()),
        FieldKind::Number(_) => Value::Number(sent.map(text).and_then(|text| text.parse().ok()).unwrap_or_default()),
        FieldKind::Bool => Value::Bool(sent.map(text).as_deref() == Some("true")),
        FieldKind::Json(_) => Value::Json(sent.cloned().unwrap_or_default()),
        FieldKind::GeoPoint => {
            let degree = |name: &str| sent.and_then(|json| json[name].as_f64()).unwrap_or_default();
            Value::Point { lon: degree("lon"), lat: degree("lat") }
        }
        _ if field.is_multiple() => Value::List(match sent {
            None => Vec::new(),
            Some(Json::Array(list)) => list.iter().map(text).collect(),
            Some(one) => vec![text(one)],
        }),
        // hidden fields are dropped for everybody but superusers
        _ if field.hidden => Value::Text(String::new()),
        _ => Value::Text(sent.map(text).unwrap_or_default()),
    };
    scalar(field, &value)
}

#[test]
fn create_rules_judge_as_pocketbase_does() {
    let fixture = Fixture::new();
    let planner = fixture.planner();
    let posts = fixture.collection("posts");
    let bodies: Map<String, Json> = serde_json::from_str(include_str!("bodies.json")).expect("JSON");
    let mut wrong = Vec::new();
    for line in include_str!("created.txt").lines() {
        let (ask, expected) = line.rsplit_once(" => ").expect("an answer");
        let mut words = ask.splitn(3, ' ');
        let mut word = || words.next().expect("three words");
        let (who, body, rule) = (word(), word(), word());
        let (row, body) = decode(posts, bodies[body].as_object().expect("a body"));
        let request = RequestInfo { method: "POST".to_owned(), body, ..fixture.request(who) };
        let checked = planner.check_rule(&fixture.schema, posts, rule);
        let answer = match checked.and_then(|()| planner.allows_new(&fixture.schema, posts, &request, &row, rule)) {
            Ok(Verdict::Allowed) => "allowed",
            Ok(Verdict::Denied) => "denied",
            Ok(Verdict::Ask(statement)) if fixture.rows(&statement).is_empty() => "denied",
            Ok(Verdict::Ask(_)) => "allowed",
            Err(error) if error.kind() == Kind::Invalid => "refused",
            Err(error) => panic!("{error:?}"),
        };
        if answer != expected {
            wrong.push(format!("{line}\n    bakend: {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// What the service makes of an update's body: modifiers resolved against the stored record.
fn resolve(name: &str, sent: &Map<String, Json>) -> Map<String, Json> {
    let is_first = name == "p1";
    let mut body = sent.clone();
    for key in sent.keys() {
        let (field, value) = match key.as_str() {
            "kind+" if is_first => ("kind", serde_json::json!(["a", "b", "c"])),
            "kind+" => ("kind", serde_json::json!(["c"])),
            "editors-" if is_first => ("editors", serde_json::json!([id_of("u2")])),
            "editors-" => ("editors", serde_json::json!([])),
            "views+" if is_first => ("views", 8.into()),
            "views+" => ("views", 1.into()),
            _ => continue,
        };
        body.insert(field.to_owned(), value);
    }
    body
}

#[test]
fn update_rules_judge_as_pocketbase_does() {
    let fixture = Fixture::new();
    let planner = fixture.planner();
    let posts = fixture.collection("posts");
    let bodies: Map<String, Json> = serde_json::from_str(include_str!("changes.json")).expect("JSON");
    let mut wrong = Vec::new();
    for line in include_str!("updated.txt").lines() {
        let (ask, expected) = line.rsplit_once(" => ").expect("an answer");
        let mut words = ask.splitn(4, ' ');
        let mut word = || words.next().expect("four words");
        let (who, name, body, rule) = (word(), word(), word(), word());
        let body = resolve(name, bodies[body].as_object().expect("a body"));
        let request = RequestInfo { method: "PATCH".to_owned(), body, ..fixture.request(who) };
        let id = id_of(name);
        let checked = planner.check_rule(&fixture.schema, posts, rule);
        let answer = match checked.and_then(|()| planner.view(&fixture.schema, posts, &request, &id, Some(rule))) {
            Ok(statement) if fixture.rows(&statement).is_empty() => "denied",
            Ok(_) => "allowed",
            Err(error) if error.kind() == Kind::Invalid => "refused",
            Err(error) => panic!("{error:?}"),
        };
        if answer != expected {
            wrong.push(format!("{line}\n    bakend: {answer}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
