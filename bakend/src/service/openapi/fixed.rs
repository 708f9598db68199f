//! The operations that hang on no collection: health, files, batches, realtime, sessions.

use utoipa::openapi::{
    Content,
    HttpMethod::{Delete, Get, Post},
    ResponseBuilder,
};

use super::{
    operation::{Access, Draft, Endpoint, fixed},
    parts::{self, any_object, flag, integer, list, named, object, text},
};

/// The tag of these operations; no collection can be called so.
pub(super) const TAG: &str = "(all)";

/// All of them.
pub(super) fn endpoints() -> Vec<Endpoint> {
    let all = [health(), batch(), file_token(), file()].into_iter().chain(realtime()).chain(sessions());
    all.map(Draft::done).collect()
}

fn health() -> Draft {
    let shape = object([("message", text()), ("code", integer()), ("data", any_object())]);
    fixed("health", Get, "/api/health", Access::Public).says("Whether the server is there", "").answers("It is.", shape)
}

fn batch() -> Draft {
    let one = object([("status", integer()), ("body", parts::anything())]);
    fixed("batch", Post, "/api/batch", Access::Public)
        .says(
            "Several writes in one transaction",
            "All of them, or none; each is subject to its own rule. The settings switch it on.",
        )
        .body(object([("requests", list(named("BatchRequest")))]), None)
        .answers("An answer for each, in their order.", list(one))
        .refuses(&["Invalid", "Forbidden"])
}

fn file_token() -> Draft {
    fixed("fileToken", Post, "/api/files/token", Access::Account)
        .says("A token for protected files", "Good for minutes, in addresses where no header can be sent.")
        .answers("The token.", object([("token", text())]))
        .refuses(&["Unauthenticated", "Forbidden"])
}

fn file() -> Draft {
    let content = ResponseBuilder::new().description("The file.").content("*/*", Content::new(Some(parts::bytes())));
    fixed("file", Get, "/api/files/{collection}/{id}/{name}", Access::Public)
        .says("A file of a record", "Protected ones need a file token of somebody who may view the record.")
        .with(parts::path("collection", "The name or id of the collection."))
        .with(parts::path("id", "The id of the record."))
        .with(parts::path("name", "The name, as it stands in the field."))
        .with(parts::query("thumb", text(), "A smaller form of a picture, as in 100x100, 100x100f or 0x100."))
        .with(parts::query("token", text(), "A file token."))
        .with(parts::query("download", flag(), "To be saved rather than shown."))
        .also("200", content.build())
        .refuses(&["NotFound"])
}

fn realtime() -> [Draft; 3] {
    let stream = ResponseBuilder::new()
        .description("Server-sent events; the first, `PB_CONNECT`, tells the `clientId`.")
        .content("text/event-stream", Content::new(Some(text())));
    [
        fixed("realtime", Get, "/api/realtime", Access::Public)
            .says("A stream of events", "Each has the name of its topic.")
            .also("200", stream.build()),
        fixed("realtimeSubscribe", Post, "/api/realtime", Access::Public)
            .says(
                "What a stream listens to",
                "Replaces what it listened to before; `posts/*` and `posts/ID` are topics.",
            )
            .body(object([("clientId", text()), ("subscriptions", list(text()))]), None)
            .answers_nothing()
            .refuses(&["Invalid", "Forbidden", "NotFound"]),
        fixed("realtimeSocket", Get, "/api/realtime/ws", Access::Public)
            .says(
                "The same and more over a WebSocket",
                "Channels, presence, and going on where an earlier connection ended.",
            )
            .also("101", ResponseBuilder::new().description("A WebSocket of JSON messages.").build())
            .refuses(&["Invalid"]),
    ]
}

fn sessions() -> [Draft; 3] {
    [
        fixed("sessions", Get, "/api/sessions", Access::Account)
            .says("Where the account is signed in", "")
            .takes(&["page", "perPage"])
            .answers("A page.", parts::page(named("Session")))
            .refuses(&["Unauthenticated", "Forbidden"]),
        fixed("endSession", Delete, "/api/sessions/{id}", Access::Account)
            .says("Sign out", "`current` is the session that asks.")
            .with(parts::path("id", "The id of the session, or `current`."))
            .answers_nothing()
            .refuses(&["Unauthenticated", "Forbidden", "NotFound"]),
        fixed("endSessions", Delete, "/api/sessions", Access::Account)
            .says("Sign out everywhere", "")
            .with(parts::query("others", flag(), "Everywhere else."))
            .answers("How many ended.", object([("ended", integer())]))
            .refuses(&["Invalid", "Unauthenticated", "Forbidden"]),
    ]
}
