"""Who is measured: our recorder and its peers, each a child process on the core that is left to clients."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from bench.clients import PYTHON, missing
from bench.firehose import SYMBOLS, Firehose, Trade, aggregate_frame, trade_frame
from ingest.record import TRADES_TAIL
from quant.settings import PROJECT_PATH

BARE, FEED = "bench.peers.bare", "bench.peers.cryptofeed_trades"
POLL_SECONDS = 0.01
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Client:
    """A running contender. `finished(count, deadline)` waits for its last trade and gives the clock at it."""

    process: subprocess.Popen[str]
    finished: Callable[[int, float], float]
    folder: Path

    def cpu_seconds(self) -> float:
        """User and system time of all its threads so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND

    def resident_bytes(self) -> int:
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * PAGE_BYTES


@dataclass(frozen=True)
class Contender:
    """`command(firehose, count)` runs it; `frame` encodes a trade as it subscribes to it."""

    name: str
    command: Callable[[Firehose, int], Sequence[str]]
    frame: Callable[[Trade], bytes] = trade_frame
    stores: bool = False


def contenders() -> list[Contender]:
    """Ours first; cryptofeed only where `make peers` has been."""
    found = [
        Contender("recorder", lambda hose, count: [sys.executable, "-m", "ingest", "crypto"], stores=True),
        Contender("bare", lambda hose, count: [sys.executable, "-m", BARE, hose.stream_url, str(count)]),
        Contender("bare + json", lambda hose, count: [sys.executable, "-m", BARE, hose.stream_url, str(count), "json"]),
    ]
    if missing() is None:
        found.append(Contender("cryptofeed", _cryptofeed, aggregate_frame))
    return found


def _cryptofeed(hose: Firehose, count: int) -> Sequence[str]:
    return [str(PYTHON), "-m", FEED, hose.stream_url, hose.rest_url, str(count)]


@contextmanager
def running(contender: Contender, hose: Firehose, count: int, core: int) -> Iterator[Client]:
    """Start it on `core` with a throw-away data folder, end it by SIGTERM."""
    with tempfile.TemporaryDirectory(prefix="quant-bench-") as name:
        folder = Path(name)
        process = subprocess.Popen(
            contender.command(hose, count),
            cwd=PROJECT_PATH,
            env=_environment(hose, folder),
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {core}),
        )
        finished = _stored(folder) if contender.stores else _said(process)
        try:
            yield Client(process, finished, folder)
        finally:
            process.terminate()
            process.communicate(timeout=60)
        if contender.stores and process.returncode:
            raise SystemExit(f"{contender.name} ended with {process.returncode}: see its messages above")


def stored_files(folder: Path) -> list[Path]:
    """The files of ticks, without the empty ones that only carry the columns."""
    return [path for path in (folder / "parquet" / TRADES_TAIL.folder).rglob("*.parquet") if path.stem != "0"]


def _environment(hose: Firehose, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "QUANT_DATA_PATH": str(folder),
        "QUANT_LOG_LEVEL": "WARNING",
        "QUANT_CRYPTO__SYMBOLS": str(list(SYMBOLS)).replace("'", '"'),
        "QUANT_CRYPTO__STREAM_URLS": f'["{hose.stream_url}"]',
        "QUANT_CRYPTO__REST_URLS": f'["{hose.rest_url}"]',
        "NO_PROXY": "127.0.0.1",
    }


def _said(process: subprocess.Popen[str]) -> Callable[[int, float], float]:
    """A peer prints the clock when the last trade has come."""

    def finished(count: int, deadline: float) -> float:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise SystemExit(f"{process.args!r} ended before its last trade")
        return float(line)

    return finished


def _stored(folder: Path) -> Callable[[int, float], float]:
    """The recorder is done when the files on disk hold every row: they appear there only after fsync."""

    def finished(count: int, deadline: float) -> float:
        while time.monotonic() < deadline:
            if sum(pq.read_metadata(path).num_rows for path in stored_files(folder)) >= count:
                return time.monotonic()
            time.sleep(POLL_SECONDS)
        raise SystemExit(f"the recorder did not store {count} rows in time")

    return finished
