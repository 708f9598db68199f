//! What the service keeps: people, teams, who is in them as what, and what teams work on.

use bakend::{Collection, DateTime, Email, Id, Relation, Select, SelectValue};

/// What somebody may do in a team.
#[derive(Clone, Copy, Debug, PartialEq, SelectValue)]
#[select(rename_all = "lowercase")]
pub enum Role {
    /// Everything, also who is in it.
    Owner,
    /// Projects.
    Editor,
    /// Look.
    Viewer,
}

/// A customer's person.
#[derive(Clone, Debug, Collection)]
#[collection(
    name = "users",
    auth(),
    rules(
        list = "id = @request.auth.id",
        view = "id = @request.auth.id",
        create = "",
        update = "id = @request.auth.id"
    )
)]
pub struct User {
    /// The id.
    pub id: Id<User>,
    /// The address.
    pub email: Email,
    /// What others see.
    #[field(max = 80, presentable)]
    pub name: Option<String>,
}

/// A team. It comes with its first owner, by `POST /teams`: so nobody creates one through the API.
#[derive(Clone, Debug, Collection)]
#[collection(
    name = "teams",
    rules(
        list = "memberships_via_team.user ?= @request.auth.id",
        view = "memberships_via_team.user ?= @request.auth.id",
        update = "@collection.memberships.team ?= id && @collection.memberships.user ?= @request.auth.id && @collection.memberships.role ?= 'owner'"
    )
)]
pub struct Team {
    /// The id.
    pub id: Id<Team>,
    /// What it is called.
    #[field(max = 80, presentable)]
    pub name: String,
    /// How addresses name it.
    #[field(unique, min = 2, max = 40, pattern = "^[a-z][a-z0-9-]+$")]
    pub slug: String,
    /// When it was made.
    #[field(on_create)]
    pub created: DateTime,
}

/// That somebody is in a team, and as what. Owners decide; everybody may leave, but for the last owner. (A team that is deleted takes its
/// memberships along: rules are for who asks, cascades are not asked.)
#[derive(Clone, Debug, Collection)]
#[collection(
    name = "memberships",
    rules(
        list = "team.memberships_via_team.user ?= @request.auth.id",
        view = "team.memberships_via_team.user ?= @request.auth.id",
        create = "@collection.memberships:mine.team ?= team && @collection.memberships:mine.user ?= @request.auth.id && @collection.memberships:mine.role ?= 'owner'",
        update = "@request.body.team:isset = false && @request.body.user:isset = false && @collection.memberships:mine.team ?= team && @collection.memberships:mine.user ?= @request.auth.id && @collection.memberships:mine.role ?= 'owner'",
        delete = "(user = @request.auth.id || (@collection.memberships:mine.team ?= team && @collection.memberships:mine.user ?= @request.auth.id && @collection.memberships:mine.role ?= 'owner')) && (role != 'owner' || (@collection.memberships:others.team ?= team && @collection.memberships:others.role ?= 'owner' && @collection.memberships:others.id ?!= id))"
    ),
    unique(team, user)
)]
pub struct Membership {
    /// The id.
    pub id: Id<Membership>,
    /// In what.
    #[field(cascade_delete)]
    pub team: Relation<Team>,
    /// Who.
    #[field(cascade_delete)]
    pub user: Relation<User>,
    /// As what.
    pub role: Select<Role>,
    /// Since when.
    #[field(on_create)]
    pub created: DateTime,
}

/// What a team works on.
#[derive(Clone, Debug, Collection)]
#[collection(
    name = "projects",
    rules(
        list = "team.memberships_via_team.user ?= @request.auth.id",
        view = "team.memberships_via_team.user ?= @request.auth.id",
        create = "@collection.memberships.team ?= team && @collection.memberships.user ?= @request.auth.id && @collection.memberships.role ?!= 'viewer'",
        update = "@request.body.team:isset = false && @collection.memberships.team ?= team && @collection.memberships.user ?= @request.auth.id && @collection.memberships.role ?!= 'viewer'",
        delete = "@collection.memberships.team ?= team && @collection.memberships.user ?= @request.auth.id && @collection.memberships.role ?= 'owner'"
    )
)]
pub struct Project {
    /// The id.
    pub id: Id<Project>,
    /// Whose.
    #[field(cascade_delete)]
    pub team: Relation<Team>,
    /// What it is called.
    #[field(max = 120, presentable)]
    pub name: String,
    /// When it was made.
    #[field(on_create)]
    pub created: DateTime,
}
