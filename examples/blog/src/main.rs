//! A blog: typed collections, hooks, a route of its own, a SeaORM query. One executable with everything `bak` has.

mod archive;
mod hooks;
mod models;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use bakend::{
    Bakend, Builder,
    axum::{Router, routing::get},
};
use models::{Comment, Post, User};

/// Everything that this backend is.
fn app() -> Builder {
    Bakend::builder()
        .collection::<User>()
        .collection::<Post>()
        .collection::<Comment>()
        .before_create::<Post>(hooks::on_create)
        .before_update::<Post>(hooks::on_update)
        .routes_at("/blog", Router::new().route("/archive", get(archive::archive)))
}

fn main() -> ExitCode {
    bakend::block_on(app().run())
}
