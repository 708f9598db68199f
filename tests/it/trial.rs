//! Rules tried out: what is wrong with one while it is written, and what it says about whom.

use serde_json::{Value as Json, json};

use super::{
    client::{Ask, Server, post, status},
    world::{Guest, Person, Superuser},
};

const CHECK: &str = "/api/collections/meta/check-rule";
const TRY: &str = "/api/collections/meta/try-rule";
const MINE: &str = "published = true || owner = @request.auth.id";

fn check(collection: impl Into<Json>, rule: &str, text: &str) -> Ask {
    post(CHECK, json!({"collection": collection.into(), "rule": rule, "text": text}))
}

/// A collection of posts, each with an owner.
async fn posts(server: &Server) {
    let fields = json!([
        {"name": "title", "type": "text"},
        {"name": "published", "type": "bool"},
        {"name": "owner", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 1},
    ]);
    let create = "@request.auth.id != '' && owner = @request.auth.id && title != 'abc'";
    let update = "owner = @request.auth.id && (title != 'closed' || @request.body.owner:isset = true)";
    server.collection("posts", [Some(MINE), Some(MINE), Some(create), Some(update), None], fields).await;
}

fn account(person: &Person) -> Json {
    json!({"collection": "users", "id": person.id})
}

async fn tried(server: &Server, body: Json) -> Json {
    let answer = server.ask(&Superuser, post(TRY, body.clone())).await;
    assert_eq!(answer.status, 200, "{body}: {answer:?}");
    answer.json()
}

/// The parts of an answer, by their texts.
fn values(answer: &Json) -> Vec<(&str, Json)> {
    let parts = answer["parts"].as_array().expect("parts");
    parts.iter().map(|part| (part["text"].as_str().expect("a text"), part["value"].clone())).collect()
}

#[tokio::test]
async fn a_wrong_rule_is_shown_where_it_is_wrong() {
    let server = Server::start().await;
    posts(&server).await;
    let draft = json!({"name": "drafts", "type": "base", "fields": [{"name": "a", "type": "text"}]});
    let view = json!({"name": "titles", "type": "view", "viewQuery": "SELECT id, title AS t FROM posts"});
    let change = server.app.schema().find("posts").expect("posts").id.clone();
    let change = json!({"id": change, "fields": [{"name": "other", "type": "text"}]});
    let fine = || status(200).has("/ok", true);
    let wrong = |start: u64, end: u64| status(200).has("/ok", false).has("/start", start).has("/end", end);
    server
        .check([
            (Superuser, check("posts", "listRule", MINE), fine()),
            (Superuser, check("posts", "listRule", ""), fine()),
            (Superuser, post(CHECK, json!({"collection": "posts", "rule": "listRule", "text": null})), fine()),
            (Superuser, check("posts", "listRule", "ownr = 1"), wrong(0, 4).says("unknown field")),
            // Places count as JavaScript does: the face is two, the accented letter one.
            (Superuser, check("posts", "viewRule", "title = 'é😀' && x = 1"), wrong(17, 18)),
            (Superuser, check("posts", "createRule", "title = 'open"), wrong(8, 13).says("Unfinished")),
            (Superuser, check("posts", "updateRule", "title = 1 &&"), wrong(12, 12)),
            (Superuser, check("posts", "filter", "title ~ 'a' && nope ~ 'b'"), wrong(15, 19)),
            (Superuser, check("posts", "sort", "-title, nope"), wrong(8, 12)),
            (Superuser, check("posts", "sort", "-title,@random"), fine()),
            (Superuser, check("users", "authRule", "verified = true"), fine()),
            (Superuser, check(draft.clone(), "viewRule", "a = 1 && @collection.drafts.a != ''"), fine()),
            (Superuser, check(draft, "viewRule", "b = 1"), wrong(0, 1)),
            (Superuser, check(view.clone(), "viewRule", "t = 'x'"), fine()),
            (Superuser, check(view, "viewRule", "title = 'x'"), wrong(0, 5)),
            (Superuser, check(change.clone(), "viewRule", "other = 'x'"), fine()),
            (Superuser, check(change, "viewRule", "published = true"), wrong(0, 9)),
        ])
        .await;
    let parentheses = "(".repeat(10_000);
    let long = "a".repeat(1_000_000);
    let invalid = |field: &str| status(400).says(field);
    server
        .check([
            (Superuser, check("posts", "listRule", &parentheses), status(200).has("/ok", false)),
            (Superuser, check("posts", "listRule", &long), status(200).has("/ok", false)),
            (Superuser, check("posts", "listRule", "'; DROP TABLE posts; --"), status(200).has("/ok", false)),
            (Superuser, check("nope", "listRule", "id = 1"), invalid("\"collection\"")),
            (Superuser, check("posts", "nope", "id = 1"), invalid("\"rule\"")),
            (Superuser, check(json!(3), "listRule", "id = 1"), invalid("\"collection\"")),
            (Superuser, check(json!({"fields": "x"}), "listRule", "id = 1"), status(400)),
            (Guest, check("posts", "listRule", MINE), status(401)),
        ])
        .await;
    assert!(server.app.schema().find("drafts").is_none(), "nothing is saved");
}

