"""Measures point reads while one connection repeats a query of about two seconds."""

import json
import random
import threading
import time
from dataclasses import dataclass, replace

from . import scenarios, seed
from .api import Client
from .load import Figures, measure
from .servers import BenchError

SLOW_QUERY_SECONDS = 2.0
P99_GOAL_MS = 50
# One filter may hold 200 comparisons on PocketBase.
TERMS_MAX = 190
TERMS_FIRST = 2

# About 150 MB of text, which takes a query of many searches seconds to read, however fast a server searches.
NOTES = 30_000
NOTE_WORDS = 680
NOTES_PER_BATCH = 100


@dataclass
class Isolation:
    """What the point reads felt, and what the slow connection did meanwhile."""

    figures: Figures
    slow_alone_seconds: float
    slow_runs: int
    slow_seconds: float
    slow_statuses: list


def run(server, data, load):
    """Makes a query that takes about two seconds here, then reads points beside it."""
    create_notes(Client(server, data.superuser_token))
    path, alone = find_slow_query(server)
    lines = scenarios.view(data, random.Random(seed.SEED))
    slow = SlowQuery(server, path)
    with slow:
        figures = measure(server, "GET", lines, replace(load, connections=load.connections - 1))
    runs = max(len(slow.times), 1)
    return Isolation(figures, alone, len(slow.times), sum(slow.times) / runs, sorted(set(slow.statuses)))


def create_notes(admin):
    """Fills a public collection with long texts."""
    rng = random.Random(seed.SEED)
    seed.create_collection(admin, "notes", {"listRule": ""}, [{"name": "body", "type": "text"}], [])
    for _ in range(NOTES // NOTES_PER_BATCH):
        admin.create_many("notes", [{"body": seed.words(rng, NOTE_WORDS)} for _ in range(NOTES_PER_BATCH)])


def find_slow_query(server):
    """Adds text searches that match nothing until the query takes the wanted time; returns it and its time."""
    terms = TERMS_FIRST
    while True:
        path = slow_path(terms)
        began = time.perf_counter()
        status, answer = Client(server).raw("GET", path)
        took = time.perf_counter() - began
        if status != 200 or json.loads(answer)["items"]:
            raise BenchError(f"{server.name}: GET {path} answered {status}: {answer[:300]!r}")
        if took >= SLOW_QUERY_SECONDS or terms == TERMS_MAX:
            return path, took
        terms = min(TERMS_MAX, max(terms + 1, int(terms * SLOW_QUERY_SECONDS / took * 1.1)))


def slow_path(terms):
    """A list request whose filter searches every note for so many texts that nowhere occur."""
    text = "%7C%7C".join(f"body~'zq{n}'" for n in range(terms))
    return f"/api/collections/notes/records?perPage=1&skipTotal=1&filter=({text})"


class SlowQuery:
    """Repeats one request on a connection of its own while the `with` block runs."""

    def __init__(self, server, path):
        self.client = Client(server)
        self.path = path
        self.times = []
        self.statuses = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._repeat, daemon=True)

    def _repeat(self):
        while not self._ended.is_set():
            began = time.perf_counter()
            self.statuses.append(self.client.raw("GET", self.path)[0])
            self.times.append(time.perf_counter() - began)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()
