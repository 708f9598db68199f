//! Hostile and random texts: refused or run, never SQL of their own, never a panic.

use std::sync::LazyLock;

use crate::{
    Kind,
    limits::{
        FILTER_MAX_CHARS, FILTER_MAX_COMPARISONS, FILTER_MAX_DEPTH, FILTER_MAX_JOINS, LIKE_PATTERN_MAX_BYTES,
        SORT_MAX_ENTRIES,
    },
    query::{ListSpec, Planner, RequestInfo},
    schema::Scalar,
};
use proptest::prelude::*;

use super::fixture::Fixture;

/// Plans and runs a filter; `None`: refused.
fn run(fixture: &Fixture, planner: &Planner, who: &str, spec: &ListSpec<'_>) -> Option<usize> {
    let posts = fixture.collection("posts");
    match planner.list(&fixture.schema, posts, &fixture.request(who), spec) {
        Ok(statement) => {
            assert_eq!(statement.sql.matches('?').count(), statement.binds.len(), "{}", statement.sql);
            match fixture.try_rows(&statement) {
                Ok(rows) => Some(rows.len()),
                Err(error) => panic!("{error}: {spec:?}\n{}", statement.sql),
            }
        }
        Err(error) => {
            assert!(matches!(error.kind(), Kind::Invalid | Kind::Forbidden), "{error:?}");
            assert!(!error.message().is_empty());
            None
        }
    }
}

#[test]
fn texts_are_only_ever_bound() {
    let fixture = Fixture::new();
    let planner = fixture.planner();
    let posts = fixture.collection("posts");
    for text in [
        "x'); DROP TABLE posts; --",
        "\" OR 1=1 --",
        "nul\0inside",
        "%_\\",
        "{:x} ?1 :a $b @c",
        "\u{202e}\u{feff}\u{1f600}",
        "' || (SELECT group_concat(password) FROM users) || '",
    ] {
        let quoted = format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
        for filter in [
            format!("title = {quoted}"),
            format!("title !~ {quoted}"),
            format!("editors.n ?= {quoted}"),
            format!("{quoted} < title"),
            format!("strftime({quoted}, at, {quoted}) = {quoted}"),
        ] {
            let spec = ListSpec { filter: &filter, limit: 10, ..ListSpec::default() };
            let request = fixture.request("su");
            let statement = planner.list(&fixture.schema, posts, &request, &spec).expect("valid");
            assert!(!statement.sql.contains(text), "{}", statement.sql);
            let plain = |text: &str| text.replace('\\', "");
            let is_bound = |bind: &Scalar| matches!(bind, Scalar::Text(bound) if plain(bound).contains(&plain(text)));
            assert!(statement.binds.iter().any(is_bound), "{filter}: {:?}", statement.binds);
            fixture.rows(&statement);
        }
    }
    assert_eq!(run(&fixture, &planner, "su", &ListSpec { limit: 10, ..ListSpec::default() }), Some(5));
}

#[test]
fn hostile_requests_are_only_ever_bound() {
    let fixture = Fixture::new();
    let planner = fixture.planner();
    let posts = fixture.collection("posts");
    let evil = "'; DELETE FROM posts; --";
    let mut request = RequestInfo { method: evil.to_owned(), ..fixture.request("u1") };
    request.query.insert("q".to_owned(), evil.to_owned());
    request.headers.insert("h".to_owned(), evil.to_owned());
    request.body = serde_json::from_value(serde_json::json!({
        "title": evil, "author": evil, "editors": [evil, 1, null, {"a": evil}], "kind": {"$": evil},
        "docs": "x".repeat(LIKE_PATTERN_MAX_BYTES)
    }))
    .expect("an object");
    for rule in [
        "title = @request.query.q",
        "title ~ @request.headers.h",
        "@request.body.author.n = title",
        "@request.body.editors.n ?= title",
        "@request.body.kind:each ?= title",
        "@request.body.kind ~ title || @request.method = title",
        "@request.body.title:changed = true",
        "title ~ @request.body.docs || title !~ @request.body.docs",
    ] {
        let spec = ListSpec { rule: Some(rule), limit: 10, ..ListSpec::default() };
        let statement = planner.list(&fixture.schema, posts, &request, &spec).expect("valid");
        assert!(!statement.sql.contains("DELETE"), "{}", statement.sql);
        fixture.rows(&statement);
    }
}

