"""Makes the same schema and the same rows on every server under test, over the HTTP API."""

import random
from dataclasses import dataclass

from .api import BATCH_REQUESTS, sign_in, superuser

ROOMS = 100
USERS = 200
MEMBERS_PER_ROOM = 20
SIGNED_IN_USERS = 32
USER_PASSWORD = "bench-password-2"
SEED = 20_040

VIEWS_MIN = 100_000
VIEWS_MAX = 999_999

MEMBER_RULE = "room.members.id ?= @request.auth.id"

WORDS = (
    "amber anchor basin birch candle canyon cedar cobalt coral delta ember falcon fjord garnet harbor indigo ivory "
    "jasper juniper lagoon lantern lichen marble meadow mosaic nectar onyx orchid pebble prairie quartz raven saffron "
    "sierra summit thistle timber tundra umber velvet willow zephyr"
).split()


@dataclass
class Data:
    """What the seeding left behind: ids and tokens that the scenarios ask with."""

    superuser_token: str
    posts: list
    messages: list
    members: list  # (user id, token, ids of the rooms the user is in)


def seed(server, posts, messages, log):
    """Creates the collections and rows; returns what the scenarios need."""
    rng = random.Random(SEED)
    admin = superuser(server)
    admin.send("PATCH", "/api/settings", {"batch": {"enabled": True, "maxRequests": BATCH_REQUESTS, "timeout": 120}})
    create_schema(admin)
    log(f"{posts} posts")
    post_ids = admin.create_many("posts", [post(rng, n) for n in range(posts)])
    log(f"{USERS} users")
    users = admin.create_many("users", [account(n) for n in range(USERS)])
    log(f"{ROOMS} rooms, {messages} messages")
    members = [rng.sample(users, MEMBERS_PER_ROOM) for _ in range(ROOMS)]
    rooms = admin.create_many("rooms", [{"name": f"room {n}", "members": ids} for n, ids in enumerate(members)])
    message_ids = admin.create_many("messages", [message(rng, rooms, members) for _ in range(messages)])
    signed_in = []
    for n in range(SIGNED_IN_USERS):
        token = sign_in(server, "users", account(n)["email"], USER_PASSWORD)
        signed_in.append((users[n], token, [room for room, ids in zip(rooms, members) if users[n] in ids]))
    return Data(admin.token, post_ids, message_ids, signed_in)


def create_schema(admin):
    """The collections of every scenario: public posts, and a chat whose messages only a room's members reach."""
    open_rules = dict.fromkeys(["listRule", "viewRule", "createRule", "updateRule", "deleteRule"], "")
    created = {"name": "created", "type": "autodate", "onCreate": True}
    create_collection(
        admin,
        "posts",
        open_rules,
        [
            {"name": "title", "type": "text"},
            {"name": "body", "type": "text"},
            {"name": "views", "type": "number"},
            {"name": "published", "type": "bool"},
            created,
        ],
        ["CREATE INDEX idx_posts_views ON posts (views)"],
    )
    signed_in = "@request.auth.id != ''"
    users = admin.send("PATCH", "/api/collections/users", {"listRule": signed_in, "viewRule": signed_in})["id"]
    rooms = create_collection(
        admin,
        "rooms",
        {"listRule": "members.id ?= @request.auth.id", "viewRule": "members.id ?= @request.auth.id"},
        [
            {"name": "name", "type": "text"},
            {"name": "members", "type": "relation", "collectionId": users, "maxSelect": USERS},
        ],
        [],
    )
    create_collection(
        admin,
        "messages",
        {"listRule": MEMBER_RULE, "viewRule": MEMBER_RULE, "createRule": MEMBER_RULE},
        [
            {"name": "room", "type": "relation", "collectionId": rooms, "maxSelect": 1, "required": True},
            {"name": "author", "type": "relation", "collectionId": users, "maxSelect": 1},
            {"name": "text", "type": "text"},
            created,
        ],
        [
            "CREATE INDEX idx_messages_room ON messages (room)",
            "CREATE INDEX idx_messages_created ON messages (created)",
        ],
    )


def create_collection(admin, name, rules, fields, indexes):
    """Creates one base collection and returns its id."""
    body = {"name": name, "type": "base", "fields": fields, "indexes": indexes, **rules}
    return admin.send("POST", "/api/collections", body)["id"]


def post(rng, number):
    """A post of about 300 bytes."""
    return {
        "title": f"post {number:09d}",
        "body": words(rng, 36),
        "views": rng.randint(VIEWS_MIN, VIEWS_MAX),
        "published": rng.random() < 0.5,
    }


def account(number):
    """A user's sign-up."""
    return {"email": f"user{number}@example.com", "password": USER_PASSWORD, "passwordConfirm": USER_PASSWORD}


def message(rng, rooms, members):
    """A message of a random room by one of its members."""
    at = rng.randrange(len(rooms))
    return {"room": rooms[at], "author": rng.choice(members[at]), "text": words(rng, 10)}


def words(rng, count):
    """Plain text without any character that JSON or the plan file would escape."""
    return " ".join(rng.choices(WORDS, k=count))