#[tokio::test]
async fn a_trial_says_what_the_api_would_and_why() {
    let server = Server::start().await;
    posts(&server).await;
    let (ana, bob) = (server.person("ana").await, server.person("bob").await);
    let post_id = server.record("posts", json!({"title": "mine", "owner": ana.id})).await;
    let path = format!("/api/collections/posts/records/{post_id}");
    // What is told is what happens.
    for (who, caller, status) in
        [(Guest, Json::Null, 404), (ana.asks(), account(&ana), 200), (bob.asks(), account(&bob), 404)]
    {
        let told =
            tried(&server, json!({"collection": "posts", "action": "view", "record": post_id, "as": caller})).await;
        assert_eq!(told["status"], status, "{told}");
        assert_eq!(told["allowed"], status == 200, "{told}");
        assert_eq!(server.ask(&who, super::client::get(&path)).await.status, status);
    }
    let told =
        tried(&server, json!({"collection": "posts", "action": "view", "record": post_id, "as": account(&ana)})).await;
    let expected = [(MINE, json!(true)), ("published = true", json!(false)), ("owner = @request.auth.id", json!(true))];
    assert_eq!(values(&told), expected);
    assert_eq!(told["parts"][2]["parent"], 0);
    assert_eq!(&MINE[20..44], told["parts"][2]["text"].as_str().expect("a text"));
    assert_eq!((&told["parts"][2]["start"], &told["parts"][2]["end"]), (&json!(20), &json!(44)));
    assert!(told["sql"].as_str().is_some_and(|sql| sql.starts_with("SELECT")), "{told}");
    assert!(told["binds"].as_array().is_some_and(|binds| binds.contains(&json!(ana.id))), "{told}");
    assert!(told["plan"][0]["detail"].as_str().is_some_and(|detail| detail.contains("USING INDEX")), "{told}");
    let listed =
        tried(&server, json!({"collection": "posts", "action": "list", "record": post_id, "as": account(&bob)})).await;
    assert_eq!((&listed["allowed"], &listed["matches"]), (&json!(false), &json!(0)), "{listed}");
    let listed = tried(&server, json!({"collection": "posts", "action": "list", "as": account(&ana)})).await;
    assert_eq!((&listed["allowed"], &listed["matches"]), (&json!(true), &json!(1)), "{listed}");
    let body = json!({"title": "abc", "owner": ana.id});
    let made =
        tried(&server, json!({"collection": "posts", "action": "create", "body": body, "as": account(&ana)})).await;
    assert_eq!((&made["status"], &made["code"]), (&json!(400), &json!("not_satisfied")), "{made}");
    assert!(made["reason"].as_str().is_some_and(|reason| reason.contains("title != 'abc' is false")), "{made}");
    let changed = json!({"collection": "posts", "action": "update", "record": post_id, "body": {"title": "x"}, "as": account(&ana)});
    let changed = tried(&server, changed).await;
    assert_eq!(changed["allowed"], true, "{changed}");
    let group = "(title != 'closed' || @request.body.owner:isset = true)";
    assert!(values(&changed).contains(&(group, json!(true))), "{changed}");
    let locked =
        tried(&server, json!({"collection": "posts", "action": "delete", "record": post_id, "as": account(&ana)}))
            .await;
    assert_eq!((&locked["code"], &locked["status"], &locked["rule"]), (&json!("locked"), &json!(403), &Json::Null));
    assert_eq!(server.count("posts").await, 1, "nothing was written");
    assert_eq!(server.made(super::client::get(&path)).await["title"], "mine");
}

