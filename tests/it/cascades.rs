//! What goes with a record where relations go round in a circle, and emptying whole collections.

use bakend::{All, Error, Hook};
use serde_json::{Value as Json, json};

use super::client::{Ask, Server, delete, get, patch, post};

const OPEN: [Option<&str>; 5] = [Some(""); 5];

/// A relation, and what it does when its record goes.
#[derive(Clone, Copy, Debug)]
struct Bond {
    cascade: bool,
    required: bool,
    multiple: bool,
}

impl Bond {
    fn field(self, name: &str, to: &Json, required: bool) -> Json {
        let max = if self.multiple { 5 } else { 1 };
        json!({
            "name": name, "type": "relation", "collectionId": to["id"], "maxSelect": max, "cascadeDelete": self.cascade, "required": required,
        })
    }
}

/// `aN` and `bN`, whose records point at each other by `b` and `a`; returns the ids of one of each.
async fn circle(server: &Server, n: usize, [to_b, to_a]: [Bond; 2]) -> [String; 2] {
    let [a, b] = [format!("a{n}"), format!("b{n}")];
    let first = server.collection(&a, OPEN, json!([])).await;
    let second = server.collection(&b, OPEN, json!([to_a.field("a", &first, false)])).await;
    let is = |name: &str| format!("/api/collections/{name}");
    let with = |required| json!({"fields": [to_b.field("b", &second, required)]});
    server.made(patch(&is(&a), with(false))).await;
    let id_a = server.record(&a, json!({})).await;
    let id_b = server.record(&b, json!({"a": id_a})).await;
    server.made(patch(&format!("{}/records/{id_a}", is(&a)), json!({"b": id_b}))).await;
    for (name, field, bond, other) in [(&a, "b", to_b, &second), (&b, "a", to_a, &first)] {
        if bond.required {
            let mut fields = server.made(get(&is(name))).await["fields"].take();
            let fields_list = fields.as_array_mut().expect("a list");
            let own = fields_list.iter_mut().find(|one| one["name"] == field).expect("the relation");
            own["required"] = true.into();
            assert_eq!(own["collectionId"], other["id"]);
            server.made(patch(&is(name), json!({"fields": fields}))).await;
        }
    }
    [id_a, id_b]
}

#[tokio::test]
async fn a_circle_of_relations_goes_as_a_whole() {
    for hooked in [false, true] {
        let server = Server::start().await;
        if hooked {
            server.app.hooks().add(Hook::within_delete_of(All, async |e| e.next().await));
        }
        let bond = |cascade, required, multiple| Bond { cascade, required, multiple };
        let mut n = 0;
        // Of `a.b`: whether it cascades, whether it is required.
        for (cascade, required) in [(true, false), (true, true), (false, true), (false, false)] {
            for multiple in [[false, false], [false, true], [true, false], [true, true]] {
                n += 1;
                let to_b = bond(cascade, required, multiple[0]);
                let to_a = bond(true, false, multiple[1]);
                let [id, _] = circle(&server, n, [to_b, to_a]).await;
                server.made(delete(&format!("/api/collections/a{n}/records/{id}"))).await;
                let left = [server.count(&format!("a{n}")).await, server.count(&format!("b{n}")).await];
                assert_eq!(left, [0, 0], "hooked {hooked}: {to_b:?} {to_a:?}");
            }
        }
        // Partners in one collection, and somebody who is their own.
        let people = server.collection("people", OPEN, json!([])).await;
        let partner = bond(true, false, false).field("partner", &people, false);
        server.made(patch("/api/collections/people", json!({"fields": [partner]}))).await;
        let ids = [server.record("people", json!({})).await, server.record("people", json!({})).await];
        let at = |id: &str| format!("/api/collections/people/records/{id}");
        for (one, other) in [(&ids[0], &ids[1]), (&ids[1], &ids[0])] {
            server.made(patch(&at(one), json!({"partner": other}))).await;
        }
        let alone = server.record("people", json!({})).await;
        server.made(patch(&at(&alone), json!({"partner": alone}))).await;
        for id in [&alone, &ids[0]] {
            server.made(delete(&at(id))).await;
        }
        assert_eq!(server.count("people").await, 0);
        server.close().await;
    }
}

#[tokio::test]
async fn a_collection_whose_records_take_each_other_along_can_be_emptied() {
    let server = Server::start().await;
    let both = Bond { cascade: true, required: false, multiple: false };
    circle(&server, 1, [both, both]).await;
    server.made(Ask::new("DELETE", "/api/collections/a1/truncate")).await;
    assert_eq!([server.count("a1").await, server.count("b1").await], [0, 0]);
    server.close().await;
}

#[tokio::test]
async fn emptying_ends_where_a_hook_hides_or_writes_beside_it() {
    let server = Server::start().await;
    server.collection("notes", OPEN, json!([{"name": "title", "type": "text"}])).await;
    server.collection("log", OPEN, json!([{"name": "title", "type": "text"}])).await;
    for title in ["hidden", "logged", "plain"] {
        server.record("notes", json!({"title": title})).await;
    }
    server.app.hooks().add(Hook::before_delete_of("notes", async |e| match e.record.text("title") {
        "hidden" => Err(Error::not_found()),
        // Beside the transaction it would wait for itself.
        "logged" => e.app.records("log").as_system().create(json!({"title": "beside"})).await.map(drop),
        _ => Ok(()),
    }));
    let truncate = Ask::new("DELETE", "/api/collections/notes/truncate").with("Authorization", &server.root().await);
    for left in [3, 2] {
        let answer = server.send(&truncate).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        assert_eq!([server.count("notes").await, server.count("log").await], [left, 0]);
        // Without the one that writes, the hidden one keeps the others.
        let sql = "DELETE FROM notes WHERE title = 'logged'";
        server.app.store().db().write(move |conn| conn.run_script(sql)).await.expect("runs");
    }
    server.made(post("/api/collections/notes/records", json!({"title": "still writes"}))).await;
    server.close().await;
}
