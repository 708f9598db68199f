"""Turns the figures into tables, for the terminal and for BENCHMARKS.md."""

import os
import platform
import re
import subprocess
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path

from . import growth, isolation, scenarios
from .load import LOAD_THREADS

START_GOAL_MS = 100
IDLE_GOAL_MB = 30
LOADED_GOAL_MB = 100

NONE = "–"


@dataclass
class Result:
    """Everything measured on one server; a scenario that did not run is absent."""

    version: str = ""
    start_ms: float = 0.0
    idle_mb: float = 0.0
    outcomes: dict = field(default_factory=dict)  # scenario key → Outcome
    isolation: object = None
    growth: list = field(default_factory=list)

    def loaded_mb(self):
        """The highest resident memory of any scenario."""
        return max((outcome.rss_mb for outcome in self.outcomes.values()), default=0.0)

    def failures(self):
        """How many requests were not answered with a 2xx."""
        figures = [outcome.figures for outcome in self.outcomes.values()]
        figures += [self.isolation.figures] if self.isolation else []
        return sum(one.failures for one in figures)


@dataclass
class Section:
    """One table of the report. `key` names its place in BENCHMARKS.md."""

    key: str
    title: str
    head: list
    rows: list
    note: str = ""


def sections(results, wanted):
    """The tables of what was measured; `results` by server name."""
    bak, other, axum = (results.get(name) for name in ("bak", "pocketbase", "axum"))
    made = []
    if any(result and result.outcomes for result in (bak, other)):
        made.append(comparison(bak, other, wanted))
    if any(result and result.start_ms for result in (bak, other)):
        made.append(footprint(bak, other))
    if axum and axum.outcomes:
        made.append(baseline(bak, axum))
    if results.get("sqlite") and results["sqlite"].outcomes:
        made.append(ceiling(bak, other, results["sqlite"]))
    if any(result.isolation for result in results.values()):
        made.append(isolation_table(results))
    if bak and bak.growth:
        made.append(growth_table(bak.growth))
    return made


def comparison(bak, other, wanted):
    """Rates and latencies of every scenario."""
    head = ["scenario", "bak /s", "PocketBase /s", "ratio", "bak p50 ms", "p99 ms", "PocketBase p50 ms", "p99 ms"]
    head += ["p99 ratio", "not 2xx", "goal", "met"]
    rows = []
    for scenario in wanted:
        ours, theirs = figures_of(bak, scenario), figures_of(other, scenario)
        rate = ours.per_second / theirs.per_second if ours and theirs else None
        p99 = theirs.p99_ms / ours.p99_ms if ours and theirs else None
        failures = sum(one.failures for one in (ours, theirs) if one)
        rows.append(
            [scenario.title, rate_text(ours), rate_text(theirs), factor(rate), *latency(ours), *latency(theirs)]
            + [factor(p99), str(failures), f"{scenario.goal} ×", verdict(scenario.goal, rate, p99)]
        )
    note = "The goal holds for the rate and for the p99 (PocketBase's divided by bak's)."
    return Section("comparison", "Requests", head, rows, note)


def footprint(bak, other):
    """Memory and start time."""
    head = ["what", "bak", "PocketBase", "goal for bak", "met"]
    rows = [
        footprint_row("start to first answer, ms", bak, other, lambda one: one.start_ms, START_GOAL_MS),
        footprint_row("resident idle, MB", bak, other, lambda one: one.idle_mb, IDLE_GOAL_MB),
        footprint_row("resident under load, peak, MB", bak, other, lambda one: one.loaded_mb(), LOADED_GOAL_MB),
    ]
    return Section("footprint", "Memory and start", head, rows, "Taken after a restart on the filled data folder.")


def footprint_row(title, bak, other, value, goal):
    """One figure of both servers against an upper bound."""
    shown = [f"{value(one):.0f}" if one else NONE for one in (bak, other)]
    return [title, *shown, f"< {goal}", yes_no(value(bak) < goal) if bak else NONE]


def baseline(bak, axum):
    """bak's share of what axum alone serves from memory."""
    head = ["scenario", "bak /s", "axum /s", "share", "goal", "met"]
    rows = []
    for scenario in scenarios.ALL:
        ours, theirs = figures_of(bak, scenario), figures_of(axum, scenario)
        if theirs:
            share = ours.per_second / theirs.per_second if ours else None
            goal = scenarios.AXUM_SHARE_GOAL
            texts = [NONE, NONE] if share is None else [f"{share:.0%}", yes_no(share >= goal)]
            rows.append([scenario.title, rate_text(ours), rate_text(theirs), texts[0], f"≥ {goal:.0%}", texts[1]])
    return Section("baseline", "Share of an axum handler that answers the same bytes from memory", head, rows)


