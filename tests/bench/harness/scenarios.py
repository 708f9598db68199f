"""The scenarios: what is asked, what a right answer looks like, and by which factor bak should beat PocketBase."""

import json
import random
from dataclasses import dataclass
from typing import Callable, Optional

from . import seed
from .api import Client
from .load import Figures, measure
from .servers import BenchError, PeakRss

PAGE = 30
INDEXED_FILTERS = 1000
BODIES = 500
CHECKED_LINES = 3
AXUM_SHARE_GOAL = 0.6

POST_KEYS = ["body", "collectionId", "collectionName", "created", "id", "published", "title", "views"]


@dataclass
class Scenario:
    """One kind of request."""

    key: str
    title: str
    method: str
    lines: Callable  # (Data, Random) -> plan lines: (path, token, body)
    right: Callable  # (answer as JSON) -> bool
    goal: float  # how many times PocketBase's rate, and its p99 divided by
    grows: Optional[str] = None  # the collection that each request adds a row to
    axum: bool = False  # whether the baseline serves it too
    hooked: bool = False  # whether the server runs with a hook on the creation of posts


@dataclass
class Outcome:
    """One scenario on one server."""

    figures: Figures
    rss_mb: float


def run(server, scenario, data, load):
    """Checks a few answers, measures, and checks that the server did what it acknowledged."""
    rng = random.Random(seed.SEED)
    lines = scenario.lines(data, rng)
    for line in lines[:CHECKED_LINES]:
        check_answer(server, scenario, line)
    if scenario.grows is None:
        with PeakRss(server) as peak:
            return Outcome(measure(server, scenario.method, lines, load), peak.mb)
    admin = Client(server, data.superuser_token)
    before = admin.count(scenario.grows)
    with PeakRss(server) as peak:
        figures = measure(server, scenario.method, lines, load)
    admin = Client(server, data.superuser_token)
    grown = admin.count(scenario.grows) - before
    if grown < figures.requests - figures.failures:
        raise BenchError(f"{server.name}: {figures.requests} creates were acknowledged, but only {grown} rows came")
    return Outcome(figures, peak.mb)


def run_unchecked(server, scenario, data, load):
    """Measures the baseline, which keeps nothing and always sends the same post."""
    lines = scenario.lines(data, random.Random(seed.SEED))
    with PeakRss(server) as peak:
        return Outcome(measure(server, scenario.method, lines, load), peak.mb)


def check_answer(server, scenario, line):
    """Sends one plan line by hand and looks at the answer, which wrk would only count."""
    path, token, body = line
    body = body.replace("@@", "123456789").replace("##", "123456") or None
    status, answer = Client(server).raw(scenario.method, path, body, token)
    if status // 100 != 2 or not scenario.right(json.loads(answer)):
        raise BenchError(f"{server.name}: {scenario.method} {path} answered {status}: {answer[:600]!r}")


def sample_post():
    """The bytes of one post as the servers send it, for the baseline to send."""
    post = seed.post(random.Random(seed.SEED), 0)
    post |= {"collectionId": "pbc_1125843985", "collectionName": "posts"}
    post |= {"created": "2026-01-01 00:00:00.000Z", "id": "abcdefghijklmno"}
    return json.dumps(dict(sorted(post.items())), separators=(",", ":")).encode()


def is_post(answer):
    """Whether this is a whole post."""
    return sorted(answer) == POST_KEYS and len(answer["id"]) == 15 and answer["body"].count(" ") == 35


def is_page(answer, total):
    """Whether this is a full page of posts, counted or not."""
    counted = answer["totalItems"] > PAGE if total else answer["totalItems"] == -1
    return counted and len(answer["items"]) == PAGE and all(is_post(post) for post in answer["items"])


def is_sorted_page(answer):
    """Whether this is a page of posts in rising order of views."""
    views = [post["views"] for post in answer["items"]]
    return is_page(answer, total=False) and views == sorted(views)


def is_message_page(answer, total):
    """Whether this is a full page of messages with their authors, newest first."""
    items = answer["items"]
    counted = answer["totalItems"] > PAGE if total else answer["totalItems"] == -1
    authors = all(item["expand"]["author"]["id"] == item["author"] for item in items)
    return counted and len(items) == PAGE and authors and created_falls(items)


