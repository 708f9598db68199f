//! What the chat keeps: people, rooms, messages.

use bakend::{Collection, DateTime, Email, Id, Relation};

/// Somebody who chats.
#[derive(Clone, Debug, Collection)]
#[collection(
    name = "users",
    auth(),
    rules(
        list = "@request.auth.id != ''",
        view = "@request.auth.id != ''",
        create = "",
        update = "id = @request.auth.id",
        delete = "id = @request.auth.id"
    )
)]
pub struct User {
    /// The id.
    pub id: Id<User>,
    /// The address; others see it only if its owner lets them.
    pub email: Email,
    /// What others see.
    #[field(min = 2, max = 40, presentable)]
    pub name: String,
    /// When the account was made.
    #[field(on_create)]
    pub created: DateTime,
}

/// A room. Its owner decides who is in it; whoever is in it may leave.
#[derive(Clone, Debug, Collection)]
#[collection(
    name = "rooms",
    rules(
        list = "owner = @request.auth.id || members.id ?= @request.auth.id",
        view = "owner = @request.auth.id || members.id ?= @request.auth.id",
        create = "owner = @request.auth.id",
        update = "owner = @request.auth.id && (@request.body.owner:isset = false || @request.body.owner = owner)",
        delete = "owner = @request.auth.id"
    )
)]
pub struct Room {
    /// The id.
    pub id: Id<Room>,
    /// What it is called.
    #[field(max = 80, presentable)]
    pub name: String,
    /// Who made it.
    #[field(cascade_delete)]
    pub owner: Relation<User>,
    /// Who is in it, beside the owner.
    #[field(max_select = 500)]
    pub members: Vec<Relation<User>>,
    /// When it was made.
    #[field(on_create)]
    pub created: DateTime,
}

/// A message: seen and written by those in its room, changed by its author only, and never moved.
#[derive(Clone, Debug, Collection)]
#[collection(
    name = "messages",
    rules(
        list = "room.owner = @request.auth.id || room.members.id ?= @request.auth.id",
        view = "room.owner = @request.auth.id || room.members.id ?= @request.auth.id",
        create = "author = @request.auth.id && (room.owner = @request.auth.id || room.members.id ?= @request.auth.id)",
        update = "author = @request.auth.id && @request.body.room:isset = false && @request.body.author:isset = false",
        delete = "author = @request.auth.id || room.owner = @request.auth.id"
    ),
    index(room, created)
)]
pub struct Message {
    /// The id.
    pub id: Id<Message>,
    /// Where.
    #[field(cascade_delete)]
    pub room: Relation<Room>,
    /// Who.
    #[field(cascade_delete)]
    pub author: Relation<User>,
    /// What; plain text.
    #[field(max = 4000)]
    pub text: String,
    /// Whether it was changed after it was sent; set by a hook.
    pub edited: bool,
    /// When.
    #[field(on_create)]
    pub created: DateTime,
}