def ceiling(bak, other, sqlite):
    """What is left for bak to gain, and what no server over SQLite reaches."""
    head = ["scenario", "bak /s", "axum + SQLite /s", "share", "axum + SQLite, × PocketBase"]
    rows = []
    for scenario in scenarios.ALL:
        ours, most, theirs = (figures_of(one, scenario) for one in (bak, sqlite, other))
        if most:
            share = f"{ours.per_second / most.per_second:.0%}" if ours else NONE
            times = factor(most.per_second / theirs.per_second) if theirs else NONE
            rows.append([scenario.title, rate_text(ours), rate_text(most), share, times])
    note = "axum writes the posted fields into a bare table, in group commits, without schema, rules, checks or hooks."
    return Section("ceiling", "Share of the most that a server over SQLite can do", head, rows, note)


def isolation_table(results):
    """Point reads beside a slow query."""
    head = ["server", "reads /s", "p50 ms", "p99 ms", "not 2xx", "slow query alone s", "beside reads s", "runs", "answers"]
    head += ["goal", "met"]
    rows = []
    for name, result in results.items():
        one = result.isolation
        if one:
            met = yes_no(one.figures.p99_ms < isolation.P99_GOAL_MS) if name == "bak" else NONE
            answers = ", ".join(str(status) for status in one.slow_statuses)
            rows.append(
                [name, rate_text(one.figures), *latency(one.figures), str(one.figures.failures)]
                + [f"{one.slow_alone_seconds:.1f}", f"{one.slow_seconds:.1f}", str(one.slow_runs), answers]
                + [f"p99 < {isolation.P99_GOAL_MS} ms", met]
            )
    return Section("isolation", "Point reads while one connection repeats a query of two seconds", head, rows)


def growth_table(measured):
    """Rates before and after the table grew."""
    head = ["scenario", "rows before", "/s", f"/s at {growth.ROWS:,} rows", "slower by", "goal", "met"]
    rows = []
    for one in measured:
        slower, goal = one.slowdown(), growth.SLOWDOWN_MAX
        rates = [rate_text(one.small), rate_text(one.big)]
        rows.append([one.title, f"{one.small_rows:,}", *rates, factor(slower), f"≤ {goal} ×", yes_no(slower <= goal)])
    return Section("growth", "bak as its table grows", head, rows)


def figures_of(result, scenario):
    """A server's figures for a scenario, or nothing."""
    outcome = result.outcomes.get(scenario.key) if result else None
    return outcome.figures if outcome else None


def rate_text(figures):
    """Requests a second."""
    return f"{figures.per_second:,.0f}" if figures else NONE


def latency(figures):
    """Median and 99th percentile in ms."""
    return [f"{figures.p50_ms:.2f}", f"{figures.p99_ms:.2f}"] if figures else [NONE, NONE]


def factor(value):
    """A ratio."""
    return NONE if value is None else f"{value:.1f} ×"


def yes_no(met):
    """A verdict."""
    return "yes" if met else "no"


def verdict(goal, rate, p99):
    """Whether both the rate and the p99 reach the goal, and which does not."""
    if rate is None:
        return NONE
    missed = [name for name, value in (("rate", rate), ("p99", p99)) if value < goal]
    return f"no ({', '.join(missed)})" if missed else "yes"


def as_text(section):
    """A table for the terminal."""
    table = [section.head, *section.rows]
    widths = [max(len(row[column]) for row in table) for column in range(len(section.head))]
    lines = [
        "  ".join(cell.ljust(width) if at == 0 else cell.rjust(width) for at, (cell, width) in enumerate(zip(row, widths)))
        for row in table
    ]
    lines.insert(1, "-" * len(lines[0]))
    return "\n".join([f"\n{section.title}", *lines])


def as_markdown(section, circumstances):
    """A section of BENCHMARKS.md between its markers."""
    lines = [f"<!-- bench:{section.key} -->", f"## {section.title}", ""]
    lines += [section.note, ""] if section.note else []
    lines += ["| " + " | ".join(section.head) + " |"]
    lines += ["| --- |" + " ---: |" * (len(section.head) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in section.rows]
    return "\n".join([*lines, "", *circumstances, f"<!-- /bench:{section.key} -->"])


def update_markdown(path, made, circumstances):
    """Replaces the sections that were measured in the file and adds those it does not have yet."""
    text = path.read_text()
    for section in made:
        new = as_markdown(section, circumstances)
        old = re.compile(f"<!-- bench:{section.key} -->.*?<!-- /bench:{section.key} -->", re.DOTALL)
        text = old.sub(lambda _: new, text) if old.search(text) else f"{text.rstrip()}\n\n{new}\n"
    path.write_text(text)


def circumstances(results, load, command):
    """Where, when and how the figures came to be."""
    versions = ", ".join(result.version for result in results.values())
    when = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    loaded = f"wrk, {LOAD_THREADS} thread, {load.connections} connections, {load.seconds} s after {load.warmup_seconds} s"
    return [
        f"- {when}, {cpu()}, {os.cpu_count()} cores, Linux {platform.release()}",
        f"- {versions}{revision()}, {loaded} of warm-up; load and server on the same machine",
        f"- `{command}`",
    ]


def cpu():
    """The processor's name."""
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found.group(1) if found else platform.machine()


def revision():
    """The commit of this repository, when it is one."""
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=Path(__file__).parent
    )
    return f" (repository at {done.stdout.strip()})" if done.returncode == 0 else ""
