//! A chat: who sees and writes what is said by rules, in one place, for lists, single records and whatever asks else.

mod hooks;
mod models;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use bakend::{Bakend, Builder};
use models::{Message, Room, User};

/// Everything that this backend is.
fn app() -> Builder {
    Bakend::builder()
        .collection::<User>()
        .collection::<Room>()
        .collection::<Message>()
        .before_create::<Message>(hooks::tidy)
        .before_update::<Message>(hooks::mark)
}

fn main() -> ExitCode {
    bakend::block_on(app().run())
}
