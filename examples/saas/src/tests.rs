//! Teams and roles, as people in different teams meet them.

use bakend::{
    App, Caller, Id, Kind,
    serde_json::json,
    test::{Person, TestApp},
};

use crate::{
    app,
    models::{Membership, Project, Role, Team, User},
};

/// Two teams. Ana owns `red` and is a viewer of `blue`; Bob owns `blue` and is an editor of `red`; Eve is in none.
struct Service {
    test: TestApp,
    ana: Person,
    bob: Person,
    eve: Person,
    red: Team,
    blue: Team,
}

impl Service {
    async fn open() -> Self {
        let test = TestApp::start(app()).await;
        let person = async |name: &str| test.user(&format!("{name}@example.com")).await;
        let [ana, bob, eve] = [person("ana").await, person("bob").await, person("eve").await];
        let [red, blue] = [team(test.app(), "red").await, team(test.app(), "blue").await];
        for (team, who, role) in [
            (&red, &ana, Role::Owner),
            (&red, &bob, Role::Editor),
            (&blue, &bob, Role::Owner),
            (&blue, &ana, Role::Viewer),
        ] {
            let draft = Membership::new(team, id(who), role);
            test.app().records_of::<Membership>().as_system().create(draft).await.expect("a membership");
        }
        Self { test, ana, bob, eve, red, blue }
    }

    fn app(&self) -> &App {
        self.test.app()
    }

    async fn membership(&self, team: &Team, who: &Person) -> Membership {
        let filter = Membership::team.eq(&team.id) & Membership::user.eq(id(who));
        let found = self.app().records_of::<Membership>().as_system().filter(filter).first().await;
        found.expect("asks").expect("it is there")
    }
}

async fn team(app: &App, slug: &str) -> Team {
    app.records_of::<Team>().as_system().create(Team::new(slug, slug)).await.expect("a team")
}

fn id(who: &Person) -> Id<User> {
    Id::new(who.record.id())
}

#[tokio::test]
async fn people_see_the_teams_they_are_in() {
    let service = Service::open().await;
    let Service { ana, bob, eve, .. } = &service;
    for (who, expected) in
        [(Caller::from(ana), (2, 4)), (bob.into(), (2, 4)), (eve.into(), (0, 0)), (Caller::guest(), (0, 0))]
    {
        let teams = service.app().records_of::<Team>().as_caller(&who).count().await.expect("counts");
        let memberships = service.app().records_of::<Membership>().as_caller(&who).count().await.expect("counts");
        assert_eq!((teams, memberships), expected);
    }
    service.test.close().await;
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
        assert_eq!(made.is_ok(), may_write, "{} writes in {}", who.record.id(), team.slug);
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
    service.test.close().await;
}

#[tokio::test]
async fn owners_decide_who_is_in() {
    let service = Service::open().await;
    let memberships = |who: &Person| service.app().records_of::<Membership>().as_user(who);
    let eve = || Membership::new(&service.red, id(&service.eve), Role::Viewer);
    memberships(&service.bob).create(eve()).await.expect_err("an editor may not");
    memberships(&service.eve).create(eve()).await.expect_err("nobody invites themselves");
    let made = memberships(&service.ana).create(eve()).await.expect("the owner may");
    let twice = memberships(&service.ana).create(eve()).await.expect_err("once is enough");
    assert_eq!(twice.kind(), Kind::Invalid);
    let raised = memberships(&service.eve).update(&made.id, Membership::update().role(Role::Owner)).await;
    assert_eq!(raised.expect_err("nobody raises themselves").kind(), Kind::NotFound);
    memberships(&service.eve).delete(&made.id).await.expect("everybody may leave");
    service.test.close().await;
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
    service.test.close().await;
}

#[tokio::test]
async fn a_team_is_made_with_its_owner_or_not_at_all() {
    let service = Service::open().await;
    let make = |name: &str, slug: &str| service.test.post("/teams", json!({ "name": name, "slug": slug }));
    make("Green", "green").as_user(&service.eve).await.status(200).has("/slug", "green");
    let teams = || service.app().records_of::<Team>();
    let memberships = || service.app().records_of::<Membership>().as_system().count();
    assert_eq!(teams().as_user(&service.eve).count().await.expect("counts"), 1);
    let before = memberships().await.expect("counts");
    make("Green", "green").as_user(&service.eve).await.status(400);
    make("", "fine").as_user(&service.eve).await.status(400);
    make("Mine", "mine").await.status(401);
    assert_eq!(teams().as_system().count().await.expect("counts"), 3);
    assert_eq!(memberships().await.expect("counts"), before);
    service.test.close().await;
}
