"""The processes of a campaign: an exchange, and victims that are killed at random instants and started again."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import httpx

from quant.leash import leashed
from quant.settings import PROJECT_PATH
from tests.chaos.market import Market

DEADLINE_SECONDS = 30.0
STOPPING_SECONDS = 60.0
FOR_EVER = 1e9
LONG_SHARE = 0.1
ASK_SECONDS = 0.1
AT_WORK_SHARE = 0.75
LONGEST_BIRTH_SECONDS = 20.0  # what does not get to work by then is killed, too


class RunningExchange:
    """The exchange as the campaign sees it: a process with two addresses and a few orders."""

    def __init__(self, folder: Path) -> None:
        told = json.loads((folder / "exchange.json").read_text())
        self.ports: list[int] = told["ports"]
        self.market = Market(**told["market"])
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{self.ports[0]}", trust_env=False, timeout=30)

    def close(self) -> None:
        self._client.close()

    def tell(self, order: str) -> dict[str, Any]:
        """`state`, `behave`, `garbage` or `stop`; returns the state afterwards."""
        answer: dict[str, Any] = self._client.get(f"/chaos/{order}").raise_for_status().json()
        return answer


@contextmanager
def running_exchange(folder: Path, *arguments: str) -> Iterator[RunningExchange]:
    """An exchange in a process of its own, until the end of the block."""
    command = leashed([sys.executable, "-m", "tests.chaos.exchange", str(folder), *arguments])
    with (folder / "exchange.log").open("w") as log:
        process = subprocess.Popen(command, cwd=PROJECT_PATH, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not (folder / "exchange.json").is_file():
            assert process.poll() is None and time.monotonic() < deadline, (folder / "exchange.log").read_text()
            time.sleep(0.02)
        with closing(RunningExchange(folder)) as exchange:
            yield exchange
        assert process.poll() is None, (folder / "exchange.log").read_text()
    finally:
        process.kill()
        process.wait()


def environment_of(exchange: RunningExchange, data_path: Path, **settings: str) -> dict[str, str]:
    """Variables that point the product at the exchange; `settings` in the form CRYPTO__FLUSH_SECONDS="0.2"."""
    hosts = [f"127.0.0.1:{port}" for port in exchange.ports]
    ours = {
        "DATA_PATH": str(data_path),
        "CRYPTO__SYMBOLS": json.dumps(exchange.market.symbols),
        "CRYPTO__STREAM_URLS": json.dumps([f"ws://{host}" for host in hosts]),
        "CRYPTO__REST_URLS": json.dumps([f"http://{host}" for host in hosts]),
        "CRYPTO__HISTORY_DAYS": '{"1m": 1, "1d": 1}',
        "CRYPTO__SILENCE_SECONDS": "2",
        **settings,
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("QUANT_")}
    return inherited | {f"QUANT_{name}": value for name, value in ours.items()}


@dataclass
class Victim:
    """A command that runs again and again; some of its lives end by SIGKILL, at an instant that nobody foresees."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    chance: Random
    life_seconds: tuple[float, float]
    pause_seconds: tuple[float, float] = (0.0, 0.0)
    share_killed: float = 1.0
    long_seconds: tuple[float, float] | None = None  # one life in ten
    is_at_work: Callable[[], bool] | None = None  # most lives are counted from then on, the others from birth
    killed_at: list[float] = field(default_factory=list)  # seconds since 1970
    ends: Counter[int] = field(default_factory=Counter)  # exit codes of lives that we did not end
    peak_bytes: int = 0  # resident memory, of any life
    _process: subprocess.Popen[bytes] | None = None
    _dies_at: float = 0.0
    _starts_at: float = 0.0
    _asks_at: float = 0.0
    _works_for: float | None = None  # seconds until it is killed, once it is at work

    def tend(self) -> None:
        """Start it when it is due, kill it when its time has come, note how it ended."""
        now = time.monotonic()
        if self._process is None:
            if now >= self._starts_at:
                self.start(self._life())
            return
        self.measure()
        if self._works_for is not None and self._has_begun(now):
            self._dies_at, self._works_for = now + self._works_for, None
        if self._process.poll() is not None:
            self.ends[self._process.returncode] += 1
            self._rest()
        elif now >= self._dies_at:
            self._process.send_signal(signal.SIGKILL)
            self.killed_at.append(time.time())
            self._process.wait()
            self._rest()

    def start(self, life_seconds: float = FOR_EVER) -> None:
        with self.log.open("ab") as log:
            command = leashed([sys.executable, "-m", *self.command])
            self._process = subprocess.Popen(command, cwd=PROJECT_PATH, env=self.environment, stdout=log, stderr=log)
        self._dies_at, self._works_for = time.monotonic() + life_seconds, None
        self._asks_at = time.monotonic() + ASK_SECONDS
        if self.is_at_work and life_seconds < FOR_EVER and self.chance.random() < AT_WORK_SHARE:
            self._dies_at, self._works_for = self._dies_at + LONGEST_BIRTH_SECONDS, life_seconds

    def stop(self) -> int:
        """Ask it to end, by SIGTERM; returns the exit code (a life between two pauses counts as 0)."""
        if self._process is None:
            return 0
        self._process.terminate()
        return self.wait()

    def wait(self) -> int:
        """Until it ends by itself; returns the exit code."""
        assert self._process is not None
        code = self._process.wait(STOPPING_SECONDS)
        self._rest()
        return code

    def measure(self) -> int:
        """Bytes of memory that it holds now."""
        assert self._process is not None
        try:
            pages = int(Path(f"/proc/{self._process.pid}/statm").read_text().split()[1])
        except (OSError, IndexError):
            return 0  # it has just ended
        self.peak_bytes = max(self.peak_bytes, size := pages * os.sysconf("SC_PAGE_SIZE"))
        return size

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def kills(self) -> int:
        return len(self.killed_at)

    def _has_begun(self, now: float) -> bool:
        """Asked now and then: the question costs the exchange a request."""
        if now < self._asks_at or self.is_at_work is None:
            return False
        self._asks_at = now + ASK_SECONDS
        return self.is_at_work()

    def _life(self) -> float:
        """Seconds until it is killed."""
        if self.chance.random() >= self.share_killed:
            return FOR_EVER
        is_long = self.long_seconds and self.chance.random() < LONG_SHARE
        return self.chance.uniform(*(self.long_seconds if self.long_seconds and is_long else self.life_seconds))

    def _rest(self) -> None:
        self._process = None
        self._starts_at = time.monotonic() + self.chance.uniform(*self.pause_seconds)