#[tokio::test]
async fn other_rules_requests_and_callers_can_be_tried() {
    let server = Server::start().await;
    posts(&server).await;
    let ana = server.person("ana").await;
    let post_id = server.record("posts", json!({"title": "mine"})).await;
    let view = |more: Json| {
        let mut body = json!({"collection": "posts", "action": "view", "record": post_id});
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        body
    };
    let root = server.made(super::client::get("/api/collections/_superusers/records")).await["items"][0]["id"].clone();
    for (more, code, status) in [
        (json!({"rule": null}), "locked", 403),
        (json!({"rule": ""}), "open", 200),
        (json!({"rule": "nope = 1"}), "invalid_rule", 404),
        (json!({"rule": "@request.headers.x_token = 'b'", "headers": {"X-Token": "b"}}), "satisfied", 200),
        (json!({"rule": "@request.query.a = '1'", "query": {"a": 1}}), "satisfied", 200),
        (json!({"rule": "@request.method = 'HEAD'", "method": "head"}), "satisfied", 200),
        (json!({"rule": "@request.context = 'realtime'", "context": "realtime"}), "satisfied", 200),
        (json!({"as": {"collection": "_superusers", "id": root}}), "superuser", 200),
        (json!({"record": "nope", "rule": ""}), "no_record", 404),
        (
            json!({"action": "auth", "collection": "users", "record": ana.id, "rule": "verified = true"}),
            "not_satisfied",
            403,
        ),
        (
            json!({"action": "manage", "collection": "users", "record": ana.id, "as": account(&ana), "rule": "id = @request.auth.id"}),
            "satisfied",
            200,
        ),
        (
            json!({"action": "manage", "collection": "users", "record": ana.id, "rule": "id != ''"}),
            "not_satisfied",
            403,
        ),
        (json!({"action": "list", "filter": "@request.auth.id = ''"}), "invalid_filter", 403),
        (json!({"action": "list", "filter": "nope = 1"}), "invalid_filter", 400),
    ] {
        let told = tried(&server, view(more.clone())).await;
        assert_eq!((&told["code"], &told["status"]), (&json!(code), &json!(status)), "{more}: {told}");
    }
    let secret = tried(&server, view(json!({"rule": "@request.auth.tokenKey = title", "as": account(&ana)}))).await;
    let key = server.column("SELECT tokenKey FROM users").await.remove(0);
    assert!(!secret.to_string().contains(&key), "{secret}");
    let wanting = |field: &str| status(400).says(field);
    server
        .check([
            (Superuser, post(TRY, json!({"collection": "posts", "action": "view"})), wanting("\"record\"")),
            (Superuser, post(TRY, json!({"collection": "posts", "action": "nope"})), wanting("\"action\"")),
            (Superuser, post(TRY, json!({"collection": "nope", "action": "list"})), wanting("\"collection\"")),
            (Superuser, post(TRY, view(json!({"action": "auth"}))), wanting("\"collection\"")),
            (Superuser, post(TRY, view(json!({"as": {"collection": "users", "id": "nope"}}))), wanting("\"as\"")),
            (Superuser, post(TRY, view(json!({"as": {"collection": "posts", "id": post_id}}))), wanting("\"as\"")),
            (Superuser, post(TRY, view(json!({"context": "nope"}))), wanting("\"context\"")),
            (Superuser, post(TRY, view(json!({"rule": 3}))), status(400)),
            (
                Superuser,
                post(TRY, view(json!({"rule": "x".repeat(1_000_000)}))),
                status(200).has("/code", "invalid_rule"),
            ),
            (ana.asks(), post(TRY, view(json!({}))), status(403)),
            (Guest, post(TRY, view(json!({}))), status(401)),
        ])
        .await;
}

#[tokio::test]
async fn a_group_that_is_torn_between_records_is_explained() {
    let server = Server::start().await;
    let teams = server.collection("teams", [None; 5], json!([{"name": "name", "type": "text"}])).await;
    let fields = json!([
        {"name": "team", "type": "relation", "collectionId": teams["id"], "maxSelect": 1},
        {"name": "user", "type": "relation", "collectionId": "_pb_users_auth_", "maxSelect": 1},
        {"name": "role", "type": "text"},
    ]);
    server.collection("members", [None; 5], fields).await;
    let ana = server.person("ana").await;
    let team = server.record("teams", json!({"name": "red"})).await;
    server.record("members", json!({"team": team, "user": ana.id, "role": "guest"})).await;
    server.record("members", json!({"team": team, "role": "admin"})).await;
    let rule = "members_via_team.user ?= @request.auth.id && members_via_team.role ?= 'admin'";
    let told = tried(
        &server,
        json!({"collection": "teams", "action": "view", "record": team, "as": account(&ana), "rule": rule}),
    )
    .await;
    let found: Vec<Json> = values(&told).into_iter().map(|(_, value)| value).collect();
    assert_eq!(found, [json!(false), json!(true), json!(true)], "{told}");
    assert!(told["parts"][0]["note"].as_str().is_some_and(|note| note.contains("one and the same")), "{told}");
}