def created_falls(items):
    """Whether the newest stands first."""
    created = [item["created"] for item in items]
    return created == sorted(created, reverse=True)


POSTS = "/api/collections/posts/records"
MESSAGES = "/api/collections/messages/records"
MESSAGE_PAGE = f"{MESSAGES}?perPage={PAGE}&sort=-created&expand=author"


def view(data, rng):
    """Every post by its id, as a guest."""
    return [(f"{POSTS}/{post}", "", "") for post in data.posts]


def view_signed_in(data, rng):
    """Every post by its id, as some user."""
    return [(f"{POSTS}/{post}", rng.choice(data.members)[1], "") for post in data.posts]


def list_indexed(data, rng):
    """A page from a random point of the index on."""
    span = (seed.VIEWS_MIN, seed.VIEWS_MIN + (seed.VIEWS_MAX - seed.VIEWS_MIN) * 9 // 10)
    filters = [f"filter=(views%3E%3D{rng.randint(*span)})" for _ in range(INDEXED_FILTERS)]
    return [(f"{POSTS}?perPage={PAGE}&skipTotal=1&sort=views&{text}", "", "") for text in filters]


def list_messages(query):
    """The newest messages that some user may see, with their authors."""
    return lambda data, rng: [(MESSAGE_PAGE + query, token, "") for _, token, _ in data.members]


def update(data, rng):
    """A new title and number for every post."""
    body = '{"title":"changed @@","views":##}'
    return [(f"{POSTS}/{post}", "", body) for post in data.posts]


def insert(data, rng):
    """New posts."""
    bodies = [{"title": "new @@", "body": seed.words(rng, 36), "views": "##", "published": True} for _ in range(BODIES)]
    return [(POSTS, "", json.dumps(body).replace('"##"', "##")) for body in bodies]


def insert_messages(data, rng):
    """New messages in rooms that their author is a member of."""
    lines = []
    for _ in range(BODIES):
        user, token, rooms = rng.choice(data.members)
        body = {"room": rng.choice(rooms), "author": user, "text": f"{seed.words(rng, 8)} @@"}
        lines.append((MESSAGES, token, json.dumps(body)))
    return lines


# Reads come first, so that no server's reads pay for the rows that its own faster inserts added.
ALL = [
    Scenario("view", "view", "GET", view, is_post, 5, axum=True),
    Scenario("view-auth", "view, signed in", "GET", view_signed_in, is_post, 5),
    Scenario(
        "list",
        "list 30",
        "GET",
        lambda data, rng: [(f"{POSTS}?perPage={PAGE}&skipTotal=1", "", "")],
        lambda answer: is_page(answer, total=False),
        6,
    ),
    Scenario(
        "list-total",
        "list 30, with total",
        "GET",
        lambda data, rng: [(f"{POSTS}?perPage={PAGE}", "", "")],
        lambda answer: is_page(answer, total=True),
        6,
    ),
    Scenario("list-indexed", "list 30, indexed filter, sorted", "GET", list_indexed, is_sorted_page, 6),
    Scenario(
        "list-member",
        "list 30, membership rule, expand",
        "GET",
        list_messages("&skipTotal=1"),
        lambda answer: is_message_page(answer, total=False),
        6,  # without a count PocketBase stops after a page, so this is a list like the others
    ),
    Scenario(
        "list-member-total",
        "list 30, membership rule, expand, with total",
        "GET",
        list_messages(""),
        lambda answer: is_message_page(answer, total=True),
        50,
    ),
    Scenario("update", "update", "PATCH", update, lambda answer: answer["title"] == "changed 123456789", 10),
    Scenario("insert", "insert", "POST", insert, is_post, 10, grows="posts", axum=True),
    Scenario(
        "insert-hooked",
        "insert, with a hook that changes the title",
        "POST",
        insert,
        lambda answer: is_post(answer) and answer["title"].startswith("hooked NEW "),
        8,
        grows="posts",
        hooked=True,
    ),
    Scenario(
        "insert-member",
        "insert, membership rule",
        "POST",
        insert_messages,
        lambda answer: len(answer["room"]) == 15,
        10,
        grows="messages",
    ),
]


def chosen(keys):
    """The scenarios of these keys; all when there are no keys."""
    return [scenario for scenario in ALL if not keys or scenario.key in keys]