#[test]
fn what_is_too_much_is_refused() {
    let fixture = Fixture::new();
    let planner = fixture.planner();
    let filter = |filter: String, who: &str| {
        run(&fixture, &planner, who, &ListSpec { filter: &filter, limit: 1, ..ListSpec::default() })
    };
    let padded = |length: usize| format!("title != '{}'", "x".repeat(length - "title != ''".len()));
    assert_eq!(filter(padded(FILTER_MAX_CHARS), "u1"), Some(1));
    assert_eq!(filter(padded(FILTER_MAX_CHARS + 1), "u1"), None);
    assert_eq!(filter(vec!["editors.n?='u1'"; FILTER_MAX_COMPARISONS].join("&&"), "u1"), Some(1));
    assert_eq!(filter(vec!["n='p1'"; FILTER_MAX_COMPARISONS + 1].join("||"), "u1"), None);
    let nested = |depth: usize| format!("{}n='p1'{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(filter(nested(FILTER_MAX_DEPTH), "u1"), Some(1));
    assert_eq!(filter(nested(FILTER_MAX_DEPTH + 1), "u1"), None);
    let steps = |count: usize| format!("author.{}n != 'x'", "org.boss.".repeat(count));
    assert_eq!(filter(steps(2), "su"), Some(1));
    assert_eq!(filter(steps(3), "su"), None);
    let joins = |count: usize| {
        let all: Vec<String> = (0..count).map(|at| format!("@collection.users:a{at}.n ?= 'u1'")).collect();
        all.join("&&")
    };
    assert_eq!(filter(joins(FILTER_MAX_JOINS), "su"), Some(1));
    assert_eq!(filter(joins(FILTER_MAX_JOINS + 1), "su"), None);
    let sort = |count: usize| vec!["n"; count].join(",");
    let sorted =
        |sort: String| run(&fixture, &planner, "u1", &ListSpec { sort: &sort, limit: 1, ..ListSpec::default() });
    assert_eq!(sorted(sort(SORT_MAX_ENTRIES)), Some(1));
    assert_eq!(sorted(sort(SORT_MAX_ENTRIES + 1)), None);
}

#[test]
fn passwords_are_never_read() {
    let fixture = Fixture::new();
    let planner = fixture.planner();
    let users = fixture.collection("users");
    for text in
        ["password != ''", "password:lower ~ 'h'", "@collection.users.password ?~ 'h'", "org.boss.password != ''"]
    {
        let spec = ListSpec { filter: text, limit: 1, ..ListSpec::default() };
        let error = planner.list(&fixture.schema, users, &fixture.request("su"), &spec).expect_err(text);
        assert!(error.message().contains("non-filterable"), "{error}");
        assert!(planner.check_rule(&fixture.schema, users, text).is_err(), "{text}");
    }
    let spec = ListSpec { sort: "password", limit: 1, ..ListSpec::default() };
    assert!(planner.list(&fixture.schema, users, &fixture.request("su"), &spec).is_err());
    let own = ListSpec { rule: Some("@request.auth.password != ''"), limit: 1, ..ListSpec::default() };
    let statement = planner.list(&fixture.schema, users, &fixture.request("u1"), &own).expect("valid");
    assert!(fixture.rows(&statement).is_empty());
}

#[test]
fn faults_say_what_and_where() {
    let fixture = Fixture::new();
    let planner = fixture.planner();
    let posts = fixture.collection("posts");
    for (rule, message) in [
        ("nope = 1", "Invalid left operand \"nope\" - unknown field \"nope\" (at byte 0)."),
        ("n = 1 && n = x.y", "Invalid right operand \"x.y\" - failed to resolve field \"x\" (at byte 13)."),
        ("title = 'x", "Unfinished quoted text (at byte 8)."),
        ("title:up = 1", "Invalid left operand \"title:up\" - unknown modifier in \"title:up\" (at byte 0)."),
    ] {
        let error = planner.check_rule(&fixture.schema, posts, rule).expect_err(rule);
        assert_eq!(error.message(), message);
    }
}

static FIXTURE: LazyLock<std::sync::Mutex<Fixture>> = LazyLock::new(|| std::sync::Mutex::new(Fixture::new()));

/// Operands out of everything the fixture's schema knows.
fn operand() -> impl Strategy<Value = String> {
    let own = prop::sample::select(vec![
        "title", "views", "live", "at", "kind", "one", "meta", "meta.a.0", "loc.lon", "author", "editors", "room",
        "secret",
    ]);
    let path = prop::sample::select(vec![
        "author.role",
        "author.org.city",
        "author.tags:each",
        "author.orgs.n",
        "editors.n",
        "editors.id",
        "editors.org.city",
        "editors.orgs.city",
        "editors.tags:length",
        "room.members.n",
        "room.members.id",
        "room.owner.role",
        "kind:each",
        "kind:length",
        "editors:length",
        "editors:each",
        "title:lower",
        "author.posts_via_author.views",
        "author.rooms_via_members.name",
        "author.profiles_via_user.bio",
        "author.email",
        "editors.email",
    ]);
    let asked = prop::sample::select(vec![
        "@request.auth.id",
        "@request.auth.role",
        "@request.auth.tags:each",
        "@request.auth.org.city",
        "@request.auth.orgs.n",
        "@request.body.title",
        "@request.body.kind:each",
        "@request.body.editors.n",
        "@request.body.author.n",
        "@request.body.title:isset",
        "@request.body.title:changed",
        "@request.query.perPage",
        "@collection.users.n",
        "@collection.users:x.orgs.city",
        "@collection.rooms.members:length",
        "@now",
        "@todayEnd",
        "@weekday",
        "null",
        "true",
        "false",
        "geoDistance(loc.lon, loc.lat, 1, 2)",
        "strftime('%Y', at)",
        "strftime('%s', editors.n, '+1 day')",
    ]);
    let literal = prop_oneof![
        "-?[0-9]{1,4}(\\.[0-9]{1,3})?",
        "'([a-zA-Z%_ éÖ?:;\"-]|\\\\'|\\\\\\\\){0,8}'",
        Just("''".to_owned()),
    ];
    prop_oneof![own.prop_map(str::to_owned), path.prop_map(str::to_owned), asked.prop_map(str::to_owned), literal]
}

fn filter() -> impl Strategy<Value = String> {
    let op = prop::sample::select(vec![
        "=", "!=", ">", ">=", "<", "<=", "~", "!~", "?=", "?!=", "?>", "?>=", "?<", "?<=", "?~", "?!~",
    ]);
    let comparison = (operand(), op, operand()).prop_map(|(left, op, right)| format!("{left} {op} {right}"));
    comparison.prop_recursive(4, 12, 3, |inner| {
        let sign = prop::sample::select(vec![" && ", " || "]);
        (prop::collection::vec(inner, 2..4), sign).prop_map(|(parts, sign)| format!("({})", parts.join(sign)))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_accepted_filter_runs(filter in filter(), as_rule in any::<bool>(), who in 0..3usize) {
        let fixture = FIXTURE.lock().expect("no test panicked here");
        let planner = fixture.planner();
        let who = ["su", "u1", "-"][who];
        let spec = if as_rule {
            ListSpec { rule: Some(&filter), limit: 10, ..ListSpec::default() }
        } else {
            ListSpec { filter: &filter, limit: 10, ..ListSpec::default() }
        };
        let found = run(&fixture, &planner, who, &spec);
        prop_assert!(!as_rule || found.is_some(), "a rule that should resolve was refused: {}", filter);
    }

    #[test]
    fn random_texts_are_refused_or_run(filter in "[a-z.:@'\"()&|=!<>?~ 0-9]{0,40}", sort in "[-+a-z.:@, ]{0,20}") {
        let fixture = FIXTURE.lock().expect("no test panicked here");
        let planner = fixture.planner();
        run(&fixture, &planner, "u1", &ListSpec { filter: &filter, sort: &sort, limit: 10, ..ListSpec::default() });
    }
}
