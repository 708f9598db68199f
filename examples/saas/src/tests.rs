//! Teams and roles, as people in different teams meet them.

use bakend::{
    App, Bakend, Caller, Id, Kind,
    axum::{
        Router,
        body::{Body, to_bytes},
        http::Request,
    },
    serde_json::{Value, json},
};
use tower::ServiceExt as _;

use crate::{
    app,
    models::{Membership, Project, Role, Team, User},
};

/// Two teams. Ana owns `red` and is a viewer of `blue`; Bob owns `blue` and is an editor of `red`; Eve is in none.
struct Service {
    _folder: tempfile::TempDir,
    backend: Bakend,
    ana: Caller,
    bob: Caller,
    eve: Caller,
    red: Team,
    blue: Team,
}

impl Service {
    async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let backend = app().dir(folder.path()).build().await.expect("it opens");
        let app = backend.app();
        let [ana, bob, eve] = [person(app, "ana").await, person(app, "bob").await, person(app, "eve").await];
        let [red, blue] = [team(app, "red").await, team(app, "blue").await];
        for (team, who, role) in [
            (&red, &ana, Role::Owner),
            (&red, &bob, Role::Editor),
            (&blue, &bob, Role::Owner),
            (&blue, &ana, Role::Viewer),
        ] {
            let draft = Membership::new(team, id(who), role);
            app.records_of::<Membership>().as_system().create(draft).await.expect("a membership");
        }
        Self { _folder: folder, backend, ana, bob, eve, red, blue }
    }

    fn app(&self) -> &App {
        self.backend.app()
    }

    async fn membership(&self, team: &Team, who: &Caller) -> Membership {
        let filter = Membership::team.eq(&team.id) & Membership::user.eq(id(who));
        let found = self.app().records_of::<Membership>().as_system().filter(filter).first().await;
        found.expect("asks").expect("it is there")
    }
}

async fn person(app: &App, name: &str) -> Caller {
    let draft = User::new(format!("{name}@example.com"), "correct horse").name(name);
    let user = app.records_of::<User>().as_guest().create(draft).await.expect("everybody may join");
    let record = app.records("users").as_system().one(user.id.as_str()).await.expect("it is there");
    Caller::user(record.record.clone())
}

async fn team(app: &App, slug: &str) -> Team {
    app.records_of::<Team>().as_system().create(Team::new(slug, slug)).await.expect("a team")
}

fn id(who: &Caller) -> Id<User> {
    Id::new(who.record().expect("somebody").id())
}

#[tokio::test]
async fn people_see_the_teams_they_are_in() {
    let service = Service::open().await;
    for (who, teams, memberships) in
        [(&service.ana, 2, 4), (&service.bob, 2, 4), (&service.eve, 0, 0), (&Caller::guest(), 0, 0)]
    {
        assert_eq!(service.app().records_of::<Team>().as_user(who).count().await.expect("counts"), teams);
        assert_eq!(service.app().records_of::<Membership>().as_user(who).count().await.expect("counts"), memberships);
    }
    service.backend.close().await;
}

#[tokio::test]
async fn a_role_counts_in_its_own_team_only() {
    let service = Service::open().await;
    let (red, blue) = (&service.red, &service.blue);
    for (who, team, may_write, may_own) in [
        (&service.ana, red, true, true),
        (&service.ana, blue, false, false),
        (&service.bob, red, true, false),
        (&service.bob, blue, true, true),
        (&service.eve, red, false, false),
    ] {
        let projects = || service.app().records_of::<Project>().as_user(who);
        let made = projects().create(Project::new(team, "Plan")).await;
        assert_eq!(made.is_ok(), may_write, "{:?} writes in {}", who.record().map(|one| one.id()), team.slug);
        if let Ok(project) = made {
            projects()
                .update(&project.id, Project::update().name("Better plan"))
                .await
                .expect("who creates may change");
            assert_eq!(projects().delete(&project.id).await.is_ok(), may_own);
        }
        let renamed =
            service.app().records_of::<Team>().as_user(who).update(&team.id, Team::update().name("New")).await;
        assert_eq!(renamed.is_ok(), may_own);
    }
    service.backend.close().await;
}

