//! `POST /teams`: a team and its first owner, together or not at all; and that the last owner stays one.

use bakend::{
    App, Auth, Error, Id, Kind, RecordEvent, Result,
    axum::Json,
    serde_json::{Value, json},
};

use crate::models::{Membership, Role, Team, User};

/// Makes a team whose owner is whoever asks. Takes `name` and `slug`; returns `id`, `name` and `slug`.
pub async fn create(app: App, auth: Auth, Json(body): Json<Value>) -> Result<Json<Value>> {
    let text = |key: &str| body.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (name, slug, owner) = (text("name"), text("slug"), Id::<User>::new(auth.id()));
    let team = app
        .transaction(async |tx| {
            let team = tx.records_of::<Team>().as_system().create(Team::new(name, slug)).await?;
            let membership = Membership::new(&team, owner, Role::Owner);
            tx.records_of::<Membership>().as_system().create(membership).await?;
            Ok(team)
        })
        .await?;
    Ok(Json(json!({ "id": team.id.as_str(), "name": team.name, "slug": team.slug })))
}

/// Keeps the last owner an owner: inside the transaction of the change, so that two owners cannot step down at once.
pub async fn keep_an_owner(event: &mut RecordEvent<Membership>) -> Result<()> {
    let team = event.record()?.team.id().clone();
    // First the change, then the look at what it leads to: an error undoes it.
    event.next().await?;
    let owners = Membership::team.eq(&team) & Membership::role.eq(Role::Owner);
    if event.records_of::<Membership>().as_system().filter(owners).count().await? == 0 {
        return Err(Error::new(Kind::Conflict, "A team needs an owner: make somebody else one first"));
    }
    Ok(())
}
