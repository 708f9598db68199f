//! Teams: memberships, roles in rules, and what must happen together in a transaction.

mod models;
mod teams;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use bakend::{
    Bakend, Builder,
    axum::{Router, routing::post},
};
use models::{Membership, Project, Team, User};

/// Everything that this backend is.
fn app() -> Builder {
    Bakend::builder()
        .collection::<User>()
        .collection::<Team>()
        .collection::<Membership>()
        .collection::<Project>()
        .within_update::<Membership>(teams::keep_an_owner)
        .routes(Router::new().route("/teams", post(teams::create)))
}

fn main() -> ExitCode {
    bakend::block_on(app().run())
}
