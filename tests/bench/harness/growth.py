"""Measures view, indexed list and insert on a small table, fills it to a million rows, and measures again."""

import random
import sqlite3
import string
from contextlib import closing
from dataclasses import dataclass, replace

from . import scenarios, seed
from .load import Figures
from .servers import BenchError

ROWS = 1_000_000
KEYS = ["view", "list-indexed", "insert"]
SLOWDOWN_MAX = 1.5
# Ids asked for at full size: enough to touch the whole table, few enough to leave the load thread as quick as before.
ASKED_IDS = 50_000

ID_LETTERS = string.ascii_lowercase + string.digits
INSERT = "INSERT INTO posts (id, title, body, views, published, created) VALUES (?, ?, ?, ?, ?, ?)"
CREATED = "2026-01-01 00:00:00.000Z"


@dataclass
class Growth:
    """One scenario at both sizes."""

    title: str
    small_rows: int
    small: Figures
    big: Figures

    def slowdown(self):
        """How many times slower at full size."""
        return self.small.per_second / self.big.per_second


def run(server, data, load, log):
    """Runs the three scenarios at both sizes; the server is restarted in between."""
    rows = len(data.posts)
    small = {key: run_one(server, key, data, load) for key in KEYS}
    server.stop()
    log(f"filling posts to {ROWS} rows")
    ids = fill(server)
    server.start()
    data = replace(data, posts=random.Random(seed.SEED).sample(ids, ASKED_IDS))
    big = {key: run_one(server, key, data, load) for key in KEYS}
    return [Growth(title(key), rows, small[key], big[key]) for key in KEYS]


def run_one(server, key, data, load):
    """The figures of one scenario; an answer that is not a 2xx makes them worthless."""
    figures = scenarios.run(server, scenarios.chosen([key])[0], data, load).figures
    if figures.failures:
        raise BenchError(f"{server.name}: {key} had {figures.failures} failed requests")
    return figures


def title(key):
    """A scenario's title."""
    return scenarios.chosen([key])[0].title


def fill(server):
    """Writes rows straight into the table, as another program would, and returns the ids of all rows."""
    rng = random.Random(seed.SEED + 1)
    with closing(sqlite3.connect(database(server))) as db:
        have = db.execute("SELECT count(*) FROM posts").fetchone()[0]
        db.executemany(INSERT, (row(rng, n) for n in range(have, ROWS)))
        db.commit()
        return [found[0] for found in db.execute("SELECT id FROM posts")]


def database(server):
    """The file that holds the posts."""
    for path in sorted(server.data_dir.glob("*.db")):
        with closing(sqlite3.connect(path)) as db:
            if db.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'posts'").fetchone():
                return path
    raise BenchError(f"{server.name}: no database with the posts in {server.data_dir}")


def row(rng, number):
    """A post as a row of the table."""
    post = seed.post(rng, number)
    record_id = "".join(rng.choices(ID_LETTERS, k=15))
    return (record_id, post["title"], post["body"], post["views"], post["published"], CREATED)