#[tokio::test]
async fn owners_decide_who_is_in() {
    let service = Service::open().await;
    let memberships = |who: &Caller| service.app().records_of::<Membership>().as_user(who);
    let eve = || Membership::new(&service.red, id(&service.eve), Role::Viewer);
    memberships(&service.bob).create(eve()).await.expect_err("an editor may not");
    memberships(&service.eve).create(eve()).await.expect_err("nobody invites themselves");
    let made = memberships(&service.ana).create(eve()).await.expect("the owner may");
    let twice = memberships(&service.ana).create(eve()).await.expect_err("once is enough");
    assert_eq!(twice.kind(), Kind::Invalid);
    let raised = memberships(&service.eve).update(&made.id, Membership::update().role(Role::Owner)).await;
    assert_eq!(raised.expect_err("nobody raises themselves").kind(), Kind::NotFound);
    memberships(&service.eve).delete(&made.id).await.expect("everybody may leave");
    service.backend.close().await;
}

#[tokio::test]
async fn a_team_keeps_an_owner() {
    let service = Service::open().await;
    let memberships = || service.app().records_of::<Membership>().as_user(&service.ana);
    let own = service.membership(&service.red, &service.ana).await;
    let left = memberships().delete(&own.id).await.expect_err("the last owner stays");
    assert_eq!(left.kind(), Kind::NotFound);
    let lowered = memberships().update(&own.id, Membership::update().role(Role::Viewer)).await;
    assert_eq!(lowered.expect_err("and stays owner").message(), "A team needs an owner: make somebody else one first.");
    let bobs = service.membership(&service.red, &service.bob).await;
    memberships().update(&bobs.id, Membership::update().role(Role::Owner)).await.expect("a second owner");
    memberships().delete(&own.id).await.expect("now the first may leave");
    service.app().records_of::<Team>().as_system().delete(&service.blue.id).await.expect("a whole team may go");
    assert_eq!(service.app().records_of::<Membership>().as_system().count().await.expect("counts"), 1);
    service.backend.close().await;
}

async fn post(router: &Router, token: &str, body: Value) -> (u16, Value) {
    let request = Request::post("/teams")
        .header("authorization", token)
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .expect("a request");
    let answer = router.clone().oneshot(request).await.expect("it answers");
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
    (status, bakend::serde_json::from_slice(&body).expect("JSON"))
}

#[tokio::test]
async fn a_team_is_made_with_its_owner_or_not_at_all() {
    let service = Service::open().await;
    let app = service.app().clone();
    let router = service.backend.into_router();
    let token = sign_in(&router, "eve").await;
    let (status, made) = post(&router, &token, json!({ "name": "Green", "slug": "green" })).await;
    assert_eq!((status, made["slug"].as_str()), (200, Some("green")), "{made}");
    assert_eq!(app.records_of::<Team>().as_user(&service.eve).count().await.expect("counts"), 1);
    let before = app.records_of::<Membership>().as_system().count().await.expect("counts");
    for (token, body, expected) in [
        (token.as_str(), json!({ "name": "Green", "slug": "green" }), 400),
        (token.as_str(), json!({ "name": "", "slug": "fine" }), 400),
        ("", json!({ "name": "Mine", "slug": "mine" }), 401),
    ] {
        assert_eq!(post(&router, token, body).await.0, expected);
    }
    assert_eq!(app.records_of::<Team>().as_system().count().await.expect("counts"), 3);
    assert_eq!(app.records_of::<Membership>().as_system().count().await.expect("counts"), before);
    app.close().await;
}

async fn sign_in(router: &Router, name: &str) -> String {
    let body = json!({ "identity": format!("{name}@example.com"), "password": "correct horse" });
    let request = Request::post("/api/collections/users/auth-with-password")
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .expect("a request");
    let answer = router.clone().oneshot(request).await.expect("it answers");
    let body = to_bytes(answer.into_body(), 1 << 20).await.expect("a body");
    let body: Value = bakend::serde_json::from_slice(&body).expect("JSON");
    body["token"].as_str().expect("a token").to_owned()
}
