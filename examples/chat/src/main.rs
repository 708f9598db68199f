//! A chat: who sees and writes what is said by rules, in one place, for lists, single records and realtime alike.

mod hooks;
mod models;
mod page;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use bakend::{
    Bakend, Builder,
    service::settings::{ChannelRule, Settings},
};
use models::{Message, Room, User};

/// Who shows on the channel of a room, and sees who else does: those who are in it. `part` is the room's id.
const IN_THE_ROOM: &str = "@collection.rooms.id ?= part && \
    (@collection.rooms.owner ?= @request.auth.id || @collection.rooms.members.id ?= @request.auth.id)";

/// Everything that this backend is.
fn app() -> Builder {
    Bakend::builder()
        .collection::<User>()
        .collection::<Room>()
        .collection::<Message>()
        .before_create::<Message>(hooks::tidy)
        .before_update::<Message>(hooks::mark)
        .settings(presence)
        .routes(page::routes())
}

/// Each room has a channel on which people show that they are there, and that they type. Messages are records: they go no other way.
fn presence(settings: &mut Settings) {
    settings.realtime.channels = vec![ChannelRule {
        pattern: "room/*".to_owned(),
        listen_rule: Some(IN_THE_ROOM.to_owned()),
        publish_rule: None,
        presence: true,
    }];
}

fn main() -> ExitCode {
    bakend::block_on(app().run())
}
