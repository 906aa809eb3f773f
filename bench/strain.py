"""What goes on beside the load of a soak: publishes, a slow query, clients that do not read, a look at the memory."""

import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import numpy as np

from bench.host import Host
from quant.settings import PROJECT_PATH

SLOW_SQL = "select count(*) as n from serving.final_bars as a, serving.final_bars as b where a.close < b.close"
SAMPLE_SECONDS = 2.0


@contextmanager
def child(module: str, *arguments: str) -> Iterator[list[str]]:
    """A module of ours that runs until its standard input ends; afterwards its lines are in the list."""
    lines: list[str] = []
    command = [sys.executable, "-m", module, *arguments]
    process = subprocess.Popen(
        command, cwd=PROJECT_PATH, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield lines
    finally:
        output, errors = process.communicate(timeout=60)
        lines += output.splitlines()
        if process.returncode:
            raise SystemExit(f"{module} failed:\n{errors[-2000:]}")


@contextmanager
def slow_queries(host: Host) -> Iterator[Counter[int]]:
    """One query after the other that takes as long as it may; counts the statuses."""
    statuses: Counter[int] = Counter()
    is_over = threading.Event()

    def ask() -> None:
        with httpx.Client(base_url=host.url, timeout=60) as client:
            while not is_over.is_set():
                statuses[client.post("/sql", json={"sql": SLOW_SQL}).status_code] += 1

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield statuses
    finally:
        is_over.set()
        thread.join(60)


class Memory:
    """Resident megabytes of the API, every two seconds."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._is_over = threading.Event()
        self._started = time.monotonic()
        self.samples: list[tuple[float, float]] = []  # seconds since the start, megabytes

    def __enter__(self) -> "Memory":
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join(10)

    def _watch(self) -> None:
        while not self._is_over.wait(SAMPLE_SECONDS):
            self.samples.append((time.monotonic() - self._started, self._host.resident_megabytes()))

    def growth(self) -> tuple[float, float]:
        """Megabytes at the median of the last quarter above those of the second, and their slope in MB an hour.

        The first quarter is left out: pools fill, modules are imported, DuckDB takes what it may keep.
        """
        seconds, megabytes = np.array(self.samples).T
        second, last = np.array_split(megabytes, 4)[1::2]
        settled = seconds > seconds[-1] / 4
        slope = np.polyfit(seconds[settled], megabytes[settled], 1)[0] * 3600
        return float(np.median(last) - np.median(second)), float(slope)
