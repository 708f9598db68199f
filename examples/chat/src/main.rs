//! A chat: who sees and writes what is said by rules, in one place, for lists, single records and realtime alike.

mod hooks;
mod models;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use bakend::{
    Bakend, Builder,
    axum::{Router, response::Html, routing::get},
};
use models::{Message, Room, User};

/// Everything that this backend is.
fn app() -> Builder {
    Bakend::builder()
        .collection::<User>()
        .collection::<Room>()
        .collection::<Message>()
        .before_create::<Message>(hooks::tidy)
        .before_update::<Message>(hooks::mark)
        .routes(Router::new().route("/", get(async || Html(include_str!("page.html")))))
}

fn main() -> ExitCode {
    bakend::block_on(app().run())
}
