"""Puts load on a server with wrk and reads what came of it."""

import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .servers import BenchError

LOAD_THREADS = 1
CONNECTIONS = 32

SCRIPT = Path(__file__).resolve().parent.parent / "plan.lua"


@dataclass
class Load:
    """How long and how wide to load."""

    seconds: int
    warmup_seconds: int
    connections: int = CONNECTIONS


@dataclass
class Figures:
    """What one run of wrk measured; latencies in ms."""

    requests: int
    per_second: float
    p50_ms: float
    p99_ms: float
    failures: int


def measure(server, method, lines, load):
    """Warms up, then measures. `lines` are plan lines: (path, token, body)."""
    plan = server.data_dir.parent / "plan.tsv"
    plan.write_text("".join("\t".join(line) + "\n" for line in lines))
    if load.warmup_seconds:
        wrk(server, method, plan, load.connections, load.warmup_seconds, seed=1)
    return wrk(server, method, plan, load.connections, load.seconds, seed=2)


def wrk(server, method, plan, connections, seconds, seed):
    """One run of wrk over a plan file."""
    if shutil.which("wrk") is None:
        raise BenchError("wrk is not in PATH: install it (`apt-get install wrk`)")
    url = f"http://127.0.0.1:{server.port}"
    command = ["wrk", f"-t{LOAD_THREADS}", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s", str(SCRIPT)]
    done = subprocess.run([*command, url, "--", method, str(plan), str(seed)], capture_output=True, text=True)
    result = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if done.returncode != 0 or not result:
        raise BenchError(f"wrk failed against {server.name}:\n{done.stdout}{done.stderr}{server.log_tail()}")
    raw = json.loads(result[0].removeprefix("RESULT "))
    return Figures(
        requests=raw["requests"],
        per_second=raw["requests"] / (raw["micros"] / 1e6),
        p50_ms=raw["p50"] / 1000,
        p99_ms=raw["p99"] / 1000,
        failures=sum(raw[kind] for kind in ("status", "connect", "read", "write", "timeout")),
    )
